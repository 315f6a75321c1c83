/* From a point to trials: the point chooses texts, the file with these texts in it is a scenario,
 * and the policy of the family is played on every release in it.
 *
 * The goal of a replication is the weighted mean of the harm of its bad releases, or, for costs,
 * what the average release costs, all of them weighed by their priors. Marks in other policies'
 * sections stay in their middle: what they say is not heard. */
#include "analysis/tune_play.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/measure.h"
#include "analysis/tune_reference.h"
#include "sim/base/list.h"

enum { ROWS = 200000 }; /* in memory at once, about */

/* --- what a policy hears of --- */

static bool is_named(const char *section, const char *head, const char *name)
{
    size_t length = strlen(head);
    return strncmp(section, head, length) == 0 && strcmp(section + length, name) == 0;
}

bool cm_tune_concerns(const struct cm_scenario *s, const struct cm_mark *mark, int policy)
{
    const struct cm_named_policy *p = &s->policies[policy];
    if (is_named(mark->section, "policy.", p->name))
        return true;
    for (size_t i = 0; i < p->n_watched; i++) {
        const struct cm_named_gate *gate = &s->gates[p->gate[i]];
        if (is_named(mark->section, "gate.", gate->name))
            return true;
        for (size_t m = 0; m < gate->n_metrics; m++)
            if (is_named(mark->section, "metric.", s->metrics[gate->metric[m]].name))
                return true;
    }
    return false;
}

/* Marks of other policies have no say, and other gates may be asked in another candidate. */
static double heard(const struct cm_tune_field *f, const struct cm_candidate *c, size_t mark)
{
    const struct cm_mark *m = &f->marks->list[mark];
    if (!f->middle) /* which is being loaded */
        return c->u[mark];
    const char *name = f->middle->policies[f->families[c->family]].name;
    bool other = strncmp(m->section, "policy.", 7) == 0 && !is_named(m->section, "policy.", name);
    return other ? 0.5 : c->u[mark];
}

/* Points are the same if the values are that they choose. */
void cm_tune_settle(void *field, struct cm_candidate *c)
{
    const struct cm_tune_field *f = field;
    for (size_t i = 0; i < f->marks->n; i++)
        c->key[i] = cm_mark_value(&f->marks->list[i], heard(f, c, i));
}

/* --- the field --- */

static bool has_marks(const struct cm_tune_field *f, int policy)
{
    for (size_t i = 0; i < f->marks->n; i++)
        if (cm_tune_concerns(f->middle, &f->marks->list[i], policy))
            return true;
    return false;
}

static int choose_families(struct cm_tune_field *f, int policy, struct cm_err *err)
{
    for (size_t p = 0; p < f->middle->n_policies; p++) {
        bool chosen = policy < 0 || policy == (int)p;
        if (!chosen || (int)p == f->options->reference.index || !has_marks(f, (int)p))
            continue;
        if (f->n_families == CM_TUNE_FAMILIES)
            return cm_fail(err, "more than %d policies to tune: choose one with --policy",
                           CM_TUNE_FAMILIES);
        f->families[f->n_families++] = (int)p;
    }
    if (f->n_families == 0 && policy >= 0)
        return cm_fail(err, "policy %s has nothing to tune: neither it nor its gates have a tune()",
                       f->middle->policies[policy].name);
    if (f->n_families == 0)
        return cm_fail(err, "no policy has anything to tune");
    return 0;
}

static bool is_held_out(const struct cm_tune_field *f, int release)
{
    for (size_t i = 0; i < f->options->holdout.n; i++)
        if (f->options->holdout.refs[i].index == release)
            return true;
    return false;
}

static int add_release(int *list, int *n, int release, struct cm_err *err)
{
    if (*n == CM_TUNE_RELEASES)
        return cm_fail(err, "more than %d releases of one sort are too many to tune on",
                       CM_TUNE_RELEASES);
    list[(*n)++] = release;
    return 0;
}

static int choose_releases(struct cm_tune_field *f, struct cm_err *err)
{
    for (int r = -1; r < (int)f->middle->n_defects; r++) {
        bool good = cm_results_harmless(&f->results, r);
        if (is_held_out(f, r))
            continue;
        if (add_release(good ? f->good : f->bad, good ? &f->n_good : &f->n_bad, r, err))
            return -1;
    }
    if (f->n_bad == 0)
        return cm_fail(err, f->options->holdout.n > 0
                                ? "every defect is held out, and none is left to tune on"
                                : "there is no defect to tune on");
    return 0;
}

/* [tune] has been reviewed: somebody has a prior if priors weigh. */
static void weigh(struct cm_tune_field *f)
{
    double sum = 0;
    bool priors = f->options->weights == CM_WEIGHTS_PRIORS;
    for (int i = 0; i < f->n_bad; i++) {
        f->weight[i] = priors ? cm_results_prior(&f->results, f->bad[i]) : 1;
        sum += f->weight[i];
    }
    for (int i = 0; i < f->n_bad; i++)
        f->weight[i] /= sum;
}

/* Names, priors and prices are asked of results; rows belong to candidates. */
static void init_results(struct cm_tune_field *f)
{
    cm_results_init(&f->results, f->middle);
    for (size_t i = 0; i < f->results.n_cells; i++) {
        cm_free(f->results.cells[i].rows);
        f->results.cells[i].rows = NULL;
    }
}

/* Before anything is played. */
static int check_reference(const struct cm_tune_field *f, struct cm_err *err)
{
    struct cm_calibrate ask = {.scenario = f->middle, .policy = cm_tune_reference(f)};
    if (!f->options->calibrate)
        return 0;
    if (ask.policy < 0)
        return cm_fail(err, "[tune] calibrate: there is no policy to compare with");
    if (cm_tune_reference_option(f->options, &ask))
        return 0;
    return cm_fail(err, "[tune] calibrate: neither policy %s nor a gate of it has a number '%.40s'",
                   f->middle->policies[ask.policy].name, f->options->calibrate);
}

int cm_tune_field_init(struct cm_tune_field *f, int policy, struct cm_err *err)
{
    init_results(f);
    if (choose_families(f, policy, err) || choose_releases(f, err) || check_reference(f, err))
        return -1;
    weigh(f);
    return 0;
}

struct cm_tune_limits cm_tune_limits_of(const struct cm_tune_field *f)
{
    const struct cm_tune_options *o = f->options;
    bool timed = o->time_to_promote != CM_NO_DURATION;
    return (struct cm_tune_limits){.false_rollback = o->false_rollback,
                                   .missed = o->missed,
                                   .time_to_promote = timed ? cm_seconds(o->time_to_promote) : NAN,
                                   .n_good = f->n_good,
                                   .n_bad = f->n_bad};
}

void cm_tune_field_release(struct cm_tune_field *f)
{
    cm_results_release(&f->results);
    cm_buffer_release(&f->reason);
}

/* --- trials --- */

static double requests_of(const struct cm_outcome *row)
{
    return (double)row->rollout.requests + (double)row->escaped.requests;
}

double cm_tune_harm(const struct cm_tune_field *f, const struct cm_outcome *row, int release)
{
    switch ((enum cm_tune_goal)f->options->minimise) {
    case CM_GOAL_FAILURES:
        return (double)row->rollout.failures + (double)row->escaped.failures;
    case CM_GOAL_SLOW:
        return (double)row->rollout.slow + (double)row->escaped.slow;
    case CM_GOAL_KPI:
        return row->rollout.kpi + row->escaped.kpi;
    case CM_GOAL_COST:
        return cm_measure_cost(&f->results.prices, row, cm_results_harmless(&f->results, release));
    case CM_GOAL_REQUESTS:
    case CM_GOALS:
        break;
    }
    return requests_of(row);
}

/* Costs weigh good and bad releases by what is known of them, harm only the bad. */
static double weight_of(const struct cm_tune_field *f, int i)
{
    bool good = i < f->n_good;
    if (f->options->minimise == CM_GOAL_COST)
        return cm_results_prior(&f->results, good ? f->good[i] : f->bad[i - f->n_good]);
    return good ? 0 : f->weight[i - f->n_good];
}

struct cm_trial cm_tune_trial(const struct cm_tune_field *f, const struct cm_outcome *const *rows,
                              uint64_t i)
{
    struct cm_trial t = {.promoted_after = NAN};
    for (int r = 0; r < f->n_good + f->n_bad; r++) {
        const struct cm_outcome *row = &rows[r][i];
        bool good = r < f->n_good;
        unsigned bit = 1U << (good ? r : r - f->n_good);
        t.goal += weight_of(f, r) * cm_tune_harm(f, row, good ? f->good[r] : f->bad[r - f->n_good]);
        if (good && row->end == CM_ROLLED_BACK)
            t.false_rollback = (uint16_t)(t.false_rollback | bit);
        if (!good && cm_outcome_missed(row))
            t.missed = (uint16_t)(t.missed | bit);
        if (good && f->good[r] < 0 && row->end == CM_PROMOTED)
            t.promoted_after = cm_seconds(row->ended_at);
    }
    return t;
}

/* --- candidates --- */

/* The loader copies what options and replacements say, and the arena may go at once. */
int cm_tune_load(const struct cm_tune_field *f, const struct cm_candidate *c,
                 const char *const *more, struct cm_scenario *s, struct cm_diags *diags)
{
    struct cm_arena arena = {0};
    struct cm_load load = *f->load;
    const char **set = NULL;
    size_t n = 0;
    double u[CM_TUNE_DIMENSIONS];
    const char *const *lists[] = {f->load->set, more};
    for (size_t i = 0; i < f->marks->n; i++)
        u[i] = heard(f, c, i);
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; lists[l] && lists[l][i]; i++) {
            set = cm_list_grow(&arena, set, n, sizeof *set);
            set[n++] = lists[l][i];
        }
    set = cm_list_grow(&arena, set, n, sizeof *set);
    set[n] = NULL;
    load.set = set;
    load.replace = cm_marks_replace(f->marks, u, &arena);
    load.n_replace = f->marks->n;
    int status = cm_scenario_load(s, &load, diags);
    cm_arena_release(&arena);
    return status;
}

/* A candidate in play. */
struct played {
    struct cm_candidate *c;
    struct cm_scenario scenario;
    struct cm_outcome *rows; /* owned; release by release */
};

static void load_candidate(struct cm_tune_field *f, struct played *p)
{
    struct cm_diags diags = {0};
    p->c->broken = cm_tune_load(f, p->c, NULL, &p->scenario, &diags) != 0;
    if (p->c->broken && !f->reason.length)
        cm_diags_write(&diags, cm_buffer_writer(&f->reason));
    cm_diags_release(&diags);
}

static void add_cells(const struct cm_tune_field *f, struct played *p, uint64_t upto,
                      struct cm_cell *cells)
{
    int releases = f->n_good + f->n_bad;
    p->rows = cm_alloc((size_t)(upto * (uint64_t)releases + 1) * sizeof *p->rows);
    for (int r = 0; r < releases; r++)
        cells[r] = (struct cm_cell){
            .plan = {.scenario = &p->scenario,
                     .policy = f->families[p->c->family],
                     .release = r < f->n_good ? f->good[r] : f->bad[r - f->n_good],
                     .strength = 1},
            .first = p->c->n,
            .replications = upto,
            .rows = p->rows + (size_t)r * upto,
        };
}

static void take_trials(const struct cm_tune_field *f, struct played *p, uint64_t upto)
{
    const struct cm_outcome *rows[2 * CM_TUNE_RELEASES];
    for (int r = 0; r < f->n_good + f->n_bad; r++)
        rows[r] = p->rows + (size_t)r * upto;
    p->c->trials = cm_grow(p->c->trials, (size_t)upto, sizeof *p->c->trials);
    for (uint64_t i = p->c->n; i < upto; i++)
        p->c->trials[i] = cm_tune_trial(f, rows, i);
    p->c->n = upto;
}

/* A few candidates, all at once, so that their cells fill the threads. */
static int play_some(struct cm_tune_field *f, struct played *list, size_t n, uint64_t upto)
{
    size_t releases = (size_t)f->n_good + (size_t)f->n_bad, n_cells = 0;
    struct cm_cell *cells = cm_alloc((n * releases + 1) * sizeof *cells);
    for (size_t i = 0; i < n; i++) {
        load_candidate(f, &list[i]);
        if (list[i].c->broken)
            continue;
        add_cells(f, &list[i], upto, &cells[n_cells]);
        n_cells += releases;
    }
    int status = n_cells ? f->runner.run(f->runner.self, cells, n_cells) : 0;
    for (size_t i = 0; i < n; i++) {
        if (!status && !list[i].c->broken)
            take_trials(f, &list[i], upto);
        cm_free(list[i].rows);
        cm_scenario_release(&list[i].scenario);
    }
    cm_free(cells);
    return status;
}

int cm_tune_play(void *field, struct cm_candidate *const *list, size_t n, uint64_t upto)
{
    struct cm_tune_field *f = field;
    uint64_t rows = upto * (uint64_t)(f->n_good + f->n_bad); /* at most */
    size_t some = rows < ROWS ? (size_t)(ROWS / rows) : 1;
    int status = 0;
    for (size_t i = 0; i < n && !status; i += some) {
        size_t k = n - i < some ? n - i : some;
        struct played *now = cm_alloc((k + 1) * sizeof *now);
        for (size_t j = 0; j < k; j++)
            now[j].c = list[i + j];
        status = play_some(f, now, k, upto);
        cm_free(now);
    }
    return status;
}
