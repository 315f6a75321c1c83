/* AWS CodeDeploy: traffic shifts by the clock, alarms that stop it.
 *
 * Shifts come when the plan says so, whatever was seen (codedeploy.h). Alarms are looked at every
 * minute, from the beginning on: one that already rings blocks the deployment, and one that rings
 * later ends it, `alarm_lag` after the look at which it rang: metrics are delivered late and alarms
 * evaluated later still; shifts go on meanwhile. There is no baseline, no statistics and nothing in
 * between: whoever cannot say is not asked twice. An alarm whose state cannot be polled ends the
 * deployment, too, unless that is ignored. Hooks are called before the first shift and after the
 * last. After the last shift alarms guard for the bake time.
 *
 * An alarm is a gate, mostly one of kind m_of_n. Source: AWS CodeDeploy User Guide (deployment
 * configurations, alarms, rollbacks); hooks BeforeAllowTraffic and AfterAllowTraffic. */
#include "sim/controllers/codedeploy.h"

#include <string.h>

#include "sim/controllers/controller.h"
#include "sim/controllers/mix.h"

#define ALARM_EVERY CM_MINUTE

struct options {
    int plan;
    double increment;
    cm_time every;
    bool linear;
    struct cm_refs alarms;
    cm_time alarm_lag, bake;
    bool rollback, ignore_poll_failure;
    struct cm_refs before_traffic, after_traffic;
    struct cm_shift shift; /* derived */
};

static const struct cm_param params[] = {
    CM_CHOICE(struct options, plan, "LambdaCanary10Percent5Minutes", cm_codedeploy_plans,
              "How traffic is shifted: a predefined configuration of CodeDeploy, or custom."),
    CM_PROB(struct options, increment, "10%", 0.001, 1,
            "Of a custom plan: the share that each shift adds."),
    CM_DURATION(struct options, every, "5m", 1e9, CM_MAX_DURATION,
                "Of a custom plan: time between two shifts."),
    CM_FLAG(struct options, linear, "no",
            "Of a custom plan: whether all shifts are equal; no = one, then all the rest."),
    CM_REFS(struct options, alarms, "gate", "none",
            "Gates of which any one stops the deployment; looked at every minute."),
    CM_DURATION(struct options, alarm_lag, "0s", 0, CM_MAX_DURATION,
                "Time from the look at which an alarm rings until the deployment is stopped."),
    CM_FLAG(struct options, rollback, "yes",
            "Whether a stopped deployment goes back to stable, or stays as it is."),
    CM_FLAG(struct options, ignore_poll_failure, "no",
            "Whether the deployment goes on when the state of an alarm cannot be polled."),
    CM_REFS(struct options, before_traffic, "hook", "none",
            "Hooks that have to succeed before the first shift."),
    CM_REFS(struct options, after_traffic, "hook", "none",
            "Hooks that have to succeed after the last shift and its bake time."),
    CM_DURATION(struct options, bake, "0s", 0, CM_MAX_DURATION,
                "How long alarms guard after the last shift."),
    CM_PARAMS_END,
};

enum sentence { SHIFTS, QUIET, RINGS, UNPOLLED, STOPS, CALLS, DENIED, DONE };
static const char *const sentences[] = {
    [SHIFTS] = "traffic is shifted",
    [QUIET] = "no alarm rings",
    [RINGS] = "an alarm rings",
    [UNPOLLED] = "an alarm cannot be polled",
    [STOPS] = "the deployment is stopped",
    [CALLS] = "hooks are called",
    [DENIED] = "a hook fails the deployment",
    [DONE] = "the deployment has succeeded",
    NULL,
};

enum phase { BEFORE, SHIFTING, AFTER, OVER };

struct state {
    enum phase phase;
    bool called;        /* the hooks of this phase have been */
    cm_time answer_at;  /* when all have answered */
    enum cm_label said; /* by the worst of them */
    cm_time since;      /* the first shift */
    int shifts;         /* that have been made */
    cm_time next_alarm;
    cm_time stop_at; /* an alarm rings; CM_NEVER */
    struct cm_mix mix;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    const cm_time longest = 2880 * CM_MINUTE;
    struct cm_shift shift = {o->increment, o->every, o->linear};
    if (strcmp(cm_codedeploy_plans[o->plan], "custom") != 0)
        return 0;
    if (cm_codedeploy_time(&shift, cm_codedeploy_shifts(&shift) - 1) > longest)
        return cm_fail(err, "CodeDeploy allows 2880 minutes from the first shift to the last");
    return 0;
}

static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    (void)source, (void)file, (void)arena, (void)err;
    o->shift = strcmp(cm_codedeploy_plans[o->plan], "custom") == 0
                   ? (struct cm_shift){o->increment, o->every, o->linear}
                   : cm_codedeploy_shift(o->plan);
    return 0;
}

static void start(const void *options, void *state)
{
    (void)options;
    *(struct state *)state = (struct state){.stop_at = CM_NEVER};
}

static cm_time finish(struct state *st, struct cm_desk *desk, enum cm_end end, enum sentence why)
{
    const struct cm_order order = cm_order_finish(end);
    desk->say(desk->self, (int)why, &st->mix.verdict.why);
    desk->order(desk->self, &order);
    st->phase = OVER;
    return CM_NEVER;
}

/* --- hooks --- */

static void call(struct state *st, struct cm_desk *desk, const struct cm_refs *hooks)
{
    st->called = true;
    st->answer_at = desk->now;
    st->said = CM_PASS;
    for (size_t i = 0; i < hooks->n; i++) {
        const struct cm_answer *answer = desk->ask(desk->self, CM_ASK_HOOK, hooks->refs[i].index);
        st->said = answer->verdict->label > st->said ? answer->verdict->label : st->said;
        st->answer_at = answer->at > st->answer_at ? answer->at : st->answer_at;
    }
    if (hooks->n > 0)
        desk->say(desk->self, CALLS, NULL);
}

/* Whether all hooks have answered; if so, `denied` says whether one failed. */
static bool answered(struct state *st, struct cm_desk *desk, const struct cm_refs *hooks,
                     bool *denied)
{
    if (!st->called)
        call(st, desk, hooks);
    *denied = st->said != CM_PASS;
    return st->answer_at <= desk->now;
}

/* --- shifts and alarms --- */

static void shift(const struct options *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_order step = cm_order_step(st->shifts);
    const struct cm_order route = cm_order_weight(cm_codedeploy_weight(&o->shift, st->shifts));
    desk->order(desk->self, &step);
    desk->order(desk->self, &route);
    desk->say(desk->self, SHIFTS, NULL);
    st->shifts++;
}

static cm_time end_of(const struct options *o, const struct state *st)
{
    int last = cm_codedeploy_shifts(&o->shift) - 1;
    return cm_later(st->since, cm_later(cm_codedeploy_time(&o->shift, last), o->bake));
}

static void look(const struct options *o, struct state *st, struct cm_desk *desk)
{
    cm_mix_start(&st->mix);
    for (size_t i = 0; i < o->alarms.n; i++) {
        struct cm_verdict verdict = *desk->ask(desk->self, CM_ASK_GATE, (int)i)->verdict;
        bool stops =
            verdict.label == CM_FAIL || (verdict.label == CM_GATE_ERROR && !o->ignore_poll_failure);
        if (!stops)
            verdict.label = CM_PASS;
        cm_mix_add(&st->mix, (int)i, &verdict);
    }
    st->next_alarm = cm_later(desk->now, ALARM_EVERY);
    enum cm_label label = st->mix.verdict.label;
    desk->say(desk->self,
              label == CM_FAIL         ? RINGS
              : label == CM_GATE_ERROR ? UNPOLLED
                                       : QUIET,
              &st->mix.verdict.why);
    if (label != CM_PASS && st->stop_at == CM_NEVER)
        st->stop_at = cm_later(desk->now, o->alarm_lag);
}

static cm_time earlier(cm_time a, cm_time b)
{
    return a < b ? a : b;
}

static cm_time next_shift(const struct options *o, const struct state *st)
{
    return st->shifts < cm_codedeploy_shifts(&o->shift)
               ? cm_later(st->since, cm_codedeploy_time(&o->shift, st->shifts))
               : CM_NEVER;
}

/* Alarms first: one that rings when a shift is due prevents it. */
static cm_time go_on(const struct options *o, struct state *st, struct cm_desk *desk)
{
    cm_time end = end_of(o, st);
    if (o->alarms.n > 0 && st->stop_at == CM_NEVER && desk->now >= st->next_alarm)
        look(o, st, desk);
    if (st->stop_at <= desk->now)
        return finish(st, desk, o->rollback ? CM_ROLLED_BACK : CM_STUCK, STOPS);
    if (next_shift(o, st) <= desk->now)
        shift(o, st, desk);
    if (desk->now >= end && next_shift(o, st) == CM_NEVER && st->stop_at == CM_NEVER) {
        st->phase = AFTER;
        st->called = false;
        return desk->now;
    }
    cm_time next = earlier(next_shift(o, st), st->stop_at);
    if (o->alarms.n > 0 && st->stop_at == CM_NEVER)
        next = earlier(next, st->next_alarm);
    return end > desk->now ? earlier(next, end) : next;
}

static cm_time wake(const void *options, void *state, struct cm_desk *desk)
{
    const struct options *o = options;
    struct state *st = state;
    bool denied = false;
    switch (st->phase) {
    case BEFORE:
        if (!answered(st, desk, &o->before_traffic, &denied))
            return st->answer_at;
        if (denied)
            return finish(st, desk, CM_ROLLED_BACK, DENIED);
        st->phase = SHIFTING;
        st->since = st->next_alarm = desk->now;
        return go_on(o, st, desk);
    case SHIFTING:
        return go_on(o, st, desk);
    case AFTER:
        if (!answered(st, desk, &o->after_traffic, &denied))
            return st->answer_at;
        return denied ? finish(st, desk, o->rollback ? CM_ROLLED_BACK : CM_STUCK, DENIED)
                      : finish(st, desk, CM_PROMOTED, DONE);
    case OVER:
        break;
    }
    return CM_NEVER;
}

static cm_time shortest(const void *options)
{
    const struct options *o = options;
    return end_of(o, &(struct state){0});
}

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

static struct cm_uses uses(const void *options)
{
    const struct options *o = options;
    return (struct cm_uses){.hooks = o->before_traffic.n + o->after_traffic.n > 0};
}

const struct cm_controller cm_controller_codedeploy = {
    .kind = {.name = "codedeploy",
             .summary = "Traffic shifts by the clock, and alarms that stop them.",
             .source = "AWS CodeDeploy User Guide",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    .sentences = sentences,
    .state_size = state_size,
    .start = start,
    .wake = wake,
    .shortest = shortest,
    .uses = uses,
};
