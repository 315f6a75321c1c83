/* Recording a rollout: an observer that copies what it is shown.
 *
 * A verdict's counts say how much is behind it but not since when: some gates add up since the
 * release, some since the step, some read a window. Which of them it was is seen by adding up the
 * same counter steps here and comparing; a gate that does neither is left without. */
#include "analysis/trace.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/controllers/sentence.h"

/* Requests of both arms that a gate has been shown. */
struct tally {
    uint64_t control, canary;
};

struct cm_trace_recorder {
    struct cm_trace *trace;
    int step; /* from 1 */
    double canary_share;
    struct tally release[CM_WATCHED_MAX], step_tally[CM_WATCHED_MAX]; /* of each gate watched */
    int tally_step[CM_WATCHED_MAX];                                   /* whose step_tally that is */
};

/* The next event; what it is about stands in it, how things are then is added here. */
static struct cm_trace_event *add(struct cm_trace_recorder *r, enum cm_trace_what what, cm_time at)
{
    struct cm_trace *t = r->trace;
    t->events = cm_list_grow(&t->arena, t->events, t->n, sizeof *t->events);
    struct cm_trace_event *event = &t->events[t->n++];
    *event = (struct cm_trace_event){
        .what = what, .at = at, .step = r->step, .canary_share = r->canary_share};
    return event;
}

/* Onset and notice are told by the engine as they pass; nobody orders them. */
static void on_onset(void *self, cm_time at)
{
    add(self, CM_TRACE_ONSET, at);
}

static void on_people(void *self, cm_time now)
{
    struct cm_trace_recorder *r = self;
    r->canary_share = 0;
    add(r, CM_TRACE_PEOPLE, now);
}

static void on_pods(void *self, cm_time now, enum cm_arm version, const struct cm_pods *pods)
{
    struct cm_trace_event *event = add(self, CM_TRACE_PODS, now);
    event->arm = version;
    event->pods = *pods;
}

static bool is_word(const char *blank, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(blank, word, length) == 0;
}

/* What stands in a blank of a sentence: names of the scenario, values of the policy's keys. */
static void write_word(const void *self, const char *blank, size_t length, int id,
                       struct cm_writer to)
{
    const struct cm_trace *t = self;
    const struct cm_scenario *s = t->plan.scenario;
    if (is_word(blank, length, "app"))
        cm_print(to, "app");
    else if (is_word(blank, length, "hook"))
        cm_print(to, "%s", s->hooks[id].name);
    else if (is_word(blank, length, "gate"))
        cm_print(to, "%s", s->gates[t->policy->gate[id]].name);
    else if (is_word(blank, length, "error"))
        cm_print(to, "(no success)");
    const struct cm_param *row = t->policy->controller->kind.params;
    for (; row->name; row++)
        if (is_word(blank, length, row->name))
            row->type->print(row, (const char *)t->policy->options + row->offset, to);
}

/* Sentences are const tables of the controller: one without blanks may be kept as it is. */
static void on_say(void *self, cm_time now, int sentence, const struct cm_evidence *why)
{
    struct cm_trace_recorder *r = self;
    const struct cm_words words = {r->trace, write_word};
    const char *const *sentences = r->trace->policy->controller->sentences;
    if (!sentences)
        return;
    struct cm_trace_event *event = add(r, CM_TRACE_SAY, now);
    struct cm_buffer text = {0};
    event->sentence = event->form = sentences[sentence];
    if (!strchr(event->form, '{'))
        return;
    cm_sentence_write(event->form, why, &words, cm_buffer_writer(&text));
    event->sentence = cm_arena_text(&r->trace->arena, text.text, text.length);
    cm_buffer_release(&text);
}

/* The engine moves the traffic when it ends: to where the end says. */
static void finish(struct cm_trace_recorder *r, cm_time now, enum cm_end end)
{
    if (end == CM_PROMOTED)
        r->canary_share = 1;
    if (end == CM_ROLLED_BACK || end == CM_SUPERSEDED)
        r->canary_share = 0;
    add(r, CM_TRACE_FINISH, now)->end = end;
}

/* With the release under study its defect goes, and the engine ends the story there (replicate.c);
 * of a healthy one the next revision is the like. */
static void restart(struct cm_trace_recorder *r, cm_time now)
{
    r->step = 0;
    r->canary_share = 0;
    if (r->trace->defect)
        finish(r, now, CM_SUPERSEDED);
    else
        add(r, CM_TRACE_WEIGHT, now);
}

/* What changes nothing yet (pods) is not told either. */
static void on_order(void *self, cm_time now, const struct cm_order *order)
{
    struct cm_trace_recorder *r = self;
    switch (order->kind) {
    case CM_SET_ROUTE:
        r->canary_share = order->route.share[CM_CANARY];
        add(r, CM_TRACE_WEIGHT, now);
        break;
    case CM_SET_STEP:
        r->step = order->step + 1;
        add(r, CM_TRACE_STEP, now);
        break;
    case CM_PAUSE:
        add(r, CM_TRACE_PAUSE, now);
        break;
    case CM_FINISH:
        finish(r, now, order->end);
        break;
    case CM_RESTART:
        restart(r, now);
        break;
    case CM_SET_PODS: /* pods are there at once */
        break;
    }
}

/* Where a gate reads counter steps alone, their sum is what it was shown. */
static void add_steps(const struct cm_signal *signal, struct cm_trace_signal *to)
{
    for (int arm = 0; arm < CM_ARMS; arm++) {
        struct cm_trace_arm *a = &to->arm[arm];
        a->requests = a->errors = 0;
        for (size_t i = 0; i < signal->n_fresh; i++) {
            a->requests += signal->fresh[i].n[arm];
            a->errors += signal->fresh[i].x[arm];
        }
        bool ratio = to->metric->metric.signal == CM_ERROR_RATIO;
        a->value = ratio && a->requests > 0 ? (double)a->errors / (double)a->requests : NAN;
        if (signal->state[arm] == CM_NO_DATA && !isnan(a->value))
            a->state = CM_PASS;
    }
}

/* How much of (from, now] is from before the last change of the weight. */
static double share_before(const struct cm_seen *seen, cm_time from)
{
    cm_time now = seen->look->now, before = seen->share_since - from;
    return before > 0 && now > from ? cm_seconds(before) / cm_seconds(now - from) : 0;
}

/* A copy: strata and signals are the engine's scratch. */
static struct cm_trace_signal signal_of(const struct cm_trace *t, const struct cm_seen *seen,
                                        size_t m)
{
    const struct cm_scenario *s = t->plan.scenario;
    const struct cm_signal *signal = &seen->look->signals[m];
    struct cm_trace_signal to = {
        .metric = &s->metrics[s->gates[t->policy->gate[seen->gate]].metric[m]],
        .from = seen->from[m],
        .before = share_before(seen, seen->from[m]),
    };
    for (int arm = 0; arm < CM_ARMS; arm++)
        to.arm[arm] = (struct cm_trace_arm){signal->value[arm], signal->state[arm], signal->n[arm],
                                            signal->x[arm]};
    if (!seen->windows)
        add_steps(signal, &to);
    return to;
}

/* What was answered after `since`. */
static void add_fresh(struct tally *tally, const struct cm_look *look, cm_time since)
{
    const struct cm_signal *signal = &look->signals[0];
    for (size_t i = 0; i < signal->n_fresh; i++) {
        if (signal->fresh[i].until <= since)
            continue;
        tally->control += signal->fresh[i].n[look->control];
        tally->canary += signal->fresh[i].n[CM_CANARY];
    }
}

/* Since when the counts of the evidence are, going by how many they are. */
static cm_time counts_from(struct cm_trace_recorder *r, const struct cm_seen *seen)
{
    const struct cm_look *look = seen->look;
    const struct cm_evidence *why = &seen->verdict->why;
    struct tally *release = &r->release[seen->gate], *step = &r->step_tally[seen->gate];
    cm_time step_since = look->now - look->since_step;
    if (look->n_signals == 0)
        return CM_NEVER;
    /* gates forget when the step changes, before they are asked again */
    if (r->tally_step[seen->gate] != look->step)
        *step = (struct tally){0};
    r->tally_step[seen->gate] = look->step;
    add_fresh(release, look, INT64_MIN);
    add_fresh(step, look, step_since);
    const struct cm_signal *signal = &look->signals[0];
    if (why->n0 + why->n1 == 0)
        return CM_NEVER;
    if (seen->windows && why->n1 == signal->n[CM_CANARY] && why->n0 == signal->n[look->control])
        return seen->from[0];
    if (why->n1 == release->canary && why->n0 == release->control)
        return 0;
    return why->n1 == step->canary && why->n0 == step->control ? step_since : CM_NEVER;
}

/* Everything that a sentence about this look may need, in one place. */
static void on_look(void *self, const struct cm_seen *seen)
{
    struct cm_trace_recorder *r = self;
    struct cm_trace *t = r->trace;
    const struct cm_look *shown = seen->look;
    struct cm_trace_look *look = cm_arena_alloc(&t->arena, sizeof *look);
    *look = (struct cm_trace_look){
        .gate = &t->plan.scenario->gates[t->policy->gate[seen->gate]],
        .number = shown->number + 1,
        .verdict = *seen->verdict,
        .control = shown->control,
        .windows = seen->windows,
        .counts_from = counts_from(r, seen),
        .step_since = shown->now - shown->since_step,
        .signals = cm_arena_alloc(&t->arena, (shown->n_signals + 1) * sizeof *look->signals),
        .n_signals = shown->n_signals,
    };
    for (size_t m = 0; m < shown->n_signals; m++)
        look->signals[m] = signal_of(t, seen, m);
    add(r, CM_TRACE_LOOK, shown->now)->look = look;
}

/* A story that the horizon cuts off: the rollout's, or that of the harm. */
static void on_end(void *self, const struct cm_outcome *outcome)
{
    struct cm_trace_recorder *r = self;
    cm_time horizon = r->trace->history ? outcome->ended_at : r->trace->plan.scenario->run.horizon;
    bool undecided = outcome->end == CM_PAUSED || outcome->end == CM_TIMED_OUT;
    bool harms = outcome->onset != CM_NEVER && outcome->mitigated_at == CM_NEVER;
    if (undecided || harms)
        add(r, CM_TRACE_HORIZON, horizon);
}

struct cm_trace_recorder *cm_trace_begin(struct cm_trace *t, const struct cm_plan *plan,
                                         uint64_t replication)
{
    const struct cm_scenario *s = plan->scenario;
    struct cm_trace_recorder *recorder = cm_alloc(sizeof *recorder);
    *t = (struct cm_trace){
        .plan = *plan,
        .policy = &s->policies[plan->policy],
        .defect = plan->release < 0 ? NULL : &s->defects[plan->release],
        .replication = replication,
    };
    *recorder = (struct cm_trace_recorder){.trace = t};
    return recorder;
}

struct cm_observer cm_trace_observer(struct cm_trace_recorder *recorder)
{
    return (struct cm_observer){
        .self = recorder,
        .look = on_look,
        .order = on_order,
        .say = on_say,
        .onset = on_onset,
        .people = on_people,
        .pods = on_pods,
        .end = on_end,
    };
}

void cm_trace_end(struct cm_trace_recorder *recorder)
{
    cm_free(recorder);
}

/* A rollout of its own: memory that has played others would give the same (a test holds that), but
 * an observer should not outlive its story. */
void cm_trace_record(struct cm_trace *t, const struct cm_plan *plan, uint64_t replication)
{
    struct cm_trace_recorder *recorder = cm_trace_begin(t, plan, replication);
    const struct cm_observer observer = cm_trace_observer(recorder);
    struct cm_rollout *rollout = cm_rollout_new(plan);
    cm_rollout_observe(rollout, &observer);
    t->outcome = cm_replicate(rollout, replication);
    cm_rollout_free(rollout);
    cm_trace_end(recorder);
}

void cm_trace_release(struct cm_trace *t)
{
    cm_arena_release(&t->arena);
    *t = (struct cm_trace){0};
}

bool cm_trace_harmless(const struct cm_trace *t)
{
    return !t->defect || t->defect->effect.harmless;
}
