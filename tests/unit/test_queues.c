/* Limits at which one queue becomes another, and loads that no queue stands. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/queues.h"

static void close_to(double got, double want, double relative)
{
    cr_expect(fabs(got - want) <= relative * fabs(want), "%.17g is not %.17g", got, want);
}

Test(queues, without_a_waiting_room_erlangs_b_is_lost)
{
    const struct cm_mmc queue = {30, 10, 4};
    struct cm_mmck_odds full = cm_queues_mmck(&queue, 4);
    close_to(full.blocked, cm_queues_mmc(&queue).erlang_b, 1e-13);
    close_to(full.mean_sojourn, 0.1, 1e-13); /* nobody waits: 1 / mu */
}

Test(queues, an_ample_waiting_room_is_an_endless_one)
{
    const struct cm_mmc queue = {30, 10, 4};
    close_to(cm_queues_mmck(&queue, 2000).mean_sojourn, cm_queues_mmc(&queue).mean_sojourn, 1e-12);
}

Test(queues, a_bounded_queue_stands_any_load)
{
    /* With 1000 arrivals a service, all but 1 in 1000 are turned away: 1 - mu / lambda. */
    const struct cm_mmc queue = {1000, 1, 1};
    close_to(cm_queues_mmck(&queue, 500).blocked, 0.999, 1e-12);
}

Test(queues, the_sojourn_tail_is_smooth_where_its_divisor_is_zero)
{
    /* c - 1 = lambda / mu; the limit is e^{-mu t} (1 + C mu t). */
    const struct cm_mmc at = {2, 1, 3}, near = {2 + 1e-9, 1, 3};
    double want = exp(-1.5) * (1 + cm_queues_mmc(&at).erlang_c * 1.5);
    close_to(cm_queues_mmc_sojourn_above(&at, 1.5), want, 1e-13);
    close_to(cm_queues_mmc_sojourn_above(&near, 1.5), want, 1e-8);
}

Test(queues, one_server_has_an_exponential_sojourn)
{
    const struct cm_mmc queue = {50, 80, 1};
    close_to(cm_queues_mmc_sojourn_above(&queue, 0.1), exp(-3.0), 1e-12);
    close_to(cm_queues_mmc_sojourn_quantile(&queue, 0.5), log(2.0) / 30, 1e-12);
    cr_expect_eq(cm_queues_mmc_sojourn_quantile(&queue, 0), 0);
}

Test(queues, an_overloaded_queue_has_no_steady_state)
{
    const struct cm_mmc queue = {40, 10, 4}, none = {1, 1, 0};
    const struct cm_moments unit = cm_queues_service_fixed(1);
    cr_expect(isnan(cm_queues_mmc(&queue).mean_wait));
    cr_expect(isnan(cm_queues_mmc(&none).mean_wait));
    cr_expect(isnan(cm_queues_mmc_wait_above(&queue, -1)));
    cr_expect(isnan(cm_queues_mmc_sojourn_quantile(&queue, 0.5)));
    cr_expect(isnan(cm_queues_mg1(1, &unit).mean_wait));
    cr_expect(isnan(cm_queues_md1_wait_cdf(1, 1, 1)));
}

Test(queues, a_law_without_a_third_moment_has_a_mean_wait_but_no_variance)
{
    struct cm_moments tail = cm_queues_service_pareto(0.5, 2.5);
    struct cm_mg1_odds odds = cm_queues_mg1(0.5, &tail);
    cr_expect(isfinite(odds.mean_wait));
    cr_expect(isinf(odds.var_wait));
}

Test(queues, fixed_service_agrees_with_erlangs_alternating_sum)
{
    /* P(W <= t) = (1 - rho) sum of (-u)^j / j! e^u, u = lambda (t - j d); Erlang 1909. */
    const double lambda = 0.9, t = 3.5;
    double sum = 0, factorial = 1;
    for (int j = 0; j <= 3; j++) {
        double u = lambda * (t - j);
        factorial *= j ? j : 1;
        sum += pow(-u, j) / factorial * exp(u);
    }
    close_to(cm_queues_md1_wait_cdf(lambda, 1, t), (1 - lambda) * sum, 1e-12);
    close_to(cm_queues_md1_wait_cdf(lambda, 1, 0), 1 - lambda, 1e-12);
    close_to(cm_queues_md1_wait_cdf(lambda, 1, 400), 1, 1e-12);
    cr_expect_eq(cm_queues_md1_wait_cdf(lambda, 1, -1), 0);
}
