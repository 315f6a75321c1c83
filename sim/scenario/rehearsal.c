/* The controller is woken until it finishes; the routes that it orders on the way are noted. */
#include "sim/scenario/rehearsal.h"

#include <math.h>

enum { WAKES = 100000 };

struct stage {
    cm_time now;
    struct cm_answer answer;
    struct cm_verdict pass;
    struct cm_rehearsal seen;
};

/* One request a nanosecond: whatever a step waits for, it has been answered by the next look. */
static const struct cm_answer *answer(void *self, enum cm_ask what, int id)
{
    struct stage *stage = self;
    (void)what;
    (void)id;
    stage->answer.at = stage->now;
    stage->answer.requests = (uint64_t)stage->now;
    return &stage->answer;
}

static void obey(void *self, const struct cm_order *order)
{
    struct stage *stage = self;
    struct cm_rehearsal *seen = &stage->seen;
    seen->finished |= order->kind == CM_FINISH;
    if (order->kind != CM_SET_ROUTE)
        return;
    double share = order->route.share[CM_CANARY];
    stage->answer.route = order->route;
    seen->first = seen->first > 0 ? seen->first : share;
    seen->largest = fmax(seen->largest, share);
    if (share <= 0.5)
        seen->paired = fmax(seen->paired, share);
    if (fabs(share - 0.5) < fabs(seen->evenest - 0.5))
        seen->evenest = share;
}

/* Nobody listens to its log. */
static void ignore(void *self, int sentence, const struct cm_evidence *why)
{
    (void)self;
    (void)sentence;
    (void)why;
}

struct cm_rehearsal cm_rehearse(const struct cm_named_policy *policy)
{
    const struct cm_controller *c = policy->controller;
    void *state = cm_alloc(c->state_size ? c->state_size(policy->options) : 1);
    struct stage stage = {
        .pass = cm_verdict_of(CM_PASS, 0),
        .answer = {.route = {.share = {[CM_STABLE] = 1}, .match = -1}, .revision = 1}};
    stage.answer.verdict = &stage.pass;
    for (int arm = 0; arm < CM_ARMS; arm++)
        stage.answer.pods[arm] = (struct cm_pods){.wanted = 1, .updated = 1, .available = 1};
    if (c->start)
        c->start(policy->options, state);
    for (int i = 0; i < WAKES && !stage.seen.finished && stage.now != CM_NEVER; i++) {
        struct cm_desk desk = {&stage, stage.now, answer, obey, ignore};
        stage.now = c->wake(policy->options, state, &desk);
    }
    cm_free(state);
    return stage.seen;
}
