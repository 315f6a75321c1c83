/* Pearson's chi-square for the samplers' tests: a million draws a point, fixed streams.
 *
 * Every point is tested twice, at level 1e-4 each: in the finest cells that still expect 10 draws
 * (rough errors: a wrong layer, an outcome favoured) and in about 20 cells (smooth ones: a mean or
 * a spread that is off). At this size a cell that holds 5 % of the draws and is off by 1 % of
 * itself adds 5 to the statistic. */
#ifndef CHI_SQUARE_H
#define CHI_SQUARE_H

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <stddef.h>
#include <string.h>

#include "sim/base/rng.h"

enum { DRAWS = 1000000 };
static const double LEVEL = 1e-4;

/* The p-value; neighbours are pooled until they expect at least `least`, the last pool joins the
 * one before it if it stays smaller. NAN if that leaves one pool. */
static inline double pooled_p(const double *expected, const double *seen, size_t n, double least)
{
    double sum = 0, want = 0, got = 0, last_want = 0, last_got = 0;
    int pools = 0;
    for (size_t i = 0; i < n; i++) {
        want += expected[i];
        got += seen[i];
        if (want < least)
            continue;
        if (pools++ > 0)
            sum += (last_got - last_want) * (last_got - last_want) / last_want;
        last_want = want;
        last_got = got;
        want = got = 0;
    }
    last_want += want;
    last_got += got;
    sum += (last_got - last_want) * (last_got - last_want) / last_want;
    return gsl_cdf_chisq_Q(sum, pools - 1);
}

static inline void assert_fits(const char *what, const double *expected, const double *seen,
                               size_t n)
{
    double fine = pooled_p(expected, seen, n, 10);
    cr_expect(fine > LEVEL, "%s: p = %g in fine cells", what, fine);
    double coarse = pooled_p(expected, seen, n, DRAWS / 20.);
    cr_expect(!(coarse <= LEVEL), "%s: p = %g in coarse cells", what, coarse);
}

/* A stream of its own for every point of a test, by its name. */
static inline struct cm_rng stream_for(const char *what)
{
    return cm_rng_stream(20240607, 0, cm_rng_purpose(what), 0);
}

#endif
