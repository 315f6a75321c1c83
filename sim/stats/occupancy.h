/* How many different users a number of requests come from: the occupancy of urns.
 *
 * Each of n requests comes from one of m users. Alike users give the birthday problem,
 *
 *     E[distinct] = m (1 - (1 - 1/m)^n);
 *
 * with activities that are gamma of shape k, their shares are Dirichlet(k, ..., k) and
 *
 *     E[distinct] = m (1 - product over i < n of (k (m - 1) + i) / (k m + i)),
 *
 * which for many users at l = n / m requests each is m (1 - (k / (k + l))^k) (Johnson & Kotz, Urn
 * Models and Their Application, 1977, 3.1 and 4.2). */
#ifndef CM_STATS_OCCUPANCY_H
#define CM_STATS_OCCUPANCY_H

#include <stdint.h>

/* m and n as above; `shape` is k, INFINITY = alike. */
struct cm_occupancy {
    double users, shape, requests;
};

/* The chance that a given user sends none of the requests. */
double cm_occupancy_none(const struct cm_occupancy *o);
double cm_occupancy_mean(const struct cm_occupancy *o); /* of the distinct users */
/* Their variance, to its leading term in m: that of independent users, less what is explained by
 * the number of all requests. */
double cm_occupancy_variance(const struct cm_occupancy *o);

#endif
