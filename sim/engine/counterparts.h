/* Counterparts: whom a controller talks to besides gates and pods: hooks, people, revisions.
 *
 * What they say depends on the release, the question's number and their streams alone: policies
 * that call the same hook for the k-th time are told the same. Asked twice at one instant, they
 * give one answer. */
#ifndef CM_COUNTERPARTS_H
#define CM_COUNTERPARTS_H

#include "sim/engine/replicate.h"

/* What a hook said last. */
struct cm_line {
    struct cm_calls calls;
    cm_time asked_at; /* CM_NEVER = not yet */
    struct cm_said said;
    uint64_t purpose;
};

/* What was put to people; open until its answer is fetched. */
struct cm_question {
    bool open;
    cm_time asked_at; /* the last time that somebody asked; CM_NEVER = never */
    struct cm_said said;
    uint64_t n; /* put so far */
};

struct cm_counterparts {
    const struct cm_scenario *scenario; /* borrowed */
    bool bad;                           /* the release has a defect that somebody minds */
    uint64_t replication;
    struct cm_line *lines; /* owned; one a hook */
    struct cm_question question;
    cm_time week;      /* of the week, when the release is created */
    uint64_t revision; /* the newest there is; 1 = the release under study */
    uint64_t restarts; /* revisions that have taken its place */
    cm_time next_revision;
    struct cm_rng revisions;
    uint64_t reaction_purpose, judgement_purpose, revision_purpose, start_purpose;
};

void cm_counterparts_init(struct cm_counterparts *c, const struct cm_plan *plan);
void cm_counterparts_release(struct cm_counterparts *c);
void cm_counterparts_begin(struct cm_counterparts *c, uint64_t replication);

/* Every instant at which it is called is a new call. */
struct cm_said cm_counterparts_hook(struct cm_counterparts *c, int hook, cm_time now);
/* A new question, or the one that is open. CM_NEVER: nobody answers. */
struct cm_said cm_counterparts_people(struct cm_counterparts *c, cm_time now);
/* The next revision is there: moves on to the one after it. */
void cm_counterparts_revise(struct cm_counterparts *c);
/* Another release begins in this one's place: hooks and people know nothing of it. */
void cm_counterparts_restart(struct cm_counterparts *c);

#endif
