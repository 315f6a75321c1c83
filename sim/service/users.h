/* Who sends the requests: how many users, how unequal, and whether a user stays with a version.
 *
 * A user sends a share of the requests in proportion to an activity, Gamma(k) of mean 1 over the
 * users: of variance 1/k, k = `activity`; none = all users are alike. A weight w reaches them by
 * their stickiness:
 *
 *     none      each request by itself goes to the canary with chance w
 *     hash      each user has a place on [0, 1), and those below w are the canary's
 *     ratchet   as none, until the canary has served a user; from then on that user is the canary's
 *               (a cookie, as Flagger sets it)
 *
 * With a hash the share of the requests that the canary gets is random and lasts as long as the
 * weight does: B ~ Binomial(m, w) users with a share of Beta(k B, k (m - B)), B / m if they are
 * alike. */
#ifndef CM_SERVICE_USERS_H
#define CM_SERVICE_USERS_H

#include "sim/base/kind.h"

enum cm_stickiness { CM_STICKY_NONE, CM_STICKY_HASH, CM_STICKY_RATCHET };

/* The counts flow keeps nothing of a user, the requests flow 25 bytes, for each thread. */
#define CM_USERS_MAX       1000000000
#define CM_USERS_DRAWN_MAX 5000000

struct cm_users {
    uint64_t population; /* UINT64_MAX = nobody counts users */
    double activity;     /* shape k; NAN = alike */
    int stickiness;      /* enum cm_stickiness */
};

/* Whether there are any. */
static inline bool cm_users_given(const struct cm_users *users)
{
    return users->population != UINT64_MAX && users->population > 0;
}

/* How many a class of users owns that has this share. */
static inline uint64_t cm_users_of(const struct cm_users *users, double share)
{
    return (uint64_t)(share * (double)users->population + 0.5);
}

extern const struct cm_section cm_users_section;

#endif
