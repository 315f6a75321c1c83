/* Boundaries by shape and by spending; see the header. */
#include "sim/stats/group_bounds.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/mem.h"
#include "sim/stats/interval.h"
#include "sim/stats/root.h"

/* Where boundaries are: P(Z > 12) is 1e-33. */
static const double LEAST_Z = -5, MOST_Z = 12;
static const double TOLERANCE = 1e-13;

struct shape {
    const struct cm_group_plan *plan;
    double delta;
    double *upper, *lower; /* scratch */
};

static void scale(const struct shape *s, double c)
{
    for (size_t k = 0; k < s->plan->looks; k++) {
        s->upper[k] = c * pow(s->plan->info[k], s->delta - 0.5);
        s->lower[k] = s->plan->sides == 2 ? -s->upper[k] : -INFINITY;
    }
}

static double excess_error(double c, const void *context)
{
    const struct shape *s = context;
    const struct cm_group_bounds at = {s->upper, s->lower};
    scale(s, c);
    return s->plan->sides * cm_group_sequential_power(s->plan, &at, 0) - s->plan->alpha;
}

/* The lowest boundary is C times `least`; the look that has it, and the sum over all looks if they
 * had it, hold C between them. */
static struct cm_interval shape_range(const struct cm_group_plan *plan, double delta)
{
    double one = plan->alpha / plan->sides, least = INFINITY;
    for (size_t k = 0; k < plan->looks; k++)
        least = fmin(least, pow(plan->info[k], delta - 0.5));
    return (struct cm_interval){gsl_cdf_ugaussian_Qinv(one) / least,
                                gsl_cdf_ugaussian_Qinv(one / (double)plan->looks) / least};
}

double cm_group_bounds_shape(const struct cm_group_plan *plan, double delta, double *upper)
{
    assert(delta >= -10 && delta <= 10);
    struct shape s = {plan, delta, upper, cm_alloc(plan->looks * sizeof *s.lower)};
    const struct cm_function f = {excess_error, &s};
    struct cm_interval range = shape_range(plan, delta);
    double c = cm_root_brent(&f, range.low, range.high, TOLERANCE);
    scale(&s, c);
    cm_free(s.lower);
    return c;
}

struct exit_target {
    const struct cm_score_density *density;
    double info, prob;
};

static double excess_exit(double z, const void *context)
{
    const struct exit_target *t = context;
    return cm_score_density_above(t->density, t->info, z * sqrt(t->info)) - t->prob;
}

double cm_group_bounds_exit_z(const struct cm_score_density *density, double info, double prob)
{
    const struct exit_target target = {density, info, prob};
    const struct cm_function f = {excess_exit, &target};
    if (prob < CM_GROUP_LEAST)
        return INFINITY;
    if (excess_exit(LEAST_Z, &target) <= 0)
        return LEAST_Z;
    return cm_root_brent(&f, LEAST_Z, MOST_Z, TOLERANCE);
}

void cm_group_bounds_spend(const struct cm_group_plan *plan, const struct cm_spending *spending,
                           const double *binding, double *upper)
{
    assert(binding == NULL || plan->sides == 1);
    struct cm_score_density density;
    double alpha = plan->alpha / plan->sides, before = 0;
    cm_score_density_init(&density, 0);
    for (size_t k = 0, next; k < plan->looks; k = next) {
        double info = plan->info[k], spent = cm_spending_spent(spending, alpha, info);
        double lower = binding != NULL ? binding[k] : -INFINITY;
        upper[k] = fmax(lower, cm_group_bounds_exit_z(&density, info, spent - before));
        if (plan->sides == 2)
            lower = -upper[k];
        cm_score_density_step(&density,
                              &(struct cm_score_step){.info = info,
                                                      .low = lower * sqrt(info),
                                                      .high = upper[k] * sqrt(info),
                                                      .ahead = cm_group_sequential_ahead(plan, k)});
        before = spent;
        next = cm_group_sequential_next(plan, k);
        for (size_t same = k + 1; same < next; same++)
            upper[same] = upper[k];
    }
    cm_score_density_release(&density);
}

void cm_group_bounds_spent(const struct cm_group_plan *plan, const struct cm_spending *spending,
                           double *spent)
{
    for (size_t k = 0; k < plan->looks; k++)
        spent[k] =
            plan->sides * cm_spending_spent(spending, plan->alpha / plan->sides, plan->info[k]);
}
