/* Cases of when: which metrics are due, the next wake-up, whole runs against a clock. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/param.h"
#include "tests/oracle/argo.h"

static void schedule_due(struct argo_case *c)
{
    struct argo_run r;
    bool due[ARGO_METRICS] = {false};
    argo_run_read(c, &r);
    cm_time now = argo_instant(&c->in, "now");
    for (size_t i = 0; i < r.spec.n; i++)
        due[i] = cm_argo_due(&r.spec, r.run, i, now) != CM_ARGO_NOTHING;
    argo_names(c, "due", &r, due);
}

static void schedule_next(struct argo_case *c)
{
    struct argo_run r;
    argo_run_read(c, &r);
    cm_time now = argo_instant(&c->in, "now");
    cm_time next = cm_argo_next(&r.spec, r.run, now);
    if (!argo_null(c, "next", next == CM_NEVER))
        argo_number(c, "next", cm_seconds(next - now));
}

/* --- timelines -------------------------------------------------------------------------------- */

enum { TAKEN_MAX = 2000, PASSES_MAX = 100000 };

/* A provider that answers from lists of outcomes. */
struct script {
    struct argo_case *c;
    const struct argo_run *run;
    const json_t *metrics;
    size_t n[ARGO_METRICS];
    struct cm_argo_measurement taken[ARGO_METRICS][TAKEN_MAX];
};

static enum cm_argo_phase letter(struct argo_case *c, const char *text)
{
    for (int phase = CM_ARGO_SUCCESSFUL; text != NULL && phase < CM_ARGO_PHASES; phase++)
        if (cm_argo_completed((enum cm_argo_phase)phase) && cm_argo_phase_names[phase][0] == *text)
            return (enum cm_argo_phase)phase;
    inputs_fault(&c->in, "an outcome is none of S, F, I, E");
    return CM_ARGO_ERROR;
}

static struct cm_argo_measurement take(void *self, size_t metric, enum cm_argo_task task,
                                       cm_time now)
{
    struct script *s = self;
    const json_t *object = json_array_get(s->metrics, metric);
    const json_t *outcomes = json_object_get(object, "outcomes");
    size_t at = s->n[metric];
    const json_t *one = at < json_array_size(outcomes) ? json_array_get(outcomes, at)
                                                       : json_object_get(object, "tail");
    struct inputs in = argo_inside(object);
    cm_time latency = input_given(&in, "latency_s") ? argo_instant(&in, "latency_s") : 0;
    argo_hand_up(s->c, &in);
    struct cm_argo_measurement m = {
        letter(s->c, json_is_string(one) ? json_string_value(one) : NULL), now, now + latency,
        CM_NO_DURATION};
    if (task != CM_ARGO_MEASURE)
        inputs_fault(&s->c->in, "nothing should be in flight");
    if (at < TAKEN_MAX) {
        s->taken[metric][at] = m;
        s->n[metric]++;
    }
    return m;
}

/* Passes until nothing changes, then on to the next instant; to the end or the horizon. */
static void play(struct argo_case *c, struct argo_run *r, struct script *s)
{
    const struct cm_argo_provider provider = {s, take};
    cm_time now = 0;
    cm_time stop = argo_seconds(&c->in, "terminate_at"), end = argo_seconds(&c->in, "horizon_s");
    if (end == CM_NO_DURATION)
        end = CM_DAY;
    if (stop == CM_NO_DURATION)
        stop = CM_NEVER;
    for (int i = 0; i < PASSES_MAX && now <= end; i++) {
        r->run->terminate = now >= stop;
        now = cm_argo_measure(&r->spec, r->run, now, &provider);
        if (cm_argo_completed(cm_argo_assess(&r->spec, r->run, now)))
            return;
        if (r->run->changed)
            continue;
        cm_time next = cm_argo_next(&r->spec, r->run, now);
        next = stop > now && stop < next ? stop : next;
        now = next > now ? next : now;
        if (next == CM_NEVER)
            return;
    }
}

/* Against a list of [start, finish, phase]. */
static void compare_one(struct argo_case *c, const struct script *s, size_t metric,
                        const json_t *want)
{
    const char *name = s->run->metrics[metric].name;
    if (json_array_size(want) != s->n[metric])
        argo_disagree(c, "%s is measured %zu times, not %zu", name, s->n[metric],
                      json_array_size(want));
    for (size_t i = 0; i < s->n[metric]; i++) {
        const struct cm_argo_measurement *m = &s->taken[metric][i];
        const json_t *row = json_array_get(want, i), *phase = json_array_get(row, 2);
        double from = json_number_value(json_array_get(row, 0));
        double until = json_number_value(json_array_get(row, 1));
        if (fabs(from - cm_seconds(m->started)) > 1e-9 ||
            fabs(until - cm_seconds(m->finished)) > 1e-9 || !json_is_string(phase) ||
            strcmp(json_string_value(phase), cm_argo_phase_names[m->phase]) != 0)
            argo_disagree(c, "measurement %zu of %s is %g to %g, %s", i + 1, name,
                          cm_seconds(m->started), cm_seconds(m->finished),
                          cm_argo_phase_names[m->phase]);
    }
}

static void run_timeline(struct argo_case *c)
{
    struct argo_run r;
    argo_run_read(c, &r);
    struct script *s = cm_arena_alloc(&c->in.memory, sizeof *s);
    s->c = c;
    s->run = &r;
    s->metrics = json_object_get(c->in.object, "metrics");
    play(c, &r, s);
    if (argo_asks(c, "phase"))
        argo_text(c, "phase", cm_argo_phase_names[r.run->phase]);
    if (argo_asks(c, "completed_at") && !argo_null(c, "completed_at", r.run->finished == CM_NEVER))
        argo_number(c, "completed_at", cm_seconds(r.run->finished));
    const json_t *want = json_object_get(c->expect.object, "measurements"), *list;
    const char *name;
    c->asked += want != NULL;
    json_object_foreach((json_t *)(uintptr_t)want, name,
                        list) for (size_t i = 0; i < r.spec.n;
                                   i++) if (strcmp(r.metrics[i].name, name) == 0)
        compare_one(c, s, i, list);
    argo_run_compare(c, &r);
}

const struct argo_kind argo_schedule_kinds[] = {
    {"schedule_due", schedule_due},
    {"schedule_next", schedule_next},
    {"run_timeline", run_timeline},
    {NULL, NULL},
};
