/* Yes or no: an order is placed, a user gives a thumbs-up. Labels are 1 and 0. */
#include <math.h>

#include "sim/service/kpi.h"

struct options {
    double chance, judge_noise;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, chance, NULL, 0, 1,
            "Share of the requests answered right that convert."),
    CM_PROB(struct options, judge_noise, "0%", 0, 1,
            "Chance that a label says the opposite of what is so."),
    CM_PARAMS_END,
};

static double mean(const void *options)
{
    const struct options *o = options;
    return o->chance;
}

static struct cm_kpi_law law(const void *options, double mean)
{
    const struct options *o = options;
    double p = fmin(1, fmax(0, mean));
    struct cm_kpi_law law = {
        .form = CM_KPI_DISCRETE, .n = 2, .first = 0, .chance = {1 - p, p}, .truth = p};
    return cm_kpi_judged(&law, o->judge_noise);
}

const struct cm_kpi_kind cm_kpi_bernoulli = {
    .kind = {.name = "bernoulli",
             .summary = "Yes or no: labels are 1 and 0 (conversion).",
             .source = "Poisson thinning (Kingman, Poisson Processes, 1993, 5.1)",
             .params = params,
             .options_size = sizeof(struct options)},
    .mean = mean,
    .law = law,
    .squares = true,
};
