/* From a query to a [metric.NAME], and from limits on the query's value to limits on the metric's.
 *
 * A metric measures error ratios, not success ratios, shares, not percents, and seconds, not
 * milliseconds: the scale of the query says what its limits are in these. */
#ifndef CM_MEASURE_H
#define CM_MEASURE_H

#include "interop/draft.h"
#include "interop/promql.h"

struct cm_measured {
    const char *name; /* of the metric's section; NULL = there is none */
    struct cm_promql query;
};

/* What is asked of a monitor, and where that is written. */
struct cm_question {
    const char *name;         /* of the metric in the manifest */
    const char *query;        /* NULL = none is known */
    const struct cm_node *at; /* the query, or what refers to it */
    const struct cm_node *window_at;
    double window_s;      /* where the query gives none; NAN = none either */
    const double *limits; /* that its value is compared with, to tell s from ms, 1 from 100 */
    size_t n_limits;
    const char *why; /* no query is known; NULL = no reason */
};

/* Writes the section. What the query does not say is taken from the metric's name, which is asked
 * for; if that says nothing either, nothing is written and name is NULL. */
struct cm_measured cm_measure(struct cm_draft *d, const struct cm_question *question);
/* The same for a shape that is known. */
struct cm_measured cm_measure_as(struct cm_draft *d, const struct cm_question *question,
                                 const struct cm_promql *query);

/* A limit on the query's value as one on what the metric measures: "1%", "500ms", "20 rps". */
const char *cm_measure_limit(struct cm_draft *d, const struct cm_measured *m, double limit);

/* Remembers a limit for the service that is to be assumed: one that a healthy release keeps. */
void cm_measure_expect(struct cm_draft *d, const struct cm_measured *m, double limit, bool is_max);

/* `query` with {{ name }} replaced by its values; the arena's. */
struct cm_variable {
    const char *name, *value;
};
const char *cm_measure_fill(struct cm_arena *arena, const char *query,
                            const struct cm_variable *variables, size_t n);

#endif
