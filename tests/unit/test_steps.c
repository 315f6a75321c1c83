/* The steps controller against a scripted desk: every look and order at its instant, and its odds
 * against Flagger's race, whose answer the shared oracles know. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "sim/controllers/controller.h"
#include "sim/controllers/type_steps.h"
#include "sim/stats/threshold_rules.h"

/* A desk that answers from a script and writes down what it is told. */
struct desk {
    struct cm_desk face;
    struct cm_answer answer;
    struct cm_verdict verdict; /* of the answer */
    const struct cm_controller *controller;
    struct cm_arena arena;
    void *options, *state;
    const char *looks;  /* answers of the first gate, one a look: p P u 0 e f F; the last repeats */
    const char *second; /* of the second gate; NULL = none */
    const char *hooks;  /* answers of all hooks, one a call, as looks */
    int called;
    cm_time hook_delay;
    char person;          /* what a person answers: p or f; 0 = nobody does */
    cm_time person_delay; /* and after how long */
    cm_time person_at;    /* of a question that is open; 0 = none is */
    cm_time revised_at;   /* when a newer revision comes; 0 = never */
    cm_time delay;        /* every answer comes so much later */
    double rate;          /* of the canary's requests at weight 1, 1/s */
    double weight;
    cm_time since; /* when it was set */
    double answered;
    int looked;
    struct cm_buffer log;
    enum cm_end end; /* CM_ENDS = under way */
};

static struct cm_verdict letter(const char *script, int i)
{
    static const char letters[] = {[CM_PASS] = 'p',
                                   [CM_UNDECIDED] = 'u',
                                   [CM_NO_DATA] = '0',
                                   [CM_GATE_ERROR] = 'e',
                                   [CM_FAIL] = 'f'};
    size_t n = strlen(script), at = (size_t)i < n ? (size_t)i : n - 1;
    char c = script[at];
    struct cm_verdict v = cm_verdict_of(CM_PASS, 0);
    v.decisive = c == 'P' || c == 'F';
    for (int label = 0; label < CM_LABELS; label++)
        if (letters[label] == (c == 'P' ? 'p' : c == 'F' ? 'f' : c))
            v.label = (enum cm_label)label;
    return v;
}

static const struct cm_answer *ask(void *self, enum cm_ask what, int id)
{
    struct desk *d = self;
    struct cm_answer *answer = &d->answer;
    *answer = (struct cm_answer){.at = d->face.now + d->delay, .verdict = &d->verdict};
    answer->revision = d->revised_at && d->face.now >= d->revised_at ? 2 : 1;
    if (what == CM_ASK_REQUESTS) {
        cr_assert(id == CM_CANARY);
        answer->requests =
            (uint64_t)(d->answered + d->weight * d->rate * cm_seconds(d->face.now - d->since));
        return answer;
    }
    if (what == CM_ASK_HUMAN) {
        if (!d->person_at)
            cm_print(cm_buffer_writer(&d->log), "%g@ ", cm_seconds(d->face.now));
        answer->at = d->person_at ? d->person_at : d->face.now + d->person_delay;
        answer->at = d->person ? answer->at : CM_NEVER;
        d->person_at = d->person_at == answer->at ? 0 : answer->at;
        d->verdict = letter((char[]){d->person ? d->person : 'u', 0}, 0);
        return answer;
    }
    if (what == CM_ASK_HOOK) {
        cm_print(cm_buffer_writer(&d->log), "%g! ", cm_seconds(d->face.now));
        answer->at = d->face.now + d->hook_delay;
        d->verdict = letter(d->hooks, d->called++);
        return answer;
    }
    if (what == CM_ASK_REVISION)
        return answer;
    cr_assert(what == CM_ASK_GATE);
    if (id == 0)
        cm_print(cm_buffer_writer(&d->log), "%g? ", cm_seconds(d->face.now));
    d->verdict = letter(id ? d->second : d->looks, id ? d->looked - 1 : d->looked);
    d->looked += id == 0;
    return answer;
}

static void order(void *self, const struct cm_order *o)
{
    struct desk *d = self;
    struct cm_writer log = cm_buffer_writer(&d->log);
    static const char *const ends[] = {
        [CM_PROMOTED] = "promoted",
        [CM_ROLLED_BACK] = "rolled back",
        [CM_SUPERSEDED] = "superseded",
    };
    cr_assert(d->end == CM_ENDS, "an order after the end");
    if (o->kind == CM_SET_ROUTE) {
        d->answered += d->weight * d->rate * cm_seconds(d->face.now - d->since);
        d->weight = o->route.share[CM_CANARY];
        d->since = d->face.now;
        cr_assert(o->route.share[CM_STABLE] == 1 - d->weight && o->route.match == -1);
        cm_print(log, "%g=%g%%", cm_seconds(d->face.now), 100 * d->weight);
        if (o->route.mirror > 0)
            cm_print(log, "+%g%%", 100 * o->route.mirror);
        cm_print(log, " ");
    } else if (o->kind == CM_PAUSE) {
        cm_print(log, "%g:paused ", cm_seconds(d->face.now));
    } else if (o->kind == CM_RESTART) {
        cm_print(log, "%g:restarted ", cm_seconds(d->face.now));
    } else if (o->kind == CM_FINISH) {
        d->end = o->end;
        cm_print(log, "%g:%s ", cm_seconds(d->face.now), ends[o->end]);
    } else {
        cr_assert(o->kind == CM_SET_STEP);
    }
}

static void say(void *self, int sentence, const struct cm_evidence *why)
{
    const struct desk *d = self;
    (void)why;
    for (int i = 0; i <= sentence; i++)
        cr_assert(d->controller->sentences[i] != NULL);
}

/* Keys and values in turn, NULL-ended; `looks` answers the gates that the keys name. */
static int desk_init(struct desk *d, struct cm_err *err, va_list keys)
{
    *d = (struct desk){.controller = cm_controller_kinds[0], .end = CM_ENDS};
    const struct cm_kind *kind = &d->controller->kind;
    cr_assert(strcmp(kind->name, "steps") == 0);
    d->options = cm_arena_alloc(&d->arena, kind->options_size);
    cm_params_default(kind->params, d->options, &d->arena);
    const char *key;
    while ((key = va_arg(keys, const char *)))
        if (cm_param_set(cm_param_find(kind->params, key), d->options, va_arg(keys, const char *),
                         &d->arena, err))
            return -1;
    d->state = cm_arena_alloc(&d->arena, d->controller->state_size(d->options));
    d->controller->start(d->options, d->state);
    return kind->check(d->options, err);
}

static struct desk desk_of(const char *looks, ...)
{
    struct desk d;
    struct cm_err err = {0};
    va_list keys;
    va_start(keys, looks);
    int bad = desk_init(&d, &err, keys);
    va_end(keys);
    cr_assert(!bad, "%s", err.text);
    d.looks = looks;
    return d;
}

/* Plays until the end, or until nothing happens before the horizon. */
static const char *play(struct desk *d, cm_time horizon)
{
    cm_time next = 0;
    d->face = (struct cm_desk){.self = d, .ask = ask, .order = order, .say = say};
    for (int wakes = 0; next <= horizon && d->end == CM_ENDS; wakes++) {
        d->face.now = next;
        next = d->controller->wake(d->options, d->state, &d->face);
        cr_assert(next >= d->face.now && wakes < 10000);
        if (d->face.now < d->revised_at && next > d->revised_at)
            next = d->revised_at;
    }
    if (d->end != CM_ENDS)
        cr_expect(d->controller->wake(d->options, d->state, &d->face) == CM_NEVER);
    return d->log.text;
}

static void desk_release(struct desk *d)
{
    cm_buffer_release(&d->log);
    cm_arena_release(&d->arena);
}

static void expect_story(struct desk d, cm_time horizon, const char *want)
{
    const char *story = play(&d, horizon);
    cr_expect(strcmp(story, want) == 0, "%s\n     not %s", story, want);
    desk_release(&d);
}

#define STEPS "steps", "10%/60s, 50%/90s, 100%"

Test(steps, without_gates_time_alone_decides)
{
    expect_story(desk_of("", STEPS, NULL), CM_HOUR, "0=10% 60=50% 150:promoted ");
    expect_story(desk_of("", "steps", "100%", NULL), CM_HOUR, "0:promoted ");
    expect_story(desk_of("", "steps", "20%/1m, 100%/1m", NULL), CM_HOUR,
                 "0=20% 60=100% 120:promoted ");
    expect_story(desk_of("", "steps", "20%/1m, 50%/1m", NULL), CM_HOUR,
                 "0=20% 60=50% 120:promoted ");
}

Test(steps, looks_come_on_their_grid_and_at_the_end_of_the_bake)
{
    expect_story(desk_of("p", STEPS, "gates", "a", "look_every", "20s", NULL), CM_HOUR,
                 "0=10% 20? 40? 60? 60=50% 80? 100? 120? 140? 150? 150:promoted ");
    expect_story(desk_of("p", STEPS, "gates", "a", "look_every", "20s", "first_look", "50s", NULL),
                 CM_HOUR, "0=10% 50? 60? 60=50% 110? 130? 150? 150:promoted ");
    expect_story(desk_of("p", STEPS, "gates", "a", "look_every", "10m", NULL), CM_HOUR,
                 "0=10% 60? 60=50% 150? 150:promoted ");
}

Test(steps, a_fail_rolls_back_at_its_look_by_default_decisive_or_not)
{
    expect_story(desk_of("ppf", STEPS, "gates", "a", "look_every", "20s", NULL), CM_HOUR,
                 "0=10% 20? 40? 60? 60:rolled back ");
    expect_story(desk_of("F", STEPS, "gates", "a", "look_every", "20s", NULL), CM_HOUR,
                 "0=10% 20? 20:rolled back ");
}

Test(steps, whatever_is_no_pass_holds_the_step_by_default)
{
    const char *want = "0=10% 30? 60? 90? 120? 120=50% 150? 180? 210? 210:promoted ";
    expect_story(desk_of("puup", STEPS, "gates", "a", "look_every", "30s", NULL), CM_HOUR, want);
    expect_story(desk_of("p00p", STEPS, "gates", "a", "look_every", "30s", NULL), CM_HOUR, want);
    expect_story(desk_of("peep", STEPS, "gates", "a", "look_every", "30s", NULL), CM_HOUR, want);
}

Test(steps, a_fail_under_hold_restarts_nothing_and_the_last_look_decides)
{
    /* Objections before the bake is over cost no time if the last look passes. */
    expect_story(desk_of("fFpp", STEPS, "gates", "a", "look_every", "20s", "on_fail", "hold", NULL),
                 CM_MINUTE, "0=10% 20? 40? 60? 60=50% ");
    expect_story(desk_of("ppfp", STEPS, "gates", "a", "look_every", "20s", "on_fail", "hold", NULL),
                 2 * CM_MINUTE, "0=10% 20? 40? 60? 80? 80=50% 100? 120? ");
}

Test(steps, counted_looks_hold_and_the_last_allowed_rolls_back)
{
    struct desk d = desk_of("fpFp0pf", STEPS, "gates", "a", "look_every", "30s", "on_fail", "count",
                            "on_no_data", "count", "count", "4", NULL);
    expect_story(d, CM_HOUR, "0=10% 30? 60? 60=50% 90? 120? 150? 180? 180:promoted ");
    expect_story(desk_of("fpFp0f", STEPS, "gates", "a", "look_every", "30s", "on_fail", "count",
                         "on_no_data", "count", "count", "4", NULL),
                 CM_HOUR, "0=10% 30? 60? 60=50% 90? 120? 150? 180? 180:rolled back ");
}

Test(steps, an_ignored_label_counts_as_a_pass_and_hides_no_other_gate)
{
    expect_story(
        desk_of("0", STEPS, "gates", "a", "look_every", "30s", "on_no_data", "ignore", NULL),
        CM_HOUR, "0=10% 30? 60? 60=50% 90? 120? 150? 150:promoted ");
    struct desk d =
        desk_of("0", STEPS, "gates", "a, b", "look_every", "30s", "on_no_data", "ignore", NULL);
    d.second = "pu";
    expect_story(d, 100 * CM_SECOND, "0=10% 30? 60? 90? ");
}

Test(steps, the_worst_of_two_gates_decides)
{
    struct desk d = desk_of("p", STEPS, "gates", "a, b", "look_every", "30s", NULL);
    d.second = "puf";
    expect_story(d, CM_HOUR, "0=10% 30? 60? 90? 90:rolled back ");
}

Test(steps, a_paused_rollout_keeps_its_weight_and_still_looks)
{
    expect_story(
        desk_of("pup", STEPS, "gates", "a", "look_every", "60s", "on_undecided", "pause", NULL),
        3 * CM_MINUTE, "0=10% 60? 60=50% 120? 120@ 120:paused 150? ");
    expect_story(
        desk_of("uupf", STEPS, "gates", "a", "look_every", "30s", "on_undecided", "pause", NULL),
        CM_HOUR, "0=10% 30? 30@ 30:paused 60? 90? 120? 120:rolled back ");
}

Test(steps, a_paused_rollout_does_what_a_person_decides)
{
    struct desk d =
        desk_of("up", STEPS, "gates", "a", "look_every", "30s", "on_undecided", "pause", NULL);
    d.person = 'p';
    d.person_delay = 45 * CM_SECOND;
    expect_story(d, CM_HOUR, "0=10% 30? 30@ 30:paused 60? 75=50% 105? 135? 165? 165:promoted ");
    d = desk_of("u", STEPS, "gates", "a", "look_every", "30s", "on_undecided", "pause", NULL);
    d.person = 'f';
    d.person_delay = 45 * CM_SECOND;
    expect_story(d, CM_HOUR, "0=10% 30? 30@ 30:paused 60? 75:rolled back ");
    d = desk_of("uf", STEPS, "gates", "a", "look_every", "30s", "on_undecided", "pause", NULL);
    d.person = 'p';
    d.person_delay = 45 * CM_SECOND; /* too late */
    expect_story(d, CM_HOUR, "0=10% 30? 30@ 30:paused 60? 60:rolled back ");
    d = desk_of("u", STEPS, "gates", "a", "look_every", "30s", "on_undecided", "pause", NULL);
    d.person = 'p'; /* at once */
    expect_story(d, CM_HOUR, "0=10% 30? 30@ 30:paused 30=50% 60? 60@ 60:paused 60:promoted ");
}

Test(steps, people_approve_what_the_policy_says)
{
    struct desk d = desk_of("", STEPS, "approve", "promotion", NULL);
    d.person = 'p';
    d.person_delay = CM_MINUTE;
    expect_story(d, CM_HOUR, "0=10% 60=50% 150@ 150:paused 210:promoted ");
    d = desk_of("", STEPS, "approve", "steps", NULL);
    d.person = 'p';
    d.person_delay = CM_MINUTE;
    expect_story(d, CM_HOUR, "0=10% 60@ 60:paused 120=50% 210@ 210:paused 270:promoted ");
    d = desk_of("", "steps", "10%/60s, 100%/60s", "approve", "promotion", NULL);
    d.person = 'f';
    expect_story(d, CM_HOUR, "0=10% 60=100% 120@ 120:paused 120:rolled back ");
    d = desk_of("pppf", "steps", "10%/60s", "gates", "a", "look_every", "30s", "approve",
                "promotion", NULL);
    d.person = 'p';
    d.person_delay = CM_HOUR;
    expect_story(d, CM_HOUR, "0=10% 30? 60? 60@ 60:paused 90? 120? 120:rolled back ");
    d = desk_of("P", STEPS, "gates", "a", "look_every", "20s", "early", "finish", "approve",
                "promotion", NULL);
    d.person = 'p';
    d.person_delay = CM_SECOND;
    expect_story(d, CM_HOUR, "0=10% 20? 20@ 20:paused 21:promoted ");
}

Test(steps, hooks_confirm_a_step_before_it_is_left)
{
    struct desk d = desk_of("", STEPS, "confirm", "h", "look_every", "30s", NULL);
    d.hooks = "fuep";
    expect_story(d, CM_HOUR, "0=10% 60! 90! 120! 150! 150=50% 240! 240:promoted ");
    d = desk_of("", STEPS, "confirm", "h", "look_every", "30s", "on_unconfirmed", "rollback", NULL);
    d.hooks = "uf"; /* one that is not open yet holds in any case */
    expect_story(d, CM_HOUR, "0=10% 60! 90! 90:rolled back ");
    d = desk_of("", STEPS, "confirm", "h, i", "look_every", "30s", NULL);
    d.hooks = "pfpppp"; /* both are called, the worse one counts */
    expect_story(d, CM_HOUR, "0=10% 60! 60! 90! 90! 90=50% 180! 180! 180:promoted ");
    d = desk_of("", STEPS, "confirm", "h", "approve", "promotion", NULL);
    d.hooks = "p";
    d.person = 'p';
    expect_story(d, CM_HOUR, "0=10% 60! 60=50% 150! 150@ 150:paused 150:promoted ");
}

Test(steps, a_slow_hook_is_waited_for)
{
    struct desk d = desk_of("p", STEPS, "gates", "a", "confirm", "h", "look_every", "30s", NULL);
    d.hooks = "p";
    d.hook_delay = 40 * CM_SECOND; /* no look meanwhile */
    expect_story(d, CM_HOUR, "0=10% 30? 60? 60! 100=50% 130? 160? 190? 190! 230:promoted ");
}

Test(steps, a_mirror_has_a_step_before_the_others)
{
    expect_story(desk_of("p", STEPS, "gates", "a", "look_every", "40s", "mirror", "30%",
                         "mirror_bake", "60s", NULL),
                 CM_HOUR, "0=0%+30% 40? 60? 60=10% 100? 120? 120=50% 160? 200? 210? 210:promoted ");
}

Test(steps, a_newer_revision_does_what_the_policy_says)
{
    struct desk d = desk_of("", STEPS, NULL);
    d.revised_at = 100 * CM_SECOND;
    expect_story(d, CM_HOUR, "0=10% 60=50% 150:promoted ");
    d = desk_of("", STEPS, "on_new_revision", "supersede", NULL);
    d.revised_at = 100 * CM_SECOND;
    expect_story(d, CM_HOUR, "0=10% 60=50% 100:superseded ");
    d = desk_of("", STEPS, "on_new_revision", "restart", NULL);
    d.revised_at = 100 * CM_SECOND;
    expect_story(d, CM_HOUR, "0=10% 60=50% 100:restarted 100=10% 160=50% 250:promoted ");
}

Test(steps, a_step_waits_for_its_requests)
{
    /* 10 rps in all: 1 rps of the canary, then 2: 100 requests of each step take 100 s, then 50. */
    const char *slow = "10%/30s, 20%/30s, 100%";
    struct desk d =
        desk_of("p", "steps", slow, "gates", "a", "look_every", "30s", "min_requests", "100", NULL);
    d.rate = 10;
    expect_story(d, CM_HOUR, "0=10% 30? 60? 90? 120? 120=20% 150? 180? 180:promoted ");
    d = desk_of("", "steps", slow, "look_every", "30s", "min_requests", "100", NULL);
    d.rate = 10;
    expect_story(d, CM_HOUR, "0=10% 120=20% 180:promoted ");
}

Test(steps, a_decisive_pass_moves_on_early_as_far_as_it_may)
{
    expect_story(
        desk_of("pP", STEPS, "gates", "a", "look_every", "20s", "early", "next_step", NULL),
        CM_HOUR, "0=10% 20? 40? 40=50% 60? 60:promoted ");
    expect_story(desk_of("pP", STEPS, "gates", "a", "look_every", "20s", "early", "finish", NULL),
                 CM_HOUR, "0=10% 20? 40? 40:promoted ");
    expect_story(desk_of("P", STEPS, "gates", "a", "look_every", "40s", NULL), CM_MINUTE,
                 "0=10% 40? 60? 60=50% ");
    struct desk d = desk_of("P", STEPS, "gates", "a", "look_every", "20s", "early", "finish",
                            "min_requests", "35", NULL);
    d.rate = 10;
    expect_story(d, CM_HOUR, "0=10% 20? 40? 40:promoted ");
}

Test(steps, a_slow_answer_is_waited_for)
{
    struct desk d = desk_of("ppf", STEPS, "gates", "a", "look_every", "30s", NULL);
    d.delay = 7 * CM_SECOND;
    /* asked at 60, told at 67, so the step begins at 67 and ends its bake at 157 */
    expect_story(d, CM_HOUR, "0=10% 30? 60? 67=50% 97? 104:rolled back ");
    d = desk_of("p", STEPS, "gates", "a", "look_every", "10s", NULL);
    d.delay = 25 * CM_SECOND; /* slower than its grid: asked again as soon as told */
    expect_story(d, CM_MINUTE + 30 * CM_SECOND, "0=10% 10? 35? 60? 85=50% ");
}

Test(steps, the_shortest_rollout_is_what_an_unopposed_one_takes)
{
    static const struct {
        const char *early, *gates;
        cm_time want;
    } cases[] = {{"no", "none", 150 * CM_SECOND},
                 {"no", "a", 150 * CM_SECOND},
                 {"next_step", "a", 40 * CM_SECOND},
                 {"finish", "a", 20 * CM_SECOND}};
    for (size_t i = 0; i < 4; i++) {
        struct desk d = desk_of("P", STEPS, "look_every", "20s", "early", cases[i].early, "gates",
                                cases[i].gates, NULL);
        cm_time said = d.controller->shortest(d.options);
        play(&d, CM_HOUR);
        cr_expect(said == cases[i].want && d.end == CM_PROMOTED && d.face.now == said, "case %zu",
                  i);
        desk_release(&d);
    }
}

enum { CHECKS = 4 }; /* at most T + m - 1 checks decide the race */

/* Three weights of one check each, two failures allowed: this is Flagger's race without its lag. */
static double race_by_stories(double f, double *seconds, double *exposure)
{
    double rolled_back = 0;
    *seconds = *exposure = 0;
    for (unsigned story = 0; story < 1u << CHECKS; story++) {
        char looks[CHECKS + 1] = {0};
        double p = 1;
        for (int i = 0; i < CHECKS; i++) {
            looks[i] = story >> i & 1 ? 'f' : 'p';
            p *= looks[i] == 'f' ? f : 1 - f;
        }
        struct desk d = desk_of(looks, "steps", "1%/120s, 10%/120s, 50%/120s", "look_every", "120s",
                                "gates", "a", "on_fail", "count", "count", "2", NULL);
        d.rate = 1;
        play(&d, CM_HOUR);
        rolled_back += d.end == CM_ROLLED_BACK ? p : 0;
        *seconds += p * cm_seconds(d.face.now);
        *exposure += p * (d.answered + d.weight * cm_seconds(d.face.now - d.since));
        desk_release(&d);
    }
    return rolled_back;
}

/* The oracle's third race: P = .1808, 401.28 s, 76.32 weight-seconds. */
Test(steps, counting_failures_is_flaggers_race_without_its_lag)
{
    const double weight[] = {0.01, 0.1, 0.5}, fail[] = {0.2, 0.2, 0.2};
    struct cm_race_odds want = cm_flagger_race(&(struct cm_race){3, weight, fail, 2, 120, 0});
    double seconds, exposure, rolled_back = race_by_stories(0.2, &seconds, &exposure);
    cr_expect(fabs(rolled_back - 0.1808) < 1e-12 && fabs(rolled_back - want.rolled_back) < 1e-12);
    cr_expect(fabs(seconds - 401.28) < 1e-9, "%.12g", seconds);
    cr_expect(fabs(exposure - 76.32) < 1e-9, "%.12g", exposure);
}

static void expect_refusal(const char *says, size_t at, ...)
{
    struct desk d;
    struct cm_err err = {0};
    va_list keys;
    va_start(keys, at);
    cr_expect(desk_init(&d, &err, keys) == -1);
    va_end(keys);
    cr_expect(strcmp(err.text, says) == 0 && err.at == at, "%s at %zu", err.text, err.at);
    cm_arena_release(&d.arena);
}

Test(steps, a_mistake_in_the_steps_is_pointed_at)
{
    expect_refusal("step 5% has no bake time (5%/5m)", 7, "steps", "1%/5m, 5%, 100%", NULL);
    expect_refusal("step 5%/ has no bake time (5%/5m)", 0, "steps", "5%/", NULL);
    expect_refusal("step 100%/ has no bake time (100%/5m)", 0, "steps", "100%/", NULL);
    expect_refusal("weight 1% is not above the one before it", 7, "steps", "5%/5m, 1%/5m", NULL);
    expect_refusal("weight 5% is not above the one before it", 7, "steps", "5%/5m, 5%/5m", NULL);
    expect_refusal("weight 101% is outside (0%, 100%]", 0, "steps", "101%/5m", NULL);
    expect_refusal("bake time 0s is outside (0s, 1y]", 3, "steps", "5%/0s", NULL);
    expect_refusal("a unit is needed (write 5% for 5)", 0, "steps", "5/10m", NULL);
    expect_refusal("a unit is needed (10s, 10m, 10ms)", 3, "steps", "5%/10", NULL);
    expect_refusal("a step is missing (1%/5m, 10%/10m, 100%)", 6, "steps", "5%/5m,", NULL);
    expect_refusal("early = finish needs gates that can give a decisive pass", 0, "early", "finish",
                   NULL);
}

Test(steps, steps_print_as_they_read)
{
    const char *text = "0.5%/30s, 5%/10m, 25%/1h, 100%";
    struct desk d = desk_of("", "steps", text, NULL);
    const struct cm_param *row = cm_param_find(d.controller->kind.params, "steps");
    row->type->print(row, (const char *)d.options + row->offset, cm_buffer_writer(&d.log));
    cr_expect(strcmp(d.log.text, text) == 0, "%s", d.log.text);
    desk_release(&d);
}
