/* Thinned Poisson traffic; see the header. P(Poi(L) >= k) is the gamma law P(k, L). */
#include "sim/stats/error_flow.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct cm_undetected_cost cm_error_flow_undetected(const struct cm_undetected *rollout)
{
    double weights = 0;
    for (size_t i = 0; i < rollout->steps; i++)
        weights += rollout->weight[i];
    double requests = rollout->arrival_rate * rollout->interval_s * weights;
    return (struct cm_undetected_cost){requests,
                                       requests * (rollout->p_canary - rollout->p_control)};
}

double cm_error_flow_ramp_cdf(double rate0, double slope, uint64_t k, double t)
{
    if (!(rate0 >= 0 && slope >= 0 && t >= 0))
        return NAN;
    if (k == 0)
        return 1;
    return gsl_cdf_gamma_P(rate0 * t + slope * t * t / 2, (double)k, 1);
}
