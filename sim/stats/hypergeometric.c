/* P(k) as a quotient of three binomial probabilities with p = X / N (any p cancels; this one puts
 * all three near their modes), each by Loader's saddle-point expansion: the logarithms of huge
 * binomial coefficients, which would cancel to nothing, never appear. The tail is summed from there
 * by the ratio of neighbours, on the side away from the mode, until terms stop mattering.
 *
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000), as in R's
 * dhyper; Johnson, Kemp and Kotz, Univariate Discrete Distributions (2005), 6.2, for the ratio. */
#include "sim/stats/hypergeometric.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "sim/stats/point_mass.h"
#include "sim/stats/rare.h"

/* The margins of the table: bad requests, requests of canary and control. */
struct margins {
    double x, n1, n0;
};

static struct margins margins_of(const struct cm_two_counts *c)
{
    assert(c->x0 <= c->n0 && c->x1 <= c->n1);
    return (struct margins){(double)c->x0 + (double)c->x1, (double)c->n1, (double)c->n0};
}

/* Only one table has these margins. */
static bool settled(const struct margins *m)
{
    return m->x == 0 || m->x == m->n0 + m->n1 || m->n0 == 0 || m->n1 == 0;
}

/* P(K = k); the margins are not settled. */
static double mass(double k, const void *margins)
{
    const struct margins *m = margins;
    double n = m->n0 + m->n1, p = m->x / n, q = (n - m->x) / n;
    return exp(cm_point_mass_binomial(k, m->n1 - k, p, q) +
               cm_point_mass_binomial(m->x - k, m->n0 - (m->x - k), p, q) -
               cm_point_mass_binomial(m->x, n - m->x, p, q));
}

/* Sum of P(j) / P(k) over the j beyond k, going up or down. */
static double sum_beyond(const struct margins *m, double k, bool up)
{
    double term = 1, sum = 0;
    for (;;) {
        term *= up ? (m->x - k) * (m->n1 - k) / ((k + 1) * (m->n0 - m->x + k + 1))
                   : k * (m->n0 - m->x + k) / ((m->x - k + 1) * (m->n1 - k + 1));
        k += up ? 1 : -1;
        double next = sum + term;
        if (!(next > sum))
            return sum;
        sum = next;
    }
}

struct cm_tail cm_hypergeometric_tail(const struct cm_two_counts *c)
{
    struct margins m = margins_of(c);
    if (settled(&m))
        return (struct cm_tail){.above = 0, .at = 1};
    double k = (double)c->x1, at = mass(k, &m);
    bool up = k >= m.n1 * (m.x / (m.n0 + m.n1));
    double beyond = at * sum_beyond(&m, k, up);
    return (struct cm_tail){.above = up ? beyond : fmax(0, 1 - beyond - at), .at = at};
}

double cm_hypergeometric_two_sided(const struct cm_two_counts *c)
{
    struct margins m = margins_of(c);
    if (settled(&m))
        return 1;
    double k = (double)c->x1, least = fmax(0, m.x - m.n0), most = fmin(m.x, m.n1);
    double mode = floor((m.x + 1) / (m.n0 + m.n1 + 2) * (m.n1 + 1)), at = mass(k, &m);
    mode = fmin(fmax(mode, least), most);
    double limit = at * (1 + CM_RARE_SLACK);
    if (mass(mode, &m) <= limit)
        return 1;
    const struct cm_function f = {mass, &m};
    bool up = k > mode;
    double other = cm_rare_nearest(&f, up ? least : most, mode, limit);
    double far = other < 0 ? 0 : mass(other, &m) * (1 + sum_beyond(&m, other, !up));
    return fmin(1, at * (1 + sum_beyond(&m, k, up)) + far);
}
