/* Burn rate alerts: how fast an error budget is spent, and when that pages somebody.
 *
 *     burn = budget fraction * period / window,   error threshold = burn (1 - SLO)
 *     detection = window * threshold / error rate
 *
 * counted from a window without errors: 14.4 for 2 % of 30 days' budget in an hour, 6 for 5 % in
 * six hours, 1 for 10 % in three days. Source: Google, The Site Reliability Workbook (2018), ch. 5.
 *
 * 0 <= SLO < 1, times above 0, rates and probabilities in [0, 1]; other values give NAN. */
#ifndef CM_BURN_RATE_H
#define CM_BURN_RATE_H

#include <stdint.h>

struct cm_burn_alert {
    double slo;
    double window_h, period_h;
    double budget_fraction; /* of the period's budget, spent in one window */
};
struct cm_burn_odds {
    double burn;             /* multiples of the rate that just spends the budget */
    double error_threshold;  /* errors / requests over the window */
    double detection_time_h; /* INFINITY where the rate stays below the threshold */
};
struct cm_burn_odds cm_burn_rate_alert(const struct cm_burn_alert *alert, double error_rate);

/* P(a window of n requests fires) = P(Bin(n, p) >= ceil(burn (1 - SLO) n)); requests are
 * independent. A product within 1e-9 of a whole number is that number: 1 - 0.999 is no decimal. */
double cm_burn_rate_window_prob(uint64_t n, double error_prob, double slo, double burn);

#endif
