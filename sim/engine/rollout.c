/* Everything is allocated here, once for a worker; a replication only resets it. */
#include "sim/engine/rollout.h"

#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/engine/metrics.h"

static void init_watch(struct cm_rollout *r, struct cm_watch *watch,
                       const struct cm_named_gate *gate)
{
    const struct cm_gate *kind = gate->gate;
    size_t edges = r->plan.scenario->telemetry.buckets.n;
    watch->gate = gate;
    watch->state_size = kind->state_size ? kind->state_size(gate->options, edges) : 0;
    watch->state = cm_alloc(watch->state_size + 1);
    watch->started = cm_alloc(watch->state_size + 1);
    struct cm_needs windows = {.window = true};
    struct cm_needs needs = kind->needs ? kind->needs(gate->options) : windows;
    watch->wants_strata = needs.strata;
    watch->wants_window = needs.window;
    watch->wants_buckets = needs.strata && needs.buckets;
    watch->history = needs.history;
    cm_points_init(&watch->points, needs.series_step, gate->n_metrics, r->flow.world.n_versions);
    watch->signals = cm_alloc((gate->n_metrics + 1) * sizeof *watch->signals);
    watch->look = (struct cm_look){.edges = &r->plan.scenario->telemetry.buckets,
                                   .signals = watch->signals,
                                   .n_signals = gate->n_metrics,
                                   .parts = watch->parts,
                                   .n_parts = gate->n_parts};
    watch->mark_cells = cm_alloc(r->flow.ledger.n_cells * sizeof *watch->mark_cells);
    watch->strata_room = 8;
    watch->strata = cm_alloc(watch->strata_room * gate->n_metrics * sizeof *watch->strata);
    for (size_t m = 0; m < gate->n_metrics; m++)
        watch->signals[m] = (struct cm_signal){.value = {NAN, NAN, NAN},
                                               .state = {CM_NO_DATA, CM_NO_DATA, CM_NO_DATA}};
    size_t rows =
        watch->wants_buckets ? watch->strata_room * gate->n_metrics * r->flow.world.n_versions : 0;
    watch->buckets = cm_alloc(rows * r->flow.ledger.n_buckets * sizeof *watch->buckets);
    watch->mark_buckets =
        cm_alloc(cm_ledger_histogram_size(&r->flow.ledger) * sizeof *watch->mark_buckets);
}

static size_t find_watch(const struct cm_rollout *r, int gate)
{
    size_t i = 0;
    while (r->policy->gate[i] != gate)
        i++;
    return i;
}

/* The watches of a set of bits that are of one level come next. */
static void add_level(const struct cm_rollout *r, uint64_t asks, int level, struct cm_watch *watch)
{
    for (size_t i = 0; i < r->policy->n_watched; i++)
        if (asks >> i & 1 && r->watches[i].gate->level == level)
            watch->asks[watch->n_asks++] = &r->watches[i];
}

/* Parts are of lower levels than what they are parts of. */
static void link_parts(struct cm_rollout *r)
{
    uint64_t asks[CM_WATCHED_MAX] = {0}; /* a bit a watch */
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        struct cm_watch *watch = &r->watches[i];
        asks[i] = UINT64_C(1) << i;
        for (size_t p = 0; p < watch->gate->n_parts; p++)
            watch->parts[p] = &r->watches[find_watch(r, watch->gate->part[p])].verdict;
    }
    for (int level = 0; level < CM_WATCHED_MAX; level++)
        for (size_t i = 0; i < r->policy->n_watched; i++) {
            struct cm_watch *watch = &r->watches[i];
            for (size_t p = 0; watch->gate->level == level && p < watch->gate->n_parts; p++)
                asks[i] |= asks[find_watch(r, watch->gate->part[p])];
            for (int below = 0; watch->gate->level == level && below <= level; below++)
                add_level(r, asks[i], below, watch);
        }
}

struct cm_rollout *cm_rollout_new(const struct cm_plan *plan)
{
    struct cm_rollout *r = cm_alloc(sizeof *r);
    const struct cm_scenario *s = plan->scenario;
    r->plan = *plan;
    r->policy = &s->policies[plan->policy];
    r->escape_purpose = cm_rng_purpose("escape.detection");
    r->desk = cm_desk_of(r);
    cm_flow_init(&r->flow, &r->plan);
    cm_scrapes_init(&r->scrapes, &r->flow.ledger);
    bool one_by_one = r->flow.requests != NULL;
    cm_labels_init(&r->labels, &r->plan, &r->flow.world, one_by_one);
    if (one_by_one && r->labels.n_series > 0)
        r->flow.requests->labels = &r->labels;
    cm_gauges_init(&r->gauges, &r->plan, &r->flow.world);
    cm_calendar_init(&r->calendar, 16);
    cm_counterparts_init(&r->counterparts, &r->plan);
    r->watches = cm_alloc((r->policy->n_watched + 1) * sizeof *r->watches);
    for (size_t i = 0; i < r->policy->n_watched; i++)
        init_watch(r, &r->watches[i], &s->gates[r->policy->gate[i]]);
    link_parts(r);
    cm_metrics_init(r);
    const struct cm_controller *c = r->policy->controller;
    r->controller_state = cm_alloc((c->state_size ? c->state_size(r->policy->options) : 0) + 1);
    r->cells = cm_alloc(2 * r->flow.ledger.n_cells * sizeof *r->cells);
    r->seen_buckets = cm_alloc(cm_ledger_histogram_size(&r->flow.ledger) * sizeof *r->seen_buckets);
    return r;
}

void cm_rollout_free(struct cm_rollout *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        cm_free(r->watches[i].state);
        cm_free(r->watches[i].started);
        cm_free(r->watches[i].signals);
        cm_free(r->watches[i].mark_cells);
        cm_free(r->watches[i].strata);
        cm_free(r->watches[i].mark_buckets);
        cm_free(r->watches[i].buckets);
        cm_points_release(&r->watches[i].points);
    }
    cm_scrapes_release(&r->scrapes);
    cm_labels_release(&r->labels);
    cm_gauges_release(&r->gauges);
    cm_flow_release(&r->flow);
    cm_calendar_release(&r->calendar);
    cm_counterparts_release(&r->counterparts);
    cm_free(r->watches);
    cm_free(r->metrics);
    cm_free(r->windows);
    cm_free(r->controller_state);
    cm_free(r->cells);
    cm_free(r->seen_buckets);
    cm_free(r);
}

void cm_rollout_observe(struct cm_rollout *r, const struct cm_observer *observer)
{
    r->observer = observer;
}

void cm_rollout_begin(struct cm_rollout *r, uint64_t replication)
{
    const struct cm_controller *c = r->policy->controller;
    r->replication = replication;
    r->now = r->began = r->step_since = r->share_since = 0;
    r->canary_share = 0;
    r->retired = false;
    memset(r->share, 0, sizeof r->share);
    r->share[CM_STABLE] = 1;
    r->step = -1;
    r->decided = r->paused = r->over = r->onset_told = false;
    r->last_look = r->pods_at = r->series_at = CM_NEVER;
    r->objector = -1;
    r->outcome = (struct cm_outcome){
        .gate = -1, .rule = -1, .ended_at = CM_NEVER, .onset = CM_NEVER, .mitigated_at = CM_NEVER};
    cm_labels_begin(&r->labels, replication);
    cm_gauges_begin(&r->gauges, replication);
    cm_flow_begin(&r->flow, replication, &r->outcome.rollout);
    cm_labels_advance(&r->labels);
    cm_gauges_advance(&r->gauges);
    for (size_t v = 0; v < r->flow.world.n_versions; v++)
        r->available[v] = cm_pods_seen(&r->flow.world.pods, v, 0).available;
    cm_scrapes_begin(&r->scrapes, replication);
    cm_counterparts_begin(&r->counterparts, replication);
    cm_desk_begin(r);
    if (c->start)
        c->start(r->policy->options, r->controller_state);
    cm_calendar_clear(&r->calendar);
    r->next_wake = 0;
    cm_calendar_push(&r->calendar, 0, CM_EVENT_WAKE);
    cm_calendar_push(&r->calendar, r->counterparts.next_revision, CM_EVENT_REVISION);
    cm_calendar_push(&r->calendar, r->plan.scenario->run.horizon, CM_EVENT_HORIZON);
}
