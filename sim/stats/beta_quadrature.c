/* Integrals of a beta density times a tail of another.
 *
 *     P(X > Y + m)  = integral of f_Y(t) P(X > t + m)
 *     E[(X - Y)^+]  = integral of f_Y(t) E[(X - t)^+],
 *     E[(X - t)^+]  = (mean - t) P(X > t) + t^a q^b / ((a + b) B(a, b))   with a, b of X
 *
 * Everything added is positive, so small results keep their digits. The variable is the log-odds of
 * t between the ends where the integrand is not 0: there it is smooth, has one maximum (densities
 * and tails of a beta law are log-concave in log-odds) and falls off exponentially, for which the
 * trapezoidal rule converges faster than any power of its step (Trefethen and Weideman, SIAM Review
 * 2014). X and Y change places, as 1 - X and 1 - Y, so that Y is the narrower one and the step can
 * follow it. */
#include "sim/stats/beta_quadrature.h"

#include <math.h>
#include <stdbool.h>

#include "sim/stats/beta_law.h"

static const double FAR = 700;    /* log-odds whose exponentials are still normal numbers */
static const double NOTHING = 42; /* e^-42 of the maximum cannot be seen in the sum */
static const double GOLDEN = 0.61803398874989484820;
enum { FIRST_PANELS = 16, MOST_PANELS = 1 << 12 };

struct integrand {
    struct cm_beta x, y;
    double margin;
    bool loss;
    double low, rest; /* t runs from low to 1 - rest */
};

/* E[(X - s)^+], `above` being P(X > s). Close to 1, where the two terms cancel, the density is a
 * power of r. */
static double excess(const struct cm_beta *x, double s, double r, double above)
{
    const double cancelled = 1e-8;
    double a = x->a, b = x->b, term = exp(cm_beta_law_log_mass(a, b, s, r)) / (a + b);
    double sum = (a * r - b * s) / (a + b) * above + term;
    return sum > cancelled * term ? sum : above * r / (b + 1);
}

/* ln P(X > s) or ln E[(X - s)^+]; r = 1 - s. Where it underflows, its leading factor: good enough
 * to find the maximum, which is then too small to matter. */
static double log_tail(const struct integrand *f, double s, double r)
{
    double above = cm_beta_law_above(f->x.a, f->x.b, s, r);
    if (f->loss)
        above = excess(&f->x, s, r, above);
    return above > 0 ? log(above) : cm_beta_law_log_mass(f->x.a, f->x.b, s, r) - log(f->x.b);
}

/* ln of the integrand with respect to log-odds. */
static double log_value(const struct integrand *f, double odds)
{
    double u = 1 / (1 + exp(-odds)), v = 1 / (1 + exp(odds)), span = 1 - f->low - f->rest;
    double t = f->low + span * u, q = f->rest + span * v;
    double density = cm_beta_law_log_mass(f->y.a, f->y.b, t, q);
    /* t + margin and its complement, of which one ends at 0 exactly. */
    double s = f->margin < 0 ? span * u : t + f->margin;
    double r = f->margin > 0 ? span * v : q - f->margin;
    return density + log(span * u * v / (t * q)) + log_tail(f, s, r);
}

/* What encloses the maximum by golden sections; a and b are the points within. */
struct sections {
    double low, a, b, high;
    double at_low, at_a, at_b, at_high;
};

static void shorten(const struct integrand *f, struct sections *k)
{
    if (k->at_a < k->at_b) {
        k->low = k->a, k->at_low = k->at_a;
        k->a = k->b, k->at_a = k->at_b;
        k->b = k->low + GOLDEN * (k->high - k->low), k->at_b = log_value(f, k->b);
    } else {
        k->high = k->b, k->at_high = k->at_b;
        k->b = k->a, k->at_b = k->at_a;
        k->a = k->high - GOLDEN * (k->high - k->low), k->at_a = log_value(f, k->a);
    }
}

/* Near enough to the maximum that the edges around it can be found: the ends are within a factor e
 * of it. */
static struct sections maximum(const struct integrand *f)
{
    struct sections k = {.low = -FAR, .high = FAR, .at_low = -INFINITY, .at_high = -INFINITY};
    k.a = k.high - GOLDEN * (k.high - k.low), k.at_a = log_value(f, k.a);
    k.b = k.low + GOLDEN * (k.high - k.low), k.at_b = log_value(f, k.b);
    while (k.high - k.low > 1e-7 * (1 + fabs(k.a)) &&
           !(fmax(k.at_a, k.at_b) - fmin(k.at_low, k.at_high) < 1))
        shorten(f, &k);
    return k;
}

/* Where the integrand is negligible, on the side of the maximum that the sign of `near` tells: a
 * distance to begin with. */
static double edge(const struct integrand *f, double peak, double top, double near)
{
    double inside = 0, outside = near;
    while (fabs(outside) < 2 * FAR && log_value(f, peak + outside) > top - NOTHING)
        inside = outside, outside *= 2;
    for (int i = 0; i < 4; i++) {
        double middle = 0.5 * (inside + outside);
        if (log_value(f, peak + middle) > top - NOTHING)
            inside = middle;
        else
            outside = middle;
    }
    return fmin(FAR, fmax(-FAR, peak + outside));
}

/* What lies beyond an end, where the integrand falls off exponentially: the sum over points a step
 * apart, the first of them `first` steps beyond. It matters for parameters below 0.06. */
static double beyond(const struct integrand *f, double end, double top, double step, double first)
{
    double value = log_value(f, end), inner = log_value(f, end > 0 ? end - 1 : end + 1);
    double rate = fmax(0, inner - value);
    return rate > 0 ? exp(value - top - rate * step * first) / -expm1(-rate * step) : 0;
}

/* Halves the step until that changes little: the error of the trapezoidal rule is e^(-c / step) or
 * less, so that halving squares it, once the step is `fine` beside pi, the distance of the nearest
 * poles. */
static double integral(const struct integrand *f)
{
    const double fine = 0.5;
    struct sections k = maximum(f);
    double peak = k.at_a < k.at_b ? k.b : k.a, top = fmax(k.at_a, k.at_b);
    double near = 0.5 * (k.high - k.low);
    double low = edge(f, peak, top, -near), high = edge(f, peak, top, near);
    double step = (high - low) / FIRST_PANELS, sum = 0;
    for (int i = 0; i <= FIRST_PANELS; i++)
        sum += exp(log_value(f, low + i * step) - top);
    sum += beyond(f, low, top, step, 1) + beyond(f, high, top, step, 1);
    bool settled = false;
    for (int panels = FIRST_PANELS; !settled && panels < MOST_PANELS; panels *= 2) {
        double between = beyond(f, low, top, step, 0.5) + beyond(f, high, top, step, 0.5);
        for (int i = 0; i < panels; i++)
            between += exp(log_value(f, low + (i + 0.5) * step) - top);
        settled = fabs(between - sum) <= (step < fine ? 1e-7 : 1e-12) * sum;
        sum += between;
        step /= 2;
    }
    return sum * step * exp(top);
}

static double variance(const struct cm_beta *beta)
{
    double n = beta->a + beta->b;
    return beta->a / n * (beta->b / n) / (n + 1);
}

static struct integrand integrand_of(const struct cm_beta *canary, const struct cm_beta *control)
{
    if (variance(canary) < variance(control))
        return (struct integrand){.x = cm_beta_compare_mirrored(control),
                                  .y = cm_beta_compare_mirrored(canary)};
    return (struct integrand){.x = *canary, .y = *control};
}

double cm_beta_quadrature_greater(const struct cm_beta *canary, const struct cm_beta *control,
                                  double margin)
{
    struct integrand f = integrand_of(canary, control);
    f.margin = margin;
    f.low = fmax(0, -margin);
    f.rest = fmax(0, margin);
    double certain = margin < 0 ? cm_beta_law_below(f.y.a, f.y.b, f.low, 1 - f.low) : 0;
    return fmin(1, certain + integral(&f));
}

double cm_beta_quadrature_loss(const struct cm_beta *canary, const struct cm_beta *control)
{
    struct integrand f = integrand_of(canary, control);
    f.loss = true;
    return integral(&f);
}
