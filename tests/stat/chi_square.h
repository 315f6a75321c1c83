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
#include <math.h>
#include <stddef.h>

#include "sim/base/rng.h"

enum { DRAWS = 1000000 };
static const double LEVEL = 1e-4;

/* The p-value; neighbours are pooled until they expect at least `least`, the last pool joins the
 * one before it if it stays smaller. NAN if that leaves one pool: nothing to compare. */
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
    return pools > 1 ? gsl_cdf_chisq_Q(sum, pools - 1) : NAN;
}

/* Draws that fell where none is expected fail as well. */
static inline void assert_fits(const char *what, const double *expected, const double *seen,
                               size_t n)
{
    double all = 0;
    for (size_t i = 0; i < n; i++) {
        all += expected[i];
        cr_expect(expected[i] > 0 || seen[i] == 0, "%s: %g draws in empty cell %zu", what, seen[i],
                  i);
    }
    double fine = pooled_p(expected, seen, n, 10), coarse = pooled_p(expected, seen, n, all / 20);
    cr_expect(fine > LEVEL, "%s: p = %g in fine cells", what, fine);
    cr_expect(coarse > LEVEL, "%s: p = %g in coarse cells", what, coarse);
}

/* A stream of its own for every point of a test, by its name. */
static inline struct cm_rng stream_for(const char *what)
{
    return cm_rng_stream(20240607, 0, cm_rng_purpose(what), 0);
}

#endif
