/* Policies that decide, played by both flows: how rollouts end, when, and with what harm. For
 * test_flows_decisions.c and test_flows_users.c. */
#ifndef CM_TEST_TWO_ROLLOUTS_H
#define CM_TEST_TWO_ROLLOUTS_H

#include <string.h>

#include "sim/engine/replicate.h"
#include "tests/stat/two_flows.h"

enum { OUTCOMES = 16 };

static inline void outcome_of(const struct cm_outcome *o, double *value)
{
    const double all[OUTCOMES] = {
        o->end == CM_ROLLED_BACK,
        o->detected,
        cm_seconds(o->ended_at),
        (double)o->looks,
        (double)o->rollout.requests,
        (double)o->rollout.failures,
        (double)o->rollout.slow,
        (double)o->escaped.requests,
        (double)o->escaped.failures,
        (double)o->escaped.slow,
        o->reached_in_rollout.exposed,
        o->reached_in_rollout.harmed,
        o->reached.exposed,
        o->reached.harmed,
        o->first_share,
        o->share_deviation,
    };
    memcpy(value, all, sizeof all);
}

static inline double (*decide_all(const char *text, enum cm_flow_kind kind, size_t n))[OUTCOMES]
{
    double(*all)[OUTCOMES] = cm_alloc(n * sizeof *all);
    struct cm_scenario scenario = {0};
    load(&scenario, text, kind);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (size_t i = 0; i < n; i++) {
        struct cm_outcome outcome = cm_replicate(rollout, i);
        outcome_of(&outcome, all[i]);
    }
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
    return all;
}

/* The gate has to be of two minds, or the test could not tell. */
static inline void expect_same_decisions(const char *text, size_t n)
{
    double(*counts)[OUTCOMES] = decide_all(text, CM_FLOW_COUNTS, n);
    double(*requests)[OUTCOMES] = decide_all(text, CM_FLOW_REQUESTS, n);
    double *difference = cm_alloc(n * sizeof *difference), rolled_back = 0;
    for (size_t at = 0; at < OUTCOMES; at++) {
        for (size_t i = 0; i < n; i++)
            difference[i] = counts[i][at] - requests[i][at];
        double z = deviation(difference, n);
        cr_log_info("outcome %zu: %.2f", at, z);
        cr_expect(fabs(z) <= LIMIT, "outcome %zu is %g standard errors apart", at, z);
    }
    for (size_t i = 0; i < n; i++)
        rolled_back += counts[i][0] / (double)n;
    cr_expect(rolled_back > 0.1 && rolled_back < 0.9, "%g", rolled_back);
    cm_free(difference);
    cm_free(counts);
    cm_free(requests);
}

#define ERRORS "[metric.errors]\nsignal = error_ratio\nwindow = 37s\n"
#define STEPS  "[policy.p]\nsteps = 10%/1m, 25%/1m, 50%/1m, 100%/1m\nlook_every = 15s\ngates = g\n"

#endif
