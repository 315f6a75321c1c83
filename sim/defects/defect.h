/* What is wrong with a release: effect x profile x scope x spill.
 *
 * The effect at full strength changes the error probability and the latency of the requests in its
 * scope; the profile says how much of it acts when (0 = nothing, 1 = all of it, linear between);
 * `spill` is the share of the effect that also hits stable. Effects and profiles apply to a request
 * by its arrival time. Defects are alternatives: a release has at most one. */
#ifndef CM_DEFECT_H
#define CM_DEFECT_H

#include "sim/service/law.h"

/* How strong the defect is at an instant, as a path. One file a kind. */
struct cm_profile {
    struct cm_kind kind;
    size_t (*state_size)(const void *options);                                 /* NULL = 0 */
    void (*start)(const void *options, void *state, const struct cm_rng *rng); /* NULL: no state */
    /* Strength in [0, 1] from `from` >= 0 and until when it holds; asked in order. */
    struct cm_strength (*next)(const void *options, void *state, cm_time from);
    /* Whether it acts at this arrival intensity of the version that carries it (load-triggered
     * kinds), requests per second. NULL = always. */
    bool (*at_load)(const void *options, double version_rate);
    /* Grows with the uptime of a pod: from when on, as in `next`, which has no state then. A pod
     * that restarts later begins anew. NULL = the clock is the release's. */
    cm_time (*grows_from)(const void *options);
};
struct cm_strength {
    cm_time until;
    double level;
};

struct cm_defect {
    struct cm_change error_rate, latency;
    double slow_share; /* of the requests in scope that get slow_latency on top */
    struct cm_change slow_latency;
    struct cm_refs kpi, gauge;                  /* that it moves, each by */
    struct cm_changes kpi_change, gauge_change; /* one of these, of the expected value */
    struct cm_ref scope;                        /* a class; index -1 = everyone */
    double spill;
    struct cm_quantity
        instances;       /* pods of the canary that carry it: a number, a share, NAN = all */
    cm_time crash_every; /* mean uptime of the canary's pods; CM_NO_DURATION = no crashes */
    double prior;        /* NAN = none given */
    bool harmless;       /* nobody minds it: rolling it back is a false rollback */
};

/* How long people take to notice what was promoted, from the promotion or the onset, whichever is
 * later. */
struct cm_escape {
    struct cm_law detection;
};

extern const struct cm_section cm_defect_section, cm_escape_section;
extern const struct cm_profile *const cm_profile_kinds[]; /* NULL-ended */

#endif
