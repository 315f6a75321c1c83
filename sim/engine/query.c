/* One walk over pods and classes for each series that the metric names. */
#include "sim/engine/query.h"

#include <math.h>

#include "sim/base/mem.h"

struct query {
    struct cm_scrapes *scrapes;
    const struct cm_metric *metric;
    struct cm_range range;
};

/* Whether two samples are of one pod, not of another one in its place. */
static bool go_on(const struct cm_pod_samples *samples, size_t a, size_t b)
{
    return !samples->made || samples->made[a] == samples->made[b];
}

/* The samples before `end` in and just before the range, of one series of a pod, into the line. */
static size_t fill_line(const struct query *q, const struct cm_pod_samples *samples, size_t end,
                        size_t series)
{
    struct cm_scrapes *s = q->scrapes;
    size_t first = end;
    while (first > samples->first && samples->at[first - 1] >= q->range.at - q->range.window &&
           go_on(samples, first - 1, end - 1))
        first--;
    if (end - first > s->line_room) {
        s->line_room = 2 * (end - first);
        s->line = cm_grow(s->line, s->line_room, sizeof *s->line);
    }
    for (size_t i = first; i < end; i++)
        s->line[i - first] = (struct cm_prometheus_sample){
            .at = samples->at[i], .value = (double)samples->values[i * s->n_series + series]};
    return end - first;
}

/* A series of each pod that has been in this place. */
static void add_place(const struct query *q, const struct cm_pod_samples *samples, size_t series,
                      struct cm_element *sum)
{
    size_t end = cm_pod_samples_visible(samples, q->range.at), n;
    do {
        n = fill_line(q, samples, end, series);
        cm_prometheus_add(sum, cm_prometheus_apply((enum cm_function)q->metric->function,
                                                   q->scrapes->line, n, &q->range));
        end -= n;
    } while (n > 0 && end > samples->first);
}

/* Of a version: a series of each pod and class that the metric reads, summed. */
static struct cm_element sum(const struct query *q, size_t version, size_t series)
{
    const struct cm_targets *targets = &q->scrapes->versions[version];
    size_t n_classes = q->scrapes->ledger->n_classes;
    int only = q->metric->class.index;
    size_t first = only < 0 ? 0 : (size_t)only, end = only < 0 ? n_classes : first + 1;
    struct cm_element sum = {.exists = false, .value = NAN};
    for (size_t i = 0; i < targets->n; i++)
        for (size_t c = first; c < end; c++)
            add_place(q, &targets->list[i].samples, c * q->scrapes->per_class + series, &sum);
    return sum;
}

static struct cm_element quantile(const struct query *q, size_t version)
{
    const struct cm_ledger *l = q->scrapes->ledger;
    struct cm_element buckets[CM_EDGES_MAX + 1];
    for (size_t b = 0; b < l->n_buckets; b++)
        buckets[b] = sum(q, version, CM_SERIES_BUCKETS + b);
    return cm_prometheus_quantile(q->metric->quantile, &l->plan->scenario->telemetry.buckets,
                                  buckets);
}

static void read_version(const struct query *q, size_t version, struct cm_signal *signal)
{
    struct cm_element errors = sum(q, version, CM_SERIES_ERROR);
    struct cm_element all = sum(q, version, CM_SERIES_OK), value;
    cm_prometheus_add(&all, errors);
    if (q->metric->signal == CM_REQUEST_RATE)
        value = all;
    else if (q->metric->signal == CM_ERROR_RATIO)
        value = cm_prometheus_ratio(errors, all);
    else
        value = quantile(q, version);
    bool shows = value.exists && !isnan(value.value);
    signal->value[version] = shows ? value.value : NAN;
    signal->state[version] = shows ? CM_PASS : CM_NO_DATA;
    signal->n[version] = (uint64_t)llround(all.counted);
    signal->x[version] = (uint64_t)llround(errors.counted);
}

void cm_query(struct cm_scrapes *s, const struct cm_metric *metric, cm_time now,
              struct cm_signal *signal)
{
    const struct query q = {
        .scrapes = s,
        .metric = metric,
        .range = {now, metric->window, s->scraping->range == CM_CLOSED},
    };
    for (size_t v = 0; v < s->ledger->world->n_versions; v++)
        read_version(&q, v, signal);
}
