/* Error rates that tests for one look promise, and what becomes of them when they are repeated: by
 * simulated rollouts under fixed seeds against closed forms and exact enumeration. A share f of R
 * rollouts may be four standard errors sqrt(f (1 - f) / R) off. */
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/base/draw.h"
#include "sim/stats/group_sequential.h"
#include "sim/stats/poisson_rate.h"
#include "tests/stat/rollouts.h"
#include "tests/unit/gate_bench.h"

enum { SEED = 20240917, MANY = 20000, SOME = 4000 };

static double slack(double share, double n)
{
    return 4 * sqrt(share * (1 - share) / n);
}

/* --- repeated looks --------------------------------------------------------------------------- */

/* Whether one of two gates, each watching for one arm to be worse, fails within so many looks. */
static bool either_fails(struct bench *one, struct bench *other, int looks, uint64_t replication)
{
    struct cm_rng rng = cm_rng_stream(SEED, replication, 1, (uint64_t)looks);
    bench_restart(one);
    bench_restart(other);
    for (int i = 0; i < looks; i++) {
        uint64_t a = cm_draw_binomial(&rng, 2000, 0.3);
        uint64_t b = cm_draw_binomial(&rng, 2000, 0.3);
        if (bench_look(one, a, 2000, b, 2000).label == CM_FAIL ||
            bench_look(other, b, 2000, a, 2000).label == CM_FAIL)
            return true;
    }
    return false;
}

/* Armitage, McPherson and Rowe (1969): "p < 5 %, two-sided" at each of K equally spaced looks. */
Test(one_look, repeated_two_sided_looks_err_as_the_table_says)
{
    static const struct {
        int looks;
        double error;
    } table[] = {{1, .05}, {2, .083}, {3, .107}, {5, .142}, {10, .193}, {20, .248}, {50, .320}};
    struct bench one = bench_of("two_proportion", "method", "pooled_z", "alpha", "2.5%", NULL);
    struct bench other = bench_of("two_proportion", "method", "pooled_z", "alpha", "2.5%", NULL);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int failed = 0;
        for (uint64_t r = 0; r < SOME; r++)
            failed += either_fails(&one, &other, table[i].looks, r);
        double got = (double)failed / SOME, want = table[i].error;
        cr_expect(fabs(got - want) <= slack(want, SOME) + 0.0005, "%d looks: %g, not %g",
                  table[i].looks, got, want);
    }
    bench_release(&one), bench_release(&other);
}

/* Whole rollouts at half of the traffic: 1,200 requests of either version between two looks, of
 * which 30 % fail, so that z is normal. */
#define REPEATED(minutes, gate)                                                                    \
    "[scenario]\nhorizon = 2h\n[traffic]\nrate = 40 rps\n"                                         \
    "[service]\nerror_rate = 30%\nlatency = fixed(value=1ms)\n"                                    \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.test]\nmetric = errors\nalpha = 2.49978951482204%\n" gate                               \
    "[policy.p]\nsteps = 50%/" minutes "\nlook_every = 60s\ngates = test\n"

/* The recursion at z = 1.96, one-sided; windows that do not overlap are independent. */
Test(one_look, repeated_looks_of_whole_rollouts_err_as_the_recursion_says)
{
#define Z "test = two_proportion\nmethod = pooled_z\n"
    struct rollouts five = play(REPEATED("5m", Z), -1, SOME);
    struct rollouts twenty = play(REPEATED("20m", Z), -1, SOME);
    struct rollouts windows = play(REPEATED("20m", Z "evidence = window\n"), -1, SOME);
    struct rollouts strata = play(REPEATED("20m", "test = cmh\n"), -1, SOME);
    struct rollouts divided = play(REPEATED("20m", Z "looks = 20\n"), -1, SOME);
    expect_chance("5 looks", &five, rolled_back, cm_group_sequential_repeated(5, 1.96, 1));
    expect_chance("20 looks", &twenty, rolled_back, cm_group_sequential_repeated(20, 1.96, 1));
    expect_chance("cmh", &strata, rolled_back, cm_group_sequential_repeated(20, 1.96, 1));
    expect_chance("20 windows", &windows, rolled_back, 1 - pow(1 - 0.0249978951482204, 20));
    double share = share_of(&divided, rolled_back);
    cr_expect(share <= 0.025 + slack(0.025, SOME) && share > 0.003, "%g", share);
    free(five.rows), free(twenty.rows), free(windows.rows), free(strata.rows), free(divided.rows);
}

/* --- strata under drift ----------------------------------------------------------------------- */

/* A ramp under a common error rate that drifts; only the last look counts. */
static double last_look_fails(struct bench *b)
{
    static const double share[] = {0.02, 0.1, 0.25, 0.5};
    int failed = 0;
    for (uint64_t r = 0; r < SOME; r++) {
        struct cm_rng rng = cm_rng_stream(SEED, r, 2, 0);
        double phase = 6.28 * cm_rng_unit(&rng);
        enum cm_label last = CM_PASS;
        bench_restart(b);
        for (int t = 0; t < 40; t++) {
            double p = 0.05 * exp(0.7 * sin(0.1 * t + phase));
            uint64_t n1 = (uint64_t)(2000 * share[t / 10]), n0 = 2000 - n1;
            uint64_t x0 = cm_draw_binomial(&rng, n0, p), x1 = cm_draw_binomial(&rng, n1, p);
            last = bench_look(b, x0, n0, x1, n1).label;
        }
        failed += last == CM_FAIL;
    }
    return (double)failed / SOME;
}

Test(one_look, cmh_keeps_alpha_over_a_ramp_under_drift_and_crude_sums_do_not)
{
    struct bench strata = bench_of("cmh", "alpha", "5%", NULL);
    struct bench crude = bench_of("two_proportion", "alpha", "5%", "evidence", "release", NULL);
    double kept = last_look_fails(&strata), mixed = last_look_fails(&crude);
    cr_expect(fabs(kept - 0.05) <= slack(0.05, SOME), "%g", kept);
    cr_expect(mixed > 0.3, "%g", mixed);
    bench_release(&strata), bench_release(&crude);
}

/* --- non-inferiority: exact, by all outcomes of one look -------------------------------------- */

struct truth {
    double p0, p1;
    unsigned n;
};

static double passes(struct bench *b, const struct truth *t)
{
    double sum = 0;
    for (unsigned x0 = 0; x0 <= t->n; x0++)
        for (unsigned x1 = 0; x1 <= t->n; x1++) {
            double chance =
                gsl_ran_binomial_pdf(x0, t->p0, t->n) * gsl_ran_binomial_pdf(x1, t->p1, t->n);
            if (chance < 1e-7)
                continue;
            bench_restart(b);
            if (bench_look(b, x0, t->n, x1, t->n).label == CM_PASS)
                sum += chance;
        }
    return sum;
}

/* What is left out above is less than 0.003 in all. */
Test(one_look, a_canary_at_the_margin_is_passed_with_probability_alpha)
{
    struct bench ratio = bench_of("farrington_manning", "max_increase", "0", NULL);
    const struct truth at_ratio = {0.2, 0.25, 400};
    double got = passes(&ratio, &at_ratio);
    cr_expect(fabs(got - 0.05) < 0.006, "%g", got);
    const struct truth equal = {0.2, 0.2, 400};
    cr_expect(passes(&ratio, &equal) > 3 * got);
    struct bench both = bench_of("farrington_manning", "max_increase", "1%", NULL);
    /* 1.25 times 4 % is 1 pp more: here both margins meet. */
    const struct truth corner = {0.04, 0.05, 300};
    got = passes(&both, &corner);
    cr_expect(got > 0.045 && got < 0.1, "%g", got);
    bench_release(&ratio), bench_release(&both);
}

/* --- events ----------------------------------------------------------------------------------- */

/* A minute of 40 requests halved between two versions that fail a fifth of them. */
#define EVENTS(gate)                                                                               \
    "[traffic]\nrate = 0.666666666667 rps\n"                                                       \
    "[service]\nerror_rate = 20%\nlatency = fixed(value=1ms)\n"                                    \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.test]\ntest = poisson_exact\nmetric = errors\nalpha = 5%\nmin_requests = 0\n" gate      \
    "[policy.p]\nsteps = 50%/60s\nlook_every = 60s\ngates = test\non_no_data = ignore\n"

/* Two Poisson counts of mean 4, all pairs. */
static double size_of_events(bool mid)
{
    double size = 0;
    for (unsigned x0 = 0; x0 < 40; x0++)
        for (unsigned x1 = 0; x1 < 40; x1++) {
            const struct cm_two_rates r = {x0, x1, 1, 1};
            double p = mid ? cm_poisson_rate_mid_p(&r, 1, CM_GREATER)
                           : cm_poisson_rate_exact(&r, 1, CM_GREATER);
            if (p <= 0.05)
                size += gsl_ran_poisson_pdf(x0, 4) * gsl_ran_poisson_pdf(x1, 4);
        }
    return size;
}

Test(one_look, one_look_at_events_has_the_size_of_its_test)
{
    struct rollouts exact = play(EVENTS(""), -1, MANY);
    struct rollouts mid = play(EVENTS("method = mid_p\n"), -1, MANY);
    double want = size_of_events(false), want_mid = size_of_events(true);
    cr_expect(want > 0.01 && want < want_mid && want_mid < 0.06, "%g, %g", want, want_mid);
    expect_chance("exact", &exact, rolled_back, want);
    expect_chance("mid-p", &mid, rolled_back, want_mid);
    free(exact.rows), free(mid.rows);
}
