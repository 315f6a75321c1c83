/* A z-test repeated on two small arms of requests, exactly: what it does instead of what it says.
 *
 * Every look adds so many requests to each arm; errors are independent. A rollout ends at the first
 * look whose cumulative z (two_proportion.h) is at least the critical one. The joint law of the
 * errors of both arms goes from look to look: first the control's new errors are spread, then the
 * canary's, then what the look takes is removed. A simulator has to agree with it. */
#ifndef CM_BINOMIAL_LOOKS_H
#define CM_BINOMIAL_LOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most tables of errors at the last look. */
#define CM_BINOMIAL_LOOKS_TABLES 4000000

struct cm_binomial_looks {
    uint64_t n0, n1; /* requests that a look adds, >= 1 */
    double p0, p1;   /* error probabilities, in [0, 1] */
    size_t looks;
    const double *critical; /* one a look; borrowed */
    bool pooled;            /* z with the common p; otherwise each arm with its own */
};

/* Small enough, and with probabilities? */
bool cm_binomial_looks_feasible(const struct cm_binomial_looks *plan);

/* Writes P(the end is look k) for each look and returns their sum; the plan is feasible. Time grows
 * with tables times n0 + n1. */
double cm_binomial_looks_reject(const struct cm_binomial_looks *plan, double *at_look);

#endif
