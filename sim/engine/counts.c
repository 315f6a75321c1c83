/* Intensities: every cell of a block is an independent Poisson draw with its exact mean.
 *
 * The stream of a block is keyed by start and end and branches by version and class: policies that
 * have looked at the same instants see the same counts. The defect's part of the failures is a
 * thinning of them: a failure of probability p1 = p0 + d is the defect's with probability d / p1.
 *
 * While one piece holds and nothing older is in flight the means of a block depend on its length
 * alone. Nobody decides upon harm, so that there it is thinned once for the whole stretch: binomial
 * counts of equal probability add up to one. */
#include <string.h>

#include "sim/engine/flow.h"

static struct cm_rng stream(const struct cm_flow *flow, uint64_t purpose, cm_time from,
                            cm_time until)
{
    uint64_t block = cm_rng_mix2((uint64_t)from, (uint64_t)until);
    return cm_rng_stream(flow->plan->scenario->run.seed, flow->replication, purpose, block);
}

static uint64_t thin(struct cm_rng *rng, uint64_t count, double part, double whole)
{
    if (count == 0 || part <= 0)
        return 0;
    return cm_draw_binomial(rng, count, part >= whole ? 1 : part / whole);
}

/* Answers that the defect can have harmed: of the canary those that arrived since the onset, of
 * the old version all. What is harm is drawn among them, so that one request is not exposed and
 * another one harmed. */
static struct cm_exposed expose(const struct cm_flow *flow, size_t version, size_t class,
                                struct cm_rng *rng)
{
    struct cm_exposed exposed;
    for (size_t o = 0; o < CM_OUTCOMES; o++)
        for (size_t t = 0; t < CM_TEMPI; t++) {
            size_t cell = cm_cell(flow->world.n_classes, version, class, o, t);
            double whole = flow->means.cell[cell];
            double part = version == CM_CANARY ? flow->means.exposed[class][o][t] : whole;
            exposed.mean[o][t] = part;
            exposed.count[o][t] = thin(rng, flow->counts[cell], part, whole);
        }
    return exposed;
}

static struct cm_rng harm_stream(const struct cm_flow *flow, size_t version, size_t class,
                                 cm_time from, cm_time until)
{
    uint64_t key = cm_rng_mix2(flow->harm_purpose, flow->cell_purpose[version][class]);
    return stream(flow, key, from, until);
}

/* Of exposed answers, what the defect did. */
static struct cm_visit_harm thin_harm(struct cm_flow *flow, size_t version, size_t class,
                                      const struct cm_exposed *e, struct cm_rng *rng)
{
    const struct cm_means *m = &flow->means;
    const uint64_t *ok = e->count[CM_OK], *error = e->count[CM_ERROR_ANSWER];
    struct cm_visit_harm harm = {
        .failures = error[CM_IN_TIME] + error[CM_SLOW],
        .slow = ok[CM_SLOW] + error[CM_SLOW],
        .both = error[CM_SLOW],
    };
    harm.failed = thin(rng, harm.failures, m->failed_by_defect[version][class],
                       e->mean[CM_ERROR_ANSWER][CM_IN_TIME] + e->mean[CM_ERROR_ANSWER][CM_SLOW]);
    harm.slowed = thin(rng, harm.slow, m->slowed_by_defect[version][class],
                       e->mean[CM_OK][CM_SLOW] + e->mean[CM_ERROR_ANSWER][CM_SLOW]);
    flow->account->failures += harm.failed;
    flow->account->slow += harm.slowed;
    return harm;
}

static void add_served(struct cm_flow *flow, const struct cm_exposed *e)
{
    uint64_t failed = e->count[CM_ERROR_ANSWER][CM_IN_TIME] + e->count[CM_ERROR_ANSWER][CM_SLOW];
    flow->account->requests += e->count[CM_OK][CM_IN_TIME] + e->count[CM_OK][CM_SLOW] + failed;
    flow->account->errors += failed;
}

/* The users behind it. What is drawn here moves nothing else: it comes last in its stream. */
static void add_visits(struct cm_flow *flow, const struct cm_visit_cell *cell,
                       const struct cm_exposed *e, const struct cm_visit_harm *harm,
                       struct cm_rng *rng)
{
    uint64_t harmed = cm_visits_harmed(harm, rng);
    uint64_t all = e->count[CM_OK][CM_IN_TIME] + e->count[CM_OK][CM_SLOW] + harm->failures;
    uint64_t fine = cell->version == CM_CANARY ? all - harmed : 0;
    cm_visits_spread(&flow->visits, cell, fine, harmed, rng);
}

static void add_harm(struct cm_flow *flow, const struct cm_visit_cell *cell)
{
    struct cm_rng rng = harm_stream(flow, cell->version, cell->class, cell->from, cell->until);
    struct cm_exposed e = expose(flow, cell->version, cell->class, &rng);
    struct cm_visit_harm harm = thin_harm(flow, cell->version, cell->class, &e, &rng);
    if (cell->version == CM_CANARY)
        add_served(flow, &e);
    if (flow->visits.world)
        add_visits(flow, cell, &e, &harm, &rng);
}

/* Whether answers of a version and class can be harm, or serve a bad release. */
static bool matters(const struct cm_flow *flow, size_t version, size_t class)
{
    const struct cm_means *m = &flow->means;
    return version == CM_CANARY || m->failed_by_defect[version][class] > 0 ||
           m->slowed_by_defect[version][class] > 0;
}

/* Of flow->counts, which came within (from, until]. */
static void add_all(struct cm_flow *flow, cm_time from, cm_time until)
{
    for (size_t version = 0; version < flow->world.n_versions; version++)
        for (size_t class = 0; class < flow->world.n_classes; class ++)
            if (matters(flow, version, class))
                add_harm(flow, &(struct cm_visit_cell){from, until, version, class});
}

/* Whether harm is left for later. Users are another matter: each block has its own. */
static bool defers(const struct cm_flow *flow)
{
    return flow->steady_since != CM_NEVER && !flow->visits.world;
}

void cm_counts_begin(struct cm_flow *flow)
{
    flow->settled_at = cm_ledger_now(&flow->ledger);
    memset(flow->settled, 0, flow->ledger.n_counters * sizeof *flow->settled);
}

/* Of what has come since harm was last drawn. While the means stay as they are, all of a cell is
 * exposed or nothing of it, without a draw. */
void cm_counts_settle(struct cm_flow *flow)
{
    const struct cm_ledger *l = &flow->ledger;
    const uint64_t *total = cm_ledger_total(l);
    cm_time since = flow->settled_at, now = cm_ledger_now(l);
    if (l->whole || since == now)
        return;
    for (size_t cell = 0; cell < l->n_cells; cell++)
        flow->counts[cell] = cm_cell_gained(flow->settled, total, cell);
    add_all(flow, since, now);
    memcpy(flow->settled, total, l->n_counters * sizeof *total);
    flow->settled_at = now;
}

/* Whether the means are those of the block before. */
static bool goes_on(const struct cm_flow *flow, cm_time from, cm_time until)
{
    const struct cm_piece *piece = cm_world_piece(&flow->world, flow->world.n - 1);
    return piece->from == flow->steady_since && piece->until >= until &&
           until - from == flow->steady_length;
}

/* Whether nothing but the route can end the last piece: then its means are met again and again, in
 * this replication and in others. */
static bool lasts(const struct cm_world *w)
{
    bool defect_rests = w->strength.until == CM_NEVER || w->now <= 0;
    return w->stretch.until == CM_NEVER && w->weather.until == CM_NEVER && defect_rests &&
           (w->warm == CM_NEVER || w->warm <= w->now);
}

static enum cm_met met(const struct cm_world *w, bool steady)
{
    bool wanders = w->stretch.until != CM_NEVER || w->weather.until != CM_NEVER;
    return wanders ? CM_MET_NEARLY : steady && lasts(w) ? CM_MET_OFTEN : CM_MET_ONCE;
}

static void set_means(struct cm_flow *flow, cm_time from, cm_time until)
{
    struct cm_world *w = &flow->world;
    const cm_time window[2] = {from, until};
    cm_counts_settle(flow);
    cm_means_fill(w, &flow->ledger.histograms.tree, window, &flow->means);
    const struct cm_piece *last = cm_world_piece(w, w->n - 1);
    bool steady = last->from <= from && cm_means_stay(w, from, until);
    flow->steady_since = steady ? last->from : CM_NEVER;
    flow->steady_length = until - from;
    for (size_t row = 0; row < w->n_versions * w->n_classes; row++)
        cm_drawing_set(&flow->drawing, row, flow->means.group[row * CM_ROW_CELLS], met(w, steady));
}

void cm_counts_draw(struct cm_flow *flow, cm_time from, cm_time until)
{
    if (!goes_on(flow, from, until))
        set_means(flow, from, until);
    uint64_t *counters = cm_ledger_open(&flow->ledger, until, flow->means.course);
    uint64_t block = cm_rng_mix2((uint64_t)from, (uint64_t)until);
    cm_drawing_draw(&flow->drawing, &flow->root, block, counters);
    if (!defers(flow))
        cm_counts_settle(flow);
}
