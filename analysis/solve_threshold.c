/* How many failed checks may there be before a rollback?
 *
 * A check fails when errors / requests of a window of Poisson traffic is above `limit`; checks are
 * windows that do not overlap, hence independent. What a rule makes of the probability f that one
 * fails is known (sim/stats/threshold_rules.h): a binomial tail for a total and for Argo Rollouts'
 * failureLimit, a Markov chain for failures in a row, a race between passes and failures for
 * Flagger. The answer is the smallest threshold that keeps healthy releases, beside what it costs:
 * the bad releases that it lets pass. */
#include <math.h>
#include <stdbool.h>

#include "analysis/solver.h"
#include "analysis/words.h"
#include "sim/stats/threshold_rules.h"

enum rule { TOTAL, CONSECUTIVE, FLAGGER, ARGO };
static const char *const rules[] = {"total", "consecutive", "flagger", "argo", NULL};

struct options {
    double rate, weight, base, limit, false_rollback;
    struct cm_change effect;
    cm_time interval;
    uint64_t checks;
    int rule; /* enum rule */
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, NULL, 1e-6, 1e6, "Requests per second, all versions together."),
    CM_PROB(struct options, weight, NULL, 1e-9, 1, "The canary's share of them."),
    CM_PROB(struct options, base, NULL, 0, 1, "Error ratio of a healthy version."),
    CM_CHANGE_PROB(struct options, effect, "none", "What the defect does to the error ratio."),
    CM_PROB(struct options, limit, "1%", 0, 1, "A check fails above this error ratio."),
    CM_DURATION(struct options, interval, "1m", 1e9, 3600e9,
                "Between two checks; each reads the window since the one before."),
    CM_COUNT(struct options, checks, "10", 1, 10000,
             "Checks in a rollout; of flagger, the weights that each need a passed check."),
    CM_CHOICE(struct options, rule, "total", rules,
              "What is counted: total (so many checks failed), consecutive (so many in a row), "
              "flagger (a total in a race with the weights) or argo (more than failureLimit)."),
    CM_PROB(struct options, false_rollback, "1%", 1e-9, 0.5,
            "Chance that a healthy release is rolled back, at most."),
    CM_PARAMS_END,
};

static double worse(const struct options *o)
{
    return o->effect.times * o->base + o->effect.plus;
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    double p1 = worse(o);
    if (p1 < 0 || p1 > 1)
        return cm_fail(err, "the effect makes the error ratio %.4g%%, outside [0%%, 100%%]",
                       100 * p1);
    return cm_solver_check_window(o->rate * o->weight * (double)o->interval / CM_SECOND, 1e7, err);
}

/* P(one check fails). */
static double check_fails(const struct options *o, double error_prob)
{
    struct cm_window_check window = {
        .arrival_rate = o->rate,
        .window_s = (double)o->interval / CM_SECOND,
        .canary_share = o->weight,
        .error_prob = error_prob,
        .max_error_rate = o->limit,
    };
    return cm_poisson_window_check_fail(&window);
}

/* P(rolled back) if every check fails with probability f. Argo's limit is one less than the count
 * that rolls back. */
static double rolled_back(const struct options *o, uint64_t threshold, double f)
{
    switch (o->rule) {
    case CONSECUTIVE:
        return f >= 1 ? 1 : f <= 0 ? 0 : cm_consecutive_run(o->checks, threshold, f).within;
    case FLAGGER:
        return cm_cumulative_threshold_prob(threshold + o->checks - 1, f, threshold);
    case ARGO:
        return cm_argo_failure_limit(o->checks, threshold, f).failed;
    default:
        return cm_cumulative_threshold_prob(o->checks, f, threshold);
    }
}

/* The least threshold that keeps the false rollbacks; past the number of checks nothing is ever
 * rolled back, but by Flagger, which goes on checking. */
static uint64_t smallest(const struct options *o, double f)
{
    const uint64_t most = o->rule == FLAGGER ? 100 * o->checks : o->checks;
    uint64_t threshold = o->rule == ARGO ? 0 : 1;
    while (threshold <= most && rolled_back(o, threshold, f) > o->false_rollback)
        threshold++;
    return threshold;
}

static void say(const struct options *o, const double f[2], uint64_t threshold, struct cm_writer to)
{
    const bool has_effect = worse(o) > o->base;
    const uint64_t useless = o->rule == ARGO ? o->checks : o->checks + 1;
    if (rolled_back(o, threshold, f[0]) > o->false_rollback ||
        (o->rule != FLAGGER && threshold >= useless)) {
        cm_print(to, "No threshold does: a check of a healthy release fails with a chance of ");
        cm_words_share(f[0], to);
        cm_print(to, ". Raise the limit, or let each check see more requests.");
        return;
    }
    cm_print(to, o->rule == ARGO ? "failureLimit = %llu" : "threshold = %llu",
             (unsigned long long)threshold);
    cm_print(to, " is the smallest that keeps false rollbacks at or below ");
    cm_words_share(o->false_rollback, to);
    cm_print(to, ": ");
    cm_words_share(rolled_back(o, threshold, f[0]), to);
    cm_print(to, " of healthy releases are rolled back (a check of one fails with a chance of ");
    cm_words_share(f[0], to);
    cm_print(to, ")");
    if (has_effect) {
        cm_print(to, ", and ");
        cm_words_share(rolled_back(o, threshold, f[1]), to);
        cm_print(to, " of those with ");
        cm_words_share(worse(o), to);
        cm_print(to, " errors");
    }
    cm_print(to, ".");
}

static void solve(const void *options, struct cm_solution *to)
{
    const struct options *o = options;
    const double f[2] = {check_fails(o, o->base), check_fails(o, worse(o))};
    const uint64_t least = o->rule == ARGO ? 0 : 1, threshold = smallest(o, f[0]), around = 3;
    uint64_t first = threshold > least + around ? threshold - around : least;
    say(o, f, threshold, cm_solution_say(to));
    cm_solution_column(to, o->rule == ARGO ? "failureLimit" : "threshold", CM_COLUMN_COUNT);
    cm_solution_column(to, "false rollback", CM_COLUMN_SHARE);
    cm_solution_column(to, "bad rolled back", CM_COLUMN_SHARE);
    for (uint64_t t = first; t <= threshold + around; t++) {
        cm_table_count(&to->table, t);
        cm_table_number(&to->table, rolled_back(o, t, f[0]));
        cm_table_number(&to->table, worse(o) > o->base ? rolled_back(o, t, f[1]) : NAN);
    }
    to->method = "Exact, no simulation: Poisson traffic, windows that do not overlap, one weight "
                 "throughout, and a check without requests passes. For windows longer than the "
                 "interval, several metrics or changing weights: coalmine calibrate.";
}

const struct cm_solver cm_solver_threshold = {
    .kind = {.name = "threshold",
             .summary = "How many failed checks may there be before a rollback?",
             .source = "Feller 1968, XIII.7; Flagger v1.44.0; Argo Rollouts",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
