/* The cells of a study, and the sections [study] and [cost].
 *
 * Sections about what to report belong here, above the simulation: the loader is handed the list
 * and gives the entries back filled. Prices have no default but 0, since a made-up price is worse
 * than none; a report then keeps silent about money. */
#include "analysis/results.h"

#include <assert.h>
#include <math.h>

#include "analysis/assertion.h"
#include "analysis/smallest.h"
#include "analysis/tune_section.h"

static const struct cm_param study_params[] = {
    CM_REFS(struct cm_study_options, policies, "policy", "none",
            "The policies to study, in this order; none = all, in the order of the file."),
    CM_TEXT(struct cm_study_options, constraint, "none",
            "Which cells of a sweep are kept: an expression over its variables (t * 2 <= rate)."),
    CM_TEXT(struct cm_study_options, sample, "none",
            "How ranges without a step are sampled: sobol 64, lhs 64 or lhs 64 seed 3; the number "
            "is that of points."),
    CM_PARAMS_END,
};

static const struct cm_param cost_params[] = {
    CM_TEXT(struct cm_prices, currency, "none", "What the prices are in, as it is to be printed."),
    CM_NUMBER(struct cm_prices, failed_request, "0", 0, 1e12,
              "Price of a request that failed because of the release."),
    CM_NUMBER(struct cm_prices, slow_request, "0", 0, 1e12,
              "Price of a request that was slower than latency_slo because of the release."),
    CM_NUMBER(struct cm_prices, harmed_user, "0", 0, 1e12,
              "Price of a user with at least one of these; needs the number of users ([users])."),
    CM_NUMBER(struct cm_prices, rollback, "0", 0, 1e12,
              "Price of a rollback, whatever the release carried."),
    CM_NUMBER(struct cm_prices, hour_of_delay, "0", 0, 1e12,
              "Price of an hour from the creation of a release to the decision about it."),
    CM_NUMBER(struct cm_prices, human_pause, "0", 0, 1e12,
              "Price of a rollout that waits for a person."),
    CM_PARAMS_END,
};

const struct cm_section cm_study_section = {
    .name = "study",
    .summary = "What to compare.",
    .params = study_params,
    .size = sizeof(struct cm_study_options),
};

const struct cm_section cm_cost_section = {
    .name = "cost",
    .summary = "What things cost; nothing is said about costs unless a price is set.",
    .params = cost_params,
    .size = sizeof(struct cm_prices),
};

/* A list, so that a loader (the command line's, a test's) takes whatever analysis has. */
const struct cm_section *const cm_analysis_sections[] = {
    &cm_study_section, &cm_cost_section, &cm_assert_section, &cm_tune_section, NULL,
};

/* Scenarios made without a loader (tests) have no entries. */
static const void *options_of(const struct cm_scenario *s, const char *section)
{
    const struct cm_entry *entry = s->n_entries > 0 ? cm_scenario_entry(s, section) : NULL;
    return entry ? entry->common : NULL;
}

/* Those that [study] names, in its order: the first is usually the one that is compared with. */
static void choose_policies(struct cm_results *r)
{
    const struct cm_study_options *study = options_of(r->scenario, cm_study_section.name);
    bool all = !study || study->policies.n == 0;
    r->n_policies = all ? r->scenario->n_policies : study->policies.n;
    r->policies = cm_alloc((r->n_policies + 1) * sizeof *r->policies);
    for (size_t i = 0; i < r->n_policies; i++)
        r->policies[i] = all ? (int)i : study->policies.refs[i].index;
}

/* In floating point: what is asked for may be absurd. */
double cm_results_room(const struct cm_scenario *scenario)
{
    struct cm_results r = {.scenario = scenario};
    choose_policies(&r);
    double rows = (double)r.n_policies * (double)(1 + scenario->n_defects) *
                  (double)scenario->run.replications;
    cm_free(r.policies);
    return rows * sizeof(struct cm_outcome);
}

void cm_results_outline(struct cm_results *r, const struct cm_scenario *scenario)
{
    const struct cm_prices *prices = options_of(scenario, cm_cost_section.name);
    *r = (struct cm_results){.scenario = scenario, .n_releases = 1 + scenario->n_defects};
    if (prices)
        r->prices = *prices;
    choose_policies(r);
}

/* Rows are allocated at once: a worker writes each exactly where it belongs, whoever plays it. One
 * element more than needed keeps allocations of 0 apart. */
void cm_results_init(struct cm_results *r, const struct cm_scenario *scenario)
{
    cm_results_outline(r, scenario);
    r->n_cells = r->n_policies * r->n_releases;
    r->cells = cm_alloc((r->n_cells + 1) * sizeof *r->cells);
    for (size_t i = 0; i < r->n_cells; i++) {
        struct cm_cell *cell = &r->cells[i];
        cell->plan = (struct cm_plan){
            .scenario = scenario,
            .policy = r->policies[i / r->n_releases],
            .release = (int)(i % r->n_releases) - 1,
            .strength = 1,
        };
        cell->replications = scenario->run.replications;
        cell->rows = cm_alloc((size_t)(cell->replications + 1) * sizeof *cell->rows);
    }
}

void cm_results_release(struct cm_results *r)
{
    for (size_t i = 0; i < r->n_cells; i++)
        cm_free(r->cells[i].rows);
    cm_free(r->cells);
    cm_free(r->policies);
    cm_free(r->smallest);
    *r = (struct cm_results){0};
}

/* Cells are stored policy by policy; within one the healthy release stands first, then the defects
 * as the scenario numbers them. */
const struct cm_cell *cm_results_cell(const struct cm_results *r, size_t policy, int release)
{
    assert(policy < r->n_policies && release >= -1 && release + 1 < (int)r->n_releases);
    return &r->cells[policy * r->n_releases + (size_t)(release + 1)];
}

const char *cm_results_policy(const struct cm_results *r, size_t policy)
{
    return r->scenario->policies[r->policies[policy]].name;
}

const char *cm_results_release_name(const struct cm_results *r, int release)
{
    return release < 0 ? "healthy" : r->scenario->defects[release].name;
}

/* A healthy release is as harmless as one can be. */
bool cm_results_harmless(const struct cm_results *r, int release)
{
    return release < 0 || r->scenario->defects[release].effect.harmless;
}

/* Defects are alternatives, a release has at most one; the loader refuses priors that add up to
 * more than 1, rounding is cut off here. */
double cm_results_prior(const struct cm_results *r, int release)
{
    double rest = 1;
    if (release >= 0) {
        double prior = r->scenario->defects[release].effect.prior;
        return isnan(prior) ? 0 : prior;
    }
    for (size_t i = 0; i < r->scenario->n_defects; i++)
        rest -= cm_results_prior(r, (int)i);
    return fmax(0, rest);
}

/* One is enough: the others weigh nothing then, and the report says so. */
bool cm_results_has_priors(const struct cm_results *r)
{
    for (size_t i = 0; i < r->scenario->n_defects; i++)
        if (!isnan(r->scenario->defects[i].effect.prior))
            return true;
    return false;
}

/* A currency alone is not a price. */
bool cm_results_has_prices(const struct cm_results *r)
{
    const struct cm_prices *p = &r->prices;
    return p->failed_request > 0 || p->slow_request > 0 || p->harmed_user > 0 || p->rollback > 0 ||
           p->hour_of_delay > 0 || p->human_pause > 0;
}
