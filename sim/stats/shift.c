/* Shifts between two samples; see the header. */
#include "sim/stats/shift.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/ranks.h"
#include "sim/stats/root.h"

static bool usable(const struct cm_values *control, const struct cm_values *canary)
{
    return control->n > 0 && canary->n > 0 && cm_values_finite(control) && cm_values_finite(canary);
}

/* How many differences are at most d: as the control's value falls, fewer of the canary's are small
 * enough. */
static double count_at_most(const struct cm_values *control, const struct cm_values *canary,
                            double d)
{
    double count = 0;
    size_t taken = 0;
    for (size_t i = 0; i < control->n; i++) {
        while (taken < canary->n && canary->x[taken] - control->x[i] <= d)
            taken++;
        count += (double)taken;
    }
    return count;
}

/* Doubles in their order as whole numbers, so that halving reaches any double in 64 steps. */
static uint64_t order_of(double x)
{
    uint64_t bits;
    x += 0.0; /* -0 and 0 are one number */
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double double_of(uint64_t order)
{
    uint64_t bits = order >> 63 ? order & ~(UINT64_C(1) << 63) : ~order;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The rank-th smallest difference, rank from 1. */
static double difference(const struct cm_values *control, const struct cm_values *canary,
                         double rank)
{
    uint64_t low = order_of(canary->x[0] - control->x[control->n - 1]);
    uint64_t high = order_of(canary->x[canary->n - 1] - control->x[0]);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (count_at_most(control, canary, double_of(middle)) >= rank)
            high = middle;
        else
            low = middle + 1;
    }
    return double_of(low);
}

double cm_shift_hodges_lehmann(const struct cm_values *control, const struct cm_values *canary)
{
    if (!usable(control, canary))
        return NAN;
    double pairs = (double)control->n * (double)canary->n, half = floor(pairs / 2);
    if (half < pairs / 2)
        return difference(control, canary, half + 1);
    double below = difference(control, canary, half);
    return below / 2 + difference(control, canary, half + 1) / 2;
}

/* The test of one shift against a quantile. */
struct question {
    const struct cm_values *control, *canary;
    double quantile;
    bool continuity;
};

static double z_beyond(double shift, const void *context)
{
    const struct question *q = context;
    struct cm_values_walk w = {.control = *q->control, .canary = *q->canary, .shift = shift};
    struct cm_rank_sum r = cm_ranks_of_walk(&w);
    return cm_ranks_z(&r, CM_TWO_SIDED, q->continuity) - q->quantile;
}

/* Beyond the outermost differences there is nothing to cross. */
static double crossing(const struct question *q, double tolerance)
{
    const struct cm_function f = {z_beyond, q};
    double low = q->canary->x[0] - q->control->x[q->control->n - 1];
    double high = q->canary->x[q->canary->n - 1] - q->control->x[0];
    if (z_beyond(low, q) <= 0)
        return low;
    if (z_beyond(high, q) >= 0)
        return high;
    return cm_root_brent(&f, low, high, tolerance);
}

struct cm_shift_limits cm_shift_interval(const struct cm_values *control,
                                         const struct cm_values *canary, double level,
                                         double tolerance)
{
    if (!usable(control, canary) || !(level > 0 && level < 1))
        return (struct cm_shift_limits){NAN, {NAN, NAN}};
    double z = gsl_cdf_ugaussian_Qinv(0.5 * (1 - level));
    const struct question lowest = {control, canary, z, true};
    const struct question highest = {control, canary, -z, true};
    const struct question middle = {control, canary, 0, false};
    return (struct cm_shift_limits){
        .estimate = crossing(&middle, tolerance),
        .limits = {crossing(&lowest, tolerance), crossing(&highest, tolerance)},
    };
}
