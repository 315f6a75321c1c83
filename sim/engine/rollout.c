/* Everything is allocated here, once for a worker; a replication only resets it. */
#include "sim/engine/rollout.h"

#include <string.h>

#include "sim/base/mem.h"

static void init_watch(struct cm_rollout *r, struct cm_watch *watch,
                       const struct cm_named_gate *gate)
{
    const struct cm_gate *kind = gate->gate;
    size_t edges = r->plan.scenario->telemetry.buckets.n;
    watch->gate = gate;
    watch->state = cm_alloc((kind->state_size ? kind->state_size(gate->options, edges) : 0) + 1);
    struct cm_needs windows = {.window = true};
    struct cm_needs needs = kind->needs ? kind->needs(gate->options) : windows;
    watch->wants_strata = needs.strata;
    watch->wants_window = needs.window;
    watch->mark_cells = cm_alloc(r->flow.ledger.n_cells * sizeof *watch->mark_cells);
    watch->strata_room = 8;
    watch->strata = cm_alloc(watch->strata_room * gate->n_metrics * sizeof *watch->strata);
}

struct cm_rollout *cm_rollout_new(const struct cm_plan *plan)
{
    struct cm_rollout *r = cm_alloc(sizeof *r);
    const struct cm_scenario *s = plan->scenario;
    r->plan = *plan;
    r->policy = &s->policies[plan->policy];
    r->escape_purpose = cm_rng_purpose("escape.detection");
    r->query_purpose = cm_rng_purpose("monitor.query");
    cm_flow_init(&r->flow, &r->plan);
    cm_scrapes_init(&r->scrapes, &r->flow.ledger);
    cm_calendar_init(&r->calendar, 16);
    r->watches = cm_alloc((r->policy->n_gates + 1) * sizeof *r->watches);
    for (size_t i = 0; i < r->policy->n_gates; i++)
        init_watch(r, &r->watches[i], &s->gates[r->policy->gate[i]]);
    r->readings = cm_alloc((s->n_metrics + 1) * sizeof *r->readings);
    const struct cm_controller *c = r->policy->controller;
    r->controller_state = cm_alloc((c->state_size ? c->state_size(r->policy->options) : 0) + 1);
    r->cells = cm_alloc(2 * r->flow.ledger.n_cells * sizeof *r->cells);
    r->histogram = cm_alloc((s->telemetry.buckets.n + 1) * sizeof *r->histogram);
    return r;
}

void cm_rollout_free(struct cm_rollout *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->policy->n_gates; i++) {
        cm_free(r->watches[i].state);
        cm_free(r->watches[i].mark_cells);
        cm_free(r->watches[i].strata);
    }
    cm_scrapes_release(&r->scrapes);
    cm_flow_release(&r->flow);
    cm_calendar_release(&r->calendar);
    cm_free(r->watches);
    cm_free(r->readings);
    cm_free(r->controller_state);
    cm_free(r->cells);
    cm_free(r->histogram);
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
    r->now = r->step_since = r->share_since = 0;
    r->canary_share = 0;
    r->retired = false;
    memset(r->share, 0, sizeof r->share);
    r->share[CM_STABLE] = 1;
    r->step = -1;
    r->decided = r->paused = r->over = r->onset_told = false;
    r->last_look = CM_NEVER;
    r->objector = -1;
    r->outcome = (struct cm_outcome){
        .gate = -1, .rule = -1, .ended_at = CM_NEVER, .onset = CM_NEVER, .mitigated_at = CM_NEVER};
    cm_flow_begin(&r->flow, replication, &r->outcome.rollout);
    cm_scrapes_begin(&r->scrapes, replication);
    cm_desk_begin(r);
    if (c->start)
        c->start(r->policy->options, r->controller_state);
    cm_calendar_clear(&r->calendar);
    cm_calendar_push(&r->calendar, 0, CM_EVENT_WAKE);
    cm_calendar_push(&r->calendar, r->plan.scenario->run.horizon, CM_EVENT_HORIZON);
}
