/* How soon something happens when other ends compete with it and some stories are cut off.
 *
 * The cumulative incidence F(t) is the share to which it has happened by t. It need not reach 1: a
 * release that was promoted will not be detected any more, and saying otherwise (one minus
 * Kaplan-Meier with the promoted as censored) would invent detections. */
#ifndef CM_INCIDENCE_H
#define CM_INCIDENCE_H

#include <stddef.h>

#include "sim/stats/interval.h"

enum cm_cause { CM_CENSORED, CM_EVENT, CM_COMPETING };

/* One story: how long it was watched and why that ended. */
struct cm_spell {
    double time; /* >= 0 */
    enum cm_cause cause;
};

/* A right-continuous step function: value[i] holds from time[i] on, 0 holds before. */
struct cm_curve {
    size_t n;
    size_t ended;                    /* spells that were not censored */
    double *time, *value, *variance; /* owned */
};

/* The cumulative incidence of CM_EVENT; sorts the spells. Without CM_COMPETING it is one minus
 * Kaplan-Meier, and the variance Greenwood's. */
void cm_curve_init(struct cm_curve *curve, struct cm_spell *spells, size_t n);
void cm_curve_release(struct cm_curve *curve);

double cm_curve_at(const struct cm_curve *curve, double t);
/* Pointwise limits at step i. */
struct cm_interval cm_curve_limits(const struct cm_curve *curve, size_t i, double level);

/* When F reaches p, with limits; INFINITY = not reached. */
struct cm_crossing {
    double at;
    struct cm_interval limits;
};
struct cm_crossing cm_curve_quantile(const struct cm_curve *curve, double p, double level);

/* The area over the curve up to t: with one cause the restricted mean time. */
double cm_curve_restricted_mean(const struct cm_curve *curve, double t);

#endif
