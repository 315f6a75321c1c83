/* Wald's sequential probability ratio test.
 *
 * After every observation the log likelihood ratio of H1 to H0 is held against two limits: at ln((1
 * - beta) / alpha) H1 is accepted, at ln(beta / (1 - alpha)) H0. Of all tests with these errors it
 * takes the fewest observations on average (Wald 1945; Wald and Wolfowitz 1948). Real errors are
 * below the nominal ones because the ratio overshoots; with the upper limit ln(1 / alpha) the error
 * under H0 is at most alpha whatever else is done (Ville).
 *
 * Assumes that p0 and p1 are known (a target), and independent requests. The comparative form looks
 * at the origin of each error instead: origin.h. */
#ifndef CM_SPRT_H
#define CM_SPRT_H

#include <stdint.h>

struct cm_sprt_limits {
    double log_lower, log_upper;
};
/* alpha, beta > 0, alpha + beta < 1. */
struct cm_sprt_limits cm_sprt_wald_limits(double alpha, double beta);

enum cm_sprt_decision { CM_SPRT_CONTINUE, CM_SPRT_ACCEPT_H0, CM_SPRT_ACCEPT_H1 };
enum cm_sprt_decision cm_sprt_decide(const struct cm_sprt_limits *limits, double log_ratio);

/* x ln(p1 / p0) + (n - x) ln((1 - p1) / (1 - p0)) of x errors in n requests; p0, p1 in (0, 1). */
double cm_sprt_share_ratio(uint64_t x, uint64_t n, double p0, double p1);
/* x ln(m1 / m0) - (m1 - m0) of x Poisson events where H0 expects m0 and H1 m1, both above 0. */
double cm_sprt_count_ratio(uint64_t x, double m0, double m1);

/* The canary's share of the errors under H1, if it has this share of the requests and errs `ratio`
 * times as often: r s / (r s + 1 - s). */
double cm_sprt_origin_share(double share, double ratio);

/* Which test of a share, and under which p it is run; all in (0, 1), p may be 0 or 1, p0 < p1. */
struct cm_sprt {
    double p, p0, p1;
    struct cm_sprt_limits limits;
};
struct cm_sprt_odds {
    double accept_h0, accept_h1;
    double requests; /* expected until the decision */
};
/* Wald's approximations, which ignore the overshoot: with h the other root of E e^{h z} = 1, and A,
 * B the limits, P(accept H0) = (e^{h A} - 1) / (e^{h A} - e^{h B}). */
struct cm_sprt_odds cm_sprt_wald_odds(const struct cm_sprt *test);

/* The truth, from the law of the number of errors among those undecided after n requests, until
 * fewer than 1e-16 are. Time grows with the requests times (log_upper - log_lower) / ln(p1 / p0);
 * beyond 2^28 requests NAN. */
struct cm_sprt_odds cm_sprt_exact_odds(const struct cm_sprt *test);

#endif
