/* What a study measured: every policy against every release, one row a replication.
 *
 *     struct cm_results results = {0};
 *     cm_results_init(&results, &scenario);
 *     struct cm_study study = {.cells = results.cells, .n_cells = results.n_cells, .threads = 2};
 *     if (!cm_study_run(&study))
 *         cm_report_write(&results, &options, to);
 *     cm_results_release(&results);
 *
 * Releases are strata: the healthy one, then each defect, each replicated as often as the scenario
 * says; replication i meets the same world in every cell, so cells are paired row by row. */
#ifndef CM_RESULTS_H
#define CM_RESULTS_H

#include "sim/run/study.h"

/* [study] */
struct cm_study_options {
    struct cm_refs policies; /* none = all of the scenario's, in file order */
    /* Of the cells of a sweep; sim/scenario/sweep.h reads them. NULL = none. */
    const char *constraint, *sample;
};

/* [cost]: what things cost, in `currency`; 0 = nothing. */
struct cm_prices {
    const char *currency;  /* NULL = unnamed */
    double failed_request; /* attributable to the release */
    double slow_request;   /* likewise */
    double harmed_user;    /* each once, where users are counted */
    double rollback;
    double hour_of_delay; /* from the creation of a release to the decision */
    double human_pause;   /* a rollout that waits for a person */
};

struct cm_results {
    const struct cm_scenario *scenario; /* borrowed */
    struct cm_prices prices;
    int *policies; /* owned: indices into the scenario's policies, in the order of the report */
    size_t n_policies;
    size_t n_releases;     /* the healthy release, then the scenario's defects */
    struct cm_cell *cells; /* owned, with their rows: policy by policy, release by release */
    size_t n_cells;
    struct cm_smallest *smallest; /* owned: policy by policy, defect by defect; NULL = not asked */
};

/* Bytes that the rows will need. */
double cm_results_room(const struct cm_scenario *scenario);

void cm_results_init(struct cm_results *r, const struct cm_scenario *scenario);
/* What can be said before anything is simulated: prices, policies, releases; no cells. */
void cm_results_outline(struct cm_results *r, const struct cm_scenario *scenario);
void cm_results_release(struct cm_results *r); /* idempotent, safe on {0} */

/* `policy` counts the study's policies; `release` is an index into the defects, -1 = healthy. */
const struct cm_cell *cm_results_cell(const struct cm_results *r, size_t policy, int release);
const char *cm_results_policy(const struct cm_results *r, size_t policy);
const char *cm_results_release_name(const struct cm_results *r, int release); /* "healthy" */

/* Whether nobody minds the release: rolling it back is a false rollback. */
bool cm_results_harmless(const struct cm_results *r, int release);
/* The chance that a release is this one. A defect without a prior has 0; healthy has the rest. */
double cm_results_prior(const struct cm_results *r, int release);
bool cm_results_has_priors(const struct cm_results *r); /* at least one defect has one */
bool cm_results_has_prices(const struct cm_results *r); /* at least one is set */

extern const struct cm_section cm_study_section, cm_cost_section;
/* All of the analysis, NULL-ended: what a loader gets as its extra sections. */
extern const struct cm_section *const cm_analysis_sections[];

#endif
