/* What a PromQL query measures: one of the shapes that canary analyses are made of.
 *
 * Queries are classified, not evaluated: the simulated monitor has no labels, and what it serves
 * are the shapes below, over the query's window and with its function.
 *
 *     success ratio    sum(rate(x{code!~"5.*"}[1m])) / sum(rate(x[1m])) * 100
 *     error ratio      sum(rate(x{code=~"5.*"}[1m])) / sum(rate(x[1m]))
 *     quantile         histogram_quantile(0.99, sum(rate(x_bucket[1m])) by (le))
 *     mean             sum(rate(x_sum[1m])) / sum(rate(x_count[1m]))
 *     rate             sum(rate(x[1m]))
 *     comparison       one of these of the canary, over or minus that of stable
 *     gauge            avg(memory_bytes), max_over_time(cpu[5m])
 *
 * and any of them behind guards that say what no data shall mean (or vector(0), clamp_min,
 * > bool), which are the eighth.
 *
 * Source: the queries of Flagger's and Argo Rollouts' documentation; Prometheus, Querying. */
#ifndef CM_PROMQL_H
#define CM_PROMQL_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/err.h"

enum cm_promql_shape {
    CM_PROMQL_UNKNOWN,
    CM_PROMQL_SUCCESS_RATIO,
    CM_PROMQL_ERROR_RATIO,
    CM_PROMQL_QUANTILE,
    CM_PROMQL_MEAN,
    CM_PROMQL_RATE,
    CM_PROMQL_COMPARISON,
    CM_PROMQL_GAUGE,
    CM_PROMQL_SHAPES
};
extern const char *const cm_promql_names[CM_PROMQL_SHAPES]; /* "success ratio" */

enum cm_promql_guard {
    CM_PROMQL_NO_GUARD,
    CM_PROMQL_OR,     /* a value where there is none: or vector(0) */
    CM_PROMQL_CLAMP,  /* bounds of the value, or of a denominator */
    CM_PROMQL_BOOL,   /* 1 or 0 instead of the value */
    CM_PROMQL_FILTER, /* no value where a comparison does not hold */
};
extern const char *const cm_promql_guards[]; /* "or", "clamp_min", ... */

enum cm_promql_version { CM_PROMQL_ANY, CM_PROMQL_CANARY, CM_PROMQL_STABLE };

/* What the query's value is: scale * (what the shape measures, ratios as shares, times in
 * seconds). */
struct cm_promql {
    enum cm_promql_shape shape;
    enum cm_promql_shape of; /* what a comparison compares */
    bool quotient;           /* a comparison divides; else it subtracts */
    bool of_errors;          /* a rate counts errors only */
    bool unit_known; /* a time's unit stands in the series' name; else it was taken for ms */
    enum cm_promql_guard guard;
    enum cm_promql_version version; /* whose series are selected; ANY = it does not say */
    double quantile;                /* of a quantile */
    double window_s;                /* NAN = none given */
    double scale;
    const char *function; /* rate, increase or irate; NULL = none; static */
    char series[64];      /* the first series' name, cut */
};

/* 0, or -1 with what was not understood, where, and the shape that comes nearest: `query->shape` is
 * that one then, or unknown. */
int cm_promql_classify(const char *text, struct cm_promql *query, struct cm_err *err);

#endif
