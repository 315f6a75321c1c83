/* P(k) as a quotient of three binomial probabilities with p = X / N (any p cancels; this one puts
 * all three near their modes), each by Loader's saddle-point expansion: the logarithms of huge
 * binomial coefficients, which would cancel to nothing, never appear. The tail is summed from there
 * by the ratio of neighbours, on the side away from the mode, until terms stop mattering.
 *
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000); as in R's
 * dhyper. Johnson, Kemp and Kotz, Univariate Discrete Distributions (2005), 6.2, for the ratio. */
#include "sim/stats/hypergeometric.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

static const double TWO_PI = 6.283185307179586477;
static const double HALF_LOG_TWO_PI = 0.91893853320467274178;

/* ln n! - ln(sqrt(2 pi n) (n / e)^n): Stirling's error; the series is good to 1.3e-14 from 16 on.
 */
static double stirling_error(double n)
{
    const double small = 16;
    if (n >= small) {
        double s = 1 / (n * n);
        return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - s / 1680) * s) * s) / n;
    }
    double factorial = 1;
    for (double i = 2; i <= n; i++)
        factorial *= i; /* exact up to 18! */
    return log(factorial) - (n + 0.5) * log(n) + n - HALF_LOG_TWO_PI;
}

/* x ln(x / m) + m - x for x, m > 0: Loader's deviance, by a series where the terms cancel. */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    double v = (x - m) / (x + m), power = 2 * x * v, sum = (x - m) * v;
    for (int j = 1;; j++) {
        power *= v * v;
        double next = sum + power / (2 * j + 1);
        if (next == sum)
            return sum;
        sum = next;
    }
}

/* ln P(Bin(n, p) = x), q = 1 - p; p and q above 0. */
static double log_binomial(double x, double n, double p, double q)
{
    if (x == 0)
        return p < 0.1 ? -deviance(n, n * q) - n * p : n * log(q);
    if (x == n)
        return q < 0.1 ? -deviance(n, n * p) - n * q : n * log(p);
    double order = stirling_error(n) - stirling_error(x) - stirling_error(n - x);
    return order - deviance(x, n * p) - deviance(n - x, n * q) -
           0.5 * log(TWO_PI * x * ((n - x) / n));
}

/* Sum of P(j) / P(k) over the j beyond k, going up or down. */
static double sum_beyond(double x, double n1, double n0, double k, bool up)
{
    double term = 1, sum = 0;
    for (;;) {
        term *= up ? (x - k) * (n1 - k) / ((k + 1) * (n0 - x + k + 1))
                   : k * (n0 - x + k) / ((x - k + 1) * (n1 - k + 1));
        k += up ? 1 : -1;
        double next = sum + term;
        if (!(next > sum))
            return sum;
        sum = next;
    }
}

struct cm_tail cm_hypergeometric_tail(const struct cm_two_counts *c)
{
    assert(c->x0 <= c->n0 && c->x1 <= c->n1);
    double n0 = (double)c->n0, n1 = (double)c->n1, k = (double)c->x1;
    double x = k + (double)c->x0, n = n0 + n1;
    if (x == 0 || x == n || n0 == 0 || n1 == 0)
        return (struct cm_tail){.above = 0, .at = 1};
    double p = x / n, q = (n - x) / n;
    double at =
        exp(log_binomial(k, n1, p, q) + log_binomial(x - k, n0, p, q) - log_binomial(x, n, p, q));
    bool up = k >= n1 * p;
    double beyond = at * sum_beyond(x, n1, n0, k, up);
    return (struct cm_tail){.above = up ? beyond : fmax(0, 1 - beyond - at), .at = at};
}
