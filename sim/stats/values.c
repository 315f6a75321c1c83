/* Sorting and merging; see the header. */
#include "sim/stats/values.h"

#include <math.h>
#include <stdlib.h>

/* A total order: qsort may do anything without one. */
static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y))
        return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

void cm_values_sort(double *x, size_t n)
{
    if (n > 1)
        qsort(x, n, sizeof *x, ascending);
}

bool cm_values_finite(const struct cm_values *v)
{
    return v->n == 0 || (isfinite(v->x[0]) && isfinite(v->x[v->n - 1]));
}

bool cm_values_next(struct cm_values_walk *w)
{
    w->below0 += w->at0, w->below1 += w->at1;
    w->at0 = w->at1 = 0;
    bool more0 = w->below0 < w->control.n, more1 = w->below1 < w->canary.n;
    if (!more0 && !more1)
        return false;
    double x0 = more0 ? w->control.x[w->below0] : INFINITY;
    double x1 = more1 ? w->canary.x[w->below1] - w->shift : INFINITY;
    w->value = x0 < x1 ? x0 : x1;
    while (w->below0 + w->at0 < w->control.n && w->control.x[w->below0 + w->at0] == w->value)
        w->at0++;
    while (w->below1 + w->at1 < w->canary.n &&
           w->canary.x[w->below1 + w->at1] - w->shift == w->value)
        w->at1++;
    return true;
}
