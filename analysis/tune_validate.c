/* The best of many looks better than it is: the noise that made it the best is in its numbers. So
 * it is played again on a seed that nothing was chosen by, and on releases that nothing was tuned
 * on: those held out, or else the tuned ones at half and at twice their strength. If fresh seeds do
 * not confirm that it keeps the limits, the best of those that are clearly farther from them is
 * tried on the next seed, five in all: luck chooses those that seem to just keep a limit, too.
 *
 * How many times smaller: the ratio of mean harm, the reference's over the chosen one's,
 * replication by replication on the same traffic; its interval is that of a ratio of sums (Cochran
 * 1977, 6.4), the delta method with the covariance that common random numbers leave. */
#include "analysis/tune_validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/tune_reference.h"
#include "sim/stats/interval.h"

enum { ATTEMPTS = 5 };
static const double weaker = 0.5, stronger = 2;

/* --- what is tried --- */

static void add_try(struct cm_tune_validation *v, int release, double strength, bool held_out)
{
    if (v->n_tries < CM_TUNE_TRIES)
        v->tries[v->n_tries++] = (struct cm_tune_try){release, strength, held_out};
}

static void choose_tries(const struct cm_tune_field *f, struct cm_tune_validation *v)
{
    const struct cm_refs *held = &f->options->holdout;
    for (int i = 0; i < f->n_bad; i++)
        add_try(v, f->bad[i], 1, false);
    for (size_t i = 0; i < held->n; i++)
        if (!cm_results_harmless(&f->results, held->refs[i].index))
            add_try(v, held->refs[i].index, 1, true);
    for (int i = 0; i < f->n_bad && held->n == 0; i++) {
        add_try(v, f->bad[i], weaker, true);
        add_try(v, f->bad[i], stronger, true);
    }
}

/* --- one policy --- */

static struct cm_estimate mean_of(const double *x, uint64_t n)
{
    struct cm_sample sample = cm_sample_of(x, (size_t)n);
    struct cm_interval limits = cm_interval_mean(&sample, CM_LEVEL);
    return (struct cm_estimate){sample.mean, limits.low, limits.high, n};
}

/* The cells of a policy: good releases, then tries. */
static struct cm_cell *make_cells(const struct cm_tune_field *f, const struct cm_tune_validation *v,
                                  const struct cm_scenario *s, int policy)
{
    size_t n = (size_t)f->n_good + v->n_tries;
    struct cm_cell *cells = cm_alloc(n * sizeof *cells);
    for (size_t i = 0; i < n; i++) {
        bool good = i < (size_t)f->n_good;
        const struct cm_tune_try *t = good ? NULL : &v->tries[i - (size_t)f->n_good];
        cells[i].plan = (struct cm_plan){.scenario = s,
                                         .policy = policy,
                                         .release = good ? f->good[i] : t->release,
                                         .strength = good ? 1 : t->strength};
        cells[i].replications = v->n;
        cells[i].rows = cm_alloc((size_t)(v->n + 1) * sizeof *cells[i].rows);
    }
    return cells;
}

static void release_cells(struct cm_cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cm_free(cells[i].rows);
    cm_free(cells);
}

/* Tuned releases are the first tries, so that their rows are a trial's, in its order. */
static void take_goal(const struct cm_tune_field *f, const struct cm_tune_validation *v,
                      const struct cm_cell *cells, struct cm_tune_played *p)
{
    const struct cm_outcome *rows[2 * CM_TUNE_RELEASES];
    uint64_t rolled_back[CM_TUNE_RELEASES] = {0}, most = 0, promoted = 0;
    double *time = cm_alloc((size_t)(v->n + 1) * sizeof *time);
    p->of_goal = cm_alloc((size_t)(v->n + 1) * sizeof *p->of_goal);
    for (int r = 0; r < f->n_good + f->n_bad; r++)
        rows[r] = cells[r].rows;
    for (uint64_t i = 0; i < v->n; i++) {
        struct cm_trial t = cm_tune_trial(f, rows, i);
        p->of_goal[i] = t.goal;
        if (!isnan(t.promoted_after))
            time[promoted++] = t.promoted_after;
        for (int g = 0; g < f->n_good; g++)
            rolled_back[g] += t.false_rollback >> g & 1;
    }
    for (int g = 0; g < f->n_good; g++)
        most = rolled_back[g] > most ? rolled_back[g] : most;
    p->goal = mean_of(p->of_goal, v->n);
    p->time_to_promote = mean_of(time, promoted);
    p->false_rollback = cm_estimate_share(most, v->n);
    cm_free(time);
}

static void take_try(const struct cm_tune_field *f, const struct cm_tune_validation *v,
                     const struct cm_cell *cell, size_t i, struct cm_tune_played *p)
{
    uint64_t missed = 0;
    p->of_try[i] = cm_alloc((size_t)(v->n + 1) * sizeof *p->of_try[i]);
    for (uint64_t k = 0; k < v->n; k++) {
        p->of_try[i][k] = cm_tune_harm(f, &cell->rows[k], v->tries[i].release);
        missed += cm_outcome_missed(&cell->rows[k]);
    }
    p->harm[i] = mean_of(p->of_try[i], v->n);
    p->missed[i] = cm_estimate_share(missed, v->n);
}

static void release_played(struct cm_tune_played *p)
{
    cm_free(p->of_goal);
    for (size_t i = 0; i < CM_TUNE_TRIES; i++)
        cm_free(p->of_try[i]);
    *p = (struct cm_tune_played){0};
}

/* Plays a policy of the scenario; the seed becomes the fresh one. */
static int play(struct cm_tune_field *f, const struct cm_tune_validation *v, struct cm_scenario *s,
                int policy, struct cm_tune_played *p)
{
    s->run.seed = v->seed;
    struct cm_cell *cells = make_cells(f, v, s, policy);
    size_t n = (size_t)f->n_good + v->n_tries;
    int status = f->runner.run(f->runner.self, cells, n);
    if (!status) {
        release_played(p);
        p->there = true;
        p->n = v->n;
        take_goal(f, v, cells, p);
        for (size_t i = 0; i < v->n_tries; i++)
            take_try(f, v, &cells[(size_t)f->n_good + i], i, p);
    }
    release_cells(cells, n);
    return status;
}

/* --- the chosen one --- */

static bool is_within(double high, double limit)
{
    return isnan(limit) || high <= limit;
}

static bool keeps_limits(const struct cm_tune_field *f, const struct cm_tune_played *p)
{
    const struct cm_tune_options *o = f->options;
    bool keeps = is_within(p->false_rollback.high, o->false_rollback);
    for (int i = 0; i < f->n_bad; i++)
        keeps = keeps && is_within(p->missed[i].high, o->missed);
    return keeps && (o->time_to_promote == CM_NO_DURATION ||
                     p->time_to_promote.high <= cm_seconds(o->time_to_promote));
}

static int load(const struct cm_tune_field *f, const struct cm_candidate *c, const char *more,
                struct cm_scenario *s)
{
    const char *const set[] = {more, NULL};
    struct cm_diags diags = {0};
    int status = cm_tune_load(f, c, set, s, &diags);
    cm_diags_release(&diags);
    return status;
}

static int play_candidate(struct cm_tune_field *f, const struct cm_tuning *t,
                          struct cm_tune_validation *v, size_t candidate)
{
    const struct cm_candidate *c = t->list[candidate];
    struct cm_scenario s = {0};
    int status = load(f, c, NULL, &s);
    if (!status)
        status = play(f, v, &s, f->families[c->family], &v->played[CM_PLAYER_CHOSEN]);
    cm_scenario_release(&s);
    v->chosen = candidate;
    return status;
}

/* The next in rank that may be tried after `last` was refused: proven by the search, and clearly
 * farther from the limits, since those that are as near were as lucky. n_order = there is none. */
static size_t next_after(const struct cm_tune_field *f, const struct cm_tuning *t, size_t last)
{
    struct cm_tune_limits limits = cm_tune_limits_of(f);
    const struct cm_standing *refused = &t->standing[t->order[last]];
    size_t i = last + 1;
    while (i < t->n_order && (t->standing[t->order[i]].keeping != CM_KEEPS ||
                              !cm_tune_is_safer(&t->standing[t->order[i]], refused, &limits)))
        i++;
    return i;
}

/* In the order of rank, until one keeps the limits on fresh seeds; the first one if none does. */
static int choose(struct cm_tune_field *f, const struct cm_tuning *t, struct cm_tune_validation *v)
{
    uint64_t attempts = 0;
    for (size_t i = 0; i < t->n_order && attempts < ATTEMPTS && !v->confirmed;
         i = next_after(f, t, i)) {
        v->seed = f->middle->run.seed + 1 + attempts++;
        if (play_candidate(f, t, v, t->order[i]))
            return -1;
        v->confirmed = keeps_limits(f, &v->played[CM_PLAYER_CHOSEN]);
    }
    v->refused = (size_t)attempts - v->confirmed;
    if (v->confirmed || attempts == 1)
        return 0;
    v->seed = f->middle->run.seed + 1;
    return play_candidate(f, t, v, t->order[0]);
}

/* --- the reference --- */

/* As many false rollbacks as the chosen one has; of one that has none, as many as one in n. */
static double asked_rate(const struct cm_tune_validation *v)
{
    const struct cm_tune_played *p = &v->played[CM_PLAYER_CHOSEN];
    return fmin(fmax(p->false_rollback.value, 1 / (double)v->n), 0.5);
}

static int calibrate(struct cm_tune_field *f, struct cm_tune_validation *v,
                     const struct cm_candidate *c, const struct cm_scenario *s)
{
    struct cm_calibrate ask = {.scenario = s, .policy = v->reference, .runner = f->runner};
    struct cm_calibration found;
    struct cm_buffer name = {0};
    char set[200];
    if (!cm_tune_reference_option(f->options, &ask))
        return 0;
    ask.rate = asked_rate(v);
    if (cm_calibrate(&ask, &found))
        return -1;
    cm_calibrate_name(&ask, cm_buffer_writer(&name));
    snprintf(v->calibrated, sizeof v->calibrated, "%s = %s", name.text, found.text.found);
    snprintf(set, sizeof set, "%s=%s", name.text, found.text.found);
    cm_buffer_release(&name);
    struct cm_scenario moved = {0};
    int status = load(f, c, set, &moved);
    if (!status)
        status = play(f, v, &moved, v->reference, &v->played[CM_PLAYER_CALIBRATED]);
    cm_scenario_release(&moved);
    return status;
}

static int play_reference(struct cm_tune_field *f, const struct cm_candidate *c,
                          struct cm_tune_validation *v)
{
    struct cm_scenario s = {0};
    int status = load(f, c, NULL, &s);
    uint64_t seed = s.run.seed;
    if (!status)
        status = play(f, v, &s, v->reference, &v->played[CM_PLAYER_REFERENCE]);
    s.run.seed = seed;
    if (!status)
        status = calibrate(f, v, c, &s);
    cm_scenario_release(&s);
    return status;
}

/* Half the width of an interval, in standard errors, is that of a normal one at these n. */
static double error_of(double low, double high)
{
    const double normal = 1.959963984540054;
    return (high - low) / 2 / normal;
}

static double curse_of(const struct cm_tuning *t, const struct cm_tune_validation *v)
{
    const struct cm_scored *before = &t->standing[v->chosen].goal;
    const struct cm_estimate *after = &v->played[CM_PLAYER_CHOSEN].goal;
    double error = hypot(error_of(before->low, before->high), error_of(after->low, after->high));
    return (after->value - before->value) / error;
}

int cm_tune_validate(struct cm_tune_field *f, const struct cm_tuning *t,
                     struct cm_tune_validation *v)
{
    *v = (struct cm_tune_validation){.n = f->options->validation, .curse = NAN};
    v->reference = cm_tune_reference(f);
    choose_tries(f, v);
    if (choose(f, t, v))
        return -1;
    v->curse = curse_of(t, v);
    return v->reference < 0 ? 0 : play_reference(f, t->list[v->chosen], v);
}

void cm_tune_validation_release(struct cm_tune_validation *v)
{
    for (int i = 0; i < CM_PLAYERS; i++)
        release_played(&v->played[i]);
}

struct cm_estimate cm_tune_times_smaller(const struct cm_tune_validation *v,
                                         enum cm_tune_player than, int which)
{
    const struct cm_tune_played *a = &v->played[than], *b = &v->played[CM_PLAYER_CHOSEN];
    if (!a->there || !b->there)
        return (struct cm_estimate){NAN, NAN, NAN, 0};
    struct cm_ratio ratio =
        cm_ratio_of_batches(which < 0 ? a->of_goal : a->of_try[which],
                            which < 0 ? b->of_goal : b->of_try[which], (size_t)v->n, CM_LEVEL);
    return (struct cm_estimate){ratio.value, fmax(0, ratio.limits.low), ratio.limits.high, v->n};
}
