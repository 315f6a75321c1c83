/* The section [pods] and the noise of machines.
 *
 * Noise: a factor exp(s z - s^2 / 2) has mean 1, so that the error rate in [service] is that of the
 * average machine. Of n pods the version's factor is the mean; errors of a version that expects m
 * of them have the variance m + m^2 (e^(s^2) - 1) / n over releases: the second part does not
 * shrink with traffic.
 *
 * Assumes machines that stay as they are while a pod lives on them, restarts included. */
#include "sim/service/pods.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static const char *const routings[] = {
    [CM_ROUTE_WEIGHT] = "weight", [CM_ROUTE_REPLICAS] = "replicas", NULL};

static const struct cm_param params[] = {
    CM_COUNT(struct cm_fleet, stable, "1", 1, CM_PODS_MAX, "Pods of the stable version."),
    CM_COUNT(struct cm_fleet, canary, "1", 1, CM_PODS_MAX, "Pods of the canary."),
    CM_LAW(struct cm_fleet, start_up, "none",
           "How long a pod takes from being wanted, or from a crash, to being available; none = no "
           "time."),
    CM_PROB(struct cm_fleet, stuck, "0%", 0, 1,
            "Chance that no pod of a release ever becomes available."),
    CM_DURATION(
        struct cm_fleet, progress_deadline, "10m", 1e9, CM_MAX_DURATION,
        "Pods that are not all available after so long are stuck: policies that wait for pods "
        "roll back."),
    CM_DURATION(struct cm_fleet, restart_every, "none", 1e9, CM_MAX_DURATION,
                "Mean time from a pod's becoming available to its next crash, of any version; none "
                "= never."),
    CM_DURATION(struct cm_fleet, unready_after, "5s", 0, CM_MAX_DURATION,
                "How long a crashed pod goes on getting requests, which fail."),
    CM_NUMBER(struct cm_fleet, error_noise, "0", 0, 3,
              "Standard deviation, over machines, of the logarithm of a pod's error rate."),
    CM_NUMBER(struct cm_fleet, latency_noise, "0", 0, 3,
              "Standard deviation, over machines, of the logarithm of a pod's latency."),
    CM_CHOICE(struct cm_fleet, routing, "weight", routings,
              "What splits the traffic: a router, by the weight of the step, or the numbers of "
              "available pods, of which `stable` run in all."),
    CM_FLAG(struct cm_fleet, surge, "yes",
            "With routing = replicas: whether one pod more than `stable` may run, where that comes "
            "nearer to the weight."),
    CM_PARAMS_END,
};

/* One pod cannot be split. */
static int check(const void *common, struct cm_err *err)
{
    const struct cm_fleet *f = common;
    if (f->routing == CM_ROUTE_REPLICAS && f->stable == 1 && !f->surge)
        return cm_fail(err, "routing = replicas needs more than one pod, or surge, to split the "
                            "traffic: give stable (stable = 10)");
    return 0;
}

const struct cm_section cm_pods_section = {
    .name = "pods",
    .summary = "Instances of each version; a request goes to any of them with equal chances.",
    .params = params,
    .size = sizeof(struct cm_fleet),
    .check = check,
};

bool cm_fleet_acts(const struct cm_fleet *f)
{
    return f->start_up.n > 0 || f->stuck > 0 || f->restart_every > 0 || f->error_noise > 0 ||
           f->latency_noise > 0 || f->routing == CM_ROUTE_REPLICAS;
}

double cm_machine_errors(const struct cm_fleet *fleet, double z)
{
    double s = fleet->error_noise;
    return exp(s * z - s * s / 2);
}

/* The normal score of the middle of each grade, scaled to variance 1. */
static double score(size_t grade)
{
    double squares = 0;
    for (size_t i = 0; i < CM_GRADES; i++)
        squares += pow(gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / CM_GRADES), 2);
    return gsl_cdf_ugaussian_Pinv(((double)grade + 0.5) / CM_GRADES) / sqrt(squares / CM_GRADES);
}

double cm_machine_latency(const struct cm_fleet *fleet, size_t grade)
{
    double sum = 0;
    if (fleet->latency_noise <= 0)
        return 1;
    for (size_t i = 0; i < CM_GRADES; i++)
        sum += exp(fleet->latency_noise * score(i));
    return exp(fleet->latency_noise * score(grade)) / (sum / CM_GRADES);
}
