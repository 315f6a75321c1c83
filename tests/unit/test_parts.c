/* Gates made of gates: truth tables, and that the engine asks the parts first, once, at the same
 * instant. Tables: Kleene's strong logic of three values, by hand. */
#include <stdio.h>

#include "sim/engine/replicate.h"
#include "tests/stat/scenario_text.h"
#include "tests/unit/parts_bench.h"

struct row {
    const char *parts;
    enum cm_label label;
    bool decisive;
};

static void expect_rows(const char *gate, const struct row *rows, size_t n)
{
    struct bench b = bench_of(gate, "of", "a, b, c", NULL);
    for (size_t i = 0; i < n; i++) {
        struct cm_verdict v = letters_look(&b, rows[i].parts);
        cr_expect_eq(v.label, rows[i].label, "%s of %s is %s", gate, rows[i].parts,
                     cm_label_names[v.label]);
        cr_expect_eq(v.decisive, rows[i].decisive, "%s of %s", gate, rows[i].parts);
    }
    bench_release(&b);
}

#define EXPECT_ROWS(gate, rows) expect_rows(gate, rows, sizeof rows / sizeof *rows)

Test(parts, any_is_the_worst_of_its_parts)
{
    static const struct row rows[] = {
        {"p", CM_PASS, false},         {"f", CM_FAIL, false},        {"ppp", CM_PASS, false},
        {"pPp", CM_PASS, true},        {"puf", CM_FAIL, false},      {"puF", CM_FAIL, true},
        {"fF", CM_FAIL, true},         {"pu", CM_UNDECIDED, false},  {"un", CM_NO_DATA, false},
        {"une", CM_GATE_ERROR, false}, {"Pe", CM_GATE_ERROR, false}, {"ef", CM_FAIL, false},
    };
    EXPECT_ROWS("any", rows);
}

Test(parts, all_is_the_best_of_its_parts)
{
    static const struct row rows[] = {
        {"p", CM_PASS, false},        {"f", CM_FAIL, false},       {"fff", CM_FAIL, false},
        {"fFf", CM_FAIL, false},      {"FFF", CM_FAIL, true},      {"ffp", CM_PASS, false},
        {"fP", CM_PASS, true},        {"fu", CM_UNDECIDED, false}, {"fn", CM_NO_DATA, false},
        {"fe", CM_GATE_ERROR, false}, {"en", CM_NO_DATA, false},   {"nu", CM_UNDECIDED, false},
    };
    EXPECT_ROWS("all", rows);
}

#define WORLD                                                                                      \
    "[traffic]\narrivals = poisson\nrate = 50 rps\n[service]\nerror_rate = 2%\n"                   \
    "[defect.bad]\nerror_rate = +3pp\n[metric.errors]\nsignal = error_ratio\nwindow = 40s\n"       \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 3.5%\n"                                \
    "[gate.origin]\ntest = origin_mixture\nmetric = errors\n"                                      \
    "[gate.both]\ntest = all\nof = limit, origin\n[gate.outer]\ntest = any\nof = both\n"           \
    "[gate.either]\ntest = any\nof = limit, origin\n"                                              \
    "[policy.p]\nsteps = 10%/5m, 50%/5m\nlook_every = 30s\ngates = "

enum { N = 20 };

static void play(const char *gates, struct cm_outcome *rows)
{
    char text[2000];
    struct cm_scenario s = {0};
    snprintf(text, sizeof text, "%s%s\n", WORLD, gates);
    load_text(&s, text, NULL);
    const struct cm_plan plan = {.scenario = &s, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < N; i++)
        rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&s);
}

Test(parts, a_policy_that_lists_gates_and_one_that_asks_any_of_them_end_alike)
{
    struct cm_outcome listed[N], composed[N];
    play("limit, origin", listed);
    play("either", composed);
    for (int i = 0; i < N; i++) {
        cr_expect_eq(listed[i].end, composed[i].end);
        cr_expect_eq(listed[i].ended_at, composed[i].ended_at);
        cr_expect_eq(listed[i].rollout.requests, composed[i].rollout.requests);
    }
}

Test(parts, parts_are_asked_once_with_the_composite_and_count_as_evaluations)
{
    struct cm_outcome outer[N], beside[N];
    play("outer", outer);
    play("outer, origin", beside);
    int rolled_back = 0;
    for (int i = 0; i < N; i++) {
        cr_expect_eq(outer[i].evaluations, 4 * outer[i].looks, "outer, both, limit, origin");
        cr_expect_eq(beside[i].evaluations, 4 * beside[i].looks, "origin is asked once");
        cr_expect(outer[i].end != CM_ROLLED_BACK || outer[i].gate == 0);
        rolled_back += outer[i].end == CM_ROLLED_BACK;
        cr_expect_leq(beside[i].ended_at, outer[i].ended_at, "one more can object");
    }
    cr_expect_gt(rolled_back, N / 2);
}
