/* Argo Rollouts' Rollout (strategy canary) with its AnalysisTemplates.
 *
 * Steps become steps of `controller = argo`, metrics of templates gates of `test = argo_metric`:
 * the conditions stay as they are, with `result` put in the query's own scale, since metrics here
 * measure shares of errors and seconds:
 *
 *     result[0] >= 0.95 of a success ratio is (1 - result[0]) >= 0.95 of an error ratio
 *
 * A metric that is not measured by Prometheus, or by a query that is not understood, is asked for;
 * until somebody says what it measures it is Successful whatever happens.
 *
 * Source: argoproj/argo-rollouts v1.10, pkg/apis/rollouts/v1alpha1. */
#include <string.h>

#include "interop/argo_template.h"
#include "interop/importer.h"

struct argo {
    struct cm_importer *im;
    struct cm_draft *d;
    struct cm_reader *r;
    const struct cm_node *root, *canary;
    const char *space;
    struct cm_draft_names steps, gates, hooks;
    struct cm_draft_names background; /* gates of the analysis beside the steps */
    double max_weight, pauses_s;
    bool waits;
};

/* --- steps --- */

/* "pause 10m"; either part may be empty. */
static void add_step(struct argo *a, const char *verb, const char *what)
{
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s%s%s", verb, *verb && *what ? " " : "", what);
    cm_draft_list(a->d, &a->steps, cm_arena_text(a->r->arena, text.text, text.length));
    cm_buffer_release(&text);
}

static void add_weight(struct argo *a, const struct cm_node *step)
{
    double weight;
    if (cm_manifest_number(a->r, step, "setWeight", &weight))
        add_step(a, "", cm_draft_percent(a->d, 100 * weight / a->max_weight));
}

static void add_pause(struct argo *a, const struct cm_node *step)
{
    double seconds;
    const struct cm_node *pause = cm_manifest_take(step, "pause");
    if (pause && cm_manifest_find(pause, "duration")) {
        if (!cm_manifest_duration(a->r, pause, "duration", &seconds))
            return;
        a->pauses_s += seconds;
        add_step(a, "pause", cm_draft_time(a->d, seconds));
        return;
    }
    a->waits = true;
    add_step(a, "pause", "");
}

static void add_scale(struct argo *a, const struct cm_node *step)
{
    double pods, weight;
    bool match = false;
    const struct cm_node *scale = cm_manifest_map(a->r, step, "setCanaryScale");
    if (cm_manifest_flag(a->r, scale, "matchTrafficWeight", &match) && match) {
        add_step(a, "scale", "match");
    } else if (cm_manifest_number(a->r, scale, "weight", &weight)) {
        add_step(a, "scale", cm_draft_percent(a->d, weight));
    } else if (cm_manifest_number(a->r, scale, "replicas", &pods)) {
        struct cm_buffer text = {0};
        cm_print(cm_buffer_writer(&text), "%.0f", pods);
        add_step(a, "scale", text.text);
        cm_buffer_release(&text);
    }
}

/* Of an experiment only the verdict counts. */
static void add_experiment(struct argo *a, const struct cm_node *step)
{
    double seconds = 0;
    const struct cm_node *experiment = cm_manifest_map(a->r, step, "experiment");
    const char *hook = cm_draft_name(a->d, "hook", "experiment");
    if (!experiment)
        return;
    cm_draft_section(a->d, "hook", hook);
    cm_draft_remark(a->d, "an experiment: what it knows of a release is not in the manifest");
    cm_draft_assume(a->d, "false_alarm", "0%%");
    if (cm_manifest_duration(a->r, experiment, "duration", &seconds) && seconds > 0) {
        cm_draft_key(a->d, cm_manifest_find(experiment, "duration"), "delay", "fixed(value=%s)",
                     cm_draft_time(a->d, seconds));
        cm_draft_assume(a->d, "timeout", "%s", cm_draft_time(a->d, seconds + 60));
        a->pauses_s += seconds;
    }
    cm_notes_add(a->r->notes, CM_NOTE_ASKED, cm_yaml_key_place(experiment),
                 "what the experiment finds is taken for nothing: [hook.%s] false_alarm, power",
                 hook);
    cm_draft_list(a->d, &a->hooks, hook);
    add_step(a, "experiment", hook);
}

/* The metrics of all templates of one analysis, as names with blanks between them. */
static const char *gates_of(struct argo *a, const struct cm_node *analysis, bool is_step,
                            struct cm_draft_names *list)
{
    struct cm_argo_templates what = {
        .im = a->im, .analysis = analysis, .space = a->space, .is_step = is_step};
    struct cm_buffer text = {0};
    cm_argo_templates_import(&what);
    for (size_t i = 0; i < what.n; i++) {
        cm_draft_list(a->d, &a->gates, what.gates[i]);
        cm_draft_list(a->d, list, what.gates[i]);
        cm_print(cm_buffer_writer(&text), "%s%s", i ? " " : "", what.gates[i]);
    }
    a->pauses_s += is_step ? what.takes_s : 0;
    const char *kept = what.n ? cm_arena_text(a->r->arena, text.text, text.length) : NULL;
    cm_buffer_release(&text);
    return kept;
}

static void add_analysis(struct argo *a, const struct cm_node *step)
{
    struct cm_draft_names list = {0};
    const struct cm_node *analysis = cm_manifest_map(a->r, step, "analysis");
    const char *gates = analysis ? gates_of(a, analysis, true, &list) : NULL;
    if (gates)
        add_step(a, "analysis", gates);
}

/* What is done at once, and changes no weight. */
static void leave_out(struct argo *a, const struct cm_node *step)
{
    cm_manifest_take(step, step->first->key);
    for (const struct cm_node *node = step->first->first; node; node = node->next)
        cm_manifest_take(step->first, node->key);
    cm_notes_add(a->r->notes, CM_NOTE_IGNORED, cm_yaml_key_place(step->first),
                 "step %.40s: it is left out", step->first->key);
}

static void import_step(struct argo *a, const struct cm_node *step)
{
    static const struct {
        const char *key;
        void (*add)(struct argo *a, const struct cm_node *step);
    } actions[] = {
        {"setWeight", add_weight},     {"pause", add_pause},
        {"analysis", add_analysis},    {"experiment", add_experiment},
        {"setCanaryScale", add_scale}, {"setHeaderRoute", leave_out},
        {"setMirrorRoute", leave_out}, {"plugin", leave_out},
    };
    if (!cm_manifest_is_map(a->r, step))
        return;
    if (step->n != 1) {
        cm_notes_add(a->r->notes, CM_NOTE_ERROR, cm_yaml_place(step),
                     "a step does one thing, and this one %zu", step->n);
        return;
    }
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(step->first->key, actions[i].key) == 0) {
            actions[i].add(a, step);
            return;
        }
    cm_notes_add(a->r->notes, CM_NOTE_ERROR, cm_yaml_key_place(step->first),
                 "'%.40s' is no step (setWeight, pause, analysis, experiment, setCanaryScale)",
                 step->first->key);
}

/* --- keys --- */

static void write_count(struct argo *a, const struct cm_node *map, const char *from,
                        const char *key)
{
    long long n;
    const struct cm_node *at = cm_manifest_find(map, from);
    if (cm_manifest_count(a->r, map, from, &n))
        cm_draft_key(a->d, at, key, "%lld", n);
}

static void write_time(struct argo *a, const struct cm_node *map, const char *from, const char *key)
{
    double seconds;
    const struct cm_node *at = cm_manifest_find(map, from);
    if (cm_manifest_duration(a->r, map, from, &seconds))
        cm_draft_key(a->d, at, key, "%s", cm_draft_time(a->d, seconds));
}

static void write_flag(struct argo *a, const struct cm_node *map, const char *from, const char *key)
{
    bool yes = false;
    const struct cm_node *at = cm_manifest_find(map, from);
    if (cm_manifest_flag(a->r, map, from, &yes) && yes)
        cm_draft_key(a->d, at, key, "yes");
}

/* 25%, or 3. Texts without a sign are percentages, too. */
static void write_bound(struct argo *a, const char *from, const char *key)
{
    const char *text = "";
    const struct cm_node *at = cm_manifest_find(a->canary, from);
    if (!cm_manifest_text(a->r, a->canary, from, &text))
        return;
    size_t digits = strspn(text, "0123456789");
    bool percent = strcmp(text + digits, "%") == 0 || at->quoted;
    if (digits == 0 || digits > 6 || (text[digits] && !percent)) {
        cm_notes_add(a->r->notes, CM_NOTE_ERROR, cm_yaml_place(at),
                     "%s: '%.20s' is neither a number of pods nor a percentage", from, text);
        return;
    }
    cm_draft_key(a->d, at, key, "%.*s%s", (int)digits, text, percent ? "%" : "");
}

static void write_threshold(struct argo *a)
{
    long long value = 0;
    const char *type = "Percentage";
    const struct cm_node *at = cm_manifest_find(a->canary, "replicaProgressThreshold.value");
    if (!cm_manifest_map(a->r, a->canary, "replicaProgressThreshold"))
        return;
    cm_manifest_text(a->r, a->canary, "replicaProgressThreshold.type", &type);
    if (cm_manifest_count(a->r, a->canary, "replicaProgressThreshold.value", &value))
        cm_draft_key(a->d, at, "progress_threshold", "%lld%s", value,
                     strcmp(type, "Pods") == 0 ? "" : "%");
}

/* Without a router they are the weight as well, which the controller sees to. */
static void write_pods(struct argo *a)
{
    long long replicas = 1;
    const struct cm_node *at = cm_manifest_find(a->root, "spec.replicas");
    cm_manifest_count(a->r, a->root, "spec.replicas", &replicas);
    cm_draft_section(a->d, "pods", NULL);
    if (at)
        cm_draft_key(a->d, at, "stable", "%lld", replicas < 1 ? 1 : replicas);
    else
        cm_draft_assume(a->d, "stable", "1");
}

static void write_people(struct argo *a)
{
    if (!a->waits)
        return;
    cm_draft_section(a->d, "people", NULL);
    cm_draft_assume(a->d, "reaction", "exponential(mean=10m)");
    cm_draft_assume(a->d, "approves_bad", "100%%");
    cm_notes_add(a->r->notes, CM_NOTE_ASSUMED, cm_yaml_key_place(a->canary),
                 "people resume a pause without a duration after 10m on average, whatever they "
                 "see: [people]");
    a->d->waits_for_people = true;
}

static void write_policy(struct argo *a, bool routed)
{
    const struct cm_node *steps = cm_manifest_find(a->canary, "steps");
    cm_draft_section(a->d, "policy", a->im->policy);
    cm_draft_key(a->d, a->root, "controller", "argo");
    if (a->steps.n)
        cm_draft_key(a->d, steps, "steps", "%s", a->steps.text);
    else
        cm_draft_key(a->d, a->canary, "steps", "none");
    if (a->gates.n)
        cm_draft_key(a->d, NULL, "gates", "%s", a->gates.text);
    if (a->background.n) {
        cm_draft_key(a->d, cm_manifest_find(a->canary, "analysis"), "background", "%s",
                     a->background.text);
        write_count(a, a->canary, "analysis.startingStep", "starting_step");
    }
    if (a->hooks.n)
        cm_draft_key(a->d, NULL, "hooks", "%s", a->hooks.text);
    cm_draft_key(a->d, a->canary, "traffic_routing", "%s", routed ? "yes" : "no");
    write_count(a, a->canary, "trafficRouting.maxTrafficWeight", "max_weight");
    if (!routed) {
        write_bound(a, "maxSurge", "max_surge");
        write_bound(a, "maxUnavailable", "max_unavailable");
    }
    write_flag(a, a->canary, "dynamicStableScale", "dynamic_stable_scale");
    write_count(a, a->canary, "minPodsPerReplicaSet", "min_pods");
    write_threshold(a);
    write_time(a, a->canary, "abortScaleDownDelaySeconds", "abort_scale_down_delay");
    write_time(a, a->root, "spec.progressDeadlineSeconds", "progress_deadline");
    write_flag(a, a->root, "spec.progressDeadlineAbort", "progress_deadline_abort");
}

void cm_import_argo(struct cm_importer *im, struct cm_resource *rollout)
{
    struct argo a = {.im = im,
                     .d = &im->draft,
                     .r = &im->reader,
                     .root = rollout->node,
                     .space = rollout->space,
                     .max_weight = 100};
    a.canary = cm_manifest_take(a.root, "spec.strategy.canary");
    if (!a.canary || a.canary->kind != CM_NODE_MAP) {
        cm_notes_add(a.r->notes, CM_NOTE_ERROR, cm_yaml_place(a.root),
                     "Rollout '%.60s' has no spec.strategy.canary: other strategies are not "
                     "imported (controller = bluegreen can be written by hand)",
                     rollout->name);
        return;
    }
    bool routed = cm_manifest_map(a.r, a.canary, "trafficRouting") != NULL;
    cm_manifest_number(a.r, a.canary, "trafficRouting.maxTrafficWeight", &a.max_weight);
    if (!(a.max_weight > 0))
        a.max_weight = 100;
    const struct cm_node *steps = cm_manifest_list(a.r, a.canary, "steps");
    for (const struct cm_node *step = steps ? steps->first : NULL; step; step = step->next)
        import_step(&a, step);
    const struct cm_node *analysis = cm_manifest_map(a.r, a.canary, "analysis");
    if (analysis)
        gates_of(&a, analysis, false, &a.background);
    a.d->longest_s = a.pauses_s + 1800;
    write_pods(&a);
    write_people(&a);
    write_policy(&a, routed);
}

/* --- what is not read --- */

static const struct cm_known known_rollout[] = {
    {"metadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"status*", CM_NOTE_NO_EFFECT, "what was, not what will be"},
    {"spec.selector*", CM_NOTE_NO_EFFECT, "names the workload"},
    {"spec.template*", CM_NOTE_NO_EFFECT, "is the workload"},
    {"spec.workloadRef*", CM_NOTE_NO_EFFECT, "names the workload"},
    {"spec.revisionHistoryLimit", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.analysis*", CM_NOTE_NO_EFFECT, "how many runs are kept"},
    {"spec.restartAt", CM_NOTE_NO_EFFECT, "restarts what is there"},
    {"spec.minReadySeconds", CM_NOTE_IGNORED, "pods are available as [pods] start_up says"},
    {"spec.rollbackWindow*", CM_NOTE_IGNORED, "releases are never old versions here"},
    {"spec.paused", CM_NOTE_IGNORED, "rollouts begin unpaused"},
    {"spec.replicas", CM_NOTE_NO_EFFECT, ""},
    {"spec.progressDeadlineSeconds", CM_NOTE_NO_EFFECT, ""},
    {"spec.progressDeadlineAbort", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.canary.canaryService", CM_NOTE_NO_EFFECT, "names a service"},
    {"spec.strategy.canary.stableService", CM_NOTE_NO_EFFECT, "names a service"},
    {"spec.strategy.canary.canaryMetadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.strategy.canary.stableMetadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.strategy.canary.pingPong*", CM_NOTE_NO_EFFECT, "names services"},
    {"spec.strategy.canary.antiAffinity*", CM_NOTE_NO_EFFECT, "places pods"},
    {"spec.strategy.canary.scaleDownDelay*", CM_NOTE_NO_EFFECT, "what is over serves nobody"},
    {"spec.strategy.canary.trafficRouting.maxTrafficWeight", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.canary.trafficRouting*", CM_NOTE_NO_EFFECT, "names routes"},
    {"spec.strategy.canary.maxSurge", CM_NOTE_NO_EFFECT, "routers do not need it"},
    {"spec.strategy.canary.maxUnavailable", CM_NOTE_NO_EFFECT, "routers do not need it"},
    {"spec.strategy.canary.analysis.startingStep", CM_NOTE_NO_EFFECT, "there is no analysis"},
    {"spec.strategy.canary.analysis.analysisRunMetadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.strategy.canary.analysis.measurementRetention*", CM_NOTE_NO_EFFECT,
     "how many measurements are kept"},
    {"spec.strategy.canary.steps.analysis.analysisRunMetadata*", CM_NOTE_NO_EFFECT,
     "decides nothing"},
    {"spec.strategy.canary.steps.analysis.measurementRetention*", CM_NOTE_NO_EFFECT,
     "how many measurements are kept"},
    {"spec.strategy.canary.steps.experiment*", CM_NOTE_IGNORED,
     "of an experiment only the verdict counts"},
    {"spec.strategy.canary.steps", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.canary.analysis", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.canary.dynamicStableScale", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.canary.minPodsPerReplicaSet", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.canary.abortScaleDownDelaySeconds", CM_NOTE_NO_EFFECT, ""},
    {"spec.strategy.blueGreen*", CM_NOTE_IGNORED, "there is a canary"},
    {NULL, CM_NOTE_IGNORED, NULL},
};

static const struct cm_known known_template[] = {
    {"metadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.metrics.provider*", CM_NOTE_NO_EFFECT, "names a server, or is not understood"},
    {"spec.metrics.name", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.interval", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.count", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.initialDelay", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.failureLimit", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.inconclusiveLimit", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.consecutiveErrorLimit", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.consecutiveSuccessLimit", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.successCondition", CM_NOTE_NO_EFFECT, ""},
    {"spec.metrics.failureCondition", CM_NOTE_NO_EFFECT, ""},
    {"spec.measurementRetention*", CM_NOTE_NO_EFFECT, "how many measurements are kept"},
    {"spec.args*", CM_NOTE_NO_EFFECT, "no query uses it"},
    {"spec.templates*", CM_NOTE_IGNORED, "templates of templates are not read"},
    {NULL, CM_NOTE_IGNORED, NULL},
};

const struct cm_known *cm_import_argo_known(const char *kind)
{
    return strcmp(kind, "Rollout") == 0 ? known_rollout : known_template;
}
