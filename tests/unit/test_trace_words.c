/* What a trace says: numbers beside their limits, both arms, folded looks, JSON for programs. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "analysis/trace_parts.h"
#include "tests/unit/traced.h"

static struct traced t;

static struct cm_buffer text;

static void forget_text(void)
{
    cm_buffer_release(&text);
    traced_release(&t);
}

TestSuite(trace_words, .fini = forget_text);

/* A look of a gate on an error ratio, 1m before 00:05:00. */
static struct cm_trace_look look_at(struct cm_trace_signal *signal, double value, double limit)
{
    static const struct cm_named_metric errors = {.name = "errors",
                                                  .metric = {.window = 60 * CM_SECOND}};
    extern const struct cm_gate cm_gate_threshold;
    static struct cm_named_gate gate = {.name = "limit", .n_metrics = 1};
    gate.gate = &cm_gate_threshold;
    *signal = (struct cm_trace_signal){
        .metric = &errors,
        .from = 4 * CM_MINUTE,
        .arm = {[CM_STABLE] = {1.0 / 600, CM_PASS, 1800, 3}, [CM_CANARY] = {value, CM_PASS, 20, 1}},
    };
    struct cm_trace_look look = {.gate = &gate,
                                 .verdict = cm_verdict_of(CM_FAIL, 1),
                                 .windows = true,
                                 .signals = signal,
                                 .n_signals = 1};
    look.verdict.why.value = value;
    look.verdict.why.limit = limit;
    return look;
}

static void expect_verdict(const struct cm_trace_look *look, const char *want)
{
    cm_buffer_clear(&text);
    cm_trace_say_verdict(look, cm_buffer_writer(&text));
    cr_expect_str_eq(text.text, want);
}

Test(trace_words, a_value_stands_beside_its_limit)
{
    struct cm_trace_signal signal;
    struct cm_trace_look look = look_at(&signal, 0.05, 0.01);
    expect_verdict(&look, "errors 5 % > 1 %: the value is above max");
    look.verdict.rule = 0;
    look.verdict.why.value = 0;
    expect_verdict(&look, "errors 0 % < 1 %: the value is within its limits");
    look.verdict.why.value = 0.01;
    expect_verdict(&look, "errors 1 % = 1 %: the value is within its limits");
}

Test(trace_words, rounding_never_takes_a_value_to_its_limit)
{
    struct cm_trace_signal signal;
    struct cm_trace_look look = look_at(&signal, 0.0100002, 0.01);
    expect_verdict(&look, "errors 1.00002 % > 1 %: the value is above max");
    look.verdict.why.value = 0.012345;
    expect_verdict(&look, "errors 1.23 % > 1 %: the value is above max");
}

Test(trace_words, every_scale_has_its_words)
{
    struct cm_trace_signal signal;
    struct cm_trace_look look = look_at(&signal, 0.0123, 0.01);
    look.verdict.rule = -1;
    look.verdict.why.scale = CM_SCALE_DIFFERENCE;
    expect_verdict(&look, "errors against stable +1.23pp > +1pp");
    look.verdict.why.value = -0.0123;
    expect_verdict(&look, "errors against stable -1.23pp < +1pp");
    look.verdict.why = (struct cm_evidence){.scale = CM_SCALE_RATIO,
                                            .value = 2.5,
                                            .limit = 2,
                                            .low = 1.5,
                                            .high = 4,
                                            .p = 0.031234,
                                            .log_e = NAN};
    expect_verdict(&look, "errors against stable x2.5 [x1.5, x4] > x2, p 0.0312");
    look.verdict.why.value = INFINITY;
    look.verdict.why.low = NAN;
    expect_verdict(&look, "errors against stable inf > x2, p 0.0312");
    look.verdict.why.scale = CM_SCALE_P;
    look.verdict.why.value = look.verdict.why.p;
    look.verdict.why.limit = 0.01 / 3;
    expect_verdict(&look, "p 0.0312 > 0.00333");
    look.verdict.why.scale = CM_SCALE_LOG_E;
    look.verdict.why.value = 4.60518;
    look.verdict.why.limit = 4.60517;
    look.verdict.decisive = true;
    expect_verdict(&look, "log e 4.61 > 4.605, p 0.0312 (decisive)");
    look.verdict.why.scale = CM_SCALE_COUNT;
    look.verdict.why.value = 4;
    look.verdict.why.limit = 3;
    look.verdict.why.p = NAN;
    expect_verdict(&look, "errors 4 > 3 (decisive)");
    look.verdict.rule = 6;
    look.verdict.why.value = NAN;
    look.verdict.decisive = false;
    expect_verdict(&look, "the window holds no data");
}

static void expect_arms(const struct cm_trace_look *look, const char *want)
{
    cm_buffer_clear(&text);
    cm_trace_say_arms(look, 5 * CM_MINUTE, cm_buffer_writer(&text));
    cr_expect_str_eq(text.text ? text.text : "", want);
}

Test(trace_words, both_arms_are_counted)
{
    struct cm_trace_signal signal;
    struct cm_trace_look look = look_at(&signal, 0.05, 0.01);
    expect_arms(&look, "canary 1 of 20 (5 %), stable 3 of 1,800 (0.167 %) in 1m");
    signal.before = 0.25;
    expect_arms(&look, "canary 1 of 20 (5 %), stable 3 of 1,800 (0.167 %) in 1m, 25 % of it from "
                       "before the weight changed");
    signal.arm[CM_CANARY] = (struct cm_trace_arm){NAN, CM_NO_DATA, 0, 0};
    signal.before = 0;
    expect_arms(&look, "canary no requests, stable 3 of 1,800 (0.167 %) in 1m");
    signal.arm[CM_CANARY].state = CM_GATE_ERROR;
    expect_arms(&look, "");
    look.windows = false;
    look.counts_from = 0;
    look.verdict.why.x0 = 4, look.verdict.why.n0 = 4000, look.verdict.why.n1 = 16;
    expect_arms(&look, "canary 0 of 16 (0 %), stable 4 of 4,000 (0.1 %) since the release");
    look.counts_from = look.step_since = 3 * CM_MINUTE;
    expect_arms(&look, "canary 0 of 16 (0 %), stable 4 of 4,000 (0.1 %) since the step began");
    look.counts_from = CM_NEVER;
    expect_arms(&look, "canary 0 of 16 (0 %), stable 4 of 4,000 (0.1 %)");
}

Test(trace_words, slow_requests_are_counted_where_a_gate_counted_them)
{
    static const struct cm_named_metric latency = {.name = "p99",
                                                   .metric = {.signal = CM_LATENCY_QUANTILE}};
    struct cm_trace_signal signal;
    struct cm_trace_look look = look_at(&signal, 0.05, 0.01);
    signal.metric = &latency;
    look.windows = false;
    look.counts_from = CM_NEVER;
    look.verdict.why.n0 = 4000, look.verdict.why.n1 = 1;
    expect_arms(&look, "canary 1 request, stable 4,000 requests");
    look.verdict.why.x0 = 4;
    expect_arms(&look, "canary 0 slow of 1 (0 %), stable 4 slow of 4,000 (0.1 %)");
}

Test(trace_words, times_count_from_the_release)
{
    cm_trace_say_time(75 * CM_SECOND, false, cm_buffer_writer(&text));
    cm_print(cm_buffer_writer(&text), " ");
    cm_trace_say_time(100 * CM_HOUR + 59 * CM_MINUTE + 1999999999, true, cm_buffer_writer(&text));
    cr_expect_str_eq(text.text, "00:01:15 100:59:01.999");
}

/* Lines may be broken anywhere. */
static void expect_outcome(const char *want)
{
    size_t n = 0;
    cm_buffer_clear(&text);
    cm_trace_say_outcome(&t.trace, cm_buffer_writer(&text));
    for (const char *c = text.text; *c; c++)
        if (!strchr(" \n", *c) || !strchr(" \n", c[1]))
            text.text[n++] = *c == '\n' ? ' ' : *c;
    text.text[n] = '\0';
    cr_expect(strstr(text.text, want), "%s", text.text);
}

Test(trace_words, the_outcome_says_whether_it_was_right)
{
    traced_record(&t, SCENARIO "rollback\n", BAD, 0);
    struct cm_outcome *o = &t.trace.outcome;
    *o = (struct cm_outcome){.end = CM_ROLLED_BACK,
                             .gate = 0,
                             .rule = 1,
                             .ended_at = CM_MINUTE,
                             .onset = 45 * CM_SECOND,
                             .mitigated_at = CM_MINUTE,
                             .detected = true};
    expect_outcome("Rolled back at 00:01:00, in step 1 by gate limit (the value is above max).");
    expect_outcome("Time to mitigation: 15s, by the rollback.");
    o->detected = false, o->early_rollback = true;
    expect_outcome("Before the onset, when there was nothing to detect yet.");
    o->early_rollback = false;
    o->end = CM_PROMOTED, o->mitigated_at = CM_NEVER;
    expect_outcome("The defect was missed.");
    expect_outcome("not reached");
    t.trace.defect = &t.scenario.defects[COSMETIC];
    o->end = CM_ROLLED_BACK;
    expect_outcome("A false rollback: nobody minds this defect.");
    t.trace.defect = NULL;
    expect_outcome("A false rollback: the release was healthy.");
    o->end = CM_PROMOTED;
    expect_outcome("Rightly: the release was healthy.");
    o->end = CM_TIMED_OUT;
    expect_outcome("Not decided; the observation ended at 00:01:00");
}

/* --- whole texts --- */

static const struct cm_trace_options how = {.version = "0.1.0"};

static size_t occurrences(const char *needle)
{
    size_t n = 0;
    for (const char *at = text.text; (at = strstr(at, needle)); at++)
        n++;
    return n;
}

Test(trace_words, no_line_is_wider_than_100_columns)
{
    load_text(&t.scenario, SCENARIO "hold\n", NULL);
    for (int release = HEALTHY; release <= COSMETIC; release++) {
        const struct cm_plan plan = {.scenario = &t.scenario, .release = release, .strength = 1};
        cm_trace_record(&t.trace, &plan, 0);
        cm_trace_write_text(&t.trace, &how, cm_buffer_writer(&text));
        cm_trace_release(&t.trace);
    }
    for (const char *line = text.text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        cr_expect(length <= 100, "%.*s", (int)length, line);
        cr_expect(length == 0 || line[length - 1] != ' ', "%.*s|", (int)length, line);
    }
}

Test(trace_words, folding_leaves_out_repetitions_and_nothing_else)
{
    traced_record(
        &t,
        "[scenario]\nhorizon = 2h\n[traffic]\nrate = 30 rps\n[service]\nerror_rate = 1%\n"
        "[metric.errors]\nsignal = error_ratio\n"
        "[gate.never]\ntest = threshold\nmetric = errors\nmax = 90%\n"
        "[policy.p]\nsteps = 10%/10m, 20%/1m, 50%/2m, 100%\nlook_every = 1m\ngates = never\n",
        HEALTHY, 0);
    cm_trace_write_text(&t.trace, &how, cm_buffer_writer(&text));
    cr_expect_eq(occurrences("10 looks passed, every 1m, errors "), 1);
    cr_expect_eq(occurrences("looks passed"), 1, "two looks are told as they are");
    cr_expect_eq(occurrences("  never  pass  "), 1 + 1 + 2);
    cr_expect_eq(occurrences("-> advances to 20 % (step 2): the look passes; a step begins"), 1);
    cm_buffer_clear(&text);
    const struct cm_trace_options all = {.version = "0.1.0", .all = true};
    cm_trace_write_text(&t.trace, &all, cm_buffer_writer(&text));
    cr_expect_eq(occurrences("looks passed"), 0);
    cr_expect_eq(occurrences("  never  pass  "), t.trace.outcome.looks);
}

Test(trace_words, looks_by_different_rules_are_not_folded)
{
    traced_record(&t,
                  "[scenario]\nhorizon = 2h\n[traffic]\nrate = 30 rps\n[service]\nerror_rate = 1%\n"
                  "[defect.bad]\nerror_rate = +0.1pp\n[metric.errors]\nsignal = error_ratio\n"
                  "[gate.test]\ntest = two_proportion\nmetric = errors\nalpha = 0.01%\n"
                  "min_errors = 80\n"
                  "[policy.p]\nsteps = 10%/10m, 100%\nlook_every = 30s\ngates = test\n",
                  BAD, 0);
    cm_trace_write_text(&t.trace, &how, cm_buffer_writer(&text));
    cr_expect_eq(occurrences("there are too few errors to object"), 1);
    cr_expect_eq(occurrences(": the canary's error ratio is not"), 1);
    cr_expect_eq(occurrences("onset: from here on bad can touch requests"), 1);
}

Test(trace_words, a_relative_limit_is_said_as_a_multiple)
{
    traced_record(&t, SCENARIO "hold\n", BAD, 0);
    cm_trace_write_text(&t.trace, &how, cm_buffer_writer(&text));
    cr_expect_gt(occurrences("p90 against stable x"), 3);
    cr_expect_gt(occurrences(" < x3: "), 3);
}

/* --- for programs --- */

static json_t *parse_line(const char **line)
{
    json_error_t error;
    size_t length = strcspn(*line, "\n");
    json_t *object = json_loadb(*line, length, 0, &error);
    cr_assert_not_null(object, "%s: %.*s", error.text, (int)length, *line);
    *line += length + 1;
    return object;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    cr_assert_not_null(value, "%s", key);
    return json_is_null(value) ? NAN : json_number_value(value);
}

Test(trace_words, jsonl_has_every_event_and_exact_numbers)
{
    traced_record(&t, SCRAPED "hold\n", BAD, 2);
    cm_trace_write_jsonl(&t.trace, &how, cm_buffer_writer(&text));
    const char *line = text.text;
    json_t *object = parse_line(&line);
    cr_expect_eq(number(object, "schema_version"), 1);
    cr_expect_eq(json_array_size(json_object_get(object, "gates")), 4);
    json_decref(object);
    for (size_t i = 0; i < t.trace.n; i++) {
        const struct cm_trace_event *e = &t.trace.events[i];
        object = parse_line(&line);
        cr_expect_eq(number(object, "at_s"), cm_seconds(e->at));
        cr_expect_eq(number(object, "canary_share"), e->canary_share);
        if (e->look) {
            const struct cm_evidence *why = &e->look->verdict.why;
            double value = number(object, "value");
            cr_expect_str_eq(json_string_value(json_object_get(object, "event")), "look");
            cr_expect(value == why->value || (isnan(value) && !isfinite(why->value)));
            cr_expect_eq(number(object, "canary_requests"), (double)why->n1);
        }
        json_decref(object);
    }
    object = parse_line(&line);
    cr_expect_str_eq(json_string_value(json_object_get(object, "event")), "outcome");
    cr_expect_eq(number(object, "evaluations"), t.trace.outcome.evaluations);
    json_decref(object);
    cr_expect_eq(*line, '\0');
}
