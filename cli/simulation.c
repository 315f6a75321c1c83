/* The study, then the search for the smallest effects, which plays cells of its own. Both ask the
 * same progress whether to go on. */
#include "cli/simulation.h"

#include "analysis/smallest.h"
#include "cli/interrupt.h"

int cm_simulate(struct cm_results *results, int threads, enum cm_progress_mode mode)
{
    struct cm_progress progress;
    struct cm_study study = {
        .cells = results->cells,
        .n_cells = results->n_cells,
        .threads = threads,
        .progress = cm_progress_tell,
        .progress_self = &progress,
    };
    /* Before this an interrupt ends the program at once, which loses nothing. */
    cm_interrupt_watch();
    cm_progress_start(&progress, mode, "simulating", false);
    int status = cm_study_run(&study);
    cm_progress_end(&progress);
    if (status)
        return status;
    cm_progress_start(&progress, mode, "finding the smallest effects seen", true);
    status = cm_smallest_find(results, cm_runner_of_study(&study));
    cm_progress_end(&progress);
    return status;
}
