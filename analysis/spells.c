/* A rollout competes with its own end: promoted, stuck, superseded and paused ones, and those
 * rolled back before the onset, will never be detected; only what the horizon cut off might have
 * been. */
#include "analysis/spells.h"

double cm_spells_since_onset(const struct cm_outcome *row, cm_time at)
{
    return row->onset != CM_NEVER && at > row->onset ? cm_seconds(at - row->onset) : 0;
}

/* A paused rollout waits for a person, who is not the policy: the policy will not detect it any
 * more. */
struct cm_spell cm_spells_until_detection(const struct cm_outcome *row)
{
    enum cm_cause cause = row->detected              ? CM_EVENT
                          : row->end == CM_TIMED_OUT ? CM_CENSORED
                                                     : CM_COMPETING;
    return (struct cm_spell){cm_spells_since_onset(row, row->ended_at), cause};
}
