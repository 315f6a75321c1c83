/* The instances of each version, as the environment of a rollout: none of it depends on how many
 * requests there are.
 *
 * A balancer sends each request to any available pod of its version, with equal chances: of the
 * version's counter a pod has a multinomial part. Pods start up, restart at random, differ as
 * machines do, and may never come up at all. */
#ifndef CM_SERVICE_PODS_H
#define CM_SERVICE_PODS_H

#include "sim/service/law.h"

#define CM_PODS_MAX 1000 /* of a version */

/* How the weight of a step becomes traffic: as ordered, or as the share of pods there are. */
enum cm_routing { CM_ROUTE_WEIGHT, CM_ROUTE_REPLICAS };

struct cm_fleet {
    uint64_t stable, canary;
    struct cm_law start_up;    /* from wanted, or crashed, to available; n = 0: at once */
    double stuck;              /* chance that no pod of the release ever becomes available */
    cm_time progress_deadline; /* after so long without all of them pods are stuck */
    cm_time restart_every;     /* mean uptime; CM_NO_DURATION = pods do not restart */
    cm_time unready_after;     /* a crashed pod gets requests for so long, which fail */
    double error_noise, latency_noise; /* sd of the log of a machine's factor */
    int routing;                       /* enum cm_routing */
    bool surge;                        /* one pod more than `stable` may run at a step */
};

/* Whether pods have to be told apart or waited for, rather than only counted. */
bool cm_fleet_acts(const struct cm_fleet *fleet);

/* A machine's factors, each with mean 1 over machines. Errors: lognormal, from a standard normal z.
 * Latency: lognormal cut into CM_GRADES grades with equal chances, so that there are only so many
 * laws of latency. */
#define CM_GRADES 16
double cm_machine_errors(const struct cm_fleet *fleet, double z);
double cm_machine_latency(const struct cm_fleet *fleet, size_t grade);

extern const struct cm_section cm_pods_section;

#endif
