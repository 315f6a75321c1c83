/* What is a latency quantile over this window worth?
 *
 * The empirical q-quantile of n answers is the k-th smallest, k = ceil(n q); the share of all
 * answers below it follows Beta(k, n - k + 1) whatever the law (David and Nagaraja, Order
 * Statistics, 2003, 2.1). So a reading of "p99" lies, 19 times in 20, between two true quantiles
 * that can be named, and between two latencies where the law is known. It is above a limit x with
 * probability P(Bin(n, F(x)) <= k - 1); n is Poisson, and what is said is averaged over it. */
#include <math.h>

#include "analysis/solver.h"
#include "analysis/words.h"
#include "sim/service/law.h"
#include "sim/stats/beta_law.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/threshold_rules.h"

struct options {
    double quantile, rate, weight;
    cm_time window, limit;
    struct cm_law latency;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, quantile, "99%", 1e-6, 0.999999, "Which quantile of latency is read."),
    CM_DURATION(struct options, window, "1m", 1e6, CM_MAX_DURATION, "What one reading covers."),
    CM_RATE(struct options, rate, NULL, 1e-6, 1e6, "Requests per second, all versions together."),
    CM_PROB(struct options, weight, "100%", 1e-9, 1, "The share of the version that is read."),
    CM_LAW(struct options, latency, "none", "How long answers take; none = not known."),
    CM_DURATION(struct options, limit, "none", 1e3, CM_MAX_DURATION,
                "A check fails above this latency; none = there is no check."),
    CM_PARAMS_END,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->limit != CM_NO_DURATION && o->latency.n == 0)
        return cm_fail(err, "a limit needs the latency it is held against (latency = "
                            "lognormal(median=120ms, sigma=0.6))");
    if (o->limit == CM_NO_DURATION)
        return 0;
    /* the table shows windows up to 60 times as long */
    return cm_solver_check_window(o->rate * o->weight * (double)o->window / CM_SECOND, 1e6, err);
}

struct reading {
    double requests, above; /* expected; those above the quantile */
    double low, high;       /* true quantiles between which 95 % of readings lie */
    double no_data, false_alarm;
};

/* P(the reading is above the limit), n being Poisson, but above 0: without a request there is no
 * reading. */
static double false_alarm(const struct options *o, double mean)
{
    enum { REACH = 9 };
    if (o->limit == CM_NO_DURATION)
        return NAN;
    double below = cm_law_cdf(&o->latency, (double)o->limit / CM_SECOND), sum = 0;
    double reach = REACH * (sqrt(mean) + 2);
    for (double n = fmax(1, ceil(mean - reach)); n <= mean + reach; n++)
        sum += exp(cm_point_mass_poisson(n, mean)) *
               cm_order_stat_exceed((uint64_t)n, o->quantile, below).above;
    return fmin(sum / -expm1(-mean), 1);
}

static struct reading read_over(const struct options *o, double window_s)
{
    const double tail = 0.025, mean = o->rate * o->weight * window_s;
    const double n = fmax(1, round(mean)), k = fmax(1, ceil(n * o->quantile - 1e-9));
    return (struct reading){
        .requests = mean,
        .above = mean * (1 - o->quantile),
        .low = cm_beta_law_quantile(tail, k, n - k + 1),
        .high = cm_beta_law_quantile(1 - tail, k, n - k + 1),
        .no_data = exp(-mean),
        .false_alarm = false_alarm(o, mean),
    };
}

/* With as many digits as tell it from p100. */
static void say_level(double level, struct cm_writer to)
{
    const int digits = 4, nines = level < 1 ? (int)floor(-log10(1 - level)) : 0;
    cm_print(to, "p%.*g", digits + (nines > 3 ? nines - 3 : 0), 100 * level);
}

static void say(const struct options *o, const struct reading *r, struct cm_writer to)
{
    say_level(o->quantile, to);
    cm_print(to, " over ");
    cm_words_duration((double)o->window / CM_SECOND, to);
    cm_print(to,
             " rests on %.3g requests, of which %.2g are slower: 19 readings in 20 lie between "
             "the true ",
             r->requests, r->above);
    say_level(r->low, to);
    cm_print(to, " and ");
    say_level(r->high, to);
    if (o->latency.n > 0) {
        cm_print(to, ", that is between ");
        cm_words_duration(cm_law_quantile(&o->latency, r->low), to);
        cm_print(to, " and ");
        cm_words_duration(cm_law_quantile(&o->latency, r->high), to);
    }
    cm_print(to, ".");
    if (r->above < 1)
        cm_print(to, " It is little more than the slowest answer.");
    if (o->limit != CM_NO_DURATION) {
        cm_print(to, " Of a release with this latency ");
        cm_words_share(r->false_alarm, to);
        cm_print(to, " of the readings are above the limit.");
    }
}

static void add_row(const struct options *o, double window_s, struct cm_solution *to)
{
    struct reading r = read_over(o, window_s);
    cm_table_number(&to->table, window_s);
    cm_table_number(&to->table, r.requests);
    cm_table_number(&to->table, r.above);
    cm_table_number(&to->table, r.low);
    cm_table_number(&to->table, r.high);
    if (o->latency.n > 0) {
        cm_table_number(&to->table, cm_law_quantile(&o->latency, r.low));
        cm_table_number(&to->table, cm_law_quantile(&o->latency, r.high));
    }
    cm_table_number(&to->table, r.no_data);
    if (o->limit != CM_NO_DURATION)
        cm_table_number(&to->table, r.false_alarm);
}

static void solve(const void *options, struct cm_solution *to)
{
    static const double times[] = {1, 2, 5, 10, 60};
    const struct options *o = options;
    const double window_s = (double)o->window / CM_SECOND;
    struct reading r = read_over(o, window_s);
    say(o, &r, cm_solution_say(to));
    cm_solution_column(to, "window", CM_COLUMN_DURATION);
    cm_solution_column(to, "requests", CM_COLUMN_NUMBER);
    cm_solution_column(to, "slower", CM_COLUMN_NUMBER);
    cm_solution_column(to, "from quantile", CM_COLUMN_SHARE);
    cm_solution_column(to, "to quantile", CM_COLUMN_SHARE);
    if (o->latency.n > 0) {
        cm_solution_column(to, "from", CM_COLUMN_DURATION);
        cm_solution_column(to, "to", CM_COLUMN_DURATION);
    }
    cm_solution_column(to, "no request", CM_COLUMN_SHARE);
    if (o->limit != CM_NO_DURATION)
        cm_solution_column(to, "above the limit", CM_COLUMN_SHARE);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        add_row(o, times[i] * window_s, to);
    to->method = "Exact, no simulation, for independent answers read one by one. A histogram adds "
                 "the error of its buckets: coalmine check warns of a limit inside one.";
}

const struct cm_solver cm_solver_metric = {
    .kind = {.name = "metric",
             .summary = "What is a latency quantile over this window worth?",
             .source = "David and Nagaraja 2003",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
