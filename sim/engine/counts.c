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

/* The sum of the cells of one version and class that agree with `outcome` and `tempo`; -1 = any. */
struct sum {
    double mean;
    uint64_t count;
};

static struct sum sum_of(const struct cm_flow *flow, size_t first, int outcome, int tempo)
{
    struct sum sum = {0};
    for (int o = 0; o < CM_OUTCOMES; o++)
        for (int t = 0; t < CM_TEMPI; t++) {
            if ((outcome >= 0 && o != outcome) || (tempo >= 0 && t != tempo))
                continue;
            size_t cell = first + (size_t)(o * CM_TEMPI + t);
            sum.mean += flow->means.cell[cell];
            sum.count += flow->counts[cell];
        }
    return sum;
}

static void add_harm(struct cm_flow *flow, size_t version, size_t class, struct cm_rng *rng)
{
    const struct cm_means *m = &flow->means;
    size_t first = cm_cell(flow->world.n_classes, version, class, 0, 0);
    struct sum all = sum_of(flow, first, -1, -1);
    struct sum failed = sum_of(flow, first, CM_ERROR_ANSWER, -1);
    struct sum slow = sum_of(flow, first, -1, CM_SLOW);
    uint64_t by_defect = thin(rng, failed.count, m->failed_by_defect[version][class], failed.mean);
    flow->account->failures += by_defect;
    by_defect = thin(rng, slow.count, m->slowed_by_defect[version][class], slow.mean);
    flow->account->slow += by_defect;
    if (version != CM_CANARY)
        return;
    uint64_t exposed = thin(rng, all.count, m->exposed[class], all.mean);
    flow->account->requests += exposed;
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
    for (size_t version = 0; version < CM_VERSIONS; version++)
        for (size_t class = 0; class < w->n_classes; class ++) {
            struct cm_rng rng = stream(flow, flow->cell_purpose[version][class], from, until);
            draw_cells(flow, version, class, &rng);
            uint64_t key = cm_rng_mix2(flow->harm_purpose, flow->cell_purpose[version][class]);
            rng = stream(flow, key, from, until);
            add_harm(flow, version, class, &rng);
        }
}
