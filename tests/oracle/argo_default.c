/* Cases of defaults: what a field that is not given means. */
#include <string.h>

#include "tests/oracle/argo_rollout.h"

static const struct {
    const char *field;
    double value;
} numbers[] = {
    {"metric.failureLimit", 0},
    {"metric.inconclusiveLimit", 0},
    {"metric.consecutiveErrorLimit", CM_ARGO_ERROR_LIMIT},
    {"metric.consecutiveSuccessLimit", 0},
    {"metric.errorRetryInterval_s", (double)CM_ARGO_ERROR_RETRY / 1e9},
    {"measurementRetention.limit", CM_ARGO_RETENTION},
};

static void defaults(struct argo_case *c)
{
    const char *field = input_text(&c->in, "field");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(field, numbers[i].field) == 0) {
            argo_number(c, "value", numbers[i].value);
            return;
        }
    }
    argo_rollout_default(c, field);
}

const struct argo_kind argo_default_kinds[] = {
    {"defaults", defaults},
    {NULL, NULL},
};
