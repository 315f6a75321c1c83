/* What every arrival kind owes the engine, and the closed forms of those without chance. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/traffic/arrivals.h"

static const double pi = 3.14159265358979323846;

/* One kind with its options, read as from a file. */
struct traffic {
    const struct cm_arrivals *kind;
    struct cm_arena arena;
    struct cm_err err;
    void *options, *state;
};

/* A source of one file: a ten-hour recording whose minute i holds 50 + i % 7 requests. */
static int read_memory(void *self, const char *path, const char *relative_to,
                       struct cm_arena *arena, const char **text, size_t *length,
                       const char **resolved, struct cm_err *err)
{
    (void)self, (void)relative_to, (void)err;
    char *out = cm_arena_alloc(arena, 600 * 20);
    size_t n = 0;
    for (int i = 0; i < 600; i++)
        n += (size_t)snprintf(out + n, 20, "%d,%d\n", 60 * i, 50 + i % 7);
    *text = out, *length = n, *resolved = path;
    return 0;
}
static const struct cm_source memory = {.read = read_memory};

static const char *const defaults[] = {NULL};
static const char *const recording[] = {"file=day.csv", "step=1m", NULL};

static const char *const *needed(const struct cm_arrivals *kind)
{
    return strcmp(kind->kind.name, "replay") == 0 ? recording : defaults;
}

static void set(struct traffic *t, const char *setting)
{
    char name[40] = {0};
    const char *value = strchr(setting, '=') + 1;
    memcpy(name, setting, (size_t)(value - setting - 1));
    const struct cm_param *row = cm_param_find(t->kind->kind.params, name);
    cr_assert(row, "no parameter %s", name);
    cr_assert_eq(cm_param_set(row, t->options, value, &t->arena, &t->err), 0, "%s: %s", setting,
                 t->err.text);
}

/* Reads, checks, prepares; `settings` are "key=value", NULL-ended. */
static int open_traffic(struct traffic *t, const struct cm_arrivals *kind,
                        const char *const *settings)
{
    *t = (struct traffic){.kind = kind};
    t->options = cm_arena_alloc(&t->arena, kind->kind.options_size);
    cm_params_default(kind->kind.params, t->options, &t->arena);
    for (; *settings; settings++)
        set(t, *settings);
    if (kind->kind.check && kind->kind.check(t->options, &t->err))
        return -1;
    if (kind->kind.prepare &&
        kind->kind.prepare(t->options, &memory, "shop.ini", &t->arena, &t->err))
        return -1;
    t->state = cm_arena_alloc(&t->arena, kind->state_size(t->options) + 1);
    return 0;
}

static void begin(struct traffic *t, cm_time from, cm_time origin, uint64_t seed)
{
    struct cm_rng rng = cm_rng_stream(seed, 0, 1, 0);
    t->kind->start(t->options, t->state, from, origin, &rng);
}

static struct cm_stretch step(struct traffic *t, cm_time from)
{
    return t->kind->next(t->options, t->state, from);
}

static void close_traffic(struct traffic *t)
{
    cm_arena_release(&t->arena);
}

static const struct cm_arrivals *kind_called(const char *name)
{
    const struct cm_arrivals *const *kind = cm_arrivals_kinds;
    while (*kind && strcmp((*kind)->kind.name, name) != 0)
        kind++;
    cr_assert(*kind, "no kind %s", name);
    return *kind;
}

static void open_or_fail(struct traffic *t, const char *kind, const char *const *settings)
{
    cr_assert_eq(open_traffic(t, kind_called(kind), settings), 0, "%s: %s", kind, t->err.text);
}

/* Requests expected in [from, until) by the pieces of the path that begins there. */
static double expected(struct traffic *t, cm_time from, cm_time until)
{
    double sum = 0;
    for (cm_time now = from; now < until;) {
        struct cm_stretch s = step(t, now);
        cm_time end = s.until < until ? s.until : until;
        sum += s.rate * cm_seconds(end - now);
        now = end;
    }
    return sum;
}

/* --- the contract ----------------------------------------------------------------------------- */

Test(arrivals, the_section_offers_every_kind_under_its_own_name)
{
    cr_assert_str_eq(cm_traffic_section.kind_key, "arrivals");
    cr_assert(cm_kind_find(cm_traffic_section.kinds, cm_traffic_section.kind_default));
    size_t n = 0;
    for (; cm_arrivals_kinds[n]; n++)
        cr_assert_eq(cm_traffic_section.kinds[n], &cm_arrivals_kinds[n]->kind);
    cr_assert_eq(n, 6);
    cr_assert_null(cm_traffic_section.kinds[n]);
}

Test(arrivals, every_row_explains_itself_in_a_sentence)
{
    for (size_t i = 0; cm_arrivals_kinds[i]; i++) {
        const struct cm_kind *kind = &cm_arrivals_kinds[i]->kind;
        cr_assert(kind->summary && kind->source && kind->params);
        for (const struct cm_param *row = kind->params; row->name; row++)
            cr_assert_eq(row->help[strlen(row->help) - 1], '.', "%s.%s", kind->name, row->name);
    }
}

static void check_piece(const struct cm_arrivals *kind, struct cm_stretch s, cm_time from)
{
    const char *name = kind->kind.name;
    cr_assert_gt(s.until, from, "%s stands still at %lld", name, (long long)from);
    cr_assert(isfinite(s.rate) && s.rate >= 0, "%s: rate %g", name, s.rate);
    if (!kind->recorded) {
        cr_assert(s.count == 0 && s.since == from, "%s", name);
        return;
    }
    cr_assert_leq(s.since, from, "%s", name);
    if (s.count)
        cr_assert_float_eq(s.rate * cm_seconds(s.until - s.since), (double)s.count, 1e-9);
}

Test(arrivals, pieces_ascend_and_cover_history_and_rollout)
{
    for (size_t i = 0; cm_arrivals_kinds[i]; i++) {
        struct traffic t;
        const struct cm_arrivals *kind = cm_arrivals_kinds[i];
        cr_assert_eq(open_traffic(&t, kind, needed(kind)), 0, "%s", t.err.text);
        cm_time origin = 2 * CM_HOUR + 12345678901;
        begin(&t, -CM_HOUR - 7, origin, 1);
        for (cm_time now = -CM_HOUR - 7; now < 6 * CM_HOUR;) {
            struct cm_stretch s = step(&t, now);
            check_piece(kind, s, now);
            now = s.until;
        }
        close_traffic(&t);
    }
}

Test(arrivals, the_same_stream_gives_the_same_path_whatever_was_in_memory)
{
    for (size_t i = 0; cm_arrivals_kinds[i]; i++) {
        struct traffic a, b;
        const struct cm_arrivals *kind = cm_arrivals_kinds[i];
        open_traffic(&a, kind, needed(kind));
        open_traffic(&b, kind, needed(kind));
        memset(b.state, 0xaa, kind->state_size(b.options));
        begin(&a, -CM_MINUTE, CM_HOUR, 9);
        begin(&b, -CM_MINUTE, CM_HOUR, 9);
        for (cm_time now = -CM_MINUTE; now < 3 * CM_HOUR;) {
            struct cm_stretch s = step(&a, now), u = step(&b, now);
            cr_assert(s.until == u.until && s.rate == u.rate && s.count == u.count);
            now = s.until;
        }
        close_traffic(&a);
        close_traffic(&b);
    }
}

Test(arrivals, a_copied_state_continues_the_same_path)
{
    for (size_t i = 0; cm_arrivals_kinds[i]; i++) {
        struct traffic a, b;
        const struct cm_arrivals *kind = cm_arrivals_kinds[i];
        open_traffic(&a, kind, needed(kind));
        open_traffic(&b, kind, needed(kind));
        begin(&a, 0, 0, 3);
        cm_time now = step(&a, 0).until;
        memcpy(b.state, a.state, kind->state_size(a.options));
        while (now < CM_HOUR) {
            struct cm_stretch s = step(&a, now), u = step(&b, now);
            cr_assert(s.until == u.until && s.rate == u.rate && s.count == u.count);
            now = s.until;
        }
        close_traffic(&a);
        close_traffic(&b);
    }
}

Test(arrivals, other_streams_give_other_paths_where_there_is_chance)
{
    static const struct {
        const char *kind;
        bool chance;
    } cases[] = {{"poisson", false}, {"gamma_poisson", true}, {"diurnal", false},
                 {"bursts", true},   {"ramp", false},         {"replay", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct traffic t;
        const struct cm_arrivals *kind = kind_called(cases[i].kind);
        open_traffic(&t, kind, needed(kind));
        begin(&t, 0, 0, 1);
        double one = expected(&t, 0, 5 * CM_HOUR);
        begin(&t, 0, 0, 2);
        cr_assert_eq(one != expected(&t, 0, 5 * CM_HOUR), cases[i].chance, "%s", cases[i].kind);
        close_traffic(&t);
    }
}

Test(arrivals, only_days_weeks_and_recordings_have_a_clock)
{
    static const struct {
        const char *kind;
        cm_time span;
        bool repeats, recorded;
    } cases[] = {{"poisson", 0, false, false},
                 {"gamma_poisson", 0, false, false},
                 {"diurnal", 7 * CM_DAY, true, false},
                 {"bursts", 0, false, false},
                 {"ramp", 0, false, false},
                 {"replay", 10 * CM_HOUR, false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct traffic t;
        const struct cm_arrivals *kind = kind_called(cases[i].kind);
        open_traffic(&t, kind, needed(kind));
        cr_assert_eq(kind->span ? kind->span(t.options) : 0, cases[i].span, "%s", cases[i].kind);
        cr_assert_eq(kind->repeats, cases[i].repeats);
        cr_assert_eq(kind->recorded, cases[i].recorded);
        close_traffic(&t);
    }
}

Test(arrivals, rules_between_keys_are_refused_with_what_would_be_accepted)
{
    static const struct {
        const char *kind, *settings[4], *says;
    } cases[] = {
        {"bursts", {"burst_every=2m", "burst_lasts=2m"}, "burst_lasts (120 s) must be below"},
        {"gamma_poisson", {"rate=1 rps", "dispersion=1e5"}, "dispersion up to"},
        {"replay", {"time_column=2", "count_column=2"}, "are both '2'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct traffic t;
        cr_assert_eq(open_traffic(&t, kind_called(cases[i].kind), cases[i].settings), -1);
        cr_assert(strstr(t.err.text, cases[i].says), "%s", t.err.text);
        close_traffic(&t);
    }
}

/* --- closed forms ----------------------------------------------------------------------------- */

Test(arrivals, poisson_never_changes_its_rate)
{
    struct traffic t;
    open_or_fail(&t, "poisson", (const char *const[]){"rate=90 rpm", NULL});
    struct cm_stretch s = step(&t, -CM_HOUR);
    cr_assert_eq(s.until, CM_NEVER);
    cr_assert_eq(s.rate, 1.5);
    cr_assert_eq(t.kind->mean_rate(t.options), 1.5);
    close_traffic(&t);
}

Test(arrivals, a_dispersion_of_one_is_plain_poisson)
{
    struct traffic t;
    open_or_fail(&t, "gamma_poisson", (const char *const[]){"rate=5 rps", "dispersion=1", NULL});
    begin(&t, 0, 0, 1);
    struct cm_stretch s = step(&t, 0);
    cr_assert_eq(s.until, CM_NEVER);
    cr_assert_eq(s.rate, 5);
    close_traffic(&t);
}

Test(arrivals, the_grid_of_the_intensity_is_an_eighth_of_the_correlation_anchored_at_zero)
{
    struct traffic t;
    open_or_fail(&t, "gamma_poisson", (const char *const[]){"correlation=2m", NULL});
    begin(&t, -100 * CM_SECOND, 0, 1);
    static const cm_time edges_s[] = {-90, -75, -60, -45, -30, -15, 0, 15, 30};
    cm_time now = -100 * CM_SECOND;
    for (size_t i = 0; i < sizeof edges_s / sizeof *edges_s; i++) {
        now = step(&t, now).until;
        cr_assert_eq(now, edges_s[i] * CM_SECOND);
    }
    close_traffic(&t);
}

/* Double integral of exp(-|i - j| / 8) over the cells of a window, term by term: what the closed
 * form of the kind has to equal. */
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

/* The largest dispersion that is accepted has Var X = 100, so it shows the solution for k. */
Test(arrivals, the_variance_of_the_intensity_solves_the_dispersion_at_the_window)
{
    static const struct {
        const char *window, *correlation;
        double window_s, grid_s;
    } cases[] = {{"window=1m", "correlation=2m", 60, 15},
                 {"window=50s", "correlation=2m", 50, 15},
                 {"window=5s", "correlation=2m", 5, 15},
                 {"window=10m", "correlation=90s", 600, 11.25}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double area = area_by_terms(cases[i].window_s, cases[i].grid_s);
        double largest = 1 + 100 * 0.25 * area / cases[i].window_s;
        char below[40], above[40];
        snprintf(below, sizeof below, "dispersion=%.6f", largest * (1 - 1e-6));
        snprintf(above, sizeof above, "dispersion=%.6f", largest * (1 + 1e-6));
        const char *settings[] = {"rate=0.25 rps", cases[i].window, cases[i].correlation, below,
                                  NULL};
        struct traffic t;
        open_or_fail(&t, "gamma_poisson", settings);
        close_traffic(&t);
        settings[3] = above;
        cr_assert_eq(open_traffic(&t, t.kind, settings), -1, "%s is accepted", above);
        close_traffic(&t);
    }
}

/* The curve of the documentation, per second of the week, before scaling. */
static double week_curve(double second, double swing, double peak_h, double weekend)
{
    double hour = fmod(second / 3600, 24);
    double factor = second / 86400 < 5 ? 1 : weekend;
    return factor * (1 + swing * cos(2 * pi * (hour - peak_h) / 24));
}

Test(arrivals, a_week_of_days_adds_up_to_the_weekly_mean)
{
    struct traffic t;
    open_or_fail(
        &t, "diurnal",
        (const char *const[]){"rate=20 rps", "day_swing=70%", "peak=15h30m", "weekend=40%", NULL});
    begin(&t, 0, 0, 1);
    double working = 20 * 7 / (5 + 2 * 0.4) * 86400; /* requests of a working day */
    for (int day = 0; day < 14; day++) {
        double got = expected(&t, day * CM_DAY, (day + 1) * CM_DAY);
        double want = day % 7 < 5 ? working : 0.4 * working;
        cr_assert_float_eq(got / want, 1, 1e-12, "day %d: %.17g", day, got / want);
    }
    cm_time minutes = 7 * CM_MINUTE; /* whatever the clock shows at the release */
    begin(&t, 0, 3 * CM_DAY + minutes, 1);
    double sunday = expected(&t, -4 * CM_DAY - minutes, -3 * CM_DAY - minutes);
    cr_assert_float_eq(sunday / working, 0.4, 1e-12, "%.17g", sunday / working);
    double week = expected(&t, 0, 7 * CM_DAY);
    cr_assert_float_eq(week / (7 * 86400 * t.kind->mean_rate(t.options)), 1, 1e-12);
    close_traffic(&t);
}

Test(arrivals, each_minute_of_a_day_has_the_mean_of_the_curve_even_across_midnight)
{
    struct traffic t;
    open_or_fail(
        &t, "diurnal",
        (const char *const[]){"rate=20 rps", "day_swing=60%", "peak=14h", "weekend=50%", NULL});
    /* Friday 23:58:40: the third minute holds the jump to Saturday. */
    double clock = 5 * 86400 - 80;
    begin(&t, 0, (cm_time)clock * CM_SECOND, 1);
    for (int minute = 0; minute < 4; minute++) {
        double sum = 0;
        for (int i = 0; i < 60000; i++) /* by the midpoint rule at 1 ms */
            sum += week_curve(clock + 60 * minute + (i + 0.5) / 1000, 0.6, 14, 0.5);
        double want = 20 * 7 / 6.0 * sum / 60000;
        struct cm_stretch s = step(&t, minute * CM_MINUTE);
        cr_assert_eq(s.until, (minute + 1) * CM_MINUTE);
        cr_assert_float_eq(s.rate / want, 1, 1e-7, "minute %d: %g for %g", minute, s.rate, want);
    }
    close_traffic(&t);
}

Test(arrivals, traffic_peaks_at_the_peak_and_is_lowest_half_a_day_later)
{
    struct traffic t;
    open_or_fail(&t, "diurnal", (const char *const[]){"peak=14h", "day_swing=100%", NULL});
    begin(&t, 0, 0, 1);
    double most = -1, least = INFINITY;
    cm_time at_most = 0, at_least = 0;
    for (cm_time now = 0; now < CM_DAY;) {
        struct cm_stretch s = step(&t, now);
        if (s.rate > most)
            most = s.rate, at_most = now;
        if (s.rate < least)
            least = s.rate, at_least = now;
        now = s.until;
    }
    cr_assert_leq(llabs(at_most - 14 * CM_HOUR), CM_MINUTE);
    cr_assert_leq(llabs(at_least - 2 * CM_HOUR), CM_MINUTE);
    cr_assert(least >= 0 && least < 1e-3);
    close_traffic(&t);
}

Test(arrivals, a_ramp_is_a_line_in_two_hundred_pieces_and_flat_before_and_after)
{
    struct traffic t;
    open_or_fail(&t, "ramp", (const char *const[]){"rate=10 rps", "to=50 rps", "over=7m", NULL});
    struct cm_stretch s = step(&t, -CM_MINUTE);
    cr_assert(s.until == 0 && s.rate == 10);
    int pieces = 0;
    double sum = 0;
    for (cm_time now = 0; now < 7 * CM_MINUTE; now = s.until, pieces++) {
        s = step(&t, now);
        sum += s.rate * cm_seconds(s.until - now);
        double middle = (cm_seconds(now) + cm_seconds(s.until)) / 2;
        cr_assert_float_eq(s.rate, 10 + 40 * middle / 420, 1e-9);
    }
    cr_assert_eq(pieces, 200);
    cr_assert_float_eq(sum, 30 * 420.0, 1e-6);
    s = step(&t, 7 * CM_MINUTE);
    cr_assert(s.until == CM_NEVER && s.rate == 50);
    close_traffic(&t);
}

Test(arrivals, the_longest_ramp_does_not_overflow_the_clock)
{
    struct traffic t;
    open_or_fail(&t, "ramp", (const char *const[]){"over=370d", NULL});
    int pieces = 0;
    for (cm_time now = 0; now < 370 * CM_DAY; pieces++)
        now = step(&t, now).until;
    cr_assert_eq(pieces, 200);
    close_traffic(&t);
}

Test(arrivals, bursts_alternate_between_two_rates_that_keep_the_mean)
{
    struct traffic t;
    open_or_fail(&t, "bursts",
                 (const char *const[]){"rate=12 rps", "burst_factor=6", "burst_every=10m",
                                       "burst_lasts=1m", NULL});
    begin(&t, 0, 0, 4);
    double quiet = 12 / (0.9 + 0.1 * 6);
    struct cm_stretch s = step(&t, 0), last = s;
    for (int i = 0; i < 100; i++, last = s) {
        s = step(&t, last.until);
        double want = last.rate > 2 * quiet ? quiet : 6 * quiet;
        cr_assert_float_eq(s.rate, want, 1e-12);
    }
    close_traffic(&t);
}
