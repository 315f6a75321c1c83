/* Sums of labels and their parts against what their laws say.
 *
 * Fixed seeds; a mean of n draws may be 4 standard errors off, which are known from the law, or
 * taken from the sample where they are not. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/base/draw.h"
#include "sim/service/kpi.h"

enum { DRAWS = 40000 };

static const struct cm_kpi_law laws[] = {
    {.form = CM_KPI_DISCRETE, .n = 5, .first = 1, .chance = {0.02, 0.05, 0.13, 0.4, 0.4}},
    {.form = CM_KPI_DISCRETE, .n = 2, .first = 0, .chance = {0.97, 0.03}},
    {.form = CM_KPI_GAMMA, .shape = 0.7, .scale = 30},
    {.form = CM_KPI_NORMAL, .mean = -2, .sd = 3},
};
enum { LAWS = sizeof laws / sizeof *laws };

struct running {
    double n, sum, sum_sq;
};

static void add(struct running *r, double x)
{
    r->n++;
    r->sum += x;
    r->sum_sq += x * x;
}

static void expect_mean(const char *what, size_t law, const struct running *r, double want)
{
    double mean = r->sum / r->n, variance = fmax(0, r->sum_sq / r->n - mean * mean);
    double error = 4 * sqrt(variance / r->n) + 1e-9 * fabs(want);
    cr_expect(fabs(mean - want) <= error, "%s of law %zu: %g, not %g +- %g", what, law, mean, want,
              error);
}

/* Sums of 7: n m and n s^2; each alone, and drawn at once. */
Test(kpi_law, sums_drawn_at_once_have_the_moments_of_their_labels)
{
    for (size_t k = 0; k < LAWS; k++) {
        struct cm_rng rng = cm_rng_stream(1, k, 2, 0);
        double mean = cm_kpi_law_mean(&laws[k]), variance = cm_kpi_law_variance(&laws[k]);
        struct running sum = {0}, spread = {0}, squares = {0}, one = {0}, one_sq = {0};
        for (int i = 0; i < DRAWS; i++) {
            struct cm_kpi_sums sums = cm_kpi_sums_draw(&laws[k], 7, &rng);
            struct cm_kpi_moments m = cm_kpi_moments_of(&laws[k], &sums);
            double x = cm_kpi_law_draw(&laws[k], &rng);
            add(&sum, m.sum);
            add(&spread, (m.sum - 7 * mean) * (m.sum - 7 * mean));
            add(&squares, laws[k].form == CM_KPI_GAMMA ? 7 * (variance + mean * mean) : m.sum_sq);
            add(&one, x);
            add(&one_sq, (x - mean) * (x - mean));
        }
        expect_mean("sum", k, &sum, 7 * mean);
        expect_mean("variance of the sum", k, &spread, 7 * variance);
        expect_mean("sum of squares", k, &squares, 7 * (variance + mean * mean));
        expect_mean("label", k, &one, mean);
        expect_mean("variance of a label", k, &one_sq, variance);
    }
}

/* Given that a of 8 labels are in a part, it is as if these had been drawn alone, and independent
 * of the others: mean a m, variance a s^2, sample variance s^2, no covariance with the rest. */
Test(kpi_law, parts_of_sums_are_as_if_they_had_been_drawn_alone)
{
    for (size_t k = 0; k < LAWS; k++) {
        struct cm_rng rng = cm_rng_stream(3, k, 2, 0);
        double mean = cm_kpi_law_mean(&laws[k]), variance = cm_kpi_law_variance(&laws[k]);
        struct running n = {0}, off = {0}, spread = {0}, within = {0}, together = {0};
        for (int i = 0; i < DRAWS; i++) {
            struct cm_kpi_sums whole = cm_kpi_sums_draw(&laws[k], 8, &rng);
            struct cm_kpi_sums left = cm_kpi_sums_split(&laws[k], &whole, 0.3, &rng);
            struct cm_kpi_moments a = cm_kpi_moments_of(&laws[k], &left);
            struct cm_kpi_moments b = cm_kpi_moments_of(&laws[k], &whole);
            double count = (double)a.n, apart = a.sum - count * mean;
            add(&n, count);
            add(&off, apart);
            add(&together, apart * (b.sum - (double)b.n * mean));
            if (a.n > 0)
                add(&spread, apart * apart / count);
            if (a.n > 1 && !isnan(a.sum_sq))
                add(&within, (a.sum_sq - a.sum * a.sum / count) / (count - 1));
        }
        expect_mean("number", k, &n, 8 * 0.3);
        expect_mean("distance", k, &off, 0);
        expect_mean("variance", k, &spread, variance);
        expect_mean("covariance", k, &together, 0);
        if (laws[k].form != CM_KPI_GAMMA)
            expect_mean("sample variance", k, &within, variance);
    }
}
