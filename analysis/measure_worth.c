/* What a policy is worth, all releases weighed by their priors pi:
 *
 *     precision = sum_bad pi_r P(rolled back | r) / sum_all pi_r P(rolled back | r)
 *     cost      = sum_all pi_r E[cost | r]
 *
 * (Bayes' rule; the positive predictive value of a diagnostic test). Releases share replications,
 * so their rows are not independent of each other: the unit is a batch of replications, over which
 * the weighted sums of all releases are taken first. Precision is then a ratio of batch sums
 * (Cochran 1977, 6.4), expected cost a mean of them. A batch is CM_STUDY_BLOCK replications, or
 * less where that would leave fewer than eight. */
#include <math.h>

#include "analysis/measure.h"
#include "sim/stats/interval.h"

enum { LEAST_BATCHES = 8 };

/* Sums by batch: what is asked for, and what it is a share of. */
struct batches {
    size_t n, size;
    double *over, *under; /* owned */
};

/* At most CM_STUDY_BLOCK replications each, and at least eight batches if there are so many. */
static struct batches batches_of(uint64_t replications)
{
    size_t n = (size_t)replications, size = (n + LEAST_BATCHES - 1) / LEAST_BATCHES;
    struct batches b = {.size = size > CM_STUDY_BLOCK ? CM_STUDY_BLOCK : size > 0 ? size : 1};
    b.n = (n + b.size - 1) / b.size;
    b.over = cm_alloc((b.n + 1) * sizeof *b.over);
    b.under = cm_alloc((b.n + 1) * sizeof *b.under);
    return b;
}

/* The ratio and its limits; releases the batches. */
static struct cm_estimate ratio_of(struct batches *b, uint64_t n)
{
    struct cm_ratio ratio = cm_ratio_of_batches(b->over, b->under, b->n, CM_LEVEL);
    cm_free(b->over);
    cm_free(b->under);
    return (struct cm_estimate){ratio.value, ratio.limits.low, ratio.limits.high, n};
}

static const char *const worth_statistics[] = {"share", NULL};
static const char *const cost_statistics[] = {"mean", NULL};

/* --- precision --- */

/* Rollbacks of good ([0]) and of bad ([1]) releases: how many, their weight a replication, and the
 * largest weight that a release of the sort has. */
struct rollbacks {
    uint64_t n[2];
    double weight[2], largest[2];
};

/* Fills the batches of a precision. Early rollbacks of bad releases are right, too: it was bad. */
static struct rollbacks count(const struct cm_results *r, size_t policy, struct batches *b)
{
    struct rollbacks all = {0};
    for (int release = -1; release + 1 < (int)r->n_releases; release++) {
        const struct cm_cell *cell = cm_results_cell(r, policy, release);
        double prior = cm_results_prior(r, release);
        int bad = !cm_results_harmless(r, release);
        all.largest[bad] = fmax(all.largest[bad], prior);
        for (uint64_t i = 0; i < cell->replications; i++) {
            if (cell->rows[i].end != CM_ROLLED_BACK || prior <= 0)
                continue;
            all.n[bad]++;
            all.weight[bad] += prior / (double)cell->replications;
            b->over[i / b->size] += bad ? prior : 0;
            b->under[i / b->size] += prior;
        }
    }
    return all;
}

/* Of a sort of which no rollback was seen, the weight that there may be: the limit of 0 of n, all
 * of it on the likeliest release. */
static double unseen(const struct rollbacks *all, int bad, uint64_t replications)
{
    return all->largest[bad] * cm_interval_share(0, replications, CM_LEVEL).high;
}

/* Where one sort of rollback was never seen, batches do not vary and would claim certainty; the
 * limit then is what 0 of n allows. */
static void estimate_precision(const struct cm_measure *self, const struct cm_results *r,
                               size_t policy, int release, struct cm_estimate *out)
{
    uint64_t replications = cm_results_cell(r, policy, -1)->replications;
    struct batches b = batches_of(replications);
    struct rollbacks all = count(r, policy, &b);
    struct cm_estimate e = ratio_of(&b, all.n[0] + all.n[1]);
    (void)self;
    (void)release;
    if (e.n == 0)
        e.low = e.high = NAN;
    else if (all.n[0] == 0)
        e.low = all.weight[1] / (all.weight[1] + unseen(&all, 0, replications));
    else if (all.n[1] == 0)
        e.high = unseen(&all, 1, replications) / (unseen(&all, 1, replications) + all.weight[0]);
    e.low = isnan(e.low) ? NAN : fmax(0, e.low);
    e.high = isnan(e.high) ? NAN : fmin(1, e.high);
    out[0] = e;
}

const struct cm_measure cm_measure_precision = {
    .name = "precision",
    .summary = "Given a rollback, the chance that the release was bad.",
    .about = CM_ABOUT_POLICY,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = worth_statistics,
    .known = cm_results_has_priors,
    .needs = "the prior of a defect",
    .estimate = estimate_precision,
};

/* --- expected cost --- */

/* One release. What nobody minds costs nothing, but rolling it back does; every release costs the
 * time until it is decided, since the next one waits. */
double cm_measure_cost(const struct cm_prices *p, const struct cm_outcome *row, bool harmless)
{
    double failures = (double)(row->rollout.failures + row->escaped.failures);
    double slow = (double)(row->rollout.slow + row->escaped.slow);
    double harm = p->failed_request * failures + p->slow_request * slow +
                  p->harmed_user * (double)row->reached.harmed;
    return (harmless ? 0 : harm) + (row->end == CM_ROLLED_BACK ? p->rollback : 0) +
           (row->end == CM_PAUSED ? p->human_pause : 0) +
           p->hour_of_delay * cm_seconds(row->ended_at) / 3600;
}

/* The mean over replications of the cost of the average release: in each, every release is played
 * once and weighed by its prior (a stratified estimate; Cochran 1977, 5). */
static void estimate_cost(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                          int any, struct cm_estimate *out)
{
    uint64_t n = cm_results_cell(r, policy, -1)->replications;
    struct batches b = batches_of(n);
    (void)self;
    (void)any;
    for (uint64_t i = 0; i < n; i++)
        b.under[i / b.size] += 1;
    for (int release = -1; release + 1 < (int)r->n_releases; release++) {
        const struct cm_outcome *rows = cm_results_cell(r, policy, release)->rows;
        double prior = cm_results_prior(r, release);
        for (uint64_t i = 0; i < n; i++)
            b.over[i / b.size] +=
                prior * cm_measure_cost(&r->prices, &rows[i], cm_results_harmless(r, release));
    }
    out[0] = ratio_of(&b, n);
    out[0].low = fmax(0, out[0].low);
}

static bool has_prices_and_priors(const struct cm_results *r)
{
    return cm_results_has_prices(r) && cm_results_has_priors(r);
}

const struct cm_measure cm_measure_expected_cost = {
    .name = "expected_cost",
    .summary = "Expected cost of a release, at the prices and priors given.",
    .about = CM_ABOUT_POLICY,
    .type = CM_COLUMN_MONEY,
    .statistics = cost_statistics,
    .known = has_prices_and_priors,
    .needs = "[cost] and the prior of a defect",
    .estimate = estimate_cost,
};
