/* What both versions share and no release changes: drift and incidents.
 *
 * Drift: the log odds of every error probability move together by a stationary AR(1) with standard
 * deviation `drift` and correlation exp(-t / correlation), on a grid of correlation / 8.
 * Incidents: Poisson in time, each lasting a drawn duration, while it lasts the errors and the
 * latency of both versions change (once, however many overlap). Their number under way is
 * M/G/infinity, begun in its stationary state, so that time 0 is like any other instant. */
#ifndef CM_ENVIRONMENT_H
#define CM_ENVIRONMENT_H

#include "sim/service/law.h"

struct cm_environment {
    double drift;           /* sd of the log odds; 0 = none */
    cm_time correlation;    /* of the drift */
    cm_time incident_every; /* mean time between incidents; CM_NO_DURATION = none */
    struct cm_law incident_lasts;
    struct cm_change incident_error_rate, incident_latency;
};

/* One replication's weather, as a path of pieces. */
struct cm_weather {
    cm_time until;   /* when it next changes; CM_NEVER */
    double log_odds; /* added to the log odds of every error probability */
    bool incident;   /* at least one is under way */
};

/* The state of a path, in order from `from`; draws from streams of `seed` and `replication`. */
struct cm_weather_path {
    const struct cm_environment *environment; /* borrowed */
    struct cm_rng drift_rng, incident_rng;
    double level;           /* of the drift, in sd */
    cm_time next_drift;     /* when the level is drawn again */
    cm_time next_incident;  /* when the next one begins */
    cm_time incident_until; /* when the last of those under way ends */
};
void cm_weather_start(struct cm_weather_path *path, const struct cm_environment *environment,
                      uint64_t seed, uint64_t replication, cm_time from);
/* What holds at `from` and until when; asked in order, each `from` the last `until`. */
struct cm_weather cm_weather_next(struct cm_weather_path *path, cm_time from);

extern const struct cm_section cm_environment_section;

#endif
