/* Adjustments and combinations of p-values; formulas in the header. */
#include "sim/stats/multiplicity.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/mem.h"

static const double PI = 3.14159265358979323846;

struct ranked {
    double p; /* NAN as 1 */
    size_t at;
};

/* By p, then by place: a total order. */
static int ascending(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->p != y->p)
        return x->p > y->p ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

static double harmonic(size_t m)
{
    double sum = 0;
    for (size_t j = m; j > 0; j--) /* small terms first */
        sum += 1 / (double)j;
    return sum;
}

/* What p_(rank) is multiplied with, rank from 1. */
static double factor(enum cm_adjustment how, size_t rank, size_t m)
{
    double step = (double)(m - rank + 1), share = (double)m / (double)rank;
    const double factors[] = {
        [CM_ADJUST_BONFERRONI] = (double)m, [CM_ADJUST_HOLM] = step,
        [CM_ADJUST_HOCHBERG] = step,        [CM_ADJUST_BENJAMINI] = share,
        [CM_ADJUST_YEKUTIELI] = share,
    };
    return factors[how];
}

/* Bonferroni and Holm go up and never fall; the others come down and never rise. */
static void adjust_sorted(enum cm_adjustment how, struct ranked *sorted, size_t m)
{
    bool up = how == CM_ADJUST_BONFERRONI || how == CM_ADJUST_HOLM;
    double scale = how == CM_ADJUST_YEKUTIELI ? harmonic(m) : 1, bound = up ? 0 : 1;
    for (size_t k = 0; k < m; k++) {
        size_t i = up ? k : m - 1 - k;
        double p = fmin(1, scale * factor(how, i + 1, m) * sorted[i].p);
        bound = up ? fmax(bound, p) : fmin(bound, p);
        sorted[i].p = bound;
    }
}

void cm_multiplicity_adjust(enum cm_adjustment how, const double *p, size_t m, double *adjusted)
{
    struct ranked *sorted = cm_alloc(m * sizeof *sorted);
    for (size_t i = 0; i < m; i++)
        sorted[i] = (struct ranked){isnan(p[i]) ? 1 : p[i], i};
    if (m > 1)
        qsort(sorted, m, sizeof *sorted, ascending);
    adjust_sorted(how, sorted, m);
    for (size_t i = 0; i < m; i++) {
        size_t at = sorted[i].at;
        adjusted[at] = isnan(p[at]) ? NAN : sorted[i].p;
    }
    cm_free(sorted);
}

/* tan((1/2 - p) pi), which is large where p is small. */
static double cotangent(double p)
{
    if (p == 0 || p == 1)
        return p == 0 ? INFINITY : -INFINITY;
    return p < 0.25 ? 1 / tan(PI * p) : tan(PI * (0.5 - p));
}

double cm_multiplicity_combine(enum cm_combination how, const double *p, size_t m)
{
    double sum = 0, count = (double)m;
    assert(m > 0);
    for (size_t i = 0; i < m; i++) {
        if (!(p[i] >= 0 && p[i] <= 1))
            return NAN;
        sum += how == CM_COMBINE_FISHER     ? -2 * log(p[i])
               : how == CM_COMBINE_STOUFFER ? gsl_cdf_ugaussian_Qinv(p[i])
                                            : cotangent(p[i]);
    }
    if (isnan(sum))
        return NAN;
    if (how == CM_COMBINE_FISHER)
        return isinf(sum) ? 0 : gsl_cdf_chisq_Q(sum, 2 * count);
    if (how == CM_COMBINE_STOUFFER)
        return isinf(sum) ? sum < 0 : gsl_cdf_ugaussian_Q(sum / sqrt(count));
    return atan2(1, sum / count) / PI; /* 1/2 - atan(t) / pi without the difference */
}
