/* Kayenta's gate: which points it reads, and what its options do. Labels of a metric and scores are
 * held to known answers in tests/oracle; the series here are far apart or alike, so that their
 * labels are plain. */
#include "tests/unit/gate_bench.h"

#include "sim/gates/type_lists.h"

enum { POINTS = 20, MOST = 4 };

/* Series of one point a minute that end at `now`, of up to MOST metrics. */
struct shown {
    double control[MOST][POINTS], canary[MOST][POINTS];
    struct cm_signal_series series[MOST];
    struct cm_signal signals[MOST];
    struct cm_look look;
};

/* Metric m of the canary is around `level`[m], of the control around 100. */
static struct shown *show(struct shown *s, const double *level, size_t n)
{
    *s = (struct shown){.look = {.now = POINTS * CM_MINUTE,
                                 .since_step = POINTS * CM_MINUTE,
                                 .control = CM_STABLE,
                                 .n_signals = n}};
    s->look.signals = s->signals;
    for (size_t m = 0; m < n; m++) {
        for (int i = 0; i < POINTS; i++) {
            s->control[m][i] = 100 + i % 5;
            s->canary[m][i] = isnan(level[m]) ? (double)NAN : level[m] + (i * 3) % 5;
        }
        s->series[m] = (struct cm_signal_series){
            .value = {[CM_STABLE] = s->control[m], [CM_CANARY] = s->canary[m]},
            .n = {[CM_STABLE] = POINTS, [CM_CANARY] = POINTS},
            .at = POINTS * CM_MINUTE,
        };
        s->signals[m].series = &s->series[m];
    }
    return s;
}

static struct cm_verdict ask(struct bench *b, const struct shown *s)
{
    return b->gate->look(b->options, b->state, &s->look);
}

static const char *said(const struct bench *b, const struct cm_verdict *v)
{
    return b->gate->rules[v->rule];
}

Test(kayenta_gate, a_canary_that_is_alike_passes_with_its_score_and_limits)
{
    const double same[] = {100, 100};
    struct shown s;
    struct bench b = bench_of("kayenta", "metrics", "a, b", NULL);
    struct cm_verdict v = ask(&b, show(&s, same, 2));
    cr_expect_eq(v.label, CM_PASS);
    cr_expect_eq(v.why.scale, CM_SCALE_SCORE);
    cr_expect(v.why.value == 100 && v.why.limit == 95 && v.why.low == 75 && v.why.high == 95);
    cr_expect_str_eq(said(&b, &v), "the score reaches pass");
    bench_release(&b);
}

Test(kayenta_gate, scores_between_the_thresholds_are_undecided_and_below_fail)
{
    const double one_of_four[] = {200, 100, 100, 100}, two_of_four[] = {200, 200, 100, 100};
    struct shown s;
    struct bench b = bench_of("kayenta", "metrics", "a, b, c, d", NULL);
    struct cm_verdict v = ask(&b, show(&s, one_of_four, 4));
    cr_expect(v.label == CM_UNDECIDED && v.why.value == 75 && v.why.limit == 95);
    v = ask(&b, show(&s, two_of_four, 4));
    cr_expect(v.label == CM_FAIL && v.why.value == 50 && v.why.limit == 75);
    cr_expect_str_eq(said(&b, &v), "the score is below marginal");
    bench_release(&b);
}

Test(kayenta_gate, one_option_holds_for_all_metrics_and_a_list_for_each)
{
    const double high_low[] = {200, 20};
    const struct {
        const char *direction;
        double score;
    } cases[] = {{"either", 0},
                 {"increase", 50},
                 {"decrease", 50},
                 {"increase, decrease", 0},
                 {"decrease, increase", 100}};
    struct shown s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b =
            bench_of("kayenta", "metrics", "a, b", "direction", cases[i].direction, NULL);
        struct cm_verdict v = ask(&b, show(&s, high_low, 2));
        cr_expect_eq(v.why.value, cases[i].score, "%s: %g", cases[i].direction, v.why.value);
        bench_release(&b);
    }
}

Test(kayenta_gate, groups_weigh_and_a_metric_in_none_does_not)
{
    const double second_bad[] = {100, 200};
    const struct {
        const char *groups, *weights;
        double score;
    } cases[] = {
        {"all", "none", 50},
        {"a, b", "a 80, b 20", 80},
        {"a, b", "a 80", 80}, /* b has what is left */
        {"a, none", "none", 100},
        {"a, a + b", "a 50, b 50", 25}, /* half of a, nothing of b */
        {"a, b", "a 40, b 10, c 50", 40},
    };
    struct shown s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b = bench_of("kayenta", "metrics", "a, b", "groups", cases[i].groups,
                                  "group_weights", cases[i].weights, NULL);
        struct cm_verdict v = ask(&b, show(&s, second_bad, 2));
        cr_expect_eq(v.why.value, cases[i].score, "%s: %g", cases[i].groups, v.why.value);
        bench_release(&b);
    }
}

Test(kayenta_gate, a_critical_metric_fails_all_from_its_effect_size_on)
{
    const double a_little_bad[] = {110, 100, 100, 100};
    const struct {
        const char *critical, *increase;
        double score;
    } cases[] = {{"yes, no, no, no", "default", 0},
                 {"no, yes, yes, yes", "default", 75},
                 {"yes", "1.2", 75},
                 {"yes", "1.05", 0}};
    struct shown s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b = bench_of("kayenta", "metrics", "a, b, c, d", "critical", cases[i].critical,
                                  "critical_increase", cases[i].increase, NULL);
        struct cm_verdict v = ask(&b, show(&s, a_little_bad, 4));
        cr_expect_eq(v.why.value, cases[i].score, "%zu: %g", i, v.why.value);
        if (cases[i].score == 0)
            cr_expect_str_eq(said(&b, &v), "a critical metric does not pass");
        bench_release(&b);
    }
}

Test(kayenta_gate, a_muted_metric_is_not_heard)
{
    const double first_bad[] = {200, 100};
    struct shown s;
    struct bench b =
        bench_of("kayenta", "metrics", "a, b", "muted", "yes, no", "critical", "yes", NULL);
    cr_expect_eq(ask(&b, show(&s, first_bad, 2)).why.value, 100);
    bench_release(&b);
}

Test(kayenta_gate, half_of_the_metrics_without_data_fail_the_release)
{
    const double half[] = {100, NAN}, third[] = {100, 100, NAN};
    struct shown s;
    struct bench two = bench_of("kayenta", "metrics", "a, b", NULL);
    struct bench three = bench_of("kayenta", "metrics", "a, b, c", NULL);
    struct cm_verdict v = ask(&two, show(&s, half, 2));
    cr_expect(v.label == CM_FAIL && v.why.value == 0);
    cr_expect_str_eq(said(&two, &v), "half of the metrics or more have no data");
    cr_expect_eq(ask(&three, show(&s, third, 3)).why.value, 100);
    bench_release(&two);
    bench_release(&three);
}

Test(kayenta_gate, gaps_are_dropped_or_become_zeros)
{
    const double nothing[] = {NAN, 100, 100};
    const struct {
        const char *strategy, *must;
        double score;
    } cases[] = {
        {"remove", "no", 100}, {"remove", "yes", 200 / 3.0}, {"replace", "yes", 200 / 3.0}};
    struct shown s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b = bench_of("kayenta", "metrics", "a, b, c", "nan_strategy",
                                  cases[i].strategy, "must_have_data", cases[i].must, NULL);
        double score = ask(&b, show(&s, nothing, 3)).why.value;
        cr_expect(fabs(score - cases[i].score) < 0.005, "%zu: %g", i, score);
        bench_release(&b);
    }
}

/* Seventeen minutes bad, three good: a window of the last three sees the good ones. */
Test(kayenta_gate, it_reads_the_step_or_what_it_looks_back_to)
{
    const double same[] = {100};
    const struct {
        const char *evidence, *back;
        cm_time since_step, began;
        enum cm_label label;
    } cases[] = {
        {"step", "0s", 20 * CM_MINUTE, 0, CM_FAIL},
        {"step", "0s", 3 * CM_MINUTE, 0, CM_PASS},
        {"release", "0s", 3 * CM_MINUTE, 0, CM_FAIL},
        {"release", "3m", 3 * CM_MINUTE, 0, CM_PASS},
        {"step", "3m", 20 * CM_MINUTE, 0, CM_PASS},
        {"release", "0s", 20 * CM_MINUTE, 17 * CM_MINUTE, CM_PASS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shown s;
        show(&s, same, 1);
        for (int k = 0; k < 17; k++)
            s.canary[0][k] += 500;
        s.look.since_step = cases[i].since_step;
        s.look.began = cases[i].began;
        struct bench b = bench_of("kayenta", "metrics", "a", "direction", "increase", "evidence",
                                  cases[i].evidence, "look_back", cases[i].back, NULL);
        cr_expect_eq(ask(&b, &s).label, cases[i].label, "%zu", i);
        bench_release(&b);
    }
}

Test(kayenta_gate, a_monitor_that_does_not_answer_is_an_error)
{
    const double same[] = {100, 100};
    struct shown s;
    struct bench b = bench_of("kayenta", "metrics", "a, b", NULL);
    show(&s, same, 2)->signals[1].state[CM_CANARY] = CM_GATE_ERROR;
    cr_expect_eq(ask(&b, &s).label, CM_GATE_ERROR);
    bench_release(&b);
}

Test(kayenta_gate, lists_of_the_wrong_length_or_words_are_refused)
{
    const struct {
        const char *key, *value, *why;
    } cases[] = {
        {"direction", "increase, decrease, either",
         "direction: 3 entries for 2 metrics (one for all, or one each)"},
        {"critical", "maybe", "unknown choice 'maybe' (one of: no, yes)"},
        {"direction", "up, increase", "unknown choice 'up' (one of: either, increase, decrease)"},
        {"allowed_increase", "1.2,", "an entry is missing (1.2 for all, or one each: 1.2, 1.5, 2)"},
        {"outlier_factor", "default", "'default' does not begin with a number"},
        {"groups", "a, b +", "a group is missing (latency + tail)"},
        {"group_weights", "a 40, a 60", "'a' stands twice"},
        {"group_weights", "40", "a group and its weight are needed (latency 40)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_err err =
            bench_refusal(NULL, "kayenta", "metrics", "a, b", cases[i].key, cases[i].value, NULL);
        cr_expect_str_eq(err.text, cases[i].why);
    }
}

Test(kayenta_gate, lists_are_printed_as_they_are_read)
{
    const struct {
        const char *key, *value;
    } cases[] = {
        {"direction", "increase, either"},
        {"allowed_increase", "1.2, default"},
        {"outlier_factor", "1.5"},
        {"groups", "Latency, System Load + Latency, none"},
        {"group_weights", "Latency 40, System Load 60"},
        {"group_weights", "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b = bench_of("kayenta", "metrics", "a, b, c", NULL);
        const struct cm_param *row = cm_param_find(b.gate->kind.params, cases[i].key);
        struct cm_buffer text = {0}, again = {0};
        struct cm_err err = {0};
        char *field = (char *)b.options + row->offset;
        for (int turn = 0; turn < 2; turn++) {
            cr_assert_eq(
                cm_param_set(row, b.options, turn ? text.text : cases[i].value, &b.arena, &err), 0);
            row->type->print(row, field, cm_buffer_writer(turn ? &again : &text));
        }
        cr_expect_str_eq(text.text, again.text);
        cr_expect_eq(strlen(text.text), strlen(cases[i].value), "%s", text.text);
        cm_buffer_release(&text);
        cm_buffer_release(&again);
        bench_release(&b);
    }
}
