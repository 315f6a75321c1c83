/* Boundaries with the rate of the iterated logarithm, stitched together over epochs of time.
 *
 *     polynomial      for a sum with intrinsic time v >= v_min that is sub-gamma with scale c:
 *                     sqrt(k1^2 v l + (k2 c l)^2) + k2 c l,
 *                     l = s ln ln(eta v / v_min) + ln(zeta(s) / (alpha ln^s eta)),
 *                     k1 = (eta^{1/4} + eta^{-1/4}) / sqrt 2, k2 = (sqrt eta + 1) / 2
 *                     (Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 2021, theorem 1)
 *     empirical       |F_t - F| <= A sqrt((ln(1 + ln(t / t_min)) + C) / t) at every value and every
 *                     t >= t_min: a band around the distribution of a latency (Howard and Ramdas,
 *                     Bernoulli 2022, theorem 2)
 *     double          the p-quantile for every p at once: epochs of time and of the logit of p (the
 *                     same, theorem 3)
 *
 * Conservative: with more than a few thousand observations still up to twice as wide as an interval
 * for one look. */
#ifndef CM_STITCHING_H
#define CM_STITCHING_H

/* How epochs grow and how error is shared among them: the m-th gets alpha / (zeta(s) m^s). */
struct cm_stitching {
    double start; /* v_min or t_min: where the boundary is tightest, > 0 */
    double s;     /* > 1; 1.4 is good */
    double eta;   /* > 1; 2 is good */
};

/* v >= 0, c >= 0, 0 < alpha < 1. Before v_min the boundary is that of v_min. */
double cm_stitching_polynomial(const struct cm_stitching *epochs, double v, double c, double alpha);

/* C for the error alpha: the least that some eta allows; A > 1 / sqrt 2 (0.85 is good), 0 < alpha <
 * 1. Found once, used at every look. NAN for others. */
double cm_stitching_empirical_constant(double alpha, double a);
/* Half the height of the band; INFINITY before t_min >= 1. */
double cm_stitching_empirical(double t, double t_min, double a, double constant);

/* The sum of (indicator <= quantile) - p stays below this at every t and every p; 0 < p < 1, t >=
 * 1, delta > 0 is the spacing of the logits (0.5 is good). Symmetric: lower sides take 1 - p. */
struct cm_stitching_quantile {
    struct cm_stitching epochs;
    double delta;
};
double cm_stitching_double(const struct cm_stitching_quantile *q, double p, double t, double alpha);

#endif
