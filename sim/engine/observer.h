/* The observer: told what happens in a rollout while it happens, for whoever asks why it ended so.
 *
 * It is told and never asked: it draws nothing, and what it is shown was made for the gates and the
 * controller anyway. A rollout that is observed is the rollout that a study plays. Whatever is
 * pointed to is borrowed for the call. */
#ifndef CM_OBSERVER_H
#define CM_OBSERVER_H

#include "sim/controllers/controller.h"
#include "sim/engine/outcome.h"

/* One gate at one look: what it was shown and what it said. */
struct cm_seen {
    int gate; /* of the policy, as in cm_named_policy */
    const struct cm_look *look;
    const struct cm_verdict *verdict;
    bool windows; /* signals hold what queries returned; else only their fresh strata count */
    const cm_time *from; /* of each signal: it tells of (from, look->now] */
    double canary_share; /* planned, since */
    cm_time share_since; /* the last change of it, at most look->now */
};

/* In the order in which things happen; what a controller says or orders comes after the looks that
 * it asked for. All of them must be given. */
struct cm_observer {
    void *self;
    void (*look)(void *self, const struct cm_seen *seen);
    void (*order)(void *self, cm_time now, const struct cm_order *order);
    void (*say)(void *self, cm_time now, int sentence, const struct cm_evidence *why);
    void (*onset)(void *self, cm_time at);   /* told once it has passed */
    void (*people)(void *self, cm_time now); /* they notice what was promoted */
    void (*end)(void *self, const struct cm_outcome *outcome);
    /* Other pods of a version are available than before; asked only where they come and go. */
    void (*pods)(void *self, cm_time now, enum cm_arm version, const struct cm_pods *pods);
};

#endif
