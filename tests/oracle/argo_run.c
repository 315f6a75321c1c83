/* Cases of one run: its status, one pass of the controller, termination. */
#include <stdio.h>
#include <string.h>

#include "sim/base/param.h"
#include "tests/oracle/argo.h"

static void compare_summary(struct argo_case *c, const struct argo_run *r)
{
    struct cm_argo_summary got = cm_argo_dry_run_summary(&r->spec, r->run);
    const json_t *want = json_object_get(c->expect.object, "dry_run_summary");
    const struct {
        const char *key;
        int got;
    } members[] = {{"count", got.count},
                   {"successful", got.successful},
                   {"failed", got.failed},
                   {"inconclusive", got.inconclusive},
                   {"error", got.error}};
    c->asked++;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const json_t *one = json_object_get(want, members[i].key);
        if (one != NULL && json_integer_value(one) != members[i].got)
            argo_disagree(c, "dry_run_summary.%s is %d", members[i].key, members[i].got);
    }
}

static void compare_run(struct argo_case *c, const struct argo_run *r)
{
    argo_text(c, "phase", cm_argo_phase_names[r->run->phase]);
    if (argo_asks(c, "dry_run_summary"))
        compare_summary(c, r);
    argo_run_compare(c, r);
}

static void run_status(struct argo_case *c)
{
    struct argo_run r;
    argo_run_read(c, &r);
    cm_argo_assess(&r.spec, r.run, 0);
    compare_run(c, &r);
}

/* A provider that answers every task of a kind alike. */
static struct cm_argo_measurement take(void *self, size_t metric, enum cm_argo_task task,
                                       cm_time now)
{
    static const char *const keys[] = {
        [CM_ARGO_MEASURE] = "run", [CM_ARGO_RESUME] = "resume", [CM_ARGO_TERMINATE] = "terminate"};
    struct argo_case *c = self;
    struct inputs in = argo_inside(json_object_get(c->in.object, "provider"));
    enum cm_argo_phase phase =
        (enum cm_argo_phase)input_choice(&in, keys[task], cm_argo_phase_names);
    (void)metric;
    argo_hand_up(c, &in);
    return (struct cm_argo_measurement){phase, now, cm_argo_completed(phase) ? now : CM_NEVER,
                                        CM_NO_DURATION};
}

static void run_pass(struct argo_case *c)
{
    struct argo_run r;
    argo_run_read(c, &r);
    const struct cm_argo_provider provider = {c, take};
    cm_time end = cm_argo_measure(&r.spec, r.run, 0, &provider);
    cm_argo_assess(&r.spec, r.run, end);
    compare_run(c, &r);
}

/* The results have no names here. */
static void is_terminating(struct argo_case *c)
{
    const json_t *list = json_object_get(c->in.object, "results");
    size_t n = json_array_size(list);
    struct cm_argo_metric metrics[ARGO_METRICS];
    struct cm_argo_spec spec = {metrics, n < ARGO_METRICS ? n : ARGO_METRICS};
    struct cm_argo_run *run = cm_arena_alloc(&c->in.memory, cm_argo_run_size(spec.n));
    cm_argo_run_start(run, spec.n);
    run->terminate = input_flag_or(&c->in, "terminate", false);
    for (size_t i = 0; i < spec.n; i++) {
        struct inputs in = argo_inside(json_array_get(list, i));
        metrics[i] = cm_argo_metric_of("m");
        metrics[i].dry_run = input_flag_or(&in, "dry_run", false);
        run->results[i].exists = true;
        run->results[i].phase = argo_phase(&in, "phase");
        argo_hand_up(c, &in);
    }
    argo_flag(c, "terminating", cm_argo_terminating(&spec, run));
}

const struct argo_kind argo_run_kinds[] = {
    {"run_status", run_status},
    {"run_pass", run_pass},
    {"is_terminating", is_terminating},
    {NULL, NULL},
};
