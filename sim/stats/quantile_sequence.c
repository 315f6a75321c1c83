/* Quantiles and shares at all times; see the header. */
#include "sim/stats/quantile_sequence.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/root.h"

enum { SECTIONS = 60 };
static const double GOLDEN = 0.61803398874989484820;
static const double TOLERANCE = 1e-14;

struct cm_quantile_sequence cm_quantile_sequence_of(double p, double t_opt, double alpha_opt)
{
    assert(p > 0 && p < 1 && t_opt > 0);
    const struct cm_mixture_tuning tuning = {p * (1 - p) * t_opt, alpha_opt};
    return (struct cm_quantile_sequence){p, cm_mixture_beta_binomial(&tuning, p, 1 - p, false)};
}

struct cm_interval cm_quantile_sequence_shares(const struct cm_quantile_sequence *q, double t,
                                               double alpha)
{
    if (!(t >= 1))
        return (struct cm_interval){0, 1};
    struct cm_mixture above = q->mixture, below = q->mixture;
    /* Of 1 - p; its constant is the same, as the beta function is symmetric. */
    below.g = q->mixture.h, below.h = q->mixture.g;
    double v = q->p * (1 - q->p) * t;
    return (struct cm_interval){fmax(0, q->p - cm_mixture_bound(&below, v, alpha) / t),
                                fmin(1, q->p + cm_mixture_bound(&above, v, alpha) / t)};
}

/* Evidence of one arm that the share at or below its quantile is not p, if it is `share`. */
static double log_e_at(const struct cm_quantile_sequence *q, double n, double share)
{
    return cm_mixture_log_e(&q->mixture, (share - q->p) * n, q->p * (1 - q->p) * n);
}

/* The share with the least evidence, near p; log E is convex in the share. */
static double least_share(const struct cm_quantile_sequence *q, double n)
{
    double low = 0, high = 1, x = 1 - GOLDEN, y = GOLDEN;
    double at_x = log_e_at(q, n, x), at_y = log_e_at(q, n, y);
    for (int i = 0; i < SECTIONS; i++)
        if (at_x < at_y) {
            high = y, y = x, at_y = at_x;
            x = high - GOLDEN * (high - low), at_x = log_e_at(q, n, x);
        } else {
            low = x, x = y, at_x = at_y;
            y = low + GOLDEN * (high - low), at_y = log_e_at(q, n, y);
        }
    return (low + high) / 2;
}

/* The least evidence among the shares that a value with `below` and `at` observations allows. */
static double least_log_e(const struct cm_quantile_sequence *q, double n, double least,
                          const size_t counts[2])
{
    double low = (double)counts[0] / n, high = (double)(counts[0] + counts[1]) / n;
    return log_e_at(q, n, fmin(high, fmax(low, least)));
}

double cm_quantile_sequence_log_e(const struct cm_quantile_sequence *q,
                                  const struct cm_values *control, const struct cm_values *canary)
{
    double n0 = (double)control->n, n1 = (double)canary->n, least = INFINITY;
    if (control->n == 0 || canary->n == 0)
        return 0;
    double share0 = least_share(q, n0), share1 = least_share(q, n1);
    struct cm_values_walk walk = {.control = *control, .canary = *canary};
    while (cm_values_next(&walk)) {
        const size_t counts0[2] = {walk.below0, walk.at0}, counts1[2] = {walk.below1, walk.at1};
        least =
            fmin(least, least_log_e(q, n0, share0, counts0) + least_log_e(q, n1, share1, counts1));
    }
    return least;
}

struct share_case {
    uint64_t x, n;
    double log_threshold;
    const struct cm_mixture_tuning *tuning;
};

/* Evidence against the share p, less what rejects it. */
static double excess(double p, const void *context)
{
    const struct share_case *c = context;
    struct cm_quantile_sequence q = cm_quantile_sequence_of(p, c->tuning->v, c->tuning->alpha);
    double n = (double)c->n;
    return log_e_at(&q, n, (double)c->x / n) - c->log_threshold;
}

/* With at most one success no share is too small. */
static double lower_limit(const struct share_case *c)
{
    const struct cm_function f = {excess, c};
    double high = (double)c->x / (double)c->n, low = high * 1e-30;
    if (c->x == 0 || !(excess(low, c) > 0))
        return 0;
    if (c->x == c->n)
        high = 1 - 1e-15;
    return cm_root_brent(&f, low, high, TOLERANCE * high);
}

struct cm_interval cm_quantile_sequence_share_limits(uint64_t x, uint64_t n, double alpha,
                                                     const struct cm_mixture_tuning *tuning)
{
    assert(x <= n && alpha > 0 && alpha < 1);
    if (n == 0)
        return (struct cm_interval){0, 1};
    const struct share_case below = {x, n, -log(alpha), tuning};
    const struct share_case above = {n - x, n, -log(alpha), tuning};
    return (struct cm_interval){lower_limit(&below), 1 - lower_limit(&above)};
}
