/* The argo_metric gate: what a look's window is to a condition, and the labels it makes. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/unit/gate_bench.h"

enum { ERRORS = 3, REQUESTS = 100 };

Test(argo_metric, one_condition_says_the_other_too)
{
    struct bench b = bench_of("argo_metric", "success_condition", "result[0] < 0.03", NULL);
    struct cm_verdict at = bench_look(&b, 0, 900, 3, 100), below = bench_look(&b, 0, 900, 2, 100);
    cr_expect(at.label == CM_FAIL && below.label == CM_PASS);
    cr_expect(!at.decisive && at.why.value == 0.03 && at.why.limit == 0.03);
    cr_expect(at.why.x1 == 3 && at.why.n1 == 100);
    cr_expect(strstr(b.gate->rules[at.rule], "Failed") != NULL);
    bench_release(&b);
    b = bench_of("argo_metric", "failure_condition", "result[0] >= 0.03", NULL);
    cr_expect(bench_look(&b, 0, 900, 3, 100).label == CM_FAIL);
    cr_expect(bench_look(&b, 0, 900, 2, 100).label == CM_PASS);
    bench_release(&b);
}

Test(argo_metric, between_two_conditions_a_measurement_is_inconclusive)
{
    struct bench b = bench_of("argo_metric", "success_condition", "result[0] < 0.01",
                              "failure_condition", "result[0] > 0.05", NULL);
    cr_expect(bench_look(&b, 0, 900, 0, 100).label == CM_PASS);
    cr_expect(bench_look(&b, 0, 900, 3, 100).label == CM_UNDECIDED);
    cr_expect(bench_look(&b, 0, 900, 6, 100).label == CM_FAIL);
    bench_release(&b);
}

/* docs/features/analysis.md of argo-rollouts, "Empty array", "NaN and infinity". */
Test(argo_metric, no_data_is_what_the_query_makes_of_it)
{
    static const struct {
        const char *success, *failure, *result, *no_data;
        enum cm_label label;
    } cases[] = {
        {"result[0] < 0.05", "none", "vector", "nan", CM_FAIL},
        {"none", "result[0] > 0.05", "vector", "nan", CM_PASS},
        {"result[0] < 0.05", "result[0] > 0.1", "vector", "nan", CM_UNDECIDED},
        {"isNaN(result) || result < 0.05", "none", "scalar", "nan", CM_PASS},
        {"result[0] < 0.05", "none", "vector", "empty", CM_GATE_ERROR},
        {"none", "result[0] > 0.05", "vector", "empty", CM_GATE_ERROR},
        {"len(result) == 0 || result[0] < 0.05", "none", "vector", "empty", CM_PASS},
        {"len(result) > 0 && result[0] < 0.05", "none", "vector", "empty", CM_FAIL},
        {"result < 0.05", "none", "scalar", "empty", CM_GATE_ERROR},
        {"default(result, 0) < 0.05", "none", "scalar", "empty", CM_PASS},
        {"default(result, 1) < 0.05", "none", "scalar", "empty", CM_FAIL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b = bench_of("argo_metric", "success_condition", cases[i].success,
                                  "failure_condition", cases[i].failure, "result", cases[i].result,
                                  "no_data", cases[i].no_data, NULL);
        cr_expect(bench_look(&b, 0, 900, 0, 0).label == cases[i].label, "case %zu", i);
        bench_release(&b);
    }
}

Test(argo_metric, a_monitor_that_does_not_answer_is_an_error)
{
    struct bench b = bench_of("argo_metric", "success_condition", "true", NULL);
    struct cm_signal signal = {.state = {[CM_CANARY] = CM_GATE_ERROR}};
    const struct cm_look look = {.signals = &signal, .n_signals = 1};
    cr_expect(b.gate->look(b.options, b.state, &look).label == CM_GATE_ERROR);
    bench_release(&b);
}

Test(argo_metric, what_cannot_be_judged_is_refused_at_load)
{
    struct cm_err err = bench_refusal(NULL, "argo_metric", NULL);
    cr_expect(strstr(err.text, "no condition is set") != NULL, "%s", err.text);
    err = bench_refusal(NULL, "argo_metric", "success_condition", "result < 0.5", NULL);
    cr_expect(strstr(err.text, "success_condition with result = vector: position 8") != NULL, "%s",
              err.text);
    err = bench_refusal(NULL, "argo_metric", "result", "scalar", "failure_condition",
                        "result[0] > 0.5", NULL);
    cr_expect(strstr(err.text, "no items in a real") != NULL, "%s", err.text);
    err = bench_refusal(NULL, "argo_metric", "success_condition", "result ?? 1", NULL);
    cr_expect(strstr(err.text, "accepted: result, numbers") != NULL && err.at == 7, "%s", err.text);
}

/* The limit is shown where there is one to show. */
Test(argo_metric, evidence_shows_a_plain_limit)
{
    struct bench b =
        bench_of("argo_metric", "success_condition", "result < 0.25", "result", "scalar", NULL);
    cr_expect(bench_look(&b, 0, 900, ERRORS, REQUESTS).why.limit == 0.25);
    bench_release(&b);
    b = bench_of("argo_metric", "success_condition", "len(result) == 0 || result[0] < 0.2", NULL);
    cr_expect(isnan(bench_look(&b, 0, 900, ERRORS, REQUESTS).why.limit));
    bench_release(&b);
}
