/* Brent's method; see the header. The root lies between b, the best point, and c; a is the b of the
 * step before. */
#include "sim/stats/root.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { EVALUATIONS = 1000 };

struct bracket {
    double a, b, c;    /* points */
    double fa, fb, fc; /* what the function is there */
};

/* Puts the better end into b. */
static void best_first(struct bracket *k)
{
    if (fabs(k->fc) >= fabs(k->fb))
        return;
    k->a = k->b, k->b = k->c, k->c = k->a;
    k->fa = k->fb, k->fb = k->fc, k->fc = k->fa;
}

/* Interpolation if it stays well inside and shrinks faster than halving did; else half the way. */
static double step_from(const struct bracket *k, double last, double close)
{
    double span = k->c - k->b, p, q;
    if (fabs(last) < close || fabs(k->fa) <= fabs(k->fb))
        return span / 2;
    double t1 = k->fb / k->fa;
    if (k->a == k->c) {
        p = span * t1;
        q = 1 - t1;
    } else {
        double r = k->fa / k->fc, s = k->fb / k->fc;
        p = t1 * (span * r * (r - s) - (k->b - k->a) * (s - 1));
        q = (r - 1) * (s - 1) * (t1 - 1);
    }
    if (p > 0)
        q = -q;
    else
        p = -p;
    bool inside = p < 0.75 * span * q - fabs(close * q) / 2;
    return inside && p < fabs(last * q / 2) ? p / q : span / 2;
}

double cm_root_brent(const struct cm_function *f, double low, double high, double tolerance)
{
    struct bracket k = {.a = low, .b = high, .c = low};
    k.fa = k.fc = f->of(low, f->context);
    k.fb = f->of(high, f->context);
    if (k.fa == 0)
        return low;
    for (int i = 0; i < EVALUATIONS && k.fb != 0; i++) {
        double last = k.b - k.a;
        best_first(&k);
        double close = 2 * DBL_EPSILON * fabs(k.b) + tolerance / 2;
        if (fabs(k.c - k.b) / 2 <= close || k.fb == 0)
            break;
        double step = step_from(&k, last, close);
        if (fabs(step) < close)
            step = step > 0 ? close : -close;
        k.a = k.b, k.fa = k.fb;
        k.b += step;
        k.fb = f->of(k.b, f->context);
        if ((k.fb > 0 && k.fc > 0) || (k.fb < 0 && k.fc < 0))
            k.c = k.a, k.fc = k.fa;
    }
    return k.b;
}
