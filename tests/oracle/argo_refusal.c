/* Cases of what is refused before a run begins, and of what becomes of finished runs. */
#include <stdio.h>
#include <string.h>

#include "sim/base/param.h"
#include "tests/oracle/argo.h"

/* Of durations that cannot be read only the beginning is ours; Go's own words follow. */
static void compare_error(struct argo_case *c, const char *got)
{
    const char *want = input_text(&c->expect, "error");
    size_t length = strlen(got);
    bool ours = strstr(got, "invalid ") != NULL && strncmp(got, want, length) == 0;
    c->asked++;
    if (!ours && strcmp(got, want) != 0)
        argo_disagree(c, "the error is \"%s\", not \"%s\"", got, want);
}

static void validate_metrics(struct argo_case *c)
{
    struct argo_run r;
    struct cm_err err;
    argo_run_read(c, &r);
    int status = cm_argo_validate(&r.spec, &err);
    if (!argo_null(c, "error", status == 0))
        compare_error(c, err.text);
}

static void dry_run_match(struct argo_case *c)
{
    const char *rules[ARGO_METRICS], *names[ARGO_METRICS];
    bool matched[ARGO_METRICS] = {false};
    struct argo_run r = {.spec = {.metrics = r.metrics}};
    struct cm_err err;
    size_t n_rules = argo_strings(c, "rules", rules, ARGO_METRICS);
    r.spec.n = argo_strings(c, "metrics", names, ARGO_METRICS);
    for (size_t i = 0; i < r.spec.n; i++)
        r.metrics[i] = cm_argo_metric_of(names[i]);
    int status = cm_argo_dry_run(rules, n_rules, r.metrics, r.spec.n, &err);
    for (size_t i = 0; i < r.spec.n; i++)
        matched[i] = r.metrics[i].dry_run;
    if (argo_asks(c, "matched"))
        argo_names(c, "matched", &r, matched);
    if (!argo_null(c, "error", status == 0))
        argo_text(c, "error", err.text);
}

/* In the order in which the controller looks. Arguments are no business of a simulation: those
 * words are only put together here. */
static void run_config_error(struct argo_case *c)
{
    const char *dry[ARGO_METRICS], *kept[ARGO_METRICS];
    char text[600] = "";
    struct cm_err err;
    struct argo_run r;
    argo_metrics_read(c, &r);
    size_t n_dry = argo_strings(c, "dry_run", dry, ARGO_METRICS);
    size_t n_kept = argo_strings(c, "measurement_retention", kept, ARGO_METRICS);
    if (input_given(&c->in, "unresolved_arg"))
        snprintf(text, sizeof text,
                 "Unable to resolve metric arguments: failed to resolve {{args.%s}}",
                 input_text(&c->in, "unresolved_arg"));
    else if (cm_argo_validate(&r.spec, &err) ||
             cm_argo_dry_run(dry, n_dry, r.metrics, r.spec.n, &err) ||
             cm_argo_check_retention(kept, n_kept, &r.spec, &err))
        snprintf(text, sizeof text, "Analysis spec invalid: %s", err.text);
    enum cm_argo_phase phase = text[0] != '\0' ? CM_ARGO_ERROR : CM_ARGO_NONE;
    argo_text(c, "phase", cm_argo_phase_names[phase]);
    if (argo_asks(c, "message"))
        argo_text(c, "message", text);
}

static void analysis_run_ttl(struct argo_case *c)
{
    struct inputs in = argo_inside(json_is_object(json_object_get(c->in.object, "ttl_s"))
                                       ? json_object_get(c->in.object, "ttl_s")
                                       : c->in.object);
    struct cm_argo_ttl ttl = {argo_seconds(&in, "completion"), argo_seconds(&in, "success"),
                              argo_seconds(&in, "failure")};
    cm_time age = argo_seconds(&c->in, "completed_age_s");
    argo_hand_up(c, &in);
    /* No age: the run has no completion time. */
    argo_flag(c, "expired",
              age != CM_NO_DURATION && cm_argo_expired(&ttl, argo_phase(&c->in, "phase"), age));
}

const struct argo_kind argo_refusal_kinds[] = {
    {"validate_metrics", validate_metrics},
    {"dry_run_match", dry_run_match},
    {"run_config_error", run_config_error},
    {"analysis_run_ttl", analysis_run_ttl},
    {NULL, NULL},
};
