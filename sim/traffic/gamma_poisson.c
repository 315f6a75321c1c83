/* Gamma-modulated Poisson arrivals: overdispersed counts with a correlation time.
 *
 * Intensity = rate * X, with X piecewise constant on a grid of correlation / 8 anchored at time 0,
 * stationary Gamma(k) / k (mean 1, variance 1/k), moving by the beta-gamma autoregression
 *
 *     X' = B X + G,   B ~ Beta(k rho, k (1 - rho)),   G ~ Gamma(k (1 - rho)) / k,   rho = exp(-1/8)
 *
 * (Lewis, "Simple models for positive-valued and discrete-valued time series with ARMA correlation
 * structure", 1981; Lewis, McKenzie & Hugus, Commun. Statist. Stochastic Models 5, 1989). B X and
 * X - B X are independent gammas, so the chain is reversible and corr(X_i, X_j) = rho^|i - j|.
 *
 * The user states D = Var N(W) / E N(W) of all requests in a window W. For a window that begins on
 * the grid and covers n whole cells of g seconds and then p seconds of one more,
 *
 *     Var N(W) = rate W + (rate^2 / k) S(W)
 *     S(W) = g^2 (n + 2 sum_{d=1}^{n-1} (n - d) rho^d) + 2 g p sum_{d=1}^{n} rho^d + p^2
 *
 * so k = rate S(W) / ((D - 1) W), and N in one cell is exactly negative binomial. Thinned to a
 * share w the dispersion is 1 + w (D - 1). D = 1 is plain Poisson.
 *
 * Assumes that fluctuations hit all versions alike and fade within a few correlation times. */
#include "sim/traffic/arrivals.h"

#include <math.h>

#include "sim/base/draw.h"

#define CELLS        8                      /* of the grid in one correlation time */
#define RHO          0.88249690258459540286 /* exp(-1/8) */
#define MAX_VARIANCE 100.0                  /* of X: its sd is then ten times its mean */

struct options {
    double rate, dispersion;
    cm_time window, correlation;
    double shape; /* k; derived; INFINITY = plain Poisson */
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, "30 rps", 1e-6, 1e9,
            "Mean requests per second, all versions together."),
    CM_NUMBER(struct options, dispersion, "4", 1, 1e6,
              "Variance over mean of all requests in one window; 1 is plain Poisson."),
    CM_DURATION(struct options, window, "1m", 1e6, CM_MAX_DURATION,
                "The window at which dispersion is stated."),
    CM_DURATION(struct options, correlation, "2m", 1e9, CM_MAX_DURATION,
                "Time after which a fluctuation has faded to 37% (1/e)."),
    CM_PARAMS_END,
};

static cm_time grid(const struct options *o)
{
    return o->correlation / CELLS;
}

/* S(W): the double integral of the correlation over a window that begins on the grid, s^2. */
static double correlated_area(const struct options *o)
{
    double g = cm_seconds(grid(o));
    cm_time whole = o->window / grid(o);
    double n = (double)whole;
    double p = cm_seconds(o->window % grid(o));
    double faded = exp(-n / CELLS); /* rho^n */
    double ratio = RHO / (1 - RHO);
    double pairs = ratio * (n - (1 - faded) / (1 - RHO)); /* of whole cells, each once */
    return g * g * (n + 2 * pairs) + 2 * g * p * ratio * (1 - faded) + p * p;
}

/* Var X that gives the stated dispersion. */
static double variance(const struct options *o)
{
    return (o->dispersion - 1) * cm_seconds(o->window) / (o->rate * correlated_area(o));
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    double v = variance(o);
    if (v > MAX_VARIANCE)
        return cm_fail(err,
                       "dispersion %g at a window of %g s and %g requests/s needs an intensity "
                       "whose standard deviation is %.3g times its mean; at most %g times is "
                       "accepted (dispersion up to %g, or a longer correlation)",
                       o->dispersion, cm_seconds(o->window), o->rate, sqrt(v), sqrt(MAX_VARIANCE),
                       1 + (o->dispersion - 1) * MAX_VARIANCE / v);
    return 0;
}

static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    (void)source, (void)file, (void)arena, (void)err;
    o->shape = o->dispersion > 1 ? 1 / variance(o) : INFINITY;
    return 0;
}

struct state {
    struct cm_rng rng;
    double level; /* X in the cell that comes next */
};

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

static void start(const void *options, void *state, cm_time from, cm_time origin,
                  const struct cm_rng *rng)
{
    const struct options *o = options;
    struct state *s = state;
    (void)from, (void)origin;
    *s = (struct state){.rng = *rng, .level = 1};
    if (isfinite(o->shape))
        s->level = cm_draw_gamma(&s->rng, o->shape) / o->shape;
}

/* X' = B X + G. */
static double moved(const struct options *o, struct state *s)
{
    double fresh = o->shape * (1 - RHO);
    double kept = s->level * cm_draw_beta(&s->rng, o->shape * RHO, fresh);
    return kept + cm_draw_gamma(&s->rng, fresh) / o->shape;
}

/* The end of the cell that holds `t`; cells are [i g, (i + 1) g), i of any sign. */
static cm_time cell_end(cm_time g, cm_time t)
{
    cm_time inside = t % g;
    return t - inside + (inside < 0 ? 0 : g);
}

/* One cell a stretch; the first may begin inside its cell, whose X is stationary all the same. */
static struct cm_stretch next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    struct state *s = state;
    if (!isfinite(o->shape))
        return (struct cm_stretch){.until = CM_NEVER, .rate = o->rate, .since = from};
    double rate = o->rate * s->level;
    s->level = moved(o, s);
    return (struct cm_stretch){.until = cell_end(grid(o), from), .rate = rate, .since = from};
}

static double mean_rate(const void *options)
{
    const struct options *o = options;
    return o->rate;
}

const struct cm_arrivals cm_arrivals_gamma_poisson = {
    .kind = {.name = "gamma_poisson",
             .summary = "The rate fluctuates: counts are overdispersed and correlated in time.",
             .source = "Lewis, McKenzie & Hugus, Commun. Statist. Stochastic Models 5, 1989",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    .state_size = state_size,
    .start = start,
    .next = next,
    .mean_rate = mean_rate,
};
