/* What a tick asks, says and orders.
 *
 * Flagger calls hooks and queries one after the other and waits for each. Here a tick that meets a
 * slow answer is broken off without effect and played again when the answer is there, with all
 * that it had heard until then (`heard`): what it asks depends on nothing else. Its effects are
 * kept (`acts`) until it gets through.
 *
 * A Go ticker (pkg/controller/job.go) keeps one tick that falls into a running one and drops the
 * others: ticks stay on the grid of the interval, except that one follows a long one at once. */
#include <assert.h>

#include "sim/controllers/flagger.h"

struct cm_verdict cm_flagger_ask(struct cm_flagger_tick *t, enum cm_ask what, int id)
{
    struct cm_flagger_state *state = t->state;
    if (t->n_asked < state->n_heard)
        return state->heard[t->n_asked++];
    if (t->waits)
        return cm_verdict_of(CM_PASS, -1);
    const struct cm_answer *answer = t->desk->ask(t->desk->self, what, id);
    assert(state->n_heard < CM_FLAGGER_HEARD_MAX);
    state->heard[state->n_heard++] = *answer->verdict;
    t->n_asked++;
    t->waits = answer->at > t->desk->now;
    t->until = answer->at;
    return *answer->verdict;
}

static struct cm_flagger_act *add(struct cm_flagger_tick *t)
{
    assert(t->n_acts < CM_FLAGGER_ACTS_MAX);
    return &t->acts[t->n_acts++];
}

static struct cm_evidence no_numbers(void)
{
    return cm_verdict_of(CM_PASS, -1).why;
}

void cm_flagger_say(struct cm_flagger_tick *t, enum cm_flagger_sentence sentence,
                    const struct cm_evidence *why)
{
    struct cm_flagger_act *act = add(t);
    act->says = true;
    act->sentence = sentence;
    act->why = why ? *why : no_numbers();
}

void cm_flagger_say_count(struct cm_flagger_tick *t, enum cm_flagger_sentence sentence, uint64_t x,
                          uint64_t n)
{
    struct cm_evidence why = no_numbers();
    why.x1 = x, why.n1 = n;
    cm_flagger_say(t, sentence, &why);
}

void cm_flagger_say_of(struct cm_flagger_tick *t, enum cm_flagger_sentence sentence, int id)
{
    struct cm_evidence why = no_numbers();
    why.id = id;
    cm_flagger_say(t, sentence, &why);
}

void cm_flagger_order(struct cm_flagger_tick *t, const struct cm_order *order)
{
    struct cm_flagger_act *act = add(t);
    act->says = false;
    act->order = *order;
}

/* Pods and revision are read once a tick. */
static void begin(const struct cm_flagger *o, struct cm_flagger_state *state,
                  const struct cm_desk *desk)
{
    const double thresholds[CM_ARMS] = {
        [CM_STABLE] = o->primary_ready_threshold, [CM_CANARY] = o->canary_ready_threshold};
    state->ticking = true;
    state->began_at = desk->now;
    state->n_heard = 0;
    state->newest = desk->ask(desk->self, CM_ASK_REVISION, 0)->revision;
    const struct cm_pods *pods = desk->ask(desk->self, CM_ASK_PODS, 0)->pods;
    for (int arm = 0; arm < CM_ARMS; arm++) {
        bool ready = cm_flagger_pods_ready((enum cm_flagger_target)o->target, &pods[arm],
                                           thresholds[arm], false)
                         .is == CM_READY;
        state->pods[arm] = pods[arm];
        if (ready)
            state->unready_at[arm] = CM_NEVER;
        else if (state->unready_at[arm] == CM_NEVER)
            state->unready_at[arm] = desk->now;
    }
}

static bool differs(const struct cm_flagger_status *a, const struct cm_flagger_status *b)
{
    return a->phase != b->phase || a->failed_checks != b->failed_checks ||
           a->iterations != b->iterations || a->weight != b->weight || a->applied != b->applied;
}

/* The tick is through: what it did happens. */
static void commit(struct cm_flagger_tick *t)
{
    struct cm_flagger_state *state = t->state;
    if (differs(&state->status, &t->s))
        state->written_at = t->desk->now;
    state->status = t->s;
    state->step = t->step;
    state->over = t->over;
    state->ticking = false;
    for (size_t i = 0; i < t->n_acts; i++) {
        const struct cm_flagger_act *act = &t->acts[i];
        if (act->says)
            t->desk->say(t->desk->self, (int)act->sentence, &act->why);
        else
            t->desk->order(t->desk->self, &act->order);
    }
}

/* On the grid after the tick that is through; at once if that took longer. */
static cm_time next_tick(const struct cm_flagger *o, const struct cm_flagger_state *state,
                         cm_time now)
{
    cm_time interval = cm_flagger_interval(o);
    cm_time ticks = (state->began_at - o->detection_delay) / interval;
    cm_time next = cm_later(o->detection_delay, (ticks + 1) * interval);
    return next > now ? next : now;
}

cm_time cm_flagger_tick(const struct cm_flagger *o, struct cm_flagger_state *state,
                        struct cm_desk *desk)
{
    struct cm_flagger_tick t;
    if (!state->ticking && desk->now < state->due)
        return state->due;
    if (!state->ticking)
        begin(o, state, desk);
    t.o = o;
    t.state = state;
    t.desk = desk;
    t.s = state->status;
    t.step = state->step;
    t.over = false;
    t.n_asked = t.n_acts = 0;
    t.waits = false;
    t.until = desk->now;
    cm_flagger_play(&t);
    if (t.waits)
        return t.until;
    commit(&t);
    state->due = next_tick(o, state, desk->now);
    return state->over ? CM_NEVER : state->due;
}
