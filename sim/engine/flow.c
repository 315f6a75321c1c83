/* Blocks end where somebody looks; before the release at fixed instants; and at the end of a
 * recorded step. */
#include "sim/engine/flow.h"

#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/engine/kept.h"
#include "sim/scenario/flow_kind.h"

static void name_streams(struct cm_flow *flow)
{
    static const char *const version[CM_VERSIONS] = {"counts.stable", "counts.canary",
                                                     "counts.baseline"};
    const struct cm_scenario *s = flow->plan->scenario;
    for (size_t v = 0; v < flow->world.n_versions; v++)
        for (size_t c = 0; c < flow->world.n_classes; c++)
            flow->cell_purpose[v][c] =
                cm_rng_mix2(cm_rng_purpose(version[v]),
                            cm_rng_purpose(c < s->n_classes ? s->classes[c].name : "rest"));
    for (size_t v = 0; v < flow->world.n_versions; v++)
        for (size_t c = 0; c < flow->world.n_classes; c++)
            cm_drawing_add(&flow->drawing, flow->cell_purpose[v][c]);
    flow->counts_purpose = cm_rng_purpose("counts");
    flow->arrival_purpose = cm_rng_purpose("recorded.arrivals");
    flow->answer_purpose = cm_rng_purpose("recorded.answers");
    flow->harm_purpose = cm_rng_purpose("counts.harm");
}

/* History is drawn in blocks whose ends are fixed, so that what begins at such an instant, as most
 * windows do that reach back from the first looks, finds a block to begin with. */
static cm_time history_end(cm_time now)
{
    static const struct {
        cm_time since, every;
    } grid[] = {
        {-CM_MINUTE, 5 * CM_SECOND}, {-5 * CM_MINUTE, 15 * CM_SECOND}, {-CM_HOUR, CM_MINUTE}};
    if (now >= 0)
        return CM_NEVER;
    cm_time every = 15 * CM_MINUTE;
    for (size_t i = sizeof grid / sizeof *grid; i > 0 && now >= grid[i - 1].since; i--)
        every = grid[i - 1].every;
    return -((-now - 1) / every) * every;
}

/* Where the first block begins. Blocks are drawn from streams of their own, so that those that
 * nobody reads need not be drawn, and no other number moves. */
static cm_time first_block(const struct cm_scenario *s)
{
    cm_time since = cm_kept_since(s), now = -s->history;
    while (!s->arrivals->recorded && history_end(now) <= since)
        now = history_end(now);
    return now;
}

void cm_flow_init(struct cm_flow *flow, const struct cm_plan *plan)
{
    *flow = (struct cm_flow){.plan = plan};
    cm_world_init(&flow->world, plan);
    cm_ledger_init(&flow->ledger, plan, &flow->world);
    name_streams(flow);
    flow->begins = first_block(plan->scenario);
    cm_visits_init(&flow->visits, &flow->world);
    if (cm_flow_kind_of(plan->scenario) == CM_FLOW_REQUESTS) {
        flow->requests = cm_alloc(sizeof *flow->requests);
        cm_requests_init(flow->requests, &flow->world, &flow->ledger);
    }
    size_t buckets = flow->world.n_versions * flow->world.n_classes * flow->ledger.n_buckets;
    flow->buckets = cm_alloc((buckets + 1) * sizeof *flow->buckets);
}

void cm_flow_release(struct cm_flow *flow)
{
    if (flow->requests)
        cm_requests_release(flow->requests);
    cm_free(flow->requests);
    cm_drawing_release(&flow->drawing);
    cm_visits_release(&flow->visits);
    cm_world_release(&flow->world);
    cm_ledger_release(&flow->ledger);
    cm_free(flow->in_flight);
    cm_free(flow->buckets);
    *flow = (struct cm_flow){0};
}

void cm_flow_begin(struct cm_flow *flow, uint64_t replication, struct cm_harm *account)
{
    flow->replication = replication;
    flow->account = account;
    flow->root =
        cm_rng_stream(flow->plan->scenario->run.seed, replication, flow->counts_purpose, 0);
    flow->n_in_flight = 0;
    flow->remaining = 0;
    flow->step_until = flow->steady_since = CM_NEVER;
    cm_world_begin(&flow->world, replication);
    cm_visits_begin(&flow->visits);
    cm_ledger_begin(&flow->ledger, replication);
    if (!flow->requests)
        cm_ledger_skip(&flow->ledger, flow->begins);
    cm_counts_begin(flow);
    if (flow->requests)
        cm_requests_begin(flow->requests, replication);
    cm_flow_advance(flow, 0);
}

void cm_flow_settle(struct cm_flow *flow)
{
    cm_counts_settle(flow);
}

static void draw_block(struct cm_flow *flow, cm_time from, cm_time until)
{
    if (flow->requests) {
        cm_requests_draw(flow->requests, until, flow->account);
        return;
    }
    if (!flow->plan->scenario->arrivals->recorded) {
        cm_counts_draw(flow, from, until);
        return;
    }
    cm_recorded_draw(flow, from, until);
    cm_ledger_append(&flow->ledger, until, flow->counts);
    if (flow->ledger.n_buckets > 0)
        memcpy(cm_ledger_buckets(&flow->ledger), flow->buckets,
               cm_ledger_histogram_size(&flow->ledger) * sizeof *flow->buckets);
}

/* The end of the recorded step that holds just after `now`. */
static cm_time step_end(const struct cm_world *w, cm_time now)
{
    for (size_t i = 0; i < w->n; i++)
        if (cm_world_piece(w, i)->until > now)
            return cm_world_piece(w, i)->step_until;
    return CM_NEVER;
}

/* The latest end of a block that begins now. */
static cm_time block_end(const struct cm_flow *flow, cm_time now)
{
    if (flow->requests)
        return cm_later(now, CM_ENTRY_SPAN);
    return flow->plan->scenario->arrivals->recorded ? step_end(&flow->world, now)
                                                    : history_end(now);
}

static void draw_until(struct cm_flow *flow, cm_time until)
{
    for (cm_time now = cm_ledger_now(&flow->ledger); now < until;) {
        cm_time most = block_end(flow, now);
        cm_time end = most < until ? most : until;
        draw_block(flow, now, end);
        now = end;
    }
}

void cm_flow_advance(struct cm_flow *flow, cm_time until)
{
    cm_world_extend(&flow->world, until);
    draw_until(flow, until);
    /* A window may begin inside the first block: halving it needs what arrived before its start. */
    if (flow->world.n > 1)
        cm_world_forget(&flow->world, cm_ledger_since(&flow->ledger));
}

void cm_flow_drain(struct cm_flow *flow)
{
    cm_time now = cm_ledger_now(&flow->ledger);
    if (flow->requests)
        draw_until(flow, cm_requests_drained(flow->requests, now));
    else if (cm_world_drained(&flow->world) > now)
        draw_block(flow, now, cm_world_drained(&flow->world));
}

void cm_flow_escape(struct cm_flow *flow, struct cm_harm *account)
{
    cm_flow_settle(flow);
    flow->account = account;
    flow->visits.phase = CM_ESCAPED;
    if (flow->requests && flow->requests->visitors)
        flow->requests->visitors->phase = CM_ESCAPED;
}

void cm_flow_count_users(struct cm_flow *flow, cm_time now, struct cm_outcome *outcome)
{
    struct cm_crowd *crowd = &flow->world.crowd;
    const struct cm_crowd_share *t = &crowd->true_share;
    if (!crowd->users)
        return;
    if (flow->requests)
        cm_visitors_count(flow->requests->visitors, outcome);
    else
        cm_visits_count(&flow->visits, outcome);
    cm_crowd_weigh(crowd, now, 0, 0);
    outcome->first_weight = t->first_weight;
    outcome->first_share = t->first;
    outcome->share_deviation = t->seconds > 0 ? t->deviation / t->seconds : NAN;
}
