/* Prometheus: pods are scraped, queries see samples.
 *
 * Scrape k of a pod is at phase + k scrape_every, the phase uniform in [0, scrape_every) and drawn
 * once a replication, plus U(0, scrape_jitter). Its sample is visible lag + U(0, lag_spread) later,
 * but never before an earlier one: pipelines keep the order. What a pod counted before its first
 * scrape is in no increase. Query rules: sim/telemetry/prometheus.h.
 *
 * Assumes that counters exist, at 0, from the start of their pod: clients that create the counter
 * of errors with the first error lose that one, too. */
#include "sim/telemetry/monitor.h"

static const char *const edges[] = {"left-open", "closed", NULL};

static const struct cm_param params[] = {
    CM_DURATION(struct cm_scraping, scrape_every, "15s", 1e8, 3.6e12,
                "Time between two scrapes of a pod; each pod has a phase of its own."),
    CM_DURATION(struct cm_scraping, scrape_jitter, "0s", 0, 3.6e12,
                "A scrape is late by up to so much, uniformly."),
    CM_PROB(struct cm_scraping, scrape_loss, "0%", 0, 0.99, "Chance that a scrape fails."),
    CM_CHOICE(struct cm_scraping, range, "left-open", edges,
              "Whether a sample on the left edge of a window is outside it (left-open, since "
              "Prometheus 3.0) or in it (closed, 2.x)."),
    CM_DURATION(struct cm_scraping, lag, "0s", 0, 8.64e13,
                "Time from a scrape until queries see its sample: ingestion, remote write, rules."),
    CM_DURATION(struct cm_scraping, lag_spread, "0s", 0, 8.64e13,
                "The lag is longer by up to so much, uniformly; samples stay in order."),
    CM_PROB(struct cm_scraping, provider_errors, "0%", 0, 1,
            "Chance that a query fails; gates that needed it say error."),
    CM_PARAMS_END,
};

static int check(const void *options, struct cm_err *err)
{
    const struct cm_scraping *s = options;
    if (s->scrape_jitter > s->scrape_every)
        return cm_fail(err,
                       "scrape_jitter (%g s) is more than scrape_every (%g s): a scrape could "
                       "come after the next one",
                       cm_seconds(s->scrape_jitter), cm_seconds(s->scrape_every));
    return 0;
}

static const struct cm_scraping *scraping(const void *options)
{
    return options;
}

const struct cm_monitor cm_monitor_prometheus = {
    .kind = {.name = "prometheus",
             .summary = "Scrapes pods; windows are what queries make of the samples.",
             .source = "Prometheus documentation, Querying basics and Query functions",
             .params = params,
             .options_size = sizeof(struct cm_scraping),
             .check = check},
    .scraping = scraping,
};
