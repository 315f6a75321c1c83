/* The weather is stationary from its first instant on. Tolerances are 4 standard errors. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/service/environment.h"

enum { N = 40000 };

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(weather, .fini = release);

static void set(struct cm_environment *e, const char *key, const char *value)
{
    struct cm_err err;
    const struct cm_param *row = cm_param_find(cm_environment_section.params, key);
    cr_assert_eq(cm_param_set(row, e, value, &arena, &err), 0, "%s: %s", key, err.text);
}

/* The weather of replication `i` at each of `n` ascending instants. */
static void look(const struct cm_environment *e, uint64_t i, const cm_time *at, int n,
                 struct cm_weather *out)
{
    struct cm_weather_path path;
    struct cm_weather w = {0};
    cm_time next = at[0];
    cm_weather_start(&path, e, 20240607, i, at[0]);
    for (int k = 0; k < n; k++) {
        while (next <= at[k]) {
            w = cm_weather_next(&path, next);
            next = w.until;
        }
        out[k] = w;
    }
}

Test(weather, drift_has_its_spread_and_its_correlation_at_any_time)
{
    static const cm_time at[] = {-7 * CM_MINUTE, 0, 113 * CM_SECOND, 15 * CM_MINUTE, CM_HOUR};
    enum { TIMES = sizeof at / sizeof *at };
    struct cm_environment e = {0};
    cm_params_default(cm_environment_section.params, &e, &arena);
    set(&e, "drift", "0.5");
    double sum[TIMES] = {0}, squares[TIMES] = {0}, cross = 0, neighbours = 0;
    for (uint64_t i = 0; i < N; i++) {
        struct cm_weather w[TIMES];
        look(&e, i, at, TIMES, w);
        for (int k = 0; k < TIMES; k++) {
            sum[k] += w[k].log_odds / 0.5;
            squares[k] += w[k].log_odds * w[k].log_odds / 0.25;
        }
        cross += w[1].log_odds * w[3].log_odds / 0.25;
        neighbours += w[1].log_odds * w[2].log_odds / 0.25;
    }
    for (int k = 0; k < TIMES; k++) {
        cr_expect_lt(fabs(sum[k] / N), 4 / sqrt(N), "mean %d: %g", k, sum[k] / N);
        cr_expect_lt(fabs(squares[k] / N - 1), 4 * sqrt(2. / N), "variance %d: %g", k,
                     squares[k] / N);
    }
    /* 15 minutes are one correlation time: r = 1/e; 113 s one cell: e^(-1/8) */
    double r = exp(-1), s = exp(-0.125);
    cr_expect_lt(fabs(cross / N - r), 4 * sqrt((1 + r * r) / N), "%g", cross / N);
    cr_expect_lt(fabs(neighbours / N - s), 4 * sqrt((1 + s * s) / N), "%g", neighbours / N);
}

/* P(an incident is under way) = 1 - exp(-E[lasts] / every): M/G/infinity. */
Test(weather, incidents_are_under_way_for_their_share_from_the_first_instant_on)
{
    static const struct {
        const char *lasts;
        double mean; /* s */
    } cases[] = {
        {"exponential(mean=10m)", 600},
        {"fixed(value=10m)", 600},
        {"pareto(scale=5m, alpha=2.5)", 500},
        {"lognormal(median=10m, sigma=1)", 600 * 1.6487212707001282},
    };
    static const cm_time at[] = {-23 * CM_MINUTE, -10 * CM_MINUTE, 0, CM_HOUR};
    enum { TIMES = sizeof at / sizeof *at };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct cm_environment e = {0};
        cm_params_default(cm_environment_section.params, &e, &arena);
        set(&e, "incident_every", "20m");
        set(&e, "incident_latency", "x2");
        set(&e, "incident_lasts", cases[c].lasts);
        double share = 1 - exp(-cases[c].mean / 1200), error = sqrt(share * (1 - share) / N);
        int under_way[TIMES] = {0};
        for (uint64_t i = 0; i < N; i++) {
            struct cm_weather w[TIMES];
            look(&e, i, at, TIMES, w);
            for (int k = 0; k < TIMES; k++)
                under_way[k] += w[k].incident;
        }
        for (int k = 0; k < TIMES; k++)
            cr_expect_lt(fabs((double)under_way[k] / N - share), 4 * error, "%s, time %d: %g vs %g",
                         cases[c].lasts, k, (double)under_way[k] / N, share);
    }
}

/* Of incidents that all last 10 minutes, those under way at the start end within x with
 * exp(-(600 - x) / every): the residual lives are uniform. */
Test(weather, what_is_under_way_at_the_start_has_its_residual_life)
{
    struct cm_environment e = {0};
    cm_params_default(cm_environment_section.params, &e, &arena);
    set(&e, "incident_every", "20m");
    set(&e, "incident_latency", "x2");
    set(&e, "incident_lasts", "fixed(value=10m)");
    int ended[11] = {0};
    for (uint64_t i = 0; i < N; i++) {
        struct cm_weather_path path;
        cm_weather_start(&path, &e, 20240607, i, -CM_MINUTE);
        for (int k = 0; k <= 10; k++)
            ended[k] += path.incident_until + CM_MINUTE <= k * CM_MINUTE + 1;
    }
    for (int k = 0; k <= 10; k++) {
        double p = exp(-(600 - 60 * k) / 1200.);
        cr_expect_lt(fabs((double)ended[k] / N - p), 4 * sqrt(p * (1 - p) / N) + 1e-12, "%d: %g", k,
                     (double)ended[k] / N);
    }
}

/* Starts of incidents: Poisson, so that the count in 10 h has mean and variance 30. */
Test(weather, incidents_begin_at_their_rate)
{
    enum { RUNS = 4000 };
    struct cm_environment e = {0};
    cm_params_default(cm_environment_section.params, &e, &arena);
    set(&e, "incident_every", "20m");
    set(&e, "incident_latency", "x2");
    set(&e, "incident_lasts", "fixed(value=0s)");
    double sum = 0, squares = 0;
    for (uint64_t i = 0; i < RUNS; i++) {
        struct cm_weather_path path;
        int n = -1; /* the first piece begins with none */
        cm_weather_start(&path, &e, 20240607, i, 0);
        for (cm_time t = 0; t < 10 * CM_HOUR; n++)
            t = cm_weather_next(&path, t).until;
        sum += n;
        squares += (double)n * n;
    }
    double mean = sum / RUNS, variance = squares / RUNS - mean * mean;
    cr_expect_lt(fabs(mean - 30), 4 * sqrt(30. / RUNS), "%g", mean);
    /* variance of a Poisson sample variance: (lambda + 2 lambda^2) / n */
    cr_expect_lt(fabs(variance - 30), 4 * sqrt((30. + 2 * 900) / RUNS), "%g", variance);
}
