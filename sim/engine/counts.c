/* Intensities: every cell of a block is an independent Poisson draw with its exact mean.
 *
 * The stream of a block is keyed by version, class, start and end: policies that have looked at the
 * same instants see the same counts. The defect's part of the failures is a thinning of them:
 * a failure of probability p1 = p0 + d is the defect's with probability d / p1. */
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
struct exposed {
    double mean[CM_OUTCOMES][CM_TEMPI];
    uint64_t count[CM_OUTCOMES][CM_TEMPI];
};

static struct exposed expose(const struct cm_flow *flow, size_t version, size_t class,
                             struct cm_rng *rng)
{
    struct exposed exposed;
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

/* The users behind it. What is drawn here moves nothing else: it comes last in its stream. */
static void add_visits(struct cm_flow *flow, const struct cm_visit_cell *cell,
                       const struct exposed *e, struct cm_visit_harm *harm, struct cm_rng *rng)
{
    if (!flow->visits.world)
        return;
    const uint64_t *ok = e->count[CM_OK], *error = e->count[CM_ERROR_ANSWER];
    harm->failures = error[CM_IN_TIME] + error[CM_SLOW];
    harm->slow = ok[CM_SLOW] + error[CM_SLOW];
    harm->both = error[CM_SLOW];
    uint64_t harmed = cm_visits_harmed(harm, rng);
    uint64_t all = ok[CM_IN_TIME] + ok[CM_SLOW] + harm->failures;
    uint64_t fine = cell->version == CM_CANARY ? all - harmed : 0;
    cm_visits_spread(&flow->visits, cell, fine, harmed, rng);
}

static void add_harm(struct cm_flow *flow, const struct cm_visit_cell *cell, struct cm_rng *rng)
{
    size_t version = cell->version, class = cell->class;
    const struct cm_means *m = &flow->means;
    struct exposed e = expose(flow, version, class, rng);
    const uint64_t *ok = e.count[CM_OK], *error = e.count[CM_ERROR_ANSWER];
    uint64_t failed = error[CM_IN_TIME] + error[CM_SLOW], slow = ok[CM_SLOW] + error[CM_SLOW];
    uint64_t by_defect =
        thin(rng, failed, m->failed_by_defect[version][class],
             e.mean[CM_ERROR_ANSWER][CM_IN_TIME] + e.mean[CM_ERROR_ANSWER][CM_SLOW]);
    struct cm_visit_harm harm = {.failed = by_defect};
    flow->account->failures += by_defect;
    by_defect = thin(rng, slow, m->slowed_by_defect[version][class],
                     e.mean[CM_OK][CM_SLOW] + e.mean[CM_ERROR_ANSWER][CM_SLOW]);
    flow->account->slow += by_defect;
    harm.slowed = by_defect;
    if (version == CM_CANARY) {
        flow->account->requests += ok[CM_IN_TIME] + ok[CM_SLOW] + failed;
        flow->account->errors += failed;
    }
    add_visits(flow, cell, &e, &harm, rng);
}

static void draw_cells(struct cm_flow *flow, size_t version, size_t class, struct cm_rng *rng)
{
    size_t first = cm_cell(flow->world.n_classes, version, class, 0, 0);
    for (size_t c = first; c < first + CM_OUTCOMES * CM_TEMPI; c++) {
        cm_poisson_set(&flow->cell[c], flow->means.cell[c]);
        flow->counts[c] = cm_poisson_draw(&flow->cell[c], rng);
    }
}

void cm_counts_draw(struct cm_flow *flow, cm_time from, cm_time until)
{
    const struct cm_world *w = &flow->world;
    cm_means_fill(w, from, until, &flow->means);
    for (size_t version = 0; version < w->n_versions; version++)
        for (size_t class = 0; class < w->n_classes; class ++) {
            struct cm_rng rng = stream(flow, flow->cell_purpose[version][class], from, until);
            draw_cells(flow, version, class, &rng);
            uint64_t key = cm_rng_mix2(flow->harm_purpose, flow->cell_purpose[version][class]);
            rng = stream(flow, key, from, until);
            add_harm(flow, &(struct cm_visit_cell){from, until, version, class}, &rng);
        }
}
