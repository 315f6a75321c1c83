/* What tests of scraping monitors share: a flow and its scrapes, and means over replications. */
#ifndef SCRAPED_FLOW_H
#define SCRAPED_FLOW_H

#include <criterion/criterion.h>
#include <math.h>

#include "sim/engine/rollout.h"
#include "tests/stat/scenario_text.h"

enum { MOST = 8000 };

#define WATCHED                                                                                    \
    "[metric.m]\nsignal = rate\nwindow = 1m\n[metric.q]\nsignal = latency_quantile\n"              \
    "quantile = 95%\nwindow = 5m\n[policy.p]\nsteps = 50%/1m, 100%\n"
#define SCRAPED "[telemetry]\nmonitor = prometheus\nscrape_every = 15s\n"
#define AT_ONCE "[service]\nerror_rate = 0%\nlatency = fixed(value=0s)\n"

/* A flow and what is scraped of it. */
struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_flow flow;
    struct cm_scrapes scrapes;
    struct cm_harm harm;
};

/* Of a release, -1 = healthy; beside a recording of an hour, 60 requests in each 10 s. */
static inline void open_release(struct fixture *f, const char *text, int release)
{
    struct cm_buffer counts = {0};
    cm_print(cm_buffer_writer(&counts), "time,requests\n");
    for (int t = 0; t < 3600; t += 10)
        cm_print(cm_buffer_writer(&counts), "%d,60\n", t);
    load_text(&f->scenario, text, counts.text);
    cm_buffer_release(&counts);
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = release, .strength = 1};
    cm_flow_init(&f->flow, &f->plan);
    cm_scrapes_init(&f->scrapes, &f->flow.ledger);
}

static inline void open_flow(struct fixture *f, const char *text)
{
    open_release(f, text, -1);
}

static inline void close_flow(struct fixture *f)
{
    cm_scrapes_release(&f->scrapes);
    cm_flow_release(&f->flow);
    cm_scenario_release(&f->scenario);
}

static inline void begin(struct fixture *f, uint64_t replication, double share)
{
    cm_flow_begin(&f->flow, replication, &f->harm);
    cm_world_route(&f->flow.world, share);
    cm_scrapes_begin(&f->scrapes, replication);
}

static inline void advance(struct fixture *f, cm_time until)
{
    cm_flow_advance(&f->flow, until);
    cm_scrapes_advance(&f->scrapes);
}

static inline struct cm_signal query(struct fixture *f, size_t metric)
{
    struct cm_signal signal = {.value = {NAN, NAN, NAN}};
    cm_query(&f->scrapes, &f->scenario.metrics[metric].metric, cm_ledger_now(&f->flow.ledger),
             &signal);
    return signal;
}

/* Values of one number over replications. */
struct values {
    size_t n;
    double value[MOST];
};

static inline double mean_of(const struct values *v)
{
    double sum = 0;
    for (size_t i = 0; i < v->n; i++)
        sum += v->value[i];
    return sum / (double)v->n;
}

static inline double variance_of(const struct values *v)
{
    double mean = mean_of(v), sum = 0;
    for (size_t i = 0; i < v->n; i++)
        sum += (v->value[i] - mean) * (v->value[i] - mean);
    return sum / (double)(v->n - 1);
}

static inline void expect_mean(const char *what, const struct values *v, double want)
{
    double got = mean_of(v), error = 4 * sqrt(variance_of(v) / (double)v->n);
    cr_expect(fabs(got - want) <= error, "%s: %g, not %g +- %g", what, got, want, error);
}

/* Of numbers that are nearly normal: the sample variance has variance 2 sigma^4 / n. */
static inline void expect_variance(const char *what, const struct values *v, double want)
{
    double got = variance_of(v);
    cr_expect(fabs(got - want) <= 4 * want * sqrt(2 / (double)v->n), "%s: variance %g, not %g",
              what, got, want);
}

#endif
