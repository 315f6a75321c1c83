/* Flagger's cases played by the product's own controller: a spec read from JSON, and a desk that
 * answers from a case's inputs. */
#ifndef ORACLE_FLAGGER_H
#define ORACLE_FLAGGER_H

#include <jansson.h>

#include "sim/controllers/flagger.h"
#include "sim/gates/gate.h"

enum { FLAGGER_LIST = 16 }; /* hooks, and metrics, that a case may have */

/* A metric as the backend knows it. */
struct flagger_metric {
    const char *name, *key, *other_key; /* whose answers it gets: key, else other_key, else "*" */
    const struct cm_gate *gate;
    void *options; /* the gate's; the arena's */
    enum { SUCCESS_RATE, DURATION, VALUE } reads;
    bool missing; /* its template is */
};

/* A Canary object: the controller's options, and what its references are indices of. */
struct flagger_spec {
    struct cm_flagger options;
    const char *hooks[FLAGGER_LIST];
    enum cm_flagger_hook types[FLAGGER_LIST];
    size_t n_hooks;
    struct flagger_metric metrics[FLAGGER_LIST]; /* metrics, then templates */
    size_t n_metrics;
};

/* Reads `spec` of a case. Strings are borrowed from the JSON, the rest is the arena's. */
int flagger_spec_read(struct flagger_spec *spec, const json_t *json, const char *provider,
                      struct cm_arena *arena, struct cm_err *err);
/* Whether the API server admits the analysis: its own rules, and those of check(). */
bool flagger_spec_admits(const json_t *analysis, const struct flagger_spec *spec);

/* A desk, and what it is asked and told in one tick. */
struct flagger_desk {
    struct cm_desk face;
    struct cm_answer answer;
    struct cm_verdict verdict; /* of the answer */
    const struct flagger_spec *spec;
    const json_t *defaults, *inputs; /* of the tick, over the defaults */
    uint64_t target;                 /* revision */
    struct cm_route route;           /* that was ordered last */
    enum cm_end end;                 /* ordered in this tick; CM_ENDS = none */
    bool restarted;
    int promotions; /* so far */
    int queries;
    json_t *hook_calls, *events; /* arrays, owned */
    const char *hook_said;       /* what the hook asked last answered, if it failed */
};

/* Empties what is kept of one tick; `now` is that of the next. */
void flagger_desk_begin(struct flagger_desk *desk, cm_time now, const json_t *inputs);
void flagger_desk_release(struct flagger_desk *desk);
/* "v3" is 2: that of a release under study is 1. */
uint64_t flagger_revision(const char *name);

#endif
