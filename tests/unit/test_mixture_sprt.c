/* The mixture SPRT: worked numbers, limits, and a fair bet under the null. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/mixture_sprt.h"
#include "tests/unit/close.h"
#include "tests/unit/quadrature.h"

Test(mixture_sprt, a_worked_example_comes_out)
{
    /* 80 of 8000 and 22 of 900 with tau = 0.01: mpmath at 40 digits. */
    const struct cm_two_counts counts = {80, 8000, 22, 900};
    struct cm_difference d = cm_mixture_sprt_shares(&counts);
    expect_close(d.estimate, 22.0 / 900 - 0.01, 1e-14);
    expect_close(cm_mixture_sprt_log_e(&d, 0.01, false), 2.18112515061, 1e-11);
}

struct fair {
    double tau, variance;
    bool one_sided;
};

static double part(double z, const void *context)
{
    const struct fair *f = context;
    const struct cm_difference d = {z * sqrt(f->variance), f->variance};
    return exp(cm_mixture_sprt_log_e(&d, f->tau, f->one_sided) - 0.5 * z * z) /
           sqrt(2 * 3.14159265358979);
}

Test(mixture_sprt, evidence_of_no_difference_is_one_on_average)
{
    for (double variance = 1e-3; variance < 10; variance *= 8)
        for (int one_sided = 0; one_sided < 2; one_sided++) {
            const struct fair fair = {0.3, variance, one_sided};
            double reach = 9 * sqrt(1 + 0.09 / variance);
            expect_close(quadrature(part, &fair, -reach, reach, 60), 1, 1e-10);
        }
}

Test(mixture_sprt, the_interval_ends_where_the_evidence_is_one_over_alpha)
{
    for (double variance = 1e-6; variance < 10; variance *= 20) {
        struct cm_difference d = {0, variance};
        d.estimate = cm_mixture_sprt_half_width(&d, 0.05, 0.03);
        cr_expect_float_eq(cm_mixture_sprt_log_e(&d, 0.05, false), -log(0.03), 1e-11);
    }
}

Test(mixture_sprt, one_sided_evidence_ignores_improvements)
{
    const struct cm_difference worse = {0.4, 0.01}, better = {-0.4, 0.01};
    expect_close(cm_mixture_sprt_log_e(&worse, 0.2, true),
                 cm_mixture_sprt_log_e(&worse, 0.2, false) + log(2.0), 1e-4);
    cr_expect_lt(cm_mixture_sprt_log_e(&better, 0.2, true), 0);
    cr_expect(isfinite(cm_mixture_sprt_log_e(&(struct cm_difference){-1e3, 1e-6}, 0.2, true)));
}

Test(mixture_sprt, nothing_seen_is_no_evidence)
{
    static const struct cm_two_counts none[] = {{0, 0, 0, 0}, {0, 100, 0, 0}, {0, 100, 0, 10}};
    for (int i = 0; i < 3; i++) {
        struct cm_difference d = cm_mixture_sprt_shares(&none[i]);
        cr_expect_eq(cm_mixture_sprt_log_e(&d, 0.01, false), 0);
        cr_expect_eq(cm_mixture_sprt_log_e(&d, 0.01, true), 0);
        cr_expect_eq(cm_mixture_sprt_half_width(&d, 0.01, 0.05), INFINITY);
    }
}
