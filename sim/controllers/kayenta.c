/* The judge loop of Kayenta: one weight for the whole lifetime, a judgement at every interval.
 *
 *     at begin_after + i interval, i = 1 .. floor(lifetime / interval): ask the gates
 *     score <= marginal, a fail or an error: roll back at once
 *     after the last one: promote if it passes, else roll back
 *
 * What comes between is forgotten: scores between marginal and pass count only at the last. The
 * label of Kayenta's judge calls a score at `marginal` marginal, its loop stops there; both are
 * kept. Gates of other kinds than kayenta speak by their labels alone.
 *
 * The analysis begins as a step of its own after begin_after, so that gates with evidence = step
 * see none of the warm-up. Baseline and canary are a pair with control = baseline, as Kayenta
 * advises; without it the control is what serves the rest of the traffic.
 *
 * Source: spinnaker/kayenta, standalone canary analysis; spinnaker/orca, RunCanaryIntervalsStage
 * (sim/stats/kayenta_loop.h). Assumes that fetching and judging take no time. */
#include "sim/controllers/controller.h"
#include "sim/controllers/mix.h"
#include "sim/stats/kayenta_loop.h"

struct options {
    double weight;
    cm_time lifetime, interval, begin_after; /* interval: CM_NO_DURATION = lifetime */
    struct cm_refs gates;
    bool whole_scores;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, weight, "5%", 1e-9, 1,
            "Weight of the canary while it is judged, and of its baseline if it has one."),
    CM_DURATION(struct options, lifetime, "3h", 1e9, CM_MAX_DURATION,
                "How long the canary is judged; what the interval does not divide of it is not."),
    CM_DURATION(struct options, interval, "none", 1e9, CM_MAX_DURATION,
                "Time between two judgements; none, or more than the lifetime, = one at its end."),
    CM_DURATION(struct options, begin_after, "0s", 0, CM_MAX_DURATION,
                "Warm-up before the lifetime begins."),
    CM_REFS(struct options, gates, "gate", "none",
            "Gates asked at every judgement; Kayenta has one with test = kayenta."),
    CM_FLAG(struct options, whole_scores, "no",
            "Whether scores lose their fractions before they are held against marginal and pass, "
            "as in Spinnaker's orca."),
    CM_PARAMS_END,
};

enum sentence { WARMS_UP, BEGINS, GOES_ON, MARGINAL, STOPS, BROKEN, NOT_ENOUGH, PROMOTES };
static const char *const sentences[] = {
    [WARMS_UP] = "the canary warms up",
    [BEGINS] = "the lifetime of the canary begins",
    [GOES_ON] = "the judgement passes, and the next one is waited for",
    [MARGINAL] = "the judgement is marginal, and the next one is waited for",
    [STOPS] = "the judgement fails, and the release is rolled back",
    [BROKEN] = "the judgement breaks off, and the release is rolled back",
    [NOT_ENOUGH] = "the last judgement does not pass, and the release is rolled back",
    [PROMOTES] = "the last judgement passes: the release is promoted",
    NULL,
};

struct state {
    bool begun, judging, over;
    int step;
    cm_time since;        /* of the lifetime */
    uint64_t judged;      /* judgements that have been made */
    bool pending;         /* one has been asked for and has not been answered in full */
    cm_time answer_at;    /* when it is */
    bool stops, accepted; /* what it says */
    struct cm_mix mix;
};

static struct cm_kayenta_plan plan_of(const struct options *o)
{
    return (struct cm_kayenta_plan){
        .lifetime = o->lifetime,
        .interval = o->interval == CM_NO_DURATION ? 0 : o->interval,
        .begin_after = o->begin_after,
    };
}

static cm_time finish(struct state *st, struct cm_desk *desk, enum cm_end end, int why)
{
    const struct cm_order order = cm_order_finish(end);
    desk->say(desk->self, why, &st->mix.verdict.why);
    desk->order(desk->self, &order);
    st->over = true;
    return CM_NEVER;
}

/* A step for gates that keep evidence by steps. */
static void begin_step(struct state *st, struct cm_desk *desk)
{
    const struct cm_order order = cm_order_step(st->step++);
    desk->order(desk->self, &order);
}

/* Of the judgement that is due next. */
static cm_time due(const struct options *o, const struct state *st)
{
    const struct cm_kayenta_plan plan = plan_of(o);
    cm_time passed = (cm_time)(st->judged + 1) * cm_kayenta_interval(&plan);
    return cm_later(st->since, passed);
}

static cm_time begin_lifetime(const struct options *o, struct state *st, struct cm_desk *desk)
{
    begin_step(st, desk);
    desk->say(desk->self, BEGINS, NULL);
    st->judging = true;
    return due(o, st);
}

static cm_time begin(const struct options *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_order route = cm_order_weight(o->weight);
    st->begun = true;
    st->since = cm_later(desk->now, o->begin_after);
    if (o->begin_after > 0) {
        begin_step(st, desk);
        desk->say(desk->self, WARMS_UP, NULL);
    }
    cm_time next = o->begin_after > 0 ? st->since : begin_lifetime(o, st, desk);
    desk->order(desk->self, &route);
    return next;
}

/* One gate's part in a judgement. */
static void weigh(const struct options *o, struct state *st, const struct cm_verdict *v)
{
    if (v->why.scale != CM_SCALE_SCORE || isnan(v->why.value)) {
        st->stops |= v->label == CM_FAIL || v->label == CM_GATE_ERROR;
        st->accepted &= v->label == CM_PASS;
        return;
    }
    const struct cm_kayenta_thresholds t = {v->why.low, v->why.high};
    st->stops |= cm_kayenta_stops(v->why.value, &t, o->whole_scores);
    st->accepted &= cm_kayenta_accepts(v->why.value, &t, o->whole_scores);
}

static void ask(const struct options *o, struct state *st, const struct cm_desk *desk)
{
    cm_mix_start(&st->mix);
    st->answer_at = desk->now;
    st->stops = false;
    st->accepted = true;
    for (size_t i = 0; i < o->gates.n; i++) {
        const struct cm_answer *answer = desk->ask(desk->self, CM_ASK_GATE, (int)i);
        weigh(o, st, answer->verdict);
        cm_mix_add(&st->mix, (int)i, answer->verdict);
        st->answer_at = answer->at > st->answer_at ? answer->at : st->answer_at;
    }
    st->pending = true;
}

/* The judgement is there in full. */
static cm_time act(const struct options *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_kayenta_plan plan = plan_of(o);
    st->pending = false;
    st->judged++;
    if (st->mix.verdict.label == CM_GATE_ERROR)
        return finish(st, desk, CM_ROLLED_BACK, BROKEN);
    if (st->stops)
        return finish(st, desk, CM_ROLLED_BACK, STOPS);
    if (st->judged == cm_kayenta_judgements(&plan))
        return finish(st, desk, st->accepted ? CM_PROMOTED : CM_ROLLED_BACK,
                      st->accepted ? PROMOTES : NOT_ENOUGH);
    desk->say(desk->self, st->accepted ? GOES_ON : MARGINAL, &st->mix.verdict.why);
    return due(o, st) > desk->now ? due(o, st) : desk->now;
}

/* May come earlier than asked for (pods, revisions): then nothing is due. */
static cm_time wake(const void *options, void *state, struct cm_desk *desk)
{
    const struct options *o = options;
    struct state *st = state;
    if (st->over)
        return CM_NEVER;
    if (!st->begun)
        return begin(o, st, desk);
    if (!st->judging)
        return desk->now < st->since ? st->since : begin_lifetime(o, st, desk);
    if (!st->pending) {
        if (desk->now < due(o, st))
            return due(o, st);
        ask(o, st, desk);
    }
    return desk->now < st->answer_at ? st->answer_at : act(o, st, desk);
}

static void start(const void *options, void *state)
{
    (void)options;
    struct state *st = state;
    *st = (struct state){.begun = false};
    cm_mix_start(&st->mix);
}

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

static cm_time shortest(const void *options)
{
    const struct options *o = options;
    const struct cm_kayenta_plan plan = plan_of(o);
    cm_time last = (cm_time)cm_kayenta_judgements(&plan) * cm_kayenta_interval(&plan);
    return cm_later(o->begin_after, last);
}

static struct cm_uses uses(const void *options)
{
    (void)options;
    return (struct cm_uses){.people = CM_NOBODY};
}

const struct cm_controller cm_controller_kayenta = {
    .kind = {.name = "kayenta",
             .summary = "The judge loop of Kayenta: one weight, judged at every interval.",
             .source = "spinnaker/kayenta, standalone canary analysis; spinnaker/orca",
             .params = params,
             .options_size = sizeof(struct options)},
    .sentences = sentences,
    .state_size = state_size,
    .start = start,
    .wake = wake,
    .shortest = shortest,
    .uses = uses,
};
