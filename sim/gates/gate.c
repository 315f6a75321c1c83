/* The list of gate kinds, the [gate.NAME] section, and what gates share. */
#include "sim/gates/gate.h"

#include <math.h>

#include "sim/base/units.h"

#define CM_GATE(name) extern const struct cm_gate cm_gate_##name;
#include "sim/gates/gates.def"
#undef CM_GATE

const struct cm_gate *const cm_gate_kinds[] = {
#define CM_GATE(name) &cm_gate_##name,
#include "sim/gates/gates.def"
#undef CM_GATE
    NULL,
};

static const struct cm_kind *const kinds[] = {
#define CM_GATE(name) &cm_gate_##name.kind,
#include "sim/gates/gates.def"
#undef CM_GATE
    NULL,
};

static const struct cm_param no_common_keys[] = {CM_PARAMS_END};

const struct cm_section cm_gate_section = {
    .name = "gate",
    .named = true,
    .summary = "A test of the canary: metrics in, a verdict out.",
    .params = no_common_keys,
    .kind_key = "test",
    .kinds = kinds,
};

const char *const cm_label_names[CM_LABELS + 1] = {
    [CM_PASS] = "pass",        [CM_UNDECIDED] = "undecided", [CM_NO_DATA] = "no_data",
    [CM_GATE_ERROR] = "error", [CM_FAIL] = "fail",
};

bool cm_gate_fresh(const struct cm_look *look, size_t i, bool own_step,
                   struct cm_two_counts *counts)
{
    const struct cm_stratum *t = &look->signals[0].fresh[i];
    *counts = (struct cm_two_counts){t->x[look->control], t->n[look->control], t->x[CM_CANARY],
                                     t->n[CM_CANARY]};
    return !own_step || t->until > look->now - look->since_step;
}

int cm_gate_needs_errors(const struct cm_gate_metrics *metrics, struct cm_err *err)
{
    for (size_t i = 0; i < metrics->n; i++)
        if (metrics->metric[i]->signal != CM_ERROR_RATIO)
            return cm_fail(err,
                           "the metric counts no errors (this test needs signal = error_ratio)");
    return 0;
}

int cm_gate_check_unit(const char *key, const struct cm_quantity *limit,
                       const struct cm_metric *metric, struct cm_err *err)
{
    static const char *const what[] = {
        [CM_RATIO] = "an error ratio",
        [CM_SECONDS] = "a latency",
        [CM_PER_SECOND] = "a rate",
        [CM_PURE] = "a number of requests",
    };
    static const char *const units[] = {
        [CM_RATIO] = "1%, 0.5pp",
        [CM_SECONDS] = "500ms, 1s",
        [CM_PER_SECOND] = "30 rps, 90 rpm",
        [CM_PURE] = "100, 2k",
    };
    bool share = metric->signal == CM_KPI_MEAN && limit->unit == CM_RATIO; /* of conversions */
    bool mean = metric->signal == CM_KPI_MEAN || metric->signal == CM_GAUGE_MEAN;
    if (isnan(limit->value) || limit->value == 0 || limit->unit == cm_metric_unit(metric) || share)
        return 0;
    struct cm_buffer value = {0};
    cm_units_print(limit->value, limit->unit, cm_buffer_writer(&value));
    cm_fail(err, "%s = %s has another unit than the metric, which is %s (%s)", key, value.text,
            mean ? "a plain number" : what[cm_metric_unit(metric)], units[cm_metric_unit(metric)]);
    cm_buffer_release(&value);
    return -1;
}
