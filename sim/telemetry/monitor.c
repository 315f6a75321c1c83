/* The list of monitors. */
#include "sim/telemetry/monitor.h"

#define CM_MONITOR(name) extern const struct cm_monitor cm_monitor_##name;
#include "sim/telemetry/monitors.def"
#undef CM_MONITOR

const struct cm_kind *const cm_monitor_kinds[] = {
#define CM_MONITOR(name) &cm_monitor_##name.kind,
#include "sim/telemetry/monitors.def"
#undef CM_MONITOR
    NULL,
};
