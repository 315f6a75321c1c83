/* A study made by hand: two policies, a healthy release, two defects of which one is harmless, and
 * rows that a test writes itself. Nothing is simulated. */
#ifndef CM_TESTS_HAND_MADE_H
#define CM_TESTS_HAND_MADE_H

#include <math.h>

#include "analysis/results.h"

enum { FLAGGER, OURS };                          /* policies */
enum { HEALTHY = -1, SPIKE, COSMETIC, DEFECTS }; /* releases */

struct hand_made {
    struct cm_arrivals arrivals;
    struct cm_controller controller;
    struct cm_profile profile;
    struct cm_named_policy policies[2];
    struct cm_named_defect defects[DEFECTS];
    struct cm_scenario scenario;
    struct cm_results results;
};

static double hand_made_rate(const void *options)
{
    (void)options;
    return 30;
}

static cm_time hand_made_shortest(const void *options)
{
    (void)options;
    return 10 * CM_MINUTE;
}

/* Defects: error-spike, +1.1pp errors, prior 10 %; cosmetic, x1.01 latency, prior 20 %, harmless.
 */
static inline void hand_made_init(struct hand_made *h, uint64_t replications)
{
    static const struct cm_change none = {1, 0};
    *h = (struct hand_made){0};
    h->arrivals.kind.name = "poisson";
    h->arrivals.mean_rate = hand_made_rate;
    h->controller.kind.name = "steps";
    h->controller.shortest = hand_made_shortest;
    h->profile.kind.name = "step";
    h->policies[FLAGGER] =
        (struct cm_named_policy){.name = "flagger-default", .controller = &h->controller};
    h->policies[OURS] = (struct cm_named_policy){.name = "ours", .controller = &h->controller};
    h->defects[SPIKE] = (struct cm_named_defect){.name = "error-spike",
                                                 .effect = {.error_rate = {1, 0.011},
                                                            .latency = none,
                                                            .slow_latency = none,
                                                            .scope = {NULL, -1},
                                                            .prior = 0.1},
                                                 .profile = &h->profile};
    h->defects[COSMETIC] = (struct cm_named_defect){.name = "cosmetic",
                                                    .effect = {.error_rate = none,
                                                               .latency = {1.01, 0},
                                                               .slow_latency = none,
                                                               .scope = {NULL, -1},
                                                               .prior = 0.2,
                                                               .harmless = true},
                                                    .profile = &h->profile};
    h->scenario = (struct cm_scenario){
        .title = "do 1-minute checks on 30 requests a second catch +1.1 pp errors?",
        .file = "shop.ini",
        .run = {.replications = replications,
                .horizon = 2 * CM_HOUR,
                .seed = 7,
                .start = {.random = true}},
        .arrivals = &h->arrivals,
        .service = {.error_rate = 0.001,
                    .slo = NAN,
                    .slo_period = 30 * CM_DAY,
                    .latency_slo = 500 * (CM_SECOND / 1000)},
        .defects = h->defects,
        .n_defects = DEFECTS,
        .policies = h->policies,
        .n_policies = 2,
    };
    cm_params_default(cm_escape_section.params, &h->scenario.escape, &h->scenario.arena);
    cm_results_init(&h->results, &h->scenario);
}

static inline void hand_made_release(struct hand_made *h)
{
    cm_results_release(&h->results);
    cm_arena_release(&h->scenario.arena);
}

static inline struct cm_outcome *hand_made_rows(struct hand_made *h, size_t policy, int release)
{
    return cm_results_cell(&h->results, policy, release)->rows;
}

/* A rollout of a release without a defect; `ended` in seconds. */
static inline struct cm_outcome hand_made_good(enum cm_end end, int ended)
{
    return (struct cm_outcome){.end = end,
                               .gate = -1,
                               .rule = -1,
                               .onset = CM_NEVER,
                               .ended_at = ended * CM_SECOND,
                               .mitigated_at = CM_NEVER,
                               .looks = 20,
                               .evaluations = 40};
}

/* One of a bad release; seconds, 0 for `mitigated` = never. */
static inline struct cm_outcome hand_made_bad(enum cm_end end, int onset, int ended, int mitigated)
{
    struct cm_outcome row = hand_made_good(end, ended);
    row.onset = onset * CM_SECOND;
    row.mitigated_at = mitigated ? mitigated * CM_SECOND : CM_NEVER;
    row.detected = end == CM_ROLLED_BACK && ended >= onset;
    row.early_rollback = end == CM_ROLLED_BACK && ended < onset;
    return row;
}

#endif
