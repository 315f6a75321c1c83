/* Welch's statistic and its tail; formulas in the header. */
#include "sim/stats/welch.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

struct cm_welch cm_welch_test(const struct cm_sample *control, const struct cm_sample *canary,
                              double margin)
{
    if (control->n < 2 || canary->n < 2)
        return (struct cm_welch){NAN, NAN};
    double n0 = (double)control->n, n1 = (double)canary->n;
    double a = canary->variance / n1, b = control->variance / n0;
    double off = canary->mean - control->mean - margin;
    if (a + b == 0)
        return (struct cm_welch){off == 0 ? 0 : copysign(INFINITY, off), n0 + n1 - 2};
    /* Shares of the variance first: squares of tiny variances would underflow. */
    double share = a / (a + b), rest = b / (a + b);
    return (struct cm_welch){
        .t = off / sqrt(a + b),
        .df = 1 / (share * share / (n1 - 1) + rest * rest / (n0 - 1)),
    };
}

double cm_welch_p(const struct cm_welch *w, enum cm_alternative alternative)
{
    if (isnan(w->t) || isnan(w->df))
        return NAN;
    double t = alternative == CM_LESS ? -w->t : alternative == CM_GREATER ? w->t : fabs(w->t);
    double tail = isinf(t) ? t < 0 : gsl_cdf_tdist_Q(t, w->df);
    return alternative == CM_TWO_SIDED ? fmin(1, 2 * tail) : tail;
}
