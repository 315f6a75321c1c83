/* Gates: windows in, a verdict out. One file a gate.
 *
 * A gate draws nothing, prints nothing, allocates nothing and knows no clock but the look it is
 * handed; its state is flat and may be copied with memcpy. */
#ifndef CM_GATE_H
#define CM_GATE_H

#include <math.h>

#include "sim/base/kind.h"
#include "sim/base/rng.h"
#include "sim/stats/share_limit.h"
#include "sim/telemetry/metric.h"

/* pass = no objection at this look; undecided = cannot say; the order is badness in a mix. */
enum cm_label { CM_PASS, CM_UNDECIDED, CM_NO_DATA, CM_GATE_ERROR, CM_FAIL, CM_LABELS };
extern const char *const cm_label_names[CM_LABELS + 1]; /* NULL-ended */

/* What an evidence's value, limit, low and high are. */
enum cm_scale {
    CM_SCALE_METRIC,     /* the canary's value of the metric */
    CM_SCALE_DIFFERENCE, /* the canary's less the control's */
    CM_SCALE_RATIO,      /* the canary's over the control's */
    CM_SCALE_P,          /* a p-value */
    CM_SCALE_LOG_E,      /* natural log of an e-value */
    CM_SCALE_COUNT,      /* of requests, or any other pure number */
    CM_SCALE_SCORE       /* Kayenta's; low and high are its thresholds marginal and pass */
};

/* Why: what a person needs to check the verdict by hand. NAN = the gate has no such thing. */
struct cm_evidence {
    enum cm_scale scale;     /* of the next four */
    double value, limit;     /* what was held against what, as the gate's rules say */
    double low, high;        /* the value's interval */
    double p, log_e;         /* p-value; natural log of the e-value */
    uint64_t x0, n0, x1, n1; /* bad and all requests behind it: control, canary */
    int id;                  /* what a controller's sentence is about, as it asked for it */
};

struct cm_verdict {
    enum cm_label label;
    bool decisive; /* fail: roll back now; pass: enough evidence to move on early */
    int rule;      /* which of the gate's `rules` spoke */
    struct cm_evidence why;
};

/* Raw counter steps between two instants at one planned share; never crosses a weight change. */
struct cm_stratum {
    cm_time from, until;
    double planned_share;                 /* of the canary among canary and control */
    uint64_t x[CM_ARMS], n[CM_ARMS];      /* bad, all */
    const uint64_t *buckets[CM_ARMS];     /* edges->n + 1 counts of latency; they need not add up
                                             to n; NULL unless needed */
    double sum[CM_ARMS], sum_sq[CM_ARMS]; /* moments; NAN unless needed */
};

/* The query's values at every step since the release was created, or began anew; NAN = gap. The
 * last one is of `at`, the others a step apart before it. */
struct cm_signal_series {
    const double *value[CM_ARMS];
    size_t n[CM_ARMS];
    cm_time at;
};

/* What one metric's query returned at this look, and what came since the last one. */
struct cm_signal {
    double value[CM_ARMS]; /* the metric's unit; NAN = no data */
    uint64_t n[CM_ARMS];   /* requests behind it */
    uint64_t x[CM_ARMS];   /* errors among them */
    enum cm_label
        state[CM_ARMS]; /* CM_PASS = a value; CM_NO_DATA; CM_GATE_ERROR = provider error */
    const struct cm_stratum *fresh; /* strata since this gate's last look, oldest first */
    size_t n_fresh;
    const struct cm_signal_series *series; /* NULL unless needed */
};

struct cm_look {
    cm_time now, since_step;
    cm_time began;       /* the release: 0, or when a newer revision took its place */
    int step, number;    /* step of the rollout, from 0; looks of this gate before this one */
    enum cm_arm control; /* the arm that the canary is compared with */
    const struct cm_edges *edges;
    const struct cm_signal *signals; /* in the order of the gate's metric references */
    size_t n_signals;
    const struct cm_verdict *const *parts; /* what a composite combines, in the order it names */
    size_t n_parts;
};

/* What the engine must keep for a gate, and what it cannot judge without. */
struct cm_needs {
    cm_time history;     /* of stable before the release, as a stratum */
    cm_time series_step; /* 0 = no series */
    bool window;         /* what the metrics' queries return over their windows */
    bool strata, buckets, moments, per_scrape;
    bool control;      /* requests of the control in every step */
    bool compares;     /* with a control; implied by `control` */
    uint64_t requests; /* so many in every window: of the canary, and of the control if `control` */
};

/* What evidence a gate's verdicts hold that others may combine: p-values, logs of e-values. */
enum cm_given { CM_GIVES_P = 1, CM_GIVES_E = 2 };

/* The metrics that a gate's options refer to, linked; metric[i] is what signals[i] will show. */
struct cm_gate_metrics {
    const struct cm_metric *const *metric;
    size_t n;
};

struct cm_gate {
    struct cm_kind kind;
    const char *tunable; /* the option that calibrate and tune move; NULL = none */
    size_t controllers; /* so many bytes of the options, the first, are read by controllers at load:
                           nobody moves them later */
    const char *const
        *rules; /* sentences by verdict.rule, NULL-ended; said in traces and reports */
    /* Rules that involve the metrics (units of limits, what a signal lacks). NULL = none. */
    int (*check_metrics)(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err);
    struct cm_needs (*needs)(const void *options);             /* NULL = windows only */
    size_t (*state_size)(const void *options, size_t n_edges); /* NULL = 0 */
    void (*start)(const void *options, void *state,
                  const struct cm_look *history);       /* NULL = zero */
    void (*new_step)(const void *options, void *state); /* the weight changes; NULL = nothing */
    struct cm_verdict (*look)(const void *options, void *state, const struct cm_look *look);
    double (*tilt)(const void *options, struct cm_rng *rng); /* own alternative, for rare events */
    int gives, takes; /* enum cm_given: in its evidence; of each of its parts, 0 = labels will do */
    int (*gives_with)(const void *options); /* where it depends on them; NULL = gives */
};

/* A verdict without evidence; fill in what the gate knows. Every member is named: what is left out
 * would be cleared first, which takes longer than a look. */
static inline void cm_verdict_set(struct cm_verdict *v, enum cm_label label, int rule)
{
    *v = (struct cm_verdict){
        .label = label,
        .decisive = false,
        .rule = rule,
        .why = {.scale = CM_SCALE_METRIC,
                .value = NAN,
                .limit = NAN,
                .low = NAN,
                .high = NAN,
                .p = NAN,
                .log_e = NAN,
                .x0 = 0,
                .n0 = 0,
                .x1 = 0,
                .n1 = 0,
                .id = 0},
    };
}

static inline struct cm_verdict cm_verdict_of(enum cm_label label, int rule)
{
    struct cm_verdict v;
    cm_verdict_set(&v, label, rule);
    return v;
}

/* What a gate of errors adds up: the i-th stratum of its first signal. False for one that ended
 * before the step, where only the step's own count. */
bool cm_gate_fresh(const struct cm_look *look, size_t i, bool own_step,
                   struct cm_two_counts *counts);

/* A check_metrics for gates that count bad requests: refuses a metric that is no error ratio. */
int cm_gate_needs_errors(const struct cm_gate_metrics *metrics, struct cm_err *err);

/* For limits on a metric's value: refuses one in another unit than the metric's (0 is 0 in any). */
int cm_gate_check_unit(const char *key, const struct cm_quantity *limit,
                       const struct cm_metric *metric, struct cm_err *err);

/* Whether the value is the quotient of the counts behind it, which can be compared exactly. */
static inline bool cm_gate_is_share(const struct cm_signal *s, enum cm_arm arm)
{
    return s->n[arm] > 0 && s->value[arm] == (double)s->x[arm] / (double)s->n[arm];
}

/* The arm's value against a limit: -1 below, 0 at, 1 above. */
static inline int cm_gate_against(const struct cm_signal *s, enum cm_arm arm, double limit)
{
    return cm_gate_is_share(s, arm) ? cm_share_compare(s->x[arm], s->n[arm], limit)
                                    : cm_limit_compare(s->value[arm], limit);
}

extern const struct cm_section cm_gate_section;
extern const struct cm_gate *const cm_gate_kinds[]; /* NULL-ended */

#endif
