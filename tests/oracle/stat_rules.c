/* Section E of the statistical oracle: threshold rules, charts, queues. */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/stats/burn_rate.h"
#include "sim/stats/cusum.h"
#include "sim/stats/error_flow.h"
#include "sim/stats/order_statistics.h"
#include "sim/stats/queues.h"
#include "sim/stats/threshold_rules.h"
#include "tests/oracle/stat.h"

static double share_of(struct stat_case *c, const char *key)
{
    return input_within(&c->in, key, 0, 1);
}

static void cumulative(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n_checks"), t = input_count(&c->in, "threshold");
    stat_number(c, "prob", cm_cumulative_threshold_prob(n, share_of(c, "fail_prob"), t));
}

static void flagger(struct stat_case *c)
{
    struct input_list weights = input_list(&c->in, "weights");
    double fail_prob = share_of(c, "fail_prob");
    double *fail = cm_arena_alloc(&c->in.memory, weights.n * sizeof *fail);
    for (size_t i = 0; i < weights.n; i++)
        fail[i] = fail_prob;
    const struct cm_race race = {
        .weights = weights.n,
        .weight = weights.x,
        .fail = fail,
        .threshold = input_count(&c->in, "threshold"),
        .interval_s = input_number(&c->in, "interval_s"),
        .lag = input_number(&c->in, "rollback_lag_ticks"),
    };
    if (!stat_usable(c))
        return;
    struct cm_race_odds odds = cm_flagger_race(&race);
    stat_number(c, "prob_rollback", odds.rolled_back);
    stat_number(c, "expected_duration_s", odds.duration_s);
    stat_number(c, "expected_exposure_weight_seconds", odds.exposure_s);
}

static void argo(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "count"), limit = input_count(&c->in, "failure_limit");
    struct cm_argo_odds odds = cm_argo_failure_limit(n, limit, share_of(c, "fail_prob"));
    stat_number(c, "prob_failed", odds.failed);
    stat_number(c, "expected_measurements", odds.measurements);
}

static void run(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), k = input_count(&c->in, "k");
    double p = share_of(c, "p");
    if (!stat_usable(c))
        return;
    struct cm_run_odds odds = cm_consecutive_run(n, k, p);
    stat_number(c, "prob_run_within_n", odds.within);
    stat_number(c, "mean_checks_to_run", odds.mean_checks);
}

static void k_of_w(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), k = input_count(&c->in, "k");
    uint64_t window = input_count_to(&c->in, "window", CM_WINDOW_MAX);
    double p = share_of(c, "p");
    if (stat_usable(c))
        stat_number(c, "prob_alarm_within_n", cm_k_of_w_window(n, k, window, p));
}

static void burn_alert(struct stat_case *c)
{
    const struct cm_burn_alert alert = {
        .slo = input_number(&c->in, "slo"),
        .window_h = input_number(&c->in, "window_h"),
        .period_h = input_number(&c->in, "period_h"),
        .budget_fraction = input_number(&c->in, "budget_fraction"),
    };
    struct cm_burn_odds odds = cm_burn_rate_alert(&alert, input_number(&c->in, "error_rate"));
    stat_number(c, "burn_rate_threshold", odds.burn);
    stat_number(c, "error_rate_threshold", odds.error_threshold);
    stat_number(c, "detection_time_h", odds.detection_time_h);
}

static void burn_window(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n_requests");
    double p = input_number(&c->in, "error_prob"), slo = input_number(&c->in, "slo");
    double burn = input_number(&c->in, "burn_rate");
    stat_number(c, "prob_fire", cm_burn_rate_window_prob(n, p, slo, burn));
}

static void window_check(struct stat_case *c)
{
    const struct cm_window_check check = {
        .arrival_rate = input_number(&c->in, "arrival_rate"),
        .window_s = input_number(&c->in, "window_s"),
        .canary_share = share_of(c, "canary_share"),
        .error_prob = share_of(c, "error_prob"),
        .max_error_rate = input_number(&c->in, "max_error_rate"),
    };
    if (stat_usable(c))
        stat_number(c, "fail_prob", cm_poisson_window_check_fail(&check));
}

static void schedule(struct stat_case *c)
{
    struct input_list weights = input_list(&c->in, "weights");
    struct input_list detect = input_list(&c->in, "detect_prob");
    double interval_s = input_number(&c->in, "interval_s");
    if (weights.n != detect.n)
        inputs_fault(&c->in, "\"weights\" and \"detect_prob\" differ in length");
    if (!stat_usable(c))
        return;
    struct cm_schedule_odds odds =
        cm_step_schedule_exposure(weights.n, weights.x, detect.x, interval_s);
    stat_number(c, "expected_exposure_weight_seconds", odds.exposure_s);
    stat_number(c, "expected_duration_s", odds.duration_s);
    stat_number(c, "prob_missed", odds.missed);
}

static void undetected(struct stat_case *c)
{
    struct input_list weights = input_list(&c->in, "weights");
    const struct cm_undetected rollout = {
        .steps = weights.n,
        .weight = weights.x,
        .arrival_rate = input_number(&c->in, "arrival_rate"),
        .interval_s = input_number(&c->in, "interval_s"),
        .p_control = input_number(&c->in, "p_control"),
        .p_canary = input_number(&c->in, "p_canary"),
    };
    struct cm_undetected_cost cost = cm_error_flow_undetected(&rollout);
    stat_number(c, "canary_requests", cost.canary_requests);
    stat_number(c, "excess_errors", cost.excess_errors);
}

static void kth_error(struct stat_case *c)
{
    double rate = input_number(&c->in, "arrival_rate") * share_of(c, "canary_share") *
                  share_of(c, "error_prob");
    uint64_t k = input_count(&c->in, "k");
    double q = share_of(c, "q");
    if (!stat_usable(c))
        return;
    struct cm_erlang time = cm_time_to_kth_error(rate, k, q);
    stat_number(c, "mean_s", time.mean_s);
    stat_number(c, "quantile_s", time.quantile_s);
}

static void ramp(struct stat_case *c)
{
    double rate0 = input_number(&c->in, "rate0"), slope = input_number(&c->in, "slope");
    uint64_t k = input_count(&c->in, "k");
    stat_number(c, "prob_by_t", cm_error_flow_ramp_cdf(rate0, slope, k, input_number(&c->in, "t")));
}

static void split(struct stat_case *c)
{
    double rate = input_number(&c->in, "arrival_rate"), share = share_of(c, "canary_share");
    double p = share_of(c, "error_prob"), horizon_s = input_number(&c->in, "horizon_s");
    struct cm_split_odds odds = cm_poisson_split(rate, share, p, horizon_s, 3);
    stat_number(c, "mean_errors", odds.mean);
    stat_number(c, "prob_no_error", odds.none);
    stat_number(c, "prob_at_least_3", odds.at_least);
}

static void cusum_normal(struct stat_case *c)
{
    double k = input_number(&c->in, "k"), h = input_number(&c->in, "h");
    stat_number(c, "arl_zero_state", cm_cusum_normal_arl(k, h, input_number(&c->in, "mu")));
}

static struct cm_cusum_poisson poisson_chart(struct stat_case *c)
{
    double mean = input_number(&c->in, "mu");
    uint64_t k = input_count(&c->in, "k");
    return (struct cm_cusum_poisson){mean, k, input_count(&c->in, "h")};
}

static void cusum_poisson(struct stat_case *c)
{
    struct cm_cusum_poisson chart = poisson_chart(c);
    stat_number(c, "arl_zero_state", cm_cusum_poisson_arl(&chart));
}

static void cusum_poisson_within(struct stat_case *c)
{
    struct cm_cusum_poisson chart = poisson_chart(c);
    stat_number(c, "prob", cm_cusum_poisson_within(&chart, input_count(&c->in, "n")));
}

static struct cm_cusum_bernoulli bernoulli_chart(struct stat_case *c)
{
    double p = input_number(&c->in, "p");
    uint64_t m = input_count(&c->in, "m");
    return (struct cm_cusum_bernoulli){p, m, input_count(&c->in, "H")};
}

static void cusum_bernoulli(struct stat_case *c)
{
    struct cm_cusum_bernoulli chart = bernoulli_chart(c);
    stat_number(c, "arl_zero_state", cm_cusum_bernoulli_arl(&chart));
}

static void cusum_bernoulli_within(struct stat_case *c)
{
    struct cm_cusum_bernoulli chart = bernoulli_chart(c);
    stat_number(c, "prob", cm_cusum_bernoulli_within(&chart, input_count(&c->in, "n")));
}

static void shiryaev(struct stat_case *c)
{
    double threshold = input_within(&c->in, "threshold", 1e-300, INFINITY);
    uint64_t horizon = input_count(&c->in, "horizon");
    if (!stat_usable(c))
        return;
    struct cm_shiryaev_bound bound = cm_cusum_shiryaev_bound(threshold, horizon);
    stat_number(c, "arl_lower_bound", bound.run_at_least);
    stat_number(c, "false_alarm_prob_upper_bound", bound.alarm_at_most);
}

static void mm1(struct stat_case *c)
{
    double lambda = input_number(&c->in, "lambda"), mu = input_number(&c->in, "mu");
    double t = input_number(&c->in, "t"), q = share_of(c, "q");
    const struct cm_mmc queue = {lambda, mu, 1};
    struct cm_mmc_odds odds = cm_queues_mmc(&queue);
    stat_number(c, "utilization", odds.utilization);
    stat_number(c, "mean_sojourn", odds.mean_sojourn);
    stat_number(c, "mean_wait", odds.mean_wait);
    stat_number(c, "mean_number", odds.mean_number);
    stat_number(c, "sojourn_quantile", cm_queues_mmc_sojourn_quantile(&queue, q));
    stat_number(c, "prob_wait_gt_t", cm_queues_mmc_wait_above(&queue, t));
}

static void mmc(struct stat_case *c)
{
    double lambda = input_number(&c->in, "lambda"), mu = input_number(&c->in, "mu");
    const struct cm_mmc queue = {lambda, mu, input_count_to(&c->in, "c", 1000000)};
    double t = input_number(&c->in, "t");
    struct cm_mmc_odds odds = cm_queues_mmc(&queue);
    stat_number(c, "erlang_b", odds.erlang_b);
    stat_number(c, "erlang_c", odds.erlang_c);
    stat_number(c, "mean_wait", odds.mean_wait);
    stat_number(c, "mean_sojourn", odds.mean_sojourn);
    stat_number(c, "prob_wait_gt_t", cm_queues_mmc_wait_above(&queue, t));
    stat_number(c, "prob_sojourn_gt_t", cm_queues_mmc_sojourn_above(&queue, t));
}

static void mmck(struct stat_case *c)
{
    double lambda = input_number(&c->in, "lambda"), mu = input_number(&c->in, "mu");
    const struct cm_mmc queue = {lambda, mu, input_count(&c->in, "c")};
    struct cm_mmck_odds odds = cm_queues_mmck(&queue, input_count_to(&c->in, "K", 1000000));
    stat_number(c, "prob_block", odds.blocked);
    stat_number(c, "mean_number", odds.mean_number);
    stat_number(c, "mean_sojourn_accepted", odds.mean_sojourn);
}

/* The canary's pool gets its share of a Poisson stream, which is Poisson again. */
static void mmc_split(struct stat_case *c)
{
    double lambda = input_number(&c->in, "total_lambda") * share_of(c, "canary_share");
    double mu = input_number(&c->in, "mu");
    const struct cm_mmc pool = {lambda, mu, input_count_to(&c->in, "c", 1000000)};
    stat_number(c, "p99_sojourn", cm_queues_mmc_sojourn_quantile(&pool, 0.99));
    stat_number(c, "mean_sojourn", cm_queues_mmc(&pool).mean_sojourn);
}

static struct cm_moments service_of(struct stat_case *c)
{
    static const char *const laws[] = {"deterministic", "lognormal", "pareto", NULL};
    int law = input_choice(&c->in, "service", laws);
    if (law == 0)
        return cm_queues_service_fixed(input_number(&c->in, "d"));
    const char *first = law == 1 ? "mean" : "xm", *second = law == 1 ? "cv" : "alpha";
    double a = input_number(&c->in, first), b = input_number(&c->in, second);
    return law == 1 ? cm_queues_service_lognormal(a, b) : cm_queues_service_pareto(a, b);
}

static void mg1(struct stat_case *c)
{
    struct cm_moments service = service_of(c);
    struct cm_mg1_odds odds = cm_queues_mg1(input_number(&c->in, "lambda"), &service);
    stat_number(c, "rho", odds.rho);
    stat_number(c, "mean_wait", odds.mean_wait);
    stat_number(c, "mean_sojourn", odds.mean_sojourn);
    stat_number(c, "var_wait", odds.var_wait);
    stat_number(c, "mean_sojourn_ps", odds.shared_sojourn);
}

static void md1(struct stat_case *c)
{
    double lambda = input_number(&c->in, "lambda"), d = input_number(&c->in, "d");
    double t = input_within(&c->in, "t", 0, 1e4 * d);
    if (stat_usable(c))
        stat_number(c, "prob_wait_le_t", cm_queues_md1_wait_cdf(lambda, d, t));
}

static void order_exceed(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n");
    double p = share_of(c, "p"), cdf = share_of(c, "F_at_threshold");
    if (!stat_usable(c))
        return;
    struct cm_order_odds odds = cm_order_stat_exceed(n, p, cdf);
    stat_number(c, "rank", (double)odds.rank);
    stat_number(c, "prob_exceed", odds.above);
}

static void order_moments(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n");
    double p = input_number(&c->in, "p"), mean = input_number(&c->in, "mean");
    struct cm_order_moments moments = cm_order_statistics_exponential(n, p, mean);
    stat_number(c, "expected", moments.expected);
    stat_number(c, "variance", moments.variance);
    stat_number(c, "bias", moments.bias);
}

static void histogram_bias(struct stat_case *c)
{
    static const char *const laws[] = {"exponential", "lognormal", NULL};
    int law = input_choice(&c->in, "dist", laws);
    double q = share_of(c, "q");
    double a = input_number(&c->in, law == 0 ? "mean" : "mu");
    double b = law == 0 ? 0 : input_number(&c->in, "sigma");
    struct input_list bounds = input_list(&c->in, "upper_bounds");
    size_t n = isinf(bounds.x[bounds.n - 1]) ? bounds.n - 1 : bounds.n;
    double *cdf = cm_arena_alloc(&c->in.memory, bounds.n * sizeof *cdf);
    for (size_t i = 0; i < n; i++)
        cdf[i] = law == 0 ? gsl_cdf_exponential_P(bounds.x[i], a)
                          : gsl_cdf_lognormal_P(bounds.x[i], a, b);
    double truth = law == 0 ? gsl_cdf_exponential_Pinv(q, a) : gsl_cdf_lognormal_Pinv(q, a, b);
    if (!stat_usable(c) || n == 0)
        return;
    struct cm_bias bias = cm_histogram_quantile_bias(q, bounds.x, cdf, n, truth);
    stat_number(c, "interpolated", bias.interpolated);
    stat_number(c, "true_quantile", truth);
    stat_number(c, "relative_bias", bias.relative);
}

const struct stat_fn stat_rules[] = {
    {"cumulative_threshold_prob", cumulative},
    {"flagger_race", flagger},
    {"argo_failure_limit", argo},
    {"consecutive_run", run},
    {"k_of_w_window", k_of_w},
    {"burn_rate_alert", burn_alert},
    {"burn_rate_window_prob", burn_window},
    {"poisson_window_check_fail", window_check},
    {"step_schedule_exposure", schedule},
    {"excess_errors_if_undetected", undetected},
    {"time_to_kth_error", kth_error},
    {"linear_ramp_kth_event_cdf", ramp},
    {"poisson_split", split},
    {"cusum_arl_normal", cusum_normal},
    {"cusum_arl_poisson", cusum_poisson},
    {"cusum_arl_bernoulli", cusum_bernoulli},
    {"cusum_alarm_within_n_poisson", cusum_poisson_within},
    {"cusum_alarm_within_n_bernoulli", cusum_bernoulli_within},
    {"shiryaev_roberts_bound", shiryaev},
    {"mm1", mm1},
    {"mmc", mmc},
    {"mmck", mmck},
    {"mmc_split_p99", mmc_split},
    {"mg1", mg1},
    {"md1_wait_cdf", md1},
    {"order_stat_exceed", order_exceed},
    {"exp_order_stat_moments", order_moments},
    {"histogram_quantile_bias", histogram_bias},
    {NULL, NULL},
};
