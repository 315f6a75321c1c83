/* The section [users].
 *
 * Assumes a population that does not change during a release: nobody comes, nobody goes, and a user
 * is as active at the end as at the beginning. A cookie is set when the canary is chosen, and
 * outlasts the release. */
#include "sim/service/users.h"

static const char *const stickiness_names[] = {"none", "hash", "ratchet", NULL};

static const struct cm_param params[] = {
    CM_COUNT(struct cm_users, population, "none", 1, CM_USERS_MAX,
             "Users who send the requests; none = nobody counts them."),
    CM_NUMBER(
        struct cm_users, activity, "none", 0.01, 1000,
        "Shape of the gamma law of how much users send: 0.5 is very unequal, 100 nearly equal; "
        "none = all send as much."),
    CM_CHOICE(struct cm_users, stickiness, "none", stickiness_names,
              "What keeps a user on a version: none, a hash of the user, or a cookie from the "
              "canary (ratchet)."),
    CM_PARAMS_END,
};

static int check(const void *common, struct cm_err *err)
{
    const struct cm_users *users = common;
    if (!cm_users_given(users) && users->stickiness != CM_STICKY_NONE)
        return cm_fail(err, "stickiness = %s needs users: give their number (population = 20000)",
                       stickiness_names[users->stickiness]);
    return 0;
}

const struct cm_section cm_users_section = {
    .name = "users",
    .summary = "Who sends the requests, and whether a user stays with a version.",
    .params = params,
    .size = sizeof(struct cm_users),
    .check = check,
};
