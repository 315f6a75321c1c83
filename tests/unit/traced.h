/* Scenarios for tests of traces: gates of all kinds, a bad and a harmless defect. */
#ifndef CM_TESTS_TRACED_H
#define CM_TESTS_TRACED_H

#include "analysis/trace.h"
#include "tests/stat/scenario_text.h"

#define TRAFFIC "[traffic]\narrivals = gamma_poisson\nrate = 20 rps\ndispersion = 5\n"
#define WORLD                                                                                      \
    "[service]\nerror_rate = 1%\nlatency_slo = 300ms\n"                                            \
    "[environment]\ndrift = 0.3\nincident_every = 2h\nincident_error_rate = +5pp\n"                \
    "[escape]\ndetection = lognormal(median=10m, sigma=1)\n"                                       \
    "[defect.bad]\nerror_rate = +4pp\nlatency = x2\nprofile = pulse\nonset = 7m\nlasts = 20m\n"    \
    "[defect.cosmetic]\nlatency = x1.01\nharmless = yes\n"                                         \
    "[metric.errors]\nsignal = error_ratio\nwindow = 100s\n"                                       \
    "[metric.p90]\nsignal = latency_quantile\nquantile = 90%\nwindow = 70s\n"                      \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 4%\nmin_requests = 40\n"               \
    "[gate.slower]\ntest = threshold\nmetric = p90\nmax_ratio = 3\n"                               \
    "[gate.origin]\ntest = origin_mixture\nmetric = errors\nevidence = step\n"                     \
    "[gate.compare]\ntest = two_proportion\nmetric = errors\nevidence = release\nlooks = 50\n"     \
    "[policy.p]\nsteps = 5%/10m, 50%/10m, 100%\nlook_every = 30s\nfirst_look = 40s\n"              \
    "gates = limit, slower, origin, compare\non_undecided = hold\non_fail = "
#define SCENARIO   "[scenario]\nhorizon = 1h\n" TRAFFIC WORLD
#define BY_REQUEST "[scenario]\nhorizon = 1h\nflow = requests\n" TRAFFIC WORLD
#define SCRAPED                                                                                    \
    "[telemetry]\nmonitor = prometheus\nprovider_errors = 2%\nscrape_loss = 5%\n" SCENARIO
#define RECORDED                                                                                   \
    "[scenario]\nhorizon = 1h\n[traffic]\narrivals = replay\nfile = counts.csv\nstep = 4h\n" WORLD

enum { LIMIT, SLOWER, ORIGIN, COMPARE }; /* gates of the policy */
enum { HEALTHY = -1, BAD, COSMETIC };    /* releases */

#define COUNTS "0,200000\n14400,150000\n" /* of the recorded traffic */

/* One rollout of the first policy. */
struct traced {
    struct cm_scenario scenario;
    struct cm_trace trace;
};

static inline void traced_record(struct traced *t, const char *text, int release,
                                 uint64_t replication)
{
    load_text(&t->scenario, text, COUNTS);
    const struct cm_plan plan = {.scenario = &t->scenario, .release = release, .strength = 1};
    cm_trace_record(&t->trace, &plan, replication);
}

static inline void traced_release(struct traced *t)
{
    cm_trace_release(&t->trace);
    cm_scenario_release(&t->scenario);
}

#endif
