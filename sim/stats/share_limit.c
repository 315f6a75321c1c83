/* Cross-multiplication in 128 bits; see the header. */
#include "sim/stats/share_limit.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

__extension__ typedef unsigned __int128 wide;

/* Products of two counts and one of these stay below 2^124. */
static const uint64_t COUNT_MAX = UINT64_C(1) << 40, TERM_MAX = UINT64_C(1) << 43;
enum { PLACES_MAX = 12 };

/* The decimal that a person wrote, as a fraction. Reading a decimal rounds it to the nearest
 * double, and so does one division of two exact numbers: if the quotient is the limit again, the
 * limit was written so (or might as well have been). */
static bool fraction_of(double limit, uint64_t *over, uint64_t *under)
{
    double power = 1;
    for (int places = 0; places <= PLACES_MAX; places++, power *= 10) {
        double whole = nearbyint(limit * power);
        if (whole >= (double)TERM_MAX)
            return false;
        if (whole / power == limit) {
            *over = (uint64_t)whole;
            *under = (uint64_t)power;
            return true;
        }
    }
    return false;
}

static int sign(wide a, wide b)
{
    return (a > b) - (a < b);
}

int cm_limit_compare(double a, double b)
{
    assert(!isnan(a) && !isnan(b));
    if (a == b || fabs(a - b) <= CM_SHARE_SLACK * fabs(b))
        return 0;
    return a > b ? 1 : -1;
}

int cm_share_compare_close(uint64_t x, uint64_t n, double limit)
{
    uint64_t over, under;
    assert(n > 0 && x <= n && limit >= 0);
    if (!fraction_of(limit, &over, &under))
        return cm_limit_compare((double)x / (double)n, limit);
    return sign((wide)x * under, (wide)over * n);
}

uint64_t cm_share_floor(uint64_t n, double limit)
{
    assert(limit >= 0);
    if (n == 0 || limit >= 1)
        return n;
    uint64_t x = (uint64_t)((double)n * limit);
    while (x > 0 && cm_share_compare(x, n, limit) > 0)
        x--;
    while (x < n && cm_share_compare(x + 1, n, limit) <= 0)
        x++;
    return x;
}

static bool fits(const struct cm_two_counts *c)
{
    assert(c->n0 > 0 && c->n1 > 0 && c->x0 <= c->n0 && c->x1 <= c->n1);
    return c->n0 <= COUNT_MAX && c->n1 <= COUNT_MAX;
}

int cm_share_compare_ratio(const struct cm_two_counts *c, double limit)
{
    uint64_t over, under;
    if (!fits(c) || !fraction_of(limit, &over, &under))
        return cm_limit_compare((double)c->x1 / (double)c->n1,
                                limit * ((double)c->x0 / (double)c->n0));
    return sign((wide)c->x1 * c->n0 * under, (wide)c->x0 * c->n1 * over);
}

int cm_share_compare_increase(const struct cm_two_counts *c, double limit)
{
    uint64_t over, under;
    if (!fits(c) || !fraction_of(limit, &over, &under))
        return cm_limit_compare((double)c->x1 / (double)c->n1,
                                limit + (double)c->x0 / (double)c->n0);
    return sign((wide)c->x1 * c->n0 * under,
                (wide)c->x0 * c->n1 * under + (wide)c->n0 * c->n1 * over);
}
