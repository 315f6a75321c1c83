/* Tails in log space; see the header. */
#include "sim/stats/log_tail.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>

#include "sim/stats/beta_law.h"

static const double ROOT_HALF = 0.70710678118654752440;
static const double LOG_2 = 0.69314718055994530942;
static const double SMALL = 1e-290; /* below it a double loses digits, or is 0 */

double cm_log_tail_normal(double z)
{
    if (z < 0)
        return log1p(-gsl_cdf_ugaussian_P(z));
    return isinf(z) ? -INFINITY : gsl_sf_log_erfc(z * ROOT_HALF) - LOG_2;
}

/* Far below the mean, so that the terms shrink from the start. */
static double log_far_below(double a, double b, double t, double q)
{
    double term = 1, sum = 1;
    for (double n = 0; term > sum * DBL_EPSILON / 4; n++) {
        term *= (a + b + n) / (a + 1 + n) * t;
        sum += term;
    }
    return cm_beta_law_log_mass(a, b, t, q) - log(a) + log(sum);
}

/* The tail beyond the mean is summed once, and the other is what it leaves of 1. */
double cm_log_tail_beta(double a, double b, double t, double q)
{
    bool beyond = a * q < b * t;
    double above = beyond ? cm_beta_law_above(a, b, t, q) : (double)NAN;
    double below = beyond ? 1 - above : cm_beta_law_below(a, b, t, q);
    if (isnan(below))
        return NAN;
    if (t <= 0)
        return -INFINITY;
    if (below < SMALL)
        return log_far_below(a, b, t, q);
    return below < 0.5 ? log(below) : log1p(-(beyond ? above : 1 - below));
}
