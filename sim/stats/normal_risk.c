/* Partial expectations of a normal law; see the header. */
#include "sim/stats/normal_risk.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

static const double ROOT_TWO_PI = 2.50662827463100050242;

/* E[(Z + z)^+] of a standard normal Z. */
static double partial(double z)
{
    return fmax(0, z * gsl_cdf_ugaussian_P(z) + exp(-0.5 * z * z) / ROOT_TWO_PI);
}

struct cm_normal_risk cm_normal_risk_of(double mean, double sd)
{
    if (isnan(mean) || !(sd >= 0) || isinf(sd))
        return (struct cm_normal_risk){NAN, NAN, NAN};
    if (sd == 0)
        return (struct cm_normal_risk){mean > 0, fmax(0, mean), fmax(0, -mean)};
    double z = mean / sd;
    return (struct cm_normal_risk){
        .chance = gsl_cdf_ugaussian_P(z),
        .positive = sd * partial(z),
        .negative = sd * partial(-z),
    };
}
