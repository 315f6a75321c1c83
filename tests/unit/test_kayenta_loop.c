/* Kayenta's controller: what it does beyond the loop that is held to known answers in tests/oracle:
 * labels of other gates, warm-up as a step, slow answers, sentences. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/controllers/controller.h"

extern const struct cm_controller cm_controller_kayenta;

enum { LOOKS = 8 };

/* A desk that answers the i-th look with the i-th verdict, `slow` later. */
struct stage {
    struct cm_desk face;
    struct cm_arena arena;
    void *options, *state;
    struct cm_verdict verdict[LOOKS];
    struct cm_answer answer;
    cm_time slow, asked_at[LOOKS], step_at[LOOKS];
    int asked, steps, last_sentence;
    double weight;
    bool over;
    enum cm_end end;
};

static const struct cm_answer *answer(void *self, enum cm_ask what, int id)
{
    struct stage *s = self;
    cr_assert(what == CM_ASK_GATE && id == 0 && s->asked < LOOKS);
    s->asked_at[s->asked] = s->face.now;
    s->answer.at = s->face.now + s->slow;
    s->answer.verdict = &s->verdict[s->asked++];
    return &s->answer;
}

static void obey(void *self, const struct cm_order *o)
{
    struct stage *s = self;
    if (o->kind == CM_SET_STEP)
        s->step_at[s->steps++] = s->face.now;
    if (o->kind == CM_SET_ROUTE)
        s->weight = o->route.share[CM_CANARY];
    if (o->kind == CM_FINISH)
        s->over = true, s->end = o->end;
}

static void hear(void *self, int sentence, const struct cm_evidence *why)
{
    (void)why;
    ((struct stage *)self)->last_sentence = sentence;
}

static void set(struct stage *s, const char *key, const char *value)
{
    struct cm_err err = {0};
    const struct cm_param *row = cm_param_find(cm_controller_kayenta.kind.params, key);
    cr_assert_eq(cm_param_set(row, s->options, value, &s->arena, &err), 0, "%s", err.text);
}

/* Three hours with a judgement each. */
static void prepare(struct stage *s)
{
    const struct cm_controller *k = &cm_controller_kayenta;
    *s = (struct stage){.last_sentence = -1};
    s->options = cm_arena_alloc(&s->arena, k->kind.options_size);
    cm_params_default(k->kind.params, s->options, &s->arena);
    s->state = cm_arena_alloc(&s->arena, k->state_size(s->options));
    set(s, "interval", "1h");
    set(s, "gates", "judge");
    for (int i = 0; i < LOOKS; i++)
        s->verdict[i] = cm_verdict_of(CM_PASS, 0);
    s->face = (struct cm_desk){.self = s, .ask = answer, .order = obey, .say = hear};
}

static const char *run(struct stage *s)
{
    const struct cm_controller *k = &cm_controller_kayenta;
    k->start(s->options, s->state);
    while (!s->over && s->face.now != CM_NEVER)
        s->face.now = k->wake(s->options, s->state, &s->face);
    cm_arena_release(&s->arena);
    return k->sentences[s->last_sentence];
}

static struct cm_verdict scored(double score)
{
    struct cm_verdict v = cm_verdict_of(CM_UNDECIDED, 0);
    v.why.scale = CM_SCALE_SCORE;
    v.why.value = score;
    v.why.low = 75;
    v.why.high = 95;
    return v;
}

Test(kayenta_loop, a_release_that_passes_is_promoted_at_the_end_of_its_lifetime)
{
    struct stage s;
    prepare(&s);
    cr_expect_eq(cm_controller_kayenta.shortest(s.options), 3 * CM_HOUR);
    cr_expect_str_eq(run(&s), "the last judgement passes: the release is promoted");
    cr_expect(s.end == CM_PROMOTED && s.asked == 3 && s.asked_at[2] == 3 * CM_HOUR);
    cr_expect(s.weight == 0.05 && s.steps == 1);
}

Test(kayenta_loop, the_warm_up_is_a_step_of_its_own)
{
    struct stage s;
    prepare(&s);
    set(&s, "begin_after", "10m");
    cr_expect_eq(cm_controller_kayenta.shortest(s.options), 3 * CM_HOUR + 10 * CM_MINUTE);
    run(&s);
    cr_expect(s.steps == 2 && s.step_at[0] == 0 && s.step_at[1] == 10 * CM_MINUTE);
    cr_expect_eq(s.asked_at[0], 70 * CM_MINUTE);
}

Test(kayenta_loop, what_the_interval_does_not_divide_is_never_judged)
{
    struct stage s;
    prepare(&s);
    set(&s, "lifetime", "170m");
    run(&s);
    cr_expect(s.asked == 2 && s.face.now == CM_NEVER && s.asked_at[1] == 2 * CM_HOUR);
}

Test(kayenta_loop, only_the_last_marginal_score_counts)
{
    struct stage s;
    prepare(&s);
    s.verdict[0] = s.verdict[1] = scored(80);
    run(&s);
    cr_expect_eq(s.end, CM_PROMOTED);
    prepare(&s);
    s.verdict[2] = scored(80);
    cr_expect_str_eq(run(&s), "the last judgement does not pass, and the release is rolled back");
    cr_expect(s.end == CM_ROLLED_BACK && s.asked == 3);
}

Test(kayenta_loop, a_score_at_marginal_ends_it)
{
    struct stage s;
    prepare(&s);
    s.verdict[0] = scored(75);
    cr_expect_str_eq(run(&s), "the judgement fails, and the release is rolled back");
    cr_expect(s.end == CM_ROLLED_BACK && s.asked == 1);
}

Test(kayenta_loop, whole_scores_lose_their_fractions)
{
    struct stage s;
    prepare(&s);
    s.verdict[0] = scored(75.5);
    run(&s);
    cr_expect_eq(s.end, CM_PROMOTED);
    prepare(&s);
    set(&s, "whole_scores", "yes");
    s.verdict[0] = scored(75.5);
    run(&s);
    cr_expect_eq(s.end, CM_ROLLED_BACK);
}

Test(kayenta_loop, gates_of_other_kinds_speak_by_their_labels)
{
    static const struct {
        enum cm_label label;
        int at, asked;
        enum cm_end end;
    } cases[] = {
        {CM_FAIL, 0, 1, CM_ROLLED_BACK},      {CM_GATE_ERROR, 1, 2, CM_ROLLED_BACK},
        {CM_UNDECIDED, 0, 3, CM_PROMOTED},    {CM_NO_DATA, 1, 3, CM_PROMOTED},
        {CM_UNDECIDED, 2, 3, CM_ROLLED_BACK}, {CM_NO_DATA, 2, 3, CM_ROLLED_BACK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage s;
        prepare(&s);
        s.verdict[cases[i].at].label = cases[i].label;
        run(&s);
        cr_expect(s.end == cases[i].end && s.asked == cases[i].asked, "%zu: %d", i, s.asked);
    }
}

Test(kayenta_loop, a_slow_answer_is_waited_for_and_moves_no_interval)
{
    struct stage s;
    prepare(&s);
    s.slow = 5 * CM_MINUTE;
    run(&s);
    cr_expect(s.asked_at[0] == CM_HOUR && s.asked_at[1] == 2 * CM_HOUR && s.end == CM_PROMOTED);
}

Test(kayenta_loop, waking_it_early_changes_nothing)
{
    struct stage s;
    prepare(&s);
    set(&s, "begin_after", "10m");
    const struct cm_controller *k = &cm_controller_kayenta;
    k->start(s.options, s.state);
    for (cm_time now = 0; !s.over; now += CM_MINUTE) {
        s.face.now = now;
        k->wake(s.options, s.state, &s.face);
    }
    cr_expect(s.asked == 3 && s.asked_at[0] == 70 * CM_MINUTE && s.face.now == 190 * CM_MINUTE);
    cm_arena_release(&s.arena);
}
