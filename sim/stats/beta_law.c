/* Beta density, distribution function and quantile; see the header.
 *
 * With n = a + b, t^a q^b / B(a, b) = (a b / n) P(Bin(n, t) = a), by n! / (a! b!) for gamma
 * functions (Loader 2000). Up to the mean the distribution function is that times a continued
 * fraction whose terms are positive, and beyond it one minus the other tail:
 *
 *     I_t(a, b) = t^a q^b / B(a, b) * 1 / (c_0 + d_1 / (c_1 + d_2 / (c_2 + ...)))
 *     d_n = (a + n - 1)(a + b + n - 1) n (b - n) t^2 / (a + 2 n - 1)^2
 *     c_n = n + n (b - n) t / (a + 2 n - 1) + (a + n) (a - (a + b) t + 1 + n (1 + q)) / (a + 2 n +
 * 1)
 *
 * (DiDonato and Morris, "Significant Digit Computation of the Incomplete Beta Function Ratios",
 * ACM TOMS 1992), summed by Lentz's method. Near the mean it takes about sqrt(a + b) terms.
 *
 * Quantiles solve ln P = ln p of the smaller tail over log-odds s, where it is concave, by Halley's
 * method: with m the density in s, (ln P)' = m / P and (ln P)'' / (ln P)' = a - (a + b) t - m / P.
 * It starts where Abramowitz and Stegun 26.5.22 put it, within 1 % of a standard deviation for a,
 * b > 1, and bisects where it would leave what encloses the root. */
#include "sim/stats/beta_law.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/point_mass.h"

enum { TERMS = 2000000 };
static const double FAR = 700; /* log-odds whose exponentials are still normal numbers */

double cm_beta_law_log_mass(double a, double b, double t, double q)
{
    return log(a / (a + b) * b) + cm_point_mass_binomial(a, b, t, q);
}

/* c_0 + d_1 / (c_1 + ...). Terms after the n that passes b may be negative; Lentz's ratios are kept
 * away from 0. */
static double fraction(double a, double b, double t, double q)
{
    const double tiny = 1e-300;
    double gap = t < q ? a - (a + b) * t : (a + b) * q - b;
    double value = a * (gap + 1) / (a + 1), over = value, under = 0;
    for (int i = 1; i <= TERMS; i++) {
        double n = i, s = a + 2 * n - 1;
        double d = (a + n - 1) / s * ((a + b + n - 1) / s) * n * (b - n) * t * t;
        double c = n + n * (b - n) * t / s + (a + n) / (s + 2) * (gap + 1 + n * (1 + q));
        under = c + d * under;
        over = c + d / over;
        under = 1 / (under != 0 ? under : tiny);
        over = over != 0 ? over : tiny;
        value *= over * under;
        if (!(fabs(over * under - 1) > DBL_EPSILON)) /* also where it is no number */
            break;
    }
    return value;
}

/* I_t(a, b) for t up to the mean. */
static double tail(double a, double b, double t, double q)
{
    return exp(cm_beta_law_log_mass(a, b, t, q)) / fraction(a, b, t, q);
}

double cm_beta_law_below(double a, double b, double t, double q)
{
    if (t <= 0 || q <= 0)
        return t > 0;
    double p = a * q >= b * t ? tail(a, b, t, q) : 1 - tail(b, a, q, t);
    return p < 0 ? 0 : p; /* by rounding; fmax would swallow NAN */
}

double cm_beta_law_above(double a, double b, double t, double q)
{
    return cm_beta_law_below(b, a, q, t);
}

/* What is solved: ln of the tail, of which `upper` says which one, is `level`. */
struct target {
    double a, b, level;
    bool upper;
};

static double tail_at(const struct target *f, double t, double q)
{
    return f->upper ? cm_beta_law_above(f->a, f->b, t, q) : cm_beta_law_below(f->a, f->b, t, q);
}

/* Near the root in log-odds; for a or b up to 1, which the formula is not for, the mean. */
static double first_guess(const struct target *f)
{
    double a = f->a, b = f->b, mean = log(a) - log(b);
    if (!(a > 1 && b > 1))
        return mean;
    double z = gsl_cdf_ugaussian_Pinv(exp(f->level));
    double y = f->upper ? z : -z, u = 1 / (2 * a - 1), v = 1 / (2 * b - 1);
    double h = 2 / (u + v), c = (y * y - 3) / 6;
    double w = y * sqrt(fmax(0, h + c)) / h - (v - u) * (c + 5.0 / 6 - 2 / (3 * h));
    return mean - 2 * w;
}

/* Halley's step from s, where ln of the tail p is off by `excess`. */
static double halley(const struct target *f, double s, double *excess)
{
    double t = 1 / (1 + exp(-s)), q = 1 / (1 + exp(s)), p = tail_at(f, t, q);
    double rise = exp(cm_beta_law_log_mass(f->a, f->b, t, q)) / p;
    double slope = f->upper ? -rise : rise, bend = f->a * q - f->b * t - slope;
    *excess = log(p) - f->level;
    double newton = -*excess / slope;
    return newton / fmin(2, fmax(0.5, 1 + newton * bend / 2));
}

/* The root in log-odds. Within 1e-5 of the level the next step, which leaves about the cube of
 * that, is the last one. */
static double solve(const struct target *f)
{
    const double near = 1e-5;
    double low = -FAR, high = FAR, s = fmin(FAR, fmax(-FAR, first_guess(f))), excess;
    for (;;) {
        double next = s + halley(f, s, &excess);
        if ((excess < 0) != f->upper)
            low = s;
        else
            high = s;
        bool inside = next >= low && next <= high;
        if (inside && fabs(excess) < near)
            return next;
        next = inside ? next : 0.5 * (low + high);
        if (!(fabs(next - s) > DBL_EPSILON * fabs(s))) /* also where it is no number */
            return next;
        s = next;
    }
}

double cm_beta_law_quantile(double p, double a, double b)
{
    if (!(p > 0 && p < 1))
        return p;
    bool upper = p > 0.5;
    const struct target f = {a, b, log(upper ? 1 - p : p), upper};
    return 1 / (1 + exp(-solve(&f)));
}
