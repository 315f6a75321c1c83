/* Visits: how many different users the canary answered and the defect harmed, from counts of
 * requests.
 *
 * While a rollout goes on, requests that matter are counted by the route by which they came, by
 * group of users and by what befell them; users are nowhere to be seen. At the end places are cut
 * where any route divided them. Of the users in between all that is known is how many they are and
 * how active together (crowd.h), so the requests of a route are multinomial over the stretches it
 * sent to the version, and of each stretch the different users are drawn from an urn (urn.h):
 * first those harmed, then, among the others, those who were served as well.
 *
 * Numbers for the rollout and for the whole life of a release are one draw continued, so that the
 * latter is never the smaller. */
#ifndef CM_VISITS_H
#define CM_VISITS_H

#include "sim/engine/outcome.h"
#include "sim/engine/world.h"

enum cm_visit { CM_VISIT_FINE, CM_VISIT_HARMED, CM_VISIT_SPILLED, CM_VISIT_SPILLED_BASELINE };
enum { CM_VISIT_KINDS = CM_VISIT_SPILLED_BASELINE + 1 };
enum cm_phase { CM_IN_ROLLOUT, CM_ESCAPED, CM_PHASES };

struct cm_visits {
    const struct cm_world *world; /* borrowed; NULL = nobody counts users */
    enum cm_phase phase;
    uint64_t purpose;
    struct cm_visit_route {
        double canary, baseline;
    } * routes;      /* owned; those that were met */
    uint64_t *count; /* owned; route x group x phase x kind */
    double *mean;    /* owned scratch; route x {fine, harmed} */
    uint64_t *part;  /* owned scratch; route */
    size_t n, room;
};

/* Answers of one block to one class by one version. */
struct cm_visit_cell {
    cm_time from, until;
    size_t version, class;
};

void cm_visits_init(struct cm_visits *v, const struct cm_world *w);
void cm_visits_release(struct cm_visits *v); /* idempotent */
void cm_visits_begin(struct cm_visits *v);

/* The number of a route, new or known. */
size_t cm_visits_route(struct cm_visits *v, const double share[CM_ARMS]);
/* So many came by a route, given one after the other. On versions but the canary only harm counts.
 */
void cm_visits_add(struct cm_visits *v, size_t route, const struct cm_visit_cell *cell,
                   uint64_t fine, uint64_t harmed);
/* The same where routes are to be drawn: whoever is answered in a block may have come by an earlier
 * one. */
void cm_visits_spread(struct cm_visits *v, const struct cm_visit_cell *cell, uint64_t fine,
                      uint64_t harmed, struct cm_rng *rng);

/* How many requests were harmed in one way, in the other, or in both: `failed` of `failures`
 * answers and `slowed` of `slow` ones, any of them alike, `both` of all being failures and slow. */
struct cm_visit_harm {
    uint64_t failures, slow, both, failed, slowed;
};
uint64_t cm_visits_harmed(const struct cm_visit_harm *harm, struct cm_rng *rng);

/* The users of all visits. */
void cm_visits_count(struct cm_visits *v, struct cm_outcome *outcome);

#endif
