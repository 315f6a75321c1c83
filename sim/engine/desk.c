/* The desk: what a controller asks and orders, answered from the ledger.
 *
 * `ask` is pure at one instant: a gate asked twice gives its first answer again. Strata end at
 * every look of their gate and at every change of the route, so that none mixes two shares. Where
 * the monitor scrapes, they end with the last sample that is visible then; a query that fails
 * leaves them open. */
#include <assert.h>
#include <string.h>

#include "sim/engine/metrics.h"
#include "sim/engine/watch.h"

#define METRICS_MAX (sizeof((struct cm_named_gate *)0)->metric / sizeof(int))

/* A gate of which one query fails gets no counter steps this time: it sees them at its next look.
 */
static bool is_blind(const struct cm_rollout *r, const struct cm_watch *watch)
{
    bool blind = false;
    for (size_t m = 0; m < watch->gate->n_metrics; m++)
        blind = blind || cm_metrics_fail(r, watch->gate->metric[m]);
    return blind;
}

static void show_series(struct cm_watch *watch)
{
    for (size_t m = 0; m < watch->gate->n_metrics; m++)
        watch->signals[m].series = cm_points_show(&watch->points, m);
}

static void show_windows(struct cm_rollout *r, struct cm_watch *watch)
{
    const struct cm_named_gate *gate = watch->gate;
    for (size_t m = 0; m < gate->n_metrics; m++)
        cm_metrics_show(r, gate->metric[m], &watch->signals[m]);
}

/* A gate that reads no windows learns no more than whether the monitor answers. */
static void show_states(const struct cm_rollout *r, struct cm_watch *watch)
{
    for (size_t m = 0; m < watch->gate->n_metrics; m++) {
        bool fails = cm_metrics_fail(r, watch->gate->metric[m]);
        cm_metrics_clear(r, &watch->signals[m], fails ? CM_GATE_ERROR : CM_NO_DATA);
    }
}

/* What stays the same from look to look was filled in when there was no look yet. */
static inline void ready_look(struct cm_rollout *r, struct cm_watch *watch, bool blind)
{
    struct cm_look *look = &watch->look;
    if (watch->wants_window)
        show_windows(r, watch);
    else if (r->fallible)
        show_states(r, watch);
    if (watch->wants_strata)
        cm_watch_show(r, watch, blind ? 0 : watch->n_strata);
    if (watch->points.step > 0)
        show_series(watch);
    look->now = r->now;
    look->since_step = r->now - r->step_since;
    look->began = r->began;
    look->step = r->step;
    look->control = cm_rollout_control(r);
}

/* From when on the gate's signals tell: its windows, or the oldest of its new counter steps. */
static void tell_look(const struct cm_rollout *r, const struct cm_watch *watch)
{
    const struct cm_look *look = &watch->look;
    cm_time from[METRICS_MAX];
    for (size_t m = 0; m < look->n_signals; m++) {
        const struct cm_signal *signal = &look->signals[m];
        from[m] = watch->wants_window   ? r->now - cm_watch_metric(r, watch, m)->window
                  : signal->n_fresh > 0 ? signal->fresh[0].from
                                        : r->now;
    }
    const struct cm_seen seen = {
        .gate = (int)(watch - r->watches),
        .look = look,
        .verdict = &watch->verdict,
        .windows = watch->wants_window,
        .from = from,
        .canary_share = r->canary_share,
        .share_since = r->share_since,
    };
    r->observer->look(r->observer->self, &seen);
}

static void begin_look(struct cm_rollout *r)
{
    r->last_look = r->now;
    r->objector = -1;
    r->outcome.looks++;
}

/* Of the gates asked at one look, the first of the worst speaks, as in sim/controllers/mix.h. */
static void note_objection(struct cm_rollout *r, int id, const struct cm_verdict *verdict)
{
    if (verdict->label == CM_PASS)
        return;
    const struct cm_verdict *worst = r->objector < 0 ? NULL : &r->watches[r->objector].verdict;
    if (!worst || verdict->label > worst->label ||
        (verdict->label == worst->label && verdict->decisive && !worst->decisive))
        r->objector = id;
}

/* One gate; those that its verdict is made of have been asked. */
static void ask_one(struct cm_rollout *r, struct cm_watch *watch)
{
    const struct cm_named_gate *gate = watch->gate;
    bool blind = r->fallible && is_blind(r, watch);
    if (!blind && watch->wants_strata)
        cm_watch_cut(r, watch);
    ready_look(r, watch, blind);
    watch->verdict = gate->gate->look(gate->options, watch->state, &watch->look);
    if (r->observer)
        tell_look(r, watch);
    watch->asked_at = r->now;
    if (!blind)
        watch->n_strata = 0;
    watch->look.number++;
    r->outcome.evaluations++;
}

/* Lower levels first; what was asked at this instant is not asked again. */
static const struct cm_verdict *ask_gate(struct cm_rollout *r, int id)
{
    const struct cm_watch *watch = &r->watches[id];
    for (size_t i = 0; i < watch->n_asks; i++)
        if (watch->asks[i]->asked_at != r->now)
            ask_one(r, watch->asks[i]);
    if (r->last_look != r->now)
        begin_look(r);
    note_objection(r, id, &watch->verdict);
    return &watch->verdict;
}

static struct cm_route route_of(const struct cm_rollout *r)
{
    struct cm_route route = {.match = r->flow.world.match, .mirror = r->flow.world.mirror};
    memcpy(route.share, r->flow.world.ordered, sizeof route.share);
    return route;
}

/* All requests that a version has answered by now, as the monitor knows. History is stable's alone.
 */
static uint64_t answered(struct cm_rollout *r, size_t version)
{
    uint64_t *none = r->cells, *now = r->cells + r->flow.ledger.n_cells;
    uint64_t n[CM_VERSIONS], x[CM_VERSIONS];
    memset(none, 0, r->flow.ledger.n_cells * sizeof *none);
    cm_rollout_counters(r, now);
    cm_count(r, none, now, -1, n, x);
    return n[version];
}

static void show_pods(struct cm_rollout *r)
{
    for (size_t v = 0; v < r->flow.world.n_versions; v++)
        r->answer.pods[v] = cm_pods_seen(&r->flow.world.pods, v, r->now);
}

static void show_said(struct cm_rollout *r, struct cm_said said)
{
    r->said = cm_verdict_of(said.label, -1);
    r->said.decisive = said.label == CM_PASS || said.label == CM_FAIL;
    r->answer.at = said.at;
    r->answer.verdict = &r->said;
}

/* Of whatever is no gate. */
static void answer_other(struct cm_rollout *r, enum cm_ask what, int id)
{
    switch (what) {
    case CM_ASK_HOOK:
        show_said(r, cm_counterparts_hook(&r->counterparts, id, r->now));
        break;
    case CM_ASK_HUMAN:
        show_said(r, cm_counterparts_people(&r->counterparts, r->now));
        break;
    case CM_ASK_PODS:
        show_pods(r);
        break;
    case CM_ASK_ROUTE:
        r->answer.route = route_of(r);
        break;
    case CM_ASK_REVISION:
        r->answer.revision = r->counterparts.revision;
        break;
    case CM_ASK_REQUESTS:
        r->answer.requests = answered(r, (size_t)id);
        break;
    case CM_ASK_GATE:
        assert(false);
    }
}

static const struct cm_answer *ask(void *self, enum cm_ask what, int id)
{
    struct cm_rollout *r = self;
    r->answer.at = r->now;
    if (what == CM_ASK_GATE)
        r->answer.verdict = ask_gate(r, id);
    else
        answer_other(r, what, id);
    return &r->answer;
}

/* What the world makes of an order: where pods lack, less. */
static void take_share(struct cm_rollout *r)
{
    const double *share = r->flow.world.share;
    if (share[CM_CANARY] != r->canary_share)
        r->share_since = r->now;
    memcpy(r->share, share, sizeof r->share);
    r->canary_share = share[CM_CANARY];
}

static void tell_pods(struct cm_rollout *r)
{
    const struct cm_pods_path *p = &r->flow.world.pods;
    for (size_t v = 0; p->on && v < p->n_versions; v++) {
        struct cm_pods pods = cm_pods_seen(p, v, r->now);
        if (r->observer && pods.available != r->available[v])
            r->observer->pods(r->observer->self, r->now, (enum cm_arm)v, &pods);
        r->available[v] = pods.available;
    }
}

/* A pair has the route (1 - 2w, w, w). */
static const double LARGEST_OF_PAIR = 0.5;

static void set_route(struct cm_rollout *r, double canary_share)
{
    for (size_t i = 0; i < r->policy->n_watched; i++)
        cm_watch_cut(r, &r->watches[i]);
    r->retired |= canary_share > LARGEST_OF_PAIR;
    double baseline = r->policy->control == CM_BASELINE && !r->retired ? canary_share : 0;
    const double share[CM_VERSIONS] = {[CM_STABLE] = 1 - canary_share - baseline,
                                       [CM_CANARY] = canary_share,
                                       [CM_BASELINE] = baseline};
    cm_world_split(&r->flow.world, share);
    tell_pods(r);
    take_share(r);
}

static bool same_shares(const double a[CM_VERSIONS], const double b[CM_VERSIONS])
{
    for (size_t v = 0; v < CM_VERSIONS; v++)
        if (a[v] != b[v])
            return false;
    return true;
}

void cm_desk_pods(struct cm_rollout *r)
{
    const struct cm_world *w = &r->flow.world;
    cm_world_pods(&r->flow.world);
    tell_pods(r);
    if (same_shares(r->share, w->share))
        return;
    for (size_t i = 0; i < r->policy->n_watched; i++)
        cm_watch_cut(r, &r->watches[i]);
    take_share(r);
}

void cm_desk_route(struct cm_rollout *r, double canary_share)
{
    cm_world_send(&r->flow.world, -1, 0);
    set_route(r, canary_share);
}

/* A mirror or a class is not a change of the weight, yet one of what the canary gets. */
static void send(struct cm_rollout *r, const struct cm_route *route)
{
    struct cm_world *w = &r->flow.world;
    if (route->match != w->match || route->mirror != w->mirror)
        r->share_since = r->now;
    cm_world_send(w, route->match, route->mirror);
    set_route(r, route->share[CM_CANARY]);
}

static void begin_step(struct cm_rollout *r, int step)
{
    r->step = step;
    r->step_since = r->now;
    r->paused = false;
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        const struct cm_named_gate *gate = r->watches[i].gate;
        if (gate->gate->new_step)
            gate->gate->new_step(gate->options, r->watches[i].state);
    }
}

static void order(void *self, const struct cm_order *o)
{
    struct cm_rollout *r = self;
    assert(!r->decided);
    if (r->observer)
        r->observer->order(r->observer->self, r->now, o);
    switch (o->kind) {
    case CM_SET_ROUTE:
        send(r, &o->route);
        break;
    case CM_SET_STEP:
        begin_step(r, o->step);
        break;
    case CM_PAUSE:
        r->paused = true;
        break;
    case CM_FINISH:
        cm_rollout_decide(r, o->end);
        break;
    case CM_RESTART:
        cm_rollout_restart(r);
        break;
    case CM_SET_PODS:
        cm_desk_pods(r);
        for (size_t v = 0; v < r->flow.world.n_versions; v++)
            cm_pods_want(&r->flow.world.pods, v, (size_t)o->pods[v], r->now);
        break;
    }
}

static void say(void *self, int sentence, const struct cm_evidence *why)
{
    const struct cm_rollout *r = self;
    if (r->observer)
        r->observer->say(r->observer->self, r->now, sentence, why);
}

static void note_next_point(struct cm_rollout *r)
{
    r->next_point = CM_NEVER;
    for (size_t i = 0; i < r->policy->n_watched; i++)
        if (r->watches[i].points.next < r->next_point)
            r->next_point = r->watches[i].points.next;
}

void cm_desk_series(struct cm_rollout *r)
{
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        struct cm_watch *watch = &r->watches[i];
        if (watch->points.next != r->now)
            continue;
        cm_points_add(&watch->points);
        for (size_t m = 0; m < watch->gate->n_metrics; m++) {
            struct cm_signal signal;
            cm_metrics_read(r, watch->gate->metric[m], &signal);
            cm_points_set(&watch->points, m, &signal);
        }
    }
    note_next_point(r);
}

struct cm_desk cm_desk_of(struct cm_rollout *r)
{
    return (struct cm_desk){.self = r, .ask = ask, .order = order, .say = say};
}

static void start_gate(struct cm_rollout *r, struct cm_watch *watch)
{
    const struct cm_gate *kind = watch->gate->gate;
    watch->look.number = 0;
    watch->n_strata = 0;
    watch->asked_at = CM_NEVER;
    memset(watch->state, 0, watch->state_size);
    cm_points_begin(&watch->points, 0);
    if (kind->start) {
        cm_watch_history(r, watch);
        ready_look(r, watch, false);
        kind->start(watch->gate->options, watch->state, &watch->look);
        watch->n_strata = 0;
    }
    memcpy(watch->started, watch->state, watch->state_size);
    cm_watch_mark(r, watch, 0);
}

void cm_desk_begin(struct cm_rollout *r)
{
    cm_metrics_begin(r);
    for (size_t i = 0; i < r->policy->n_watched; i++)
        start_gate(r, &r->watches[i]);
    note_next_point(r);
    cm_watch_hold(r);
}

void cm_desk_restart(struct cm_rollout *r)
{
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        struct cm_watch *watch = &r->watches[i];
        watch->look.number = 0;
        watch->n_strata = 0;
        watch->asked_at = CM_NEVER;
        memcpy(watch->state, watch->started, watch->state_size);
        cm_points_begin(&watch->points, r->now);
        cm_watch_mark(r, watch, r->now);
    }
    note_next_point(r);
    cm_watch_hold(r);
}
