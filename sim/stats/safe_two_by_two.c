/* E-values of blocks; see the header. */
#include "sim/stats/safe_two_by_two.h"

#include <assert.h>
#include <math.h>

double cm_safe_two_by_two_block(const struct cm_two_counts *block, double a, double b)
{
    double n0 = (double)block->n0, n1 = (double)block->n1, n = n0 + n1;
    double x0 = (double)block->x0, x1 = (double)block->x1;
    assert(block->x0 <= block->n0 && block->x1 <= block->n1);
    assert(a > 0 && a < 1 && b > 0 && b < 1);
    if (n == 0)
        return 0;
    double share = n1 / n, t = a + share * (b - a);
    return x0 * log(a / t) + (n0 - x0) * log((1 - a) / (1 - t)) + x1 * log(b / t) +
           (n1 - x1) * log((1 - b) / (1 - t));
}

void cm_safe_two_by_two_add(struct cm_safe_two_by_two *s, const struct cm_two_counts *block)
{
    assert(s->prior > 0);
    double a = ((double)s->seen.x0 + s->prior) / ((double)s->seen.n0 + 2 * s->prior);
    double b = ((double)s->seen.x1 + s->prior) / ((double)s->seen.n1 + 2 * s->prior);
    if (!s->one_sided || b > a)
        s->log_e += cm_safe_two_by_two_block(block, a, b);
    s->seen.x0 += block->x0;
    s->seen.n0 += block->n0;
    s->seen.x1 += block->x1;
    s->seen.n1 += block->n1;
}
