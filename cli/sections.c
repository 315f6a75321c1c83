/* One list out of two: help and reference do not tell layers apart. */
#include "cli/sections.h"

#include "analysis/results.h"
#include "sim/base/list.h"
#include "sim/scenario/scenario.h"

const struct cm_section *const *cm_sections_all(struct cm_arena *arena)
{
    const struct cm_section *const *lists[] = {cm_scenario_sections, cm_analysis_sections};
    const struct cm_section **all = NULL;
    size_t n = 0;
    for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++) {
        for (size_t i = 0; lists[list][i]; i++) {
            all = cm_list_grow(arena, all, n, sizeof(void *));
            all[n++] = lists[list][i];
        }
    }
    all = cm_list_grow(arena, all, n, sizeof(void *));
    all[n] = NULL;
    return all;
}
