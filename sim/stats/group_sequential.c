/* Exits of a group sequential design; see the header. */
#include "sim/stats/group_sequential.h"

#include <assert.h>
#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/score_density.h"

int cm_group_sequential_check(const struct cm_group_plan *plan, struct cm_err *err)
{
    if (plan->looks < 1 || plan->looks > CM_GROUP_LOOKS)
        return cm_fail(err, "%zu looks: a plan has 1 to %d", plan->looks, CM_GROUP_LOOKS);
    for (size_t k = 0; k < plan->looks; k++) {
        double before = k > 0 ? plan->info[k - 1] : 0;
        if (!(plan->info[k] > before) || isinf(plan->info[k]))
            return cm_fail(err, "information %g of look %zu has to be above %g and finite",
                           plan->info[k], k + 1, before);
    }
    if (plan->sides != 1 && plan->sides != 2)
        return cm_fail(err, "a test has 1 or 2 sides, not %d", plan->sides);
    if (!(plan->alpha > 0 && plan->alpha <= 0.5 * plan->sides && plan->alpha < 1))
        return cm_fail(err, "alpha %g is no type I error: above 0, at most 0.5 a side, below 1",
                       plan->alpha);
    return 0;
}

static double last_info(const struct cm_group_plan *plan)
{
    return plan->info[plan->looks - 1];
}

size_t cm_group_sequential_next(const struct cm_group_plan *plan, size_t look)
{
    size_t next = look + 1;
    while (next < plan->looks &&
           plan->info[next] - plan->info[look] < CM_GROUP_CLOSE * last_info(plan))
        next++;
    return next;
}

double cm_group_sequential_ahead(const struct cm_group_plan *plan, size_t look)
{
    size_t next = cm_group_sequential_next(plan, look);
    return next < plan->looks ? plan->info[next] - plan->info[look] : INFINITY;
}

void cm_group_sequential_exits(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                               double drift, struct cm_group_exits *exits)
{
    assert(plan->looks >= 1 && isfinite(drift));
    struct cm_score_density density;
    double left = 1;
    cm_score_density_init(&density, drift);
    exits->info = 0;
    for (size_t k = 0; k < plan->looks; k++)
        exits->upper[k] = exits->lower[k] = 0;
    for (size_t k = 0; k < plan->looks; k = cm_group_sequential_next(plan, k)) {
        double info = plan->info[k], lower = at->lower != NULL ? at->lower[k] : -INFINITY;
        struct cm_score_step step = {.info = info,
                                     .low = lower * sqrt(info),
                                     .high = at->upper[k] * sqrt(info),
                                     .ahead = cm_group_sequential_ahead(plan, k)};
        assert(step.low <= step.high);
        exits->upper[k] = cm_score_density_above(&density, info, step.high);
        exits->lower[k] = cm_score_density_below(&density, info, step.low);
        exits->info += info * (exits->upper[k] + exits->lower[k]);
        left -= exits->upper[k] + exits->lower[k];
        cm_score_density_step(&density, &step);
    }
    exits->info += last_info(plan) * fmax(0, left);
    cm_score_density_release(&density);
}

double cm_group_sequential_power(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                                 double drift)
{
    double *block = cm_alloc(2 * plan->looks * sizeof *block), power = 0;
    struct cm_group_exits exits = {.upper = block, .lower = block + plan->looks};
    cm_group_sequential_exits(plan, at, drift, &exits);
    for (size_t k = 0; k < plan->looks; k++)
        power += exits.upper[k];
    cm_free(block);
    return power;
}

double cm_group_sequential_repeated(size_t looks, double z, int sides)
{
    if (looks < 1 || looks > CM_GROUP_LOOKS || !(z >= 0) || sides < 1 || sides > 2)
        return NAN;
    double *block = cm_alloc(3 * looks * sizeof *block);
    double *info = block, *upper = block + looks, *lower = block + 2 * looks;
    for (size_t k = 0; k < looks; k++) {
        info[k] = (double)(k + 1) / (double)looks;
        upper[k] = z;
        lower[k] = sides == 2 ? -z : -INFINITY;
    }
    const struct cm_group_plan plan = {.looks = looks, .info = info};
    double above = cm_group_sequential_power(&plan, &(struct cm_group_bounds){upper, lower}, 0);
    cm_free(block);
    return above * sides;
}
