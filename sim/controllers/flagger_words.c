/* Flagger's own words: phases, providers, and the events of its decisions (fluxcd/flagger v1.44.0).
 * Blanks are those of sentence.h; {app} is the canary and its target, {ns} a dot and its namespace,
 * {error} what a hook or a provider answered. */
#include "sim/controllers/flagger.h"

const char *const cm_flagger_phase_names[CM_FLAGGER_PHASES + 1] = {
    [CM_NO_PHASE] = "",
    [CM_INITIALIZING] = "Initializing",
    [CM_INITIALIZED] = "Initialized",
    [CM_WAITING] = "Waiting",
    [CM_PROGRESSING] = "Progressing",
    [CM_WAITING_PROMOTION] = "WaitingPromotion",
    [CM_PROMOTING] = "Promoting",
    [CM_FINALISING] = "Finalising",
    [CM_SUCCEEDED] = "Succeeded",
    [CM_FAILED] = "Failed",
    [CM_FLAGGER_PHASES] = NULL,
};

const char *const cm_flagger_providers[CM_FLAGGER_PROVIDERS + 1] = {
    [CM_ISTIO] = "istio",
    [CM_LINKERD] = "linkerd",
    [CM_KUBERNETES] = "kubernetes",
    [CM_GATEWAYAPI] = "gatewayapi",
    [CM_NGINX] = "nginx",
    [CM_SKIPPER] = "skipper",
    [CM_TRAEFIK] = "traefik",
    [CM_CONTOUR] = "contour",
    [CM_GLOO] = "gloo",
    [CM_KUMA] = "kuma",
    [CM_KNATIVE] = "knative",
    [CM_APPMESH] = "appmesh",
    [CM_APISIX] = "apisix",
    [CM_OSM] = "osm",
    [CM_FLAGGER_PROVIDERS] = NULL,
};

#define N    "{app}{ns}"
#define HALT "Halt " N " advancement "

#define NOT_READY(first, who, deployment)                                                          \
    [(first) + CM_UNSEEN] = who " not ready: waiting for rollout to finish: observed deployment "  \
                                "generation less than desired generation",                         \
               [(first) + CM_DEADLINE] =                                                           \
                   who " not ready: deployment \"" deployment "\" exceeded its "                   \
                       "progress deadline",                                                        \
               [(first) + CM_NOT_UPDATED] =                                                        \
                   who " not ready: waiting for rollout to finish: {x} out of {n} "                \
                       "new replicas have been updated",                                           \
               [(first) + CM_OLD_PENDING] =                                                        \
                   who " not ready: waiting for rollout to finish: {x} old "                       \
                       "replicas are pending termination",                                         \
               [(first) + CM_NOT_AVAILABLE] =                                                      \
                   who " not ready: waiting for rollout to finish: {x} of {n} "                    \
                       "(readyThreshold {limit%}%) updated replicas are "                          \
                       "available",                                                                \
               [(first) + CM_PODS_NOT_UPDATED] =                                                   \
                   who " not ready: waiting for rollout to finish: {x} out of "                    \
                       "{n} new pods have been updated",                                           \
               [(first) + CM_PODS_NOT_AVAILABLE] =                                                 \
                   who " not ready: waiting for rollout to finish: {x} of "                        \
                       "{n} (readyThreshold {limit%}%) updated pods are "                          \
                       "available"

const char *const cm_flagger_sentences[CM_FLAGGER_SENTENCES + 1] = {
    [CM_FLAGGER_SUSPENDED] = "skipping canary run as object is suspended",
    [CM_FLAGGER_METRICS_THERE] = "all the metrics providers are available!",
    [CM_FLAGGER_INITIALIZED] = "Initialization done! " N,
    [CM_FLAGGER_NEW_REVISION] = "New revision detected! Scaling up " N,
    [CM_FLAGGER_RESTARTS] = "New revision detected! Restarting analysis for " N,
    [CM_FLAGGER_STARTS] = "Starting canary analysis for " N,
    [CM_FLAGGER_CONFIRM_ROLLOUT_PASSED] = "Confirm-rollout check {hook} passed",
    [CM_FLAGGER_PRE_ROLLOUT_PASSED] = "Pre-rollout check {hook} passed",
    [CM_FLAGGER_CONFIRM_TRAFFIC_PASSED] = "Confirm-traffic-increase check {hook} passed",
    [CM_FLAGGER_CONFIRM_PROMOTION_PASSED] = "Confirm-promotion check {hook} passed",
    [CM_FLAGGER_POST_ROLLOUT_PASSED] = "Post-rollout check {hook} passed",
    [CM_FLAGGER_NO_ROLLBACK_SIGNAL] = "Rollback hook {hook} not signaling a rollback",
    [CM_FLAGGER_CANARY_WEIGHT] = "Advance " N " canary weight {x}",
    [CM_FLAGGER_PRIMARY_WEIGHT] = "Advance " N " primary weight {x}",
    [CM_FLAGGER_ITERATION] = "Advance " N " canary iteration {x}/{n}",
    [CM_FLAGGER_ALL_TO_CANARY] = "Routing all traffic to canary",
    [CM_FLAGGER_STOP_MIRROR] = "Stop traffic mirroring and route all traffic to canary",
    [CM_FLAGGER_COPIES] = "Copying " N " template spec to {app}-primary{ns}",
    [CM_FLAGGER_ALL_TO_PRIMARY] = "Routing all traffic to primary",
    [CM_FLAGGER_PROMOTED] = "Promotion completed! Scaling down " N,
    [CM_FLAGGER_SKIPPED] = "Promotion completed! Canary analysis was skipped for " N,

    [CM_FLAGGER_METRICS_GONE] = "Error checking metric providers: {error}",
    [CM_FLAGGER_WAITS_FOR_APPROVAL] = HALT "waiting for approval {hook}",
    [CM_FLAGGER_WAITS_FOR_TRAFFIC] = HALT "waiting for traffic increase approval {hook}",
    [CM_FLAGGER_WAITS_FOR_PROMOTION] = HALT "waiting for promotion approval {hook}",
    [CM_FLAGGER_PRE_ROLLOUT_FAILED] = HALT "pre-rollout check {hook} failed {error}",
    [CM_FLAGGER_ROLLOUT_FAILED] = HALT "external check {hook} failed {error}",
    [CM_FLAGGER_POST_ROLLOUT_FAILED] = "Post-rollout hook {hook} failed {error}",
    [CM_FLAGGER_ROLLBACK_SIGNAL] = "Rollback check {hook} passed",
    [CM_FLAGGER_NO_SUCCESS_RATE] =
        "Halt advancement no values found for {provider} metric request-success-rate probably " N
        " is not receiving traffic: running query failed: no values found",
    [CM_FLAGGER_NO_DURATION] =
        "Halt advancement no values found for {provider} metric request-duration probably " N
        " is not receiving traffic",
    [CM_FLAGGER_NO_QUERY] = "Halt advancement no values found for metric: {gate}",
    [CM_FLAGGER_NO_TEMPLATE] =
        "Halt advancement no values found for custom metric: {gate}: running query failed: no "
        "values found",
    [CM_FLAGGER_BUILTIN_BROKEN] = "Prometheus query failed: {error}",
    [CM_FLAGGER_METRIC_BROKEN] = "Metric query failed for {gate}: {error}",
    [CM_FLAGGER_SUCCESS_RATE_LOW] = HALT "success rate {value%.2}% < {limit%}%",
    [CM_FLAGGER_SUCCESS_RATE_HIGH] = HALT "success rate {value%.2}% > {limit%}%",
    [CM_FLAGGER_DURATION_LOW] = HALT "request duration {value.go} < {limit.go}",
    [CM_FLAGGER_DURATION_HIGH] = HALT "request duration {value.go} > {limit.go}",
    [CM_FLAGGER_METRIC_LOW] = HALT "{gate} {value.2} < {limit}",
    [CM_FLAGGER_METRIC_HIGH] = HALT "{gate} {value.2} > {limit}",
    [CM_FLAGGER_METRIC_FAILS] = HALT "{gate} fails",
    [CM_FLAGGER_NO_MATCH] = "A/B testing is not supported when using the kubernetes provider",
    [CM_FLAGGER_NO_PROGRESSIVE] =
        "Progressive traffic is not supported when using the kubernetes provider",
    [CM_FLAGGER_SETS_ITERATIONS] = "Setting canaryAnalysis.iterations: {x}",
    [CM_FLAGGER_THRESHOLD] = "Rolling back " N " failed checks threshold reached {x}",
    [CM_FLAGGER_MANUAL] = "Rolling back " N " manual webhook invoked",
    [CM_FLAGGER_FAILED] = "Canary failed! Scaling down " N,
    [CM_FLAGGER_PROMOTION_FAILED] =
        "Promotion of " N " failed, primary not ready: {app}-primary{ns} not ready: deployment "
        "\"{app}-primary\" exceeded its progress deadline",
    NOT_READY(CM_FLAGGER_PRIMARY_UNREADY, "{app}-primary{ns}", "{app}-primary"),
    NOT_READY(CM_FLAGGER_CANARY_UNREADY, "canary deployment " N, "{app}"),
    NULL,
};
