/* The far tail of a two-sided exact test: outcomes that are no more probable than the one seen.
 *
 * A law on whole numbers with one mode falls off on either side of it. What is as rare as the
 * outcome seen is that tail which begins with it, and a tail on the other side of the mode, which
 * begins with the outcome sought here. */
#ifndef CM_RARE_H
#define CM_RARE_H

#include "sim/stats/root.h"

/* Probabilities that are equal by symmetry may differ by rounding (as in R's fisher.test). */
#define CM_RARE_SLACK 1e-7

/* The outcome nearest to the mode, between it and `end`, whose probability is at most `limit`; that
 * of the mode is larger. -1 if even that of `end` is. Outcomes are >= 0. */
double cm_rare_nearest(const struct cm_function *mass, double end, double mode, double limit);

#endif
