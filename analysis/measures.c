/* The list of measures, and what the files that define them share. */
#include "analysis/measure.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/stats/interval.h"

#define CM_MEASURE(name) extern const struct cm_measure cm_measure_##name;
#include "analysis/measures.def"
#undef CM_MEASURE

const struct cm_measure *const cm_measures[] = {
#define CM_MEASURE(name) &cm_measure_##name,
#include "analysis/measures.def"
#undef CM_MEASURE
    NULL,
};

const char *const cm_statistics_share[] = {"share", NULL};
const char *const cm_statistics_spread[] = {"mean", "median", "p95", "p99", NULL};

const struct cm_measure *cm_measure_find(const char *name)
{
    for (const struct cm_measure *const *m = cm_measures; *m; m++)
        if (strcmp((*m)->name, name) == 0)
            return *m;
    return NULL;
}

bool cm_measure_applies(const struct cm_measure *m, const struct cm_results *r, int release)
{
    enum cm_about asked = CM_ABOUT_POLICY;
    if (release != CM_ALL_RELEASES)
        asked = cm_results_harmless(r, release) ? CM_ABOUT_GOOD : CM_ABOUT_BAD;
    return (m->about & asked) != 0 && (!m->known || m->known(r));
}

struct cm_estimate cm_measure_one(const struct cm_results *r, const char *measure,
                                  const char *statistic, size_t policy, int release)
{
    const struct cm_measure *m = cm_measure_find(measure);
    struct cm_estimate all[CM_STATISTICS_MAX];
    assert(m != NULL);
    if (!cm_measure_applies(m, r, release))
        return (struct cm_estimate){NAN, NAN, NAN, 0};
    m->estimate(m, r, policy, release, all);
    size_t i = 0;
    while (statistic && strcmp(m->statistics[i], statistic) != 0) {
        i++;
        assert(m->statistics[i] != NULL);
    }
    return all[i];
}

struct cm_estimate cm_estimate_share(uint64_t x, uint64_t n)
{
    if (n == 0)
        return (struct cm_estimate){NAN, NAN, NAN, 0};
    struct cm_interval limits = cm_interval_share(x, n, CM_LEVEL);
    return (struct cm_estimate){(double)x / (double)n, limits.low, limits.high, n};
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void cm_estimate_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
}

struct cm_estimate cm_estimate_quantile(const double *sorted, size_t n, double p)
{
    struct cm_interval limits = cm_interval_quantile(sorted, n, p, CM_LEVEL);
    return (struct cm_estimate){cm_quantile_of(sorted, n, p), fmax(0, limits.low), limits.high, n};
}

void cm_estimate_spread(double *values, size_t n, struct cm_estimate *out)
{
    struct cm_sample sample = cm_sample_of(values, n);
    struct cm_interval limits = cm_interval_mean(&sample, CM_LEVEL);
    out[0] = (struct cm_estimate){sample.mean, fmax(0, limits.low), limits.high, n};
    cm_estimate_sort(values, n);
    out[1] = cm_estimate_quantile(values, n, 0.5);
    out[2] = cm_estimate_quantile(values, n, 0.95);
    out[3] = cm_estimate_quantile(values, n, 0.99);
}
