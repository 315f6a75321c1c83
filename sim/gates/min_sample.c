/* A guard: nothing is decided before enough has been counted.
 *
 * Undecided until the canary has answered `requests`, the control `control_requests`, and both
 * together `errors` of them with errors, since the step or the release began; a pass from then on.
 * It never fails: beside other gates it keeps a step from being left on too little.
 *
 * A normal approximation wants some 10 errors, and none in n requests shows a ratio below 3 / n at
 * 95 % (the rule of three). */
#include "sim/gates/gate.h"

enum evidence { STEP, RELEASE };
static const char *const evidences[] = {"step", "release", NULL};

struct options {
    struct cm_ref metric;
    uint64_t requests, control_requests, errors;
    int evidence; /* enum evidence */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The metric whose requests are counted."),
    CM_COUNT(struct options, requests, "1000", 0, 1e12, "Requests of the canary to wait for."),
    CM_COUNT(struct options, control_requests, "0", 0, 1e12,
             "Requests of the control to wait for."),
    CM_COUNT(struct options, errors, "0", 0, 1e12, "Errors in both arms together to wait for."),
    CM_CHOICE(struct options, evidence, "step", evidences,
              "Whether counting begins with the step or with the release."),
    CM_PARAMS_END,
};

enum rule { ENOUGH, CANARY, CONTROL, ERRORS, BROKEN };
static const char *const rules[] = {
    [ENOUGH] = "enough has been counted",
    [CANARY] = "the canary has answered too few requests",
    [CONTROL] = "the control has answered too few requests",
    [ERRORS] = "there are too few errors",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    struct cm_two_counts counts;
};

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){.strata = true,
                             .compares = o->control_requests > 0,
                             .control = o->control_requests > 0 && o->evidence == STEP};
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    const struct options *o = options;
    if (o->errors > 0 && metrics->metric[0]->signal >= CM_KPI_MEAN)
        return cm_fail(err, "errors is not for KPIs and gauges, which count none");
    return 0;
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (o->evidence == STEP)
        *st = (struct state){0};
}

static void add(const struct options *o, const struct cm_look *look, struct cm_two_counts *c)
{
    struct cm_two_counts fresh;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        if (!cm_gate_fresh(look, i, o->evidence == STEP, &fresh))
            continue;
        c->x0 += fresh.x0, c->n0 += fresh.n0;
        c->x1 += fresh.x1, c->n1 += fresh.n1;
    }
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_two_counts *c = &((struct state *)state)->counts;
    add(o, look, c);
    const uint64_t has[] = {c->n1, c->n1, c->n0, c->x0 + c->x1};
    const uint64_t wants[] = {o->requests, o->requests, o->control_requests, o->errors};
    enum rule rule = CANARY;
    while (rule < BROKEN && has[rule] >= wants[rule])
        rule++;
    rule = rule == BROKEN ? ENOUGH : rule;
    bool broken = look->signals[0].state[CM_CANARY] == CM_GATE_ERROR;
    struct cm_verdict v = cm_verdict_of(broken           ? CM_GATE_ERROR
                                        : rule == ENOUGH ? CM_PASS
                                                         : CM_UNDECIDED,
                                        (int)(broken ? BROKEN : rule));
    v.why.scale = CM_SCALE_COUNT;
    v.why.value = (double)has[rule], v.why.limit = (double)wants[rule];
    v.why.x0 = c->x0, v.why.n0 = c->n0;
    v.why.x1 = c->x1, v.why.n1 = c->n1;
    return v;
}

const struct cm_gate cm_gate_min_sample = {
    .kind = {.name = "min_sample",
             .summary = "A guard: undecided until enough requests have been counted.",
             .source = "the rule of three (Hanley and Lippman-Hand 1983)",
             .params = params,
             .options_size = sizeof(struct options)},
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
};
