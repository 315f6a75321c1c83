/* Playing a study as commands do it: on threads, with progress, until somebody interrupts. */
#ifndef CM_SIMULATION_H
#define CM_SIMULATION_H

#include "analysis/results.h"
#include "cli/progress.h"

/* Whether the rows of such a study fit the machine's memory; else says how many would. */
bool cm_simulation_fits(const struct cm_scenario *scenario);

/* Plays every cell, then finds the smallest effects that would have been seen. 0, or -1 once it was
 * interrupted: rows that were never played are reported by nobody. */
int cm_simulate(struct cm_results *results, int threads, enum cm_progress_mode mode);

#endif
