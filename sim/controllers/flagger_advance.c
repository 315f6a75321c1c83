/* Strategies: what a passed check leads to (pkg/controller/scheduler.go, runCanary, runAB,
 * runBlueGreen, runPromotionTrafficShift), with weights in whole percents as there.
 *
 * The step after the weight w is step_weight, or the entry after the one that equals w; without
 * such an entry all the rest, 100 - w. A list that does not ascend has a step of 0 or less
 * somewhere, where the rollout stays for ever.
 *
 * Ticks from detection to Succeeded when all goes well: n + m + p + 2 by weights (n steps, m = 1
 * with a mirror, p ticks of promotion), N + p + 2 for A/B, N + p + 3 for blue/green, 1 without an
 * analysis. */
#include <math.h>

#include "sim/controllers/flagger.h"

static const cm_time LEAST_INTERVAL = 10 * CM_SECOND; /* whatever the analysis says */
static const uint64_t KUBERNETES_ITERATIONS = 10;     /* where none are given */

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

static int greater(int a, int b)
{
    return a > b ? a : b;
}

cm_time cm_flagger_interval(const struct cm_flagger *o)
{
    return o->interval > LEAST_INTERVAL ? o->interval : LEAST_INTERVAL;
}

uint64_t cm_flagger_threshold(const struct cm_flagger *o)
{
    return o->threshold > 0 ? o->threshold : 1;
}

int cm_flagger_max_weight(const struct cm_flagger *o)
{
    const struct cm_percents *list = &o->step_weights;
    if (list->n > 0)
        return lesser(100, list->percent[list->n - 1]);
    return o->max_weight > 0 ? cm_percents_of(o->max_weight) : 100;
}

int cm_flagger_step(const struct cm_flagger *o, int weight)
{
    const struct cm_percents *list = &o->step_weights;
    int room = 100 - weight;
    if (o->step_weight > 0 || list->n == 0)
        return cm_percents_of(o->step_weight);
    if (room == 0)
        return 1;
    if (weight == 0)
        return lesser(room, list->percent[0]);
    for (size_t i = 0; i + 1 < list->n; i++)
        if (list->percent[i] == weight)
            return lesser(room, list->percent[i + 1] - weight);
    return room;
}

uint64_t cm_flagger_iterations(const struct cm_flagger *o)
{
    bool forced = o->provider == CM_KUBERNETES && o->iterations < 1;
    return forced ? KUBERNETES_ITERATIONS : o->iterations;
}

bool cm_flagger_is_ab(const struct cm_flagger *o)
{
    return o->provider != CM_KUBERNETES && o->match.name && o->iterations > 0;
}

bool cm_flagger_keeps_mirror(const struct cm_flagger *o)
{
    return (o->provider == CM_ISTIO && !o->match.name) ||
           (o->provider == CM_GATEWAYAPI && o->iterations > 0);
}

/* --- time --- */

/* Steps up to the maximum, and the weight reached; 0 = it never gets there. */
static uint64_t steps_up(const struct cm_flagger *o, int *weight)
{
    uint64_t n = 0;
    for (*weight = 0; *weight < cm_flagger_max_weight(o); n++) {
        int step = cm_flagger_step(o, *weight);
        if (step <= 0 || *weight >= 100)
            return 0;
        *weight = lesser(100, *weight + step);
    }
    return cm_flagger_step(o, *weight) > 0 ? n : 0;
}

static uint64_t promotion_ticks(const struct cm_flagger *o, int weight)
{
    int step = cm_percents_of(o->step_weight_promotion);
    if (step == 0 || o->provider == CM_KUBERNETES)
        return 1;
    return (uint64_t)((weight + step - 1) / step);
}

uint64_t cm_flagger_ticks(const struct cm_flagger *o)
{
    uint64_t iterations = cm_flagger_iterations(o);
    int weight = 100;
    if (o->suspend)
        return 0;
    if (o->skip_analysis)
        return 1;
    if (iterations > 0)
        return iterations + promotion_ticks(o, weight) + (cm_flagger_is_ab(o) ? 2 : 3);
    uint64_t n = steps_up(o, &weight);
    if (n == 0 || (o->mirror && !cm_flagger_keeps_mirror(o)))
        return 0;
    return n + o->mirror + promotion_ticks(o, weight) + 2;
}

/* --- routes --- */

void cm_flagger_route(struct cm_flagger_tick *t, int primary, int canary, bool mirrored)
{
    if (t->o->provider == CM_KUBERNETES)
        return;
    t->s.primary = primary;
    t->s.canary = canary;
    t->s.mirrored = mirrored && cm_flagger_keeps_mirror(t->o);
}

/* The engine gets the route that holds now, as a step of the rollout if it is one. */
static void send(struct cm_flagger_tick *t, bool begins)
{
    bool ab = cm_flagger_is_ab(t->o) && t->s.canary > 0;
    bool routed = t->o->provider != CM_KUBERNETES && !ab;
    bool unrouted = cm_flagger_iterations(t->o) > 0 && !ab;
    struct cm_order order = cm_order_weight(routed ? t->s.canary / 100.0 : 0);
    double mirror = t->o->mirror_weight > 0 ? t->o->mirror_weight : 1;
    order.route.match = ab ? t->o->match.index : -1;
    order.route.mirror = t->s.mirrored                                   ? mirror
                         : unrouted && order.route.share[CM_CANARY] <= 0 ? t->o->load_test
                                                                         : 0;
    if (begins) {
        const struct cm_order step = cm_order_step(++t->step);
        cm_flagger_order(t, &step);
    }
    cm_flagger_order(t, &order);
}

void cm_flagger_copy(struct cm_flagger_tick *t)
{
    const struct cm_order all = cm_order_weight(1);
    cm_flagger_say(t, CM_FLAGGER_COPIES, NULL);
    cm_flagger_set_phase(t, CM_PROMOTING);
    cm_flagger_order(t, &all);
}

void cm_flagger_promote(struct cm_flagger_tick *t)
{
    int step = cm_percents_of(t->o->step_weight_promotion);
    if (t->o->provider == CM_KUBERNETES) {
        cm_flagger_set_phase(t, CM_FINALISING);
    } else if (step == 0) {
        cm_flagger_say(t, CM_FLAGGER_ALL_TO_PRIMARY, NULL);
        cm_flagger_route(t, 100, 0, false);
        cm_flagger_set_phase(t, CM_FINALISING);
    } else if (t->s.canary > 0) {
        cm_flagger_route(t, lesser(100, t->s.primary + step), greater(0, t->s.canary - step),
                         false);
        cm_flagger_say_count(t, CM_FLAGGER_PRIMARY_WEIGHT, (uint64_t)t->s.primary, 100);
        if (t->s.primary == 100)
            cm_flagger_set_phase(t, CM_FINALISING);
        else
            t->s.weight = t->s.canary;
    }
}

/* --- strategies --- */

/* The gate before the promotion. While it is closed checks go on, and iterations bounce. */
static bool may_promote(struct cm_flagger_tick *t)
{
    if (cm_flagger_hooks(t, CM_CONFIRM_PROMOTION))
        return true;
    if (t->s.phase != CM_WAITING_PROMOTION)
        cm_flagger_set_phase(t, CM_WAITING_PROMOTION);
    else
        t->s.iterations = (int)cm_flagger_iterations(t->o) - 1;
    return false;
}

static void advance_iteration(struct cm_flagger_tick *t, bool begins)
{
    t->s.iterations++;
    if (begins)
        send(t, true);
    cm_flagger_say_count(t, CM_FLAGGER_ITERATION, (uint64_t)t->s.iterations,
                         cm_flagger_iterations(t->o));
}

static void test_ab(struct cm_flagger_tick *t)
{
    int iterations = (int)t->o->iterations;
    if (t->s.iterations < iterations) {
        bool begins = t->s.canary == 0;
        cm_flagger_route(t, 0, 100, false);
        advance_iteration(t, begins);
    } else if (may_promote(t) && t->s.iterations == iterations) {
        cm_flagger_copy(t);
    }
}

/* All traffic to the canary: blue/green's only step. */
static void switch_over(struct cm_flagger_tick *t)
{
    if (t->o->provider != CM_KUBERNETES) {
        cm_flagger_say(t, t->o->mirror ? CM_FLAGGER_STOP_MIRROR : CM_FLAGGER_ALL_TO_CANARY, NULL);
        cm_flagger_route(t, 0, 100, false);
        send(t, true);
    }
    t->s.iterations++;
}

static void test_blue_green(struct cm_flagger_tick *t)
{
    int iterations = (int)cm_flagger_iterations(t->o);
    if (t->s.iterations < iterations) {
        bool begins = t->step < 0;
        if (t->o->mirror && !t->s.mirrored)
            cm_flagger_route(t, 100, 0, true);
        advance_iteration(t, begins);
    } else if (may_promote(t)) {
        if (t->s.iterations == iterations)
            switch_over(t);
        else
            cm_flagger_copy(t);
    }
}

/* With a mirror, the first step has it and no weight, and the next one has a weight and no mirror.
 */
static void step_up(struct cm_flagger_tick *t)
{
    int step = cm_flagger_step(t->o, t->s.canary);
    if (t->o->mirror && t->s.canary == 0 && t->s.mirrored)
        cm_flagger_route(t, 100 - step, step, false);
    else if (t->o->mirror && t->s.canary == 0)
        cm_flagger_route(t, 100, 0, true);
    else
        cm_flagger_route(t, greater(0, t->s.primary - step), lesser(100, t->s.canary + step),
                         t->s.mirrored);
    t->s.weight = t->s.canary;
    send(t, true);
    cm_flagger_say_count(t, CM_FLAGGER_CANARY_WEIGHT, (uint64_t)t->s.canary, 100);
}

static void shift_weights(struct cm_flagger_tick *t)
{
    if (cm_flagger_step(t->o, t->s.canary) <= 0)
        return;
    if (!t->s.mirrored && t->s.phase == CM_PROGRESSING &&
        !cm_flagger_hooks(t, CM_CONFIRM_TRAFFIC_INCREASE))
        return;
    if (t->s.canary < cm_flagger_max_weight(t->o))
        step_up(t);
    else if (may_promote(t))
        cm_flagger_copy(t);
}

/* What kubernetes cannot do it says at every tick. */
static void say_limits(struct cm_flagger_tick *t)
{
    if (t->o->provider != CM_KUBERNETES)
        return;
    if (t->o->match.name)
        cm_flagger_say(t, CM_FLAGGER_NO_MATCH, NULL);
    if (t->o->iterations > 0)
        return;
    cm_flagger_say(t, CM_FLAGGER_NO_PROGRESSIVE, NULL);
    cm_flagger_say_count(t, CM_FLAGGER_SETS_ITERATIONS, KUBERNETES_ITERATIONS, 0);
}

void cm_flagger_advance(struct cm_flagger_tick *t)
{
    say_limits(t);
    if (cm_flagger_is_ab(t->o))
        test_ab(t);
    else if (cm_flagger_iterations(t->o) > 0)
        test_blue_green(t);
    else
        shift_weights(t);
}
