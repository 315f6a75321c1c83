/* How long should the first look wait, so that a cold start is not taken for a defect?
 *
 * A new version answers its first `warm_up` with more errors. A look at d reads what was answered
 * in the window before it, of which a part was cold: its error ratio is the mixture
 *
 *     p(d) = [cold p_cold + (length - cold) p0] / length,
 *
 * and the chance that errors / requests is above the limit is that of a window of Poisson traffic
 * (sim/stats/threshold_rules.h). It falls as the cold part leaves the window. */
#include <math.h>
#include <stdbool.h>

#include "analysis/solver.h"
#include "analysis/words.h"
#include "sim/stats/threshold_rules.h"

struct options {
    double rate, weight, base, limit, false_alarm;
    cm_time window, cold_start;
    struct cm_change cold_error_rate;
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, NULL, 1e-6, 1e6, "Requests per second, all versions together."),
    CM_PROB(struct options, weight, NULL, 1e-9, 1, "The canary's share of them."),
    CM_PROB(struct options, base, NULL, 0, 1, "Error ratio of a warm version."),
    CM_DURATION(struct options, cold_start, NULL, 1e6, CM_MAX_DURATION,
                "How long a new version is cold."),
    CM_CHANGE_PROB(struct options, cold_error_rate, "+5pp",
                   "What being cold does to the error ratio."),
    CM_PROB(struct options, limit, "1%", 0, 1, "The look fails above this error ratio."),
    CM_DURATION(struct options, window, "1m", 1e6, CM_MAX_DURATION, "What the look reads."),
    CM_PROB(struct options, false_alarm, "1%", 1e-9, 0.5,
            "Chance that the first look of a healthy release fails, at most."),
    CM_PARAMS_END,
};

static double cold_error_prob(const struct options *o)
{
    return o->cold_error_rate.times * o->base + o->cold_error_rate.plus;
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    double cold = cold_error_prob(o);
    if (cold < o->base || cold > 1)
        return cm_fail(err,
                       "being cold makes the error ratio %.4g%%: it has to be between the base "
                       "and 100%%",
                       100 * cold);
    return cm_solver_check_window(o->rate * o->weight * (double)o->window / CM_SECOND, 1e7, err);
}

/* Share of the window before `delay` in which the version was cold; s, not below a window. */
static double cold_part(const struct options *o, double delay)
{
    const double window = (double)o->window / CM_SECOND, cold = (double)o->cold_start / CM_SECOND;
    return fmax(0, fmin(cold, delay) - (delay - window)) / window;
}

/* P(a look at `delay` fails). */
static double fails(const struct options *o, double delay)
{
    const double share = cold_part(o, delay);
    struct cm_window_check look = {
        .arrival_rate = o->rate,
        .window_s = (double)o->window / CM_SECOND,
        .canary_share = o->weight,
        .error_prob = share * cold_error_prob(o) + (1 - share) * o->base,
        .max_error_rate = o->limit,
    };
    return cm_poisson_window_check_fail(&look);
}

/* In s, to a millisecond; a look before one whole window sees too little to be meant. */
static double least_delay(const struct options *o)
{
    double low = (double)o->window / CM_SECOND, high = low + (double)o->cold_start / CM_SECOND;
    if (fails(o, high) > o->false_alarm)
        return INFINITY;
    if (fails(o, low) <= o->false_alarm)
        return low;
    while (high - low > 1e-3) {
        double middle = (low + high) / 2;
        if (fails(o, middle) <= o->false_alarm)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static void say(const struct options *o, double delay, struct cm_writer to)
{
    const double warm = (double)(o->window + o->cold_start) / CM_SECOND;
    if (isinf(delay)) {
        cm_print(to, "No delay does: even when warm, the look fails with a chance of ");
        cm_words_share(fails(o, warm), to);
        cm_print(to, ". Raise the limit, or widen the window.");
        return;
    }
    cm_print(to, "Let the first look wait for ");
    cm_words_duration(ceil(delay), to);
    cm_print(to, " after the canary's first request: a healthy release then fails it with a chance "
                 "of ");
    cm_words_share(fails(o, ceil(delay)), to);
    cm_print(to, "; looking after one window, ");
    cm_words_duration((double)o->window / CM_SECOND, to);
    cm_print(to, ", it would be ");
    cm_words_share(fails(o, (double)o->window / CM_SECOND), to);
    cm_print(to, ".");
}

static void solve(const void *options, struct cm_solution *to)
{
    const struct options *o = options;
    const double window = (double)o->window / CM_SECOND, cold = (double)o->cold_start / CM_SECOND;
    enum { ROWS = 6 };
    say(o, least_delay(o), cm_solution_say(to));
    cm_solution_column(to, "first look after", CM_COLUMN_DURATION);
    cm_solution_column(to, "cold part of the window", CM_COLUMN_SHARE);
    cm_solution_column(to, "chance that a healthy release fails it", CM_COLUMN_SHARE);
    for (int i = 0; i < ROWS; i++) {
        double delay = window + cold * i / (ROWS - 1);
        cm_table_number(&to->table, delay);
        cm_table_number(&to->table, cold_part(o, delay));
        cm_table_number(&to->table, fails(o, delay));
    }
    to->method = "Exact, no simulation: Poisson traffic at one weight. A policy that counts "
                 "several failed checks forgives more: coalmine run with service.warm_up tells.";
}

const struct cm_solver cm_solver_delay = {
    .kind = {.name = "delay",
             .summary = "How long should the first look wait for a cold start?",
             .source = "house rule",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
