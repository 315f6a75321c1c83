/* Distances between distribution functions: against the values one by one, against all orders,
 * against the limit law. */
#include "sim/base/rng.h"
#include "sim/stats/kolmogorov.h"
#include "tests/unit/close.h"

static const double x0[] = {5.2, 6.8, 7.1, 9.9, 10.4}, x1[] = {7.5, 8.8, 11, 12.5, 13.1, 14};
static const struct cm_values control = {x0, 5}, canary = {x1, 6};

static double share_at_most(const struct cm_values *v, double x)
{
    double n = 0;
    for (size_t i = 0; i < v->n; i++)
        n += v->x[i] <= x;
    return n / (double)v->n;
}

/* 5.2 .. 10.4 against 7.5 ..: at 10.4 all of the control and two of six are below. */
Test(kolmogorov, worked_numbers_hold)
{
    struct cm_distance d = cm_kolmogorov_of(&control, &canary);
    expect_close(d.d_plus, 1 - 2.0 / 6, 1e-15);
    cr_expect(d.d == d.d_plus && d.d_minus == 0);
    expect_close(cm_kolmogorov_p(&d, CM_GREATER), exp(-2 * 30.0 / 11 * 4 / 9), 1e-14);
    cr_expect(cm_kolmogorov_p(&d, CM_LESS) == 1);
    /* 50 of the C(11, 5) = 462 orders are as far apart: R's ks.test(exact = TRUE). */
    expect_close(cm_kolmogorov_exact_p(&control, &canary, CM_TWO_SIDED), 50.0 / 462, 1e-13);
}

Test(kolmogorov, distances_are_those_at_some_value)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.kolmogorov"), 0);
    for (int k = 0; k < 100; k++) {
        double a[30], b[30], h0[10] = {0}, h1[10] = {0}, plus = 0, minus = 0;
        size_t n0 = 1 + (size_t)k % 30, n1 = 1 + (size_t)(7 * k) % 30;
        for (size_t i = 0; i < n0; i++)
            a[i] = (double)(cm_rng_next(&rng) % 10), h0[(int)a[i]]++;
        for (size_t j = 0; j < n1; j++)
            b[j] = (double)(cm_rng_next(&rng) % 10), h1[(int)b[j]]++;
        cm_values_sort(a, n0);
        cm_values_sort(b, n1);
        const struct cm_values va = {a, n0}, vb = {b, n1};
        for (int x = 0; x < 10; x++) {
            double off = share_at_most(&va, x) - share_at_most(&vb, x);
            plus = fmax(plus, off), minus = fmax(minus, -off);
        }
        struct cm_distance d = cm_kolmogorov_of(&va, &vb);
        cr_assert(fabs(d.d_plus - plus) < 1e-14 && fabs(d.d_minus - minus) < 1e-14, "%d", k);
        struct cm_distance h = cm_kolmogorov_of_buckets(h0, h1, 10);
        cr_assert(h.d_plus == d.d_plus && h.d_minus == d.d_minus && h.n1 == d.n1, "%d", k);
    }
}

/* All ways of choosing which of the ten values are the canary's, ties included. */
static double by_orders(const double *pooled, const struct cm_distance *seen,
                        enum cm_alternative alternative)
{
    double all = 0, as_far = 0;
    for (unsigned mask = 0; mask < 1024; mask++) {
        double a[10], b[10];
        size_t n0 = 0, n1 = 0;
        for (unsigned i = 0; i < 10; i++)
            *(mask >> i & 1 ? &b[n1++] : &a[n0++]) = pooled[i];
        if ((double)n1 != seen->n1)
            continue;
        const struct cm_values va = {a, n0}, vb = {b, n1};
        struct cm_distance d = cm_kolmogorov_of(&va, &vb);
        double off = alternative == CM_GREATER ? d.d_plus - seen->d_plus
                     : alternative == CM_LESS  ? d.d_minus - seen->d_minus
                                               : d.d - seen->d;
        all++, as_far += off >= -1e-12;
    }
    return as_far / all;
}

Test(kolmogorov, the_exact_law_counts_orders_and_knows_ties)
{
    static const double pooled[][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                                        {0, 0, 1, 1, 1, 2, 3, 3, 4, 4},
                                        {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}};
    for (int p = 0; p < 3; p++)
        for (unsigned mask = 15; mask < 1024; mask += 37) {
            double a[10], b[10];
            size_t n0 = 0, n1 = 0;
            for (unsigned i = 0; i < 10; i++)
                *(mask >> i & 1 ? &b[n1++] : &a[n0++]) = pooled[p][i];
            const struct cm_values va = {a, n0}, vb = {b, n1};
            struct cm_distance d = cm_kolmogorov_of(&va, &vb);
            for (int alternative = CM_GREATER; alternative <= CM_TWO_SIDED; alternative++)
                expect_close(cm_kolmogorov_exact_p(&va, &vb, alternative),
                             by_orders(pooled[p], &d, alternative), 1e-12);
        }
}

Test(kolmogorov, the_limit_law_meets_the_exact_one)
{
    double a[400], b[400];
    for (int i = 0; i < 400; i++)
        a[i] = i, b[i] = i + 40.5;
    const struct cm_values va = {a, 400}, vb = {b, 400};
    struct cm_distance d = cm_kolmogorov_of(&va, &vb);
    expect_close(cm_kolmogorov_p(&d, CM_TWO_SIDED), cm_kolmogorov_exact_p(&va, &vb, CM_TWO_SIDED),
                 0.1);
    expect_close(cm_kolmogorov_p(&d, CM_GREATER), cm_kolmogorov_exact_p(&va, &vb, CM_GREATER), 0.1);
}

/* P(K < x) of Kolmogorov's law, by both of its series in decimal arithmetic of 50 digits. */
Test(kolmogorov, the_limit_law_is_kolmogorovs)
{
    static const struct {
        double x, below;
    } table[] = {{0.28, 0.00000131185000979457926}, {0.5, 0.0360547563351249056},
                 {0.83, 0.503809004649494257},      {1.0, 0.730000328322645479},
                 {1.36, 0.950514123244622090},      {2.0, 0.999329074744220305}};
    for (int i = 0; i < 6; i++) {
        /* m = 1 makes sqrt(m) D = x. */
        const struct cm_distance d = {.d = table[i].x, .n0 = 2, .n1 = 2};
        double p = cm_kolmogorov_p(&d, CM_TWO_SIDED);
        cr_expect(fabs(1 - p - table[i].below) < 1e-14, "%g: %.17g", table[i].x, 1 - p);
    }
}

Test(kolmogorov, the_two_series_meet)
{
    const struct cm_distance below = {.d = 1 - 1e-12, .n0 = 2, .n1 = 2};
    const struct cm_distance above = {.d = 1, .n0 = 2, .n1 = 2};
    expect_close(cm_kolmogorov_p(&below, CM_TWO_SIDED), cm_kolmogorov_p(&above, CM_TWO_SIDED),
                 1e-10);
}

Test(kolmogorov, small_probabilities_keep_their_digits)
{
    double a[60], b[60];
    for (int i = 0; i < 60; i++)
        a[i] = i, b[i] = i + 100;
    const struct cm_values va = {a, 60}, vb = {b, 60};
    /* One order of C(120, 60) is separated so, two either way. */
    double orders = 1;
    for (int i = 1; i <= 60; i++)
        orders *= (60.0 + i) / i;
    expect_close(cm_kolmogorov_exact_p(&va, &vb, CM_GREATER), 1 / orders, 1e-12);
    expect_close(cm_kolmogorov_exact_p(&va, &vb, CM_TWO_SIDED), 2 / orders, 1e-12);
}

Test(kolmogorov, empty_arms_equal_arms_and_nan)
{
    static const double odd[] = {1, NAN};
    const struct cm_values none = {x0, 0}, bad = {odd, 2};
    struct cm_distance d = cm_kolmogorov_of(&none, &canary), e = cm_kolmogorov_of(&canary, &canary);
    cr_expect(d.d == 0 && cm_kolmogorov_p(&d, CM_TWO_SIDED) == 1);
    cr_expect(e.d == 0 && cm_kolmogorov_exact_p(&canary, &canary, CM_TWO_SIDED) == 1);
    cr_expect(cm_kolmogorov_exact_p(&none, &canary, CM_GREATER) == 1);
    struct cm_distance n = cm_kolmogorov_of(&bad, &canary);
    expect_nan(cm_kolmogorov_p(&n, CM_GREATER));
    expect_nan(cm_kolmogorov_exact_p(&canary, &bad, CM_LESS));
}
