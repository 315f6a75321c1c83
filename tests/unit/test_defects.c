/* What defects do, and when. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "sim/defects/effect.h"
#include "sim/defects/rise.h"

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(defects, .fini = release);

/* One profile with its options and a path. */
struct path {
    const struct cm_profile *kind;
    void *options, *state;
};

static int set_all(const struct cm_param *rows, void *out, const char *const *settings,
                   struct cm_err *err)
{
    cm_params_default(rows, out, &arena);
    for (; *settings; settings += 2) {
        const struct cm_param *row = cm_param_find(rows, settings[0]);
        cr_assert(row != NULL, "no parameter %s", settings[0]);
        if (cm_param_set(row, out, settings[1], &arena, err))
            return -1;
    }
    return 0;
}

static const struct cm_profile *kind_of(const char *name)
{
    for (size_t i = 0; cm_profile_kinds[i]; i++)
        if (strcmp(cm_profile_kinds[i]->kind.name, name) == 0)
            return cm_profile_kinds[i];
    cr_assert(false, "no profile %s", name);
    return NULL;
}

static int open_path(struct path *p, const char *name, const char *const *settings,
                     struct cm_err *err)
{
    p->kind = kind_of(name);
    p->options = cm_arena_alloc(&arena, p->kind->kind.options_size);
    if (set_all(p->kind->kind.params, p->options, settings, err) ||
        (p->kind->kind.check && p->kind->kind.check(p->options, err)))
        return -1;
    p->state = cm_arena_alloc(&arena, p->kind->state_size ? p->kind->state_size(p->options) : 1);
    struct cm_rng rng = cm_rng_stream(7, 0, 1, 0);
    if (p->kind->start)
        p->kind->start(p->options, p->state, &rng);
    return 0;
}

static struct path path_of(const char *name, const char *const *settings)
{
    struct path p;
    struct cm_err err;
    cr_assert_eq(open_path(&p, name, settings, &err), 0, "%s: %s", name, err.text);
    return p;
}
#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct cm_strength next(struct path *p, cm_time from)
{
    return p->kind->next(p->options, p->state, from);
}

/* Walks a path and integrates the strength over [0, until], seconds. */
static double dose(struct path *p, cm_time until)
{
    double sum = 0;
    int pieces = 0;
    for (cm_time from = 0; from < until;) {
        struct cm_strength s = next(p, from);
        cr_assert(s.until > from && ++pieces < 100000, "stuck at %g", cm_seconds(from));
        cr_assert(s.level >= 0 && s.level <= 1, "level %g", s.level);
        cm_time to = s.until < until ? s.until : until;
        sum += s.level * cm_seconds(to - from);
        from = to;
    }
    return sum;
}

Test(defects, a_step_is_nothing_and_then_all)
{
    struct path p = path_of("step", SETTINGS("onset", "5m"));
    struct cm_strength before = next(&p, 0), after = next(&p, 5 * CM_MINUTE);
    cr_expect(before.level == 0 && before.until == 5 * CM_MINUTE);
    cr_expect(after.level == 1 && after.until == CM_NEVER);
}

/* A linear rise from 0 to 1 over T doses T/2; half of it T/8. */
Test(defects, a_ramp_doses_what_its_line_does)
{
    struct path p = path_of("ramp", SETTINGS("onset", "1m", "lasts", "10m"));
    cr_expect(epsilon_eq(dbl, dose(&p, 11 * CM_MINUTE), 300, 1e-9));
    cr_expect(epsilon_eq(dbl, dose(&p, 6 * CM_MINUTE), 75, 1e-9));
    cr_expect_eq(next(&p, 11 * CM_MINUTE).level, 1);
    cr_expect_eq(next(&p, 11 * CM_MINUTE - 1).level, 63.5 / 64);
}

/* Pieces of any rise tile it, also where 64 does not divide its nanoseconds. */
Test(defects, pieces_of_a_rise_tile_it)
{
    static const cm_time lengths[] = {1, 63, 64, 65, 1000000, 1000001, 999999999999999937};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        cm_time lasts = lengths[i] < 30000000000000000 ? lengths[i] : 30000000000000000;
        cr_expect_eq(cm_rise_begin(lasts, 0), 0);
        cr_expect_eq(cm_rise_begin(lasts, CM_RISE_PIECES), lasts);
        for (int piece = 0; piece < CM_RISE_PIECES; piece++) {
            cm_time begin = cm_rise_begin(lasts, piece), end = cm_rise_begin(lasts, piece + 1);
            if (begin == end)
                continue;
            cr_expect_eq(cm_rise_piece(lasts, begin), piece);
            cr_expect_eq(cm_rise_piece(lasts, end - 1), piece);
        }
    }
}

/* Integral of (e^kt - 1) / (e^kT - 1) over [0, T] = (1/k - T / (e^kT - 1)); half way the strength
 * is (2^3 - 1) / (2^6 - 1) = 1/9 for 6 doublings. */
Test(defects, a_leak_grows_exponentially)
{
    struct path p = path_of("leak", SETTINGS("doubles_every", "10m", "full_after", "1h"));
    double k = 0.69314718055994530942 / 600;
    cr_expect(epsilon_eq(dbl, dose(&p, CM_HOUR), 1 / k - 3600. / 63, 1e-9));
    double before = next(&p, CM_HOUR / 2 - 1).level, after = next(&p, CM_HOUR / 2).level;
    cr_expect(before < 1. / 9 && after > 1. / 9, "%g %g", before, after);
    cr_expect_eq(next(&p, CM_HOUR).level, 1);
    cr_expect_eq(next(&p, CM_HOUR).until, CM_NEVER);
}

Test(defects, a_slow_leak_is_a_ramp)
{
    struct path leak = path_of("leak", SETTINGS("doubles_every", "300d", "full_after", "1h"));
    struct path ramp = path_of("ramp", SETTINGS("lasts", "1h"));
    for (cm_time t = 0; t < CM_HOUR; t += 7 * CM_MINUTE)
        cr_expect(epsilon_eq(dbl, next(&leak, t).level, next(&ramp, t).level, 1e-4));
}

Test(defects, a_restart_empties_the_leak)
{
    struct path p = path_of("leak", SETTINGS("onset", "10m", "doubles_every", "10m", "full_after",
                                             "1h", "restart_every", "90m"));
    struct path once = path_of("leak", SETTINGS("doubles_every", "10m", "full_after", "1h"));
    cr_expect(epsilon_eq(dbl, dose(&p, 10 * CM_MINUTE + 180 * CM_MINUTE),
                         2 * dose(&once, 90 * CM_MINUTE), 1e-9));
    struct cm_strength full = next(&p, 80 * CM_MINUTE), anew = next(&p, 100 * CM_MINUTE);
    cr_expect(full.level == 1 && full.until == 100 * CM_MINUTE);
    cr_expect_eq(anew.level, next(&once, 0).level);
    p = path_of("leak", SETTINGS("full_after", "1h", "restart_every", "7m"));
    cr_expect(lt(dbl, dose(&p, 10 * CM_HOUR), 3600. / 20), "restarts keep it small");
}

Test(defects, a_pulse_comes_once_or_again)
{
    struct path p = path_of("pulse", SETTINGS("onset", "10m", "lasts", "5m"));
    cr_expect_eq(dose(&p, 10 * CM_HOUR), 300);
    cr_expect_eq(next(&p, 15 * CM_MINUTE).until, CM_NEVER);
    p = path_of("pulse", SETTINGS("onset", "10m", "lasts", "5m", "every", "1h"));
    cr_expect_eq(dose(&p, 10 * CM_HOUR), 10 * 300);
    cr_expect_eq(next(&p, 70 * CM_MINUTE).level, 1);
    cr_expect_eq(next(&p, 70 * CM_MINUTE - 1).level, 0);
}

/* On 1 of 4 parts; 4 standard errors of 10^4 cycles: sd of the share of an alternating renewal
 * process is about sqrt(2 / n) (p (1 - p)). */
Test(defects, bursts_are_on_for_their_share_of_the_time)
{
    struct path p = path_of("bursts", SETTINGS("on", "1m", "off", "3m"));
    double share = dose(&p, 40000 * CM_MINUTE) / cm_seconds(40000 * CM_MINUTE);
    cr_expect(epsilon_eq(dbl, share, 0.25, 4 * 0.25 * 0.75 * sqrt(2. / 10000)), "%g", share);
}

/* On at the onset with probability 1/4, in 10^4 paths. */
Test(defects, bursts_begin_in_their_stationary_state)
{
    struct path p = path_of("bursts", SETTINGS("onset", "1m", "on", "1m", "off", "3m"));
    int on = 0, n = 10000;
    for (int i = 0; i < n; i++) {
        struct cm_rng rng = cm_rng_stream(7, (uint64_t)i, 1, 0);
        p.kind->start(p.options, p.state, &rng);
        cr_assert_eq(next(&p, 0).level, 0);
        on += next(&p, CM_MINUTE).level > 0;
    }
    cr_expect(epsilon_eq(dbl, (double)on / n, 0.25, 4 * sqrt(0.25 * 0.75 / n)), "%d", on);
}

Test(defects, load_acts_above_its_rate_only)
{
    struct path p = path_of("load", SETTINGS("above", "100 rps"));
    cr_expect_eq(next(&p, 0).level, 1);
    cr_expect_not(p.kind->at_load(p.options, 100));
    cr_expect(p.kind->at_load(p.options, 100.001));
}

Test(defects, a_warm_up_fades_and_is_gone)
{
    struct path p = path_of("warm_up", SETTINGS("lasts", "5m"));
    cr_expect(epsilon_eq(dbl, dose(&p, CM_HOUR), 150, 1e-9));
    cr_expect_gt(next(&p, 0).level, 0.99);
    cr_expect(next(&p, 5 * CM_MINUTE).level == 0 && next(&p, 5 * CM_MINUTE).until == CM_NEVER);
}

Test(defects, profiles_with_impossible_numbers_are_refused)
{
    static const struct {
        const char *kind, *settings[7], *says;
    } cases[] = {
        {"pulse", {"lasts", "5m", "every", "5m", NULL}, "must be longer than lasts"},
        {"leak", {"full_after", "1h", "doubles_every", "1m", NULL}, "at most 32 doublings"},
        {"step", {"onset", "-1s", NULL}, "outside"},
        {"ramp", {"lasts", "0s", NULL}, "outside"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct path p;
        struct cm_err err = {0};
        cr_expect_eq(open_path(&p, cases[i].kind, cases[i].settings, &err), -1);
        cr_expect(strstr(err.text, cases[i].says) != NULL, "%s", err.text);
    }
}

Test(defects, every_profile_documents_itself_and_starts_at_any_time)
{
    for (size_t i = 0; cm_profile_kinds[i]; i++) {
        const struct cm_profile *kind = cm_profile_kinds[i];
        cr_expect(kind->kind.summary && kind->kind.source);
        for (const struct cm_param *p = kind->kind.params; p->name; p++)
            cr_expect(p->help && p->help[strlen(p->help) - 1] == '.', "%s", p->name);
        const char *above[] = {"above", "1 rps", NULL}, *none[] = {NULL};
        struct path path = path_of(kind->kind.name, kind->at_load ? above : none);
        for (cm_time t = 1; t < 300 * CM_DAY; t *= 3)
            cr_expect(next(&path, t).until > t, "%s at %g", kind->kind.name, cm_seconds(t));
    }
}

static int defect_of(struct cm_defect *d, const char *const *settings, struct cm_err *err)
{
    *d = (struct cm_defect){0};
    if (set_all(cm_defect_section.params, d, settings, err))
        return -1;
    return cm_defect_section.check(d, err);
}

Test(defects, a_defect_must_have_an_effect)
{
    static const struct {
        const char *settings[7], *says;
    } cases[] = {
        {{"error_rate", "+1.1pp", NULL}, NULL},
        {{"latency", "x3", NULL}, NULL},
        {{"slow_share", "2%", "slow_latency", "x8", NULL}, NULL},
        {{NULL}, "needs an effect"},
        {{"error_rate", "x1", NULL}, "needs an effect"},
        {{"slow_share", "2%", NULL}, "give slow_latency"},
        {{"slow_latency", "x8", "latency", "x2", NULL}, "give slow_share"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_defect d;
        struct cm_err err = {0};
        cr_expect_eq(defect_of(&d, cases[i].settings, &err), cases[i].says ? -1 : 0, "%s",
                     err.text);
        if (cases[i].says)
            cr_expect(strstr(err.text, cases[i].says) != NULL, "%s", err.text);
    }
}

static struct cm_defect good_defect(const char *const *settings)
{
    struct cm_defect d;
    struct cm_err err;
    cr_assert_eq(defect_of(&d, settings, &err), 0, "%s", err.text);
    return d;
}

Test(defects, an_effect_is_linear_in_its_level)
{
    struct cm_defect d = good_defect(SETTINGS("error_rate", "x3 +1pp", "latency", "x2 +100ms",
                                              "slow_share", "10%", "slow_latency", "x8 +1s"));
    struct cm_reply healthy = {0.01, cm_pace_usual()};
    struct cm_reply full = cm_effect_reply(&d, &healthy, 1),
                    half = cm_effect_reply(&d, &healthy, 0.5);
    cr_expect(epsilon_eq(dbl, full.error, 0.04, 1e-15));
    cr_expect(epsilon_eq(dbl, half.error, 0.025, 1e-15));
    cr_expect(full.pace.times == 2 && half.pace.times == 1.5);
    cr_expect(epsilon_eq(dbl, half.pace.plus_s, 0.05, 1e-15));
    cr_expect(epsilon_eq(dbl, half.pace.slow_share, 0.05, 1e-15));
    cr_expect(half.pace.slow_times == 8 && half.pace.slow_plus_s == 1);
    struct cm_reply none = cm_effect_reply(&d, &healthy, 0);
    cr_expect(none.error == 0.01 && none.pace.times == 1 && none.pace.slow_share == 0);
    cr_expect_eq(cm_effect_reply(&d, &healthy, 1000).error, 1);
}

Test(defects, a_defect_acts_on_top_of_the_weather)
{
    struct cm_defect d = good_defect(SETTINGS("error_rate", "+1pp", "latency", "x2"));
    struct cm_reply healthy = {0.2, cm_pace_changed(cm_pace_usual(), (struct cm_change){1, 0.5})};
    struct cm_reply reply = cm_effect_reply(&d, &healthy, 1);
    cr_expect(epsilon_eq(dbl, reply.error, 0.21, 1e-15));
    cr_expect(reply.pace.times == 2 && reply.pace.plus_s == 1);
}

Test(defects, blame_is_the_share_that_would_not_have_failed)
{
    cr_expect(epsilon_eq(dbl, cm_effect_blame(0.01, 0.04), 0.75, 1e-15));
    cr_expect_eq(cm_effect_blame(0.04, 0.01), 0, "what a defect saves is not counted against it");
    cr_expect_eq(cm_effect_blame(0.04, 0.04), 0);
    cr_expect_eq(cm_effect_blame(0, 0.1), 1);
    cr_expect_eq(cm_effect_blame(0, 0), 0);
}

/* P(slower than x with the defect, not without). */
static double slowed(const struct cm_law *law, const struct cm_pace *healthy,
                     const struct cm_pace *affected, double x)
{
    struct cm_slowed parts[2];
    double sum = 0;
    cm_effect_slowed(law, healthy, affected, x, parts);
    for (int i = 0; i < 2; i++)
        if (parts[i].until > x)
            sum += parts[i].share * (cm_pace_tail(law, &parts[i].pace, x) -
                                     cm_pace_tail(law, &parts[i].pace, parts[i].until));
    return sum;
}

/* L uniform on [0, 1] s. Doubled, it is above 1 s where L > 0.5, and never was before. With +0.3 s
 * in both: in time for L <= 0.7, doubled (2 L + 0.6) above for L > 0.2. */
Test(defects, a_request_is_slowed_if_its_healthy_self_was_in_time)
{
    static const struct cm_param row = {.name = "latency", .type = &cm_type_law};
    struct cm_law law;
    struct cm_err err;
    cr_assert_eq(cm_param_set(&row, &law, "uniform(high=1s)", &arena, &err), 0);
    struct cm_pace usual = cm_pace_usual(), late = {1, 0.3, 0, 1, 0};
    struct cm_pace doubled = {2, 0, 0, 1, 0}, both = {2, 0.6, 0, 1, 0};
    struct cm_pace some = {1, 0, 0.1, 4, 0}, halved = {0.5, 0, 0, 1, 0}, stuck = {0, 2, 0, 1, 0};
    cr_expect(epsilon_eq(dbl, slowed(&law, &usual, &doubled, 1), 0.5, 1e-15));
    cr_expect(epsilon_eq(dbl, slowed(&law, &late, &both, 1), 0.5, 1e-15));
    cr_expect(epsilon_eq(dbl, slowed(&law, &usual, &some, 1), 0.1 * 0.75, 1e-15));
    cr_expect(epsilon_eq(dbl, slowed(&law, &usual, &some, 0.5), 0.1 * 0.375, 1e-15));
    cr_expect(epsilon_eq(dbl, slowed(&law, &usual, &stuck, 0.5), 0.5, 1e-15));
    cr_expect_eq(slowed(&law, &usual, &halved, 0.2), 0);
    cr_expect_eq(slowed(&law, &usual, &usual, 0.2), 0);
}

Test(defects, the_defaults_of_defect_and_escape_hold)
{
    struct cm_escape escape;
    struct cm_err err;
    struct cm_defect d = good_defect(SETTINGS("error_rate", "x2"));
    cr_expect(d.scope.index == -1 && isnan(d.prior) && d.spill == 0 && !d.harmless);
    const char *none[] = {NULL};
    cr_assert_eq(set_all(cm_escape_section.params, &escape, none, &err), 0);
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&escape.detection, 0.5), 1800, 1e-9));
    cr_expect(cm_kind_find(cm_defect_section.kinds, cm_defect_section.kind_default) != NULL);
}
