/* Margins; formulas and sources are in the header.
 *
 * The fit under p1 = p0 + d is the root of the score
 *     x0 / p - (n0 - x0) / (1 - p) + x1 / (p + d) - (n1 - x1) / (1 - p - d),
 * which falls from one end of what is possible to the other, because the likelihood is concave. The
 * textbook takes the trigonometric root of the cubic that remains without denominators; that loses
 * digits where p is small beside 1, which is always, and this does not. */
#include "sim/stats/margin_test.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>

/* Counts as doubles. */
struct arms {
    double x0, n0, x1, n1;
};

static struct arms arms_of(const struct cm_two_counts *c)
{
    assert(c->x0 <= c->n0 && c->x1 <= c->n1);
    return (struct arms){(double)c->x0, (double)c->n0, (double)c->x1, (double)c->n1};
}

/* a / b where nothing over nothing is nothing. */
static double quotient(double a, double b)
{
    return a == 0 ? 0 : a / b;
}

static double score(const struct arms *c, double p, double d)
{
    return quotient(c->x0, p) - quotient(c->n0 - c->x0, 1 - p) + quotient(c->x1, p + d) -
           quotient(c->n1 - c->x1, 1 - p - d);
}

/* Minus the slope of the score. */
static double information(const struct arms *c, double p, double d)
{
    return quotient(c->x0, p * p) + quotient(c->n0 - c->x0, (1 - p) * (1 - p)) +
           quotient(c->x1, (p + d) * (p + d)) + quotient(c->n1 - c->x1, (1 - p - d) * (1 - p - d));
}

/* The likelihood may be largest at an end of what is possible, if no count forbids that end. */
static bool ends_at(const struct arms *c, double d, double *end)
{
    double low = fmax(0, -d), high = fmin(1, 1 - d);
    double forbids_low = d > 0 ? c->x0 : d < 0 ? c->x1 : c->x0 + c->x1;
    double good0 = c->n0 - c->x0, good1 = c->n1 - c->x1;
    double forbids_high = d > 0 ? good1 : d < 0 ? good0 : good0 + good1;
    if (forbids_low == 0 && score(c, low, d) <= 0) {
        *end = low;
        return true;
    }
    *end = high;
    return forbids_high == 0 && score(c, high, d) >= 0;
}

/* Newton's steps while they stay between the ends that the signs leave, halves otherwise. Steps end
 * where they no longer move p. */
static double fit_difference(const struct arms *c, double d)
{
    double low = fmax(0, -d), high = fmin(1, 1 - d);
    double p;
    if (ends_at(c, d, &p))
        return p;
    p = (c->x0 + c->x1) / (c->n0 + c->n1);
    if (!(p > low && p < high))
        p = 0.5 * (low + high);
    for (int i = 0; i < 1100; i++) {
        double at = score(c, p, d);
        if (at == 0)
            break;
        if (at > 0)
            low = p;
        else
            high = p;
        double next = p + at / information(c, p, d);
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (fabs(next - p) <= 1e-15 * p || next == low || next == high)
            return next;
        p = next;
    }
    return p;
}

/* The smaller root of N R p^2 - (n1 R + x1 + n0 + x0 R) p + X = 0, without cancellation. */
static double fit_ratio(const struct arms *c, double ratio)
{
    double a = (c->n0 + c->n1) * ratio, x = c->x0 + c->x1;
    double b = c->n1 * ratio + c->x1 + c->n0 + c->x0 * ratio;
    return 2 * x / (b + sqrt(fmax(0, b * b - 4 * a * x)));
}

static bool possible(enum cm_margin kind, double margin)
{
    return kind == CM_MARGIN_DIFFERENCE ? fabs(margin) < 1 : margin > 0 && isfinite(margin);
}

struct cm_two_shares cm_margin_test_fit(const struct cm_two_counts *counts, enum cm_margin kind,
                                        double margin)
{
    struct arms c = arms_of(counts);
    assert(c.n0 > 0 && c.n1 > 0);
    if (!possible(kind, margin))
        return (struct cm_two_shares){NAN, NAN};
    if (kind == CM_MARGIN_DIFFERENCE) {
        double p = fit_difference(&c, margin);
        return (struct cm_two_shares){p, p + margin};
    }
    double p = fmin(fit_ratio(&c, margin), fmin(1, 1 / margin));
    return (struct cm_two_shares){p, fmin(1, margin * p)};
}

double cm_margin_test_z(const struct cm_two_counts *c, enum cm_margin kind, double margin)
{
    if (!possible(kind, margin))
        return NAN;
    if (c->n0 == 0 || c->n1 == 0)
        return 0;
    struct arms n = arms_of(c);
    struct cm_two_shares fit = cm_margin_test_fit(c, kind, margin);
    double factor = kind == CM_MARGIN_RATIO ? margin : 1,
           shift = kind == CM_MARGIN_RATIO ? 0 : margin;
    double variance =
        fit.p1 * (1 - fit.p1) / n.n1 + factor * factor * (fit.p0 * (1 - fit.p0) / n.n0);
    double off = n.x1 / n.n1 - factor * (n.x0 / n.n0) - shift;
    return variance > 0 ? off / sqrt(variance) : 0;
}

/* z such that `level` of a standard normal lies within +-z. */
static double within(double level)
{
    return gsl_cdf_ugaussian_Qinv(0.5 * (1 - level));
}

struct cm_interval cm_margin_test_newcombe(const struct cm_two_counts *counts, double level)
{
    struct arms c = arms_of(counts);
    if (c.n0 == 0 || c.n1 == 0)
        return (struct cm_interval){-1, 1};
    struct cm_interval w0 = cm_interval_wilson(counts->x0, counts->n0, level);
    struct cm_interval w1 = cm_interval_wilson(counts->x1, counts->n1, level);
    double p0 = c.x0 / c.n0, p1 = c.x1 / c.n1;
    return (struct cm_interval){
        .low = p1 - p0 - hypot(p1 - w1.low, w0.high - p0),
        .high = p1 - p0 + hypot(w1.high - p1, p0 - w0.low),
    };
}

/* The margin in (low, high) at which z, which falls, is `target`. */
static double margin_at(const struct cm_two_counts *c, double target, double low, double high)
{
    for (;;) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high || high - low < 1e-15)
            return middle;
        if (cm_margin_test_z(c, CM_MARGIN_DIFFERENCE, middle) > target)
            low = middle;
        else
            high = middle;
    }
}

struct cm_interval cm_margin_test_miettinen_nurminen(const struct cm_two_counts *counts,
                                                     double level)
{
    struct arms c = arms_of(counts);
    if (c.n0 == 0 || c.n1 == 0)
        return (struct cm_interval){-1, 1};
    double n = c.n0 + c.n1, z = within(level) * sqrt(n / (n - 1)), d = c.x1 / c.n1 - c.x0 / c.n0;
    return (struct cm_interval){
        .low = d > -1 ? margin_at(counts, z, -1, d) : -1,
        .high = d < 1 ? margin_at(counts, -z, d, 1) : 1,
    };
}

struct cm_ratio cm_margin_test_risk_ratio(const struct cm_two_counts *counts, double level)
{
    struct arms c = arms_of(counts);
    double ratio = (c.x1 / c.n1) / (c.x0 / c.n0);
    if (c.x0 == 0 || c.x1 == 0)
        return (struct cm_ratio){ratio, {0, INFINITY}};
    double error = sqrt(1 / c.x1 - 1 / c.n1 + 1 / c.x0 - 1 / c.n0), half = within(level) * error;
    return (struct cm_ratio){ratio, {ratio * exp(-half), ratio * exp(half)}};
}
