/* Whole rollouts against closed forms: quantiles from buckets, and the promises of gates that
 * compare two versions, with everything between traffic and verdict at work. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/stats/threshold_rules.h"
#include "sim/stats/two_proportion.h"
#include "tests/stat/rollouts.h"

enum { MANY = 40000, SOME = 8000 };

/* --- order statistics ------------------------------------------------------------------------- */

/* The p90 read from buckets is above a bucket's bound iff the value of rank ceil(0.9 n) is; n is
 * Poisson(60), and the look comes when answers are stationary. */
Test(rollout_gates, a_quantile_above_a_bucket_is_an_order_statistic_above_it)
{
    struct rollouts r =
        play("[traffic]\nrate = 2 rps\n[service]\nlatency = exponential(mean=100ms)\n"
             "[telemetry]\nbuckets = 100ms, 200ms, 300ms, 400ms\n"
             "[metric.p90]\nsignal = latency_quantile\nquantile = 90%\nwindow = 60s\n"
             "[gate.slow]\ntest = threshold\nmetric = p90\nmax = 200ms\n"
             "[policy.p]\nsteps = 50%/90s\nlook_every = 90s\ngates = slow\non_no_data = ignore\n",
             -1, MANY);
    double want = 0;
    for (unsigned n = 1; n < 200; n++)
        want += gsl_ran_poisson_pdf(n, 60) * cm_order_stat_exceed(n, 0.9, 1 - exp(-2.0)).above;
    expect_chance("p90 above 200 ms", &r, rolled_back, want);
    free(r.rows);
}

/* A fifth of the requests is of a class four times as slow: the reading of all mixes both. */
Test(rollout_gates, a_quantile_of_all_requests_is_one_of_the_mixture)
{
#define MIXED(filter)                                                                              \
    "[traffic]\nrate = 4 rps\n[service]\nlatency = exponential(mean=50ms)\n"                       \
    "[class.search]\nshare = 20%\nlatency = exponential(mean=200ms)\n"                             \
    "[telemetry]\nbuckets = 100ms, 200ms, 300ms\n"                                                 \
    "[metric.p80]\nsignal = latency_quantile\nquantile = 80%\nwindow = 60s\n" filter               \
    "[gate.slow]\ntest = threshold\nmetric = p80\nmax = 100ms\n"                                   \
    "[policy.p]\nsteps = 50%/90s\nlook_every = 90s\ngates = slow\non_no_data = ignore\n"
    struct rollouts all = play(MIXED(""), -1, MANY),
                    own = play(MIXED("class = search\n"), -1, SOME);
    double mixed = 0.8 * (1 - exp(-2.0)) + 0.2 * (1 - exp(-0.5)), want_all = 0, want_own = 0;
    for (unsigned n = 1; n < 300; n++) {
        want_all += gsl_ran_poisson_pdf(n, 120) * cm_order_stat_exceed(n, 0.8, mixed).above;
        want_own += gsl_ran_poisson_pdf(n, 24) * cm_order_stat_exceed(n, 0.8, 1 - exp(-0.5)).above;
    }
    expect_chance("all", &all, rolled_back, want_all);
    expect_chance("class", &own, rolled_back, want_own);
    free(all.rows);
    free(own.rows);
}

/* --- two proportions -------------------------------------------------------------------------- */

/* A minute of 40 requests halved between two versions that fail a fifth of them. */
#define COMPARED(gate)                                                                             \
    "[traffic]\nrate = 0.666666666667 rps\n"                                                       \
    "[service]\nerror_rate = 20%\nlatency = fixed(value=1ms)\n"                                    \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.test]\ntest = two_proportion\nmetric = errors\nalpha = 5%\nmin_requests = 0\n" gate     \
    "[policy.p]\nsteps = 50%/60s\nlook_every = 60s\ngates = test\non_no_data = ignore\n"

/* Four Poisson counts: good and bad of both versions, 16 and 4 expected of each. What is too rare
 * to be added up comes to less than 1e-3 even if all of it were significant. */
static double size_of_test(double alpha, double (*p_value)(const struct cm_two_counts *))
{
    enum { GOOD = 48, BAD = 20 };
    double good[GOOD], bad[BAD], size = 0;
    for (unsigned i = 0; i < GOOD; i++)
        good[i] = gsl_ran_poisson_pdf(i, 16);
    for (unsigned i = 0; i < BAD; i++)
        bad[i] = gsl_ran_poisson_pdf(i, 4);
    for (unsigned x1 = 1; x1 < BAD; x1++)
        for (unsigned x0 = 0; x0 < BAD; x0++)
            for (unsigned g1 = 0; g1 < GOOD; g1++)
                for (unsigned g0 = 0; g0 < GOOD; g0++) {
                    double p = bad[x1] * bad[x0] * good[g1] * good[g0];
                    const struct cm_two_counts c = {x0, x0 + g0, x1, x1 + g1};
                    if (p > 1e-9 && c.n0 > 0 && p_value(&c) <= alpha)
                        size += p;
                }
    return size;
}

Test(rollout_gates, one_look_at_two_proportions_has_the_size_of_its_test)
{
    struct rollouts mid = play(COMPARED("method = mid_p\n"), -1, MANY);
    struct rollouts fisher = play(COMPARED("method = fisher\n"), -1, MANY);
    double want = size_of_test(0.05, cm_two_proportion_mid_p);
    cr_expect(want > 0.03 && want < 0.06, "%g", want);
    expect_chance("mid-p", &mid, rolled_back, want);
    expect_chance("Fisher", &fisher, rolled_back, size_of_test(0.05, cm_two_proportion_fisher));
    free(mid.rows);
    free(fisher.rows);
}

/* --- evidence that holds at every look ---------------------------------------------------------
 */

/* 20 minutes over which the weight ramps and the common error rate drifts by half of itself;
 * requests are exchangeable between the arms, but for one in 60,000. */
#define TRACED(look_every, gate)                                                                   \
    "[scenario]\nhorizon = 2h\n[traffic]\nrate = 20 rps\n"                                         \
    "[service]\nerror_rate = 4%\nlatency = fixed(value=1ms)\n"                                     \
    "[environment]\ndrift = 0.5\ncorrelation = 5m\n"                                               \
    "[metric.errors]\nsignal = error_ratio\n"                                                      \
    "[gate.test]\nmetric = errors\nalpha = 5%\n" gate                                              \
    "[policy.p]\nsteps = 2%/5m, 10%/5m, 25%/5m, 50%/5m\ngates = test\non_no_data = ignore\n"       \
    "on_undecided = ignore\nlook_every = " look_every

static double false_rollback(const char *text)
{
    struct rollouts r = play(text, -1, SOME);
    double share = share_of(&r, rolled_back);
    free(r.rows);
    return share;
}

Test(rollout_gates, origin_evidence_keeps_alpha_at_any_number_of_looks)
{
    const double most = 0.05 + 4 * sqrt(0.05 * 0.95 / SOME);
    double every = false_rollback(TRACED("15s\n", "test = origin_mixture\n"));
    double fourth = false_rollback(TRACED("60s\n", "test = origin_mixture\n"));
    double twentieth = false_rollback(TRACED("5m\n", "test = origin_mixture\n"));
    cr_expect(every <= most && fourth <= most && twentieth <= most, "%g, %g, %g", every, fourth,
              twentieth);
    /* It is not kept by never objecting; and more looks find more. */
    cr_expect(every > 0.005 && every > twentieth, "%g, %g", every, twentieth);
}

Test(rollout_gates, significance_at_every_look_does_not_keep_alpha)
{
    double every = false_rollback(TRACED("15s\n", "test = two_proportion\n"));
    double looks = false_rollback(TRACED("15s\n", "test = two_proportion\nlooks = 80\n"));
    cr_expect(every > 0.2, "%g", every);
    cr_expect(looks <= 0.05 + 4 * sqrt(0.05 * 0.95 / SOME), "%g", looks);
}
