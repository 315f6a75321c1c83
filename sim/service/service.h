/* What a healthy version answers: outcome and latency, for all traffic and by class.
 *
 * A request fails with probability error_rate, independently of its latency, which follows the
 * law. Where `latency_load` is given, the latency of a request is multiplied by
 *
 *     1 + (requests of its version in flight when it arrives) / latency_load,
 *
 * for each version by itself, as if each had the resources that it has at full size. A class is a
 * share of the requests (an endpoint, a cohort) with its own error rate and latency; what the
 * classes leave is the rest, which answers as [service] says. */
#ifndef CM_SERVICE_H
#define CM_SERVICE_H

#include "sim/service/law.h"

struct cm_service {
    double error_rate;
    double slo;         /* share of the requests that has to succeed, below 1; NAN = no objective */
    cm_time slo_period; /* the time of which it speaks */
    struct cm_law latency;
    double latency_load; /* requests in flight in a version that double its latency; NAN = none */
    cm_time latency_slo; /* slower counts as slow harm; CM_NO_DURATION = nothing is slow */
    cm_time warm_up;     /* a new version is cold for so long after its first request */
    struct cm_change warm_up_error_rate, warm_up_latency;
};

enum cm_class_of { CM_OF_REQUESTS, CM_OF_USERS };

struct cm_class {
    double share;          /* of all requests */
    int of;                /* enum cm_class_of: requests of any user, or users with all they send */
    double error_rate;     /* NAN = the service's */
    struct cm_law latency; /* n = 0: the service's */
};

extern const struct cm_section cm_service_section, cm_class_section;

#endif
