/* One replication: one release, one policy, one path of the world. */
#ifndef CM_REPLICATE_H
#define CM_REPLICATE_H

#include "sim/engine/observer.h"
#include "sim/scenario/scenario.h"

/* What is simulated: immutable, shared by all threads. */
struct cm_plan {
    const struct cm_scenario *scenario; /* borrowed */
    int policy;                         /* index into its policies */
    int release;                        /* index into its defects; -1 = the healthy release */
    double strength;                    /* scales the defect's effect: 1 = as written */
};

/* Memory of one worker, reused by every replication it runs. Opaque: engine/rollout.h. */
struct cm_rollout *cm_rollout_new(const struct cm_plan *plan);
void cm_rollout_free(struct cm_rollout *rollout);

/* From now on this observer (borrowed; NULL = none) is told what happens. It changes nothing. */
void cm_rollout_observe(struct cm_rollout *rollout, const struct cm_observer *observer);

/* Plays replication `index`. Same plan, same index: same outcome, whatever ran before. */
struct cm_outcome cm_replicate(struct cm_rollout *rollout, uint64_t index);

#endif
