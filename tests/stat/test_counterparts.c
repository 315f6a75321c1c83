/* Rollouts that wait for hooks, people and revisions, against closed forms. Nobody looks at metrics
 * here: what happens is up to them. */
#include "tests/stat/rollouts.h"

enum { N = 4000 };

#define WORLD                                                                                      \
    "[scenario]\nhorizon = 1000h\n[traffic]\nrate = 1 rpm\n[service]\nlatency = "                  \
    "fixed(value=1ms)\n"                                                                           \
    "[defect.bad]\nerror_rate = +1pp\nprior = 10%\n"

static double promoted(const struct cm_outcome *row)
{
    return row->end == CM_PROMOTED;
}

static double superseded(const struct cm_outcome *row)
{
    return row->end == CM_SUPERSEDED;
}

static double hours(const struct cm_outcome *row)
{
    return cm_seconds(row->ended_at) / 3600;
}

/* Of 2 calls none may fail: 1 - (1 - p)^2 where each is new, p where one holds for the release, and
 * 1 - (1 - p)(1 - flap p) where the second is drawn afresh with probability `flap`. */
Test(counterparts, a_hook_fails_as_often_as_its_persistence_says)
{
    static const struct {
        const char *how;
        double healthy, bad;
    } cases[] = {
        {"persistence = call\n", 1 - 0.9 * 0.9, 1 - 0.4 * 0.4},
        {"persistence = release\n", 0.1, 0.6},
        {"persistence = flapping\nflap = 25%\n", 1 - 0.9 * 0.975, 1 - 0.4 * 0.85},
    };
    for (size_t i = 0; i < 3; i++) {
        struct cm_buffer text = {0};
        cm_print(
            cm_buffer_writer(&text), "%s%s%s",
            WORLD "[hook.smoke]\nfalse_alarm = 10%\npower = 60%\n", cases[i].how,
            "[policy.p]\nsteps = 10%/1h, 50%/1h\nconfirm = smoke\non_unconfirmed = rollback\n");
        for (int release = -1; release < 1; release++) {
            struct rollouts r = play(text.text, release, N);
            expect_chance(cases[i].how, &r, rolled_back,
                          release < 0 ? cases[i].healthy : cases[i].bad);
            free(r.rows);
        }
        cm_buffer_release(&text);
    }
}

/* Opens after an exponential time of mean 3 h, polled every hour: the number of polls is geometric
 * with ratio q = e^(-1/3), its mean 1 / (1 - q) hours after the first call at 1 h. */
Test(counterparts, a_hook_that_opens_is_polled_until_it_does)
{
    struct rollouts r = play(WORLD "[hook.gate]\nopens = exponential(mean=3h)\n"
                                   "[policy.p]\nsteps = 10%/1h\nconfirm = gate\nlook_every = 1h\n",
                             -1, N);
    expect_chance("promoted", &r, promoted, 1);
    expect_mean("hours", &r, hours, 1 + 1 / (1 - exp(-1.0 / 3)));
    free(r.rows);
}

/* Two approvals: bake times and two reactions; both have to be right. */
Test(counterparts, people_delay_a_promotion_by_their_reactions_and_err_as_they_say)
{
    static const struct {
        const char *judge;
        double healthy, bad;
    } cases[] = {{"release", 0.9, 0.3}, {"question", 0.9 * 0.9, 0.3 * 0.3}};
    for (size_t i = 0; i < 2; i++) {
        struct cm_buffer text = {0};
        cm_print(cm_buffer_writer(&text), "%s%s%s",
                 WORLD "[people]\nreaction = exponential(mean=2h)\napproves_bad = 30%\n"
                       "refuses_good = 10%\njudge = ",
                 cases[i].judge, "\n[policy.p]\nsteps = 10%/1h, 50%/3h\napprove = steps\n");
        for (int release = -1; release < 1; release++) {
            struct rollouts r = play(text.text, release, N);
            expect_chance(cases[i].judge, &r, promoted,
                          release < 0 ? cases[i].healthy : cases[i].bad);
            size_t kept = 0;
            for (size_t k = 0; k < r.n; k++)
                if (r.rows[k].end == CM_PROMOTED)
                    r.rows[kept++] = r.rows[k];
            r.n = kept;
            expect_mean("hours of the promoted", &r, hours, 4 + 2 * 2);
            free(r.rows);
        }
        cm_buffer_release(&text);
    }
}

/* At a random moment of the week 40 of 168 hours are worked. A question is put then, and answered
 * in no time at all: at once with probability 40 / 168, else when work begins. The mean wait is the
 * sum of squares of the gaps over twice the week: four nights of 16 h and a weekend of 64 h. */
Test(counterparts, a_question_waits_for_working_hours)
{
    struct rollouts r = play(WORLD "[people]\nreaction = fixed(value=1ms)\nday_begins = 9h\n"
                                   "day_ends = 17h\n"
                                   "[policy.p]\nsteps = 10%/1h\napprove = promotion\n",
                             -1, N);
    expect_chance("promoted", &r, promoted, 1);
    expect_mean("hours", &r, hours, 1 + (4 * 16.0 * 16 + 64.0 * 64) / (2 * 168));
    free(r.rows);
}

/* The first revision comes within the rollout of 4 h with probability 1 - e^(-4/5). */
Test(counterparts, a_rollout_is_superseded_by_the_first_revision_that_comes_in_time)
{
    for (int release = -1; release < 1; release++) {
        struct rollouts r = play(WORLD "[revisions]\nevery = exponential(mean=5h)\n"
                                       "[policy.p]\nsteps = 10%/1h, 50%/3h\n"
                                       "on_new_revision = supersede\n",
                                 release, N);
        expect_chance("superseded", &r, superseded, -expm1(-0.8));
        free(r.rows);
    }
}

/* Begun anew at every revision, a rollout of T hours is over after (e^(T/m) - 1) m on average: the
 * wait for a gap of T in a Poisson process of rate 1/m (Feller, vol. 1, XIII). Of a bad release the
 * first revision ends the story. */
Test(counterparts, a_rollout_that_begins_anew_waits_for_a_gap_between_revisions)
{
    static const char text[] = WORLD "[revisions]\nevery = exponential(mean=5h)\n"
                                     "[policy.p]\nsteps = 10%/1h, 50%/3h\n"
                                     "on_new_revision = restart\n";
    struct rollouts r = play(text, -1, N);
    expect_chance("promoted", &r, promoted, 1);
    expect_mean("hours", &r, hours, 5 * expm1(0.8));
    free(r.rows);
    r = play(text, 0, N);
    expect_chance("superseded", &r, superseded, -expm1(-0.8));
    for (size_t i = 0; i < r.n; i++)
        cr_expect(r.rows[i].end != CM_SUPERSEDED || (r.rows[i].mitigated_at == r.rows[i].ended_at &&
                                                     r.rows[i].escaped.requests == 0));
    free(r.rows);
}

/* Hooks of one name are equally lucky under every policy. */
Test(counterparts, policies_share_the_luck_of_their_hooks_and_people)
{
    struct cm_scenario s = {0};
    load_text(&s,
              WORLD "[hook.smoke]\npower = 60%\n[people]\nreaction = exponential(mean=2h)\n"
                    "approves_bad = 30%\n"
                    "[policy.p]\nsteps = 10%/1h\nconfirm = smoke\non_unconfirmed = rollback\n"
                    "approve = promotion\n"
                    "[policy.q]\nextends = p\nsteps = 50%/7h\n",
              NULL);
    struct cm_rollout *a = cm_rollout_new(&(struct cm_plan){&s, 0, 0, 1});
    struct cm_rollout *b = cm_rollout_new(&(struct cm_plan){&s, 1, 0, 1});
    size_t ends[CM_ENDS] = {0};
    for (uint64_t i = 0; i < 300; i++) {
        struct cm_outcome p = cm_replicate(a, i), q = cm_replicate(b, i);
        cr_expect_eq(p.end, q.end);
        cr_expect_eq(q.ended_at - p.ended_at, 6 * CM_HOUR);
        ends[p.end]++;
    }
    cr_expect(ends[CM_PROMOTED] > 0 && ends[CM_ROLLED_BACK] > 0);
    cm_rollout_free(a);
    cm_rollout_free(b);
    cm_scenario_release(&s);
}
