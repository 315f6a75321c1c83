/* Any number, above and below 0: a margin, a rating that is a mean already. A defect moves the mean
 * and leaves the standard deviation. */
#include "sim/service/kpi.h"

struct options {
    double mean, sd;
};

static const struct cm_param params[] = {
    CM_NUMBER(struct options, mean, NULL, -1e12, 1e12, "Mean of a label."),
    CM_NUMBER(struct options, sd, NULL, 0, 1e12, "Standard deviation of a label."),
    CM_PARAMS_END,
};

static double mean(const void *options)
{
    const struct options *o = options;
    return o->mean;
}

static struct cm_kpi_law law(const void *options, double mean)
{
    const struct options *o = options;
    return (struct cm_kpi_law){.form = CM_KPI_NORMAL, .mean = mean, .sd = o->sd, .truth = mean};
}

const struct cm_kpi_kind cm_kpi_normal = {
    .kind = {.name = "normal",
             .summary = "Any number (margin).",
             .source = "sums and their spread: Cochran 1934",
             .params = params,
             .options_size = sizeof(struct options)},
    .mean = mean,
    .law = law,
    .squares = true,
};
