/* An urn of users: requests come out of it one by one, and what counts is from how many different
 * users.
 *
 * Users have a Dirichlet share of the requests, so that the users of whom something is known become
 * more likely: of m users of shape k, t of whom sent i requests, the others send the next one with
 * chance k (m - t) / (k m + i) (Polya's urn), or (m - t) / m if all are alike. */
#ifndef CM_URN_H
#define CM_URN_H

#include "sim/base/rng.h"

struct cm_urn {
    double shape; /* INFINITY = alike */
    uint64_t users;
    uint64_t touched, requests; /* so many of them sent so many */
};

/* So many requests more: from how many users that are not touched yet. The urn stays as it was. */
uint64_t cm_urn_draw(const struct cm_urn *urn, uint64_t requests, struct cm_rng *rng);

#endif
