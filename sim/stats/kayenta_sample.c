/* One metric's values; formulas in the header. Orders of operations are the original's. */
#include "sim/stats/kayenta_sample.h"

#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/stats/ranks.h"

size_t cm_kayenta_pad(const struct cm_kayenta_series *series, size_t expected, double *out)
{
    if (series->n > 0)
        memcpy(out, series->x, series->n * sizeof *out);
    for (size_t i = series->n; i < expected; i++)
        out[i] = NAN;
    return expected > series->n ? expected : series->n;
}

static size_t fill_gaps(const struct cm_kayenta_cleaning *how, double *x, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]))
            x[kept++] = x[i];
        else if (how->nan == CM_KAYENTA_NAN_REPLACE)
            x[kept++] = 0;
    }
    return kept;
}

static size_t drop_outliers(double factor, double *x, size_t n)
{
    const struct cm_kayenta_series all = {x, n};
    struct cm_kayenta_fences fences = cm_kayenta_iqr_fences(&all, factor, true);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!(x[i] > fences.high || x[i] < fences.low))
            x[kept++] = x[i];
    return kept;
}

size_t cm_kayenta_clean(const struct cm_kayenta_cleaning *how, double *x, size_t n)
{
    n = fill_gaps(how, x, n);
    return how->remove_outliers ? drop_outliers(how->outlier_factor, x, n) : n;
}

double cm_kayenta_percentile(const double *ascending, size_t n, double p)
{
    if (n == 0)
        return NAN;
    double rank = 1 + (double)(n - 1) * (p / 100), below = floor(rank);
    if (rank < 1)
        return ascending[0];
    if (rank >= (double)n)
        return ascending[n - 1];
    const double *at = ascending + (size_t)below - 1;
    return at[0] + (rank - below) * (at[1] - at[0]);
}

double *cm_kayenta_sorted(const struct cm_kayenta_series *series)
{
    double *copy = cm_alloc((series->n + 1) * sizeof *copy);
    cm_kayenta_pad(series, 0, copy);
    cm_values_sort(copy, series->n);
    return copy;
}

struct cm_kayenta_fences cm_kayenta_iqr_fences(const struct cm_kayenta_series *series,
                                               double factor, bool reduced)
{
    double *x = cm_kayenta_sorted(series);
    double q1 = cm_kayenta_percentile(x, series->n, 25);
    double q3 = cm_kayenta_percentile(x, series->n, 75);
    struct cm_kayenta_fences fences = {q1 - factor * (q3 - q1), q3 + factor * (q3 - q1)};
    if (reduced) {
        fences.low = fmin(cm_kayenta_percentile(x, series->n, 1), fences.low);
        fences.high = fmax(cm_kayenta_percentile(x, series->n, 99), fences.high);
    }
    cm_free(x);
    return fences;
}

double cm_kayenta_mean(const struct cm_kayenta_series *series)
{
    double n = (double)series->n, sum = 0, correction = 0;
    for (size_t i = 0; i < series->n; i++)
        sum += series->x[i];
    double mean = sum / n;
    for (size_t i = 0; i < series->n; i++)
        correction += series->x[i] - mean;
    return mean + correction / n;
}

/* The sum of squares about the mean, less what the mean is off by. */
static double squares(const struct cm_kayenta_series *series, double mean)
{
    double sum = 0, off = 0;
    for (size_t i = 0; i < series->n; i++) {
        double d = series->x[i] - mean;
        sum += d * d;
        off += d;
    }
    return sum - off * off / (double)series->n;
}

void cm_kayenta_k_sigma(const struct cm_kayenta_series *series, double k, bool *outlier)
{
    double mean = cm_kayenta_mean(series);
    double sd = sqrt(squares(series, mean) / (double)series->n);
    for (size_t i = 0; i < series->n; i++)
        outlier[i] = fabs(series->x[i] - mean) > k * sd;
}

struct cm_kayenta_summary cm_kayenta_summarize(const struct cm_kayenta_series *series)
{
    struct cm_kayenta_summary s = {.n = series->n};
    if (series->n == 0)
        return s;
    s.min = s.max = series->x[0];
    for (size_t i = 1; i < series->n; i++) {
        s.min = fmin(s.min, series->x[i]);
        s.max = fmax(s.max, series->x[i]);
    }
    s.mean = cm_kayenta_mean(series);
    s.sd = series->n > 1 ? sqrt(squares(series, s.mean) / (double)(series->n - 1)) : 0;
    return s;
}

double cm_kayenta_mean_ratio(const struct cm_kayenta_series *control,
                             const struct cm_kayenta_series *canary)
{
    double below = cm_kayenta_mean(control), above = cm_kayenta_mean(canary);
    return below == 0 || above == 0 ? (double)NAN : above / below;
}

double cm_kayenta_cles(const struct cm_kayenta_series *control,
                       const struct cm_kayenta_series *canary)
{
    double *sorted0 = cm_kayenta_sorted(control), *sorted1 = cm_kayenta_sorted(canary);
    const struct cm_values values0 = {sorted0, control->n}, values1 = {sorted1, canary->n};
    double u = cm_ranks_of(&values0, &values1).u;
    cm_free(sorted0);
    cm_free(sorted1);
    return u / ((double)control->n * (double)canary->n);
}

double cm_kayenta_cohens_d(const struct cm_kayenta_series *control,
                           const struct cm_kayenta_series *canary)
{
    struct cm_kayenta_summary s0 = cm_kayenta_summarize(control);
    struct cm_kayenta_summary s1 = cm_kayenta_summarize(canary);
    double free0 = (double)s0.n - 1, free1 = (double)s1.n - 1;
    double pooled = sqrt((free0 * s0.sd * s0.sd + free1 * s1.sd * s1.sd) / (free0 + free1));
    return (s1.mean - s0.mean) / pooled;
}
