/* How long a bad release was watched until it was detected, and why that ended. */
#ifndef CM_SPELLS_H
#define CM_SPELLS_H

#include "sim/engine/outcome.h"
#include "sim/stats/incidence.h"

/* Seconds from the onset; 0 for what ended before it (a promotion that a slow leak outlasted): it
 * left before anything could be detected. */
double cm_spells_since_onset(const struct cm_outcome *row, cm_time at);

/* Until the rollout ended: detected, cut off, or ended otherwise. */
struct cm_spell cm_spells_until_detection(const struct cm_outcome *row);

#endif
