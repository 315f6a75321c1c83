/* Aalen-Johansen: at each time t_j with n_j still watched, d_j ends of any cause and e_j events,
 *
 *     F(t) = sum_{t_j <= t} S(t_j-) e_j / n_j,    S(t) = prod_{t_j <= t} (1 - d_j / n_j)
 *
 * (Aalen and Johansen 1978; Andersen et al. 1993, IV.4.1). Its variance by the delta method (Dinse
 * and Larson 1986; Marubini and Valsecchi 1995, 10.2):
 *
 *     sum (F - F_j)^2 d_j / (n_j (n_j - d_j)) + sum S_-^2 e_j (n_j - e_j) / n_j^3
 *         - 2 sum (F - F_j) S_- e_j / n_j^2
 *
 * With one cause both reduce, exactly, to Kaplan-Meier and Greenwood; with nothing censored to the
 * plain share and its binomial variance.
 *
 * Limits on the scale log(-log(1 - F)), which keeps them inside [0, 1]; times by inverting that
 * band (Brookmeyer and Crowley 1982). Where F = 1 the band is not defined; there the lower limit is
 * that of n of n. */
#include "sim/stats/incidence.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/mem.h"

/* Sums that give the variance at any later F without a second pass: (F - F_j) is multiplied out. */
struct sums {
    double g, fg, ffg; /* of d / (n (n - d)), times F_j, times F_j^2 */
    double own;        /* of S_-^2 e (n - e) / n^3 */
    double h, fh;      /* of S_- e / n^2, times F_j */
};

/* By time; which of several ends at one instant comes first changes nothing. */
static int earlier(const void *a, const void *b)
{
    const struct cm_spell *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->cause > y->cause) - (x->cause < y->cause);
}

/* `ends` = those watched, ends of any cause, events; F and S before are those of this time. */
static void add_step(struct sums *s, double f, double before, const double ends[3])
{
    double n = ends[0], d = ends[1], e = ends[2];
    if (d < n) { /* else it was the last one: no later F asks for this term */
        double g = d / (n * (n - d));
        s->g += g;
        s->fg += f * g;
        s->ffg += f * f * g;
    }
    s->own += before * before * e * (n - e) / (n * n * n);
    s->h += before * e / (n * n);
    s->fh += f * before * e / (n * n);
}

/* The three sums of the head of this file at F = f. Rounding may leave a hair below 0. */
static double variance_at(const struct sums *s, double f)
{
    double all = f * f * s->g - 2 * f * s->fg + s->ffg;
    double both = f * s->h - s->fh;
    return fmax(0, all + s->own - 2 * both);
}

void cm_curve_init(struct cm_curve *curve, struct cm_spell *spells, size_t n)
{
    size_t room = (n > 0 ? n : 1) * sizeof(double);
    *curve = (struct cm_curve){0, 0, cm_alloc(room), cm_alloc(room), cm_alloc(room)};
    if (n > 1)
        qsort(spells, n, sizeof *spells, earlier);
    struct sums sums = {0};
    double f = 0, survival = 1;
    for (size_t i = 0; i < n;) {
        double time = spells[i].time, watched = (double)(n - i), ends = 0, events = 0;
        assert(time >= 0);
        for (; i < n && spells[i].time == time; i++) { /* ties: all ends come before the censored */
            ends += spells[i].cause != CM_CENSORED;
            events += spells[i].cause == CM_EVENT;
        }
        f += survival * events / watched;
        add_step(&sums, f, survival, (const double[3]){watched, ends, events});
        survival *= 1 - ends / watched;
        curve->ended += (size_t)ends;
        if (events == 0) /* F does not move; what left counts from the next time on */
            continue;
        curve->time[curve->n] = time;
        curve->value[curve->n] = fmin(f, 1);
        curve->variance[curve->n++] = variance_at(&sums, f);
    }
}

void cm_curve_release(struct cm_curve *curve)
{
    cm_free(curve->time);
    cm_free(curve->value);
    cm_free(curve->variance);
    *curve = (struct cm_curve){0};
}

double cm_curve_at(const struct cm_curve *curve, double t)
{
    double value = 0;
    for (size_t i = 0; i < curve->n && curve->time[i] <= t; i++)
        value = curve->value[i];
    return value;
}

/* Sums of shares end a few roundings beside the fraction they stand for. */
static const double rounding = 1e-12;

/* Everybody has had it. */
static bool complete(const struct cm_curve *curve, size_t i)
{
    return 1 - curve->value[i] < rounding;
}

/* With S = 1 - F and sd(log(-log S)) = sd(F) / (S |log S|): 1 - S^exp(+-z sd). */
static struct cm_interval band(double value, double variance, double level)
{
    double z = gsl_cdf_ugaussian_Qinv(0.5 * (1 - level)), scale = log1p(-value);
    double spread = z * sqrt(variance) / ((1 - value) * -scale);
    return (struct cm_interval){-expm1(scale * exp(-spread)), -expm1(scale * exp(spread))};
}

struct cm_interval cm_curve_limits(const struct cm_curve *curve, size_t i, double level)
{
    assert(i < curve->n);
    if (!complete(curve, i))
        return band(curve->value[i], curve->variance[i], level);
    /* All of those whose story was seen to its end: the limit of n of n, two-sided. */
    double low = exp(log(0.5 * (1 - level)) / (double)curve->ended);
    while (i > 0 && complete(curve, i))
        i--;
    if (!complete(curve, i))
        low = fmax(low, band(curve->value[i], curve->variance[i], level).low);
    return (struct cm_interval){low, 1};
}

struct cm_crossing cm_curve_quantile(const struct cm_curve *curve, double p, double level)
{
    struct cm_crossing crossing = {INFINITY, {INFINITY, INFINITY}};
    /* From the end, so that the earliest time stands in the end. */
    for (size_t i = curve->n; i-- > 0;) {
        struct cm_interval limits = cm_curve_limits(curve, i, level);
        if (curve->value[i] >= p - rounding)
            crossing.at = curve->time[i];
        if (limits.high >= p - rounding)
            crossing.limits.low = curve->time[i];
        if (limits.low >= p - rounding)
            crossing.limits.high = curve->time[i];
    }
    return crossing;
}

/* Under one minus the step function: rectangles between its steps. */
double cm_curve_restricted_mean(const struct cm_curve *curve, double t)
{
    double area = 0, from = 0, height = 1;
    for (size_t i = 0; i < curve->n && curve->time[i] < t; i++) {
        area += height * (curve->time[i] - from);
        from = curve->time[i];
        height = 1 - curve->value[i];
    }
    return area + height * (t - from);
}
