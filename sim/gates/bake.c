/* A guard: nothing is decided before the canary has run for a while.
 *
 * Undecided until `time` has passed since the step or the release began, a pass from then on. What
 * it waits for is what shows late: caches that warm up, leaks, queues. It reads no metric and never
 * fails. */
#include "sim/gates/gate.h"

enum since { STEP, RELEASE };
static const char *const sinces[] = {"step", "release", NULL};

struct options {
    cm_time time;
    int since; /* enum since */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, time, "5m", 0, CM_MAX_DURATION, "How long to wait."),
    CM_CHOICE(struct options, since, "step", sinces,
              "Whether the time begins with each step or with the release."),
    CM_PARAMS_END,
};

enum rule { OVER, BAKING };
static const char *const rules[] = {
    [OVER] = "the bake time is over",
    [BAKING] = "the bake time is not over",
    NULL,
};

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    (void)state;
    cm_time passed = o->since == STEP ? look->since_step : look->now;
    bool over = passed >= o->time;
    struct cm_verdict v = cm_verdict_of(over ? CM_PASS : CM_UNDECIDED, over ? OVER : BAKING);
    v.why.scale = CM_SCALE_COUNT;
    v.why.value = cm_seconds(passed);
    v.why.limit = cm_seconds(o->time);
    return v;
}

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){0};
}

const struct cm_gate cm_gate_bake = {
    .kind = {.name = "bake",
             .summary = "A guard: undecided until the bake time is over.",
             .source = "Google, The Site Reliability Workbook, chapter 16",
             .params = params,
             .options_size = sizeof(struct options)},
    .rules = rules,
    .needs = needs,
    .look = look,
};
