/* Conditional power by the B-value; see the header. */
#include "sim/stats/conditional_power.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

struct cm_conditional_power cm_conditional_power_of(double t, double z, double bound, double drift)
{
    if (!(t > 0 && t < 1))
        return (struct cm_conditional_power){NAN, NAN, NAN};
    double b = z * sqrt(t), left = 1 - t;
    return (struct cm_conditional_power){
        .b_value = b,
        .planned = gsl_cdf_ugaussian_Q((bound - b - drift * left) / sqrt(left)),
        .trend = gsl_cdf_ugaussian_Q((bound - b - b / t * left) / sqrt(left)),
    };
}
