/* Cases of one metric: its status, sequences of measurements, the order of badness. */
#include <string.h>

#include "sim/base/param.h"
#include "tests/oracle/argo.h"

static struct cm_argo_metric inner_metric(struct argo_case *c, const char *key)
{
    struct inputs in = argo_inside(json_object_get(c->in.object, key));
    struct cm_argo_metric m = argo_metric(&in);
    argo_hand_up(c, &in);
    return m;
}

static void metric_status(struct argo_case *c)
{
    struct cm_argo_metric m = inner_metric(c, "metric");
    struct cm_argo_result r = {.exists = true,
                               .counts = argo_counts(json_object_get(c->in.object, "counters"))};
    r.phase = argo_phase(&c->in, "prior_phase");
    r.last.phase = argo_phase(&c->in, "last_measurement");
    r.measurements = r.last.phase != CM_ARGO_NONE;
    bool terminating = input_flag_or(&c->in, "terminating", false);
    argo_text(c, "phase", cm_argo_phase_names[cm_argo_metric_status(&m, &r, terminating)]);
    if (argo_asks(c, "message")) {
        char text[100];
        struct cm_argo_why why = cm_argo_broken_limit(&m, &r.counts);
        cm_argo_reason_text(&why, text, sizeof text);
        argo_text(c, "message", text);
    }
}

static enum cm_argo_phase outcome(struct argo_case *c, const json_t *letter)
{
    static const char letters[] = "SFIE";
    static const enum cm_argo_phase phases[] = {CM_ARGO_SUCCESSFUL, CM_ARGO_FAILED,
                                                CM_ARGO_INCONCLUSIVE, CM_ARGO_ERROR};
    const char *text = json_is_string(letter) ? json_string_value(letter) : "";
    const char *found = strlen(text) == 1 ? strchr(letters, *text) : NULL;
    if (found == NULL)
        inputs_fault(&c->in, "an outcome is none of S, F, I, E");
    return found != NULL ? phases[found - letters] : CM_ARGO_ERROR;
}

static void compare_counts(struct argo_case *c, const struct cm_argo_counts *got)
{
    const json_t *want = json_object_get(c->expect.object, "counters");
    struct cm_argo_counts read = argo_counts(want);
    c->asked++;
    if (memcmp(&read, got, sizeof read) != 0)
        argo_disagree(c,
                      "the counters end as count %jd, failed %jd, in a row %jd errors, %jd "
                      "successes",
                      (intmax_t)got->count, (intmax_t)got->failed, (intmax_t)got->consecutive_error,
                      (intmax_t)got->consecutive_success);
}

static void metric_sequence(struct argo_case *c)
{
    struct cm_argo_metric m = inner_metric(c, "metric");
    struct cm_argo_result r = {.exists = true,
                               .phase = CM_ARGO_RUNNING,
                               .counts =
                                   argo_counts(json_object_get(c->in.object, "initial_counters"))};
    const json_t *list = json_object_get(c->in.object, "outcomes");
    const json_t *phases = json_object_get(c->expect.object, "phases");
    size_t taken = 0;
    c->asked++;
    for (; taken < json_array_size(list) && !cm_argo_completed(r.phase); taken++) {
        r.last.phase = outcome(c, json_array_get(list, taken));
        r.measurements++;
        cm_argo_count(&r.counts, r.last.phase);
        r.phase = cm_argo_metric_status(&m, &r, false);
        const json_t *want = json_array_get(phases, taken);
        const char *got = cm_argo_phase_names[r.phase];
        if (!json_is_string(want) || strcmp(json_string_value(want), got) != 0)
            argo_disagree(c, "after %zu measurements the metric is %s", taken + 1, got);
    }
    if (taken != json_array_size(phases))
        argo_disagree(c, "the metric ends after %zu measurements", taken);
    compare_counts(c, &r.counts);
}

static void phase_is_worse(struct argo_case *c)
{
    enum cm_argo_phase current = argo_phase(&c->in, "current"), next = argo_phase(&c->in, "new");
    argo_flag(c, "worse", cm_argo_is_worse(current, next));
}

static void effective_count(struct argo_case *c)
{
    struct cm_argo_metric m = argo_metric(&c->in);
    int64_t n = cm_argo_effective_count(&m);
    if (!argo_null(c, "effective_count", n == CM_ARGO_UNSET))
        argo_number(c, "effective_count", (double)n);
}

static void measurement_trim(struct argo_case *c)
{
    const json_t *values = json_object_get(c->in.object, "values"), *list;
    const json_t *want = json_object_get(c->expect.object, "values");
    const json_t *retention = json_object_get(c->in.object, "retention");
    size_t otherwise = (size_t)input_count_to(&c->in, "default_limit", 1000);
    const char *name;
    c->asked++;
    json_object_foreach((json_t *)(uintptr_t)values, name, list)
    {
        size_t n = json_array_size(list), expected = 0;
        const json_t *limit = json_object_get(retention, name), *kept = json_object_get(want, name);
        size_t left = cm_argo_kept(n, (int64_t)json_integer_value(limit), otherwise);
        expected = json_array_size(kept);
        if (left != expected)
            argo_disagree(c, "%s keeps %zu of %zu", name, left, n);
        for (size_t i = 0; i < left && i < expected; i++)
            if (!json_equal(json_array_get(list, n - left + i), json_array_get(kept, i)))
                argo_disagree(c, "%s keeps others than the newest", name);
    }
    if (json_object_size(values) != json_object_size(want))
        argo_disagree(c, "other metrics are expected");
}

const struct argo_kind argo_metric_kinds[] = {
    {"metric_status", metric_status},       {"metric_sequence", metric_sequence},
    {"phase_is_worse", phase_is_worse},     {"effective_count", effective_count},
    {"measurement_trim", measurement_trim}, {NULL, NULL},
};
