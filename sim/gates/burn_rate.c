/* Two windows of one error budget: does the canary burn it too fast, and still?
 *
 * With an objective SLO the budget is 1 - SLO of the requests; an error ratio of burn (1 - SLO)
 * spends it `burn` times as fast as it may. The gate fails while the error ratio is above that over
 * both windows: the long one says that it matters, the short one (a twelfth of it) that it goes on
 * (sim/stats/burn_rate.h). Two metrics of the same errors are the two windows; several alerts are
 * several gates.
 *
 * scope = service takes both versions together, as most alerts do: at a share s of the traffic the
 * canary's errors are diluted by s, and 20 % errors of a 5 % canary burn 10 times, below 14.4.
 * scope = canary holds only what the canary answered; its window has no clean past, so that it
 * fails as soon as there are errors enough.
 *
 * Source: Google, The Site Reliability Workbook (2018), chapter 5. A window without requests, as a
 * short one at little traffic, says nothing. */
#include <math.h>

#include "sim/gates/gate.h"

enum scope { CANARY, SERVICE };
static const char *const scopes[] = {"canary", "service", NULL};
enum { LONG, SHORT, WINDOWS };

struct options {
    struct cm_ref long_window, short_window;
    double slo, burn;
    int scope; /* enum scope */
    uint64_t min_requests;
};

static const struct cm_param params[] = {
    CM_REF(struct options, long_window, "metric", NULL, "The error ratio over the long window."),
    CM_REF(struct options, short_window, "metric", NULL,
           "The error ratio over the short window, a twelfth of the long one as a rule."),
    CM_PROB(struct options, slo, "99.9%", 0, 0.9999999,
            "The objective: which share of the requests has to succeed."),
    CM_NUMBER(struct options, burn, "14.4", 1e-6, 1e9,
              "How many times as fast as the budget allows errors may come; 14.4 spends 2% of 30 "
              "days' budget in an hour, 6 spends 5% in six."),
    CM_CHOICE(struct options, scope, "canary", scopes,
              "Whose requests are counted: the canary's, or those of all versions together."),
    CM_COUNT(struct options, min_requests, "0", 0, 1e12,
             "Fewer requests in the long window leave the look undecided."),
    CM_PARAMS_END,
};

enum rule { FINE, BURNS, TOO_FEW, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the error budget is not burning too fast over both windows",
    [BURNS] = "the error budget is burning too fast over both windows",
    [TOO_FEW] = "the long window holds too few requests",
    [NOTHING] = "a window holds no requests",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->burn * (1 - o->slo) >= 1)
        return cm_fail(err,
                       "burn (%g) times the budget (%g) is not below 1: no error ratio is above it",
                       o->burn, 1 - o->slo);
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    if (cm_gate_needs_errors(metrics, err))
        return -1;
    if (metrics->metric[LONG]->window <= metrics->metric[SHORT]->window)
        return cm_fail(err, "the window of long_window must be longer than that of short_window");
    return 0;
}

/* Bad and all requests of one window, of those in scope. */
struct window {
    uint64_t x, n;
};

static struct window count(const struct options *o, const struct cm_signal *s)
{
    if (o->scope == CANARY)
        return (struct window){s->x[CM_CANARY], s->n[CM_CANARY]};
    struct window all = {0};
    for (int arm = 0; arm < CM_ARMS; arm++)
        all.x += s->x[arm], all.n += s->n[arm];
    return all;
}

static enum rule judge(const struct options *o, const struct window *w, double limit)
{
    if (w[LONG].n == 0 || w[SHORT].n == 0)
        return NOTHING;
    if (w[LONG].n < o->min_requests)
        return TOO_FEW;
    bool burns = cm_share_compare(w[LONG].x, w[LONG].n, limit) > 0 &&
                 cm_share_compare(w[SHORT].x, w[SHORT].n, limit) > 0;
    return burns ? BURNS : FINE;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_label labels[] = {[FINE] = CM_PASS,
                                           [BURNS] = CM_FAIL,
                                           [TOO_FEW] = CM_UNDECIDED,
                                           [NOTHING] = CM_NO_DATA,
                                           [BROKEN] = CM_GATE_ERROR};
    const struct options *o = options;
    const struct window w[WINDOWS] = {count(o, &look->signals[LONG]),
                                      count(o, &look->signals[SHORT])};
    double limit = o->burn * (1 - o->slo);
    (void)state;
    bool broken = look->signals[LONG].state[CM_CANARY] == CM_GATE_ERROR ||
                  look->signals[SHORT].state[CM_CANARY] == CM_GATE_ERROR;
    enum rule rule = broken ? BROKEN : judge(o, w, limit);
    struct cm_verdict v = cm_verdict_of(labels[rule], (int)rule);
    v.why.limit = limit;
    for (int i = 0; i < WINDOWS && rule != NOTHING && rule != BROKEN; i++)
        v.why.value = fmin(v.why.value, (double)w[i].x / (double)w[i].n); /* NAN gives way */
    v.why.x1 = w[LONG].x, v.why.n1 = w[LONG].n;
    return v;
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){.window = true, .requests = o->scope == CANARY ? o->min_requests : 0};
}

const struct cm_gate cm_gate_burn_rate = {
    .kind = {.name = "burn_rate",
             .summary = "A burn-rate alert on an error budget over a long and a short window.",
             .source = "Google, The Site Reliability Workbook, chapter 5",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "burn",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .look = look,
};
