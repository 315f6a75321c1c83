/* Keys of Flagger's manifests that the importer does not read, and why; rows without a reason are
 * keys that it does read, for the nearest name of a misspelt one. */
#include <string.h>

#include "interop/importer.h"

static const struct cm_known known_canary[] = {
    {"apiVersion", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"kind", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"metadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"status*", CM_NOTE_NO_EFFECT, "what was, not what will be"},
    {"spec.targetRef*", CM_NOTE_NO_EFFECT, "names the workload"},
    {"spec.service.retries*", CM_NOTE_IGNORED, "retries of a mesh hide errors; none here"},
    {"spec.service.timeout", CM_NOTE_IGNORED, "a mesh's timeout turns slow answers into errors"},
    {"spec.service.trafficPolicy*", CM_NOTE_IGNORED,
     "ejecting or queueing pods changes what they answer"},
    {"spec.service*", CM_NOTE_NO_EFFECT, "names ports and routes"},
    {"spec.ingressRef*", CM_NOTE_NO_EFFECT, "names a route"},
    {"spec.routeRef*", CM_NOTE_NO_EFFECT, "names a route"},
    {"spec.upstreamRef*", CM_NOTE_NO_EFFECT, "names a route"},
    {"spec.autoscalerRef*", CM_NOTE_IGNORED, "pods are as many as [pods] says"},
    {"spec.metricsServer", CM_NOTE_NO_EFFECT, "names a server"},
    {"spec.revertOnDeletion", CM_NOTE_NO_EFFECT, "canaries are not deleted here"},
    {"spec.provider", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.analysis.alerts*", CM_NOTE_NO_EFFECT, "nobody acts on alerts here"},
    {"spec.analysis.match*", CM_NOTE_IGNORED, "without iterations it only narrows the weights"},
    {"spec.analysis.sessionAffinity*", CM_NOTE_IGNORED,
     "say [users] stickiness = ratchet and session_affinity = yes"},
    {"spec.analysis.canaryAnalysis*", CM_NOTE_IGNORED, "an older name"},
    {"spec.analysis.webhooks.url", CM_NOTE_NO_EFFECT, "nobody is called"},
    {"spec.analysis.webhooks.metadata*", CM_NOTE_NO_EFFECT, "nobody is called"},
    {"spec.analysis.webhooks.muteAlert", CM_NOTE_NO_EFFECT, "nobody acts on alerts here"},
    {"spec.analysis.webhooks.disableTLS", CM_NOTE_NO_EFFECT, "nobody is called"},
    {"spec.analysis.webhooks.retries", CM_NOTE_IGNORED, "each call is made once"},
    {"spec.analysis.metrics.threshold", CM_NOTE_NO_EFFECT, "thresholdRange is there"},
    {"spec.analysis.interval", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.threshold", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.maxWeight", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.stepWeight", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.stepWeights", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.stepWeightPromotion", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.iterations", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.metrics", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.webhooks", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.mirror", CM_NOTE_NO_EFFECT, "no analysis uses it"},
    {"spec.analysis.mirrorWeight", CM_NOTE_NO_EFFECT, "no analysis uses it"},
    {"spec.analysis.metrics.thresholdRange", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.metrics.interval", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.metrics.templateRef", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis.metrics.templateVariables*", CM_NOTE_NO_EFFECT, "no query uses them"},
    {"spec.analysis.webhooks.timeout", CM_NOTE_NO_EFFECT, ""},
    {"spec.analysis", CM_NOTE_NO_EFFECT, ""},
    {"spec.progressDeadlineSeconds", CM_NOTE_NO_EFFECT, ""},
    {"spec.skipAnalysis", CM_NOTE_NO_EFFECT, ""},
    {"spec.suspend", CM_NOTE_NO_EFFECT, ""},
    {NULL, CM_NOTE_IGNORED, NULL},
};

static const struct cm_known known_template[] = {
    {"apiVersion", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"kind", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"metadata*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"spec.provider*", CM_NOTE_NO_EFFECT, "names a server"},
    {"spec.query", CM_NOTE_NO_EFFECT, ""},
    {NULL, CM_NOTE_IGNORED, NULL},
};

const struct cm_known *cm_import_flagger_known(const char *kind)
{
    return strcmp(kind, "Canary") == 0 ? known_canary : known_template;
}

bool cm_import_flagger_provider(const char *name)
{
    static const char *const known[] = {"istio",   "linkerd", "kubernetes", "gatewayapi", "nginx",
                                        "skipper", "traefik", "contour",    "gloo",       "kuma",
                                        "knative", "appmesh", "apisix",     "osm"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return true;
    return false;
}
