/* Standard deviations of the control: is the canary's value out of what the control shows?
 *
 * Of the control's last `points` values (one a look) come a mean and a standard deviation; the gate
 * fails when the mean of the canary's last `average` values is above (side = above) the mean + k
 * standard deviations. What people write instead of a test when metrics come as series.
 *
 * If values were independent and normal with one variance, a healthy canary would fail a look with
 * probability P(t > k / sqrt(1 / average + 1 / points)) of Student's t with points - 1 degrees, not
 * the normal tail. They are neither: windows longer than the distance of looks overlap, which makes
 * the deviation too small, and a canary with a small share of the traffic varies more than the
 * control it is held against.
 *
 * Source: Shewhart, Economic Control of Quality of Manufactured Product, 1931. */
#include <inttypes.h>
#include <math.h>

#include "sim/gates/gate.h"

enum { POINTS_MAX = 128 };
enum side { ABOVE, BELOW };
static const char *const sides[] = {"above", "below", NULL};
enum evidence { RELEASE, STEP };
static const char *const evidences[] = {"release", "step", NULL};

struct options {
    struct cm_ref metric;
    double k;
    uint64_t points, min_points, average;
    int side, evidence; /* enum side, enum evidence */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "What is looked at."),
    CM_NUMBER(struct options, k, "3", 0, 1000,
              "How many standard deviations of the control away from its mean is too far."),
    CM_COUNT(struct options, points, "30", 2, POINTS_MAX,
             "How many of the control's last values make its mean and deviation."),
    CM_COUNT(struct options, min_points, "10", 2, POINTS_MAX,
             "Fewer values of the control leave the look undecided."),
    CM_COUNT(struct options, average, "1", 1, POINTS_MAX,
             "How many of the canary's last values are averaged; fewer leave the look undecided."),
    CM_CHOICE(struct options, side, "above", sides, "On which side the canary is bad."),
    CM_CHOICE(struct options, evidence, "release", evidences,
              "Whether values are kept over the steps of a release or begin anew at each."),
    CM_PARAMS_END,
};

enum rule { FINE, FAR, TOO_FEW, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the canary is within k standard deviations of the control's mean",
    [FAR] = "the canary is more than k standard deviations from the control's mean",
    [TOO_FEW] = "there are too few values",
    [NOTHING] = "the window holds no data",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

/* The last values, in a ring. */
struct series {
    double value[POINTS_MAX];
    size_t n, next;
};
struct state {
    struct series control, canary;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->min_points > o->points)
        return cm_fail(err, "min_points (%" PRIu64 ") must not be above points (%" PRIu64 ")",
                       o->min_points, o->points);
    return 0;
}

static void add(struct series *s, size_t room, double value)
{
    s->value[s->next] = value;
    s->next = (s->next + 1) % room;
    s->n += s->n < room;
}

static double mean(const struct series *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += s->value[i];
    return sum / (double)s->n;
}

static double deviation(const struct series *s)
{
    double m = mean(s), sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += (s->value[i] - m) * (s->value[i] - m);
    return sqrt(sum / ((double)s->n - 1));
}

/* Takes this look's values, and says what keeps them from being judged. */
static enum rule take(const struct options *o, const struct cm_look *look, struct state *st)
{
    const struct cm_signal *s = &look->signals[0];
    const enum cm_arm control = look->control;
    if (s->state[CM_CANARY] == CM_GATE_ERROR)
        return BROKEN;
    if (s->state[control] == CM_PASS && !isnan(s->value[control]))
        add(&st->control, (size_t)o->points, s->value[control]);
    if (s->state[CM_CANARY] != CM_PASS || isnan(s->value[CM_CANARY]))
        return NOTHING;
    add(&st->canary, (size_t)o->average, s->value[CM_CANARY]);
    bool few = st->control.n < o->min_points || st->canary.n < o->average;
    return few ? TOO_FEW : FINE;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_label labels[] = {[FINE] = CM_PASS,
                                           [FAR] = CM_FAIL,
                                           [TOO_FEW] = CM_UNDECIDED,
                                           [NOTHING] = CM_NO_DATA,
                                           [BROKEN] = CM_GATE_ERROR};
    const struct options *o = options;
    const struct cm_signal *s = &look->signals[0];
    struct state *st = state;
    enum rule rule = take(o, look, st);
    double value = NAN, limit = NAN;
    if (rule == FINE) {
        double sign = o->side == ABOVE ? 1 : -1;
        value = mean(&st->canary);
        limit = mean(&st->control) + sign * o->k * deviation(&st->control);
        rule = sign * cm_limit_compare(value, limit) > 0 ? FAR : FINE;
    }
    struct cm_verdict v = cm_verdict_of(labels[rule], (int)rule);
    v.why.value = value, v.why.limit = limit;
    v.why.x0 = s->x[look->control], v.why.n0 = s->n[look->control];
    v.why.x1 = s->x[CM_CANARY], v.why.n1 = s->n[CM_CANARY];
    return v;
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (o->evidence == STEP)
        *st = (struct state){0};
}

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){.window = true, .control = true};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

const struct cm_gate cm_gate_k_sigma = {
    .kind = {.name = "k_sigma",
             .summary = "A limit of k standard deviations of the control's own values.",
             .source = "Shewhart 1931",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "k",
    .rules = rules,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
};
