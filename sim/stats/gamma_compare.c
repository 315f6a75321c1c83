/* One incomplete beta function; see the header. */
#include "sim/stats/gamma_compare.h"

#include <math.h>
#include <stdbool.h>

#include "sim/stats/beta_law.h"

static bool possible(double x)
{
    return x > 0 && isfinite(x);
}

double cm_gamma_compare_greater(const struct cm_gamma *canary, const struct cm_gamma *control,
                                double ratio)
{
    if (!possible(canary->shape) || !possible(canary->rate) || !possible(control->shape) ||
        !possible(control->rate) || !possible(ratio))
        return NAN;
    double weight = ratio * canary->rate, both = weight + control->rate;
    return cm_beta_law_above(canary->shape, control->shape, weight / both, control->rate / both);
}
