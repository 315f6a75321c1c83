/* Argo Rollouts' canary strategy: steps of weights, pauses and analyses.
 *
 * A manifest's fields under their own names, in this file's spelling: setWeight is 20%, a pause
 * without a duration waits for people, `analysis` runs metrics (gates of kind argo_metric) as one
 * AnalysisRun, `scale` is setCanaryScale, an experiment is a hook that knows its verdict. What a
 * pass does stands in argo_pass.c, how pods and weights are counted in argo_replicas.c, what an
 * AnalysisRun does in argo_analysis.c.
 *
 * The rollout is over when the canary is promoted, or when an abort has taken it out of the traffic
 * and nobody retries. A newer revision begins it anew. People resume what an inconclusive analysis
 * or a pause without a duration has stopped, or abort it.
 *
 * Source: argoproj/argo-rollouts v1.10 (commit 9f8d111d8). Assumes that the router takes up every
 * weight at once. */
#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/controllers/argo_wake.h"
#include "sim/controllers/type_argo_steps.h"
#include "sim/gates/argo_metric.h"

struct options {
    struct cm_argo_items steps;
    struct cm_refs gates, hooks;
    const char *background;
    uint64_t starting_step, replicas, max_weight, min_pods, retries;
    bool traffic_routing, dynamic_stable_scale, progress_deadline_abort;
    struct cm_argo_bound max_surge, max_unavailable, progress_threshold;
    cm_time abort_scale_down_delay, progress_deadline, retry_after;
    /* derived */
    struct cm_argo_program *program; /* the arena's */
};

static const struct cm_param params[] = {
    CM_ARGO_STEPS(struct options, steps, "20%, pause 10m, 40%, pause 10m, 60%, pause 10m",
                  "What is done, one after the other: a weight (20%), pause until people resume, "
                  "pause 10m, analysis and its metrics (of `gates`; without a name all of them), "
                  "scale (the canary apart from its weight: 50%, 3 pods, match), experiment and "
                  "its hook; none = promote at once. Then the release is promoted."),
    CM_REFS(struct options, gates, "gate", "none",
            "Metrics of its analyses: gates of kind argo_metric."),
    CM_TEXT(struct options, background, "none",
            "Metrics (of `gates`, with commas, or all) of an analysis beside the steps."),
    CM_COUNT(struct options, starting_step, "0", 0, CM_ARGO_STEPS_MAX,
             "The step with which the background analysis begins, from 0."),
    CM_REFS(struct options, hooks, "hook", "none",
            "Hooks whose verdicts are those of experiments."),
    CM_COUNT(struct options, replicas, "none", 1, 1000,
             "Pods in all (spec.replicas); none = as many as [pods] stable."),
    CM_FLAG(struct options, traffic_routing, "yes",
            "Whether a router splits the traffic by weight; without one the numbers of pods do."),
    CM_COUNT(struct options, max_weight, "100", 1, 1e9,
             "What the router calls the whole of the traffic; weights are whole parts of it."),
    CM_ARGO_BOUND(struct options, max_surge, "25%",
                  "Pods beyond `replicas` while pods are the weight; a share is rounded up."),
    CM_ARGO_BOUND(struct options, max_unavailable, "25%",
                  "Pods of `replicas` that may be missing while pods are the weight; a share is "
                  "rounded down."),
    CM_FLAG(struct options, dynamic_stable_scale, "no",
            "Whether stable gives up pods as the canary takes over its traffic, so that an abort "
            "has to wait for them."),
    CM_COUNT(struct options, min_pods, "none", 1, 1000,
             "Least pods of a version that has any (minPodsPerReplicaSet), with a router."),
    CM_ARGO_BOUND(struct options, progress_threshold, "none",
                  "How many of its pods the canary has to have available to go on "
                  "(replicaProgressThreshold); none = all."),
    CM_DURATION(struct options, abort_scale_down_delay, "none", 0, CM_MAX_DURATION,
                "How long an aborted canary keeps its pods behind a router; none = 30s, or with "
                "dynamic_stable_scale as long as stable needs; 0s = for ever."),
    CM_DURATION(struct options, progress_deadline, "10m", 1e9, CM_MAX_DURATION,
                "Time without progress after which a rollout is degraded; steps that wait for "
                "people or verdicts do not count."),
    CM_FLAG(struct options, progress_deadline_abort, "no",
            "Whether the deadline aborts the rollout, too."),
    CM_COUNT(struct options, retries, "0", 0, 1000,
             "How often people retry an aborted rollout from its first step."),
    CM_DURATION(struct options, retry_after, "5m", 1e9, CM_MAX_DURATION,
                "How long after an abort they do."),
    CM_PARAMS_END,
};

struct state {
    bool over;
    struct cm_argo_worker worker; /* with its runs behind it: the last */
};

/* --- from options to a plan --- */

static int whole_weight(const struct options *o, double share, int *weight, struct cm_err *err)
{
    double exact = share * (double)o->max_weight;
    *weight = (int)nearbyint(exact);
    if (fabs(exact - *weight) > 1e-6)
        return cm_fail(err, "steps: %.6g%% is no whole part of max_weight = %d", 100 * share,
                       (int)o->max_weight);
    return 0;
}

static int plan_step(const struct options *o, const struct cm_argo_item *item,
                     struct cm_argo_step *step, struct cm_err *err)
{
    *step = cm_argo_step_of_nothing();
    step->pause = item->kind == CM_ARGO_PAUSE;
    step->analysis = item->kind == CM_ARGO_ANALYSE;
    step->experiment = item->kind == CM_ARGO_EXPERIMENT;
    if (step->pause && item->duration != CM_NO_DURATION)
        step->duration = item->duration - item->duration % CM_SECOND;
    if (item->kind == CM_ARGO_WEIGH)
        return whole_weight(o, item->share, &step->weight, err);
    if (item->kind != CM_ARGO_RESCALE)
        return 0;
    step->scale = item->scale;
    step->scale_to = item->pods;
    return item->scale == CM_ARGO_SCALE_WEIGHT ? whole_weight(o, item->share, &step->scale_to, err)
                                               : 0;
}

static struct cm_argo_threshold threshold_of(struct cm_argo_bound bound)
{
    if (bound.number == CM_ARGO_ABSENT)
        return (struct cm_argo_threshold){CM_ARGO_ALL, 0};
    return (struct cm_argo_threshold){bound.percent ? CM_ARGO_PERCENTAGE : CM_ARGO_PODS,
                                      bound.number};
}

static struct cm_argo_plan plan_of(const struct options *o)
{
    struct cm_argo_plan plan = cm_argo_plan_of_nothing();
    plan.replicas = o->replicas == UINT64_MAX ? 1 : (int)o->replicas;
    plan.max_surge = o->max_surge;
    plan.max_unavailable = o->max_unavailable;
    plan.routing = o->traffic_routing;
    plan.dynamic_stable = o->dynamic_stable_scale;
    plan.max_weight = (int)o->max_weight;
    plan.min_pods = o->min_pods == UINT64_MAX ? CM_ARGO_ABSENT : (int)o->min_pods;
    plan.threshold = threshold_of(o->progress_threshold);
    plan.abort_scale_down_delay = o->abort_scale_down_delay;
    plan.background = o->background != NULL;
    plan.starting_step = (int)o->starting_step;
    plan.progress_deadline = o->progress_deadline;
    plan.progress_abort = o->progress_deadline_abort;
    return plan;
}

/* The index of a name in a list, or -1. */
static int listed(const struct cm_refs *list, const char *name, size_t length)
{
    for (size_t i = 0; i < list->n; i++)
        if (strlen(list->refs[i].name) == length && strncmp(list->refs[i].name, name, length) == 0)
            return (int)i;
    return -1;
}

static int check_names(const struct options *o, struct cm_err *err)
{
    for (size_t s = 0; s < o->steps.n; s++) {
        const struct cm_argo_item *item = &o->steps.list[s];
        const struct cm_refs *list = item->kind == CM_ARGO_EXPERIMENT ? &o->hooks : &o->gates;
        for (size_t i = 0; i < item->n_names; i++)
            if (listed(list, item->names[i], strlen(item->names[i])) < 0)
                return cm_fail(err, "steps: %s is not among the %s", item->names[i],
                               list == &o->hooks ? "hooks" : "gates");
        if (item->kind == CM_ARGO_ANALYSE && o->gates.n == 0)
            return cm_fail(err, "steps: an analysis needs metrics (gates = errors)");
    }
    return 0;
}

static int check_background(const struct options *o, struct cm_err *err)
{
    struct cm_slice rest = cm_slice_of(o->background ? o->background : ""), name;
    bool all = o->background && strcmp(o->background, "all") == 0;
    if (all && o->gates.n == 0)
        return cm_fail(err, "background: an analysis needs metrics (gates = errors)");
    while (!all && o->background && cm_slice_cut(&rest, ',', &name))
        if (listed(&o->gates, name.at, name.length) < 0)
            return cm_fail(err, "background: '%.*s' is not among the gates", (int)name.length,
                           name.at);
    return 0;
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    struct cm_argo_step steps[CM_ARGO_STEPS_MAX];
    struct cm_argo_plan plan = plan_of(o);
    for (size_t i = 0; i < o->steps.n; i++)
        if (plan_step(o, &o->steps.list[i], &steps[i], err))
            return -1;
    plan.steps = steps;
    plan.n_steps = (int)o->steps.n;
    if (cm_argo_check_plan(&plan, err) || check_names(o, err))
        return -1;
    return check_background(o, err);
}

/* What the rows say, checked before. */
static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    struct cm_argo_program *program = cm_arena_alloc(arena, sizeof *program);
    struct cm_argo_step *steps = cm_arena_alloc(arena, (o->steps.n + 1) * sizeof *steps);
    (void)source;
    (void)file;
    program->plan = plan_of(o);
    program->plan.steps = steps;
    program->plan.n_steps = (int)o->steps.n;
    program->fixed_replicas = o->replicas != UINT64_MAX;
    program->retries = o->retries;
    program->retry_after = o->retry_after;
    for (size_t i = 0; i < o->steps.n; i++) {
        const struct cm_argo_item *item = &o->steps.list[i];
        if (plan_step(o, item, &steps[i], err))
            return -1;
        if (item->kind == CM_ARGO_EXPERIMENT)
            steps[i].hook =
                o->hooks.refs[listed(&o->hooks, item->names[0], strlen(item->names[0]))].index;
    }
    o->program = program;
    return 0;
}

/* --- metrics --- */

/* Where an analysis is put together. */
struct gathering {
    const struct options *options;
    const struct cm_asked *gates;
    struct cm_argo_metric *metrics;
    int *ids;
    size_t n;
};

static struct gathering gather(const struct options *o, const struct cm_asked *gates,
                               struct cm_arena *arena)
{
    size_t room = o->gates.n + 1;
    return (struct gathering){.options = o,
                              .gates = gates,
                              .metrics =
                                  cm_arena_alloc(arena, room * sizeof(struct cm_argo_metric)),
                              .ids = cm_arena_alloc(arena, room * sizeof(int))};
}

static void add(struct gathering *g, int gate)
{
    const struct cm_asked *asked = &g->gates[gate];
    const struct cm_argo_measure *m = asked->options;
    struct cm_argo_metric metric = cm_argo_metric_of(asked->name);
    metric.count = m->count == UINT64_MAX ? CM_ARGO_UNSET : (int64_t)m->count;
    metric.failure_limit = (int64_t)m->failure_limit;
    metric.inconclusive_limit = (int64_t)m->inconclusive_limit;
    metric.consecutive_error_limit = (int64_t)m->consecutive_error_limit;
    metric.consecutive_success_limit = (int64_t)m->consecutive_success_limit;
    metric.interval = m->interval;
    metric.initial_delay = m->initial_delay;
    metric.dry_run = m->dry_run;
    g->metrics[g->n] = metric;
    g->ids[g->n++] = gate;
}

static struct cm_argo_analysis gathered(const struct gathering *g)
{
    return (struct cm_argo_analysis){.spec = {.metrics = g->metrics, .n = g->n}, .gates = g->ids};
}

static void add_all(struct gathering *g)
{
    for (size_t i = 0; i < g->options->gates.n; i++)
        add(g, (int)i);
}

/* An analysis that is a step has to end by itself. */
static int check_inline(const struct cm_argo_analysis *analysis, struct cm_err *err)
{
    for (size_t i = 0; i < analysis->spec.n; i++)
        if (cm_argo_effective_count(&analysis->spec.metrics[i]) == CM_ARGO_UNSET)
            return cm_fail(err, "steps: the analysis of %s would never end: give [gate.%s] a count",
                           analysis->spec.metrics[i].name, analysis->spec.metrics[i].name);
    return 0;
}

static int bind_steps(const struct options *o, const struct cm_asked *gates, struct cm_arena *arena,
                      struct cm_err *err)
{
    struct cm_argo_analysis *list = cm_arena_alloc(arena, (o->steps.n + 1) * sizeof *list);
    for (size_t s = 0; s < o->steps.n; s++) {
        const struct cm_argo_item *item = &o->steps.list[s];
        if (item->kind != CM_ARGO_ANALYSE)
            continue;
        struct gathering g = gather(o, gates, arena);
        for (size_t i = 0; i < item->n_names; i++)
            add(&g, listed(&o->gates, item->names[i], strlen(item->names[i])));
        if (item->n_names == 0)
            add_all(&g);
        list[s] = gathered(&g);
        if (cm_argo_validate(&list[s].spec, err) || check_inline(&list[s], err))
            return -1;
    }
    o->program->of_step = list;
    return 0;
}

static int bind_background(const struct options *o, const struct cm_asked *gates,
                           struct cm_arena *arena, struct cm_err *err)
{
    struct gathering g = gather(o, gates, arena);
    struct cm_slice rest = cm_slice_of(o->background), name;
    if (strcmp(o->background, "all") == 0)
        add_all(&g);
    else
        while (cm_slice_cut(&rest, ',', &name))
            add(&g, listed(&o->gates, name.at, name.length));
    o->program->background = gathered(&g);
    return cm_argo_validate(&o->program->background.spec, err);
}

static int bind(void *options, const struct cm_asked *gates, struct cm_arena *arena,
                struct cm_err *err)
{
    struct options *o = options;
    for (size_t i = 0; i < o->gates.n; i++)
        if (strcmp(gates[i].gate->kind.name, "argo_metric") != 0)
            return cm_fail(err,
                           "gates: [gate.%s] has test = %s; metrics of Argo Rollouts have "
                           "test = argo_metric",
                           gates[i].name, gates[i].gate->kind.name);
    o->program->most_metrics = o->gates.n;
    if (bind_steps(o, gates, arena, err))
        return -1;
    return o->background ? bind_background(o, gates, arena, err) : 0;
}

/* --- at work --- */

static size_t state_size(const void *options)
{
    const struct options *o = options;
    return offsetof(struct state, worker) + cm_argo_size(o->program);
}

static void start(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    st->over = false;
    cm_argo_start(o->program, &st->worker);
}

static cm_time finish(struct state *st, struct cm_desk *desk, enum cm_end end)
{
    const struct cm_order order = cm_order_finish(end);
    desk->order(desk->self, &order);
    st->over = true;
    return CM_NEVER;
}

/* Another template: the rollout begins with its first step. */
static cm_time restart(const struct options *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_order order = {.kind = CM_RESTART, .route = {.match = -1}};
    desk->say(desk->self, CM_ARGO_SAYS_RESTART, NULL);
    desk->order(desk->self, &order);
    uint64_t revision = st->worker.revision;
    start(o, st);
    st->worker.revision = revision;
    return desk->now;
}

static cm_time wake(const void *options, void *state, struct cm_desk *desk)
{
    const struct options *o = options;
    struct state *st = state;
    if (st->over)
        return CM_NEVER;
    uint64_t newest = desk->ask(desk->self, CM_ASK_REVISION, 0)->revision;
    uint64_t ours = st->worker.revision;
    st->worker.revision = newest;
    if (ours != 0 && newest != ours)
        return restart(o, st, desk);
    cm_time next = cm_argo_work(o->program, &st->worker, desk);
    if (st->worker.state.view.promoted)
        return finish(st, desk, CM_PROMOTED);
    return cm_argo_is_over(&st->worker) ? finish(st, desk, CM_ROLLED_BACK) : next;
}

/* The least time in which a metric can succeed. */
static cm_time least_time(const struct cm_argo_metric *metric)
{
    int64_t count = cm_argo_effective_count(metric), streak = metric->consecutive_success_limit;
    int64_t needed = streak > 0 && (count == CM_ARGO_UNSET || streak < count) ? streak : count;
    cm_time delay = metric->initial_delay > 0 ? metric->initial_delay : 0;
    if (needed <= 1 || metric->interval <= 0)
        return delay;
    return needed - 1 > CM_NEVER / metric->interval
               ? CM_NEVER
               : cm_later(delay, (needed - 1) * metric->interval);
}

/* Pauses, and analyses whose metrics take as many measurements as they need to succeed. */
static cm_time shortest(const void *options)
{
    const struct options *o = options;
    const struct cm_argo_program *program = o->program;
    cm_time sum = 0;
    for (int i = 0; i < program->plan.n_steps; i++) {
        const struct cm_argo_step *step = &program->plan.steps[i];
        if (step->pause && step->duration != CM_NO_DURATION)
            sum = cm_later(sum, step->duration);
        cm_time longest = 0;
        for (size_t m = 0; step->analysis && m < program->of_step[i].spec.n; m++) {
            cm_time takes = least_time(&program->of_step[i].spec.metrics[m]);
            longest = takes > longest ? takes : longest;
        }
        sum = cm_later(sum, longest);
    }
    return sum;
}

/* A pause without a duration needs somebody; an inconclusive analysis asks whoever there is. */
static struct cm_uses uses(const void *options)
{
    const struct options *o = options;
    bool waits = false, judges = o->background != NULL, experiments = false;
    int pods = o->replicas == UINT64_MAX ? 1 : (int)o->replicas;
    for (size_t i = 0; i < o->steps.n; i++) {
        const struct cm_argo_item *item = &o->steps.list[i];
        waits |= item->kind == CM_ARGO_PAUSE && item->duration == CM_NO_DURATION;
        judges |= item->kind == CM_ARGO_ANALYSE;
        experiments |= item->kind == CM_ARGO_EXPERIMENT;
        pods = item->pods > pods ? item->pods : pods;
    }
    return (struct cm_uses){
        .hooks = experiments,
        .revisions = true,
        .pods = pods,
        .people = waits                   ? CM_SOMEBODY
                  : judges || experiments ? CM_IF_ANY
                                          : CM_NOBODY,
    };
}

const struct cm_controller cm_controller_argo = {
    .kind = {.name = "argo",
             .summary = "Argo Rollouts' canary: steps of weights, pauses and analyses.",
             .source = "argoproj/argo-rollouts v1.10",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    .sentences = cm_argo_sentences,
    .bind = bind,
    .state_size = state_size,
    .start = start,
    .wake = wake,
    .shortest = shortest,
    .uses = uses,
};
