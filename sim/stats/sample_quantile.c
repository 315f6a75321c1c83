/* Weighted order statistics; formulas in the header. */
#include "sim/stats/sample_quantile.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/bucket_quantile.h"

/* Order statistic i has the probability that Beta(a, b) gives to ((i - 1) / n, i / n). */
struct weights {
    double a, b;
    size_t n;
    size_t first, last; /* ranks beyond which nothing is left, from 1 */
};

/* Normal tails end within 40 standard deviations, exponential ones, near 0 and 1, within 40 / n. */
static struct weights weights_of(double a, double b, size_t n)
{
    double total = a + b, mean = a / total, count = (double)n;
    double reach = 40 * (sqrt(mean * (b / total) / (total + 1)) + 1 / total);
    return (struct weights){
        .a = a,
        .b = b,
        .n = n,
        .first = (size_t)fmax(1, floor((mean - reach) * count)),
        .last = (size_t)fmin(count, ceil((mean + reach) * count) + 1),
    };
}

/* A difference of lower tails below the mean, of upper tails above it: digits are kept in both. */
static double weight(const struct weights *w, size_t rank)
{
    double low = (double)(rank - 1) / (double)w->n, high = (double)rank / (double)w->n;
    if (high <= w->a / (w->a + w->b))
        return cm_beta_law_below(w->a, w->b, high, 1 - high) -
               cm_beta_law_below(w->a, w->b, low, 1 - low);
    return cm_beta_law_above(w->a, w->b, low, 1 - low) -
           cm_beta_law_above(w->a, w->b, high, 1 - high);
}

static double weighted_mean(const struct weights *w, const double *x)
{
    double sum = 0;
    for (size_t i = w->first; i <= w->last; i++)
        sum += weight(w, i) * x[i - 1];
    return sum;
}

double cm_sample_quantile_harrell_davis(const struct cm_values *v, double p)
{
    if (v->n == 0 || !(p > 0 && p < 1) || !cm_values_finite(v))
        return NAN;
    double n = (double)v->n;
    struct weights w = weights_of((n + 1) * p, (n + 1) * (1 - p), v->n);
    return weighted_mean(&w, v->x);
}

double cm_sample_quantile_error(const struct cm_values *v, double p)
{
    if (v->n == 0 || !(p > 0 && p < 1) || !cm_values_finite(v))
        return NAN;
    double n = (double)v->n, m = floor(n * p + 0.5);
    if (!(m > 1 && m < n))
        return NAN;
    struct weights w = weights_of(m - 1, n - m, v->n);
    double mean = weighted_mean(&w, v->x), squares = 0;
    for (size_t i = w.first; i <= w.last; i++)
        squares += weight(&w, i) * (v->x[i - 1] - mean) * (v->x[i - 1] - mean);
    return sqrt(squares);
}

double cm_sample_quantile_z(const struct cm_values *control, const struct cm_values *canary,
                            double p, double margin)
{
    double error = hypot(cm_sample_quantile_error(control, p), cm_sample_quantile_error(canary, p));
    double off = cm_sample_quantile_harrell_davis(canary, p) -
                 cm_sample_quantile_harrell_davis(control, p) - margin;
    return error == 0 ? 0 : off / error;
}

struct cm_interval cm_sample_quantile_woodruff(double p, const double *bounds, const double *mass,
                                               size_t n, double level)
{
    double total = 0;
    for (size_t i = 0; i <= n; i++)
        total += mass[i];
    if (!(p > 0 && p < 1) || !(level > 0 && level < 1) || !(total > 0))
        return (struct cm_interval){NAN, NAN};
    double half = gsl_cdf_ugaussian_Qinv(0.5 * (1 - level)) * sqrt(p * (1 - p) / total);
    return (struct cm_interval){
        .low = cm_bucket_quantile(p - half, bounds, mass, n),
        .high = cm_bucket_quantile(p + half, bounds, mass, n),
    };
}
