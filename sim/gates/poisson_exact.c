/* Events per exposure: is the canary's rate more than `ratio` times the control's?
 *
 * For what is counted without a denominator: crashes, restarts, complaints. Given the X = x0 + x1
 * events of both arms, x1 is Bin(X, pi) with pi = R T1 / (R T1 + T0), whatever the common rate did
 * (sim/stats/poisson_rate.h). The exposure T of an arm is its planned share of the time, or the
 * requests that it answered, if these are known. It fails when p <= alpha / looks / alpha_over; the
 * interval is Clopper and Pearson's, so that the exact test fails just when `ratio` is below it.
 *
 * Sources: Przyborowski and Wilenski 1940; Lancaster 1961 for mid-p. Assumes Poisson events: a
 * crash that causes ten errors is one event, not ten. With exposure = share it also believes the
 * router: a share that is not as planned shows as a rate. */
#include <math.h>

#include "sim/gates/one_look.h"
#include "sim/stats/poisson_rate.h"

enum method { EXACT, MID_P };
static const char *const methods[] = {"exact", "mid_p", NULL};
enum exposure { SHARE, REQUESTS };
static const char *const exposures[] = {"share", "requests", NULL};

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
    double ratio;
    int method, exposure; /* enum method, enum exposure */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio whose errors are the events."),
    CM_ONE_LOOK_PARAMS(struct options, test, "1%",
                       "Chance of failing, in `looks` looks, a canary at `ratio`; with more looks, "
                       "more.",
                       "step", cm_one_look_sums),
    CM_ONE_LOOK_MIN_ERRORS(struct options, test),
    CM_NUMBER(struct options, ratio, "1", 0.001, 1000,
              "How many times the control's rate the canary's may be without objection."),
    CM_CHOICE(struct options, method, "exact", methods,
              "How p is found: exactly, never too small, or as mid-p, closer to alpha."),
    CM_CHOICE(struct options, exposure, "share", exposures,
              "What events are counted per: an arm's planned share of the time, or its requests."),
    CM_PARAMS_END,
};

static const char *const rules[] =
    CM_ONE_LOOK_RULES("the canary's rate of events is not significantly larger",
                      "the canary's rate of events is significantly larger");

/* Since the step or the release began. */
struct state {
    struct cm_two_counts counts;
    double time0, time1; /* share of seconds */
};

static struct cm_needs needs(const void *options)
{
    return cm_one_look_needs(&((const struct options *)options)->test);
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
    if (o->test.evidence == CM_OF_STEP)
        *st = (struct state){0};
}

static void add_exposure(const struct options *o, const struct cm_look *look, struct state *st)
{
    struct cm_two_counts unused;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        const struct cm_stratum *t = &look->signals[0].fresh[i];
        if (!cm_gate_fresh(look, i, o->test.evidence == CM_OF_STEP, &unused))
            continue;
        st->time0 += (1 - t->planned_share) * cm_seconds(t->until - t->from);
        st->time1 += t->planned_share * cm_seconds(t->until - t->from);
    }
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    const struct cm_two_counts *c = &st->counts;
    cm_one_look_add(&o->test, look, &st->counts);
    add_exposure(o, look, st);
    bool time = o->exposure == SHARE;
    const struct cm_two_rates rates = {c->x0, c->x1, time ? st->time0 : (double)c->n0,
                                       time ? st->time1 : (double)c->n1};
    if (!cm_poisson_rate_possible(&rates, o->ratio))
        return cm_one_look_judge(&o->test, look, c, 1);
    double p = o->method == EXACT ? cm_poisson_rate_exact(&rates, o->ratio, CM_GREATER)
                                  : cm_poisson_rate_mid_p(&rates, o->ratio, CM_GREATER);
    struct cm_verdict v = cm_one_look_judge(&o->test, look, c, p);
    struct cm_ratio ratio = cm_poisson_rate_ratio(&rates, 1 - 2 * cm_one_look_alpha(&o->test));
    v.why.scale = CM_SCALE_RATIO;
    v.why.value = ratio.value, v.why.limit = o->ratio;
    v.why.low = ratio.limits.low, v.why.high = ratio.limits.high;
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_poisson_exact = {
    .kind = {.name = "poisson_exact",
             .summary = "An exact test of the canary's rate of events against the control's.",
             .source = "Przyborowski and Wilenski 1940",
             .params = params,
             .options_size = sizeof(struct options)},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P,
};
