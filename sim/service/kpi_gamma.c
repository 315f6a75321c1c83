/* Positive and skewed: the value of an order. A defect scales all values alike. */
#include <math.h>

#include "sim/service/kpi.h"

struct options {
    double mean, sd;
};

static const struct cm_param params[] = {
    CM_NUMBER(struct options, mean, NULL, 1e-9, 1e12, "Mean of a label."),
    CM_NUMBER(struct options, sd, NULL, 1e-9, 1e12, "Standard deviation of a label."),
    CM_PARAMS_END,
};

/* What a gamma variate can be drawn of, also of sums. */
static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    double cv = o->sd / o->mean;
    if (cv < 1e-3 || cv > 30)
        return cm_fail(err, "sd is %.3g times the mean; 0.001 to 30 is accepted", cv);
    return 0;
}

static double mean(const void *options)
{
    const struct options *o = options;
    return o->mean;
}

/* The shape is that of the healthy version; a mean of 0 or below leaves next to nothing. */
static struct cm_kpi_law law(const void *options, double mean)
{
    const struct options *o = options;
    double shape = o->mean / o->sd * (o->mean / o->sd), kept = fmax(mean, 1e-9 * o->mean);
    return (struct cm_kpi_law){
        .form = CM_KPI_GAMMA, .shape = shape, .scale = kept / shape, .truth = kept};
}

const struct cm_kpi_kind cm_kpi_gamma = {
    .kind = {.name = "gamma",
             .summary = "Positive and skewed (order value).",
             .source = "sums: gamma(n k); parts of them: Lukacs 1955",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .mean = mean,
    .law = law,
    .squares = false, /* the sum of squares of gamma variates has no law of its own */
};
