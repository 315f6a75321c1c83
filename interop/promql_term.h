/* What parts of a query measure, and what becomes of it when they are combined. */
#ifndef CM_PROMQL_TERM_H
#define CM_PROMQL_TERM_H

#include "interop/promql.h"
#include "sim/base/text.h"

enum cm_term_kind {
    CM_TERM_NUMBER,
    CM_TERM_SERIES, /* x{...}, or x{...}[1m] */
    CM_TERM_RATE,   /* how fast counters rise */
    CM_TERM_SHAPE,  /* a finished shape */
    CM_TERM_OTHER,  /* none that is known; `q.shape` is the nearest */
};

/* Which requests a series counts, by its labels or its name. */
enum cm_term_filter { CM_TERM_ALL, CM_TERM_OK, CM_TERM_BAD, CM_TERM_PART };

struct cm_term {
    enum cm_term_kind kind;
    double number;
    struct cm_slice name; /* of a series or rate */
    enum cm_term_filter filter;
    struct cm_promql q; /* window, function, version, scale; of a shape all of it */
    size_t at;          /* where the term stands */
    const char *why;    /* of CM_TERM_OTHER, static */
};

struct cm_term cm_promql_term_number(double number, size_t at);
struct cm_term cm_promql_term_series(struct cm_slice name, size_t at);
/* A label matcher of a series: name OP "value". */
void cm_promql_term_match(struct cm_term *series, struct cm_slice label, struct cm_slice sign,
                          struct cm_slice value);
/* A range of a series. */
void cm_promql_term_range(struct cm_term *term, double window_s);
/* offset, @ and subqueries. */
void cm_promql_term_spoil(struct cm_term *term, const char *why);

struct cm_term cm_promql_term_call(struct cm_slice function, const struct cm_term *args, size_t n);
struct cm_term cm_promql_term_combine(struct cm_slice sign, bool is_bool, struct cm_term left,
                                      struct cm_term right);
/* The whole query, finished. 0, or -1 with the reason. */
int cm_promql_term_finish(const struct cm_term *term, struct cm_promql *query, struct cm_err *err);

#endif
