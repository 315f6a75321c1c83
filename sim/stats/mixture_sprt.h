/* The mixture SPRT on an estimated difference, as experiment platforms run it.
 *
 * d estimates a difference with variance V; the alternative is N(0, tau^2), or its upper half:
 *
 *     ln L = ln(V / (V + tau^2)) / 2 + tau^2 d^2 / (2 V (V + tau^2))
 *            [+ ln(2 Phi(d tau / sqrt(V (V + tau^2))))]
 *
 * At a fixed V it is a likelihood ratio; followed as V shrinks it is the normal mixture (mixture.h)
 * of the sum d / V at time 1 / V. p = min(1, 1 / L) may be looked at any time, and so may the
 * interval of all differences that are not rejected. With V plugged in from the data this holds
 * only as the counts grow: at 5 errors an arm it begins to. Crude shares under a ramping weight
 * break it (Simpson).
 *
 * Sources: Robbins (1970); Johari, Koomen, Pekelis and Walsh (Operations Research 2022). */
#ifndef CM_MIXTURE_SPRT_H
#define CM_MIXTURE_SPRT_H

#include <stdbool.h>

#include "sim/stats/share_limit.h"

/* An estimated difference, canary - control, and its variance. */
struct cm_difference {
    double estimate, variance; /* variance > 0 to say anything */
};

/* p1 - p0 with variance p0 q0 / n0 + p1 q1 / n1; 0 and 0 where an arm is empty. */
struct cm_difference cm_mixture_sprt_shares(const struct cm_two_counts *c);

/* ln L; 0 where the variance is not above 0. tau > 0, in the unit of the difference: the size of
 * effects to expect. */
double cm_mixture_sprt_log_e(const struct cm_difference *d, double tau, bool one_sided);

/* Half the width of the two-sided interval, 0 < alpha < 1; INFINITY where the variance is not above
 * 0. */
double cm_mixture_sprt_half_width(const struct cm_difference *d, double tau, double alpha);

#endif
