/* Incomplete gamma functions in log space, scaled so that nothing large is left.
 *
 *     lower(k, x) = gamma(k, x) x^{-k} e^x = integral over 0 < u < 1 of u^{k-1} e^{x (1 - u)}
 *     upper(k, x) = Gamma(k, x) x^{-k} e^x = integral over u > 0 of (1 + u)^{k-1} e^{-x u}
 *
 * Mixtures of exponential and of Poisson martingales are ratios of these (mixture.h). Below the
 * mean a series with positive terms, above it Legendre's continued fraction; about sqrt(x) terms
 * where k and x are close (DLMF 8.7.1, 8.9.2). Relative error of the function about 1e-12,
 * for k and x up to 1e11. */
#ifndef CM_INCOMPLETE_GAMMA_H
#define CM_INCOMPLETE_GAMMA_H

/* ln of the first; k > 0, x any finite number. NAN for others. */
double cm_incomplete_gamma_log_lower(double k, double x);

/* ln of the second; k any finite number, x > 0. NAN for others. */
double cm_incomplete_gamma_log_upper(double k, double x);

#endif
