/* Strata of a gate: cut where it looks and where the route changes, kept until it has looked. */
#include "sim/engine/watch.h"

#include <string.h>

#include "sim/base/mem.h"

const struct cm_metric *cm_watch_metric(const struct cm_rollout *r, const struct cm_watch *watch,
                                        size_t i)
{
    return &r->plan.scenario->metrics[watch->gate->metric[i]].metric;
}

void cm_rollout_counters(const struct cm_rollout *r, uint64_t *cells)
{
    if (r->scrapes.scraping)
        cm_scrapes_seen(&r->scrapes, r->now, cells);
    else
        cm_ledger_read(&r->flow.ledger, r->now, cells);
}

/* The canary's part of what it and its control get, of a class (-1 = of all): without a baseline
 * that is all there is. Neither copies nor a class that matches go with a baseline. */
static double planned_share(const struct cm_rollout *r, int class)
{
    const struct cm_world *w = &r->flow.world;
    double control = r->share[CM_BASELINE], copies = w->mirror * r->share[CM_STABLE];
    if (w->match >= 0)
        return class < 0 ? w->reach : w->split[class][CM_CANARY];
    if (copies > 0)
        return (r->canary_share + copies) / (1 + copies);
    return cm_rollout_control(r) == CM_BASELINE && control > 0
               ? r->canary_share / (r->canary_share + control)
               : r->canary_share;
}

/* The buckets of a pending stratum: version x bucket, of one metric. */
static uint64_t *buckets_of(const struct cm_rollout *r, const struct cm_watch *watch, size_t i,
                            size_t m)
{
    size_t row = r->flow.world.n_versions * r->flow.ledger.n_buckets;
    return watch->buckets + (i * watch->gate->n_metrics + m) * row;
}

/* Adds to `counts` what a row of classes has more than `before`. */
static void add_rows(const struct cm_ledger *l, const uint64_t *now, const uint64_t *before,
                     int class, uint64_t *counts)
{
    size_t first = class < 0 ? 0 : (size_t) class, n = l->n_buckets;
    size_t last = class < 0 ? l->n_classes - 1 : first;
    memset(counts, 0, n * sizeof *counts);
    for (size_t k = first * n; k < (last + 1) * n; k++)
        counts[k % n] += now[k] - before[k];
}

/* The buckets of the stratum that began at the mark and ends now. */
static void read_buckets(struct cm_rollout *r, struct cm_watch *watch)
{
    struct cm_ledger *l = &r->flow.ledger;
    if (r->scrapes.scraping)
        cm_scrapes_seen_buckets(&r->scrapes, r->now, r->seen_buckets);
    for (size_t m = 0; m < watch->gate->n_metrics; m++)
        for (size_t v = 0; v < r->flow.world.n_versions; v++) {
            uint64_t *counts = buckets_of(r, watch, watch->n_strata, m) + v * l->n_buckets;
            int class = cm_watch_metric(r, watch, m)->class.index;
            size_t row = v * l->n_classes * l->n_buckets;
            if (r->scrapes.scraping)
                add_rows(l, r->seen_buckets + row, watch->mark_buckets + row, class, counts);
            else
                cm_ledger_histogram(l, watch->mark, v, class, counts);
        }
    if (r->scrapes.scraping)
        memcpy(watch->mark_buckets, r->seen_buckets,
               cm_ledger_histogram_size(l) * sizeof *r->seen_buckets);
}

void cm_watch_hold(struct cm_rollout *r)
{
    cm_time hold = CM_NEVER;
    if (r->scrapes.scraping)
        return;
    for (size_t i = 0; i < r->policy->n_watched && !r->decided; i++)
        if (r->watches[i].wants_buckets && r->watches[i].mark < hold)
            hold = r->watches[i].mark;
    r->flow.ledger.hold = hold;
}

static void grow_strata(struct cm_rollout *r, struct cm_watch *watch)
{
    size_t metrics = watch->gate->n_metrics, room = 2 * watch->strata_room;
    struct cm_stratum *strata = cm_alloc(room * metrics * sizeof *strata);
    for (size_t m = 0; m < metrics; m++)
        memcpy(strata + m * room, watch->strata + m * watch->strata_room,
               watch->n_strata * sizeof *strata);
    cm_free(watch->strata);
    watch->strata = strata;
    watch->strata_room = room;
    if (watch->wants_buckets)
        watch->buckets = cm_grow(watch->buckets, room * metrics * r->flow.world.n_versions,
                                 r->flow.ledger.n_buckets * sizeof *watch->buckets);
}

/* Of a metric that is a mean: what came since the mark. */
static void add_moments(const struct cm_rollout *r, const struct cm_watch *watch,
                        const struct cm_metric *metric, struct cm_stratum *stratum)
{
    const cm_time between[2] = {watch->mark, r->now};
    for (size_t v = 0; v < r->flow.world.n_versions; v++) {
        struct cm_kpi_moments m = metric->signal == CM_GAUGE_MEAN
                                      ? cm_gauges_between(&r->gauges, metric, between, v)
                                      : cm_labels_between(&r->labels, metric, between, v);
        stratum->n[v] = m.n;
        stratum->sum[v] = m.sum;
        stratum->sum_sq[v] = m.sum_sq;
    }
}

/* Counts since the mark, as of now, become the next pending stratum. */
static void add_stratum(struct cm_rollout *r, struct cm_watch *watch)
{
    if (watch->n_strata == watch->strata_room)
        grow_strata(r, watch);
    for (size_t m = 0; m < watch->gate->n_metrics; m++) {
        struct cm_stratum *stratum = &watch->strata[m * watch->strata_room + watch->n_strata];
        int class = cm_watch_metric(r, watch, m)->class.index;
        *stratum = (struct cm_stratum){
            .from = watch->mark, .until = r->now, .planned_share = planned_share(r, class)};
        if (cm_watch_metric(r, watch, m)->signal >= CM_LATENCY_MEAN) {
            add_moments(r, watch, cm_watch_metric(r, watch, m), stratum);
            continue;
        }
        cm_count(r, watch->mark_cells, r->cells, class, stratum->n, stratum->x);
    }
    if (watch->wants_buckets)
        read_buckets(r, watch);
    watch->n_strata++;
    watch->mark = r->now;
    memcpy(watch->mark_cells, r->cells, r->flow.ledger.n_cells * sizeof *r->cells);
}

void cm_watch_cut(struct cm_rollout *r, struct cm_watch *watch)
{
    if (!watch->wants_strata || watch->mark == r->now || r->decided)
        return;
    cm_rollout_counters(r, r->cells);
    add_stratum(r, watch);
    if (watch->wants_buckets)
        cm_watch_hold(r);
}

static void show_buckets(const struct cm_rollout *r, struct cm_watch *watch, size_t m)
{
    for (size_t i = 0; i < watch->n_strata; i++)
        for (size_t v = 0; v < r->flow.world.n_versions; v++)
            watch->strata[m * watch->strata_room + i].buckets[v] =
                buckets_of(r, watch, i, m) + v * r->flow.ledger.n_buckets;
}

void cm_watch_show(const struct cm_rollout *r, struct cm_watch *watch, size_t n)
{
    for (size_t m = 0; m < watch->gate->n_metrics; m++) {
        watch->signals[m].fresh = watch->strata + m * watch->strata_room;
        watch->signals[m].n_fresh = n;
        if (watch->wants_buckets)
            show_buckets(r, watch, m);
    }
}

void cm_watch_mark(struct cm_rollout *r, struct cm_watch *watch, cm_time at)
{
    watch->mark = at;
    if (!r->scrapes.scraping) {
        cm_ledger_read(&r->flow.ledger, at, watch->mark_cells);
        return;
    }
    cm_scrapes_seen(&r->scrapes, at, watch->mark_cells);
    if (watch->wants_buckets)
        cm_scrapes_seen_buckets(&r->scrapes, at, watch->mark_buckets);
}

void cm_watch_history(struct cm_rollout *r, struct cm_watch *watch)
{
    if (watch->history == 0)
        return;
    cm_watch_mark(r, watch, -watch->history);
    cm_rollout_counters(r, r->cells);
    add_stratum(r, watch);
}
