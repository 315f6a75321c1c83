/* The weather as a path: pieces, streams, grids; its distribution is tested in tests/stat. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/service/environment.h"

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(environment, .fini = release);

static int read_environment(struct cm_environment *e, const char *const *settings,
                            struct cm_err *err)
{
    *e = (struct cm_environment){0};
    cm_params_default(cm_environment_section.params, e, &arena);
    for (; *settings; settings += 2) {
        const struct cm_param *row = cm_param_find(cm_environment_section.params, settings[0]);
        cr_assert(row != NULL, "%s", settings[0]);
        if (cm_param_set(row, e, settings[1], &arena, err))
            return -1;
    }
    return cm_environment_section.check(e, err);
}

static struct cm_environment environment_of(const char *const *settings)
{
    struct cm_environment e;
    struct cm_err err;
    cr_assert_eq(read_environment(&e, settings, &err), 0, "%s", err.text);
    return e;
}
#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(environment, without_drift_and_incidents_nothing_ever_changes)
{
    const char *none[] = {NULL};
    struct cm_environment e = environment_of(none);
    struct cm_weather_path path;
    cm_weather_start(&path, &e, 1, 2, -CM_HOUR);
    struct cm_weather w = cm_weather_next(&path, -CM_HOUR);
    cr_expect(w.until == CM_NEVER && w.log_odds == 0 && !w.incident);
}

Test(environment, the_drift_moves_on_its_own_grid_only)
{
    struct cm_environment e = environment_of(SETTINGS("drift", "0.5", "correlation", "8m"));
    struct cm_weather_path path;
    cm_time from = -100 * CM_SECOND;
    cm_weather_start(&path, &e, 1, 2, from);
    cr_expect_eq(cm_weather_next(&path, from).until, -60 * CM_SECOND);
    double last = NAN;
    for (cm_time t = -60 * CM_SECOND; t < CM_HOUR; t += CM_MINUTE) {
        struct cm_weather w = cm_weather_next(&path, t);
        cr_expect(w.until == t + CM_MINUTE && w.log_odds != last, "at %g", cm_seconds(t));
        last = w.log_odds;
    }
}

/* The drift seen at each minute. */
static void sample_drift(const struct cm_environment *e, uint64_t seed, uint64_t replication,
                         double *out, int n)
{
    struct cm_weather_path path;
    struct cm_weather w = {0};
    cm_time next = -CM_MINUTE;
    cm_weather_start(&path, e, seed, replication, next);
    for (int i = 0; i < n; i++) {
        while (next <= i * CM_MINUTE) {
            w = cm_weather_next(&path, next);
            next = w.until;
        }
        out[i] = w.log_odds;
    }
}

Test(environment, a_path_is_a_matter_of_seed_and_replication_alone)
{
    enum { N = 100 };
    struct cm_environment calm = environment_of(SETTINGS("drift", "0.5"));
    struct cm_environment rough =
        environment_of(SETTINGS("drift", "0.5", "incident_every", "20m", "incident_latency", "x2"));
    double a[N], b[N], c[N], d[N];
    sample_drift(&calm, 1, 2, a, N);
    sample_drift(&rough, 1, 2, b, N);
    sample_drift(&calm, 2, 2, c, N);
    sample_drift(&calm, 1, 3, d, N);
    cr_expect_eq(memcmp(a, b, sizeof a), 0, "incidents do not move the drift");
    for (int i = 0; i < N; i += 7)
        cr_expect(a[i] != c[i] && a[i] != d[i], "minute %d", i);
    struct cm_weather_path path;
    cm_weather_start(&path, &calm, 1, 2, 0);
    cm_draw_normal(&path.incident_rng); /* as the drift drew */
    cr_expect(path.incident_rng.state_low != path.drift_rng.state_low, "one stream for two things");
}

Test(environment, incidents_last_what_they_last_and_overlap_only_extends)
{
    struct cm_environment e = environment_of(SETTINGS(
        "incident_every", "10m", "incident_lasts", "fixed(value=10m)", "incident_latency", "x2"));
    struct cm_weather_path path;
    cm_time start = CM_NEVER, t = 0;
    int whole = 0, extended = 0;
    cm_weather_start(&path, &e, 1, 2, 0);
    while (t < 100 * CM_HOUR) {
        struct cm_weather w = cm_weather_next(&path, t);
        cr_assert_gt(w.until, t);
        if (w.incident && start == CM_NEVER)
            start = t;
        if (!w.incident && start != CM_NEVER) {
            cr_expect(start == 0 || t - start >= 10 * CM_MINUTE, "%g", cm_seconds(t - start));
            whole += t - start == 10 * CM_MINUTE;
            extended += t - start > 10 * CM_MINUTE;
            start = CM_NEVER;
        }
        t = w.until;
    }
    cr_expect(whole > 20 && extended > 20, "%d %d", whole, extended);
}

Test(environment, incidents_that_hardly_ever_end_do_no_harm_to_the_clock)
{
    struct cm_environment e =
        environment_of(SETTINGS("incident_every", "30d", "incident_lasts",
                                "pareto(scale=100d, alpha=1.05)", "incident_latency", "x2"));
    struct cm_weather_path path;
    for (uint64_t i = 0; i < 200; i++) {
        cm_weather_start(&path, &e, 1, i, -CM_HOUR);
        cm_time last = path.incident_until;
        for (cm_time t = -CM_HOUR; t < 300 * CM_DAY;) {
            struct cm_weather w = cm_weather_next(&path, t);
            cr_assert_gt(w.until, t);
            cr_assert_geq(path.incident_until, last, "a short one ends a long one");
            last = path.incident_until;
            t = w.until;
        }
    }
}

Test(environment, an_incident_needs_a_frequency_and_an_effect)
{
    static const struct {
        const char *settings[5], *says;
    } cases[] = {
        {{"incident_every", "7d", "incident_error_rate", "x5", NULL}, NULL},
        {{"incident_every", "7d", NULL}, "change nothing"},
        {{"incident_latency", "x2", NULL}, "never come"},
        {{"drift", "-1", NULL}, "outside"},
        {{"correlation", "1ms", NULL}, "outside"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_environment e;
        struct cm_err err = {0};
        int status = read_environment(&e, cases[i].settings, &err);
        cr_expect_eq(status, cases[i].says ? -1 : 0, "%s", err.text);
        if (cases[i].says)
            cr_expect(strstr(err.text, cases[i].says) != NULL, "%s", err.text);
    }
}
