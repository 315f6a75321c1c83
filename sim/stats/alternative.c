/* Normal tails by Q functions throughout: 1 - Phi(z) is wrong beyond z = 8. */
#include "sim/stats/alternative.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

double cm_alternative_p_of_z(double z, enum cm_alternative alternative)
{
    if (isnan(z))
        return NAN;
    if (alternative == CM_TWO_SIDED)
        return fmin(1, 2 * gsl_cdf_ugaussian_Q(fabs(z)));
    return gsl_cdf_ugaussian_Q(alternative == CM_GREATER ? z : -z);
}

enum cm_alternative cm_alternative_mirror(enum cm_alternative alternative)
{
    static const enum cm_alternative mirrored[] = {
        [CM_GREATER] = CM_LESS, [CM_LESS] = CM_GREATER, [CM_TWO_SIDED] = CM_TWO_SIDED};
    return mirrored[alternative];
}
