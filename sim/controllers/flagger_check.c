/* Flagger's checks: webhooks, then metrics (pkg/controller/scheduler_hooks.go and
 * scheduler_metrics.go).
 *
 * Hooks of a type are called in order, and so are metrics, templates last; the first that fails
 * ends the check, and what comes after it is not asked. No value and no answer are failures like
 * any other. An undecided gate has nothing against the release: there is no third answer. */
#include "sim/controllers/flagger.h"

#include <assert.h>
#include <math.h>

#include "sim/gates/flagger_check.h"

const struct cm_refs *cm_flagger_hook_list(const struct cm_flagger *o, enum cm_flagger_hook type)
{
    const struct cm_refs *const lists[CM_FLAGGER_HOOKS] = {
        [CM_CONFIRM_ROLLOUT] = &o->confirm_rollout,
        [CM_PRE_ROLLOUT] = &o->pre_rollout,
        [CM_ROLLOUT] = &o->rollout,
        [CM_CONFIRM_TRAFFIC_INCREASE] = &o->confirm_traffic_increase,
        [CM_CONFIRM_PROMOTION] = &o->confirm_promotion,
        [CM_POST_ROLLOUT] = &o->post_rollout,
        [CM_ROLLBACK_HOOK] = &o->rollback,
        [CM_EVENT_HOOK] = &o->event,
    };
    return lists[type];
}

/* Gates that stay closed are told of once, but for that of the traffic. */
static bool is_told(const struct cm_flagger_tick *t, enum cm_flagger_hook type)
{
    if (type == CM_CONFIRM_ROLLOUT)
        return t->s.phase != CM_WAITING;
    return type != CM_CONFIRM_PROMOTION || t->s.phase != CM_WAITING_PROMOTION;
}

bool cm_flagger_hooks(struct cm_flagger_tick *t, enum cm_flagger_hook type)
{
    static const enum cm_flagger_sentence passed[CM_FLAGGER_HOOKS] = {
        [CM_CONFIRM_ROLLOUT] = CM_FLAGGER_CONFIRM_ROLLOUT_PASSED,
        [CM_PRE_ROLLOUT] = CM_FLAGGER_PRE_ROLLOUT_PASSED,
        [CM_ROLLOUT] = CM_FLAGGER_SENTENCES,
        [CM_CONFIRM_TRAFFIC_INCREASE] = CM_FLAGGER_CONFIRM_TRAFFIC_PASSED,
        [CM_CONFIRM_PROMOTION] = CM_FLAGGER_CONFIRM_PROMOTION_PASSED,
        [CM_POST_ROLLOUT] = CM_FLAGGER_POST_ROLLOUT_PASSED,
    };
    static const enum cm_flagger_sentence failed[CM_FLAGGER_HOOKS] = {
        [CM_CONFIRM_ROLLOUT] = CM_FLAGGER_WAITS_FOR_APPROVAL,
        [CM_PRE_ROLLOUT] = CM_FLAGGER_PRE_ROLLOUT_FAILED,
        [CM_ROLLOUT] = CM_FLAGGER_ROLLOUT_FAILED,
        [CM_CONFIRM_TRAFFIC_INCREASE] = CM_FLAGGER_WAITS_FOR_TRAFFIC,
        [CM_CONFIRM_PROMOTION] = CM_FLAGGER_WAITS_FOR_PROMOTION,
        [CM_POST_ROLLOUT] = CM_FLAGGER_POST_ROLLOUT_FAILED,
    };
    const struct cm_refs *list = cm_flagger_hook_list(t->o, type);
    for (size_t i = 0; i < list->n; i++) {
        int hook = list->refs[i].index;
        bool passes = cm_flagger_ask(t, CM_ASK_HOOK, hook).label == CM_PASS;
        enum cm_flagger_sentence sentence = (passes ? passed : failed)[type];
        if (sentence != CM_FLAGGER_SENTENCES && (passes || is_told(t, type)))
            cm_flagger_say_of(t, sentence, hook);
        if (!passes)
            return false;
    }
    return true;
}

/* An objection is the signal, which in Flagger is an answer of 2xx. */
bool cm_flagger_rollback_asked(struct cm_flagger_tick *t)
{
    const struct cm_refs *list = &t->o->rollback;
    for (size_t i = 0; i < list->n; i++) {
        int hook = list->refs[i].index;
        bool asked = cm_flagger_ask(t, CM_ASK_HOOK, hook).label == CM_FAIL;
        cm_flagger_say_of(t, asked ? CM_FLAGGER_ROLLBACK_SIGNAL : CM_FLAGGER_NO_ROLLBACK_SIGNAL,
                          hook);
        if (asked)
            return true;
    }
    return false;
}

/* In the words of the rule that spoke. */
static enum cm_flagger_sentence words_of(int rule)
{
    static const enum cm_flagger_sentence words[CM_FLAGGER_RULES] = {
        [CM_CHECK_SUCCESS_RATE_LOW] = CM_FLAGGER_SUCCESS_RATE_LOW,
        [CM_CHECK_SUCCESS_RATE_HIGH] = CM_FLAGGER_SUCCESS_RATE_HIGH,
        [CM_CHECK_DURATION_LOW] = CM_FLAGGER_DURATION_LOW,
        [CM_CHECK_DURATION_HIGH] = CM_FLAGGER_DURATION_HIGH,
        [CM_CHECK_VALUE_LOW] = CM_FLAGGER_METRIC_LOW,
        [CM_CHECK_VALUE_HIGH] = CM_FLAGGER_METRIC_HIGH,
        [CM_CHECK_NO_SUCCESS_RATE] = CM_FLAGGER_NO_SUCCESS_RATE,
        [CM_CHECK_NO_DURATION] = CM_FLAGGER_NO_DURATION,
        [CM_CHECK_NO_VALUE] = CM_FLAGGER_NO_QUERY,
        [CM_CHECK_BUILTIN_BROKEN] = CM_FLAGGER_BUILTIN_BROKEN,
        [CM_CHECK_QUERY_BROKEN] = CM_FLAGGER_METRIC_BROKEN,
    };
    assert(rule > CM_CHECK_FINE && rule < CM_FLAGGER_RULES);
    return words[rule];
}

/* A template may be any gate. */
static enum cm_flagger_sentence template_words(const struct cm_verdict *v)
{
    if (v->label == CM_NO_DATA)
        return CM_FLAGGER_NO_TEMPLATE;
    if (v->label == CM_GATE_ERROR)
        return CM_FLAGGER_METRIC_BROKEN;
    if (isnan(v->why.value) || isnan(v->why.limit))
        return CM_FLAGGER_METRIC_FAILS;
    return v->why.value < v->why.limit ? CM_FLAGGER_METRIC_LOW : CM_FLAGGER_METRIC_HIGH;
}

/* Gates are asked by their place among all of the policy: metrics first. */
static bool measure(struct cm_flagger_tick *t, int id, bool template)
{
    struct cm_verdict v = cm_flagger_ask(t, CM_ASK_GATE, id);
    if (v.label == CM_PASS || v.label == CM_UNDECIDED)
        return true;
    enum cm_flagger_sentence sentence = template ? template_words(&v) : words_of(v.rule);
    if (sentence == CM_FLAGGER_SUCCESS_RATE_LOW || sentence == CM_FLAGGER_SUCCESS_RATE_HIGH)
        v.why.value = 1 - v.why.value, v.why.limit = 1 - v.why.limit;
    v.why.id = id;
    cm_flagger_say(t, sentence, &v.why);
    return false;
}

bool cm_flagger_providers_there(struct cm_flagger_tick *t)
{
    bool there = true;
    for (size_t i = 0; i < t->o->metrics.n + t->o->templates.n; i++)
        there = cm_flagger_ask(t, CM_ASK_GATE, (int)i).label != CM_GATE_ERROR && there;
    return there;
}

bool cm_flagger_analyse(struct cm_flagger_tick *t)
{
    size_t metrics = t->o->metrics.n, all = metrics + t->o->templates.n;
    if (!cm_flagger_hooks(t, CM_ROLLOUT))
        return false;
    for (size_t i = 0; i < all; i++)
        if (!measure(t, (int)i, i >= metrics))
            return false;
    return true;
}
