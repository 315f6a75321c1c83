/* A stored study as everybody reads it: its cells, and for each its scenario and its results, on
 * which every measure and every report works as on fresh ones.
 *
 *     struct cm_stored *study = cm_stored_open("study.db", &options, &err);
 *     for (size_t i = 0; i < cm_stored_cells(study); i++) {
 *         struct cm_scenario scenario = {0};
 *         struct cm_results results = {0};
 *         if (!cm_stored_load(study, i, &scenario, &results, &err))
 *             cm_report_write(&results, ...);
 *         cm_results_release(&results);
 *         cm_scenario_release(&scenario);
 *     }
 *     cm_stored_close(study);
 *
 * One cell is in memory at a time. A study that is still being written, or was interrupted, shows
 * what it has: of each cell the replications that every policy and release has, from the first on.
 */
#ifndef CM_STORED_H
#define CM_STORED_H

#include "analysis/results.h"
#include "sim/run/store.h"

struct cm_stored; /* opaque */

struct cm_stored_cell {
    uint64_t number; /* in the whole study, from 0 */
    /* One value for each variable of the study, in its order; value NULL = this cell has none. */
    const struct cm_store_variable *variables;
    uint64_t seed;
    uint64_t asked;        /* replications */
    uint64_t replications; /* that are there, of every policy and release */
    const char *version; /* of the program that played them; "0.1.0, 0.2.0" if there are several */
};

/* The study that was run last, of however many the store holds. NULL with the reason. */
struct cm_stored *cm_stored_open(const char *path, struct cm_err *err);
/* The same of a store that is open already, and stays so (borrowed). */
struct cm_stored *cm_stored_of(struct cm_store *store, struct cm_err *err);
void cm_stored_close(struct cm_stored *study); /* NULL is fine */

/* As in struct cm_scenario. */
const char *cm_stored_title(const struct cm_stored *study);
const char *cm_stored_file(const struct cm_stored *study);
const char *cm_stored_text(const struct cm_stored *study); /* the study as it was written */

/* The cells that were begun, by number. */
size_t cm_stored_cells(const struct cm_stored *study);
const struct cm_stored_cell *cm_stored_cell(const struct cm_stored *study, size_t i);
/* The names of all variables, in the order of the study. */
size_t cm_stored_variables(const struct cm_stored *study);
const char *cm_stored_variable(const struct cm_stored *study, size_t variable);

/* What whoever reads the study should know, as sentences: cells that are incomplete, versions that
 * differ, other studies in the store. NULL at the end. */
const char *cm_stored_note(const struct cm_stored *study, size_t i);

/* The one among them that is about versions of the program; NULL = it was one. */
const char *cm_stored_mixed(const struct cm_stored *study);

/* Cell i as it was run. Results borrow the scenario; release both, also after a failure, which says
 * why. */
int cm_stored_load(struct cm_stored *study, size_t i, struct cm_scenario *scenario,
                   struct cm_results *results, struct cm_err *err);
/* The scenario of cell i alone. */
int cm_stored_scenario(struct cm_stored *study, size_t i, struct cm_scenario *scenario,
                       struct cm_err *err);

#endif
