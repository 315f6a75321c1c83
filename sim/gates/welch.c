/* Welch's t test of two means: is the canary's mean latency, KPI or gauge worse by a margin?
 *
 *     t = (m1 - m0 - margin) / sqrt(v1 / n1 + v0 / n0), degrees of freedom by Satterthwaite
 *
 * (sim/stats/welch.h), one-sided on the side that is bad; it fails when p <= alpha / looks /
 * alpha_over. Means and variances are put together stratum by stratum (Chan, Golub and LeVeque
 * 1983), never from one sum of squares.
 *
 * Source: Welch 1947. Assumes independent values with a variance; latencies have heavy tails, so
 * that few of them make the test blind. Under evidence = release a mean that drifts while the
 * weight ramps looks like a difference (Simpson's paradox). */
#include <math.h>

#include "sim/gates/one_look.h"
#include "sim/stats/welch.h"

enum side { ABOVE, BELOW };
static const char *const sides[] = {"above", "below", NULL};

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
    struct cm_quantity margin;
    int side; /* enum side */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL,
           "The mean that is compared: of latency, a KPI or a gauge."),
    CM_ONE_LOOK_PARAMS(struct options, test, "1%",
                       "Chance of failing a healthy release in `looks` looks; with more looks, "
                       "more.",
                       "step", cm_one_look_sums),
    CM_QUANTITY(struct options, margin, "0",
                "How much worse the canary's mean may be without objection, in the metric's unit."),
    CM_CHOICE(struct options, side, "above", sides,
              "On which side of the control's mean it is "
              "bad."),
    CM_PARAMS_END,
};

static const char *const rules[] = CM_ONE_LOOK_RULES("the canary's mean is not significantly worse",
                                                     "the canary's mean is significantly worse");

/* Since the step or the release began. */
struct moments {
    double n, mean, squares; /* squares: sum of squared distances from the mean */
};
struct state {
    struct moments control, canary;
};

static void add(struct moments *m, uint64_t n, double sum, double sum_sq)
{
    if (n == 0)
        return;
    double k = (double)n, mean = sum / k, all = m->n + k, off = mean - m->mean;
    m->squares += fmax(0, sum_sq - sum * mean) + off * off * m->n * k / all;
    m->mean += off * k / all;
    m->n = all;
}

static struct cm_sample sample(const struct moments *m, double sign)
{
    return (struct cm_sample){
        .n = (size_t)m->n,
        .mean = m->n > 0 ? sign * m->mean : (double)NAN,
        .variance = m->n > 1 ? m->squares / (m->n - 1) : (double)NAN,
    };
}

/* Values that stand still have means that differ by what sums round, and no deviation: a difference
 * below this part of them is none. */
static const double SLACK = 1e-12;

static double p_value(const struct cm_sample *control, const struct cm_sample *canary,
                      double margin)
{
    double off = canary->mean - control->mean - margin;
    double size = fabs(canary->mean) + fabs(control->mean) + margin;
    struct cm_welch w = cm_welch_test(control, canary, margin);
    if (!isnan(w.t) && fabs(off) <= SLACK * size)
        w.t = 0;
    return isnan(w.t) ? 1 : cm_welch_p(&w, CM_GREATER);
}

static void add_fresh(const struct options *o, struct state *st, const struct cm_look *look)
{
    struct cm_two_counts c;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        const struct cm_stratum *t = &look->signals[0].fresh[i];
        if (!cm_gate_fresh(look, i, o->test.evidence == CM_OF_STEP, &c))
            continue;
        add(&st->control, c.n0, t->sum[look->control], t->sum_sq[look->control]);
        add(&st->canary, c.n1, t->sum[CM_CANARY], t->sum_sq[CM_CANARY]);
    }
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    add_fresh(o, st, look);
    double sign = o->side == ABOVE ? 1 : -1;
    struct cm_sample control = sample(&st->control, sign), canary = sample(&st->canary, sign);
    const struct cm_two_counts c = {.n0 = control.n, .n1 = canary.n};
    return cm_one_look_judge(&o->test, look, &c, p_value(&control, &canary, o->margin.value));
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (!(o->margin.value >= 0))
        return cm_fail(err, "margin (%g) must not be below 0", o->margin.value);
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    const struct options *o = options;
    if (metrics->metric[0]->signal < CM_LATENCY_MEAN)
        return cm_fail(err, "the metric is no mean (this test needs signal = latency_mean, kpi or "
                            "gauge)");
    return cm_gate_check_unit("margin", &o->margin, metrics->metric[0], err);
}

static struct cm_needs needs(const void *options)
{
    struct cm_needs needs = cm_one_look_needs(&((const struct options *)options)->test);
    needs.moments = true;
    return needs;
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (o->test.evidence == CM_OF_STEP)
        *st = (struct state){0};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

const struct cm_gate cm_gate_welch = {
    .kind = {.name = "welch",
             .summary = "Welch's t test of a mean latency, KPI or gauge.",
             .source = "Welch 1947",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P,
};
