/* Betting against a mean: is the mean of numbers in [0, 1] above m?
 *
 * Before each x a stake lambda is chosen from what came before; the wealth is the product of 1 +
 * lambda (x - m). With 0 <= lambda <= 1 / m it is an e-process against every stream whose mean,
 * given the past, is at most m, however it drifts: P(it ever reaches 1 / alpha) <= alpha. Stakes:
 *
 *     fixed          lambda
 *     plug-in        min(sqrt(2 ln(1 / alpha) / (t ln(1 + t) s2)), c / m)
 *     nearly Kelly   (mu - m) / (s2 + (mu - m)^2), within [-1 / (1 - m), 1 / m]
 *
 * with mu = (1/2 + sum of x) / t and s2 = (1/4 + sum of (x_i - mu_i)^2) / t over the t - 1 numbers
 * before, mu_i including x_i. The last one also bets that the mean is below m: it tests that it is
 * m.
 *
 * Numbers may be scores (Apdex), indicators, or means of strata. Source: Waudby-Smith and Ramdas
 * (JRSS B 2024), 3 and 4 and appendix B. */
#ifndef CM_BETTING_H
#define CM_BETTING_H

#include <stdint.h>

/* What is known of the numbers so far, as stakes use it. */
struct cm_betting_moments {
    uint64_t t;                 /* numbers so far */
    double sum, squares, plain; /* sum starts at 1/2, squares at 1/4; plain at 0 */
};

enum cm_betting_stake { CM_BETTING_FIXED, CM_BETTING_PLUG_IN, CM_BETTING_KELLY };

struct cm_betting {
    enum cm_betting_stake stake;
    double m;      /* in (0, 1) */
    double lambda; /* fixed: in [0, 1 / m] */
    double alpha;  /* plug-in: the error at which it is to be fast, in (0, 1) */
    double cut;    /* plug-in: c in (0, 1], 1/2 or 3/4 */
    struct cm_betting_moments seen;
    double log_wealth; /* -INFINITY once everything is lost */
    double last;       /* the last stake */
};
/* Sets the state of a game whose rules are filled in. */
void cm_betting_start(struct cm_betting *b);
/* One number, 0 <= x <= 1. */
void cm_betting_add(struct cm_betting *b, double x);

/* A lower limit of the mean at all times by the empirical Bernstein mixture: with the plug-in
 * stakes, at most `cut` < 1 and without m,
 *
 *     (sum of lambda x - ln(1 / alpha) - sum of (x - mean before)^2 (-ln(1 - lambda) - lambda)) /
 *     sum of lambda
 *
 * where the mean before the first is 0. It may be below 0. (The same, theorem 2.) */
struct cm_betting_lower {
    double alpha, cut; /* both in (0, 1) */
    struct cm_betting_moments seen;
    double stakes, gains, costs;
};
void cm_betting_lower_start(struct cm_betting_lower *b);
void cm_betting_lower_add(struct cm_betting_lower *b, double x);
/* -INFINITY before the first number. */
double cm_betting_lower_limit(const struct cm_betting_lower *b);

#endif
