/* Rank sums; formulas in the header. */
#include "sim/stats/ranks.h"

#include <math.h>

#include "sim/base/mem.h"

/* Sums over the groups of equal values, in ascending order. */
struct groups {
    double below0, below1, pairs; /* pairs with canary > control */
    double ties;                  /* sum of t^3 - t */
};

static void add_group(struct groups *g, double at0, double at1)
{
    double t = at0 + at1;
    g->pairs += at1 * (g->below0 + at0 / 2);
    g->ties += t * (t * t - 1);
    g->below0 += at0, g->below1 += at1;
}

static struct cm_rank_sum summed(const struct groups *g)
{
    double n0 = g->below0, n1 = g->below1, n = n0 + n1;
    if (n0 == 0 || n1 == 0)
        return (struct cm_rank_sum){0, 0, 0};
    double variance = n0 * n1 / 12 * (n + 1 - g->ties / (n * (n - 1)));
    /* Where all values are equal, rounding may leave a little on either side of 0. */
    double floor_of = n0 * n1 / 12 * n * 1e-15;
    return (struct cm_rank_sum){
        .u = g->pairs, .mean = n0 * n1 / 2, .sd = variance <= floor_of ? 0 : sqrt(variance)};
}

struct cm_rank_sum cm_ranks_of_walk(const struct cm_values_walk *walk)
{
    struct cm_values_walk w = *walk;
    if (!cm_values_finite(&w.control) || !cm_values_finite(&w.canary))
        return (struct cm_rank_sum){NAN, NAN, NAN};
    struct groups g = {0};
    while (cm_values_next(&w))
        add_group(&g, (double)w.at0, (double)w.at1);
    return summed(&g);
}

struct cm_rank_sum cm_ranks_of(const struct cm_values *control, const struct cm_values *canary)
{
    return cm_ranks_of_walk(&(struct cm_values_walk){.control = *control, .canary = *canary});
}

struct cm_rank_sum cm_ranks_of_buckets(const double *control, const double *canary, size_t n)
{
    struct groups g = {0};
    for (size_t i = 0; i < n; i++)
        add_group(&g, control[i], canary[i]);
    return summed(&g);
}

double cm_ranks_z(const struct cm_rank_sum *r, enum cm_alternative alternative, bool continuity)
{
    double off = r->u - r->mean;
    if (r->sd == 0)
        return 0;
    if (continuity && alternative == CM_TWO_SIDED)
        off -= copysign(fmin(0.5, fabs(off)), off);
    else if (continuity)
        off -= alternative == CM_GREATER ? 0.5 : -0.5;
    return off / r->sd;
}

/* P(U = 0..m n) of m and n values in random order, into row m of a table with m + 1 rows: the
 * largest of all belongs to either arm, with probabilities m / (m + n) and n / (m + n), and in the
 * first case is above all n of the other,
 *
 *     P(u; m, n) = m / (m + n) P(u - n; m - 1, n) + n / (m + n) P(u; m, n - 1).
 *
 * Rows hold the law for one n and are brought from n - 1 to n in place. */
static const double *law_of_u(double *table, size_t m, size_t n)
{
    size_t width = m * n + 1;
    for (size_t i = 0; i <= m; i++)
        table[i * width] = 1;
    for (size_t j = 1; j <= n; j++)
        for (size_t i = 1; i <= m; i++) {
            double total = (double)(i + j), *row = table + i * width;
            const double *shorter = row - width;
            for (size_t u = 0; u <= i * j; u++) {
                double top = u >= j ? shorter[u - j] : 0;
                row[u] = (double)i / total * top + (double)j / total * row[u];
            }
        }
    return table + m * width;
}

static bool distinct(const struct cm_values *control, const struct cm_values *canary)
{
    struct cm_values_walk w = {.control = *control, .canary = *canary};
    while (cm_values_next(&w))
        if (w.at0 + w.at1 > 1)
            return false;
    return true;
}

double cm_ranks_exact_p(const struct cm_values *control, const struct cm_values *canary,
                        enum cm_alternative alternative)
{
    size_t n0 = control->n, n1 = canary->n;
    if (n0 > CM_RANKS_EXACT_MAX || n1 > CM_RANKS_EXACT_MAX || !cm_values_finite(control) ||
        !cm_values_finite(canary) || !distinct(control, canary))
        return NAN;
    if (n0 == 0 || n1 == 0)
        return 1;
    struct cm_rank_sum r = cm_ranks_of(control, canary);
    double *table = cm_alloc((n1 + 1) * (n0 * n1 + 1) * sizeof *table);
    const double *law = law_of_u(table, n1, n0);
    double above = 0, below = 0;
    for (size_t u = n0 * n1 + 1; u-- > 0 && (double)u >= r.u;)
        above += law[u];
    for (size_t u = 0; u <= n0 * n1 && (double)u <= r.u; u++)
        below += law[u];
    cm_free(table);
    if (alternative == CM_TWO_SIDED)
        return fmin(1, 2 * fmin(above, below));
    return fmin(1, alternative == CM_GREATER ? above : below);
}
