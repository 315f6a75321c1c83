/* The section [gauge.NAME]. */
#include "sim/service/gauge.h"

static const struct cm_param params[] = {
    CM_NUMBER(struct cm_gauge, mean, NULL, -1e12, 1e12, "Mean of a healthy version."),
    CM_NUMBER(struct cm_gauge, sd, NULL, 0, 1e12, "Standard deviation around it."),
    CM_DURATION(
        struct cm_gauge, correlation, "1m", 0, CM_MAX_DURATION,
        "How long what is above the mean stays so: the correlation falls to 1/e; 0s = every "
        "sample is independent."),
    CM_DURATION(struct cm_gauge, sample_every, "15s", 1e8, CM_MAX_DURATION,
                "How often it is read; monitor = prometheus reads it with its scrapes instead."),
    CM_DURATION(struct cm_gauge, staleness, "5m", 1e8, CM_MAX_DURATION,
                "A window without a sample shows the last one before it, if it is not older."),
    CM_PARAMS_END,
};

const struct cm_section cm_gauge_section = {
    .name = "gauge",
    .named = true,
    .summary = "What a version shows of itself: memory, CPU.",
    .params = params,
    .size = sizeof(struct cm_gauge),
};
