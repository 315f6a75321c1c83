/* The beta mixture of binomial likelihoods: fair under p0, and exactly as often above 1 / alpha as
 * enumeration finds. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/binomial_mixture.h"
#include "sim/stats/point_mass.h"
#include "tests/unit/close.h"

static double mean_e(const struct cm_binomial_mixture *m, uint64_t n, double p)
{
    double sum = 0;
    for (uint64_t x = 0; x <= n; x++)
        sum += exp(cm_binomial_mixture_log_e(m, x, n) +
                   cm_point_mass_binomial((double)x, (double)(n - x), p, 1 - p));
    return sum;
}

Test(binomial_mixture, evidence_is_one_on_average_under_the_null)
{
    for (double p0 = 1e-4; p0 < 1; p0 = 3 * p0 + 0.05)
        for (double k = 2; k < 1e4; k *= 10)
            for (int one_sided = 0; one_sided < 2; one_sided++) {
                struct cm_binomial_mixture m =
                    cm_binomial_mixture_of(p0, k * p0, k * (1 - p0), one_sided);
                expect_close(mean_e(&m, 60, p0), 1, 1e-11);
                if (one_sided)
                    cr_expect_leq(mean_e(&m, 60, 0.7 * p0), 1);
                cr_expect_gt(mean_e(&m, 60, p0 + 0.5 * (1 - p0)), 1);
            }
}

Test(binomial_mixture, a_worked_example_comes_out)
{
    /* 9 of 100 against 0.05 with a prior of 20 events: mpmath at 40 digits. */
    struct cm_binomial_mixture m = cm_binomial_mixture_of(0.05, 1, 19, true);
    expect_close(cm_binomial_mixture_log_e(&m, 9, 100), 0.869253190656, 1e-11);
    cr_expect_float_eq(cm_binomial_mixture_log_e(&m, 0, 0), 0, 1e-15);
}

Test(binomial_mixture, one_sided_evidence_rises_with_every_success)
{
    struct cm_binomial_mixture m = cm_binomial_mixture_of(0.1, 2, 18, true);
    for (uint64_t x = 0; x < 200; x++)
        cr_expect_lt(cm_binomial_mixture_log_e(&m, x, 200),
                     cm_binomial_mixture_log_e(&m, x + 1, 200));
    /* Hopeless evidence is still a number. */
    cr_expect(isfinite(cm_binomial_mixture_log_e(&m, 0, 1000000000)));
    cr_expect(isfinite(cm_binomial_mixture_log_e(&m, 1000000000, 1000000000)));
}

/* All 2^n paths. */
static struct cm_binomial_crossing enumerated(const struct cm_binomial_mixture *m, unsigned n,
                                              double alpha, double p)
{
    struct cm_binomial_crossing c = {0, 0};
    for (unsigned long path = 0; path < 1UL << n; path++) {
        double chance = 1, events = n;
        bool rejected = false;
        uint64_t x = 0;
        for (unsigned i = 0; i < n; i++) {
            unsigned success = path >> i & 1;
            x += success;
            chance *= success ? p : 1 - p;
            if (!rejected && cm_binomial_mixture_log_e(m, x, i + 1) >= -log(alpha)) {
                rejected = true;
                events = i + 1;
            }
        }
        c.rejected += rejected ? chance : 0;
        c.events += chance * events;
    }
    return c;
}

Test(binomial_mixture, crossings_agree_with_every_path)
{
    for (int one_sided = 0; one_sided < 2; one_sided++)
        for (double p = 0; p <= 1; p += 0.25) {
            struct cm_binomial_mixture m = cm_binomial_mixture_of(0.3, 1.5, 3.5, one_sided);
            struct cm_binomial_crossing want = enumerated(&m, 12, 0.2, p);
            struct cm_binomial_crossing got = cm_binomial_mixture_crossing(&m, 12, 0.2, p);
            cr_expect_float_eq(got.rejected, want.rejected, 1e-13);
            expect_close(got.events, want.events, 1e-13);
        }
}

Test(binomial_mixture, looking_at_every_event_errs_at_most_alpha)
{
    for (double alpha = 0.001; alpha < 0.3; alpha *= 4)
        for (int one_sided = 0; one_sided < 2; one_sided++) {
            struct cm_binomial_mixture m = cm_binomial_mixture_of(0.1, 2, 18, one_sided);
            struct cm_binomial_crossing c = cm_binomial_mixture_crossing(&m, 1000, alpha, 0.1);
            cr_expect_leq(c.rejected, alpha);
            cr_expect_gt(c.rejected, alpha / 10);
        }
}

Test(binomial_mixture, the_published_crossing_comes_out)
{
    /* Share 0.2, k = 10, alpha 5 %, 200 events. */
    struct cm_binomial_mixture m = cm_binomial_mixture_of(0.2, 2, 8, true);
    expect_close(cm_binomial_mixture_crossing(&m, 200, 0.05, 0.2).rejected, 0.0247199904, 1e-8);
    cr_expect_eq(cm_binomial_mixture_crossing(&m, 0, 0.05, 0.2).rejected, 0);
}
