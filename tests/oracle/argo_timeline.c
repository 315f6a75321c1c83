/* Cases of whole rollouts: the controller's own passes at a desk that answers from the case.
 *
 * Pods that are added become available after pod_ready_s, pods that are taken away are gone at
 * once; metrics are measured as the case lists them. What the controller says and orders is the
 * trace that is compared: everything up to the promotion or the horizon. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/controllers/argo_wake.h"
#include "tests/oracle/argo_rollout.h"

enum { ENTRIES = 1000, RUNS_MOST = 64, BATCHES = 256 };

struct trace {
    json_t *steps, *weights, *replicas, *events; /* owned */
    int step;
};

/* Pods that are on their way. */
struct batch {
    cm_time at;
    int arm, pods;
};

struct metric_script {
    const char *outcomes[64];
    size_t n;
    const char *tail;
    cm_time latency;
};

/* One template: its metrics and what they will say. */
struct template
{
    const char *name;
    struct cm_argo_metric metrics[8];
    int gates[8];
    struct metric_script script[8];
    size_t n;
};

struct stage {
    struct argo_case *c;
    struct cm_answer answer;
    struct cm_verdict verdict; /* of the answer */
    struct argo_rollout r;
    struct template templates[12];
    size_t n_templates;
    struct cm_argo_analysis of_step[ARGO_STEPS];
    struct cm_argo_program program;
    struct cm_argo_worker *worker;
    struct trace trace;
    cm_time now, ready;
    int spec[CM_ARMS], available[CM_ARMS];
    struct batch batches[BATCHES];
    size_t n_batches;
    bool paused;
    cm_time promoted, aborted, inconclusive;
    char message[300];
};

/* --- the trace -------------------------------------------------------------------------------- */

static void note(json_t *list, cm_time now, json_t *a, json_t *b)
{
    json_t *entry = json_array();
    json_array_append_new(entry, json_real(cm_seconds(now)));
    json_array_append_new(entry, a);
    if (b != NULL)
        json_array_append_new(entry, b);
    json_array_append_new(list, entry);
}

static void note_step(struct stage *s, int step)
{
    if (step != s->trace.step)
        note(s->trace.steps, s->now, json_integer(step), NULL);
    s->trace.step = step;
}

static void note_event(struct stage *s, const char *event)
{
    note(s->trace.events, s->now, json_string(event), NULL);
}

/* Whole seconds, names and counts: only numbers may differ in how they are written. */
static bool same(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return fabs(json_number_value(a) - json_number_value(b)) < 1e-6;
    if (!json_is_array(a) || !json_is_array(b))
        return json_equal(a, b);
    bool equal = json_array_size(a) == json_array_size(b);
    for (size_t i = 0; equal && i < json_array_size(a); i++) {
        const json_t *x = json_array_get(a, i), *y = json_array_get(b, i);
        equal = json_is_array(x) ? json_array_size(x) == json_array_size(y) : same(x, y);
        for (size_t k = 0; equal && json_is_array(x) && k < json_array_size(x); k++)
            equal = same(json_array_get(x, k), json_array_get(y, k));
    }
    return equal;
}

static void compare(struct argo_case *c, const char *key, const json_t *got)
{
    const json_t *want = json_object_get(c->expect.object, key);
    if (want == NULL)
        return;
    c->asked++;
    if (same(want, got))
        return;
    char *text = json_dumps(got, JSON_COMPACT | JSON_REAL_PRECISION(6));
    argo_disagree(c, "%s are %s", key, text ? text : "?");
    free(text);
}

static void compare_time(struct argo_case *c, const char *key, cm_time got)
{
    if (argo_asks(c, key) && !argo_null(c, key, got == CM_NEVER))
        argo_number(c, key, cm_seconds(got));
}

/* --- the desk --------------------------------------------------------------------------------- */

static const struct cm_answer *measure(struct stage *s, int id)
{
    static const enum cm_label labels[] = {CM_PASS, CM_FAIL, CM_UNDECIDED, CM_GATE_ERROR};
    struct template *t = &s->templates[id / 8];
    struct metric_script *script = &t->script[id % 8];
    const struct cm_argo_run *run = NULL;
    size_t metric = (size_t)(id % 8);
    for (int i = 0; i < CM_ARGO_RUNS; i++) {
        const struct cm_argo_ref *ref = &s->worker->state.run[i];
        const char *name = i == CM_ARGO_BACKGROUND_RUN ? s->r.background
                           : ref->step >= 0            ? s->r.templates[ref->step]
                                                       : NULL;
        if (ref->exists && name && strcmp(name, t->name) == 0 &&
            !cm_argo_completed(cm_argo_run_of(s->worker, i)->phase))
            run = cm_argo_run_of(s->worker, i);
    }
    size_t taken = run ? run->results[metric].measurements : 0;
    const char *outcome = taken < script->n ? script->outcomes[taken] : script->tail;
    const char *at = strchr("SFIE", *outcome ? *outcome : 'S');
    s->verdict = cm_verdict_of(at ? labels[at - "SFIE"] : CM_PASS, -1);
    s->answer.at = cm_later(s->now, script->latency);
    s->answer.verdict = &s->verdict;
    return &s->answer;
}

static const struct cm_answer *ask(void *self, enum cm_ask what, int id)
{
    struct stage *s = self;
    if (what == CM_ASK_GATE)
        return measure(s, id);
    s->answer.at = what == CM_ASK_HUMAN ? CM_NEVER : s->now; /* people act when the case says so */
    for (int arm = 0; arm < CM_ARMS; arm++)
        s->answer.pods[arm] = (struct cm_pods){
            .wanted = s->spec[arm], .updated = s->spec[arm], .available = s->available[arm]};
    return &s->answer;
}

static int underway(const struct stage *s, int arm)
{
    int pods = 0;
    for (size_t i = 0; i < s->n_batches; i++)
        pods += s->batches[i].arm == arm ? s->batches[i].pods : 0;
    return pods;
}

/* Pods that are not available yet go first. */
static void want(struct stage *s, int arm, int pods)
{
    int more = pods - s->spec[arm];
    s->spec[arm] = pods;
    if (more > 0 && s->ready == 0)
        s->available[arm] += more;
    else if (more > 0 && s->n_batches < BATCHES)
        s->batches[s->n_batches++] = (struct batch){cm_later(s->now, s->ready), arm, more};
    for (size_t i = s->n_batches; more < 0 && i-- > 0;) {
        int gone = s->batches[i].arm != arm     ? 0
                   : s->batches[i].pods < -more ? s->batches[i].pods
                                                : -more;
        s->batches[i].pods -= gone;
        more += gone;
    }
    int most = pods - underway(s, arm);
    s->available[arm] = s->available[arm] > most ? most : s->available[arm];
}

static void order(void *self, const struct cm_order *o)
{
    struct stage *s = self;
    if (o->kind == CM_SET_PODS) {
        want(s, CM_CANARY, o->pods[CM_CANARY]);
        want(s, CM_STABLE, o->pods[CM_STABLE]);
        note(s->trace.replicas, s->now, json_integer(s->spec[CM_CANARY]),
             json_integer(s->spec[CM_STABLE]));
    }
    if (o->kind == CM_SET_ROUTE && s->r.plan.routing)
        note(s->trace.weights, s->now,
             json_integer(lround(o->route.share[CM_CANARY] * s->r.plan.max_weight)), NULL);
}

/* The run that has failed says why. */
static void note_abort(struct stage *s, const char *prefix, enum cm_argo_which which)
{
    char why[200] = "";
    const struct cm_argo_ref *ref = &s->worker->state.run[which];
    const char *name =
        which == CM_ARGO_BACKGROUND_RUN ? s->r.background : s->r.templates[ref->step];
    for (size_t t = 0; name && t < s->n_templates; t++) {
        const struct cm_argo_spec spec = {s->templates[t].metrics, s->templates[t].n};
        if (strcmp(s->templates[t].name, name) == 0)
            cm_argo_message(&spec, cm_argo_run_of(s->worker, which), NULL, why, sizeof why);
    }
    snprintf(s->message, sizeof s->message, "%s%s%s", prefix, *why ? ": " : "", why);
}

static void say(void *self, int sentence, const struct cm_evidence *why)
{
    struct stage *s = self;
    if (sentence == CM_ARGO_SAYS_STEP_COMPLETED)
        note_step(s, (int)why->x1);
    if (sentence == CM_ARGO_SAYS_STEP_RUN)
        note_event(s, "analysis-created:step");
    if (sentence == CM_ARGO_SAYS_BACKGROUND_RUN)
        note_event(s, "analysis-created:background");
    if (sentence == CM_ARGO_SAYS_INCONCLUSIVE && s->inconclusive == CM_NEVER)
        s->inconclusive = s->now;
    if (sentence == CM_ARGO_SAYS_STEP_FAILED)
        note_abort(s, "Step-based analysis phase error/failed", CM_ARGO_STEP_RUN);
    if (sentence == CM_ARGO_SAYS_BACKGROUND_FAILED)
        note_abort(s, "Background analysis phase error/failed", CM_ARGO_BACKGROUND_RUN);
    if (sentence < CM_ARGO_SAYS_ABORTED || sentence > CM_ARGO_SAYS_DEADLINE_ABORTED)
        return;
    s->aborted = s->aborted == CM_NEVER ? s->now : s->aborted;
    if (s->r.plan.n_steps > 0)
        note_step(s, 0);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void read_metric(struct stage *s, struct template *t, const json_t *object)
{
    struct inputs in = argo_inside(object);
    struct metric_script *script = &t->script[t->n];
    const json_t *outcomes = json_object_get(object, "outcomes");
    t->metrics[t->n] = argo_metric(&in);
    t->gates[t->n] = (int)((size_t)(t - s->templates) * 8 + t->n);
    script->n = json_array_size(outcomes) < 64 ? json_array_size(outcomes) : 64;
    for (size_t i = 0; i < script->n; i++) {
        const char *text = json_string_value(json_array_get(outcomes, i));
        script->outcomes[i] = text ? text : "S";
    }
    const char *tail = json_string_value(json_object_get(object, "tail"));
    script->tail = tail ? tail : "S";
    script->latency = cm_from_seconds(input_number_or(&in, "latency_s", 0));
    t->n++;
    argo_hand_up(s->c, &in);
}

static void read_templates(struct stage *s)
{
    json_t *analyses = json_object_get(s->c->in.object, "analyses");
    const char *name;
    json_t *metrics;
    json_object_foreach(analyses, name, metrics)
    {
        if (s->n_templates == sizeof s->templates / sizeof *s->templates ||
            json_array_size(metrics) > 8) {
            inputs_fault(&s->c->in, "too many analyses or metrics");
            return;
        }
        struct template *t = &s->templates[s->n_templates++];
        t->name = name;
        for (size_t i = 0; i < json_array_size(metrics); i++)
            read_metric(s, t, json_array_get(metrics, i));
    }
}

static struct cm_argo_analysis analysis_of(struct stage *s, const char *name)
{
    struct cm_argo_analysis analysis = {.gates = NULL};
    for (size_t i = 0; name && i < s->n_templates; i++)
        if (strcmp(s->templates[i].name, name) == 0)
            analysis =
                (struct cm_argo_analysis){.spec = {s->templates[i].metrics, s->templates[i].n},
                                          .gates = s->templates[i].gates};
    if (name && analysis.gates == NULL)
        inputs_fault(&s->c->in, "there is no analysis \"%.40s\"", name);
    return analysis;
}

static void set_stage(struct argo_case *c, struct stage *s)
{
    struct inputs spec = argo_inside(json_object_get(c->in.object, "spec"));
    *s =
        (struct stage){.c = c, .promoted = CM_NEVER, .aborted = CM_NEVER, .inconclusive = CM_NEVER};
    argo_plan_read(&spec, &s->r);
    argo_hand_up(c, &spec);
    s->r.plan.steps = s->r.steps;
    s->r.plan.progress_deadline = CM_NEVER;
    s->ready = cm_from_seconds(input_number_or(&c->in, "pod_ready_s", 0));
    read_templates(s);
    for (int i = 0; i < s->r.plan.n_steps; i++)
        if (s->r.steps[i].analysis)
            s->of_step[i] = analysis_of(s, s->r.templates[i]);
    s->program = (struct cm_argo_program){.plan = s->r.plan,
                                          .of_step = s->of_step,
                                          .background = analysis_of(s, s->r.background),
                                          .most_metrics = 8,
                                          .fixed_replicas = true};
    s->worker = cm_arena_alloc(&c->in.memory, cm_argo_size(&s->program));
    cm_argo_start(&s->program, s->worker);
    s->spec[CM_STABLE] = s->available[CM_STABLE] = s->r.plan.replicas;
    s->trace = (struct trace){json_array(), json_array(), json_array(), json_array(), -1};
    note_step(s, s->r.plan.n_steps > 0 ? 0 : -1);
    note(s->trace.replicas, 0, json_integer(0), json_integer(s->r.plan.replicas));
}

/* --- playing ---------------------------------------------------------------------------------- */

static void act(struct stage *s, const char *action)
{
    struct cm_argo_state *state = &s->worker->state;
    char event[60];
    snprintf(event, sizeof event, "user:%.40s", action);
    note_event(s, event);
    if (strcmp(action, "retry") == 0)
        cm_argo_user_retries(state);
    else if (strcmp(action, "abort") == 0)
        cm_argo_user_aborts(state);
    else if (strcmp(action, "promote") == 0 || strcmp(action, "resume") == 0)
        cm_argo_user_promotes(&s->r.plan, state);
    else if (strcmp(action, "promote-full") == 0 || strcmp(action, "promote_full") == 0)
        cm_argo_user_promotes_full(state);
    else
        inputs_fault(&s->c->in, "nobody does \"%.40s\"", action);
    if (state->view.step >= 0 && strcmp(action, "promote") == 0)
        note_step(s, state->view.step);
}

static cm_time next_pods(const struct stage *s)
{
    cm_time next = CM_NEVER;
    for (size_t i = 0; i < s->n_batches; i++)
        if (s->batches[i].pods > 0 && s->batches[i].at < next)
            next = s->batches[i].at;
    return next;
}

static void come_up(struct stage *s)
{
    for (size_t i = 0; i < s->n_batches; i++) {
        struct batch *b = &s->batches[i];
        if (b->at <= s->now) {
            s->available[b->arm] += b->pods;
            b->pods = 0;
        }
    }
}

static cm_time next_action(const struct stage *s, size_t i)
{
    const json_t *action = json_array_get(json_object_get(s->c->in.object, "user_actions"), i);
    return action ? cm_from_seconds(json_number_value(json_object_get(action, "at"))) : CM_NEVER;
}

static cm_time least(cm_time a, cm_time b)
{
    return a < b ? a : b;
}

static void play(struct stage *s)
{
    const json_t *actions = json_object_get(s->c->in.object, "user_actions");
    cm_time horizon = cm_from_seconds(input_number_or(&s->c->in, "horizon_s", 1e5)), wake = 0;
    size_t done = 0;
    for (int i = 0; i < 100000 && !s->c->in.wrong; i++) {
        s->now = least(wake, least(next_pods(s), next_action(s, done)));
        if (s->now > horizon || s->now == CM_NEVER)
            return;
        come_up(s);
        struct cm_desk desk = {s, s->now, ask, order, say};
        if (next_action(s, done) <= s->now) {
            const char *action =
                json_string_value(json_object_get(json_array_get(actions, done++), "action"));
            act(s, action ? action : "");
        }
        wake = cm_argo_work(&s->program, s->worker, &desk);
        if (s->worker->state.view.promoted) {
            s->promoted = s->now;
            return;
        }
    }
}

static void timeline(struct argo_case *c)
{
    struct stage *s = cm_alloc(sizeof *s);
    set_stage(c, s);
    if (!c->in.wrong)
        play(s);
    compare_time(c, "promoted_at", s->promoted);
    compare_time(c, "aborted_at", s->aborted);
    compare_time(c, "paused_inconclusive_at", s->inconclusive);
    if (argo_asks(c, "final"))
        argo_text(c, "final", cm_argo_rollout_phase(&s->worker->state));
    if (argo_asks(c, "abort_message"))
        argo_text(c, "abort_message", s->message);
    compare(c, "steps", s->trace.steps);
    compare(c, "weights", s->trace.weights);
    compare(c, "replicas", s->trace.replicas);
    compare(c, "events", s->trace.events);
    json_decref(s->trace.steps);
    json_decref(s->trace.weights);
    json_decref(s->trace.replicas);
    json_decref(s->trace.events);
    cm_free(s);
}

const struct argo_kind argo_timeline_kinds[] = {
    {"rollout_timeline", timeline},
    {NULL, NULL},
};
