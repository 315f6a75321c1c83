/* One tick of Flagger, in the order of its checks (pkg/controller/scheduler.go, advanceCanary).
 *
 * Most ways out of it are early ones: what stands later is not even looked at, so that pods which
 * are not ready put off a rollback that is due, a new revision beats it, and nothing is measured
 * once the release is being promoted. */
#include "sim/controllers/flagger.h"

static bool is_changed(const struct cm_flagger_tick *t, uint64_t applied)
{
    uint64_t target = t->state->newest;
    if (applied == CM_NO_REVISION)
        return true;
    return target != t->s.promoted && applied != target;
}

/* A status anew. */
static void sync_status(struct cm_flagger_tick *t, enum cm_flagger_phase phase, int weight)
{
    t->s.phase = phase;
    t->s.failed_checks = 0;
    t->s.iterations = 0;
    t->s.weight = weight;
    t->s.applied = t->state->newest;
    if (phase == CM_INITIALIZED)
        t->s.promoted = t->s.applied;
}

/* Somebody has to open something. */
static void order_pause(struct cm_flagger_tick *t)
{
    const struct cm_order pause = {.kind = CM_PAUSE, .route = {.match = -1}};
    cm_flagger_order(t, &pause);
}

void cm_flagger_set_phase(struct cm_flagger_tick *t, enum cm_flagger_phase phase)
{
    t->s.phase = phase;
    if (phase == CM_WAITING || phase == CM_WAITING_PROMOTION)
        order_pause(t);
    if (phase == CM_PROGRESSING || phase == CM_WAITING || phase == CM_PROMOTING)
        return;
    t->s.weight = 0;
    t->s.iterations = phase == CM_WAITING_PROMOTION ? (int)cm_flagger_iterations(t->o) - 1 : 0;
    if (phase == CM_INITIALIZED || phase == CM_SUCCEEDED)
        t->s.promoted = t->s.applied;
}

/* How the rollout ended for the release under study; the engine moves the traffic. */
static void finish(struct cm_flagger_tick *t, enum cm_end end)
{
    const struct cm_order order = cm_order_finish(end);
    cm_flagger_order(t, &order);
    t->over = true;
}

/* All traffic at once; the counter is told before it is reset. */
static void roll_back(struct cm_flagger_tick *t)
{
    uint64_t threshold = cm_flagger_threshold(t->o);
    if (t->s.failed_checks >= threshold)
        cm_flagger_say_count(t, CM_FLAGGER_THRESHOLD, t->s.failed_checks, threshold);
    cm_flagger_say(t, CM_FLAGGER_FAILED, NULL);
    cm_flagger_route(t, 100, 0, false);
    sync_status(t, CM_FAILED, 0);
    finish(t, CM_ROLLED_BACK);
    cm_flagger_hooks(t, CM_POST_ROLLOUT);
}

/* The primary never became ready with the new version: all traffic stays on the canary. */
static void fail_promotion(struct cm_flagger_tick *t)
{
    cm_flagger_say(t, CM_FLAGGER_PROMOTION_FAILED, NULL);
    cm_flagger_route(t, 0, 100, false);
    sync_status(t, CM_FAILED, 100);
    finish(t, CM_STUCK);
    cm_flagger_hooks(t, CM_POST_ROLLOUT);
}

static void succeed(struct cm_flagger_tick *t, enum cm_flagger_sentence why)
{
    cm_flagger_set_phase(t, CM_SUCCEEDED);
    finish(t, CM_PROMOTED);
    cm_flagger_hooks(t, CM_POST_ROLLOUT);
    cm_flagger_say(t, why, NULL);
}

/* The first revision is never analysed. Whether the tick goes on. */
static bool initialize(struct cm_flagger_tick *t)
{
    bool there = cm_flagger_providers_there(t);
    cm_flagger_say(t, there ? CM_FLAGGER_METRICS_THERE : CM_FLAGGER_METRICS_GONE, NULL);
    enum cm_flagger_readiness ready =
        t->o->skip_analysis ? CM_READY : cm_flagger_ready(t, CM_STABLE);
    if (ready == CM_NEVER_READY)
        roll_back(t);
    if (ready != CM_READY)
        return false;
    sync_status(t, CM_INITIALIZED, 0);
    cm_flagger_say(t, CM_FLAGGER_INITIALIZED, NULL);
    return true;
}

/* Between the start of a rollout and its end; a gate before the start is not part of it. */
static bool is_under_way(enum cm_flagger_phase phase)
{
    return phase == CM_PROGRESSING || phase == CM_WAITING_PROMOTION || phase == CM_PROMOTING ||
           phase == CM_FINALISING;
}

/* Whether there is something to do. A failed rollout forgets a revision that comes while its
 * primary is not ready: what was applied last is noted before anything else is looked at. */
static bool is_due(struct cm_flagger_tick *t)
{
    uint64_t applied = t->s.applied;
    if (is_under_way(t->s.phase) || t->s.phase == CM_WAITING)
        return true;
    if (t->s.phase == CM_FAILED)
        t->s.applied = t->state->newest;
    return is_changed(t, applied);
}

static bool primary_ready(struct cm_flagger_tick *t)
{
    if (t->o->skip_analysis)
        return true;
    enum cm_flagger_readiness ready = cm_flagger_ready(t, CM_STABLE);
    if (ready == CM_NEVER_READY && (t->s.phase == CM_PROMOTING || t->s.phase == CM_FINALISING))
        fail_promotion(t);
    else if (ready == CM_NEVER_READY)
        roll_back(t);
    return ready == CM_READY;
}

/* New, or behind a gate. */
static void begin_rollout(struct cm_flagger_tick *t)
{
    if (!cm_flagger_hooks(t, CM_CONFIRM_ROLLOUT)) {
        if (t->s.phase != CM_WAITING)
            cm_flagger_set_phase(t, CM_WAITING);
        return;
    }
    cm_flagger_say(t, CM_FLAGGER_NEW_REVISION, NULL);
    sync_status(t, CM_PROGRESSING, 0);
}

static void restart(struct cm_flagger_tick *t)
{
    const struct cm_order order = {.kind = CM_RESTART, .route = {.match = -1}};
    cm_flagger_say(t, CM_FLAGGER_RESTARTS, NULL);
    cm_flagger_route(t, 100, 0, false);
    sync_status(t, CM_PROGRESSING, 0);
    t->step = -1;
    cm_flagger_order(t, &order);
}

static bool canary_ready(struct cm_flagger_tick *t)
{
    enum cm_flagger_readiness ready = cm_flagger_ready(t, CM_CANARY);
    if (ready == CM_NEVER_READY)
        roll_back(t);
    return ready == CM_READY;
}

static void skip(struct cm_flagger_tick *t)
{
    cm_flagger_route(t, 100, 0, false);
    cm_flagger_copy(t);
    succeed(t, CM_FLAGGER_SKIPPED);
}

/* The first check is none of metrics: the canary has had no traffic. */
static bool passes(struct cm_flagger_tick *t)
{
    bool first = t->s.canary == 0 && t->s.iterations == 0 && !(t->o->mirror && t->s.mirrored);
    if (first)
        cm_flagger_say(t, CM_FLAGGER_STARTS, NULL);
    if (first ? cm_flagger_hooks(t, CM_PRE_ROLLOUT) : cm_flagger_analyse(t))
        return true;
    t->s.failed_checks++;
    return false;
}

/* Progressing, or waiting for its promotion. */
static void analyse(struct cm_flagger_tick *t)
{
    uint64_t threshold = cm_flagger_threshold(t->o);
    if (t->s.failed_checks >= threshold)
        roll_back(t);
    else if (passes(t))
        cm_flagger_advance(t);
}

/* The pods are ready. */
static void go_on(struct cm_flagger_tick *t)
{
    if (t->o->skip_analysis) {
        skip(t);
        return;
    }
    if (t->s.phase == CM_PROMOTING) {
        cm_flagger_promote(t);
        return;
    }
    if (t->s.phase == CM_FINALISING) {
        succeed(t, CM_FLAGGER_PROMOTED);
        return;
    }
    if (cm_flagger_rollback_asked(t)) {
        cm_flagger_say(t, CM_FLAGGER_MANUAL, NULL);
        roll_back(t);
        return;
    }
    analyse(t);
}

/* Without routes the router of kubernetes answers by the iterations. */
static void read_routes(struct cm_flagger_tick *t)
{
    if (t->o->provider != CM_KUBERNETES)
        return;
    t->s.canary = t->s.iterations > 0 ? 100 : 0;
    t->s.primary = 100 - t->s.canary;
}

static void tick(struct cm_flagger_tick *t)
{
    if (t->o->suspend) {
        cm_flagger_say(t, CM_FLAGGER_SUSPENDED, NULL);
        return;
    }
    if ((t->s.phase == CM_NO_PHASE || t->s.phase == CM_INITIALIZING) && !initialize(t))
        return;
    if (!is_due(t) || !primary_ready(t))
        return;
    read_routes(t);
    if (!is_under_way(t->s.phase))
        begin_rollout(t);
    else if ((t->s.phase == CM_PROGRESSING || t->s.phase == CM_WAITING_PROMOTION) &&
             is_changed(t, t->s.applied))
        restart(t);
    else if (canary_ready(t))
        go_on(t);
}

void cm_flagger_play(struct cm_flagger_tick *t)
{
    const struct cm_refs *told = &t->o->event;
    tick(t);
    for (size_t i = 0; t->n_acts > 0 && i < told->n; i++)
        cm_flagger_ask(t, CM_ASK_HOOK, told->refs[i].index);
}
