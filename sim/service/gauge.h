/* Gauges: what a version shows of itself that is no request: memory, CPU, queue length.
 *
 * Each version's gauge is a stationary first-order autoregression around its mean,
 *
 *     x_i = rho x_(i-1) + sqrt(1 - rho^2) z_i,  rho = exp(-spacing / correlation),
 *     value_i = level_i + sd x_i,               level_i = mean, as a defect changes it then,
 *
 * which is an Ornstein-Uhlenbeck process seen at the instants of its samples (Gillespie, Phys. Rev.
 * E 54, 1996). Versions are independent of each other, and of the traffic. */
#ifndef CM_GAUGE_H
#define CM_GAUGE_H

#include "sim/base/kind.h"

struct cm_gauge {
    double mean, sd;
    cm_time correlation;  /* after so long the correlation is 1/e */
    cm_time sample_every; /* where the monitor does not scrape */
    cm_time staleness;    /* an older sample shows nothing */
};

extern const struct cm_section cm_gauge_section;

#endif
