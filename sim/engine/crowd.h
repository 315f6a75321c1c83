/* The crowd: the users of one replication, and which of them are the canary's.
 *
 * Users fall into groups: each class `of = users` is one, all others share the first. By a hash a
 * user has a uniform place on [0, 1), and a weight w gives the canary those below w: the same ones
 * whatever the policy did before, more of them as w grows.
 *
 * There are two ways to know them. The counts flow needs only how many users lie below a weight and
 * how active they are together: an interval of places is halved, and the half again, until the
 * weight is found, each half drawn from a stream of its own: Binomial(n, 1/2) users with a share of
 * Beta(k left, k right). So an answer depends on nothing but the weight, takes log2(users) draws,
 * and nothing is stored. The requests flow draws every user. */
#ifndef CM_CROWD_H
#define CM_CROWD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

struct cm_crowd_group {
    uint64_t users;
    double share;     /* of all requests */
    uint64_t purpose; /* of its streams */
    size_t first;     /* of its users among all */
};

/* Some of the users of a group: how many, and what share of its requests they send. */
struct cm_crowd_part {
    uint64_t users;
    double share;
};

/* How the true share went while the weight was between 0 and 1. */
struct cm_crowd_share {
    cm_time since;
    double weight, share;       /* since then */
    double first_weight, first; /* the first weight, and the share when it ended */
    double seconds, deviation;  /* integrals of 1 and of |share - weight| / weight */
};

struct cm_crowd {
    const struct cm_users *users; /* borrowed; NULL = nobody counts them */
    double shape;                 /* INFINITY = alike */
    uint64_t seed, replication;
    struct cm_crowd_group *groups; /* owned */
    size_t n_groups;
    size_t *group_of; /* owned; of each class, the rest included */
    struct cm_crowd_share true_share;

    /* Of each user, in the requests flow; owned. */
    bool each;
    double *place;    /* by hash */
    double *activity; /* NULL = alike */
    double *whole;    /* of each group: the sum of activities */
};

void cm_crowd_init(struct cm_crowd *c, const struct cm_scenario *s);
void cm_crowd_release(struct cm_crowd *c); /* idempotent */
void cm_crowd_begin(struct cm_crowd *c, uint64_t replication, cm_time now);

/* Those of a group whose place is below this weight. */
struct cm_crowd_part cm_crowd_below(const struct cm_crowd *c, size_t group, double weight);

/* Whether it is users who decide about versions, by this route. */
static inline bool cm_crowd_routes(const struct cm_crowd *c, const double share[CM_ARMS])
{
    return c->users && share[CM_CANARY] > 0 && share[CM_CANARY] < 1;
}

/* What comes of a route: the arms' shares of the requests of each of n classes, until somebody has
 * a cookie. A baseline has the users next to the end: it keeps them while weights grow, too. */
void cm_crowd_split(const struct cm_crowd *c, const double share[CM_ARMS],
                    double (*of_class)[CM_ARMS], size_t n);

/* Up to `now` the canary got `share` of all requests. */
void cm_crowd_elapse(struct cm_crowd *c, cm_time now, double share);
/* From `now` on the route gives it this weight; it gets `share`. */
void cm_crowd_weigh(struct cm_crowd *c, cm_time now, double weight, double share);

#endif
