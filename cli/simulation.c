/* The study, then the search for the smallest effects, which plays cells of its own. Both ask the
 * same progress whether to go on. */
#include "cli/simulation.h"

#include <math.h>
#include <unistd.h>

#include "analysis/smallest.h"
#include "cli/interrupt.h"
#include "cli/output.h"

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

/* Rows are kept until the report is written. Rather refused than swapped, or killed, after hours.
 */
bool cm_simulation_fits(const struct cm_scenario *scenario)
{
    const double usable = 0.8, gigabyte = 1e9, million = 1e6;
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    double room = cm_results_room(scenario);
    double replications = (double)scenario->run.replications / million;
    if (memory <= 0 || room <= usable * memory)
        return true;
    cm_print(cm_output_talk(),
             "coalmine: what %.4gM replications come to takes %.3g GB of memory, and of this "
             "machine's %.3g GB %.0f%% may be used; --replications %.4gM would fit\n",
             replications, room / gigabyte, memory / gigabyte, 100 * usable,
             floor(100 * usable * memory / room * replications) / 100);
    return false;
}
