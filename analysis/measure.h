/* Measures: what a study reports, each declared once in measures.def.
 *
 * A measure turns the rows of one policy and one release (or, for a policy as a whole, of all
 * releases) into one estimate for each of its statistics: value, 95 % limits, n. */
#ifndef CM_MEASURE_H
#define CM_MEASURE_H

#include "analysis/results.h"
#include "sim/base/table.h"

#define CM_LEVEL        0.95 /* of every interval that is reported */
#define CM_ALL_RELEASES (-2) /* the "release" of measures that weigh all of them */

/* Which releases a measure is about. */
enum cm_about {
    CM_ABOUT_GOOD = 1, /* the healthy release and harmless defects */
    CM_ABOUT_BAD = 2,  /* the other defects */
    CM_ABOUT_EACH = 3, /* any release */
    CM_ABOUT_POLICY = 4
};

#define CM_STATISTICS_MAX 6
struct cm_measure {
    char name[40];     /* "blast_radius.failures" */
    char summary[160]; /* what it is, one sentence; arrays, so that tables of keys can use both */
    enum cm_about about;
    enum cm_column_type type;
    const char *unit;              /* "1", "s", "requests"; NULL = the currency */
    const char *const *statistics; /* NULL-ended, at most CM_STATISTICS_MAX; the first is meant when
                                      none is named */
    /* Whether a study has what it takes (prices, priors, a latency_slo); NULL = always. */
    bool (*known)(const struct cm_results *r);
    const char *needs; /* that, in the words of a file: "[users]" */
    /* One estimate a statistic, in their order. */
    void (*estimate)(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                     int release, struct cm_estimate *out);
    int part, kind; /* what the estimate of a family of measures goes by */
};

extern const struct cm_measure *const cm_measures[]; /* NULL-ended, in the order of reports */

/* Each by the name of its object, for tables: &cm_measure_failures. */
#define CM_MEASURE(name) extern const struct cm_measure cm_measure_##name;
#include "analysis/measures.def"
#undef CM_MEASURE

const struct cm_measure *cm_measure_find(const char *name); /* or NULL */
bool cm_measure_applies(const struct cm_measure *m, const struct cm_results *r, int release);

/* One statistic; NULL = the first. All NAN where the measure does not apply. */
struct cm_estimate cm_measure_one(const struct cm_results *r, const char *measure,
                                  const char *statistic, size_t policy, int release);

/* Every statistic of every measure, worked out once. */
struct cm_findings {
    const struct cm_results *results; /* borrowed */
    struct cm_estimate *all;          /* owned */
};
void cm_findings_init(struct cm_findings *f, const struct cm_results *results);
void cm_findings_release(struct cm_findings *f); /* idempotent, safe on {0} */
/* As cm_measure_one. */
struct cm_estimate cm_findings_one(const struct cm_findings *f, const char *measure,
                                   const char *statistic, size_t policy, int release);

/* What one release cost. */
double cm_measure_cost(const struct cm_prices *p, const struct cm_outcome *row, bool harmless);

/* --- for the files that define measures --- */

extern const char *const cm_statistics_share[];  /* share */
extern const char *const cm_statistics_spread[]; /* mean median p95 p99 */

/* x of n with its interval. */
struct cm_estimate cm_estimate_share(uint64_t x, uint64_t n);
/* Mean, median, p95 and p99 of n values, none negative; sorts them. */
void cm_estimate_spread(double *values, size_t n, struct cm_estimate *out);
/* The p-quantile of ascending values, none negative. */
struct cm_estimate cm_estimate_quantile(const double *sorted, size_t n, double p);
void cm_estimate_sort(double *values, size_t n);

#endif
