/* Two densities go from look to look, without and with the drift; see the header. */
#include "sim/stats/beta_spending.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/group_bounds.h"
#include "sim/stats/root.h"
#include "sim/stats/score_density.h"

static const double LEAST_DRIFT = 0.01, MOST_DRIFT = 40;
static const double LEAST_Z = -12, MOST_Z = 52; /* around means from 0 to the largest drift */
static const double TOLERANCE = 1e-12;

struct attempt {
    const struct cm_beta_spending *design;
    double *upper, *lower;
};

struct lower_target {
    const struct cm_score_density *density;
    double info, prob;
};

static double excess_futile(double z, const void *context)
{
    const struct lower_target *t = context;
    return cm_score_density_below(t->density, t->info, z * sqrt(t->info)) - t->prob;
}

/* The z below which lies this probability, at most `most`. */
static double futile_z(const struct lower_target *target, double most)
{
    const struct cm_function f = {excess_futile, target};
    if (target->prob < CM_GROUP_LEAST)
        return -INFINITY;
    if (!(excess_futile(most, target) > 0))
        return most;
    return cm_root_brent(&f, LEAST_Z, fmin(most, MOST_Z), TOLERANCE);
}

/* The boundaries of one look; what they leave goes on. Returns what the lower boundary takes. */
static double one_look(const struct attempt *a, size_t k, struct cm_score_density *clean,
                       struct cm_score_density *bad, const double spend[2])
{
    const struct cm_group_plan *plan = &a->design->plan;
    double info = plan->info[k], root = sqrt(info);
    bool last = cm_group_sequential_next(plan, k) == plan->looks;
    a->upper[k] = cm_group_bounds_exit_z(clean, info, spend[0]);
    const struct lower_target target = {bad, info, spend[1]};
    a->lower[k] = last ? a->upper[k] : futile_z(&target, a->upper[k]);
    struct cm_score_step step = {.info = info,
                                 .low = a->lower[k] * root,
                                 .high = a->upper[k] * root,
                                 .ahead = cm_group_sequential_ahead(plan, k)};
    double futile = cm_score_density_below(bad, info, step.low);
    cm_score_density_step(bad, &step);
    if (!a->design->binding)
        step.low = -INFINITY;
    cm_score_density_step(clean, &step);
    return futile;
}

/* Type II error beyond what may be spent, if the design is made for this drift. */
static double excess_type2(double drift, const void *context)
{
    const struct attempt *a = context;
    const struct cm_beta_spending *d = a->design;
    struct cm_score_density clean, bad;
    double spent[2] = {0, 0}, type2 = 0;
    cm_score_density_init(&clean, 0);
    cm_score_density_init(&bad, drift);
    for (size_t k = 0, next; k < d->plan.looks; k = next) {
        double t = d->plan.info[k];
        double now[2] = {cm_spending_spent(&d->alpha, d->plan.alpha, t),
                         cm_spending_spent(&d->beta, d->type2, t)};
        double spend[2] = {now[0] - spent[0], now[1] - spent[1]};
        type2 += one_look(a, k, &clean, &bad, spend);
        spent[0] = now[0], spent[1] = now[1];
        next = cm_group_sequential_next(&d->plan, k);
        for (size_t same = k + 1; same < next; same++)
            a->upper[same] = a->upper[k], a->lower[same] = a->lower[k];
    }
    cm_score_density_release(&clean);
    cm_score_density_release(&bad);
    return type2 - d->type2;
}

double cm_beta_spending_design(const struct cm_beta_spending *design, double *upper, double *lower)
{
    assert(design->plan.sides == 1 && design->plan.info[design->plan.looks - 1] == 1);
    assert(design->type2 > 0 && design->type2 < 1 - design->plan.alpha);
    const struct attempt attempt = {design, upper, lower};
    const struct cm_function f = {excess_type2, &attempt};
    double low = LEAST_DRIFT, high = 2.5;
    while (excess_type2(high, &attempt) > 0) {
        low = high;
        high *= 2;
        if (high > MOST_DRIFT)
            return NAN;
    }
    double drift = cm_root_brent(&f, low, high, TOLERANCE);
    excess_type2(drift, &attempt);
    return drift;
}
