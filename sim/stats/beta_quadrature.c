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

/* ln P(X > s) or ln E[(X - s)^+]; r = 1 - s. Where it underflows, its leading factor: good enough
 * to find the maximum, which is then too small to matter. */
static double log_tail(const struct integrand *f, double s, double r)
{
    double a = f->x.a, b = f->x.b, mass = cm_beta_law_log_mass(a, b, s, r);
    double above = cm_beta_law_above(a, b, s, r);
    if (f->loss)
        above = (a * r - b * s) / (a + b) * above + exp(mass) / (a + b);
    return above > 0 ? log(above) : mass - log(b);
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

/* Near enough to the maximum that the edges around it can be found. */
static double maximum(const struct integrand *f)
{
    double low = -FAR, high = FAR;
    double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
    double at_a = log_value(f, a), at_b = log_value(f, b);
    while (high - low > 1e-7 * (1 + fabs(a))) {
        if (at_a < at_b) {
            low = a, a = b, at_a = at_b;
            b = low + GOLDEN * (high - low), at_b = log_value(f, b);
        } else {
            high = b, b = a, at_b = at_a;
            a = high - GOLDEN * (high - low), at_a = log_value(f, a);
        }
    }
    return 0.5 * (low + high);
}

/* How far from the maximum, in the direction of `sign`, the integrand is negligible. */
static double edge(const struct integrand *f, double peak, double top, double sign)
{
    double inside = 0, outside = 1e-6;
    while (outside < 2 * FAR && log_value(f, peak + sign * outside) > top - NOTHING)
        inside = outside, outside *= 2;
    for (int i = 0; i < 6; i++) {
        double middle = 0.5 * (inside + outside);
        if (log_value(f, peak + sign * middle) > top - NOTHING)
            inside = middle;
        else
            outside = middle;
    }
    return peak + sign * outside;
}

/* Halves the step until that no longer changes anything. */
static double integral(const struct integrand *f)
{
    const double close = 1e-12;
    double peak = maximum(f), top = log_value(f, peak);
    double low = edge(f, peak, top, -1), high = edge(f, peak, top, 1);
    double step = (high - low) / FIRST_PANELS, sum = 0;
    for (int i = 0; i <= FIRST_PANELS; i++)
        sum += exp(log_value(f, low + i * step) - top);
    bool settled = false;
    for (int panels = FIRST_PANELS; !settled && panels < MOST_PANELS; panels *= 2) {
        double between = 0;
        for (int i = 0; i < panels; i++)
            between += exp(log_value(f, low + (i + 0.5) * step) - top);
        settled = fabs(between - sum) <= close * sum;
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
