/* What a scenario file may hold, all layers together. */
#ifndef CM_SECTIONS_H
#define CM_SECTIONS_H

#include "sim/base/kind.h"

/* NULL-ended, in the arena: the simulation's sections, then those of the analysis. */
const struct cm_section *const *cm_sections_all(struct cm_arena *arena);

#endif
