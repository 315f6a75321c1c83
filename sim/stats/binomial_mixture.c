/* The beta mixture of binomial likelihoods; see the header. */
#include "sim/stats/binomial_mixture.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/stats/beta_law.h"
#include "sim/stats/log_tail.h"

/* ln B(a, b; p > p0) less a ln p0 + b ln(1 - p0). */
static double log_beta(const struct cm_binomial_mixture *m, double a, double b)
{
    double q0 = 1 - m->p0, log_beta = -cm_beta_law_log_mass(a, b, m->p0, q0);
    return m->one_sided ? log_beta + cm_log_tail_beta(b, a, q0, m->p0) : log_beta;
}

struct cm_binomial_mixture cm_binomial_mixture_of(double p0, double a, double b, bool one_sided)
{
    assert(p0 > 0 && p0 < 1 && a > 0 && b > 0);
    struct cm_binomial_mixture m = {.p0 = p0, .a = a, .b = b, .one_sided = one_sided};
    m.constant = log_beta(&m, a, b);
    return m;
}

double cm_binomial_mixture_log_e(const struct cm_binomial_mixture *m, uint64_t x, uint64_t n)
{
    assert(x <= n);
    return log_beta(m, m->a + (double)x, m->b + (double)(n - x)) - m->constant;
}

/* P(this many successes, never rejected); they lie between first and first + n - 1, because E falls
 * and then rises with the successes. */
struct survivors {
    uint64_t first;
    size_t n;
    double *mass; /* owned */
};

static void spread(struct survivors *s, double p)
{
    s->mass[s->n] = 0;
    for (size_t i = s->n; i > 0; i--)
        s->mass[i] = s->mass[i] * (1 - p) + s->mass[i - 1] * p;
    s->mass[0] *= 1 - p;
    s->n++;
}

/* Takes what is rejected after n events off both ends. */
static double reject(const struct cm_binomial_mixture *m, struct survivors *s, uint64_t n,
                     double log_threshold)
{
    double taken = 0;
    size_t low = 0;
    while (s->n > 0 && cm_binomial_mixture_log_e(m, s->first + s->n - 1, n) >= log_threshold)
        taken += s->mass[--s->n];
    while (low < s->n && cm_binomial_mixture_log_e(m, s->first + low, n) >= log_threshold)
        taken += s->mass[low++];
    s->first += low;
    s->n -= low;
    memmove(s->mass, s->mass + low, s->n * sizeof *s->mass);
    return taken;
}

/* Counts that have become impossible for a double need not be carried on. */
static void forget(struct survivors *s)
{
    size_t low = 0;
    while (s->n > 0 && s->mass[s->n - 1] == 0)
        s->n--;
    while (low < s->n && s->mass[low] == 0)
        low++;
    s->first += low;
    s->n -= low;
    memmove(s->mass, s->mass + low, s->n * sizeof *s->mass);
}

struct cm_binomial_crossing cm_binomial_mixture_crossing(const struct cm_binomial_mixture *m,
                                                         uint64_t n, double alpha, double p)
{
    assert(alpha > 0 && alpha < 1 && p >= 0 && p <= 1);
    struct survivors s = {.n = 1, .mass = cm_alloc((n + 2) * sizeof *s.mass)};
    struct cm_binomial_crossing crossing = {0, 0};
    s.mass[0] = 1;
    for (uint64_t events = 1; events <= n; events++) {
        for (size_t i = 0; i < s.n; i++)
            crossing.events += s.mass[i];
        spread(&s, p);
        crossing.rejected += reject(m, &s, events, -log(alpha));
        forget(&s);
    }
    cm_free(s.mass);
    return crossing;
}
