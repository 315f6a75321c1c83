/* The list of measures, and what the files that define them share.
 *
 * A measure is looked up by its name, as an assertion or a plot names it: `ours.missed.error-spike`
 * is policy, measure, release. A name that is not in the list here is a bug of ours; names from
 * users go through cm_measure_find first. */
#include "analysis/measure.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/stats/interval.h"

const struct cm_measure *const cm_measures[] = {
#define CM_MEASURE(name) &cm_measure_##name,
#include "analysis/measures.def"
#undef CM_MEASURE
    NULL,
};

/* Vocabulary: every share has a "share", everything counted or timed has these four. */
const char *const cm_statistics_share[] = {"share", NULL};
const char *const cm_statistics_spread[] = {"mean", "median", "p95", "p99", NULL};

const struct cm_measure *cm_measure_find(const char *name)
{
    for (const struct cm_measure *const *m = cm_measures; *m; m++)
        if (strcmp((*m)->name, name) == 0)
            return *m;
    return NULL;
}

/* A healthy release cannot be missed, a bad one cannot be rolled back falsely: such pairs are not
 * zero, they are not asked. */
bool cm_measure_applies(const struct cm_measure *m, const struct cm_results *r, int release)
{
    enum cm_about asked = CM_ABOUT_POLICY;
    if (release != CM_ALL_RELEASES)
        asked = cm_results_harmless(r, release) ? CM_ABOUT_GOOD : CM_ABOUT_BAD;
    return (m->about & asked) != 0 && (!m->known || m->known(r));
}

/* Every statistic of one pair; NAN where the measure does not apply. */
static void estimate_all(const struct cm_measure *m, const struct cm_results *r, size_t policy,
                         int release, struct cm_estimate out[CM_STATISTICS_MAX])
{
    for (size_t i = 0; i < CM_STATISTICS_MAX; i++)
        out[i] = (struct cm_estimate){NAN, NAN, NAN, 0};
    if (cm_measure_applies(m, r, release))
        m->estimate(m, r, policy, release, out);
}

/* Where a statistic stands among those of its measure. */
static size_t index_of(const struct cm_measure *m, const char *statistic)
{
    size_t i = 0;
    while (statistic && strcmp(m->statistics[i], statistic) != 0) {
        i++;
        assert(m->statistics[i] != NULL);
    }
    return i;
}

struct cm_estimate cm_measure_one(const struct cm_results *r, const char *measure,
                                  const char *statistic, size_t policy, int release)
{
    const struct cm_measure *m = cm_measure_find(measure);
    struct cm_estimate all[CM_STATISTICS_MAX];
    assert(m != NULL);
    estimate_all(m, r, policy, release, all);
    return all[index_of(m, statistic)];
}

/* Where the statistics of one measure begin; releases count from CM_ALL_RELEASES. */
static size_t place_of(const struct cm_results *r, size_t measure, size_t policy, int release)
{
    size_t releases = r->n_releases + 1;
    size_t cell = policy * releases + (size_t)(release - CM_ALL_RELEASES);
    return (measure * r->n_policies * releases + cell) * CM_STATISTICS_MAX;
}

/* A dense array: most of it is NAN (bad releases have no false rollbacks), all of it is small
 * beside the rows of a single cell. */
void cm_findings_init(struct cm_findings *f, const struct cm_results *results)
{
    size_t n = sizeof cm_measures / sizeof *cm_measures - 1;
    size_t room = place_of(results, n, 0, CM_ALL_RELEASES);
    *f = (struct cm_findings){results, cm_alloc((room + 1) * sizeof *f->all)};
    for (size_t m = 0; m < n; m++)
        for (size_t policy = 0; policy < results->n_policies; policy++)
            for (int release = CM_ALL_RELEASES; release + 1 < (int)results->n_releases; release++)
                estimate_all(cm_measures[m], results, policy, release,
                             f->all + place_of(results, m, policy, release));
}

void cm_findings_release(struct cm_findings *f)
{
    cm_free(f->all);
    *f = (struct cm_findings){0};
}

struct cm_estimate cm_findings_one(const struct cm_findings *f, const char *measure,
                                   const char *statistic, size_t policy, int release)
{
    size_t m = 0;
    while (strcmp(cm_measures[m]->name, measure) != 0) {
        m++;
        assert(cm_measures[m] != NULL);
    }
    return f->all[place_of(f->results, m, policy, release) + index_of(cm_measures[m], statistic)];
}

/* Of nothing nothing is known: no value, and no limits either. */
static const struct cm_estimate nothing = {NAN, NAN, NAN, 0};

struct cm_estimate cm_estimate_share(uint64_t x, uint64_t n)
{
    if (n == 0)
        return nothing;
    struct cm_interval limits = cm_interval_share(x, n, CM_LEVEL);
    return (struct cm_estimate){(double)x / (double)n, limits.low, limits.high, n};
}

/* Equal values are the same value: the order is total. */
static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* In place: values are the caller's copy, never the rows. */
void cm_estimate_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
}

/* Times and counts are not negative, whatever the ranks of a small sample say. */
struct cm_estimate cm_estimate_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0)
        return nothing;
    struct cm_interval limits = cm_interval_quantile(sorted, n, p, CM_LEVEL);
    return (struct cm_estimate){cm_quantile_of(sorted, n, p), fmax(0, limits.low), limits.high, n};
}

/* The mean first: it does not need the order, and Welford's sum is then in order of replication. */
void cm_estimate_spread(double *values, size_t n, struct cm_estimate *out)
{
    struct cm_sample sample = cm_sample_of(values, n);
    struct cm_interval limits = cm_interval_mean(&sample, CM_LEVEL);
    out[0] =
        n > 0 ? (struct cm_estimate){sample.mean, fmax(0, limits.low), limits.high, n} : nothing;
    cm_estimate_sort(values, n);
    out[1] = cm_estimate_quantile(values, n, 0.5);
    out[2] = cm_estimate_quantile(values, n, 0.95);
    out[3] = cm_estimate_quantile(values, n, 0.99);
}
