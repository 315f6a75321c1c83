/* Means that wander, drawn as sums of round ones and of rests that are dealt: each count has its
 * Poisson law, and none knows of another. */
#include "tests/stat/chi_square.h"

#include <gsl/gsl_randist.h>
#include <string.h>

#include "sim/engine/drawing.h"

/* On both sides of every round mean that a sum can begin or end with; the last is beyond tables. */
static const double means[CM_ROW_COUNTERS] = {
    0,    0.1,  0.2499, 0.25, 1.7,  7.99,   8,      8.1,
    31.6, 63.9, 255.99, 256,  1502, 3333.3, 7999.9, CM_POISSON_TABLES_MEAN + 1,
};

enum { BINS = 9000 };

static struct cm_drawing *open_drawing(enum cm_met met)
{
    struct cm_drawing *d = calloc(1, sizeof *d);
    cr_assert(d != NULL);
    cm_drawing_add(d, cm_rng_purpose("test.row"));
    cm_drawing_set(d, 0, means, met);
    return d;
}

static void close_drawing(struct cm_drawing *d)
{
    cm_drawing_release(d);
    free(d);
}

Test(drawing, counts_whose_means_wander_have_poisson_laws)
{
    static double seen[CM_ROW_COUNTERS][BINS], expected[BINS];
    struct cm_drawing *d = open_drawing(CM_MET_NEARLY);
    struct cm_rng root = stream_for("wandering");
    for (uint64_t i = 0; i < DRAWS / 2; i++) {
        uint64_t row[CM_ROW_COUNTERS] = {0};
        cm_drawing_draw(d, &root, i, row);
        for (size_t at = 0; at < CM_ROW_COUNTERS; at++)
            seen[at][row[at] < BINS ? row[at] : BINS - 1]++;
    }
    cr_expect_eq(seen[0][0], DRAWS / 2, "of mean 0");
    for (size_t at = 1; at < CM_ROW_COUNTERS; at++) {
        char name[32];
        snprintf(name, sizeof name, "mean %g", means[at]);
        for (unsigned k = 0; k < BINS; k++)
            expected[k] = DRAWS / 2 * gsl_ran_poisson_pdf(k, means[at]);
        expected[BINS - 1] += DRAWS / 2 * gsl_cdf_poisson_Q(BINS - 1, means[at]);
        assert_fits(name, expected, seen[at], BINS);
    }
    close_drawing(d);
}

static double standardised(const uint64_t *row, size_t at)
{
    return means[at] > 0 ? ((double)row[at] - means[at]) / sqrt(means[at]) : 0;
}

/* A correlation of n pairs is off by 1 / sqrt(n); a hundred of them stay within five times that. */
static void check_independence(enum cm_met met)
{
    static double sum[CM_ROW_COUNTERS], products[CM_ROW_COUNTERS][CM_ROW_COUNTERS];
    struct cm_drawing *d = open_drawing(met);
    struct cm_rng root = stream_for("independent");
    memset(sum, 0, sizeof sum);
    memset(products, 0, sizeof products);
    const double n = 200000;
    for (uint64_t i = 0; i < (uint64_t)n; i++) {
        uint64_t row[CM_ROW_COUNTERS] = {0};
        cm_drawing_draw(d, &root, i, row);
        for (size_t a = 0; a < CM_ROW_COUNTERS; a++) {
            double x = standardised(row, a);
            sum[a] += x;
            for (size_t b = 0; b < a; b++)
                products[a][b] += x * standardised(row, b);
        }
    }
    for (size_t a = 0; a < CM_ROW_COUNTERS; a++) {
        cr_expect(fabs(sum[a]) <= 5 * sqrt(n), "mean %g: off by %g", means[a], sum[a] / n);
        for (size_t b = 0; b < a; b++)
            cr_expect(fabs(products[a][b]) <= 5 * sqrt(n), "means %g and %g: correlated by %g",
                      means[a], means[b], products[a][b] / n);
    }
    close_drawing(d);
}

/* Two tables share a word of the generator. */
Test(drawing, counts_by_tables_are_independent)
{
    check_independence(CM_MET_OFTEN);
}

/* Rests are drawn together: their sum is no larger where one of them is. */
Test(drawing, counts_whose_means_wander_are_independent)
{
    check_independence(CM_MET_NEARLY);
}

/* Which tables there are already, and of what they were made, makes no difference. */
Test(drawing, what_was_drawn_before_makes_no_difference)
{
    struct cm_drawing *fresh = open_drawing(CM_MET_NEARLY), *used = open_drawing(CM_MET_OFTEN);
    struct cm_rng root = stream_for("history");
    uint64_t a[CM_ROW_COUNTERS] = {0}, b[CM_ROW_COUNTERS] = {0};
    cm_drawing_draw(used, &root, 1, b);
    cm_drawing_set(used, 0, means, CM_MET_ONCE);
    cm_drawing_draw(used, &root, 2, b);
    memset(b, 0, sizeof b);
    cm_drawing_set(used, 0, means, CM_MET_NEARLY);
    for (uint64_t block = 0; block < 1000; block++) {
        cm_drawing_draw(fresh, &root, block, a);
        cm_drawing_draw(used, &root, block, b);
        cr_assert_arr_eq(a, b, sizeof a);
    }
    close_drawing(fresh);
    close_drawing(used);
}
