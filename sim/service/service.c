/* The sections [service] and [class.NAME]: what a healthy version answers, and to whom.
 *
 * Assumes classes that do not change in time; their shares add to at most 1, which the loader
 * checks since it alone sees all of them. */
#include "sim/service/service.h"

static const struct cm_param service_params[] = {
    CM_PROB(struct cm_service, error_rate, "0.1%", 0, 1,
            "Share of requests that a healthy version fails."),
    CM_PROB(struct cm_service, slo, "none", 0, 0.9999999,
            "The objective: which share of the requests has to succeed; what a release burns of "
            "its error budget is reported; none = no objective."),
    CM_DURATION(struct cm_service, slo_period, "30d", 60e9, CM_MAX_DURATION,
                "The time for which an error budget has to last."),
    CM_LAW(struct cm_service, latency, "lognormal(median=120ms, sigma=0.6)",
           "How long a healthy, warm version takes to answer."),
    CM_NUMBER(struct cm_service, latency_load, "none", 0.01, 1e9,
              "Requests in flight in a version that double its latency, which grows in proportion "
              "to them; none = load changes nothing."),
    CM_DURATION(struct cm_service, latency_slo, "none", 1e3, CM_MAX_DURATION,
                "Answers slower than this count as slow; none = nothing is slow."),
    CM_DURATION(struct cm_service, warm_up, "0s", 0, CM_MAX_DURATION,
                "How long a new version is cold after its first request."),
    CM_CHANGE_PROB(struct cm_service, warm_up_error_rate, "none",
                   "What being cold does to the error rate."),
    CM_CHANGE_TIME(struct cm_service, warm_up_latency, "none",
                   "What being cold does to the latency."),
    CM_PARAMS_END,
};

static bool changes(const struct cm_change *change)
{
    return change->times != 1 || change->plus != 0;
}

/* A warm-up of which one half is missing is a mistake rather than a default. */
static int check_service(const void *common, struct cm_err *err)
{
    const struct cm_service *s = common;
    bool acts = changes(&s->warm_up_error_rate) || changes(&s->warm_up_latency);
    if (s->warm_up > 0 && !acts)
        return cm_fail(err,
                       "a warm_up of %g s changes nothing: give warm_up_error_rate or "
                       "warm_up_latency",
                       cm_seconds(s->warm_up));
    if (s->warm_up == 0 && acts)
        return cm_fail(err, "warm_up_error_rate and warm_up_latency act only during warm_up: give "
                            "its length (warm_up = 2m)");
    return 0;
}

const struct cm_section cm_service_section = {
    .name = "service",
    .summary = "What a healthy version answers: errors and latency.",
    .params = service_params,
    .size = sizeof(struct cm_service),
    .check = check_service,
};

static const char *const of_names[] = {"requests", "users", NULL};

/* What a class leaves open it takes from [service] when the world is built. */
static const struct cm_param class_params[] = {
    CM_PROB(struct cm_class, share, NULL, 1e-9, 1, "Share of all requests."),
    CM_CHOICE(struct cm_class, of, "requests", of_names,
              "What it is a share of: requests, or users together with all that they send."),
    CM_PROB(struct cm_class, error_rate, "none", 0, 1,
            "Share of its requests that a healthy version fails; none = the service's."),
    CM_LAW(struct cm_class, latency, "none", "Its latency; none = the service's."),
    CM_PARAMS_END,
};

static const struct cm_taken taken[] = {
    {"rest", "the requests that are of no class go by it", false},
    {0},
};

const struct cm_section cm_class_section = {
    .name = "class",
    .named = true,
    .taken = taken,
    .summary = "A share of the requests (endpoint, cohort) with its own errors and latency.",
    .params = class_params,
    .size = sizeof(struct cm_class),
};
