/* Beta density, distribution function and quantile; see the header.
 *
 * With n = a + b, t^a q^b / B(a, b) = (a b / n) P(Bin(n, t) = a), by n! / (a! b!) for gamma
 * functions (Loader 2000). Up to the mean the distribution function is that times a continued
 * fraction whose terms are positive, and beyond it one minus the other tail:
 *
 *     I_t(a, b) = t^a q^b / B(a, b) * 1 / (c_0 + d_1 / (c_1 + d_2 / (c_2 + ...)))
 *     d_n = (a + n - 1)(a + b + n - 1) n (b - n) t^2 / (a + 2 n - 1)^2
 *     c_n = n + n (b - n) t / (a + 2 n - 1) + (a + n) (a - (a + b) t + 1 + n (1 + q)) / (a + 2 n +
 * 1)
 *
 * (DiDonato and Morris, "Significant Digit Computation of the Incomplete Beta Function Ratios",
 * ACM TOMS 1992), summed by Lentz's method. Near the mean it takes about sqrt(a + b) terms. */
#include "sim/stats/beta_law.h"

#include <float.h>
#include <math.h>

#include "sim/stats/point_mass.h"

enum { TERMS = 2000000 };

double cm_beta_law_log_mass(double a, double b, double t, double q)
{
    return log(a / (a + b) * b) + cm_point_mass_binomial(a, b, t, q);
}

/* c_0 + d_1 / (c_1 + ...). Terms after the n that passes b may be negative; Lentz's ratios are kept
 * away from 0. */
static double fraction(double a, double b, double t, double q)
{
    const double tiny = 1e-300;
    double gap = t < q ? a - (a + b) * t : (a + b) * q - b;
    double value = a * (gap + 1) / (a + 1), over = value, under = 0;
    for (int i = 1; i <= TERMS; i++) {
        double n = i, s = a + 2 * n - 1;
        double d = (a + n - 1) / s * ((a + b + n - 1) / s) * n * (b - n) * t * t;
        double c = n + n * (b - n) * t / s + (a + n) / (s + 2) * (gap + 1 + n * (1 + q));
        under = c + d * under;
        over = c + d / over;
        under = 1 / (under != 0 ? under : tiny);
        over = over != 0 ? over : tiny;
        value *= over * under;
        if (!(fabs(over * under - 1) > DBL_EPSILON)) /* also where it is no number */
            break;
    }
    return value;
}

/* I_t(a, b) for t up to the mean. */
static double tail(double a, double b, double t, double q)
{
    return exp(cm_beta_law_log_mass(a, b, t, q)) / fraction(a, b, t, q);
}

double cm_beta_law_below(double a, double b, double t, double q)
{
    if (t <= 0 || q <= 0)
        return t > 0;
    double p = a * q >= b * t ? tail(a, b, t, q) : 1 - tail(b, a, q, t);
    return p < 0 ? 0 : p; /* by rounding; fmax would swallow NAN */
}

double cm_beta_law_above(double a, double b, double t, double q)
{
    return cm_beta_law_below(b, a, q, t);
}

/* Halves [0, 1] until the two ends are neighbours, which takes 53 steps and as many more as the
 * root has leading zeros. */
double cm_beta_law_quantile(double p, double a, double b)
{
    double low = 0, high = 1;
    if (isnan(p))
        return NAN;
    for (;;) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            return middle;
        if (cm_beta_law_below(a, b, middle, 1 - middle) < p)
            low = middle;
        else
            high = middle;
    }
}
