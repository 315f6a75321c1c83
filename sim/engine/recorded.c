/* Recorded counts: the requests of a step are given, everything about them is drawn.
 *
 * Given their number the requests of a step are independent, so cells are multinomial: how many
 * arrive in this part of the step, of which class, at which version, with which outcome, and how
 * many of those on their way are answered in this block, by conditional binomials all the way. A
 * Cox process with the recorded counts as its intensity would add 1 to their dispersion. */
#include <assert.h>
#include <string.h>

#include "sim/engine/flow.h"

static struct cm_rng stream(const struct cm_flow *flow, uint64_t purpose, cm_time from,
                            cm_time until)
{
    uint64_t block = cm_rng_mix2((uint64_t)from, (uint64_t)until);
    return cm_rng_stream(flow->plan->scenario->run.seed, flow->replication, purpose, block);
}

static double ratio(double part, double whole)
{
    return part >= whole ? 1 : part > 0 ? part / whole : 0;
}

/* Mean share of a group of this shape that is answered in `part` within (from, until]. */
static double answered(const struct cm_shape *shape, const struct cm_in_flight *group,
                       const struct cm_band *part, const cm_time window[2])
{
    double length = cm_seconds(group->until - group->from);
    const double arrive[2] = {0, length};
    const double answer[2] = {cm_seconds(window[0] - group->from),
                              cm_seconds(window[1] - group->from)};
    return cm_shape_mass(shape, part, arrive, answer) / length;
}

static void add_buckets(struct cm_flow *flow, const struct cm_in_flight *group, size_t tempo,
                        uint64_t count, const cm_time window[2], struct cm_rng *rng)
{
    size_t n = flow->ledger.n_buckets;
    if (n == 0 || count == 0)
        return;
    const struct cm_band *part =
        cm_shapes_buckets(&flow->world.shapes, group->meets.shape, (enum cm_tempo)tempo);
    const struct cm_shape *shape = &flow->world.shapes.list[group->meets.shape];
    double weight[CM_EDGES_MAX + 1];
    uint64_t drawn[CM_EDGES_MAX + 1];
    for (size_t b = 0; b < n; b++)
        weight[b] = answered(shape, group, &part[b], window);
    cm_draw_multinomial(rng, count, weight, n, drawn);
    uint64_t *into = flow->buckets + (group->version * flow->world.n_classes + group->class) * n;
    for (size_t b = 0; b < n; b++)
        into[b] += drawn[b];
}

/* The users behind it. What is drawn here moves nothing else: it comes last in its stream. */
static void add_visits(struct cm_flow *flow, const struct cm_in_flight *group, uint64_t exposed,
                       const struct cm_visit_harm *harm, struct cm_rng *rng)
{
    const struct cm_visit_cell cell = {.version = group->version, .class = group->class};
    uint64_t harmed = cm_visits_harmed(harm, rng);
    cm_visits_add(&flow->visits, group->route, &cell, exposed - (exposed > 0 ? harmed : 0), harmed);
}

/* `count` requests of the group are answered: counters, buckets, harm. */
static void credit(struct cm_flow *flow, const struct cm_in_flight *group, size_t tempo,
                   uint64_t count, const cm_time window[2], struct cm_rng *rng)
{
    size_t cell =
        cm_cell(flow->world.n_classes, group->version, group->class, group->outcome, tempo);
    struct cm_visit_harm harm = {.failures = count, .slow = count, .both = count};
    bool exposes = group->version == CM_CANARY && cm_world_exposes(&flow->world, group->from);
    flow->counts[cell] += count;
    flow->account->requests += exposes ? count : 0;
    flow->account->errors += exposes && group->outcome == CM_ERROR_ANSWER ? count : 0;
    if (group->outcome == CM_ERROR_ANSWER && group->blame > 0)
        harm.failed = cm_draw_binomial(rng, count, group->blame);
    if (tempo == CM_SLOW && group->slow_blame > 0)
        harm.slowed = cm_draw_binomial(rng, count, group->slow_blame);
    flow->account->failures += harm.failed;
    flow->account->slow += harm.slowed;
    struct cm_rng bucket_rng = stream(flow, cm_rng_next(rng), window[0], window[1]);
    add_buckets(flow, group, tempo, count, window, &bucket_rng);
    if (flow->visits.world)
        add_visits(flow, group, exposes ? count : 0, &harm, &bucket_rng);
}

/* Mean share that is answered in the window, slow, and would be in time without the defect. */
static double slowed(const struct cm_flow *flow, const struct cm_in_flight *group,
                     const cm_time window[2])
{
    double sum = 0;
    for (int i = 0; i < 2; i++) {
        const struct cm_shape *shape = &flow->world.shapes.list[group->meets.slowed[i].shape];
        if (group->meets.slowed[i].share > 0)
            sum += group->meets.slowed[i].share * answered(shape, group, &shape->slowed, window);
    }
    return sum;
}

/* Answers what of the group comes out in (from, until]; the rest stays. */
static void answer(struct cm_flow *flow, struct cm_in_flight *group, cm_time from, cm_time until)
{
    const struct cm_shape *shape = &flow->world.shapes.list[group->meets.shape];
    const cm_time window[2] = {from > group->from ? from : group->from, until};
    const cm_time earlier[2] = {group->from, window[0]};
    double left = 1, share[CM_TEMPI];
    for (int tempo = 0; tempo < CM_TEMPI; tempo++) {
        left -= answered(shape, group, &shape->tempo[tempo], earlier);
        share[tempo] = answered(shape, group, &shape->tempo[tempo], window);
    }
    uint64_t key = cm_rng_mix2(flow->answer_purpose, (uint64_t)group->from);
    key = cm_rng_mix2(key, (uint64_t)group->until);
    key = cm_rng_mix2(
        key, cm_cell(flow->world.n_classes, group->version, group->class, group->outcome, 0));
    if (group->part > 0)
        key = cm_rng_mix2(key, group->part);
    struct cm_rng rng = stream(flow, key, from, until);
    bool drained = cm_seconds(until - group->until) > shape->longest;
    uint64_t in_time = cm_draw_binomial(&rng, group->count, ratio(share[CM_IN_TIME], left));
    if (drained)
        left = share[CM_IN_TIME] + share[CM_SLOW];
    uint64_t slow = cm_draw_binomial(&rng, group->count - in_time,
                                     ratio(share[CM_SLOW], left - share[CM_IN_TIME]));
    group->slow_blame = ratio(slowed(flow, group, window), share[CM_SLOW]);
    group->count -= in_time + slow;
    credit(flow, group, CM_IN_TIME, in_time, window, &rng);
    credit(flow, group, CM_SLOW, slow, window, &rng);
}

static void take_off(struct cm_flow *flow, const struct cm_in_flight *group)
{
    if (group->count == 0)
        return;
    if (flow->n_in_flight == flow->room_in_flight) {
        flow->room_in_flight = 2 * flow->room_in_flight + 16;
        flow->in_flight = cm_grow(flow->in_flight, flow->room_in_flight, sizeof *flow->in_flight);
    }
    flow->in_flight[flow->n_in_flight++] = *group;
}

/* Requests of one class, version and part of it meet their outcomes. */
static void meet(struct cm_flow *flow, struct cm_in_flight group, struct cm_rng *rng)
{
    const struct cm_meets *m = &group.meets;
    uint64_t errors = cm_draw_binomial(rng, group.count, m->error);
    group.count -= errors;
    group.outcome = CM_OK;
    take_off(flow, &group);
    group.count = errors;
    group.outcome = CM_ERROR_ANSWER;
    group.blame = m->error > m->healthy ? 1 - m->healthy / m->error : 0;
    take_off(flow, &group);
}

/* Requests of one class and version over its parts. */
static void spread(struct cm_flow *flow, const struct cm_piece *piece, struct cm_in_flight group,
                   struct cm_rng *rng)
{
    const size_t row[2] = {group.version, group.class}, n = cm_piece_parts(piece, group.version);
    uint64_t left = group.count;
    double share = 1;
    for (group.part = 0; group.part < n; group.part++) {
        double own = cm_piece_part(piece, group.version, group.part);
        group.meets = *cm_piece_meets(&flow->world, piece, row, group.part);
        group.count = group.part + 1 == n ? left : cm_draw_binomial(rng, left, ratio(own, share));
        left -= group.count;
        share -= own;
        meet(flow, group, rng);
    }
}

/* The versions that `count` requests are sent to. */
static void split(const double share[CM_VERSIONS], uint64_t count, uint64_t at[CM_VERSIONS],
                  struct cm_rng *rng)
{
    double baseline = share[CM_BASELINE];
    at[CM_CANARY] = cm_draw_binomial(rng, count, share[CM_CANARY]);
    count -= at[CM_CANARY];
    at[CM_BASELINE] = 0;
    if (baseline > 0)
        at[CM_BASELINE] =
            cm_draw_binomial(rng, count, ratio(baseline, baseline + share[CM_STABLE]));
    at[CM_STABLE] = count - at[CM_BASELINE];
}

/* `count` requests arrive within [from, until) of a piece. */
static void arrive(struct cm_flow *flow, const struct cm_piece *piece, uint64_t count,
                   const cm_time within[2], struct cm_rng *rng)
{
    const struct cm_world *w = &flow->world;
    double left = 1;
    size_t route = flow->visits.world ? cm_visits_route(&flow->visits, piece->share) : 0;
    for (size_t class = 0; class < w->n_classes; class ++) {
        bool last = class + 1 == w->n_classes;
        uint64_t of_class =
            last ? count : cm_draw_binomial(rng, count, ratio(w->classes[class].share, left));
        uint64_t at[CM_VERSIONS] = {0};
        split(piece->split[class], of_class, at, rng);
        for (size_t v = 0; v < w->n_versions && v < CM_VERSIONS; v++) {
            struct cm_in_flight group = {.from = within[0],
                                         .until = within[1],
                                         .version = v,
                                         .class = class,
                                         .route = route};
            group.count = at[v];
            spread(flow, piece, group, rng);
        }
        count -= of_class;
        left -= w->classes[class].share;
    }
}

/* The part of a piece that lies within (from, until]: its share of what is left of the step. */
static void arrive_within(struct cm_flow *flow, const struct cm_piece *piece, cm_time from,
                          cm_time until)
{
    const cm_time within[2] = {from > piece->from ? from : piece->from,
                               until < piece->until ? until : piece->until};
    if (within[1] <= within[0] || piece->count == 0)
        return;
    struct cm_rng rng = stream(flow, flow->arrival_purpose, within[0], within[1]);
    double ahead = cm_seconds(piece->step_until - within[0]);
    if (piece->step_until != flow->step_until) {
        /* A step that the history begins inside of has partly gone by. */
        double length = cm_seconds(piece->step_until - piece->step_from);
        flow->step_until = piece->step_until;
        flow->remaining = cm_draw_binomial(&rng, piece->count, ratio(ahead, length));
    }
    uint64_t count =
        cm_draw_binomial(&rng, flow->remaining, ratio(cm_seconds(within[1] - within[0]), ahead));
    flow->remaining -= count;
    arrive(flow, piece, count, within, &rng);
}

static void forget_answered(struct cm_flow *flow)
{
    size_t kept = 0;
    for (size_t i = 0; i < flow->n_in_flight; i++)
        if (flow->in_flight[i].count > 0)
            flow->in_flight[kept++] = flow->in_flight[i];
    flow->n_in_flight = kept;
}

void cm_recorded_draw(struct cm_flow *flow, cm_time from, cm_time until)
{
    const struct cm_world *w = &flow->world;
    size_t cells = flow->ledger.n_cells;
    memset(flow->counts, 0, cells * sizeof *flow->counts);
    memset(flow->buckets, 0,
           w->n_versions * w->n_classes * flow->ledger.n_buckets * sizeof *flow->buckets);
    for (size_t i = 0; i < w->n; i++)
        if (cm_world_piece(w, i)->until > from)
            arrive_within(flow, cm_world_piece(w, i), from, until);
    for (size_t i = 0; i < flow->n_in_flight; i++)
        answer(flow, &flow->in_flight[i], from, until);
    forget_answered(flow);
}
