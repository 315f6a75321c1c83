/* Loader's expansion; see the header. */
#include "sim/stats/point_mass.h"

#include <math.h>

#include <gsl/gsl_sf_gamma.h>

static const double TWO_PI = 6.283185307179586477;
static const double HALF_LOG_TWO_PI = 0.91893853320467274178;

/* ln x! without Stirling's help: exact products for whole numbers, of which 18! is the largest that
 * a double holds. */
static double log_small_factorial(double x)
{
    if (x != floor(x))
        return gsl_sf_lngamma(x + 1);
    double factorial = 1;
    for (double i = 2; i <= x; i++)
        factorial *= i;
    return log(factorial);
}

/* ln x! - ln(sqrt(2 pi x) (x / e)^x): the series is good to 1.3e-14 from 16 on. */
static double stirling_error(double x)
{
    const double small = 16;
    if (x < small)
        return log_small_factorial(x) - (x + 0.5) * log(x) + x - HALF_LOG_TWO_PI;
    double s = 1 / (x * x);
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - s / 1680) * s) * s) / x;
}

/* x ln(x / m) + m - x for x > 0: Loader's deviance, by a series where the terms cancel. */
static double deviance(double x, double m)
{
    if (!(fabs(x - m) < 0.1 * (x + m)))
        return x * log(x / m) + m - x;
    double v = (x - m) / (x + m), power = 2 * x * v, sum = (x - m) * v;
    for (int j = 1;; j++) {
        power *= v * v;
        double next = sum + power / (2 * j + 1);
        if (!(next != sum)) /* also where it is no number */
            return sum;
        sum = next;
    }
}

/* n ln q, from whichever of p and q is known to more digits. */
static double none_of(double n, double p, double q)
{
    if (n == 0)
        return 0;
    return p < q ? n * log1p(-p) : n * log(q);
}

double cm_point_mass_binomial(double x, double rest, double p, double q)
{
    double n = x + rest;
    if (x == 0)
        return none_of(n, p, q);
    if (rest == 0)
        return none_of(n, q, p);
    if (p == 0 || q == 0)
        return -INFINITY;
    double order = stirling_error(n) - stirling_error(x) - stirling_error(rest);
    return order - deviance(x, n * p) - deviance(rest, n * q) - 0.5 * log(TWO_PI * x * (rest / n));
}

double cm_point_mass_poisson(double x, double mean)
{
    if (x == 0)
        return -mean;
    if (mean == 0)
        return -INFINITY;
    return -stirling_error(x) - deviance(x, mean) - 0.5 * log(TWO_PI * x);
}
