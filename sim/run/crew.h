/* Threads that play replications: tasks are given, and come back played.
 *
 * The caller gives a few more tasks than there are threads, and another one for each that comes
 * back. Tasks come back in any order; what they say does not depend on it. */
#ifndef CM_CREW_H
#define CM_CREW_H

#include "sim/engine/replicate.h"

/* Consecutive replications of one plan. Everything is the caller's, until it comes back. */
struct cm_task {
    const struct cm_plan *plan;
    uint64_t first;
    size_t n;
    struct cm_outcome *rows; /* n of them */
    struct cm_task *next;    /* the crew's */
};

struct cm_crew; /* opaque */

/* As many threads as the system grants; if it grants none, the caller's does the work. */
struct cm_crew *cm_crew_new(int threads);
/* Stops at once. Tasks that were begun can still be taken back, with as many of their rows (n) as
 * were played. */
void cm_crew_stop(struct cm_crew *crew);
void cm_crew_free(struct cm_crew *crew); /* stops it; NULL is fine */

void cm_crew_give(struct cm_crew *crew, struct cm_task *task);
/* A task that was played, or NULL if none was after `ms` milliseconds. */
struct cm_task *cm_crew_take(struct cm_crew *crew, int ms);

#endif
