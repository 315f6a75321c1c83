/* Boundaries that a sum never crosses: mixtures of exponential martingales.
 *
 * S is the sum of what was observed less what the null hypothesis expects, v its intrinsic time
 * (variance, expected count). If e^{l S - psi(l) v} is a supermartingale for every l, then so is
 * its mean over a law of l, which the conjugate law gives in closed form: an e-process, and P(it
 * ever reaches 1 / alpha) <= alpha (Ville). Solved for S it is a boundary, valid at all looks at
 * once. It is tightest near the time v_opt that it is tuned for; with T = g + h, k = rho / c^2, A =
 * (v + rho) / c^2 and the scaled integrals of incomplete_gamma.h:
 *
 *     normal, two-sided   ln(rho / (v + rho)) / 2 + s^2 / (2 (v + rho))
 *     normal, one-sided   the same + ln(2 Phi(s / sqrt(v + rho)))
 *     gamma-exponential   lower(A, A + s / c) - lower(k, k), for sums that are sub-exponential with
 *                         scale c: increments up to c more than expected
 *     gamma-Poisson       upper(A + s / c, A) - upper(k, k); with c = 1 counts: s = N - v
 *     beta-binomial       for increments in [-g, h] with mean 0: ln of B_x((r + v - g s) / (g T),
 *                         (r + v + h s) / (h T)) / B_x(r / (g T), r / (h T)), x = h / T one-sided,
 *                         1 two-sided, less v and s times logarithms of g / T and h / T
 *
 * rho = v_opt / (2 ln(1 / a) + ln(1 + 2 ln(1 / a))) with a = alpha_opt, or 2 alpha_opt one-sided; r
 * = max(rho - g h, g h / 1000). Source: Howard, Ramdas, McAuliffe and Sekhon (Annals of Statistics
 * 2021), 3 and appendix A. */
#ifndef CM_MIXTURE_H
#define CM_MIXTURE_H

#include <stdbool.h>

struct cm_mixture {
    double (*log_e)(const struct cm_mixture *m, double s, double v);
    bool one_sided;
    double rho;      /* for the beta-binomial r */
    double c, g, h;  /* of the family; 0 otherwise */
    double constant; /* what does not depend on the data */
};

/* When a boundary is to be tightest: at intrinsic time v > 0, for error alpha (0 < alpha < 1, one-
 * sided below 0.5). */
struct cm_mixture_tuning {
    double v, alpha;
};

struct cm_mixture cm_mixture_normal(const struct cm_mixture_tuning *tuning, bool one_sided);
/* The prior variance of the drift is 1 / rho, rho > 0. */
struct cm_mixture cm_mixture_normal_of(double rho, bool one_sided);
/* c > 0. */
struct cm_mixture cm_mixture_gamma_exponential(const struct cm_mixture_tuning *tuning, double c);
struct cm_mixture cm_mixture_gamma_poisson(const struct cm_mixture_tuning *tuning, double c);
/* g, h > 0. */
struct cm_mixture cm_mixture_beta_binomial(const struct cm_mixture_tuning *tuning, double g,
                                           double h, bool one_sided);

/* ln E at the sum s and intrinsic time v >= 0. NAN where s cannot be. */
double cm_mixture_log_e(const struct cm_mixture *m, double s, double v);

/* The s >= 0 where E reaches 1 / alpha, 0 < alpha < 1. Sums in [-g, h] have an upper end, v / g,
 * and may not get there: then it is the end. NAN if v < 0. */
double cm_mixture_bound(const struct cm_mixture *m, double v, double alpha);

#endif
