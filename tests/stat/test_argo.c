/* Argo's failureLimit against the binomial law: traffic, metric, gate and controller together.
 *
 * One measurement a minute on windows that do not overlap, at one weight. The chance p that a
 * healthy release's minute is bad is a Poisson sum (sim/stats/threshold_rules.h), and a run of n
 * measurements aborts it with P(Binomial(n, p) > failureLimit). Latency is 1 ms, so that a request
 * in 60,000 is answered in the next window: far below the error of the simulation. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/stats/threshold_rules.h"
#include "tests/stat/rollouts.h"

enum { ROLLOUTS = 6000 };

#define SCENARIO                                                                                   \
    "[scenario]\nhorizon = 4h\n"                                                                   \
    "[traffic]\nrate = 20 rps\n"                                                                   \
    "[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"                                   \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.limit]\ntest = argo_metric\nmetric = errors\n"                                          \
    "success_condition = result[0] <= 0.03\ninterval = 60s\n"

static double bad_minute(void)
{
    return cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, 0.1, 0.015, 0.03});
}

static double is_aborted(const struct cm_outcome *outcome)
{
    return outcome->end == CM_ROLLED_BACK;
}

static void expect_binomial(const char *text, unsigned measurements, unsigned limit)
{
    struct rollouts r = play(text, -1, ROLLOUTS);
    double want = gsl_cdf_binomial_Q(limit, bad_minute(), measurements);
    double got = share_of(&r, is_aborted), error = 4 * sqrt(want * (1 - want) / ROLLOUTS);
    for (size_t i = 0; i < r.n; i++)
        cr_assert(r.rows[i].end == CM_ROLLED_BACK || r.rows[i].end == CM_PROMOTED);
    cr_expect(want > 0.05 && want < 0.95, "%g cannot tell", want);
    cr_expect(fabs(got - want) <= error, "%g, not %g +- %g", got, want, error);
    free(r.rows);
}

Test(argo, a_background_run_aborts_when_more_than_failure_limit_of_all_its_measurements_fail)
{
    expect_binomial(SCENARIO "initial_delay = 60s\nfailure_limit = 3\n"
                             "[policy.argo]\ncontroller = argo\ngates = limit\nbackground = all\n"
                             "steps = 10%, pause 1830s\n",
                    30, 3);
}

Test(argo, an_analysis_step_aborts_when_more_than_failure_limit_of_its_count_fail)
{
    expect_binomial(SCENARIO "count = 8\nfailure_limit = 1\n"
                             "[policy.argo]\ncontroller = argo\ngates = limit\n"
                             "steps = 10%, pause 60s, analysis limit\n",
                    8, 1);
}

Test(argo, without_a_router_the_canary_gets_the_share_of_its_pods)
{
    static const char text[] = SCENARIO "[policy.argo]\ncontroller = argo\n"
                                        "steps = 5%, pause 30m\nreplicas = 10\n"
                                        "traffic_routing = no\n";
    struct rollouts r = play(text, -1, 200);
    double requests = 0, want = 200.0 * 20 * 1800 / 11; /* one pod of eleven is nearest to 5% */
    for (size_t i = 0; i < r.n; i++)
        requests += (double)r.rows[i].rollout.requests;
    cr_expect(fabs(requests - want) <= 4 * sqrt(want), "%g, not %g", requests, want);
    free(r.rows);
}
