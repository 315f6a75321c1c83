/* Asking and ordering around the passes. Source and assumptions: argo_wake.h, argo_pass.h. */
#include "sim/controllers/argo_wake.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { PASSES = 100000 }; /* at one instant; a rollout of 1,000 pods needs some thousands */

/* One call: what is worked on, and for whom. */
struct work {
    const struct cm_argo_program *program;
    struct cm_argo_plan plan; /* the program's, with the replicas there are */
    struct cm_argo_worker *worker;
    const struct cm_desk *desk;
    cm_time now; /* as a controller that wakes late sees it */
};

/* --- memory --- */

static size_t aligned(size_t size)
{
    return (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

size_t cm_argo_size(const struct cm_argo_program *program)
{
    return aligned(sizeof(struct cm_argo_worker)) +
           CM_ARGO_RUNS * aligned(cm_argo_run_size(program->most_metrics));
}

static struct cm_argo_run *run_at(struct cm_argo_worker *worker, enum cm_argo_which which)
{
    char *runs = (char *)worker + aligned(sizeof *worker);
    return (void *)(runs + which * worker->run_size);
}

const struct cm_argo_run *cm_argo_run_of(const struct cm_argo_worker *worker,
                                         enum cm_argo_which which)
{
    const char *runs = (const char *)worker + aligned(sizeof *worker);
    return (const void *)(runs + which * worker->run_size);
}

void cm_argo_start(const struct cm_argo_program *program, struct cm_argo_worker *worker)
{
    *worker = (struct cm_argo_worker){
        .measured_at = {CM_NEVER, CM_NEVER},
        .experiment_at = CM_NEVER,
        .person_at = CM_NEVER,
        .retry_at = CM_NEVER,
        .step = -1,
        .pods = {.stable = program->plan.replicas},
        .run_size = aligned(cm_argo_run_size(program->most_metrics)),
    };
}

/* --- saying --- */

static void say(const struct work *w, enum cm_argo_sentence sentence, int x, int n)
{
    struct cm_evidence why = cm_verdict_of(CM_PASS, -1).why;
    why.x1 = (uint64_t)x;
    why.n1 = (uint64_t)n;
    w->desk->say(w->desk->self, (int)sentence, &why);
}

/* --- pods --- */

/* What the desk does not keep count of is there at once. */
static void see(struct cm_argo_set *set, const struct cm_pods *pods)
{
    int wanted = cm_argo_wanted(set);
    bool counted = pods->wanted == wanted;
    set->created = counted ? pods->updated : wanted;
    set->available = counted ? pods->available : wanted;
}

static void see_pods(struct work *w)
{
    const struct cm_pods *pods = w->desk->ask(w->desk->self, CM_ASK_PODS, 0)->pods;
    see(&w->worker->state.view.canary, &pods[CM_CANARY]);
    see(&w->worker->state.view.stable, &pods[CM_STABLE]);
}

static void order_pods(struct work *w)
{
    struct cm_argo_worker *worker = w->worker;
    struct cm_argo_counts_of to = {cm_argo_wanted(&worker->state.view.canary),
                                   cm_argo_wanted(&worker->state.view.stable)};
    if (to.canary == worker->pods.canary && to.stable == worker->pods.stable)
        return;
    if (to.canary != worker->pods.canary)
        say(w, CM_ARGO_SAYS_SCALED_CANARY, worker->pods.canary, to.canary);
    if (to.stable != worker->pods.stable)
        say(w, CM_ARGO_SAYS_SCALED_STABLE, worker->pods.stable, to.stable);
    struct cm_order order = {.kind = CM_SET_PODS, .route = {.match = -1}};
    order.pods[CM_STABLE] = to.stable;
    order.pods[CM_CANARY] = order.pods[CM_BASELINE] = to.canary;
    w->desk->order(w->desk->self, &order);
    worker->pods = to;
}

/* --- traffic --- */

static double share_now(const struct work *w)
{
    const struct cm_argo_view *v = &w->worker->state.view;
    int canary = v->canary.available, all = canary + v->stable.available;
    if (w->plan.routing)
        return v->weights.known ? (double)v->weights.canary / w->plan.max_weight : 0;
    return all > 0 ? (double)canary / all : 0;
}

static void order_route(struct work *w)
{
    double share = share_now(w);
    const struct cm_order order = cm_order_weight(share);
    if (share == w->worker->share)
        return;
    if (w->plan.routing)
        say(w, CM_ARGO_SAYS_WEIGHT, (int)(w->worker->share * w->plan.max_weight + 0.5),
            w->worker->state.view.weights.canary);
    w->desk->order(w->desk->self, &order);
    w->worker->share = share;
}

/* Past the last step, and after an abort, the desk's step stays. */
static void order_step(struct work *w)
{
    const struct cm_argo_view *v = &w->worker->state.view;
    int step = v->step < 0 ? 0 : v->step;
    if (step == w->worker->step || v->abort || (step > 0 && step >= w->plan.n_steps))
        return;
    const struct cm_order order = cm_order_step(step);
    w->desk->order(w->desk->self, &order);
    w->worker->step = step;
}

/* --- analyses --- */

static const struct cm_argo_analysis *analysis_of(const struct work *w, enum cm_argo_which which)
{
    return which == CM_ARGO_BACKGROUND_RUN ? &w->program->background
                                           : &w->program->of_step[w->worker->state.run[which].step];
}

struct provider {
    const struct cm_desk *desk;
    const struct cm_argo_analysis *analysis;
};

/* A gate's label is what the measurement came to; a gate that is asked is never in flight. */
static struct cm_argo_measurement take(void *self, size_t metric, enum cm_argo_task task,
                                       cm_time now)
{
    static const enum cm_argo_phase phases[CM_LABELS] = {
        [CM_PASS] = CM_ARGO_SUCCESSFUL,      [CM_UNDECIDED] = CM_ARGO_INCONCLUSIVE,
        [CM_NO_DATA] = CM_ARGO_INCONCLUSIVE, [CM_GATE_ERROR] = CM_ARGO_ERROR,
        [CM_FAIL] = CM_ARGO_FAILED,
    };
    const struct provider *p = self;
    (void)task;
    const struct cm_answer *answer =
        p->desk->ask(p->desk->self, CM_ASK_GATE, p->analysis->gates[metric]);
    return (struct cm_argo_measurement){.phase = phases[answer->verdict->label],
                                        .started = now,
                                        .finished = answer->at,
                                        .resume_at = CM_NO_DURATION};
}

static void say_verdict(const struct work *w, enum cm_argo_which which)
{
    static const enum cm_argo_sentence sentences[] = {
        [CM_ARGO_TOO_FAILED] = CM_ARGO_SAYS_METRIC_FAILED,
        [CM_ARGO_TOO_INCONCLUSIVE] = CM_ARGO_SAYS_METRIC_INCONCLUSIVE,
        [CM_ARGO_TOO_ERROR] = CM_ARGO_SAYS_METRIC_ERROR,
    };
    const struct cm_argo_why *bad = &cm_argo_run_of(w->worker, which)->why;
    if (bad->reason == CM_ARGO_FINE || bad->metric < 0)
        return;
    struct cm_evidence why = cm_verdict_of(CM_PASS, -1).why;
    why.x1 = (uint64_t)bad->counted;
    why.n1 = (uint64_t)bad->limit;
    why.id = analysis_of(w, which)->gates[bad->metric];
    w->desk->say(w->desk->self, (int)sentences[bad->reason], &why);
}

/* One pass of a run: measures what is due and, once all have answered, assesses. */
static bool pass_run(struct work *w, enum cm_argo_which which)
{
    struct cm_argo_ref *ref = &w->worker->state.run[which];
    struct cm_argo_run *run = run_at(w->worker, which);
    cm_time *at = &w->worker->measured_at[which], now = w->desk->now;
    if (!ref->exists || cm_argo_completed(run->phase) || (*at != CM_NEVER && *at > now))
        return false;
    const struct cm_argo_analysis *analysis = analysis_of(w, which);
    struct provider self = {w->desk, analysis};
    const struct cm_argo_provider provider = {&self, take};
    enum cm_argo_phase before = run->phase;
    run->terminate = ref->terminate;
    if (*at == CM_NEVER)
        *at = cm_argo_measure(&analysis->spec, run, now, &provider);
    if (*at > now)
        return false;
    *at = CM_NEVER;
    ref->phase = cm_argo_assess(&analysis->spec, run, now);
    if (cm_argo_completed(ref->phase))
        say_verdict(w, which);
    return ref->phase != before || cm_argo_terminating(&analysis->spec, run);
}

static void begin_runs(struct work *w, const struct cm_argo_done *done)
{
    static const enum cm_argo_sentence sentences[] = {CM_ARGO_SAYS_STEP_RUN,
                                                      CM_ARGO_SAYS_BACKGROUND_RUN};
    for (int i = 0; i < CM_ARGO_RUNS; i++) {
        if (!done->created[i])
            continue;
        enum cm_argo_which which = (enum cm_argo_which)i;
        w->worker->measured_at[i] = CM_NEVER;
        cm_argo_run_start(run_at(w->worker, which), analysis_of(w, which)->spec.n);
        w->desk->say(w->desk->self, (int)sentences[i], NULL);
    }
}

/* --- experiments --- */

static void begin_experiment(struct work *w)
{
    static const enum cm_argo_phase phases[CM_LABELS] = {
        [CM_PASS] = CM_ARGO_SUCCESSFUL,      [CM_UNDECIDED] = CM_ARGO_INCONCLUSIVE,
        [CM_NO_DATA] = CM_ARGO_INCONCLUSIVE, [CM_GATE_ERROR] = CM_ARGO_ERROR,
        [CM_FAIL] = CM_ARGO_FAILED,
    };
    const struct cm_argo_step *step = cm_argo_current(&w->plan, &w->worker->state.view);
    const struct cm_answer *answer =
        w->desk->ask(w->desk->self, CM_ASK_HOOK, step ? step->hook : 0);
    w->worker->experiment_at = answer->at;
    w->worker->experiment = phases[answer->verdict->label];
}

static bool end_experiment(struct work *w)
{
    struct cm_argo_worker *worker = w->worker;
    if (worker->experiment_at > w->desk->now)
        return false;
    worker->experiment_at = CM_NEVER;
    if (worker->state.experiment == CM_ARGO_PENDING)
        worker->state.experiment = worker->experiment;
    return true;
}

/* --- people --- */

/* What somebody has to be asked about: it does not end by itself. */
static bool awaits_people(const struct work *w)
{
    const struct cm_argo_state *s = &w->worker->state;
    const struct cm_argo_step *step = cm_argo_current(&w->plan, &s->view);
    if (s->paused[CM_ARGO_INCONCLUSIVE_ANALYSIS] || s->paused[CM_ARGO_INCONCLUSIVE_EXPERIMENT])
        return true;
    return s->paused[CM_ARGO_PAUSE_STEP] && step && step->duration == CM_NO_DURATION;
}

/* Approval is `promote`, refusal is `abort`. Nobody answers within a second, so that an analysis
 * that is inconclusive at once, time and again, does not stop the clock. */
static bool ask_people(struct work *w)
{
    struct cm_argo_worker *worker = w->worker;
    if (!awaits_people(w) || (worker->asking && worker->person_at > w->desk->now)) {
        worker->asking = worker->asking && awaits_people(w);
        return false;
    }
    const struct cm_answer *answer = w->desk->ask(w->desk->self, CM_ASK_HUMAN, 0);
    if (!worker->asking) {
        const struct cm_order pause = {.kind = CM_PAUSE, .route = {.match = -1}};
        w->desk->order(w->desk->self, &pause);
        worker->asking = true;
        worker->person_at =
            answer->at > w->desk->now ? answer->at : cm_later(w->desk->now, CM_SECOND);
        return false;
    }
    worker->asking = false;
    if (answer->verdict->label == CM_PASS) {
        cm_argo_user_promotes(&w->plan, &worker->state);
        worker->step = -1; /* tells the desk that it goes on */
        w->desk->say(w->desk->self, CM_ARGO_SAYS_RESUMED, NULL);
    } else {
        cm_argo_user_aborts(&worker->state);
    }
    return true;
}

static bool retry(struct work *w)
{
    struct cm_argo_worker *worker = w->worker;
    if (!worker->state.view.abort || worker->retry_at > w->desk->now)
        return false;
    worker->retry_at = CM_NEVER;
    worker->retried++;
    worker->step = -1;
    cm_argo_user_retries(&worker->state);
    w->desk->say(w->desk->self, CM_ARGO_SAYS_RETRY, NULL);
    return true;
}

/* --- the passes --- */

static void say_done(const struct work *w, const struct cm_argo_done *done)
{
    const struct cm_argo_state *s = &w->worker->state;
    if (done->completed)
        say(w, CM_ARGO_SAYS_STEP_COMPLETED, s->view.step, w->plan.n_steps);
    for (int i = 0; i < CM_ARGO_PAUSES; i++)
        if (done->paused[i])
            w->desk->say(w->desk->self, CM_ARGO_SAYS_PAUSED + i, NULL);
    if (done->timed_out)
        w->desk->say(w->desk->self, CM_ARGO_SAYS_TIMED_OUT, NULL);
    if (done->aborted)
        w->desk->say(w->desk->self, CM_ARGO_SAYS_ABORTED + (int)s->cause, NULL);
    if (done->promoted != CM_ARGO_NOT_YET)
        w->desk->say(
            w->desk->self,
            done->promoted == CM_ARGO_ALL_STEPS ? CM_ARGO_SAYS_ALL_STEPS : CM_ARGO_SAYS_FULL, NULL);
}

/* One pass over the rollout and one over each of its runs; whether another follows at once. */
static bool pass(struct work *w)
{
    struct cm_argo_worker *worker = w->worker;
    see_pods(w);
    struct cm_argo_done done = cm_argo_pass(&w->plan, &worker->state, w->now, NULL);
    if (done.aborted && worker->retried < w->program->retries)
        worker->retry_at = cm_later(w->desk->now, w->program->retry_after);
    order_step(w);
    order_pods(w);
    see_pods(w);
    if (w->plan.routing)
        order_route(w);
    say_done(w, &done);
    begin_runs(w, &done);
    if (done.begins_experiment)
        begin_experiment(w);
    bool again = end_experiment(w) || done.changed;
    for (int i = 0; i < CM_ARGO_RUNS && !worker->state.view.promoted; i++)
        again = pass_run(w, (enum cm_argo_which)i) || again;
    again = ask_people(w) || again;
    return retry(w) || again;
}

static cm_time sooner(cm_time next, cm_time t, cm_time now)
{
    return t > now && t < next ? t : next;
}

static cm_time next_of(struct work *w)
{
    const struct cm_argo_worker *worker = w->worker;
    cm_time now = w->desk->now, next = cm_argo_next_pass(&w->plan, &worker->state, now);
    for (int i = 0; i < CM_ARGO_RUNS; i++) {
        enum cm_argo_which which = (enum cm_argo_which)i;
        const struct cm_argo_run *run = cm_argo_run_of(worker, which);
        next = sooner(next, worker->measured_at[i], now);
        if (worker->state.run[i].exists && !cm_argo_completed(run->phase) &&
            worker->measured_at[i] == CM_NEVER)
            next = sooner(next, cm_argo_next(&analysis_of(w, which)->spec, run, now), now);
    }
    next = sooner(next, worker->experiment_at, now);
    next = sooner(next, worker->retry_at, now);
    return worker->asking ? sooner(next, worker->person_at, now) : next;
}

/* The first pass finds stable with all its pods. */
static void begin(struct work *w)
{
    const struct cm_pods *pods = w->desk->ask(w->desk->self, CM_ASK_PODS, 0)->pods;
    if (!w->program->fixed_replicas)
        w->plan.replicas = pods[CM_STABLE].wanted;
    w->worker->state = cm_argo_state_at_start(&w->plan);
    w->worker->pods = (struct cm_argo_counts_of){.canary = 0, .stable = w->plan.replicas};
    w->worker->replicas = w->plan.replicas;
    w->worker->begun = true;
    if (pods[CM_STABLE].wanted == w->plan.replicas && pods[CM_CANARY].wanted == 0)
        return;
    struct cm_order order = {.kind = CM_SET_PODS, .route = {.match = -1}};
    order.pods[CM_STABLE] = w->plan.replicas;
    w->desk->order(w->desk->self, &order);
}

cm_time cm_argo_work(const struct cm_argo_program *program, struct cm_argo_worker *worker,
                     const struct cm_desk *desk)
{
    struct work w = {program, program->plan, worker, desk, cm_later(desk->now, 1)};
    if (!worker->begun)
        begin(&w);
    w.plan.replicas = worker->replicas;
    int passes = 0;
    while (pass(&w) && !worker->state.view.promoted) {
        passes++;
        assert(passes < PASSES);
    }
    order_route(&w); /* where pods are the weight, once they all are as they will be */
    return worker->state.view.promoted ? CM_NEVER : next_of(&w);
}

bool cm_argo_is_over(const struct cm_argo_worker *worker)
{
    return worker->state.view.abort && worker->retry_at == CM_NEVER && worker->share <= 0;
}

/* --- words --- */

const char *const cm_argo_sentences[CM_ARGO_SENTENCES + 1] = {
    [CM_ARGO_SAYS_STEP_COMPLETED] = "Rollout step {x}/{n} completed",
    [CM_ARGO_SAYS_PAUSED] = "Rollout is paused (CanaryPauseStep)",
    [CM_ARGO_SAYS_INCONCLUSIVE] = "Rollout is paused (InconclusiveAnalysisRun)",
    [CM_ARGO_SAYS_INCONCLUSIVE_EXPERIMENT] = "Rollout is paused (InconclusiveExperiment)",
    [CM_ARGO_SAYS_RESUMED] = "Rollout is resumed",
    [CM_ARGO_SAYS_WEIGHT] = "Traffic weight updated from {x} to {n}",
    [CM_ARGO_SAYS_SCALED_CANARY] = "Scaled canary replica set from {x} to {n}",
    [CM_ARGO_SAYS_SCALED_STABLE] = "Scaled stable replica set from {x} to {n}",
    [CM_ARGO_SAYS_STEP_RUN] = "Created step analysis run",
    [CM_ARGO_SAYS_BACKGROUND_RUN] = "Created background analysis run",
    [CM_ARGO_SAYS_METRIC_FAILED] =
        "Metric \"{gate}\" assessed Failed due to failed ({x}) > failureLimit ({n})",
    [CM_ARGO_SAYS_METRIC_INCONCLUSIVE] = ("Metric \"{gate}\" assessed Inconclusive due to "
                                          "inconclusive ({x}) > inconclusiveLimit ({n})"),
    [CM_ARGO_SAYS_METRIC_ERROR] =
        ("Metric \"{gate}\" assessed Error due to consecutiveErrors ({x}) "
         "> consecutiveErrorLimit ({n})"),
    [CM_ARGO_SAYS_ABORTED] = "Rollout aborted update: a person refuses",
    [CM_ARGO_SAYS_STEP_FAILED] = "Rollout aborted update: Step-based analysis phase error/failed",
    [CM_ARGO_SAYS_BACKGROUND_FAILED] =
        "Rollout aborted update: Background analysis phase error/failed",
    [CM_ARGO_SAYS_EXPERIMENT_FAILED] =
        "Rollout aborted update: Experiment failed or error occurred",
    [CM_ARGO_SAYS_DEADLINE_ABORTED] =
        "Rollout aborted update: ReplicaSet has timed out progressing",
    [CM_ARGO_SAYS_TIMED_OUT] = "ReplicaSet has timed out progressing",
    [CM_ARGO_SAYS_RETRY] = "Retrying Rollout after abort",
    [CM_ARGO_SAYS_ALL_STEPS] = "Rollout completed update: Completed all canary steps",
    [CM_ARGO_SAYS_FULL] = "Rollout completed update: Full promotion requested",
    [CM_ARGO_SAYS_RESTART] = "Rollout updated to a newer revision",
    NULL,
};
