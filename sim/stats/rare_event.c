/* Moments of rare event estimators; see the header. */
#include "sim/stats/rare_event.h"

#include <math.h>

#include "sim/stats/point_mass.h"

/* Second moment: the sum of f_p(x)^2 / f_q(x), with f the binomial probabilities. */
struct cm_tilt cm_rare_event_binomial_tilt(uint64_t n, double p, uint64_t k, double q)
{
    if (!(p > 0 && p < 1 && q > 0 && q < 1) || k > n)
        return (struct cm_tilt){NAN, NAN, NAN, NAN};
    double prob = 0, square = 0, last = (double)n;
    for (double x = last; x >= (double)k; x--) { /* the small terms first */
        double log_p = cm_point_mass_binomial(x, last - x, p, 1 - p);
        prob += exp(log_p);
        square += exp(2 * log_p - cm_point_mass_binomial(x, last - x, q, 1 - q));
    }
    double variance = square - prob * prob;
    return (struct cm_tilt){
        .prob = prob,
        .theta = log(q / p) + log1p(-p) - log1p(-q),
        .relative_variance = variance / (prob * prob),
        .gain = prob * (1 - prob) / variance,
    };
}

/* With r = (1 - p) / p: (1 - r^lower) / (1 - r^(lower + upper)), divided by the largest power. */
struct cm_ruin cm_rare_event_gamblers_ruin(double p, uint64_t lower, uint64_t upper)
{
    double down = (double)lower, up = (double)upper, all = down + up;
    if (!(p > 0 && p < 1) || lower == 0 || upper == 0)
        return (struct cm_ruin){NAN, NAN};
    if (p == 0.5)
        return (struct cm_ruin){down / all, down * up};
    double drift = p - (1 - p), log_r = log1p(-p) - log(p);
    double reach = log_r > 0 ? exp(-up * log_r) * expm1(-down * log_r) / expm1(-all * log_r)
                             : expm1(down * log_r) / expm1(all * log_r);
    /* Wald's identity: E[end] = drift E[steps]. */
    return (struct cm_ruin){reach, (reach * all - down) / drift};
}

struct cm_splitting cm_rare_event_splitting(const double *level, size_t levels, uint64_t n)
{
    double prob = 1, log_second = 0;
    for (size_t i = 0; i < levels; i++) {
        if (!(level[i] > 0 && level[i] <= 1) || n == 0)
            return (struct cm_splitting){NAN, NAN};
        prob *= level[i];
        log_second += log1p((1 - level[i]) / ((double)n * level[i]));
    }
    return (struct cm_splitting){prob, expm1(log_second)};
}
