/* Is the canary worse by more than a margin, and by how much is it worse?
 *
 * For promotion: H0 says that it is worse by the margin or more, p1 - p0 >= d or p1 / p0 >= R, and
 * a small z (below -1.645 at 5 %) rejects that. Relative margins cannot be met near p0 = 0; an
 * absolute one beside them can. Counts are of independent requests, looked at once. Margins are on
 * the scale of probabilities. What the data cannot say is 0 for a z, all that is possible for an
 * interval; what is outside its domain, or NAN, gives NAN. */
#ifndef CM_MARGIN_TEST_H
#define CM_MARGIN_TEST_H

#include "sim/stats/interval.h"
#include "sim/stats/share_limit.h"

enum cm_margin { CM_MARGIN_DIFFERENCE, CM_MARGIN_RATIO };

/* The likeliest p0 and p1 among those with p1 = p0 + d, |d| < 1, or p1 = R p0, R > 0. Both arms
 * have requests. */
struct cm_two_shares {
    double p0, p1;
};
struct cm_two_shares cm_margin_test_fit(const struct cm_two_counts *c, enum cm_margin kind,
                                        double margin);

/* Farrington and Manning (1990): the difference from the margin over its standard error at that
 * fit, (p1 - p0 - d) / sqrt(p1~ q1~ / n1 + p0~ q0~ / n0), or p1 - R p0 with R^2 in the second
 * term. */
double cm_margin_test_z(const struct cm_two_counts *c, enum cm_margin kind, double margin);

/* p1 - p0 by Newcombe (1998, method 10): Wilson's limits of the two shares, l0..u0 and l1..u1, give
 * d - sqrt((p1 - l1)^2 + (u0 - p0)^2) and d + sqrt((u1 - p1)^2 + (p0 - l0)^2). */
struct cm_interval cm_margin_test_newcombe(const struct cm_two_counts *c, double level);

/* p1 - p0 by Miettinen and Nurminen (1985): the margins that the z above does not reject, its
 * variance times N / (N - 1). */
struct cm_interval cm_margin_test_miettinen_nurminen(const struct cm_two_counts *c, double level);

/* p1 / p0 by Katz et al. (1978): ln ratio -+ z sqrt(1/x1 - 1/n1 + 1/x0 - 1/n0). Without errors in
 * an arm [0, inf]; the ratio of 0 to 0 is NAN. */
struct cm_ratio cm_margin_test_risk_ratio(const struct cm_two_counts *c, double level);

#endif
