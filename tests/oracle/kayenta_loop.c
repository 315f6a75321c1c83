/* Kayenta's loop: its calendar, and what ends it, played by the controller itself. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/controllers/controller.h"
#include "tests/oracle/kayenta_case.h"

/* --- the loop --------------------------------------------------------------------------------- */

/* A desk that answers with scores, and what the controller makes of them. */
struct stage {
    struct cm_desk face;
    struct cm_answer answer;
    struct cm_verdict verdict; /* of the answer */
    const double *scores;
    size_t n, asked; /* beyond the last score: the last one again */
    struct cm_kayenta_thresholds t;
    cm_time at[64]; /* of the first judgements */
    bool over;
    enum cm_end end;
};

static const struct cm_answer *answer(void *self, enum cm_ask what, int id)
{
    struct stage *s = self;
    struct cm_verdict v = cm_verdict_of(CM_UNDECIDED, 0);
    (void)what;
    (void)id;
    v.why.scale = CM_SCALE_SCORE;
    v.why.value = s->scores[s->asked < s->n ? s->asked : s->n - 1];
    v.why.low = s->t.marginal;
    v.why.high = s->t.pass;
    if (s->asked < 64)
        s->at[s->asked] = s->face.now;
    s->asked++;
    s->verdict = v;
    s->answer.at = s->face.now;
    s->answer.verdict = &s->verdict;
    return &s->answer;
}

static void obey(void *self, const struct cm_order *order)
{
    struct stage *s = self;
    if (order->kind != CM_FINISH)
        return;
    s->over = true;
    s->end = order->end;
}

static void hear(void *self, int sentence, const struct cm_evidence *why)
{
    (void)self, (void)sentence, (void)why;
}

/* Lets the controller run; keys and their values in turn, NULL-ended. */
static void run(struct kayenta_case *c, struct stage *s, const char *const *keys)
{
    extern const struct cm_controller cm_controller_kayenta;
    const struct cm_controller *k = &cm_controller_kayenta;
    struct cm_err err = {0};
    void *options = cm_arena_alloc(&c->in.memory, k->kind.options_size);
    void *state = cm_arena_alloc(&c->in.memory, k->state_size(options));
    cm_params_default(k->kind.params, options, &c->in.memory);
    for (; *keys; keys += 2)
        if (cm_param_set(cm_param_find(k->kind.params, keys[0]), options, keys[1], &c->in.memory,
                         &err))
            inputs_fault(&c->in, "%s: %s", keys[0], err.text);
    k->start(options, state);
    s->face = (struct cm_desk){.self = s, .ask = answer, .order = obey, .say = hear};
    while (!s->over && !c->in.wrong && s->face.now != CM_NEVER)
        s->face.now = k->wake(options, state, &s->face);
}

static bool is_orca(const struct kayenta_case *c)
{
    return strcmp(kayenta_text_of(c->in.object, "engine"), "orca") == 0;
}

/* An hour for each score. */
static void run_scores(struct kayenta_case *c, struct stage *s)
{
    char lifetime[32];
    snprintf(lifetime, sizeof lifetime, "%zuh", s->n);
    const char *const keys[] = {"lifetime", lifetime, "interval",     "1h",
                                "gates",    "judge",  "whole_scores", is_orca(c) ? "yes" : "no",
                                NULL};
    if (s->n > 0)
        run(c, s, keys);
    else
        inputs_fault(&c->in, "there are no scores");
}

/* The last score alone decides: cases with several are of the part that sees them all. */
void kayenta_final_judgement(struct kayenta_case *c)
{
    double score = 0;
    struct cm_kayenta_series scores = {&score, 1};
    if (input_given(&c->in, "scores"))
        scores = kayenta_input(c, "scores");
    else
        score = input_number(&c->in, "final_score");
    struct stage s = {.scores = scores.x + (scores.n > 0 ? scores.n - 1 : 0),
                      .n = scores.n > 0,
                      .t = kayenta_thresholds(c)};
    run_scores(c, &s);
    kayenta_flag(c, "passed", s.end == CM_PROMOTED);
}

void kayenta_judge_loop(struct kayenta_case *c)
{
    struct cm_kayenta_series scores = kayenta_input(c, "scores");
    struct stage s = {.scores = scores.x, .n = scores.n, .t = kayenta_thresholds(c)};
    run_scores(c, &s);
    kayenta_flag(c, "passed", s.end == CM_PROMOTED);
    kayenta_number(c, "stopped_after", (double)s.asked);
}

/* --- the schedule ----------------------------------------------------------------------------- */

static cm_time minutes(struct kayenta_case *c, const char *key)
{
    const json_t *value = json_object_get(c->in.object, key);
    return json_is_null(value) ? 0 : (cm_time)input_count_to(&c->in, key, 1000000) * CM_MINUTE;
}

/* A wait in seconds; none where it is not waited. */
static void compare_wait(struct kayenta_case *c, const char *key, cm_time wait)
{
    const json_t *want = json_object_get(c->expect.object, key);
    kayenta_aside(c, key);
    if (json_is_null(want) ? wait != 0 : json_number_value(want) != cm_seconds(wait))
        kayenta_disagree(c, "%s is %g s", key, cm_seconds(wait));
}

static void compare_windows(struct kayenta_case *c, const struct cm_kayenta_plan *plan)
{
    const json_t *want = json_object_get(c->expect.object, "windows_mins");
    kayenta_aside(c, "windows_mins");
    if (json_array_size(want) != cm_kayenta_judgements(plan))
        kayenta_disagree(c, "%zu windows are expected", json_array_size(want));
    for (size_t i = 0; i < json_array_size(want); i++) {
        struct cm_kayenta_window got = cm_kayenta_window_of(plan, i + 1);
        const json_t *pair = json_array_get(want, i);
        if (json_number_value(json_array_get(pair, 0)) * 60 != cm_seconds(got.from) ||
            json_number_value(json_array_get(pair, 1)) * 60 != cm_seconds(got.until))
            kayenta_disagree(c, "window %zu is [%g, %g] s", i, cm_seconds(got.from),
                             cm_seconds(got.until));
    }
}

/* The controller judges at the ends of these windows. */
static void compare_looks(struct kayenta_case *c, const struct cm_kayenta_plan *plan)
{
    char lifetime[32], interval[32], begin[32];
    const char *const keys[] = {"lifetime", lifetime, "interval", interval, "begin_after",
                                begin,      "gates",  "judge",    NULL};
    const double score = 100;
    struct stage s = {.scores = &score, .n = 1, .t = {75, 95}};
    snprintf(lifetime, sizeof lifetime, "%gs", cm_seconds(plan->lifetime));
    snprintf(interval, sizeof interval, "%gs", cm_seconds(cm_kayenta_interval(plan)));
    snprintf(begin, sizeof begin, "%gs", cm_seconds(plan->begin_after));
    run(c, &s, keys);
    if (s.asked != cm_kayenta_judgements(plan) || s.end != CM_PROMOTED)
        kayenta_disagree(c, "the controller judges %zu times", s.asked);
    for (size_t i = 0; i < s.asked && i < 64; i++)
        if (s.at[i] != cm_kayenta_window_of(plan, i + 1).until)
            kayenta_disagree(c, "judgement %zu is at %g s", i, cm_seconds(s.at[i]));
}

void kayenta_schedule(struct kayenta_case *c)
{
    const struct cm_kayenta_plan plan = {
        .lifetime = minutes(c, "lifetime_mins"),
        .interval = minutes(c, "analysis_interval_mins"),
        .begin_after = minutes(c, "begin_after_mins"),
        .look_back = minutes(c, "lookback_mins"),
        .fixed = input_flag(&c->in, "explicit_start_and_end"),
    };
    if (plan.lifetime <= 0)
        inputs_fault(&c->in, "there is no lifetime");
    if (c->in.wrong)
        return;
    cm_time interval = cm_kayenta_interval(&plan);
    kayenta_number(c, "effective_interval_mins", cm_seconds(interval) / 60);
    kayenta_number(c, "num_judgements", (double)cm_kayenta_judgements(&plan));
    compare_wait(c, "warmup_wait_secs", plan.begin_after);
    compare_wait(c, "interval_wait_secs", plan.fixed ? 0 : interval);
    compare_windows(c, &plan);
    if (!plan.fixed)
        compare_looks(c, &plan);
}
