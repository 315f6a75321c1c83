/* A renewal process that begins with the release: rollouts are started by revisions, so that the
 * one under study was the last to come.
 *
 * Assumes that the new revision is healthy: what replaces a bad release ends its harm. */
#include "sim/controllers/revisions.h"

static const struct cm_param params[] = {
    CM_LAW(struct cm_revisions, every, "none",
           "Time from one revision to the next, the first from the release under study; none = no "
           "other revision comes."),
    CM_PARAMS_END,
};

const struct cm_section cm_revisions_section = {
    .name = "revisions",
    .summary = "Newer revisions that become ready during a rollout; they are healthy.",
    .params = params,
    .size = sizeof(struct cm_revisions),
};
