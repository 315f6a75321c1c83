/* Arrival kinds against their closed forms. Fixed seeds; a mean over B batches of replications is
 * held within 4 standard errors, estimated from the batches themselves, and the standard error must
 * be small enough for the test to see an error worth seeing. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/traffic/arrivals.h"

enum { BATCHES = 50 };

struct traffic {
    const struct cm_arrivals *kind;
    struct cm_arena arena;
    struct cm_err err;
    void *options, *state;
};

#define SET(...) ((const char *const[]){__VA_ARGS__, NULL})

static int read_flat(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                     const char **text, size_t *length, const char **resolved, struct cm_err *err)
{
    (void)self, (void)relative_to, (void)err, (void)arena;
    *text = "0,1000\n60,1000\n", *length = strlen(*text), *resolved = path;
    return 0;
}

static void set(struct traffic *t, const char *setting)
{
    char name[40] = {0};
    const char *value = strchr(setting, '=') + 1;
    memcpy(name, setting, (size_t)(value - setting - 1));
    const struct cm_param *row = cm_param_find(t->kind->kind.params, name);
    cr_assert(row && !cm_param_set(row, t->options, value, &t->arena, &t->err), "%s: %s", setting,
              t->err.text);
}

static void open_traffic(struct traffic *t, const char *kind, const char *const *settings)
{
    static const struct cm_source source = {.read = read_flat};
    *t = (struct traffic){0};
    for (size_t i = 0; cm_arrivals_kinds[i]; i++)
        if (strcmp(cm_arrivals_kinds[i]->kind.name, kind) == 0)
            t->kind = cm_arrivals_kinds[i];
    t->options = cm_arena_alloc(&t->arena, t->kind->kind.options_size);
    cm_params_default(t->kind->kind.params, t->options, &t->arena);
    for (; *settings; settings++)
        set(t, *settings);
    cr_assert(!t->kind->kind.check || !t->kind->kind.check(t->options, &t->err), "%s", t->err.text);
    cr_assert(!t->kind->kind.prepare ||
                  !t->kind->kind.prepare(t->options, &source, "", &t->arena, &t->err),
              "%s", t->err.text);
    t->state = cm_arena_alloc(&t->arena, t->kind->state_size(t->options));
}

static void begin(struct traffic *t, cm_time from, uint64_t replication)
{
    struct cm_rng rng = cm_rng_stream(2024, replication, 1, 0);
    t->kind->start(t->options, t->state, from, 0, &rng);
}

/* Integral of the intensity over [from, until) on the path that began before. */
static double exposure(struct traffic *t, cm_time begun, cm_time from, cm_time until)
{
    double sum = 0;
    for (cm_time now = begun; now < until;) {
        struct cm_stretch s = t->kind->next(t->options, t->state, now);
        cm_time low = now > from ? now : from, high = s.until < until ? s.until : until;
        if (high > low)
            sum += s.rate * cm_seconds(high - low);
        now = s.until;
    }
    return sum;
}

/* Mean and standard error of a batch statistic. */
struct batches {
    double value[BATCHES];
};

static double mean_of(const struct batches *b)
{
    double sum = 0;
    for (int i = 0; i < BATCHES; i++)
        sum += b->value[i];
    return sum / BATCHES;
}

static double error_of(const struct batches *b)
{
    double mean = mean_of(b), sum = 0;
    for (int i = 0; i < BATCHES; i++)
        sum += (b->value[i] - mean) * (b->value[i] - mean);
    return sqrt(sum / (BATCHES - 1) / BATCHES);
}

/* Within 4 standard errors, and a standard error of at most `sharp` of the expected value. */
static void expect(const struct batches *b, double want, double sharp, const char *what)
{
    double got = mean_of(b), error = error_of(b);
    cr_assert_leq(error, sharp * fabs(want), "%s: standard error %g of %g is blunt", what, error,
                  want);
    cr_assert_leq(fabs(got - want), 4 * error, "%s: %g for %g, %.1f standard errors", what, got,
                  want, (got - want) / error);
}

/* Count moments by simulation: one window of [from, from + window) a replication, thinned to a
 * share, on a path with some history; mean and variance a batch. */
struct experiment {
    cm_time begun, from, window;
    double share;
    int per_batch;
};

static void count_moments(struct traffic *t, const struct experiment *e, struct batches *mean,
                          struct batches *variance)
{
    for (int b = 0; b < BATCHES; b++) {
        double m = 0, ss = 0; /* Welford */
        for (int i = 0; i < e->per_batch; i++) {
            uint64_t replication = (uint64_t)(b * e->per_batch + i);
            begin(t, e->begun, replication);
            double lambda = e->share * exposure(t, e->begun, e->from, e->from + e->window);
            struct cm_rng noise = cm_rng_stream(7, replication, 2, 0);
            double n = (double)cm_draw_poisson(&noise, lambda), delta = n - m;
            m += delta / (i + 1);
            ss += delta * (n - m);
        }
        mean->value[b] = m;
        variance->value[b] = ss / (e->per_batch - 1);
    }
}

static void expect_moments(struct traffic *t, const struct experiment *e, double want_mean,
                           double want_variance)
{
    struct batches mean, variance;
    count_moments(t, e, &mean, &variance);
    expect(&mean, want_mean, 0.01, "mean count");
    expect(&variance, want_variance, 0.025, "variance of the count");
}

/* --- gamma-modulated Poisson ------------------------------------------------------------------ */

/* Double integral of exp(-|i - j| / 8) over the cells of a window, term by term. */
static double area_by_terms(double window_s, double grid_s)
{
    double length[64], sum = 0;
    int n = 0;
    for (double rest = window_s; rest > 1e-9; rest -= grid_s)
        length[n++] = rest < grid_s ? rest : grid_s;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            sum += length[i] * length[j] * exp(-abs(i - j) / 8.0);
    return sum;
}

static const cm_time minute = CM_MINUTE, grid = 15 * CM_SECOND; /* of correlation = 2m */

Test(arrivals_stat, counts_have_the_stated_dispersion_at_the_stated_window)
{
    struct traffic t;
    open_traffic(&t, "gamma_poisson",
                 SET("rate=30 rps", "dispersion=4", "window=1m", "correlation=2m"));
    struct experiment e = {-5 * grid, 2 * grid, minute, 1, 300};
    expect_moments(&t, &e, 1800, 4 * 1800);
    cm_arena_release(&t.arena);
}

Test(arrivals_stat, a_window_with_a_partial_cell_and_strong_bursts_has_it_too)
{
    struct traffic t;
    open_traffic(&t, "gamma_poisson",
                 SET("rate=1 rps", "dispersion=20", "window=50s", "correlation=2m"));
    struct experiment e = {0, 3 * grid, 50 * CM_SECOND, 1, 400};
    expect_moments(&t, &e, 50, 20 * 50);
    cm_arena_release(&t.arena);
}

Test(arrivals_stat, a_share_of_the_traffic_is_less_dispersed)
{
    static const double shares[] = {0.05, 0.25};
    struct traffic t;
    open_traffic(&t, "gamma_poisson",
                 SET("rate=10 rps", "dispersion=8", "window=1m", "correlation=2m"));
    for (size_t i = 0; i < 2; i++) {
        double w = shares[i], mean = 600 * w;
        struct experiment e = {0, 0, minute, w, 300};
        expect_moments(&t, &e, mean, mean * (1 + w * (8 - 1))); /* docs/model/traffic.md */
    }
    cm_arena_release(&t.arena);
}

Test(arrivals_stat, another_window_has_the_dispersion_that_the_correlation_implies)
{
    struct traffic t;
    open_traffic(&t, "gamma_poisson",
                 SET("rate=10 rps", "dispersion=8", "window=1m", "correlation=2m"));
    double v = (8 - 1) * 60 / (10 * area_by_terms(60, 15));
    struct experiment e = {0, 0, 5 * minute, 1, 300};
    expect_moments(&t, &e, 3000, 3000 + 100 * v * area_by_terms(300, 15));
    cm_arena_release(&t.arena);
}

enum { LAGS = 17 };

/* X in the cells 3, 4, ... of one path, so that both the start and the moves are seen. */
static void levels(struct traffic *t, uint64_t replication, double rate, double x[LAGS])
{
    begin(t, 0, replication);
    for (int i = 0; i < LAGS + 3; i++) {
        double level = t->kind->next(t->options, t->state, i * grid).rate / rate;
        if (i >= 3)
            x[i - 3] = level;
    }
}

Test(arrivals_stat, the_intensity_is_correlated_as_stated_and_runs_alike_both_ways)
{
    static const int lags[] = {1, 4, 8, 16};
    struct traffic t;
    open_traffic(&t, "gamma_poisson",
                 SET("rate=2 rps", "dispersion=30", "window=1m", "correlation=2m"));
    double v = (30 - 1) * 60 / (2 * area_by_terms(60, 15));
    for (size_t j = 0; j < 4; j++) {
        struct batches covariance, skew;
        for (int b = 0; b < BATCHES; b++) {
            double sum = 0, forward = 0;
            for (int i = 0; i < 800; i++) {
                double x[LAGS];
                levels(&t, (uint64_t)(b * 800 + i), 2, x);
                sum += (x[0] - 1) * (x[lags[j]] - 1);
                forward += x[0] * x[lags[j]] * (x[0] - x[lags[j]]);
            }
            covariance.value[b] = sum / 800;
            skew.value[b] = forward / 800;
        }
        expect(&covariance, v * exp(-lags[j] / 8.0), 0.1, "autocovariance");
        cr_assert_leq(fabs(mean_of(&skew)), 4 * error_of(&skew), "irreversible at lag %d", lags[j]);
    }
    cm_arena_release(&t.arena);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

enum { SAMPLE = 4000 };

/* Kolmogorov's statistic D sqrt(n) of a sample of uniforms; below 1.95 with probability 0.999. */
static double kolmogorov(double *u)
{
    double most = 0;
    qsort(u, SAMPLE, sizeof *u, ascending);
    for (int i = 0; i < SAMPLE; i++)
        most = fmax(most, fmax(u[i] - (double)i / SAMPLE, (i + 1.0) / SAMPLE - u[i]));
    return most * sqrt(SAMPLE);
}

Test(arrivals_stat, the_intensity_is_gamma_at_the_start_and_after_many_moves)
{
    static double u[2][SAMPLE];
    struct traffic t;
    open_traffic(&t, "gamma_poisson",
                 SET("rate=2 rps", "dispersion=90", "window=1m", "correlation=2m"));
    double v = (90 - 1) * 60 / (2 * area_by_terms(60, 15));
    for (int i = 0; i < SAMPLE; i++) {
        double x[LAGS];
        levels(&t, (uint64_t)i, 2, x);
        u[0][i] = gsl_cdf_gamma_P(x[16], 1 / v, v);
        begin(&t, 0, (uint64_t)i);
        double start = t.kind->next(t.options, t.state, 0).rate / 2;
        u[1][i] = gsl_cdf_gamma_P(start, 1 / v, v);
    }
    cr_assert_leq(kolmogorov(u[0]), 1.95);
    cr_assert_leq(kolmogorov(u[1]), 1.95);
    cm_arena_release(&t.arena);
}

/* --- bursts ----------------------------------------------------------------------------------- */

Test(arrivals_stat, bursts_have_the_variance_of_a_two_state_modulated_poisson_process)
{
    struct traffic t;
    open_traffic(&t, "bursts",
                 SET("rate=2 rps", "burst_factor=8", "burst_every=10m", "burst_lasts=2m"));
    /* Fischer & Meier-Hellstern 1993. */
    double share = 0.2, quiet = 2 / (0.8 + 0.2 * 8), s = 1 / 120.0 + 1 / 480.0, time = 300;
    double a = share * (1 - share) * 49 * quiet * quiet;
    double excess = 2 * a / (s * s) * (s * time + expm1(-s * time));
    struct experiment e = {-CM_HOUR, -CM_MINUTE, 300 * CM_SECOND, 1, 600};
    struct batches mean, variance;
    count_moments(&t, &e, &mean, &variance);
    expect(&mean, 600, 0.01, "mean count");
    expect(&variance, 600 + excess, 0.025, "variance of the count");
    e.begun = e.from; /* the path begins as it goes on */
    count_moments(&t, &e, &mean, &variance);
    expect(&mean, 600, 0.01, "mean count at the start");
    expect(&variance, 600 + excess, 0.025, "variance of the count at the start");
    cm_arena_release(&t.arena);
}

Test(arrivals_stat, spells_are_exponential_with_the_stated_means)
{
    static double burst[SAMPLE], quiet[SAMPLE];
    struct traffic t;
    open_traffic(&t, "bursts",
                 SET("rate=2 rps", "burst_factor=8", "burst_every=10m", "burst_lasts=2m"));
    begin(&t, 0, 1);
    cm_time now = 0;
    for (int i = 0, j = 0; i < SAMPLE || j < SAMPLE;) {
        struct cm_stretch s = t.kind->next(t.options, t.state, now);
        double length = cm_seconds(s.until - now);
        if (s.rate > 2 && i < SAMPLE)
            burst[i++] = -expm1(-length / 120);
        if (s.rate < 2 && j < SAMPLE)
            quiet[j++] = -expm1(-length / 480);
        now = s.until;
    }
    cr_assert_leq(kolmogorov(burst), 1.95);
    cr_assert_leq(kolmogorov(quiet), 1.95);
    cm_arena_release(&t.arena);
}

/* --- replay ----------------------------------------------------------------------------------- */

Test(arrivals_stat, scaled_recordings_are_binomially_thinned)
{
    struct traffic t;
    struct batches mean, variance;
    open_traffic(&t, "replay", SET("file=flat.csv", "step=1m", "scale=0.3"));
    for (int b = 0; b < BATCHES; b++) {
        double m = 0, ss = 0;
        for (int i = 0; i < 400; i++) {
            begin(&t, 0, (uint64_t)(b * 400 + i));
            (void)t.kind->next(t.options, t.state, 0);
            double n = (double)t.kind->next(t.options, t.state, CM_MINUTE).count, delta = n - m;
            m += delta / (i + 1);
            ss += delta * (n - m);
        }
        mean.value[b] = m;
        variance.value[b] = ss / 399;
    }
    expect(&mean, 300, 0.01, "kept");
    expect(&variance, 1000 * 0.3 * 0.7, 0.025, "variance of what is kept");
    cm_arena_release(&t.arena);
}
