/* What one replication came to: one row.
 *
 * Words as in docs/model.md: onset, detected, blast radius and its parts, ends. Counts are of
 * requests as they complete. Times are CM_NEVER where the thing did not happen. */
#ifndef CM_OUTCOME_H
#define CM_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/time.h"
#include "sim/controllers/controller.h"

/* Harm done by the bad release in one part of its life. */
struct cm_harm {
    uint64_t requests; /* served by the canary */
    uint64_t errors;   /* among them, whoever is to blame */
    uint64_t failures; /* attributable to the defect, on either version */
    uint64_t slow;     /* above latency_slo that a healthy version would have answered in time */
    double kpi;        /* lost in expectation, each KPI times its weight */
};

/* Users, each counted once. */
struct cm_reached {
    uint32_t exposed; /* the canary answered a request of theirs, since the onset */
    uint32_t harmed;  /* a request of theirs failed or was slow because of the defect */
};

struct cm_outcome {
    enum cm_end end;
    int step;         /* of the policy, when it ended */
    int gate, rule;   /* of the policy, that spoke for the rollback; -1 */
    cm_time ended_at; /* the decision; the horizon if none */
    cm_time onset;    /* first instant at which a request could be affected */
    cm_time
        mitigated_at; /* end of harm: rollback, or people notice; CM_NEVER = not by the horizon */
    struct cm_harm rollout,
        escaped; /* until the decision and its in-flight tail; after promotion */
    struct cm_reached reached_in_rollout, reached; /* where users are counted */
    double first_weight, first_share; /* of the canary, and the share of the requests that it got;
                                         NAN = it never was */
    double share_deviation;           /* mean of |share / weight - 1| in time; NAN */
    uint64_t shadow; /* copies of stable's requests that the canary got: they hurt nobody */
    uint32_t looks, evaluations;
    bool detected;       /* rolled back at or after onset */
    bool early_rollback; /* rolled back before it */
};

/* Whether the rollout of a bad release ended with it in traffic. Stuck: some traffic stays on the
 * canary, as after Flagger's failed promotion. */
static inline bool cm_outcome_missed(const struct cm_outcome *row)
{
    return row->end == CM_PROMOTED || row->end == CM_STUCK;
}

#endif
