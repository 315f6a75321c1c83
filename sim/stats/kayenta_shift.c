/* Kayenta's interval for a shift; see the header. Ranks are this library's: they are half-integers,
 * and so exact in any order of summing. */
#include "sim/stats/kayenta_shift.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/ranks.h"
#include "sim/stats/root.h"

static const double TOLERANCE = 1e-4; /* of the root, absolute */

double cm_kayenta_quantile(double confidence)
{
    /* commons-math 3.6.1; the last digits are its own */
    static const struct {
        double confidence, z;
    } known[] = {
        {0.90, -1.644853626951473},
        {0.95, -1.959963984540054},
        {0.98, -2.326347874040841},
        {0.99, -2.5758293035489004},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].confidence == confidence)
            return known[i].z;
    return gsl_cdf_ugaussian_Pinv((1 - confidence) / 2);
}

double cm_kayenta_shift_test(const struct cm_values *control, const struct cm_values *canary,
                             double mu, double q)
{
    const struct cm_values_walk walk = {.control = *control, .canary = *canary, .shift = mu};
    struct cm_rank_sum r = cm_ranks_of_walk(&walk);
    double off = r.u - r.mean, sign = (off > 0) - (off < 0);
    return r.sd == 0 ? (double)NAN : (off - 0.5 * sign) / r.sd - q;
}

struct question {
    const struct cm_values *control, *canary;
    double q;
};

static double test(double mu, const void *context)
{
    const struct question *of = context;
    return cm_kayenta_shift_test(of->control, of->canary, mu, of->q);
}

/* The outermost differences. */
static double least(const struct question *of)
{
    return of->canary->x[0] - of->control->x[of->control->n - 1];
}

static double most(const struct question *of)
{
    return of->canary->x[of->canary->n - 1] - of->control->x[0];
}

static double crossing(const struct question *of)
{
    const struct cm_function f = {test, of};
    return cm_root_brent(&f, least(of), most(of), TOLERANCE);
}

static double end_of_interval(const struct question *of)
{
    double at_least = test(least(of), of), at_most = test(most(of), of);
    if (isnan(at_least) || isnan(at_most))
        return NAN;
    return at_least <= 0 ? least(of) : at_most >= 0 ? most(of) : crossing(of);
}

struct cm_kayenta_shift cm_kayenta_shift_of(const struct cm_values *control,
                                            const struct cm_values *canary, double confidence)
{
    double z = cm_kayenta_quantile(confidence);
    const struct question low = {control, canary, -z}, high = {control, canary, z};
    const struct question middle = {control, canary, 0};
    struct cm_kayenta_shift s = {.low = end_of_interval(&low), .high = end_of_interval(&high)};
    s.failed = isnan(s.low) || isnan(s.high);
    s.estimate = s.failed ? (double)NAN : crossing(&middle);
    s.failed = s.failed || isnan(s.estimate);
    return s;
}
