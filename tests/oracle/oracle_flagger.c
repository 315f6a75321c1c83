/* Flagger's controller tick by tick (fluxcd/flagger v1.44.0): phase, counters, routes, queries,
 * hooks and events, as the program itself did and said them; and what it makes of its values.
 *
 * Every tick of a case is one wake of the product's controller at the instant at which it asked to
 * be woken. Beside the status the orders are held to what they should be: the engine sends the
 * canary what the mesh would until the new version is copied to the primary, and everything from
 * then on; and it is told of an end in just the tick in which the phase becomes one. */
#include <stdio.h>
#include <string.h>

#include "tests/oracle/flagger.h"
#include "tests/oracle/oracle.h"

extern const struct cm_controller cm_controller_flagger;

struct play {
    struct oracle_tally *tally;
    struct cm_arena arena;
    struct flagger_spec spec;
    struct flagger_desk desk;
    struct cm_flagger_state state;
    json_t *patched; /* owned; the spec as it is now */
    char wrong[300];
    bool copied; /* in this rollout */
};

#define WRONG(play, ...) snprintf((play)->wrong, sizeof(play)->wrong, __VA_ARGS__)

/* --- one case --- */

static enum cm_flagger_phase phase_of(const char *name)
{
    int phase = CM_FLAGGER_PHASES - 1;
    while (phase > 0 && (!name || strcmp(cm_flagger_phase_names[phase], name) != 0))
        phase--;
    return (enum cm_flagger_phase)phase;
}

static long long integer(const json_t *object, const char *key, long long otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static const char *text_or(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

static void begin(struct play *p, const json_t *initial)
{
    struct cm_flagger_status *s = &p->state.status;
    const json_t *routes = json_object_get(initial, "routes");
    const char *applied = text_or(initial, "lastApplied", "v1");
    cm_controller_flagger.start(&p->spec.options, &p->state);
    s->phase = phase_of(text_or(initial, "phase", ""));
    s->failed_checks = (uint64_t)integer(initial, "failedChecks", 0);
    s->iterations = (int)integer(initial, "iterations", 0);
    s->weight = (int)integer(initial, "statusWeight", 0);
    s->applied = flagger_revision(applied);
    s->promoted = flagger_revision(text_or(initial, "lastPromoted", "v1"));
    s->primary = routes ? (int)json_integer_value(json_array_get(routes, 0)) : 100;
    s->canary = routes ? (int)json_integer_value(json_array_get(routes, 1)) : 0;
    s->mirrored = json_is_true(json_object_get(initial, "mirrored"));
    p->desk.target = flagger_revision(text_or(initial, "target", applied));
    p->copied = s->phase == CM_PROMOTING || s->phase == CM_FINALISING;
    bool ab = cm_flagger_is_ab(&p->spec.options) && s->canary > 0;
    p->desk.route = cm_order_weight(p->copied ? 1 : ab ? 0 : s->canary / 100.0).route;
    p->desk.route.match = ab ? 0 : -1;
}

/* What persists from tick to tick. */
static int take_inputs(struct play *p, const json_t *inputs, const char *provider,
                       struct cm_err *err)
{
    const char *revision = json_string_value(json_object_get(inputs, "new_revision"));
    json_t *patch = json_object_get(inputs, "patch_spec");
    if (revision)
        p->desk.target = flagger_revision(revision);
    if (!patch)
        return 0;
    json_object_update(p->patched, patch);
    return flagger_spec_read(&p->spec, p->patched, provider, &p->arena, err);
}

static void expect_number(struct play *p, const json_t *expect, const char *key, long long got)
{
    long long want = integer(expect, key, 0);
    if (!p->wrong[0] && got != want)
        WRONG(p, "%s is %lld, not %lld", key, got, want);
}

static void expect_json(struct play *p, const char *key, const json_t *got, const json_t *want)
{
    if (p->wrong[0] || json_equal(got, want))
        return;
    char *text = json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);
    WRONG(p, "%s are %s", key, text);
    free(text);
}

static void expect_routes(struct play *p, const json_t *want)
{
    const struct cm_flagger_status *s = &p->state.status;
    if (!want || json_is_null(want))
        return;
    json_t *got = json_pack("{s:i, s:i, s:b}", "primary", s->primary, "canary", s->canary,
                            "mirrored", (int)s->mirrored);
    expect_json(p, "routes", got, want);
    json_decref(got);
}

/* The engine's end is the phase's. */
static void expect_end(struct play *p, enum cm_flagger_phase before)
{
    enum cm_flagger_phase now = p->state.status.phase;
    bool promoted = now == CM_SUCCEEDED && before != now,
         failed = now == CM_FAILED && before != now;
    enum cm_end end = p->desk.end;
    bool fits =
        promoted ? end == CM_PROMOTED
        : failed
            ? end == (before == CM_PROMOTING || before == CM_FINALISING ? CM_STUCK : CM_ROLLED_BACK)
            : end == CM_ENDS;
    if (!p->wrong[0] && !fits)
        WRONG(p, "the engine was told of end %d", (int)end);
}

/* The engine's route is the mesh's, until all get the new version. */
static void expect_orders(struct play *p)
{
    const struct cm_flagger_status *s = &p->state.status;
    const struct cm_flagger *o = &p->spec.options;
    const struct cm_route *route = &p->desk.route;
    bool routed = o->provider != CM_KUBERNETES, ab = cm_flagger_is_ab(o) && s->canary > 0;
    double share = p->copied ? 1 : !routed || ab ? 0 : s->canary / 100.0;
    bool runs = s->phase != CM_SUCCEEDED && s->phase != CM_FAILED;
    if (p->wrong[0] || !runs)
        return;
    if (route->share[CM_CANARY] != share)
        WRONG(p, "the engine sends the canary %g, not %g", route->share[CM_CANARY], share);
    else if (!p->copied && ((route->mirror > 0) != s->mirrored || (route->match >= 0) != ab))
        WRONG(p, "the engine's mirror is %g, its match %d", route->mirror, route->match);
}

static void note_orders(struct play *p, int promotions_before)
{
    p->copied |= p->desk.promotions > promotions_before;
    if (!p->desk.restarted && p->desk.end == CM_ENDS)
        return;
    p->copied = false; /* the next rollout has not */
    p->desk.route = cm_order_weight(0).route;
}

static void tick(struct play *p, cm_time now, const json_t *expect)
{
    enum cm_flagger_phase before = p->state.status.phase;
    int promotions = p->desk.promotions;
    p->state.over = false; /* the engine has no next release; Flagger has */
    cm_time next = cm_controller_flagger.wake(&p->spec.options, &p->state, &p->desk.face);
    const struct cm_flagger_status *s = &p->state.status;
    note_orders(p, promotions);
    if (p->desk.end == CM_ENDS && next != now + cm_flagger_interval(&p->spec.options))
        WRONG(p, "the next tick is at %g s", cm_seconds(next));
    if (!p->wrong[0] && strcmp(text_or(expect, "phase", ""), cm_flagger_phase_names[s->phase]) != 0)
        WRONG(p, "phase is %s", cm_flagger_phase_names[s->phase]);
    expect_number(p, expect, "failedChecks", (long long)s->failed_checks);
    expect_number(p, expect, "iterations", s->iterations);
    expect_number(p, expect, "statusWeight", s->weight);
    expect_number(p, expect, "promotions", p->desk.promotions);
    expect_number(p, expect, "metricQueries", p->desk.queries);
    expect_routes(p, json_object_get(expect, "routes"));
    expect_json(p, "hooks", p->desk.hook_calls, json_object_get(expect, "hookCalls"));
    expect_json(p, "events", p->desk.events, json_object_get(expect, "events"));
    expect_end(p, before);
    expect_orders(p);
}

static void expect_effective(struct play *p, const json_t *c)
{
    const struct cm_flagger *o = &p->spec.options;
    const json_t *effective = json_object_get(c, "effective");
    const json_t *analysis = json_object_get(p->patched, "analysis");
    expect_number(p, effective, "interval_s", cm_flagger_interval(o) / CM_SECOND);
    expect_number(p, effective, "threshold", (long long)cm_flagger_threshold(o));
    expect_number(p, effective, "maxWeight", cm_flagger_max_weight(o));
    bool admits = flagger_spec_admits(analysis, &p->spec);
    if (!p->wrong[0] && admits != json_is_true(json_object_get(c, "crd_admissible")))
        WRONG(p, "the analysis is %sadmitted", admits ? "" : "not ");
}

/* All ticks, up to the first mistake. */
static int play_case(struct play *p, const json_t *c, struct cm_err *err)
{
    const char *provider = text_or(c, "provider", "");
    size_t i = 0;
    json_t *step;
    p->patched = json_deep_copy(json_object_get(c, "spec"));
    if (flagger_spec_read(&p->spec, p->patched, provider, &p->arena, err))
        return -1;
    p->desk.spec = &p->spec;
    p->desk.defaults = json_object_get(c, "defaults");
    expect_effective(p, c);
    begin(p, json_object_get(c, "initial"));
    json_array_foreach(json_object_get(c, "ticks"), i, step)
    {
        const json_t *inputs = json_object_get(step, "inputs");
        cm_time now = (cm_time)i * cm_flagger_interval(&p->spec.options);
        if (take_inputs(p, inputs, provider, err))
            return -1;
        flagger_desk_begin(&p->desk, now, inputs);
        if (!p->wrong[0])
            tick(p, now, json_object_get(step, "expect"));
        if (p->wrong[0])
            break;
    }
    const char *id = text_or(c, "id", "?");
    if (p->wrong[0])
        oracle_failed(p->tally, id, "tick %zu: %s", i, p->wrong);
    else if (i == 0)
        oracle_failed(p->tally, id, "no ticks");
    else
        oracle_passed(p->tally, id);
    return 0;
}

static int run_case(const json_t *c, struct oracle_tally *tally, struct cm_err *err)
{
    struct play p = {.tally = tally};
    int status = play_case(&p, c, err);
    flagger_desk_release(&p.desk);
    json_decref(p.patched);
    cm_arena_release(&p.arena);
    return status;
}

/* --- values --- */

static void judge(struct oracle_tally *tally, const char *name, const char *wrong)
{
    if (wrong)
        oracle_failed(tally, name, "%s", wrong);
    else
        oracle_passed(tally, name);
}

/* The spec of one analysis, as for provider istio. */
static int read_analysis(struct flagger_spec *spec, const json_t *analysis, struct cm_arena *arena,
                         struct cm_err *err)
{
    json_t *whole = json_pack("{s:O}", "analysis", analysis);
    int status = flagger_spec_read(spec, whole, "istio", arena, err);
    json_decref(whole);
    return status;
}

static int run_strategy(const json_t *c, struct oracle_tally *tally, struct cm_err *err)
{
    struct cm_arena arena = {0};
    struct flagger_spec spec;
    int status = read_analysis(&spec, json_object_get(c, "analysis"), &arena, err);
    const char *want = text_or(c, "expect", "?");
    const char *got = cm_flagger_is_ab(&spec.options)            ? "ab-testing"
                      : cm_flagger_iterations(&spec.options) > 0 ? "blue-green"
                                                                 : "canary";
    if (status == 0)
        judge(tally, "strategy", strcmp(got, want) == 0 ? NULL : got);
    cm_arena_release(&arena);
    return status;
}

static int run_admission(const json_t *c, struct oracle_tally *tally, struct cm_err *err)
{
    struct cm_arena arena = {0};
    struct flagger_spec spec;
    const json_t *analysis = json_object_get(c, "analysis");
    int status = read_analysis(&spec, analysis, &arena, err);
    bool want = json_is_true(json_object_get(c, "accepted"));
    if (status == 0)
        judge(tally, "admission",
              flagger_spec_admits(analysis, &spec) == want ? NULL : "another decision");
    cm_arena_release(&arena);
    return status;
}

static int run_effective(const json_t *c, struct oracle_tally *tally, struct cm_err *err)
{
    struct cm_arena arena = {0};
    struct flagger_spec spec;
    const char *field = text_or(c, "field", "?");
    json_t *analysis = json_deep_copy(json_object_get(c, "analysis"));
    if (!analysis) {
        analysis = json_object();
        json_object_set(analysis, field, json_object_get(c, "value"));
    }
    int status = read_analysis(&spec, analysis, &arena, err);
    bool interval = strcmp(field, "interval") == 0, max = strcmp(field, "maxWeight") == 0;
    long long got = interval ? (long long)(cm_flagger_interval(&spec.options) / CM_SECOND)
                    : max    ? cm_flagger_max_weight(&spec.options)
                             : (long long)cm_flagger_threshold(&spec.options);
    long long want = integer(c, interval ? "effective_s" : "effective", -1);
    if (status == 0)
        judge(tally, field, got == want ? NULL : "another value");
    json_decref(analysis);
    cm_arena_release(&arena);
    return status;
}

/* A Deployment's status counts all replicas, a DaemonSet's those that it wants. */
static struct cm_pods pods_of(const json_t *status, bool daemonset)
{
    int updated = (int)integer(status, daemonset ? "updated" : "updatedReplicas", 0);
    int replicas = (int)integer(status, "replicas", updated);
    return (struct cm_pods){
        .wanted = (int)integer(status, "desired", 0),
        .updated = updated,
        .old = replicas > updated ? replicas - updated : 0,
        .available = (int)integer(status, daemonset ? "available" : "availableReplicas", 0),
        .unseen = integer(status, "observedGeneration", 0) < integer(status, "generation", 0),
    };
}

static int run_readiness(const json_t *c, struct oracle_tally *tally, struct cm_err *err)
{
    const json_t *status = json_object_get(c, "status"), *want = json_object_get(c, "expect");
    const json_t *available = json_object_get(status, "available");
    bool daemonset = strcmp(text_or(c, "kind", ""), "DaemonSet") == 0;
    bool overdue = integer(c, "seconds_since_last_status_transition_minus_deadline", 0) > 0 ||
                   (json_is_true(json_object_get(status, "progressingConditionPresent")) &&
                    integer(available, "age_s", 0) > integer(c, "deadline_s", 600));
    struct cm_pods pods = pods_of(status, daemonset);
    (void)err;
    struct cm_flagger_pods got =
        cm_flagger_pods_ready(daemonset ? CM_DAEMONSET : CM_DEPLOYMENT, &pods,
                              (double)integer(c, "readyThreshold", 100) / 100, overdue);
    bool ready = json_is_true(json_object_get(want, "ready"));
    bool retriable = json_is_true(json_object_get(want, "retriable"));
    const char *words = cm_flagger_sentences[CM_FLAGGER_CANARY_UNREADY + (int)got.words];
    bool fits = (got.is == CM_READY) == ready && (got.is != CM_NEVER_READY) == retriable &&
                (ready || strstr(words, text_or(want, "message_contains", "")));
    judge(tally, text_or(c, "id", "?"), fits ? NULL : words);
    return 0;
}

int oracle_flagger(const json_t *file, struct oracle_tally *tally, struct cm_err *err)
{
    static const struct {
        const char *key;
        int (*run)(const json_t *c, struct oracle_tally *tally, struct cm_err *err);
    } lists[] = {
        {"cases", run_case},
        {"readiness_cases", run_readiness},
        {"strategy_cases", run_strategy},
        {"admission_cases", run_admission},
        {"effective_value_cases", run_effective},
    };
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const json_t *list = oracle_member(file, lists[k].key, JSON_ARRAY, err);
        size_t i;
        json_t *c;
        if (!list)
            return -1;
        json_array_foreach(list, i, c)
        {
            if (lists[k].run(c, tally, err))
                return -1;
        }
    }
    return 0;
}
