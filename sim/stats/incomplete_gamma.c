/* Series, continued fraction, and what is left of one; see the header. */
#include "sim/stats/incomplete_gamma.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_sf_gamma.h>

#include "sim/stats/point_mass.h"

enum { TERMS = 2000000 };

/* ln(x^k e^{-x} / Gamma(k)): what turns the scaled functions into probabilities. */
static double log_scale(double k, double x)
{
    return cm_point_mass_poisson(k, x) + log(k);
}

/* (1 + x / (k + 1) + x^2 / ((k + 1)(k + 2)) + ...) / k for 0 <= x <= k. */
static double lower_series(double k, double x)
{
    double term = 1, sum = 1;
    for (int n = 1; n <= TERMS && term > sum * DBL_EPSILON / 4; n++) {
        term *= x / (k + n);
        sum += term;
    }
    return sum / k;
}

/* 1 / (x + 1 - k - 1 (1 - k) / (x + 3 - k - 2 (2 - k) / (x + 5 - k - ...))), by Lentz's method. */
static double upper_fraction(double k, double x)
{
    const double tiny = 1e-300;
    double b = x + 1 - k, over = 1 / tiny, under = 1 / b, value = under;
    for (int n = 1; n <= TERMS; n++) {
        double a = n * (k - n);
        b += 2;
        under = a * under + b;
        over = b + a / over;
        under = 1 / (under != 0 ? under : tiny);
        over = over != 0 ? over : tiny;
        value *= over * under;
        if (!(fabs(over * under - 1) > DBL_EPSILON))
            break;
    }
    return value;
}

/* With y = -x > 0 the integral is the mean of 1 / (k + N), N a Poisson number with mean y: summed
 * over 12 standard deviations, or, where they are a small part of y, by its second moment. */
static double log_lower_negative(double k, double y)
{
    const double far = 12, smooth = 1e8;
    if (y > smooth)
        return log1p(y / (k + y) / (k + y)) - log(k + y);
    double reach = far * (sqrt(y) + 1), n = floor(fmax(0, y - reach)), sum = 0;
    do {
        sum += exp(cm_point_mass_poisson(n, y)) / (k + n);
        n++;
    } while (n <= y + reach);
    return log(sum);
}

double cm_incomplete_gamma_log_lower(double k, double x)
{
    if (!(k > 0) || !isfinite(k) || !isfinite(x))
        return NAN;
    if (x < 0)
        return log_lower_negative(k, -x);
    if (x <= k)
        return log(lower_series(k, x));
    double scale = log_scale(k, x);
    return log1p(-exp(scale) * upper_fraction(k, x)) - scale;
}

double cm_incomplete_gamma_log_upper(double k, double x)
{
    if (!(x > 0) || !isfinite(k) || !isfinite(x))
        return NAN;
    if (x > k && (k <= 0 || x > 1))
        return log(upper_fraction(k, x));
    double scale = log_scale(k, x);
    if (k < 1 || x > k) /* 1 - P would lose digits */
        return log(gsl_sf_gamma_inc_Q(k, x)) - scale;
    return log1p(-exp(scale) * lower_series(k, x)) - scale;
}
