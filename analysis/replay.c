/* The desk of a replay. A gate asked twice at one instant gives its first answer again; parts of
 * composites are asked before what is made of them. */
#include "analysis/replay.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"

#define METRICS_MAX (sizeof((struct cm_named_gate *)0)->metric / sizeof(int))
#define PARTS_MAX   (sizeof((struct cm_named_gate *)0)->part / sizeof(int))

struct gate_at_work {
    const struct cm_named_gate *gate;
    void *state;
    struct cm_verdict verdict;
    cm_time asked_at; /* CM_NEVER = never */
    cm_time mark;     /* its last stratum ends here */
    int looks;
};

struct replay {
    const struct cm_scenario *s;
    const struct cm_named_policy *policy;
    const struct cm_history *history;
    const struct cm_observer *observer;
    struct gate_at_work gates[CM_WATCHED_MAX];
    struct cm_arena arena;
    void *state; /* the controller's */
    cm_time now, step_since, share_since, last_look;
    struct cm_route route;
    struct cm_answer answer;
    struct cm_verdict agreed;
    int step, objector;
    bool paused, over;
    struct cm_outcome outcome;
};

/* --- what is there --- */

static struct cm_needs needs_of(const struct cm_named_gate *gate)
{
    const struct cm_needs windows = {.window = true};
    return gate->gate->needs ? gate->gate->needs(gate->options) : windows;
}

static int check_metric(const struct cm_named_gate *gate, const struct cm_scenario *s, int metric,
                        const struct cm_history *h, struct cm_err *err)
{
    const char *name = s->metrics[metric].name;
    struct cm_needs needs = needs_of(gate);
    if (needs.window && !cm_history_has(h, metric, CM_CANARY))
        return cm_fail(err, "%s: gate %s reads %s, and there is no column %s.canary", h->file,
                       gate->name, name, name);
    if (needs.strata && (!cm_history_has_counts(h, metric, CM_CANARY) ||
                         !cm_history_has_counts(h, metric, CM_STABLE)))
        return cm_fail(
            err,
            "%s: gate %s counts requests of %s: it needs the columns %s.canary.requests, "
            "%s.canary.errors, %s.stable.requests and %s.stable.errors",
            h->file, gate->name, name, name, name, name, name);
    return 0;
}

int cm_replay_check(const struct cm_scenario *s, int policy, const struct cm_history *history,
                    struct cm_err *err)
{
    const struct cm_named_policy *p = &s->policies[policy];
    for (size_t i = 0; i < p->n_watched; i++) {
        const struct cm_named_gate *gate = &s->gates[p->gate[i]];
        struct cm_needs needs = needs_of(gate);
        if (needs.buckets || needs.moments || needs.series_step > 0 || needs.history > 0)
            return cm_fail(err, "%s: gate %s (%s) needs %s, which a table of metrics does not hold",
                           history->file, gate->name, gate->gate->kind.name,
                           needs.history > 0 ? "what stable did before the release"
                           : needs.buckets   ? "latency buckets"
                           : needs.moments   ? "moments"
                                             : "series");
        for (size_t m = 0; m < gate->n_metrics; m++)
            if (check_metric(gate, s, gate->metric[m], history, err))
                return -1;
    }
    return 0;
}

/* --- gates --- */

static void tell(const struct replay *r, int id, const struct cm_look *look)
{
    const struct gate_at_work *g = &r->gates[id];
    bool windows = needs_of(g->gate).window;
    cm_time from[METRICS_MAX];
    for (size_t m = 0; m < look->n_signals; m++)
        from[m] = windows ? r->now - r->s->metrics[g->gate->metric[m]].metric.window : g->mark;
    const struct cm_seen seen = {
        .gate = id,
        .look = look,
        .verdict = &g->verdict,
        .windows = windows,
        .from = from,
        .canary_share = r->route.share[CM_CANARY],
        .share_since = r->share_since,
    };
    r->observer->look(r->observer->self, &seen);
}

static void ask_one(struct replay *r, int id)
{
    struct gate_at_work *g = &r->gates[id];
    struct cm_signal signals[METRICS_MAX];
    struct cm_stratum strata[METRICS_MAX];
    const struct cm_verdict *parts[PARTS_MAX];
    const cm_time since[2] = {g->mark, r->now};
    for (size_t m = 0; m < g->gate->n_metrics; m++) {
        int metric = g->gate->metric[m];
        signals[m] = cm_history_signal(r->history, r->s, metric, r->now);
        signals[m].n_fresh = cm_history_stratum(r->history, metric, since, &strata[m]);
        signals[m].fresh = &strata[m];
    }
    for (size_t p = 0; p < g->gate->n_parts; p++)
        for (size_t i = 0; i < r->policy->n_watched; i++)
            if (r->policy->gate[i] == g->gate->part[p])
                parts[p] = &r->gates[i].verdict;
    const struct cm_look look = {
        .now = r->now,
        .since_step = r->now - r->step_since,
        .step = r->step,
        .number = g->looks,
        .control = r->policy->control,
        .edges = &r->s->telemetry.buckets,
        .signals = signals,
        .n_signals = g->gate->n_metrics,
        .parts = parts,
        .n_parts = g->gate->n_parts,
    };
    g->verdict = g->gate->gate->look(g->gate->options, g->state, &look);
    tell(r, id, &look);
    g->asked_at = g->mark = r->now;
    g->looks++;
    r->outcome.evaluations++;
}

/* All gates that a composite stands on lie below its level. */
static const struct cm_verdict *ask_gate(struct replay *r, int id)
{
    int top = r->gates[id].gate->level;
    for (int level = 0; level < top; level++)
        for (size_t i = 0; i < r->policy->n_watched; i++)
            if (r->gates[i].gate->level == level && r->gates[i].asked_at != r->now)
                ask_one(r, (int)i);
    if (r->gates[id].asked_at != r->now)
        ask_one(r, id);
    const struct cm_verdict *v = &r->gates[id].verdict;
    r->objector = r->last_look == r->now ? r->objector : -1;
    if (v->label != CM_PASS && (r->objector < 0 || v->label > r->gates[r->objector].verdict.label))
        r->objector = id;
    r->outcome.looks += r->last_look != r->now;
    r->last_look = r->now;
    return v;
}

/* --- the desk --- */

/* Of the first metric that counts them. */
static uint64_t requests_of(const struct replay *r, enum cm_arm arm)
{
    for (size_t m = 0; m < r->s->n_metrics; m++) {
        struct cm_stratum all;
        const cm_time whole[2] = {-1, r->now};
        if (cm_history_has_counts(r->history, (int)m, arm) &&
            cm_history_stratum(r->history, (int)m, whole, &all))
            return all.n[arm];
    }
    return 0;
}

/* Hooks and people agree at once, and pods are there. */
static const struct cm_answer *ask(void *self, enum cm_ask what, int id)
{
    struct replay *r = self;
    r->answer.at = r->now;
    r->answer.verdict = what == CM_ASK_GATE ? ask_gate(r, id) : &r->agreed;
    r->answer.route = r->route;
    if (what == CM_ASK_REQUESTS)
        r->answer.requests = requests_of(r, (enum cm_arm)id);
    return &r->answer;
}

static void begin_step(struct replay *r, int step)
{
    r->step = r->outcome.step = step;
    r->step_since = r->now;
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        const struct cm_named_gate *gate = r->gates[i].gate;
        if (gate->gate->new_step)
            gate->gate->new_step(gate->options, r->gates[i].state);
    }
}

static void decide(struct replay *r, enum cm_end end)
{
    r->outcome.end = end;
    r->outcome.ended_at = r->now;
    r->over = true;
    if (end != CM_ROLLED_BACK || r->objector < 0)
        return;
    r->outcome.gate = r->objector;
    r->outcome.rule = r->gates[r->objector].verdict.rule;
}

static void order(void *self, const struct cm_order *o)
{
    struct replay *r = self;
    r->observer->order(r->observer->self, r->now, o);
    if (o->kind == CM_SET_ROUTE) {
        r->share_since =
            o->route.share[CM_CANARY] != r->route.share[CM_CANARY] ? r->now : r->share_since;
        r->route = o->route;
    }
    if (o->kind == CM_SET_STEP)
        begin_step(r, o->step);
    if (o->kind == CM_PAUSE)
        r->paused = true;
    if (o->kind == CM_FINISH || o->kind == CM_RESTART)
        decide(r, o->kind == CM_FINISH ? o->end : CM_SUPERSEDED);
}

static void say(void *self, int sentence, const struct cm_evidence *why)
{
    const struct replay *r = self;
    r->observer->say(r->observer->self, r->now, sentence, why);
}

/* --- the rollout --- */

static void begin(struct replay *r)
{
    const struct cm_controller *c = r->policy->controller;
    for (size_t i = 0; i < r->policy->n_watched; i++) {
        struct gate_at_work *g = &r->gates[i];
        g->gate = &r->s->gates[r->policy->gate[i]];
        const struct cm_gate *kind = g->gate->gate;
        size_t size =
            kind->state_size ? kind->state_size(g->gate->options, r->s->telemetry.buckets.n) : 0;
        g->state = cm_arena_alloc(&r->arena, size + 1);
        memset(g->state, 0, size);
        g->asked_at = CM_NEVER;
        const struct cm_look nothing = {.control = r->policy->control,
                                        .edges = &r->s->telemetry.buckets};
        if (kind->start)
            kind->start(g->gate->options, g->state, &nothing);
    }
    r->agreed = cm_verdict_of(CM_PASS, -1);
    r->agreed.decisive = true;
    r->answer.revision = 1;
    for (int arm = 0; arm < CM_ARMS; arm++)
        r->answer.pods[arm] = (struct cm_pods){.wanted = 1, .updated = 1, .available = 1};
    size_t size = c->state_size ? c->state_size(r->policy->options) : 0;
    r->state = cm_arena_alloc(&r->arena, size + 1);
    memset(r->state, 0, size);
    if (c->start)
        c->start(r->policy->options, r->state);
}

/* The history ends before the policy has decided. */
static void run_out(struct replay *r, cm_time last)
{
    r->outcome.end = r->paused ? CM_PAUSED : CM_TIMED_OUT;
    r->outcome.ended_at = last;
}

static void play(struct replay *r)
{
    enum { PASSES_MAX = 1000 };
    const cm_time last = r->history->at[r->history->n - 1];
    int passes = 0;
    while (!r->over) {
        struct cm_desk desk = {.self = r, .now = r->now, .ask = ask, .order = order, .say = say};
        cm_time next = r->policy->controller->wake(r->policy->options, r->state, &desk);
        passes = next > r->now ? 0 : passes + 1;
        assert(passes < PASSES_MAX);
        if (r->over)
            break;
        if (next > last) {
            run_out(r, last);
            break;
        }
        r->now = next;
    }
}

void cm_replay_record(struct cm_trace *t, const struct cm_scenario *s, int policy,
                      const struct cm_history *history)
{
    const struct cm_plan plan = {.scenario = s, .policy = policy, .release = -1, .strength = 1};
    struct cm_trace_recorder *recorder = cm_trace_begin(t, &plan, 0);
    const struct cm_observer observer = cm_trace_observer(recorder);
    struct replay r = {
        .s = s,
        .policy = &s->policies[policy],
        .history = history,
        .observer = &observer,
        .last_look = CM_NEVER,
        .route = {.share = {[CM_STABLE] = 1}, .match = -1},
        .step = -1,
        .objector = -1,
        .outcome = {.gate = -1,
                    .rule = -1,
                    .step = -1,
                    .ended_at = CM_NEVER,
                    .onset = CM_NEVER,
                    .mitigated_at = CM_NEVER},
    };
    t->history = history->file;
    begin(&r);
    play(&r);
    t->outcome = r.outcome;
    observer.end(observer.self, &r.outcome);
    cm_trace_end(recorder);
    cm_arena_release(&r.arena);
}
