/* The weather, drawn piece by piece.
 *
 * Drift is Z on the grid correlation / 8 with Z' = r Z + sqrt(1 - r^2) N(0, 1), r = e^(-1/8),
 * begun at N(0, 1): stationary from the first instant (Box, Jenkins & Reinsel, Time Series
 * Analysis, ch. 3).
 *
 * Incidents are the M/G/infinity queue. What is under way at the start is itself Poisson: of the
 * incidents of the past, those that last beyond x from now number Poisson with mean R(x) / every,
 * R(x) = integral of P(lasts > u) over u > x. So the last of them ends within x with probability
 * exp(-R(x) / every), which is inverted (x = 0: none is under way); Takacs, Introduction to the
 * Theory of Queues, 1962, ch. 3.
 *
 * Assumes that drift and incidents know nothing of each other or of the release, and that both
 * versions feel them alike: what is common to both is what a comparison has to cancel. */
#include "sim/service/environment.h"

#include <math.h>

#include "sim/base/draw.h"
#include "sim/service/bisect.h"

enum { CELLS = 8 };                                /* of the grid in one correlation time */
static const double KEPT = 0.88249690258459540286; /* e^(-1/8) */
static const double FRESH = 0.47031820816187325;   /* sqrt(1 - e^(-1/4)) */

static const struct cm_param params[] = {
    CM_NUMBER(struct cm_environment, drift, "0", 0, 5,
              "Standard deviation of the log odds of all error rates; 0.5 is about x/1.6."),
    CM_DURATION(struct cm_environment, correlation, "15m", 1e9, CM_MAX_DURATION,
                "Time after which the drift has faded to 37% (1/e)."),
    CM_DURATION(struct cm_environment, incident_every, "none", 1e9, CM_MAX_DURATION,
                "Mean time from the start of one incident to the next; none = no incidents."),
    CM_LAW(struct cm_environment, incident_lasts, "exponential(mean=10m)",
           "How long an incident lasts."),
    CM_CHANGE_PROB(struct cm_environment, incident_error_rate, "none",
                   "What an incident does to the error rates of both versions."),
    CM_CHANGE_TIME(struct cm_environment, incident_latency, "none",
                   "What an incident does to the latency of both versions."),
    CM_PARAMS_END,
};

static bool changes(const struct cm_change *change)
{
    return change->times != 1 || change->plus != 0;
}

/* Half an incident is a mistake rather than a default. */
static int check(const void *common, struct cm_err *err)
{
    const struct cm_environment *e = common;
    bool acts = changes(&e->incident_error_rate) || changes(&e->incident_latency);
    if (e->incident_every != CM_NO_DURATION && !acts)
        return cm_fail(err, "incidents change nothing: give incident_error_rate or "
                            "incident_latency");
    if (e->incident_every == CM_NO_DURATION && acts)
        return cm_fail(err, "incidents never come: give incident_every (incident_every = 7d)");
    return 0;
}

const struct cm_section cm_environment_section = {
    .name = "environment",
    .summary = "What both versions share: drift of the error rates, and incidents.",
    .params = params,
    .size = sizeof(struct cm_environment),
    .check = check,
};

/* When to expect an incident for the probability that was drawn: R(x) <= rest. */
struct ending {
    const struct cm_law *lasts;
    double rest; /* s */
};

static bool ended(const void *self, double x)
{
    const struct ending *e = self;
    return cm_law_mean(e->lasts) - x + cm_law_outflow(e->lasts, x) <= e->rest;
}

/* How much longer the incidents under way last, seconds; 0 if there are none. */
/* One draw and one inversion, however many are under way: only the last to end matters. */
static double draw_under_way(const struct cm_environment *e, struct cm_rng *rng)
{
    double u = cm_rng_open(rng);
    struct ending ending = {&e->incident_lasts, -log(u) * cm_seconds(e->incident_every)};
    return cm_bisect(ended, &ending, 0, e->incident_lasts.longest);
}

/* Gaps are memoryless, so the first one begins at the start like any other. */
static cm_time draw_gap(struct cm_weather_path *path)
{
    double gap = cm_draw_exponential(&path->incident_rng);
    return cm_from_seconds(gap * cm_seconds(path->environment->incident_every));
}

/* The first point of the drift's grid after `t`; the grid has a point at 0. */
static cm_time grid_after(const struct cm_environment *e, cm_time t)
{
    cm_time step = e->correlation / CELLS, inside = t % step;
    return t - inside + (inside < 0 ? 0 : step);
}

/* Two streams, so that adding incidents leaves the drift as it was. */
void cm_weather_start(struct cm_weather_path *path, const struct cm_environment *environment,
                      uint64_t seed, uint64_t replication, cm_time from)
{
    uint64_t drift = cm_rng_purpose("environment.drift");
    uint64_t incidents = cm_rng_purpose("environment.incidents");
    *path = (struct cm_weather_path){
        .environment = environment,
        .drift_rng = cm_rng_stream(seed, replication, drift, 0),
        .incident_rng = cm_rng_stream(seed, replication, incidents, 0),
        .next_drift = CM_NEVER,
        .next_incident = CM_NEVER,
        .incident_until = from,
    };
    if (environment->drift > 0) {
        path->level = cm_draw_normal(&path->drift_rng);
        path->next_drift = grid_after(environment, from);
    }
    if (environment->incident_every != CM_NO_DURATION) {
        double rest = draw_under_way(environment, &path->incident_rng);
        path->incident_until = cm_later(from, cm_from_seconds(rest));
        path->next_incident = cm_later(from, draw_gap(path));
    }
}

/* Incidents that overlap only last longer together. */
static void begin_incident(struct cm_weather_path *path)
{
    double lasts = cm_law_draw(&path->environment->incident_lasts, &path->incident_rng);
    cm_time until = cm_later(path->next_incident, cm_from_seconds(lasts));
    if (until > path->incident_until)
        path->incident_until = until;
    path->next_incident = cm_later(path->next_incident, draw_gap(path));
}

static cm_time earlier(cm_time a, cm_time b)
{
    return a < b ? a : b;
}

/* A piece ends wherever anything might change; one that turns out the same costs little. */
struct cm_weather cm_weather_next(struct cm_weather_path *path, cm_time from)
{
    while (path->next_drift <= from) {
        double fresh = cm_draw_normal(&path->drift_rng);
        path->level = KEPT * path->level + FRESH * fresh;
        path->next_drift = grid_after(path->environment, path->next_drift);
    }
    while (path->next_incident <= from)
        begin_incident(path);
    bool incident = path->incident_until > from;
    cm_time until = earlier(path->next_drift, path->next_incident);
    return (struct cm_weather){
        .until = incident ? earlier(until, path->incident_until) : until,
        .log_odds = path->environment->drift * path->level,
        .incident = incident,
    };
}
