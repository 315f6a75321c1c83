/* Run lengths of CUSUM charts: how many observations until the alarm, from a chart at zero.
 *
 *     normal      C = max(0, C + X - k),      alarm at C > h;   X ~ N(mu, 1)
 *     Poisson     C = max(0, C + X - k),      alarm at C >= h;  X ~ Poi(mu), k and h whole
 *     Bernoulli   S = max(0, S + m X - 1),    alarm at S >= h;  X ~ Bin(1, p), m and h whole
 *
 * The last two are exact Markov chains of `h` states; the first is Page's integral equation
 * L(x) = 1 + L(0) Phi(k - mu - x) + integral over [0, h] of L(y) phi(y + k - mu - x) by 200
 * Gauss-Legendre nodes. A run above 10^12, where the equations have lost their digits, is told as
 * INFINITY; parameters out of range give NAN.
 *
 * Sources: Page (1954); Goel and Wu (1971); Brook and Evans (1972); Reynolds and Stoumbos (1999)
 * for the Bernoulli chart. Observations are independent. */
#ifndef CM_CUSUM_H
#define CM_CUSUM_H

#include <stdint.h>

/* The most states of a chain: its equations are solved densely. */
#define CM_CUSUM_STATES 1000

/* h > 0. */
double cm_cusum_normal_arl(double k, double h, double mu);

/* How a chart of counts steps. */
struct cm_cusum_poisson {
    double mean;
    uint64_t k, h; /* k <= CM_CUSUM_STATES, 1 <= h <= CM_CUSUM_STATES */
};
struct cm_cusum_bernoulli {
    double p;
    uint64_t m, h; /* m >= 1, 1 <= h <= CM_CUSUM_STATES */
};
double cm_cusum_poisson_arl(const struct cm_cusum_poisson *chart);
double cm_cusum_bernoulli_arl(const struct cm_cusum_bernoulli *chart);
/* P(an alarm within n observations). */
double cm_cusum_poisson_within(const struct cm_cusum_poisson *chart, uint64_t n);
double cm_cusum_bernoulli_within(const struct cm_cusum_bernoulli *chart, uint64_t n);

/* The Shiryaev-Roberts statistic R alarming at A: R_t - t is a martingale without a change, so that
 * the mean run is at least A, and by Doob P(an alarm by n) <= n / A. A > 0. */
struct cm_shiryaev_bound {
    double run_at_least, alarm_at_most;
};
struct cm_shiryaev_bound cm_cusum_shiryaev_bound(double threshold, uint64_t n);

#endif
