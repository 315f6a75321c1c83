/* Logarithms of tail probabilities, also where the probability itself is no double any more.
 *
 * Near one end ln(1 - tail) keeps its digits by log1p of the other tail. */
#ifndef CM_LOG_TAIL_H
#define CM_LOG_TAIL_H

/* ln P(Z >= z) of a standard normal Z. */
double cm_log_tail_normal(double z);

/* ln P(Beta(a, b) <= t), a, b > 0, with t and q = 1 - t given apart. Where it underflows, the sum
 * of 1, (a + b) t / (a + 1), (a + b)(a + b + 1) t^2 / ((a + 1)(a + 2)), ... times t^a q^b / (a B(a,
 * b)) (DLMF 8.17.8), whose terms are positive. */
double cm_log_tail_beta(double a, double b, double t, double q);

#endif
