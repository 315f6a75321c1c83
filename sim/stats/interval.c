/* Intervals of shares, means, quantiles and ratios.
 *
 * Wilson: with z the normal quantile, centre (p + z^2/2n) / (1 + z^2/n), half width
 * z / (1 + z^2/n) sqrt(p q / n + z^2 / 4n^2) (Wilson 1927; Brown, Cai and DasGupta 2001).
 * Clopper-Pearson: low solves P(Bin(n, p) >= x) = I_p(x, n - x + 1) = alpha / 2, high solves
 * P(Bin(n, p) <= x) = alpha / 2, both quantiles of beta laws (beta_law.h).
 * Mean: Student's t, exact for normal values, by the central limit theorem for others.
 * Quantile: the number of values below the p-quantile is Bin(n, p) whatever the law of the values
 * (Conover 1999, 3.2); for laws with ties the coverage is only larger.
 * Ratio: the linearised variance of sum a / sum b, sum (a - R b)^2 k / (k - 1) / (sum b)^2, with
 * Student's t on k - 1 degrees (Cochran 1977, 6.4; batches as in Law 2015, 9.5.3). */
#include "sim/stats/interval.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/beta_law.h"

/* z such that `level` of a standard normal lies within +-z. */
static double normal_quantile(double level)
{
    return gsl_cdf_ugaussian_Qinv(0.5 * (1 - level));
}

/* The same for Student's t. */
static double student_quantile(double level, size_t degrees)
{
    return gsl_cdf_tdist_Qinv(0.5 * (1 - level), (double)degrees);
}

struct cm_interval cm_interval_wilson(uint64_t x, uint64_t n, double level)
{
    assert(x <= n);
    if (n == 0)
        return (struct cm_interval){0, 1};
    double count = (double)n, p = (double)x / count, z = normal_quantile(level);
    double shrink = 1 + z * z / count;
    double centre = (p + z * z / (2 * count)) / shrink;
    double half = z / shrink * sqrt(p * (1 - p) / count + z * z / (4 * count * count));
    /* At the ends centre and half width are equal but for rounding. */
    return (struct cm_interval){
        .low = x == 0 ? 0 : fmax(0, centre - half),
        .high = x == n ? 1 : fmin(1, centre + half),
    };
}

struct cm_interval cm_interval_clopper_pearson(uint64_t x, uint64_t n, double level)
{
    assert(x <= n);
    double alpha = 1 - level, k = (double)x, rest = (double)(n - x);
    return (struct cm_interval){
        .low = x == 0 ? 0 : cm_beta_law_quantile(alpha / 2, k, rest + 1),
        .high = x == n ? 1 : cm_beta_law_quantile(1 - alpha / 2, k + 1, rest),
    };
}

/* Whoever saw none knows one limit only; all of the error goes there, which is what "95 %" then
 * means (Hanley and Lippman-Hand 1983: the rule of three, 3 / n, is its first term). */
struct cm_interval cm_interval_share(uint64_t x, uint64_t n, double level)
{
    if (n == 0 || (x > 0 && x < n))
        return cm_interval_wilson(x, n, level);
    /* P(no event) = (1 - p)^n = 1 - level at p = 1 - (1 - level)^(1/n). */
    double limit = -expm1(log1p(-level) / (double)n);
    if (x == 0)
        return (struct cm_interval){0, limit};
    return (struct cm_interval){1 - limit, 1};
}

/* In the order of the values, so that the same rows give the same bits. */
struct cm_sample cm_sample_of(const double *x, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) { /* Welford (1962): no difference of large sums */
        double off = x[i] - mean;
        mean += off / (double)(i + 1);
        squares += off * (x[i] - mean);
    }
    return (struct cm_sample){
        .n = n,
        .mean = n > 0 ? mean : NAN,
        .variance = n > 1 ? squares / (double)(n - 1) : NAN,
    };
}

struct cm_interval cm_interval_mean(const struct cm_sample *sample, double level)
{
    if (sample->n < 2)
        return (struct cm_interval){-INFINITY, INFINITY};
    double t = student_quantile(level, sample->n - 1);
    double half = t * sqrt(sample->variance / (double)sample->n);
    return (struct cm_interval){sample->mean - half, sample->mean + half};
}

/* P(Bin(n, p) <= k); k = n is certain. */
static double binomial_below(size_t k, size_t n, double p)
{
    return k >= n ? 1 : cm_beta_law_above((double)k + 1, (double)(n - k), p, 1 - p);
}

/* The least k with P(Bin(n, p) <= k) >= q. */
static size_t binomial_quantile(double q, size_t n, double p)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (binomial_below(middle, n, p) >= q)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct cm_ranks cm_ranks_of_quantile(size_t n, double p, double level)
{
    assert(n > 0 && p > 0 && p < 1);
    double tail = 0.5 * (1 - level);
    size_t low = binomial_quantile(tail, n, p);
    size_t high = binomial_quantile(1 - tail, n, p) + 1;
    double below = low == 0 ? 0 : binomial_below(low - 1, n, p);
    double within = binomial_below(high - 1, n, p) - below;
    return (struct cm_ranks){low, high, within};
}

/* The inverse of the empirical distribution function (type 1 of Hyndman and Fan 1996): always a
 * value that was seen, as a number of requests has to be. */
double cm_quantile_of(const double *sorted, size_t n, double p)
{
    if (n == 0)
        return NAN;
    /* n p may come out a hair above the whole number it is: 20 * 0.95 is 19. */
    size_t rank = (size_t)ceil((double)n * p * (1 - 1e-12));
    return sorted[rank > 0 ? rank - 1 : 0];
}

struct cm_interval cm_interval_quantile(const double *sorted, size_t n, double p, double level)
{
    if (n == 0)
        return (struct cm_interval){-INFINITY, INFINITY};
    struct cm_ranks ranks = cm_ranks_of_quantile(n, p, level);
    return (struct cm_interval){
        .low = ranks.low == 0 ? -INFINITY : sorted[ranks.low - 1],
        .high = ranks.high > n ? INFINITY : sorted[ranks.high - 1],
    };
}

/* Student rather than normal: batches are few. The bias of a ratio, of order 1 / n, is left. */
struct cm_ratio cm_ratio_of_batches(const double *a, const double *b, size_t batches, double level)
{
    double over = 0, under = 0, squares = 0;
    for (size_t i = 0; i < batches; i++) {
        over += a[i];
        under += b[i];
    }
    double ratio = under == 0 ? NAN : over / under;
    if (batches < 2 || isnan(ratio))
        return (struct cm_ratio){ratio, {-INFINITY, INFINITY}};
    for (size_t i = 0; i < batches; i++)
        squares += (a[i] - ratio * b[i]) * (a[i] - ratio * b[i]);
    double k = (double)batches;
    double half = student_quantile(level, batches - 1) * sqrt(squares * k / (k - 1)) / fabs(under);
    return (struct cm_ratio){ratio, {ratio - half, ratio + half}};
}
