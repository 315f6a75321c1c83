/* Two error ratios with beta posteriors: which is larger, and what would a mistake cost?
 *
 * Independent requests and a Beta(a, b) prior give Beta(a + errors, b + the rest). Posterior
 * probabilities need no plan of looks, but a threshold on them does not bound false rollbacks: at
 * 0.99 and many looks 6 % were seen. And crude counts over a ramp compare epochs (Simpson).
 *
 * a, b > 0 and finite; other values give NAN. Relative error below 1e-10, 1e-8 for losses that are
 * tiny beside the means, also of tiny probabilities. */
#ifndef CM_BETA_COMPARE_H
#define CM_BETA_COMPARE_H

#include "sim/stats/interval.h"

struct cm_beta {
    double a, b;
};

/* The law of 1 - X. */
struct cm_beta cm_beta_compare_mirrored(const struct cm_beta *beta);

/* P(canary > control + margin). Without a margin, and with a parameter that is a whole number, a
 * finite sum (Cook 2005; Evan Miller 2015); else by quadrature. */
double cm_beta_compare_greater(const struct cm_beta *canary, const struct cm_beta *control,
                               double margin);

/* E[(canary - control)^+]: what promoting is expected to cost, in errors a request. The loss of
 * rolling back is that of the two exchanged. */
double cm_beta_compare_loss(const struct cm_beta *canary, const struct cm_beta *control);

double cm_beta_compare_mean(const struct cm_beta *beta);
/* Equal tails. */
struct cm_interval cm_beta_compare_credible(const struct cm_beta *beta, double level);

#endif
