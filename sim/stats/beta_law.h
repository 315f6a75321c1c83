/* The beta distribution, and with it binomial tails, where GSL does not do.
 *
 * Densities: gsl_ran_beta_pdf takes differences of huge log-gammas. Distribution functions:
 * gsl_cdf_beta_P and what is built on it (gsl_cdf_binomial_P) give NAN near the mean from a, b =
 * 10^6 on. Quantiles: gsl_cdf_beta_Pinv does not converge on ordinary arguments.
 *
 * Throughout a, b > 0 are real, and t and q = 1 - t in [0, 1] are given apart, so that neither
 * loses digits beside 1. NAN gives NAN. */
#ifndef CM_BETA_LAW_H
#define CM_BETA_LAW_H

/* ln of t^a q^b / B(a, b): the density at t on the scale of log-odds, that is, times t q. It is
 * also how ratios of beta functions are told: at any common t, ln B(a, b) - ln B(c, d) is
 * log_mass(c, d) - log_mass(a, b) + (a - c) ln t + (b - d) ln q, and nothing large is subtracted.
 */
double cm_beta_law_log_mass(double a, double b, double t, double q);

/* P(Beta(a, b) <= t) and P(Beta(a, b) > t); relative error about 1e-13, also in the tails, for a +
 * b up to 10^12. P(Bin(n, t) >= k) is the first with a = k, b = n - k + 1. */
double cm_beta_law_below(double a, double b, double t, double q);
double cm_beta_law_above(double a, double b, double t, double q);

/* The t with P(Beta(a, b) <= t) = p, p in [0, 1]. */
double cm_beta_law_quantile(double p, double a, double b);

#endif
