/* One rollout, from the release to the end of its harm.
 *
 * Time passes here and nowhere else: take the next event, draw the traffic up to it, let it act.
 * A rollback ends the story once what is in flight is answered. A promoted release that is bad
 * goes on harming until people notice or the observation ends. */
#include "sim/engine/replicate.h"

#include <assert.h>

#include "sim/engine/rollout.h"

#define WAKES_AT_ONE_INSTANT 1000 /* a controller that asks for more is broken */

/* The monitor has seen all that there is to see by now. */
static void observe(struct cm_rollout *r)
{
    if (r->scrapes.scraping)
        cm_scrapes_advance(&r->scrapes);
    if (r->labels.n_series > 0)
        cm_labels_advance(&r->labels);
    if (r->gauges.n > 0)
        cm_gauges_advance(&r->gauges);
}

/* The controller acts, asked for or not: what it had asked for before is called off. */
static void wake(struct cm_rollout *r)
{
    const struct cm_controller *controller = r->policy->controller;
    cm_time next = r->now;
    r->desk.now = r->now;
    observe(r);
    for (int wakes = 0; next == r->now && !r->decided; wakes++) {
        assert(wakes < WAKES_AT_ONE_INSTANT);
        next = controller->wake(r->policy->options, r->controller_state, &r->desk);
        assert(next >= r->now);
    }
    r->next_wake = next;
    if (!r->decided)
        cm_calendar_push(&r->calendar, next, CM_EVENT_WAKE);
}

static void wake_if_due(struct cm_rollout *r)
{
    if (r->now == r->next_wake && !r->decided)
        wake(r);
}

/* Whatever a controller makes of it, it is told at once. */
static void revise(struct cm_rollout *r)
{
    cm_counterparts_revise(&r->counterparts);
    cm_calendar_push(&r->calendar, r->counterparts.next_revision, CM_EVENT_REVISION);
    if (!r->decided)
        wake(r);
}

/* Early: it may wait for this. What was seen by now belongs to the stratum that ends here. */
static void pods_change(struct cm_rollout *r)
{
    if (!r->decided)
        observe(r);
    cm_desk_pods(r);
    if (!r->decided)
        wake(r);
}

/* Before the controller looks at the same instant; one that is decided looks no more. */
static void extend_series(struct cm_rollout *r)
{
    if (r->decided)
        return;
    observe(r);
    cm_desk_series(r);
}

static void schedule_series(struct cm_rollout *r)
{
    if (r->decided || r->over || r->next_point == r->series_at)
        return;
    r->series_at = r->next_point;
    cm_calendar_push(&r->calendar, r->next_point, CM_EVENT_SERIES);
}

/* A rollout that is decided has nobody left to tell. */
static void schedule_pods(struct cm_rollout *r)
{
    cm_time next = r->flow.world.pods.until;
    if (r->decided || r->over || next == r->pods_at)
        return;
    r->pods_at = next;
    cm_calendar_push(&r->calendar, next, CM_EVENT_PODS);
}

/* Nothing reaches the bad release any more; what is in flight is still harm. */
static void withdraw(struct cm_rollout *r)
{
    cm_desk_route(r, 0);
    cm_flow_drain(&r->flow);
    if (r->flow.world.onset <= r->now)
        r->outcome.mitigated_at = r->now;
    r->over = true;
}

static void people_notice(struct cm_rollout *r)
{
    if (r->observer)
        r->observer->people(r->observer->self, r->now);
    withdraw(r);
}

static void horizon(struct cm_rollout *r)
{
    if (!r->decided) {
        r->outcome.end = r->paused ? CM_PAUSED : CM_TIMED_OUT;
        r->outcome.ended_at = r->now;
    }
    r->over = true;
}

/* A release that goes on serving: people notice a bad one some time after its harm began. */
static void escape(struct cm_rollout *r)
{
    const struct cm_scenario *s = r->plan.scenario;
    cm_time onset =
        r->flow.world.defect ? cm_world_seek_onset(&r->flow.world, s->run.horizon) : CM_NEVER;
    if (onset == CM_NEVER) {
        r->over = true;
        return;
    }
    struct cm_rng rng = cm_rng_stream(s->run.seed, r->replication, r->escape_purpose, 0);
    double seconds = cm_law_draw(&s->escape.detection, &rng);
    cm_time from = onset > r->now ? onset : r->now;
    cm_flow_escape(&r->flow, &r->outcome.escaped);
    cm_calendar_push(&r->calendar, cm_later(from, cm_from_seconds(seconds)), CM_EVENT_PEOPLE);
}

void cm_rollout_decide(struct cm_rollout *r, enum cm_end end)
{
    bool bad = r->flow.world.defect != NULL;
    r->decided = true;
    cm_scrapes_end(&r->scrapes);
    cm_labels_end(&r->labels);
    cm_gauges_end(&r->gauges);
    r->outcome.end = end;
    r->outcome.ended_at = r->now;
    if (end == CM_ROLLED_BACK) {
        r->outcome.gate = r->objector;
        r->outcome.rule = r->objector < 0 ? -1 : r->watches[r->objector].verdict.rule;
        r->outcome.detected = bad && r->flow.world.onset <= r->now;
        r->outcome.early_rollback = bad && !r->outcome.detected;
        withdraw(r);
        return;
    }
    if (end == CM_SUPERSEDED) {
        withdraw(r);
        return;
    }
    if (end == CM_PROMOTED)
        cm_desk_route(r, 1);
    escape(r);
}

/* Of a healthy release the next one is its like, and the rollout goes on with it; a defect goes
 * with the release that carries it. */
void cm_rollout_restart(struct cm_rollout *r)
{
    if (r->flow.world.defect) {
        cm_rollout_decide(r, CM_SUPERSEDED);
        return;
    }
    cm_desk_route(r, 0);
    cm_world_renew(&r->flow.world);
    r->retired = false;
    r->step = -1;
    r->began = r->step_since = r->now;
    r->paused = false;
    cm_counterparts_restart(&r->counterparts);
    cm_desk_restart(r);
}

static void (*const act[CM_EVENT_RANKS])(struct cm_rollout *) = {
    [CM_EVENT_REVISION] = revise,      [CM_EVENT_PODS] = pods_change,
    [CM_EVENT_SERIES] = extend_series, [CM_EVENT_WAKE] = wake_if_due,
    [CM_EVENT_PEOPLE] = people_notice, [CM_EVENT_HORIZON] = horizon,
};

/* The world notes the onset when it makes the traffic that meets it, which is before anybody acts
 * on what came of it; a release that has escaped may have its onset still ahead. */
static void tell_onset(struct cm_rollout *r)
{
    cm_time onset = r->flow.world.onset;
    if (!r->observer || r->onset_told || onset > r->now)
        return;
    r->onset_told = true;
    r->observer->onset(r->observer->self, onset);
}

struct cm_outcome cm_replicate(struct cm_rollout *r, uint64_t index)
{
    struct cm_event event;
    cm_rollout_begin(r, index);
    while (!r->over && cm_calendar_pop(&r->calendar, &event)) {
        cm_flow_advance(&r->flow, event.at);
        if (r->plan.scenario->n_kpis > 0)
            r->flow.account->kpi += cm_labels_lost(&r->labels, r->now, event.at);
        r->now = event.at;
        tell_onset(r);
        act[event.rank](r);
        schedule_pods(r);
        schedule_series(r);
    }
    cm_flow_settle(&r->flow);
    r->outcome.onset = r->flow.world.onset;
    r->outcome.step = r->step;
    r->outcome.shadow = r->flow.requests ? r->flow.requests->copied : 0;
    cm_flow_count_users(&r->flow, r->now, &r->outcome);
    if (r->observer)
        r->observer->end(r->observer->self, &r->outcome);
    return r->outcome;
}
