/* Which flow plays a scenario, and why.
 *
 * The counts flow draws how many requests there are of each kind; it is exact as long as no request
 * depends on another. The requests flow draws every request; it plays everything, at a cost that
 * grows with the traffic. */
#ifndef CM_FLOW_KIND_H
#define CM_FLOW_KIND_H

#include "sim/scenario/scenario.h"

enum cm_flow_kind { CM_FLOW_AUTO, CM_FLOW_COUNTS, CM_FLOW_REQUESTS, CM_FLOW_KINDS };
extern const char *const cm_flow_kind_names[CM_FLOW_KINDS + 1]; /* NULL-ended */

/* What has to be played request by request, as a clause; NULL = nothing has to. */
const char *cm_flow_kind_obstacle(const struct cm_scenario *s);

/* The flow that will play it: counts or requests, as the scenario says or as its features demand.
 */
enum cm_flow_kind cm_flow_kind_of(const struct cm_scenario *s);
/* Why this one, as a clause. */
const char *cm_flow_kind_reason(const struct cm_scenario *s);

#endif
