/* Simpson's paradox in whole rollouts: versions equally bad at every instant, an error rate that
 * wanders for both, a weight that grows. Gates that compare stratum by stratum keep alpha; those
 * that compare sums over the release do not, and do once the rate stands still. Fixed seeds; a
 * share f of R rollouts may be four standard errors sqrt(f (1 - f) / R) off. */
#include "tests/stat/rollouts.h"

enum { ROLLOUTS = 1000 };

#define RAMP(gate)                                                                                 \
    "[scenario]\nhorizon = 1h\n[traffic]\nrate = 200 rps\n"                                        \
    "[service]\nerror_rate = 2%\nlatency = lognormal(median=80ms, sigma=0.5)\n"                    \
    "[metric.errors]\nsignal = error_ratio\n"                                                      \
    "[gate.test]\nmetric = errors\nalpha = 5%\n" gate                                              \
    "[policy.p]\nsteps = 5%/5m, 10%/5m, 25%/5m, 50%/5m\nlook_every = 1m\ngates = test\n"           \
    "on_undecided = ignore\non_no_data = ignore\n"
#define DRIFT "[environment]\ndrift = 0.5\ncorrelation = 5m\n"

static double rate(const char *text)
{
    struct rollouts r = play(text, -1, ROLLOUTS);
    double share = share_of(&r, rolled_back);
    free(r.rows);
    return share;
}

static void expect_kept(const char *what, const char *text)
{
    double got = rate(text);
    cr_expect(got <= 0.05 + 4 * sqrt(0.05 * 0.95 / ROLLOUTS), "%s: %g", what, got);
    cr_expect(got > 0, "%s never objects", what);
}

Test(simpson, gates_by_strata_keep_alpha_under_drift_and_a_ramp)
{
    expect_kept("cmh", DRIFT RAMP("test = cmh\nlooks = 20\n"));
    expect_kept("msprt", DRIFT RAMP("test = msprt\ntau = 0.5%\n"));
    expect_kept("origin_mixture", DRIFT RAMP("test = origin_mixture\n"));
    expect_kept("origin_sprt", DRIFT RAMP("test = origin_sprt\nratio = 1.3\n"));
    expect_kept("binomial_mixture", DRIFT RAMP("test = binomial_mixture\n"));
    expect_kept("group_sequential", DRIFT RAMP("test = group_sequential\nlooks = 20\n"));
}

/* The same tests by sums: six times alpha and more under drift, and alpha without. */
static void expect_paradox(const char *what, const char *drifting, const char *steady)
{
    double got = rate(drifting);
    cr_expect_gt(got, 0.3, "%s: %g", what, got);
    expect_kept(what, steady);
}

Test(simpson, gates_by_sums_do_not)
{
#define Z    RAMP("test = two_proportion\nevidence = release\nlooks = 20\n")
#define SUMS RAMP("test = msprt\ntau = 0.5%\npooling = crude\n")
    expect_paradox("two_proportion", DRIFT Z, Z);
    expect_paradox("msprt", DRIFT SUMS, SUMS);
}
