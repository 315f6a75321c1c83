/* Distances between distribution functions and their laws; formulas in the header.
 *
 * Distances are kept times n0 n1, as differences of whole numbers, and so compare exactly (below
 * 2^53): i / n0 - j / n1 is (i n1 - j n0) / (n0 n1). */
#include "sim/stats/kolmogorov.h"

#include <math.h>

#include "sim/base/mem.h"

static const double PI = 3.14159265358979323846;

/* The largest differences of distribution functions times n0 n1. */
struct spread {
    double plus, minus;
};

static void widen(struct spread *s, double difference)
{
    s->plus = fmax(s->plus, difference);
    s->minus = fmax(s->minus, -difference);
}

static struct cm_distance scaled(const struct spread *s, double n0, double n1)
{
    double scale = n0 * n1;
    if (scale == 0)
        return (struct cm_distance){.n0 = n0, .n1 = n1};
    return (struct cm_distance){.d_plus = s->plus / scale,
                                .d_minus = s->minus / scale,
                                .d = fmax(s->plus, s->minus) / scale,
                                .n0 = n0,
                                .n1 = n1};
}

static struct spread spread_of(const struct cm_values *control, const struct cm_values *canary)
{
    struct cm_values_walk w = {.control = *control, .canary = *canary};
    struct spread s = {0, 0};
    while (cm_values_next(&w))
        widen(&s, (double)(w.below0 + w.at0) * (double)canary->n -
                      (double)(w.below1 + w.at1) * (double)control->n);
    return s;
}

struct cm_distance cm_kolmogorov_of(const struct cm_values *control, const struct cm_values *canary)
{
    if (!cm_values_finite(control) || !cm_values_finite(canary))
        return (struct cm_distance){NAN, NAN, NAN, NAN, NAN};
    struct spread s = spread_of(control, canary);
    return scaled(&s, (double)control->n, (double)canary->n);
}

struct cm_distance cm_kolmogorov_of_buckets(const double *control, const double *canary, size_t n)
{
    double n0 = 0, n1 = 0, below0 = 0, below1 = 0;
    for (size_t i = 0; i < n; i++) {
        n0 += control[i];
        n1 += canary[i];
    }
    struct spread s = {0, 0};
    for (size_t i = 0; i + 1 < n; i++) { /* at the last bound both are 1 */
        below0 += control[i];
        below1 += canary[i];
        widen(&s, below0 * n1 - below1 * n0);
    }
    return scaled(&s, n0, n1);
}

/* P(sqrt(m) D >= x) in the limit. The two series are equal (Jacobi's theta function); one converges
 * where x is large, the other where it is small. */
static double kolmogorov_tail(double x)
{
    double sum = 0;
    if (x < 1) {
        for (int k = 1; k < 40; k += 2)
            sum += exp(-k * k * PI * PI / (8 * x * x));
        return 1 - sqrt(2 * PI) / x * sum;
    }
    for (int k = 1; k < 20; k++)
        sum += (k % 2 ? 2 : -2) * exp(-2 * k * k * x * x);
    return sum;
}

double cm_kolmogorov_p(const struct cm_distance *d, enum cm_alternative alternative)
{
    double m = d->n0 / (d->n0 + d->n1) * d->n1;
    double of = alternative == CM_GREATER ? d->d_plus : alternative == CM_LESS ? d->d_minus : d->d;
    if (isnan(of))
        return NAN;
    if (of == 0)
        return 1;
    return alternative == CM_TWO_SIDED ? kolmogorov_tail(sqrt(m) * of) : exp(-2 * m * of * of);
}

/* Whether the k smallest of all values end between two different ones, for k = 0..n0 + n1: only
 * there has a distribution function its value. */
static unsigned char *gaps(const struct cm_values *control, const struct cm_values *canary)
{
    unsigned char *open = cm_alloc(control->n + canary->n + 1);
    struct cm_values_walk w = {.control = *control, .canary = *canary};
    while (cm_values_next(&w))
        open[w.below0 + w.at0 + w.below1 + w.at1] = 1;
    return open;
}

static double deviation(double difference, enum cm_alternative alternative)
{
    return alternative == CM_GREATER ? difference
           : alternative == CM_LESS  ? -difference
                                     : fabs(difference);
}

/* A path from (0, 0) to (n0, n1) goes right for a value of the control, up for one of the canary;
 * under H0 all are equally probable. chance[j] is the probability that a random path to (i, j) has
 * been as far off as `limit`; it came from (i - 1, j) with probability i / (i + j). Everything
 * added is positive, so that small probabilities keep their digits. */
double cm_kolmogorov_exact_p(const struct cm_values *control, const struct cm_values *canary,
                             enum cm_alternative alternative)
{
    if (!cm_values_finite(control) || !cm_values_finite(canary))
        return NAN;
    struct spread s = spread_of(control, canary);
    double limit = alternative == CM_GREATER ? s.plus
                   : alternative == CM_LESS  ? s.minus
                                             : fmax(s.plus, s.minus);
    if (limit <= 0)
        return 1;
    unsigned char *open = gaps(control, canary);
    double *chance = cm_alloc((canary->n + 1) * sizeof *chance);
    for (size_t i = 0; i <= control->n; i++)
        for (size_t j = 0; j <= canary->n; j++) {
            double right = (double)i, up = (double)j;
            double off = right * (double)canary->n - up * (double)control->n;
            if (open[i + j] && deviation(off, alternative) >= limit)
                chance[j] = 1;
            else if (i + j > 0)
                chance[j] = (right * (i > 0 ? chance[j] : 0) + up * (j > 0 ? chance[j - 1] : 0)) /
                            (right + up);
        }
    double p = chance[canary->n];
    cm_free(chance);
    cm_free(open);
    return p;
}
