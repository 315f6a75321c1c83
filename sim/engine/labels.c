/* Series, their totals at the ends of blocks, and what windows read of them. */
#include "sim/engine/labels.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"

bool cm_labels_serve(const struct cm_metric *metric)
{
    return metric->signal == CM_KPI_MEAN || metric->signal == CM_LATENCY_MEAN;
}

/* --- series --- */

/* What the release's defect does to a KPI at full strength. */
static struct cm_change change_of(const struct cm_world *w, size_t kpi)
{
    for (size_t i = 0; w->defect && i < w->defect->effect.kpi.n; i++)
        if (w->defect->effect.kpi.refs[i].index == (int)kpi)
            return w->defect->effect.kpi_change.list[i];
    return (struct cm_change){.times = 1};
}

static void init_series(struct cm_labels *l, size_t kpi)
{
    struct cm_label_series *s = &l->series[l->n_series++];
    const struct cm_named_kpi *named = &l->plan->scenario->kpis[kpi];
    uint64_t name = cm_rng_purpose(named->name);
    *s = (struct cm_label_series){
        .kpi = named,
        .change = change_of(l->world, kpi),
        .purpose = cm_rng_mix2(cm_rng_purpose("labels.kpi"), name),
        .delay = CM_WITH_ANSWER,
    };
    struct cm_pace usual = cm_pace_usual();
    if (named->kpi.delay.n > 0)
        s->delay = cm_shapes_find(&l->delays, &named->kpi.delay, &usual);
}

static void init_latencies(struct cm_labels *l)
{
    l->series[l->n_series++] = (struct cm_label_series){
        .change = {.times = 1},
        .purpose = cm_rng_purpose("labels.latency"),
        .delay = CM_WITH_ANSWER,
    };
}

static void find_readers(struct cm_labels *l, bool *latencies)
{
    const struct cm_scenario *s = l->plan->scenario;
    *latencies = false;
    for (size_t i = 0; i < s->n_metrics; i++) {
        const struct cm_metric *metric = &s->metrics[i].metric;
        if (cm_labels_serve(metric) && metric->window > l->keep)
            l->keep = metric->window;
        *latencies = *latencies || metric->signal == CM_LATENCY_MEAN;
    }
}

void cm_labels_init(struct cm_labels *l, const struct cm_plan *plan, struct cm_world *world,
                    bool one_by_one)
{
    bool latencies;
    *l = (struct cm_labels){
        .plan = plan,
        .world = world,
        .one_by_one = one_by_one,
        .n_classes = world->n_classes,
        .n_rows = world->n_versions * world->n_classes,
    };
    cm_shapes_init(&l->delays, &l->no_edges, INFINITY);
    find_readers(l, &latencies);
    l->masses = cm_alloc(CM_LABEL_DEPTHS * sizeof *l->masses);
    l->series = cm_alloc((plan->scenario->n_kpis + 1) * sizeof *l->series);
    for (size_t i = 0; i < plan->scenario->n_kpis; i++)
        init_series(l, i);
    if (latencies)
        init_latencies(l);
    for (size_t i = 0; i < l->n_series && one_by_one; i++)
        l->series[i].pending = cm_alloc(l->n_rows * sizeof *l->series[i].pending);
    world->labelled_s = l->delays.longest;
}

void cm_labels_release(struct cm_labels *l)
{
    for (size_t i = 0; i < l->n_series; i++) {
        struct cm_label_series *s = &l->series[i];
        cm_free(s->laws);
        cm_free(s->total);
        cm_free(s->end);
        cm_free(s->parts);
        cm_free(s->labels);
        for (size_t row = 0; row < l->n_rows && s->pending; row++)
            cm_pending_release(&s->pending[row]);
        cm_free(s->pending);
    }
    for (size_t i = 0; i < CM_LABEL_DEPTHS && l->masses; i++)
        cm_free(l->masses[i].of_piece);
    cm_shapes_release(&l->delays);
    cm_free(l->masses);
    cm_free(l->series);
    cm_free(l->until);
    cm_free(l->law);
    *l = (struct cm_labels){0};
}

double cm_labels_level(const struct cm_labels *l, const struct cm_piece *piece, size_t row,
                       size_t part)
{
    const struct cm_named_defect *defect = l->world->defect;
    int scope = defect ? defect->effect.scope.index : -1;
    bool hit = defect && (scope < 0 || (size_t)scope == row % l->n_classes);
    return hit ? cm_piece_level(piece, row / l->n_classes, part) : 0;
}

size_t cm_labels_law(struct cm_label_series *s, double level)
{
    for (size_t i = 0; i < s->n_laws; i++)
        if (s->laws[i].level == level)
            return i;
    if (s->n_laws == s->room_laws) {
        s->room_laws = 2 * s->room_laws + 8;
        s->laws = cm_grow(s->laws, s->room_laws, sizeof *s->laws);
    }
    const struct cm_kpi_kind *kind = s->kpi->kind;
    struct cm_change change = cm_change_at(s->change, level);
    double mean = change.times * kind->mean(s->kpi->options) + change.plus;
    s->laws[s->n_laws] = (struct cm_leveled){level, kind->law(s->kpi->options, mean)};
    return s->n_laws++;
}

/* --- blocks --- */

static cm_time now_of(const struct cm_labels *l)
{
    return l->until[l->n_blocks - 1];
}

/* One more block that ends at `until`, its totals those of the last one. */
static void add_block(struct cm_labels *l, cm_time until)
{
    if (l->n_blocks == l->room_blocks) {
        l->room_blocks = 2 * l->room_blocks + 64;
        l->until = cm_grow(l->until, l->room_blocks, sizeof *l->until);
    }
    for (size_t i = 0; i < l->n_series; i++) {
        struct cm_label_series *s = &l->series[i];
        if (s->room < l->room_blocks) {
            s->room = l->room_blocks;
            s->total = cm_grow(s->total, s->room * l->n_rows, sizeof *s->total);
            s->end = cm_grow(s->end, s->room, sizeof *s->end);
        }
        struct cm_kpi_moments *total = s->total + l->n_blocks * l->n_rows;
        if (l->n_blocks > 0)
            memcpy(total, total - l->n_rows, l->n_rows * sizeof *total);
        else
            memset(total, 0, l->n_rows * sizeof *total);
    }
    l->until[l->n_blocks++] = until;
}

void cm_labels_begin(struct cm_labels *l, uint64_t replication)
{
    if (l->n_series == 0)
        return;
    l->replication = replication;
    l->over = false;
    l->n_blocks = 0;
    add_block(l, -l->plan->scenario->history);
    for (size_t i = 0; i < l->n_series; i++) {
        struct cm_label_series *s = &l->series[i];
        s->first = s->n = s->end[0] = 0;
        for (size_t row = 0; row < l->n_rows && s->pending; row++)
            cm_pending_clear(&s->pending[row]);
    }
}

/* The first block that ends at or after `at`. */
static size_t block_at(const struct cm_labels *l, cm_time at)
{
    size_t low = 0, high = l->n_blocks - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->until[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Items that no window reaches make room, once they are more than those that are left. */
static void forget(struct cm_labels *l, struct cm_label_series *s)
{
    size_t b = block_at(l, now_of(l) - l->keep);
    uint64_t needed = b > 0 ? s->end[b - 1] : 0, kept = s->n - needed;
    if (needed - s->first <= kept || needed < s->first)
        return;
    if (l->one_by_one)
        memmove(s->labels, s->labels + (needed - s->first), kept * sizeof *s->labels);
    else
        memmove(s->parts, s->parts + (needed - s->first), kept * sizeof *s->parts);
    s->first = needed;
}

void cm_labels_advance(struct cm_labels *l)
{
    if (l->n_series == 0 || l->over || l->world->now <= now_of(l))
        return;
    const cm_time block[2] = {now_of(l), l->world->now};
    add_block(l, block[1]);
    cm_labels_forget_masses(l);
    size_t b = l->n_blocks - 1;
    for (size_t i = 0; i < l->n_series; i++) {
        struct cm_label_series *s = &l->series[i];
        forget(l, s);
        if (l->one_by_one)
            cm_labels_collect(l, s, block[1], s->total + b * l->n_rows);
        else
            cm_labels_draw(l, s, block, s->total + b * l->n_rows);
        s->end[b] = s->n;
    }
}

void cm_labels_end(struct cm_labels *l)
{
    l->over = true;
}

/* --- windows --- */

void cm_labels_add(struct cm_kpi_moments *to, const struct cm_kpi_moments *more)
{
    to->n += more->n;
    to->sum += more->sum;
    to->sum_sq += more->sum_sq;
}

/* All labels up to `at`, row by row. */
static void read_rows(const struct cm_labels *l, const struct cm_label_series *s, cm_time at,
                      struct cm_kpi_moments *rows)
{
    size_t b = at > l->until[0] ? block_at(l, at) : 0;
    bool inside = b > 0 && at < l->until[b];
    memcpy(rows, s->total + (inside ? b - 1 : b) * l->n_rows, l->n_rows * sizeof *rows);
    if (inside)
        cm_labels_part(l, s, (uint64_t[2]){s->end[b - 1], s->end[b]},
                       (cm_time[2]){l->until[b - 1], l->until[b]}, at, rows);
}

static const struct cm_label_series *series_of(const struct cm_labels *l,
                                               const struct cm_metric *metric)
{
    return metric->signal == CM_KPI_MEAN ? &l->series[metric->kpi.index]
                                         : &l->series[l->n_series - 1];
}

struct cm_kpi_moments cm_labels_between(const struct cm_labels *l, const struct cm_metric *metric,
                                        const cm_time between[2], size_t version)
{
    struct cm_kpi_moments before[CM_VERSIONS * CM_CLASSES_MAX], after[CM_VERSIONS * CM_CLASSES_MAX];
    struct cm_kpi_moments all = {0};
    const struct cm_label_series *s = series_of(l, metric);
    assert(between[1] <= now_of(l));
    read_rows(l, s, between[0], before);
    read_rows(l, s, between[1], after);
    for (size_t class = 0; class < l->n_classes; class ++) {
        size_t row = version * l->n_classes + class;
        if (metric->class.index >= 0 && (size_t)metric->class.index != class)
            continue;
        all.n += after[row].n - before[row].n;
        all.sum += after[row].sum - before[row].sum;
        all.sum_sq += after[row].sum_sq - before[row].sum_sq;
    }
    return all;
}

/* --- harm --- */

/* Of one request answered right. A defect that makes answers better does no harm. */
static double lost_of(struct cm_label_series *s, double level)
{
    size_t healthy = cm_labels_law(s, 0), affected = cm_labels_law(s, level);
    return s->kpi->kpi.weight * fmax(0, s->laws[healthy].law.truth - s->laws[affected].law.truth);
}

static double lost_in_part(struct cm_labels *l, const struct cm_piece *piece, size_t row,
                           size_t part)
{
    const size_t at[2] = {row / l->n_classes, row % l->n_classes};
    double level = cm_labels_level(l, piece, row, part), lost = 0;
    double right = piece->rate * cm_piece_split(piece, at, part) * l->world->classes[at[1]].share *
                   (1 - cm_piece_meets(l->world, piece, at, part)->error);
    if (level <= 0 || right <= 0)
        return 0;
    for (size_t i = 0; i < l->n_series; i++)
        if (l->series[i].kpi && cm_labels_cover(&l->series[i], at[1]))
            lost += lost_of(&l->series[i], level);
    return right * lost;
}

static double lost_in_row(struct cm_labels *l, const struct cm_piece *piece, size_t row)
{
    double lost = 0;
    for (size_t part = 0; part < cm_piece_parts(piece, row / l->n_classes); part++)
        lost += lost_in_part(l, piece, row, part);
    return lost;
}

double cm_labels_lost(struct cm_labels *l, cm_time from, cm_time until)
{
    double lost = 0;
    for (size_t i = 0; i < l->world->n && l->world->defect; i++) {
        const struct cm_piece *piece = cm_world_piece(l->world, i);
        cm_time begin = piece->from > from ? piece->from : from;
        cm_time end = piece->until < until ? piece->until : until;
        for (size_t row = 0; row < l->n_rows && end > begin; row++)
            lost += cm_seconds(end - begin) * lost_in_row(l, piece, row);
    }
    return lost;
}
