/* Two event rates with gamma posteriors: is the canary's more than r times the control's?
 *
 * Poisson events x over exposure T and a Gamma(shape, rate) prior give Gamma(shape + x, rate + T).
 * Of two independent ones the share r1 l1 / (r1 l1 + r0 l0) is Beta(a1, a0), so that
 *
 *     P(l1 / l0 > r) = 1 - I_z(a1, a0),  z = r r1 / (r r1 + r0)
 *
 * with shapes a, rates r0 and r1. Where no event was seen the prior decides. */
#ifndef CM_GAMMA_COMPARE_H
#define CM_GAMMA_COMPARE_H

struct cm_gamma {
    double shape, rate; /* rate in units of exposure; mean = shape / rate */
};

/* P(canary > ratio * control). Shapes, rates and ratio above 0 and finite; other values give
 * NAN. */
double cm_gamma_compare_greater(const struct cm_gamma *canary, const struct cm_gamma *control,
                                double ratio);

#endif
