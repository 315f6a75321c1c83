/* What of the past is kept: as much as somebody in the scenario may read. */
#ifndef CM_KEPT_H
#define CM_KEPT_H

#include "sim/scenario/scenario.h"

/* The longest window of a metric. */
cm_time cm_kept_window(const struct cm_scenario *s);
/* The longest history before the release that a gate is shown at the start. */
cm_time cm_kept_history(const struct cm_scenario *s);
/* From when on counters are read: what was before is history that no window reaches. Labels,
 * samples of gauges, scrapes and users are followed from its beginning. */
cm_time cm_kept_since(const struct cm_scenario *s);
/* Whether latency is read at all: in a metric's window, or in the strata of a gate. */
bool cm_kept_latency(const struct cm_scenario *s);

#endif
