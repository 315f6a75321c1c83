/* One reader for each kind of metric, chosen once. */
#include "sim/engine/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/engine/watch.h"

static void set_value(struct cm_signal *signal, size_t version, double value)
{
    signal->value[version] = value;
    signal->state[version] = isnan(value) ? CM_NO_DATA : CM_PASS;
}

/* --- counts in a window --- */

static const struct cm_counted *counted(struct cm_rollout *r, struct cm_window *w)
{
    assert(cm_ledger_now(&r->flow.ledger) == r->now);
    if (w->at != r->now)
        cm_count_window(&r->flow.ledger, r->now - w->length, w->class, &w->counted);
    w->at = r->now;
    return &w->counted;
}

/* What the window holds of a version, and what the metric makes of it. */
static void show(struct cm_signal *signal, size_t version, const struct cm_counted *w, double value)
{
    signal->n[version] = w->of[version].n;
    signal->x[version] = w->of[version].x;
    set_value(signal, version, value);
}

static double ratio(uint64_t x, uint64_t n)
{
    return n > 0 ? (double)x / (double)n : NAN;
}

static void read_ratio(struct cm_rollout *r, const struct cm_metric_at_work *m,
                       struct cm_signal *signal)
{
    const struct cm_counted *w = counted(r, m->window);
    for (size_t v = 0, n = r->flow.world.n_versions; v < n; v++)
        show(signal, v, w, ratio(w->of[v].x, w->of[v].n));
}

static void read_rate(struct cm_rollout *r, const struct cm_metric_at_work *m,
                      struct cm_signal *signal)
{
    const struct cm_counted *w = counted(r, m->window);
    double seconds = m->metric->function == CM_BY_INCREASE ? 1 : cm_seconds(m->window->length);
    for (size_t v = 0, n = r->flow.world.n_versions; v < n; v++)
        show(signal, v, w, (double)w->of[v].n / seconds);
}

static void read_quantile(struct cm_rollout *r, const struct cm_metric_at_work *m,
                          struct cm_signal *signal)
{
    const struct cm_counted *w = counted(r, m->window);
    for (size_t v = 0, n = r->flow.world.n_versions; v < n; v++)
        show(signal, v, w, cm_counted_quantile(&r->flow.ledger, w, v, m->metric->quantile));
}

/* --- what is no count of requests --- */

static void set_mean(struct cm_signal *signal, size_t version, const struct cm_kpi_moments *m)
{
    signal->n[version] = m->n;
    set_value(signal, version, m->n > 0 ? m->sum / (double)m->n : NAN);
}

static void read_labels(struct cm_rollout *r, const struct cm_metric_at_work *m,
                        struct cm_signal *signal)
{
    const cm_time window[2] = {r->now - m->metric->window, r->now};
    for (size_t v = 0; v < r->flow.world.n_versions; v++) {
        struct cm_kpi_moments moments = cm_labels_between(&r->labels, m->metric, window, v);
        set_mean(signal, v, &moments);
    }
}

static void read_gauge(struct cm_rollout *r, const struct cm_metric_at_work *m,
                       struct cm_signal *signal)
{
    for (size_t v = 0; v < r->flow.world.n_versions; v++) {
        struct cm_kpi_moments moments = cm_gauges_window(&r->gauges, m->metric, r->now, v);
        set_mean(signal, v, &moments);
    }
}

static void read_scrapes(struct cm_rollout *r, const struct cm_metric_at_work *m,
                         struct cm_signal *signal)
{
    cm_query(&r->scrapes, m->metric, r->now, signal);
}

/* --- who reads what --- */

static void (*const readers[CM_SIGNALS])(struct cm_rollout *, const struct cm_metric_at_work *,
                                         struct cm_signal *) = {
    [CM_ERROR_RATIO] = read_ratio, [CM_LATENCY_QUANTILE] = read_quantile,
    [CM_REQUEST_RATE] = read_rate, [CM_LATENCY_MEAN] = read_labels,
    [CM_KPI_MEAN] = read_labels,   [CM_GAUGE_MEAN] = read_gauge,
};

static struct cm_window *window_of(struct cm_rollout *r, const struct cm_metric *metric)
{
    size_t i = 0;
    while (i < r->n_windows &&
           (r->windows[i].length != metric->window || r->windows[i].class != metric->class.index))
        i++;
    if (i == r->n_windows)
        r->windows[r->n_windows++] =
            (struct cm_window){.length = metric->window, .class = metric->class.index};
    return &r->windows[i];
}

void cm_metrics_init(struct cm_rollout *r)
{
    const struct cm_scenario *s = r->plan.scenario;
    r->query_purpose = cm_rng_purpose("monitor.query");
    r->fallible = s->scraping && s->scraping->provider_errors > 0;
    r->metrics = cm_alloc((s->n_metrics + 1) * sizeof *r->metrics);
    r->windows = cm_alloc((s->n_metrics + 1) * sizeof *r->windows);
    for (size_t i = 0; i < s->n_metrics; i++) {
        const struct cm_metric *metric = &s->metrics[i].metric;
        bool scraped = s->scraping && metric->signal < CM_LATENCY_MEAN;
        r->metrics[i].metric = metric;
        r->metrics[i].window = window_of(r, metric);
        r->metrics[i].read = scraped ? read_scrapes : readers[metric->signal];
    }
}

void cm_metrics_begin(struct cm_rollout *r)
{
    for (size_t i = 0; i < r->plan.scenario->n_metrics; i++)
        r->metrics[i].at = CM_NEVER;
    for (size_t i = 0; i < r->n_windows; i++)
        r->windows[i].at = CM_NEVER;
}

static bool draw_failure(const struct cm_rollout *r, int id)
{
    const struct cm_scenario *s = r->plan.scenario;
    uint64_t purpose = cm_rng_mix2(r->query_purpose, cm_rng_purpose(s->metrics[id].name));
    struct cm_rng rng = cm_rng_stream(s->run.seed, r->replication, purpose, (uint64_t)r->now);
    return cm_rng_unit(&rng) < s->scraping->provider_errors;
}

bool cm_metrics_fail(const struct cm_rollout *r, int id)
{
    return r->fallible && draw_failure(r, id);
}

void cm_metrics_clear(const struct cm_rollout *r, struct cm_signal *signal, enum cm_label state)
{
    for (size_t v = 0; v < r->flow.world.n_versions; v++) {
        signal->value[v] = NAN;
        signal->n[v] = signal->x[v] = 0;
        signal->state[v] = state;
    }
}

void cm_metrics_read(struct cm_rollout *r, int id, struct cm_signal *signal)
{
    r->metrics[id].read(r, &r->metrics[id], signal);
}

/* Nothing of what its reader is shown beside it. */
static void copy_answer(const struct cm_signal *answer, struct cm_signal *signal)
{
    memcpy(signal->value, answer->value, sizeof signal->value);
    memcpy(signal->n, answer->n, sizeof signal->n);
    memcpy(signal->x, answer->x, sizeof signal->x);
    memcpy(signal->state, answer->state, sizeof signal->state);
}

void cm_metrics_show(struct cm_rollout *r, int id, struct cm_signal *signal)
{
    struct cm_metric_at_work *m = &r->metrics[id];
    if (m->at == r->now) {
        copy_answer(m->answer, signal);
        return;
    }
    m->at = r->now;
    m->answer = signal;
    if (cm_metrics_fail(r, id))
        cm_metrics_clear(r, signal, CM_GATE_ERROR);
    else
        m->read(r, m, signal);
}
