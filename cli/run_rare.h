/* coalmine run --rare: rates of false rollbacks that are too small to be counted. */
#ifndef CM_RUN_RARE_H
#define CM_RUN_RARE_H

#include "analysis/solver.h"
#include "analysis/smallest.h"
#include "cli/command.h"

struct cm_run_rare {
    const struct cm_scenario *scenario; /* borrowed, as is the runner's self */
    const struct cm_command *command;
    struct cm_runner runner;
    enum cm_solution_format format;
};

/* Estimates the rate of every policy of the study and writes it to standard output; an enum
 * cm_exit. */
int cm_run_rare(const struct cm_run_rare *rare);

#endif
