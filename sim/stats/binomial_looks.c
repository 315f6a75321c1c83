/* The joint law of two arms' errors from look to look; see the header. */
#include "sim/stats/binomial_looks.h"

#include <assert.h>
#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/two_proportion.h"

/* mass[x0 * columns + x1]; rows and columns are those of the last look. */
struct tables {
    size_t rows, columns;
    double *mass;        /* owned */
    double *new0, *new1; /* owned: probabilities of 0..n0 and 0..n1 new errors */
};

bool cm_binomial_looks_feasible(const struct cm_binomial_looks *plan)
{
    const uint64_t most = CM_BINOMIAL_LOOKS_TABLES;
    bool shares = plan->p0 >= 0 && plan->p0 <= 1 && plan->p1 >= 0 && plan->p1 <= 1;
    if (!shares || plan->looks < 1 || plan->looks > most)
        return false;
    if (plan->n0 < 1 || plan->n0 > most / plan->looks || plan->n1 < 1 ||
        plan->n1 > most / plan->looks)
        return false;
    return plan->n0 * plan->looks + 1 <= most / (plan->n1 * plan->looks + 1);
}

static double *binomial(uint64_t n, double p)
{
    double *mass = cm_alloc((n + 1) * sizeof *mass);
    for (uint64_t x = 0; x <= n; x++)
        mass[x] = exp(cm_point_mass_binomial((double)x, (double)(n - x), p, 1 - p));
    return mass;
}

/* Adds independent errors to one line of tables: `stride` apart, `n` of them. From the far end, so
 * that a table is read before it is written. */
static void add_errors(double *line, size_t n, size_t stride, const double *fresh, size_t most)
{
    for (size_t x = n; x-- > 0;) {
        double sum = 0;
        for (size_t e = 0; e <= most && e <= x; e++)
            sum += line[(x - e) * stride] * fresh[e];
        line[x * stride] = sum;
    }
}

static void next_look(const struct cm_binomial_looks *plan, struct tables *t)
{
    for (size_t x1 = 0; x1 < t->columns; x1++)
        add_errors(t->mass + x1, t->rows, t->columns, t->new0, plan->n0);
    for (size_t x0 = 0; x0 < t->rows; x0++)
        add_errors(t->mass + x0 * t->columns, t->columns, 1, t->new1, plan->n1);
}

/* Takes out what this look rejects. */
static double take(const struct cm_binomial_looks *plan, struct tables *t, size_t look)
{
    struct cm_two_counts c = {.n0 = plan->n0 * (look + 1), .n1 = plan->n1 * (look + 1)};
    double taken = 0;
    for (c.x0 = 0; c.x0 <= c.n0; c.x0++)
        for (c.x1 = 0; c.x1 <= c.n1; c.x1++) {
            double *mass = &t->mass[c.x0 * t->columns + c.x1];
            if (*mass > 0 && cm_two_proportion_z(&c, plan->pooled, 0) >= plan->critical[look]) {
                taken += *mass;
                *mass = 0;
            }
        }
    return taken;
}

double cm_binomial_looks_reject(const struct cm_binomial_looks *plan, double *at_look)
{
    assert(cm_binomial_looks_feasible(plan));
    struct tables t = {.rows = plan->n0 * plan->looks + 1, .columns = plan->n1 * plan->looks + 1};
    double total = 0;
    t.mass = cm_alloc(t.rows * t.columns * sizeof *t.mass);
    t.new0 = binomial(plan->n0, plan->p0);
    t.new1 = binomial(plan->n1, plan->p1);
    t.mass[0] = 1;
    for (size_t k = 0; k < plan->looks; k++) {
        next_look(plan, &t);
        at_look[k] = take(plan, &t, k);
        total += at_look[k];
    }
    cm_free(t.mass);
    cm_free(t.new0);
    cm_free(t.new1);
    return total;
}
