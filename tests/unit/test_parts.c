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

/* --- scores, e-values, p-values --- */

/* 3 of 4 is 75 %: at the limit of marginal; by weights 1, 1, 6, 2 as many tenths. */
Test(parts, a_score_is_the_weighted_share_of_what_passes)
{
    static const struct {
        const char *parts;
        double score;
        enum cm_label label;
    } rows[] = {
        {"pppp", 1, CM_PASS},        {"pppf", 0.8, CM_UNDECIDED},
        {"ffpp", 0.8, CM_UNDECIDED}, {"ppfp", 0.4, CM_FAIL},
        {"ffff", 0, CM_FAIL},        {"unpe", 1, CM_PASS},
        {"punf", 1.0 / 3, CM_FAIL},  {"fnpn", 6.0 / 7, CM_UNDECIDED},
    };
    struct bench b = bench_of("score", "of", "a, b, c, d", "weights", "1, 1, 6, 2", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cm_verdict v = letters_look(&b, rows[i].parts);
        cr_expect_float_eq(v.why.value, rows[i].score, 1e-12, "%s: %g", rows[i].parts, v.why.value);
        cr_expect_eq(v.label, rows[i].label, "%s is %s", rows[i].parts, cm_label_names[v.label]);
    }
    cr_expect_eq(letters_look(&b, "unnu").label, CM_NO_DATA,
                 "the worst of those without an answer");
    bench_release(&b);
    b = bench_of("score", "of", "a, b, c, d", NULL);
    cr_expect_eq(letters_look(&b, "pppf").label, CM_UNDECIDED, "75 %% is not below 75 %%");
    cr_expect_eq(letters_look(&b, "ppff").label, CM_FAIL);
    bench_release(&b);
    b = bench_of("score", "of", "a, b, c, d", "missing", "fail", NULL);
    cr_expect_float_eq(letters_look(&b, "pnpp").why.value, 0.75, 1e-12);
    bench_release(&b);
}

static struct cm_verdict evidence_look(struct bench *b, const double *p, const double *log_e,
                                       size_t n)
{
    struct cm_verdict parts[8];
    for (size_t i = 0; i < n; i++) {
        parts[i] = part_of(CM_PASS, false);
        parts[i].why.p = p ? p[i] : (double)NAN;
        parts[i].why.log_e = log_e ? log_e[i] : (double)NAN;
    }
    return parts_look(b, parts, n);
}

/* By hand: (200 + 50) / 2 = 125, (200 + 1) / 2, and with weights 1, 3: (150 + 3 * 84) / 4. */
Test(parts, e_average_is_the_mean_of_e_values)
{
    struct bench b = bench_of("e_average", "of", "a, b", NULL);
    const double both[] = {log(200), log(50)}, one[] = {log(200), NAN}, none[] = {0, 0};
    struct cm_verdict v = evidence_look(&b, NULL, both, 2);
    cr_expect_float_eq(v.why.log_e, log(125), 1e-12);
    cr_expect(v.label == CM_FAIL && v.decisive);
    cr_expect_eq(evidence_look(&b, NULL, none, 2).label, CM_FAIL, "the evidence was there");
    bench_restart(&b);
    v = evidence_look(&b, NULL, one, 2);
    cr_expect_float_eq(v.why.log_e, log(100.5), 1e-12, "a silent part counts as 1");
    bench_restart(&b);
    cr_expect_eq(evidence_look(&b, NULL, NULL, 2).label, CM_PASS, "parts without evidence pass");
    bench_release(&b);
    b = bench_of("e_average", "of", "a, b", "weights", "1, 3", NULL);
    const double weighted[] = {log(150), log(84)};
    v = evidence_look(&b, NULL, weighted, 2);
    cr_expect_float_eq(v.why.log_e, log(402 / 4.0), 1e-12);
    cr_expect_eq(v.label, CM_FAIL);
    bench_release(&b);
}

/* p = 0.01, 0.02, 0.03, 0.04: Holm 0.04, 0.06, 0.06, 0.06; Hochberg and Benjamini 0.04 all. */
Test(parts, holm_adjusts_p_values_for_each_other)
{
    static const double p[] = {0.04, 0.01, 0.03, 0.02};
    static const struct {
        const char *method, *rejected;
        double adjusted;
    } rows[] = {{"holm", "1", 0.04},     {"holm", "2", 0.06},     {"holm", "4", 0.06},
                {"hochberg", "1", 0.04}, {"hochberg", "4", 0.04}, {"benjamini", "1", 0.04},
                {"benjamini", "4", 0.04}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b = bench_of("holm", "of", "a, b, c, d", "alpha", "5%", "method",
                                  rows[i].method, "rejected", rows[i].rejected, NULL);
        struct cm_verdict v = evidence_look(&b, p, NULL, 4);
        cr_expect_float_eq(v.why.p, rows[i].adjusted, 1e-12, "%s %s: %g", rows[i].method,
                           rows[i].rejected, v.why.p);
        cr_expect_eq(v.label, rows[i].adjusted <= 0.05 ? CM_FAIL : CM_PASS);
        bench_release(&b);
    }
}

/* A missing metric counts among the m: 0.01 times 2. */
Test(parts, holm_never_gains_by_a_missing_p_value)
{
    struct bench b = bench_of("holm", "of", "a, b", "alpha", "1.5%", NULL);
    const double one[] = {0.01, NAN};
    struct cm_verdict v = evidence_look(&b, one, NULL, 2);
    cr_expect_float_eq(v.why.p, 0.02, 1e-12);
    cr_expect_eq(v.label, CM_PASS);
    cr_expect_eq(evidence_look(&b, NULL, NULL, 2).label, CM_PASS, "what the parts say");
    bench_release(&b);
}

Test(parts, what_makes_no_sense_is_refused)
{
    cr_expect_str_eq(bench_refusal(NULL, "score", "of", "a, b", "weights", "1, 2, 3", NULL).text,
                     "weights: 3 for 2 parts");
    cr_expect_str_eq(bench_refusal(NULL, "score", "of", "a, b", "weights", "0, 0", NULL).text,
                     "weights: all are 0");
    cr_expect_str_eq(
        bench_refusal(NULL, "score", "of", "a", "fail_below", "90%", "pass_at", "80%", NULL).text,
        "fail_below (0.9) must not be above pass_at (0.8)");
    cr_expect_str_eq(bench_refusal(NULL, "holm", "of", "a, b", "rejected", "3", NULL).text,
                     "rejected = 3 of 2 parts");
    cr_expect_neq(bench_refusal(NULL, "score", "of", "a", "weights", "1, x", NULL).text[0], 0);
}
