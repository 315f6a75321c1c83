/* Logarithms of binomial and Poisson probabilities without cancellation.
 *
 *     ln P(Bin(n, p) = x) = d(n) - d(x) - d(n - x) - D(x, n p) - D(n - x, n q)
 *                           - ln(2 pi x (n - x) / n) / 2
 *     ln P(Poi(m) = x)    = -d(x) - D(x, m) - ln(2 pi x) / 2
 *
 * where d(x) is the error of Stirling's formula for x! and D(x, m) = x ln(x / m) + m - x. Huge
 * logarithms of factorials, which would cancel to nothing, never appear; relative error about 1e-14
 * of the probability near the mode, whatever the size.
 *
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000). */
#ifndef CM_POINT_MASS_H
#define CM_POINT_MASS_H

/* x of n = x + rest, both real, >= 0 (x! is gamma(x + 1)); rest beside x and q = 1 - p beside p are
 * given apart, so that none loses digits. -INFINITY where it cannot happen. */
double cm_point_mass_binomial(double x, double rest, double p, double q);

/* x >= 0 real, mean >= 0. */
double cm_point_mass_poisson(double x, double mean);

#endif
