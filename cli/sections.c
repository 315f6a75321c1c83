/* One list out of two: help and reference do not tell layers apart. */
#include "cli/sections.h"

#include <string.h>

#include "analysis/results.h"
#include "sim/scenario/scenario.h"

static size_t count(const struct cm_section *const *list)
{
    size_t n = 0;
    while (list[n])
        n++;
    return n;
}

const struct cm_section *const *cm_sections_all(struct cm_arena *arena)
{
    size_t n = count(cm_scenario_sections), m = count(cm_analysis_sections);
    const struct cm_section **all = cm_arena_alloc(arena, (n + m + 1) * sizeof *all);
    memcpy(all, cm_scenario_sections, n * sizeof *all);
    memcpy(all + n, cm_analysis_sections, m * sizeof *all);
    return all;
}
