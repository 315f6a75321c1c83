/* Barnard's and Boschloo's tests; see the header.
 *
 * Both statistics grow with the canary's errors and fall with the control's (Barnard's condition of
 * convexity; Roehmel and Mansmann 1999). So for every number of canary errors the extreme tables
 * are those with at most so many control errors, a staircase that one walk finds, and
 *
 *     P(extreme | pi) = sum over x1 of P(Bin(n1, pi) = x1) P(Bin(n0, pi) <= step(x1)),
 *
 * which costs n0 + n1 a pi instead of n0 n1. The supremum is sought on a grid that is even in
 * arcsin sqrt(pi), where binomial laws are equally wide everywhere, then by golden section around
 * every maximum of the grid that comes near the best. */
#include "sim/stats/unconditional.h"

#include <assert.h>
#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/two_proportion.h"

enum { GRID = 4000, SECTIONS = 40 };
static const double HALF_PI = 1.57079632679489661923;
static const double GOLDEN = 0.61803398874989484820;
/* Statistics that are equal in theory may differ by rounding. */
static const double SLACK = 1e-9;

/* Tables with at most step[x1] errors of the control; -1: none. */
struct stairs {
    size_t n0, n1;
    int *step;           /* n1 + 1 */
    double *bad0, *bad1; /* scratch: probabilities of 0..n0 and 0..n1 errors */
};

/* Grows with the evidence against the canary. */
typedef double evidence(const struct cm_two_counts *c);

static double pooled_z(const struct cm_two_counts *c)
{
    return cm_two_proportion_z(c, true, 0);
}

static double fisher(const struct cm_two_counts *c)
{
    return -cm_two_proportion_fisher(c);
}

static void walk(struct stairs *s, evidence *of, double observed)
{
    double least = observed - SLACK * fabs(observed);
    int step = -1;
    for (size_t x1 = 0; x1 <= s->n1; x1++) {
        struct cm_two_counts c = {.n0 = s->n0, .x1 = x1, .n1 = s->n1};
        for (; step < (int)s->n0; step++) {
            c.x0 = (uint64_t)step + 1;
            if (of(&c) < least)
                break;
        }
        s->step[x1] = step;
    }
}

/* P(Bin(n, p) = 0..n), from the mode outwards. */
static void fill(double *out, size_t n, double p)
{
    double q = 1 - p, odds = p / q;
    size_t mode = (size_t)fmin((double)n, floor(p * (double)(n + 1)));
    out[mode] = exp(cm_point_mass_binomial((double)mode, (double)(n - mode), p, q));
    for (size_t x = mode; x > 0; x--)
        out[x - 1] = out[x] * (double)x / ((double)(n - x + 1) * odds);
    for (size_t x = mode; x < n; x++)
        out[x + 1] = out[x] * odds * (double)(n - x) / (double)(x + 1);
}

/* 0 < pi < 1. */
static double extreme(const struct stairs *s, double pi)
{
    fill(s->bad0, s->n0, pi);
    fill(s->bad1, s->n1, pi);
    double below = 0, sum = 0;
    int at = -1;
    for (size_t x1 = 0; x1 <= s->n1; x1++) {
        while (at < s->step[x1])
            below += s->bad0[++at];
        sum += s->bad1[x1] * below;
    }
    return sum;
}

/* How probable the extreme tables of one or two stairs are; the second looks from the other arm. */
struct region {
    struct stairs stairs[2];
    int n;
};

static double probability(const struct region *r, double angle)
{
    double sine = sin(angle), sum = 0;
    for (int i = 0; i < r->n; i++)
        sum += extreme(&r->stairs[i], sine * sine);
    return sum;
}

/* The maximum between two angles, unimodal there. */
static double refine(const struct region *r, double low, double high)
{
    double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
    double at_a = probability(r, a), at_b = probability(r, b);
    for (int i = 0; i < SECTIONS; i++) {
        if (at_a < at_b) {
            low = a, a = b, at_a = at_b;
            b = low + GOLDEN * (high - low), at_b = probability(r, b);
        } else {
            high = b, b = a, at_b = at_a;
            a = high - GOLDEN * (high - low), at_a = probability(r, a);
        }
    }
    return fmax(at_a, at_b);
}

/* As pi goes to 0 or 1, all that is left is the table without errors or the one without anything
 * else. */
static double at_the_ends(const struct region *r)
{
    for (int i = 0; i < r->n; i++) {
        const struct stairs *s = &r->stairs[i];
        if (s->step[0] >= 0 || s->step[s->n1] == (int)s->n0)
            return 1;
    }
    return 0;
}

static double supremum(const struct region *r)
{
    const double near = 0.99, width = HALF_PI / GRID;
    double *at = cm_alloc((GRID + 1) * sizeof *at), best = 0;
    for (int i = 1; i < GRID; i++) {
        at[i] = probability(r, i * width);
        best = fmax(best, at[i]);
    }
    double sup = best;
    for (int i = 1; i < GRID; i++)
        if (at[i] >= near * best && at[i] >= at[i - 1] && at[i] >= at[i + 1])
            sup = fmax(sup, refine(r, (i - 0.999) * width, (i + 0.999) * width));
    cm_free(at);
    return fmin(1, sup);
}

static void stairs_init(struct stairs *s, const struct cm_two_counts *c)
{
    s->n0 = c->n0, s->n1 = c->n1;
    s->step = cm_alloc((s->n1 + 1) * sizeof *s->step);
    s->bad0 = cm_alloc((s->n0 + 1) * sizeof *s->bad0);
    s->bad1 = cm_alloc((s->n1 + 1) * sizeof *s->bad1);
}

static double supremum_of(struct region *r)
{
    double p = at_the_ends(r) == 1 ? 1 : supremum(r);
    for (int i = 0; i < r->n; i++) {
        cm_free(r->stairs[i].step);
        cm_free(r->stairs[i].bad0);
        cm_free(r->stairs[i].bad1);
    }
    return p;
}

static struct cm_two_counts mirror_of(const struct cm_two_counts *c)
{
    return (struct cm_two_counts){.x0 = c->x1, .n0 = c->n1, .x1 = c->x0, .n1 = c->n0};
}

/* 1 or NAN where there is nothing to compute; else 0. */
static double trivial(const struct cm_two_counts *c)
{
    assert(c->x0 <= c->n0 && c->x1 <= c->n1);
    if (c->n0 > CM_UNCONDITIONAL_MAX || c->n1 > CM_UNCONDITIONAL_MAX)
        return NAN;
    return c->n0 == 0 || c->n1 == 0;
}

static double greater(const struct cm_two_counts *c, evidence *of)
{
    struct region r = {.n = 1};
    stairs_init(&r.stairs[0], c);
    walk(&r.stairs[0], of, of(c));
    return supremum_of(&r);
}

double cm_unconditional_barnard(const struct cm_two_counts *c, enum cm_alternative alternative)
{
    struct cm_two_counts mirror = mirror_of(c);
    double known = trivial(c), z = fabs(pooled_z(c));
    if (known != 0)
        return known;
    if (alternative != CM_TWO_SIDED)
        return greater(alternative == CM_GREATER ? c : &mirror, pooled_z);
    if (z == 0)
        return 1;
    struct region r = {.n = 2};
    stairs_init(&r.stairs[0], c);
    stairs_init(&r.stairs[1], &mirror);
    walk(&r.stairs[0], pooled_z, z);
    walk(&r.stairs[1], pooled_z, z);
    return supremum_of(&r);
}

double cm_unconditional_boschloo(const struct cm_two_counts *c, enum cm_alternative alternative)
{
    struct cm_two_counts mirror = mirror_of(c);
    double known = trivial(c);
    if (known != 0)
        return known;
    if (alternative != CM_TWO_SIDED)
        return greater(alternative == CM_GREATER ? c : &mirror, fisher);
    return fmin(1, 2 * fmin(greater(c, fisher), greater(&mirror, fisher)));
}
