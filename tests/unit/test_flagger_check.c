/* Flagger's metrics as a gate, and its words for them. Expected answers are those of fluxcd/flagger
 * v1.44.0, pkg/controller/scheduler_metrics.go. */
#include "sim/controllers/sentence.h"
#include "sim/gates/flagger_check.h"
#include "tests/unit/gate_bench.h"

static struct cm_verdict look_at(const struct bench *b, const struct cm_signal *signal)
{
    const struct cm_look look = {.signals = signal, .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

/* A window with x errors in n requests. */
static struct cm_verdict look_at_counts(const struct bench *b, uint64_t x, uint64_t n)
{
    struct cm_signal s = {.value = {NAN, n ? (double)x / (double)n : NAN, NAN}};
    s.state[CM_CANARY] = n ? CM_PASS : CM_NO_DATA;
    s.x[CM_CANARY] = x, s.n[CM_CANARY] = n;
    return look_at(b, &s);
}

static struct cm_verdict look_at_value(const struct bench *b, double value)
{
    struct cm_signal s = {.value = {NAN, value, NAN}};
    return look_at(b, &s);
}

Test(flagger_check, a_success_rate_at_its_limit_passes_and_is_compared_as_counts)
{
    struct bench b = bench_of("flagger_check", "check", "request_success_rate", "metric", "m",
                              "min", "99%", "max", "99.5%", NULL);
    static const struct {
        uint64_t x, n;
        int rule;
    } rows[] = {{3, 300, CM_CHECK_FINE},
                {301, 30000, CM_CHECK_SUCCESS_RATE_LOW},
                {5, 1000, CM_CHECK_FINE},
                {4, 1000, CM_CHECK_SUCCESS_RATE_HIGH},
                {0, 0, CM_CHECK_NO_SUCCESS_RATE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(look_at_counts(&b, rows[i].x, rows[i].n).rule, rows[i].rule, "row %zu", i);
    struct cm_verdict v = look_at_counts(&b, 301, 30000);
    cr_expect(v.label == CM_FAIL && v.why.limit == 0.01 && v.why.x1 == 301 && v.why.n1 == 30000);
    cm_arena_release(&b.arena);
}

/* 500.9 ms pass 500 ms, 0.9 ms pass 0.5 ms, which means 0; a whole millisecond is never cut. */
Test(flagger_check, durations_and_their_limits_are_cut_to_milliseconds)
{
    struct bench b = bench_of("flagger_check", "check", "request_duration", "metric", "m", "max",
                              "500ms", "min", "10ms", NULL);
    cr_expect_eq(look_at_value(&b, 0.5009).label, CM_PASS);
    cr_expect_eq(look_at_value(&b, 0.501).rule, CM_CHECK_DURATION_HIGH);
    cr_expect_eq(look_at_value(&b, 0.0099).rule, CM_CHECK_DURATION_LOW);
    struct bench low =
        bench_of("flagger_check", "check", "request_duration", "metric", "m", "max", "0.5ms", NULL);
    cr_expect_eq(look_at_value(&low, 0.0009).label, CM_PASS);
    cr_expect_eq(look_at_value(&low, 0.0012).label, CM_FAIL);
    for (int ms = 1; ms < 5000; ms++)
        cr_expect(round(1000 * look_at_value(&b, ms / 1000.0).why.value) == ms);
    cm_arena_release(&b.arena);
    cm_arena_release(&low.arena);
}

Test(flagger_check, no_value_and_no_answer_are_told_apart_and_no_limit_passes_any_value)
{
    struct bench b = bench_of("flagger_check", "metric", "m", NULL);
    struct cm_signal broken = {.value = {NAN, NAN, NAN}, .state = {[CM_CANARY] = CM_GATE_ERROR}};
    cr_expect_eq(look_at_value(&b, 1e9).label, CM_PASS);
    cr_expect_eq(look_at_value(&b, NAN).label, CM_NO_DATA);
    cr_expect_eq(look_at(&b, &broken).rule, CM_CHECK_QUERY_BROKEN);
    cm_arena_release(&b.arena);
}

Test(flagger_check, refuses_metrics_that_it_cannot_read_so)
{
    const struct cm_metric errors = {.signal = CM_ERROR_RATIO}, rate = {.signal = CM_REQUEST_RATE};
    struct cm_err err = bench_refusal(&rate, "flagger_check", "metric", "m", "check",
                                      "request_success_rate", "min", "99%", NULL);
    cr_expect(strstr(err.text, "error_ratio"), "%s", err.text);
    err = bench_refusal(&errors, "flagger_check", "metric", "m", "check", "request_duration", NULL);
    cr_expect(strstr(err.text, "latency_quantile or latency_mean"), "%s", err.text);
    err = bench_refusal(&errors, "flagger_check", "metric", "m", "max", "500ms", NULL);
    cr_expect(strstr(err.text, "max"), "%s", err.text);
    err = bench_refusal(NULL, "flagger_check", "metric", "m", "min", "2", "max", "1", NULL);
    cr_expect(strstr(err.text, "no value passes"), "%s", err.text);
}

/* --- sentences -------------------------------------------------------------------------------- */

static void write_word(const void *self, const char *blank, size_t length, int id,
                       struct cm_writer to)
{
    cm_print(to, "%s%.*s%d", (const char *)self, (int)length, blank, id);
}

/* time.Duration.String of Go; fmt's %.2f and %v. */
Test(sentence, blanks_are_filled_as_go_writes_them)
{
    static const struct {
        const char *sentence;
        double value, limit;
        const char *want;
    } rows[] = {
        {"plain", 0, 0, "plain"},
        {"{value.go} > {limit.go}", 1.515, 0.5, "1.515s > 500ms"},
        {"{value.go} {limit.go}", 0, 0.001, "0s 1ms"},
        {"{value.go} {limit.go}", 90, 3723.5, "1m30s 1h2m3.5s"},
        {"{value%.2}% < {limit%}%", 0.98995, 0.99, "99.00% < 99%"},
        {"{value.2} > {limit}", 5.1, 0.5, "5.10 > 0.5"},
        {"{x}/{n} of {app}{ns}!", 0, 0, "3/10 of <app7<ns7!"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cm_evidence why = cm_verdict_of(CM_PASS, -1).why;
        const struct cm_words words = {"<", write_word};
        struct cm_buffer text = {0};
        why.value = rows[i].value, why.limit = rows[i].limit;
        why.x1 = 3, why.n1 = 10, why.id = 7;
        cm_sentence_write(rows[i].sentence, &why, &words, cm_buffer_writer(&text));
        cr_expect(strcmp(text.text, rows[i].want) == 0, "%s", text.text);
        cm_buffer_release(&text);
    }
}
