/* The section that belongs to the scenario itself, and its type of a moment in the week. */
#ifndef CM_SECTIONS_H
#define CM_SECTIONS_H

#include "sim/scenario/scenario.h"

extern const struct cm_section cm_scenario_section;

/* struct cm_start: `random`, or a weekday and a time of day (`Mon 14:00`). */
extern const struct cm_type cm_type_start;

#endif
