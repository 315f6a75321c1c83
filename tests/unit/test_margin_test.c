/* Margins: what maximises a likelihood, what mirrors what, and what happens at the ends. */
#include "sim/stats/margin_test.h"
#include "sim/stats/two_proportion.h"
#include "tests/unit/close.h"

static const struct cm_two_counts worked = {80, 8000, 22, 900};

static struct cm_two_counts mirror_of(struct cm_two_counts c)
{
    return (struct cm_two_counts){c.x1, c.n1, c.x0, c.n0};
}

/* Tables with zeros, with nothing but errors, small and huge. */
static const struct cm_two_counts tables[] = {
    {80, 8000, 22, 900},
    {0, 50, 0, 40},
    {0, 50, 7, 40},
    {7, 50, 0, 40},
    {50, 50, 40, 40},
    {50, 50, 0, 40},
    {0, 50, 40, 40},
    {49, 50, 3, 40},
    {0, 1, 1, 1},
    {3, 3000000, 5, 7},
    {123456, 900000000, 1700, 10000000},
};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* statistics worked by hand in 40 digits: Farrington and Manning's cubic; Newcombe's method 10. */
Test(margin_test, worked_numbers_hold)
{
    expect_close(cm_margin_test_z(&worked, CM_MARGIN_DIFFERENCE, 0.005), 2.19792167910, 1e-10);
    struct cm_interval newcombe = cm_margin_test_newcombe(&worked, 0.95);
    expect_close(newcombe.low, 0.00584744536, 1e-8);
    expect_close(newcombe.high, 0.02688881419, 1e-9);
    struct cm_interval score = cm_margin_test_miettinen_nurminen(&worked, 0.95);
    expect_close(score.low, 0.00584214253, 1e-8);
    expect_close(score.high, 0.02688513721, 1e-9);
    expect_close(cm_margin_test_risk_ratio(&worked, 0.95).value, 22.0 / 9, 1e-12);
}

static double term(double x, double p)
{
    return x == 0 ? 0 : x * log(p);
}

static double log_likelihood(const struct cm_two_counts *c, double p0, double p1)
{
    return term((double)c->x0, p0) + term((double)(c->n0 - c->x0), 1 - p0) +
           term((double)c->x1, p1) + term((double)(c->n1 - c->x1), 1 - p1);
}

/* Nothing within reach on the line of the margin is likelier. */
static void expect_likeliest(const struct cm_two_counts *c, enum cm_margin kind, double margin)
{
    struct cm_two_shares fit = cm_margin_test_fit(c, kind, margin);
    cr_assert(fit.p0 >= 0 && fit.p0 <= 1 && fit.p1 >= -1e-15 && fit.p1 <= 1, "%g %g", fit.p0,
              fit.p1);
    double best = log_likelihood(c, fit.p0, fmax(0, fit.p1));
    for (int k = 0; k <= 1000; k++) {
        double p0 = k / 1000.0;
        double p1 = kind == CM_MARGIN_RATIO ? margin * p0 : p0 + margin;
        double other = p1 >= 0 && p1 <= 1 ? log_likelihood(c, p0, p1) : NAN;
        cr_assert(!(other > best + 1e-9 * (1 + fabs(best))),
                  "%ju/%ju %ju/%ju margin %g: %.12g at %g beats %.12g at %g", (uintmax_t)c->x0,
                  (uintmax_t)c->n0, (uintmax_t)c->x1, (uintmax_t)c->n1, margin, other, p0, best,
                  fit.p0);
    }
}

Test(margin_test, the_fit_is_the_likeliest_pair_with_the_margin)
{
    static const double differences[] = {-0.9, -0.3, -0.01, 0, 0.001, 0.05, 0.5, 0.99};
    static const double ratios[] = {0.1, 0.8, 1, 1.25, 2, 30};
    for (int t = 0; t < TABLES; t++) {
        for (int i = 0; i < 8; i++)
            expect_likeliest(&tables[t], CM_MARGIN_DIFFERENCE, differences[i]);
        for (int i = 0; i < 6; i++)
            expect_likeliest(&tables[t], CM_MARGIN_RATIO, ratios[i]);
    }
}

/* 58 of 5000 against 50 of 5000 times 1.1. */
Test(margin_test, a_ratio_has_its_square_in_the_variance)
{
    const struct cm_two_counts c = {50, 5000, 58, 5000};
    expect_close(cm_margin_test_z(&c, CM_MARGIN_RATIO, 1.1), 0.276734082868776, 1e-10);
}

Test(margin_test, the_likeliest_pair_may_lie_at_an_end)
{
    const struct cm_two_counts none = {0, 50, 7, 40}, all = {43, 50, 40, 40};
    cr_expect(cm_margin_test_fit(&none, CM_MARGIN_DIFFERENCE, 0.5).p0 == 0);
    cr_expect(cm_margin_test_fit(&all, CM_MARGIN_DIFFERENCE, 0.75).p1 == 1);
}

Test(margin_test, without_a_margin_both_kinds_are_the_pooled_z)
{
    for (int t = 0; t < TABLES; t++) {
        double z = cm_two_proportion_z(&tables[t], true, 0);
        double d = cm_margin_test_z(&tables[t], CM_MARGIN_DIFFERENCE, 0);
        double r = cm_margin_test_z(&tables[t], CM_MARGIN_RATIO, 1);
        cr_expect(fabs(d - z) <= 1e-7 * fabs(z) && fabs(r - z) <= 1e-7 * fabs(z), "%d: %g %g %g", t,
                  z, d, r);
    }
}

Test(margin_test, arms_exchanged_turn_the_sign)
{
    for (int t = 0; t < TABLES; t++) {
        struct cm_two_counts mirror = mirror_of(tables[t]);
        for (double d = -0.7; d < 1; d += 0.35) {
            double z = cm_margin_test_z(&tables[t], CM_MARGIN_DIFFERENCE, d);
            double back = cm_margin_test_z(&mirror, CM_MARGIN_DIFFERENCE, -d);
            cr_expect(fabs(z + back) <= 1e-6 * (1 + fabs(z)), "%d %g: %g %g", t, d, z, back);
        }
        struct cm_interval a = cm_margin_test_miettinen_nurminen(&tables[t], 0.9);
        struct cm_interval b = cm_margin_test_miettinen_nurminen(&mirror, 0.9);
        cr_expect(fabs(a.low + b.high) < 1e-9 && fabs(a.high + b.low) < 1e-9);
    }
}

Test(margin_test, z_falls_as_the_margin_grows)
{
    for (int t = 0; t < TABLES; t++) {
        double last = INFINITY;
        for (double d = -0.99; d < 1; d += 0.03) {
            double z = cm_margin_test_z(&tables[t], CM_MARGIN_DIFFERENCE, d);
            cr_expect(z <= last + 1e-9 * fabs(z), "%d %g: %g after %g", t, d, z, last);
            last = z;
        }
    }
}

Test(margin_test, intervals_enclose_what_was_seen_and_grow_with_the_level)
{
    for (int t = 0; t < TABLES; t++) {
        const struct cm_two_counts *c = &tables[t];
        double d = (double)c->x1 / (double)c->n1 - (double)c->x0 / (double)c->n0;
        struct cm_interval (*const of[])(const struct cm_two_counts *, double) = {
            cm_margin_test_newcombe, cm_margin_test_miettinen_nurminen};
        for (int i = 0; i < 2; i++) {
            struct cm_interval narrow = of[i](c, 0.8), wide = of[i](c, 0.99);
            cr_expect(narrow.low <= d + 1e-12 && narrow.high >= d - 1e-12, "%d: %g %g %g", t,
                      narrow.low, d, narrow.high);
            cr_expect(wide.low <= narrow.low && wide.high >= narrow.high, "%d", t);
            cr_expect(wide.low >= -1 - 1e-12 && wide.high <= 1 + 1e-12, "%d", t);
        }
    }
}

/* The limits are the margins at which the score, its variance times N / (N - 1), is the quantile.
 */
Test(margin_test, score_limits_are_roots)
{
    struct cm_interval i = cm_margin_test_miettinen_nurminen(&worked, 0.95);
    double z = 1.95996398454005 * sqrt(8900.0 / 8899);
    expect_close(cm_margin_test_z(&worked, CM_MARGIN_DIFFERENCE, i.low), z, 1e-9);
    expect_close(cm_margin_test_z(&worked, CM_MARGIN_DIFFERENCE, i.high), -z, 1e-9);
}

Test(margin_test, an_empty_arm_leaves_everything_possible)
{
    static const struct cm_two_counts empty[] = {{0, 0, 3, 5}, {3, 5, 0, 0}, {0, 0, 0, 0}};
    for (int i = 0; i < 3; i++) {
        cr_expect(cm_margin_test_z(&empty[i], CM_MARGIN_DIFFERENCE, 0.1) == 0);
        cr_expect(cm_margin_test_z(&empty[i], CM_MARGIN_RATIO, 2) == 0);
        struct cm_interval a = cm_margin_test_newcombe(&empty[i], 0.95);
        struct cm_interval b = cm_margin_test_miettinen_nurminen(&empty[i], 0.95);
        cr_expect(a.low == -1 && a.high == 1 && b.low == -1 && b.high == 1);
    }
}

Test(margin_test, ratios_without_errors_have_no_limits)
{
    const struct cm_two_counts none = {0, 50, 0, 40}, zero = {7, 50, 0, 40}, base = {0, 50, 7, 40};
    expect_nan(cm_margin_test_risk_ratio(&none, 0.95).value);
    cr_expect(cm_margin_test_risk_ratio(&zero, 0.95).value == 0);
    cr_expect(cm_margin_test_risk_ratio(&base, 0.95).value == INFINITY);
    struct cm_interval limits = cm_margin_test_risk_ratio(&base, 0.95).limits;
    cr_expect(limits.low == 0 && limits.high == INFINITY);
}

Test(margin_test, impossible_margins_have_no_answer)
{
    static const double differences[] = {-1, 1, 2, NAN, INFINITY};
    static const double ratios[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 5; i++)
        expect_nan(cm_margin_test_z(&worked, CM_MARGIN_DIFFERENCE, differences[i]));
    for (int i = 0; i < 4; i++)
        expect_nan(cm_margin_test_z(&worked, CM_MARGIN_RATIO, ratios[i]));
}
