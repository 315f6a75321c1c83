/* Chance and risk of a difference D that is normal with mean m and deviation s:
 *
 *     P(D > 0) = Phi(m / s),  E[D^+] = m Phi(m / s) + s phi(m / s),  E[(-D)^+] likewise
 *
 * as GrowthBook reports them: the loss to expect if the arm that D speaks against is kept. */
#ifndef CM_NORMAL_RISK_H
#define CM_NORMAL_RISK_H

struct cm_normal_risk {
    double chance;             /* P(D > 0) */
    double positive, negative; /* E[D^+], E[(-D)^+], in the unit of D */
};

/* sd >= 0; 0 is a certain difference. NAN for other values. */
struct cm_normal_risk cm_normal_risk_of(double mean, double sd);

#endif
