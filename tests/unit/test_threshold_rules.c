/* Closed forms of repeated checks against the shared oracles (mpmath, R), against the numbers of
 * the literature, and against each other. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/threshold_rules.h"
#include "tests/unit/stat_oracle.h"

static bool near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

static double cumulative(const char *output, const json_t *in, size_t i)
{
    (void)output, (void)i;
    return cm_cumulative_threshold_prob(oracle_count(in, "n_checks"),
                                        oracle_number(in, "fail_prob"),
                                        oracle_count(in, "threshold"));
}

static double race(const char *output, const json_t *in, size_t i)
{
    double weight[16], fail[16];
    (void)i;
    struct cm_race r = {.weights = oracle_list(in, "weights", weight, 16),
                        .weight = weight,
                        .fail = fail,
                        .threshold = oracle_count(in, "threshold"),
                        .interval_s = oracle_number(in, "interval_s"),
                        .lag = oracle_number(in, "rollback_lag_ticks")};
    for (size_t k = 0; k < r.weights; k++)
        fail[k] = oracle_number(in, "fail_prob");
    struct cm_race_odds odds = cm_flagger_race(&r);
    return !strcmp(output, "prob_rollback")         ? odds.rolled_back
           : !strcmp(output, "expected_duration_s") ? odds.duration_s
                                                    : odds.exposure_s;
}

static double argo(const char *output, const json_t *in, size_t i)
{
    (void)i;
    struct cm_argo_odds odds =
        cm_argo_failure_limit(oracle_count(in, "count"), oracle_count(in, "failure_limit"),
                              oracle_number(in, "fail_prob"));
    return !strcmp(output, "prob_failed") ? odds.failed : odds.measurements;
}

static double run(const char *output, const json_t *in, size_t i)
{
    (void)i;
    struct cm_run_odds odds =
        cm_consecutive_run(oracle_count(in, "n"), oracle_count(in, "k"), oracle_number(in, "p"));
    return !strcmp(output, "prob_run_within_n") ? odds.within : odds.mean_checks;
}

static double window(const char *output, const json_t *in, size_t i)
{
    (void)output, (void)i;
    return cm_k_of_w_window(oracle_count(in, "n"), oracle_count(in, "k"),
                            oracle_count(in, "window"), oracle_number(in, "p"));
}

static double window_check(const char *output, const json_t *in, size_t i)
{
    (void)output, (void)i;
    return cm_poisson_window_check_fail(&(struct cm_window_check){
        .arrival_rate = oracle_number(in, "arrival_rate"),
        .window_s = oracle_number(in, "window_s"),
        .canary_share = oracle_number(in, "canary_share"),
        .error_prob = oracle_number(in, "error_prob"),
        .max_error_rate = oracle_number(in, "max_error_rate"),
    });
}

static double schedule(const char *output, const json_t *in, size_t i)
{
    double detect[16], weight[16];
    (void)i;
    size_t n = oracle_list(in, "detect_prob", detect, 16);
    oracle_list(in, "weights", weight, 16);
    struct cm_schedule_odds odds =
        cm_step_schedule_exposure(n, weight, detect, oracle_number(in, "interval_s"));
    return !strcmp(output, "prob_missed")           ? odds.missed
           : !strcmp(output, "expected_duration_s") ? odds.duration_s
                                                    : odds.exposure_s;
}

static double kth_error(const char *output, const json_t *in, size_t i)
{
    (void)i;
    double errors = oracle_number(in, "arrival_rate") * oracle_number(in, "canary_share") *
                    oracle_number(in, "error_prob");
    struct cm_erlang time =
        cm_time_to_kth_error(errors, oracle_count(in, "k"), oracle_number(in, "q"));
    return !strcmp(output, "mean_s") ? time.mean_s : time.quantile_s;
}

static double order_stat(const char *output, const json_t *in, size_t i)
{
    (void)i;
    struct cm_order_odds odds = cm_order_stat_exceed(oracle_count(in, "n"), oracle_number(in, "p"),
                                                     oracle_number(in, "F_at_threshold"));
    return !strcmp(output, "rank") ? (double)odds.rank : odds.above;
}

/* The two laws of the oracle cases: their distribution functions and quantiles. */
static double law_cdf(const json_t *in, double x)
{
    if (!strcmp(json_string_value(json_object_get(in, "dist")), "exponential"))
        return gsl_cdf_exponential_P(x, oracle_number(in, "mean"));
    return gsl_cdf_lognormal_P(x, oracle_number(in, "mu"), oracle_number(in, "sigma"));
}

static double law_quantile(const json_t *in, double q)
{
    if (!strcmp(json_string_value(json_object_get(in, "dist")), "exponential"))
        return gsl_cdf_exponential_Pinv(q, oracle_number(in, "mean"));
    return gsl_cdf_lognormal_Pinv(q, oracle_number(in, "mu"), oracle_number(in, "sigma"));
}

static double bias(const char *output, const json_t *in, size_t i)
{
    double bounds[32], cdf[32], q = oracle_number(in, "q"), truth = law_quantile(in, q);
    (void)i;
    size_t n = oracle_list(in, "upper_bounds", bounds, 32) - 1;
    for (size_t b = 0; b < n; b++)
        cdf[b] = law_cdf(in, bounds[b]);
    struct cm_bias told = cm_histogram_quantile_bias(q, bounds, cdf, n, truth);
    return !strcmp(output, "interpolated")    ? told.interpolated
           : !strcmp(output, "true_quantile") ? truth
                                              : told.relative;
}

static double split(const char *output, const json_t *in, size_t i)
{
    (void)i;
    struct cm_split_odds odds =
        cm_poisson_split(oracle_number(in, "arrival_rate"), oracle_number(in, "canary_share"),
                         oracle_number(in, "error_prob"), oracle_number(in, "horizon_s"), 3);
    return !strcmp(output, "mean_errors")     ? odds.mean
           : !strcmp(output, "prob_no_error") ? odds.none
                                              : odds.at_least;
}

Test(threshold_rules, shared_oracles_hold)
{
    static const struct {
        const char *fn;
        oracle_answer answer;
        size_t cases;
    } all[] = {
        {"cumulative_threshold_prob", cumulative, 2},
        {"flagger_race", race, 9},
        {"argo_failure_limit", argo, 2},
        {"consecutive_run", run, 4},
        {"k_of_w_window", window, 2},
        {"poisson_window_check_fail", window_check, 1},
        {"step_schedule_exposure", schedule, 3},
        {"time_to_kth_error", kth_error, 2},
        {"order_stat_exceed", order_stat, 4},
        {"histogram_quantile_bias", bias, 6},
        {"poisson_split", split, 3},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t checked = oracle_check(all[i].fn, all[i].answer);
        cr_expect(checked == all[i].cases, "%s: %zu cases", all[i].fn, checked);
    }
}

/* With one failure probability the race is a negative binomial: P(Bin(T + m - 1, f) >= T). */
Test(threshold_rules, flaggers_race_is_a_negative_binomial_when_weights_fail_alike)
{
    double weight[20], fail[20];
    for (size_t m = 1; m <= 20; m += 3)
        for (uint64_t threshold = 1; threshold <= 9; threshold += 2)
            for (double f = 0.05; f < 1; f += 0.3) {
                for (size_t i = 0; i < m; i++)
                    weight[i] = 0.05 * (double)(i + 1), fail[i] = f;
                double odds = cm_flagger_race(&(struct cm_race){m, weight, fail, threshold, 60, 1})
                                  .rolled_back;
                double want = cm_cumulative_threshold_prob(threshold + m - 1, f, threshold);
                cr_assert(near(odds, want, 1e-12), "m %zu T %lu f %g: %g, not %g", m,
                          (unsigned long)threshold, f, odds, want);
            }
}

/* By hand: two unequal weights, one failure allowed: P = f1 + (1 - f1) f2; the exposure by its two
 * ends. */
Test(threshold_rules, a_race_over_unequal_weights_adds_up_by_hand)
{
    const double weight[] = {0.1, 0.5}, fail[] = {0.2, 0.4};
    struct cm_race_odds odds = cm_flagger_race(&(struct cm_race){2, weight, fail, 1, 10, 1});
    cr_expect(near(odds.rolled_back, 0.2 + 0.8 * 0.4, 1e-15));
    cr_expect(near(odds.duration_s, 10 * (1 + 0.2 + 0.8 * (1 + 0.4)), 1e-15));
    cr_expect(near(odds.exposure_s, 0.1 * 10 * 1.2 + 0.5 * 10 * 0.8 * 1.4, 1e-15));
}

Test(threshold_rules, windows_reduce_to_their_ends)
{
    for (double f = 0.01; f < 1; f += 0.2) {
        /* k of k is a run of k; 1 of anything is any failure; a window as long as the story is a
         * total. */
        cr_expect(near(cm_k_of_w_window(30, 4, 4, f), cm_consecutive_run(30, 4, f).within, 1e-12));
        cr_expect(near(cm_k_of_w_window(9, 1, 5, f), 1 - pow(1 - f, 9), 1e-12));
        cr_expect(
            near(cm_k_of_w_window(12, 3, 12, f), cm_cumulative_threshold_prob(12, f, 3), 1e-12));
    }
}

/* The limit is decimal: at n = 100 and 29 % it takes 30 errors, not 29 (100 * 0.29 < 29). */
Test(threshold_rules, a_window_check_counts_errors_in_whole_numbers)
{
    const struct cm_window_check steady = {1e5, 1, 0.001, 0.29, 0.29};
    double sum = 0, mean = 100;
    for (unsigned n = 1; n < 250; n++) { /* direct sum, floor by integers */
        double p = exp(n * log(mean) - mean - lgamma(n + 1.0));
        sum += p * gsl_cdf_binomial_Q(29 * n / 100, 0.29, n);
    }
    double got = cm_poisson_window_check_fail(&steady);
    cr_expect(near(got, sum, 1e-11), "%.17g, not %.17g", got, sum);
    cr_expect(cm_poisson_window_check_fail(&(struct cm_window_check){0, 60, 0.1, 1, 0.01}) == 0);
}

/* p99 of 100 requests above x: 1 - P(at most 98 are at or below) ... = P(Bin(100, F) <= 98). */
Test(threshold_rules, an_order_statistic_takes_the_rank_that_decimals_say)
{
    struct cm_order_odds odds = cm_order_stat_exceed(100, 0.99, 0.99);
    cr_expect(odds.rank == 99);
    cr_expect(near(odds.above, gsl_cdf_binomial_P(98, 0.99, 100), 1e-12));
    cr_expect(cm_order_stat_exceed(1, 0.5, 0.3).rank == 1);
}

/* Of n answers the k-th is above the q-quantile with a probability near one half whatever n is; the
 * correction, of order 1 / sqrt(n), is far below the tolerance (de Moivre). */
Test(threshold_rules, the_reading_of_very_many_answers_is_above_the_true_quantile_every_other_time)
{
    for (uint64_t n = 1000000; n <= 1000000000; n *= 10)
        for (uint64_t more = 0; more < 30000; more += 10000) {
            double above = cm_order_stat_exceed(n + more, 0.99, 0.99).above;
            cr_expect(fabs(above - 0.5) < 5e-3, "%g of %llu", above, (unsigned long long)n);
        }
}
