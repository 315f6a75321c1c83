/* The test of Wilcoxon (1945) and Mann and Whitney (1947): is the canary slower?
 *
 *     U = number of pairs with canary > control, ties count 1/2
 *     mean = n0 n1 / 2, variance = n0 n1 / 12 ((N + 1) - sum (t^3 - t) / (N (N - 1)))
 *
 * with t the sizes of the groups of equal values. It answers to a shift of the whole law and is
 * nearly blind to what happens in a tail of 1 %. Samples are independent values in one unit.
 *
 * An arm without values says nothing: U and its deviation are 0, z is 0. NAN for samples that are
 * not finite. */
#ifndef CM_RANKS_H
#define CM_RANKS_H

#include "sim/stats/alternative.h"
#include "sim/stats/values.h"

struct cm_rank_sum {
    double u, mean, sd;
};
struct cm_rank_sum cm_ranks_of(const struct cm_values *control, const struct cm_values *canary);

/* The same of a walk that has not begun: with the canary's values shifted. */
struct cm_rank_sum cm_ranks_of_walk(const struct cm_values_walk *walk);

/* The same from n buckets with ascending bounds; what fell in one bucket is tied. Counts >= 0. */
struct cm_rank_sum cm_ranks_of_buckets(const double *control, const double *canary, size_t n);

/* (U - mean) / sd; with `continuity` the difference is 1/2 less in the direction asked for. 0 where
 * all values are equal. */
double cm_ranks_z(const struct cm_rank_sum *r, enum cm_alternative alternative, bool continuity);

/* Exact for arms of at most CM_RANKS_EXACT_MAX values without ties; NAN for others, 1 for an empty
 * arm. Two-sided: twice the smaller tail. */
#define CM_RANKS_EXACT_MAX 50
double cm_ranks_exact_p(const struct cm_values *control, const struct cm_values *canary,
                        enum cm_alternative alternative);

#endif
