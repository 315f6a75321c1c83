/* Scrapes are made late, when somebody is about to look, but in the order of their instants: what
 * a scrape reads depends on the instant alone. Streams are named by version and pod (when it is
 * scraped), by version, class and counter (who of the pods answered). */
#include "sim/engine/scrapes.h"

#include <math.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"

/* Stable's pods have been counting for long: no extrapolation reaches back to their zero. */
static const uint64_t LONG_AGO = 1000000000;

static const char *const version_names[CM_VERSIONS] = {"stable", "canary", "baseline"};

/* --- memory --- */

static uint64_t purpose_of(const char *what, size_t version)
{
    return cm_rng_mix2(cm_rng_purpose(what), cm_rng_purpose(version_names[version]));
}

static void init_target(const struct cm_scrapes *s, struct cm_target *target, size_t version,
                        size_t number)
{
    target->purpose = cm_rng_mix2(purpose_of("scrapes", version), number);
    target->counters = cm_alloc(s->n_series * sizeof *target->counters);
    target->oldest = cm_alloc(s->n_series * sizeof *target->oldest);
}

static void init_version(struct cm_scrapes *s, size_t version)
{
    const struct cm_scenario *scenario = s->ledger->plan->scenario;
    struct cm_targets *targets = &s->versions[version];
    uint64_t deal = purpose_of("pods", version);
    const struct cm_pods_path *pods = &s->ledger->world->pods;
    targets->n = pods->on               ? pods->versions[version].n
                 : version == CM_STABLE ? scenario->pods.stable
                                        : scenario->pods.canary;
    targets->list = cm_alloc(targets->n * sizeof *targets->list);
    cm_cursor_init(&targets->cursor, s->ledger, version);
    for (size_t i = 0; i < targets->n; i++)
        init_target(s, &targets->list[i], version, i);
    if (s->come_and_go)
        cm_pod_shares_init(&targets->shares, s->ledger->world, version, s->ledger->n_buckets,
                           targets->n);
    for (size_t c = 0; c < s->ledger->n_classes; c++)
        targets->deal_purpose[c] = cm_rng_mix2(
            deal, cm_rng_purpose(c < scenario->n_classes ? scenario->classes[c].name : "rest"));
}

void cm_scrapes_init(struct cm_scrapes *s, struct cm_ledger *ledger)
{
    *s = (struct cm_scrapes){.scraping = ledger->plan->scenario->scraping, .ledger = ledger};
    if (!s->scraping)
        return;
    s->per_class = CM_SERIES_BUCKETS + ledger->n_buckets;
    s->n_series = ledger->n_classes * s->per_class;
    s->window = ledger->keep > ledger->history ? ledger->keep : ledger->history;
    s->n_versions = ledger->world->n_versions;
    s->come_and_go = ledger->world->pods.on;
    s->fresh = cm_alloc(s->n_series * sizeof *s->fresh);
    for (size_t v = 0; v < s->n_versions; v++)
        init_version(s, v);
}

static void release_target(struct cm_target *target)
{
    cm_free(target->counters);
    cm_free(target->oldest);
    cm_free(target->samples.at);
    cm_free(target->samples.visible);
    cm_free(target->samples.values);
    cm_free(target->samples.risen);
    cm_free(target->samples.made);
}

void cm_scrapes_release(struct cm_scrapes *s)
{
    for (size_t v = 0; v < s->n_versions; v++) {
        struct cm_targets *targets = &s->versions[v];
        for (size_t i = 0; i < targets->n; i++)
            release_target(&targets->list[i]);
        cm_free(targets->list);
        cm_cursor_release(&targets->cursor);
        cm_pod_shares_release(&targets->shares);
    }
    cm_free(s->fresh);
    cm_free(s->line);
    *s = (struct cm_scrapes){0};
}

/* --- when --- */

static struct cm_rng stream(const struct cm_scrapes *s, uint64_t purpose, uint64_t block)
{
    return cm_rng_stream(s->ledger->plan->scenario->run.seed, s->replication, purpose, block);
}

/* The circumstances of the target's scrape with its number. */
static void plan_scrape(const struct cm_scrapes *s, struct cm_target *target)
{
    const struct cm_scraping *how = s->scraping;
    target->at = target->phase + target->number * how->scrape_every;
    target->lag = how->lag;
    target->fails = false;
    if (how->scrape_jitter == 0 && how->scrape_loss <= 0 && how->lag_spread == 0)
        return;
    struct cm_rng rng = stream(s, target->purpose, (uint64_t)target->number);
    double late = cm_rng_unit(&rng);
    double luck = cm_rng_unit(&rng);
    double slow = cm_rng_unit(&rng);
    target->at += (cm_time)(late * (double)how->scrape_jitter);
    target->lag += (cm_time)(slow * (double)how->lag_spread);
    target->fails = luck < how->scrape_loss;
}

/* Pods that start to be scraped after `from`. */
static void begin_version(struct cm_scrapes *s, size_t version, cm_time from)
{
    struct cm_targets *targets = &s->versions[version];
    cm_time every = s->scraping->scrape_every;
    for (size_t i = 0; i < targets->n; i++) {
        struct cm_target *target = &targets->list[i];
        struct cm_rng rng = stream(s, cm_rng_mix2(target->purpose, cm_rng_purpose("phase")), 0);
        target->phase = (cm_time)(cm_rng_unit(&rng) * (double)every);
        target->number = (from - target->phase) / every + (from >= target->phase);
        target->known = false;
        target->life = target->made = 0;
        target->samples.first = target->samples.n = 0;
        for (size_t k = 0; k < s->n_series; k++)
            target->counters[k] = version == CM_STABLE ? LONG_AGO : 0;
        plan_scrape(s, target);
    }
    cm_cursor_begin(&targets->cursor);
    cm_cursor_move(&targets->cursor, from);
}

/* Stable's history is scraped as far back as a look at time 0 can see, and two scrapes more: what
 * statistical gates add up begins with a sample. Where pods restart all of it is, so that what
 * their counters show is known. */
static cm_time history_from(const struct cm_scrapes *s)
{
    const struct cm_scraping *how = s->scraping;
    cm_time history = s->ledger->plan->scenario->history;
    cm_time seen = s->window + how->lag + how->lag_spread + 2 * how->scrape_every;
    return seen < history && !s->come_and_go ? -seen : -history;
}

void cm_scrapes_begin(struct cm_scrapes *s, uint64_t replication)
{
    if (!s->scraping)
        return;
    s->replication = replication;
    begin_version(s, CM_STABLE, history_from(s));
    for (size_t v = CM_CANARY; v < s->n_versions; v++)
        begin_version(s, v, 0);
    cm_scrapes_advance(s);
}

/* --- what --- */

/* Adds the fresh answers of a series to that counter of the pods, each to any of them. */
static void deal(const struct cm_scrapes *s, struct cm_targets *targets, size_t series,
                 cm_time from)
{
    uint64_t count = s->fresh[series];
    size_t n = targets->n;
    if (n == 1)
        targets->list[0].counters[series] += count;
    if (n == 1 || count == 0)
        return;
    uint64_t interval = cm_rng_mix2((uint64_t)from, (uint64_t)targets->cursor.at);
    struct cm_rng rng = stream(s, targets->deal_purpose[series / s->per_class],
                               cm_rng_mix2(interval, series % s->per_class));
    if (count < n) {
        for (; count > 0; count--)
            targets->list[cm_draw_below(&rng, n)].counters[series]++;
        return;
    }
    for (size_t i = 0; i < n && count > 0; i++) {
        uint64_t part = cm_draw_binomial(&rng, count, 1 / (double)(n - i));
        targets->list[i].counters[series] += part;
        count -= part;
    }
}

/* The same where pods differ: to each as many as its part of the mean is. What nobody counts goes
 * with the rest. */
static void deal_unevenly(const struct cm_scrapes *s, struct cm_targets *targets, size_t series,
                          cm_time from)
{
    uint64_t count = s->fresh[series];
    if (count == 0)
        return;
    uint64_t interval = cm_rng_mix2((uint64_t)from, (uint64_t)targets->cursor.at);
    struct cm_rng rng = stream(s, targets->deal_purpose[series / s->per_class],
                               cm_rng_mix2(interval, series % s->per_class));
    const double *rest = cm_pod_shares_rest(&targets->shares, series);
    for (size_t i = 0; i < targets->n && count > 0; i++) {
        double chance = rest[i] > 0 ? (rest[i] - rest[i + 1]) / rest[i] : 0;
        uint64_t part = cm_draw_binomial(&rng, count, chance);
        targets->list[i].counters[series] += part;
        count -= part;
    }
}

/* What the version has answered up to `at`, since the last scrape, by series, into s->fresh. */
static void read_version(struct cm_scrapes *s, struct cm_cursor *cursor, cm_time at)
{
    size_t n = s->ledger->n_buckets;
    memset(s->fresh, 0, s->n_series * sizeof *s->fresh);
    cm_cursor_move(cursor, at);
    for (size_t k = 0; k < cursor->n_counters; k++) {
        bool is_cell = k < cursor->n_cells;
        size_t i = k - cursor->n_cells;
        size_t class = is_cell ? k / (CM_OUTCOMES * CM_TEMPI) : i / n;
        size_t series = is_cell ? k / CM_TEMPI % CM_OUTCOMES : CM_SERIES_BUCKETS + i % n;
        s->fresh[class * s->per_class + series] += cursor->passed[k];
    }
}

/* Counters begin anew with each life of a pod, those of stable long before the history. */
static void begin_lives(struct cm_scrapes *s, size_t version, const struct cm_piece *piece)
{
    static const uint64_t first = 1;
    struct cm_targets *targets = &s->versions[version];
    for (size_t i = 0; i < targets->n; i++) {
        struct cm_target *target = &targets->list[i];
        const struct cm_parts_pod *pod = &piece->parts[version].pods[i];
        bool warm = version == CM_STABLE && pod->life == first && pod->made == 0;
        if (pod->life == target->life)
            continue;
        target->life = pod->life;
        target->made = pod->made;
        for (size_t k = 0; k < s->n_series; k++)
            target->counters[k] = warm ? LONG_AGO : 0;
    }
}

/* Stretch by stretch in which nobody comes or goes. */
static void deal_lives(struct cm_scrapes *s, size_t version, cm_time at)
{
    struct cm_targets *targets = &s->versions[version];
    struct cm_cursor *cursor = &targets->cursor;
    while (cursor->at < at) {
        struct cm_lives lives = cm_lives_at(s->ledger->world, version, cursor->at);
        cm_time from = cursor->at, until = lives.until < at ? lives.until : at;
        begin_lives(s, version, lives.piece);
        read_version(s, cursor, until);
        cm_pod_shares_set(&targets->shares, lives.piece, from, until);
        for (size_t k = 0; k < s->n_series; k++)
            deal_unevenly(s, targets, k, from);
    }
}

static void grow(const struct cm_scrapes *s, struct cm_pod_samples *samples)
{
    size_t n_series = s->n_series;
    samples->room = 2 * samples->room + 16;
    samples->at = cm_grow(samples->at, samples->room, sizeof *samples->at);
    samples->visible = cm_grow(samples->visible, samples->room, sizeof *samples->visible);
    samples->values = cm_grow(samples->values, samples->room * n_series, sizeof *samples->values);
    if (!s->come_and_go)
        return;
    samples->risen = cm_grow(samples->risen, samples->room * n_series, sizeof *samples->risen);
    samples->made = cm_grow(samples->made, samples->room, sizeof *samples->made);
}

/* Moves what is kept to the front. */
static void compact(struct cm_pod_samples *samples, size_t n_series)
{
    size_t first = samples->first, n = samples->n - first;
    memmove(samples->at, samples->at + first, n * sizeof *samples->at);
    memmove(samples->visible, samples->visible + first, n * sizeof *samples->visible);
    memmove(samples->values, samples->values + first * n_series,
            n * n_series * sizeof *samples->values);
    if (samples->risen) {
        memmove(samples->risen, samples->risen + first * n_series,
                n * n_series * sizeof *samples->risen);
        memmove(samples->made, samples->made + first, n * sizeof *samples->made);
    }
    samples->first = 0;
    samples->n = n;
}

/* Drops samples that no later query sees. */
static void forget(const struct cm_scrapes *s, struct cm_pod_samples *samples)
{
    cm_time now = cm_ledger_now(s->ledger);
    while (samples->n - samples->first > 1 && samples->at[samples->first] < now - s->window &&
           samples->visible[samples->first + 1] <= now)
        samples->first++;
}

/* What the last sample adds: a monitor knows when a process began to count. Of a new pod the first
 * sample says nothing. */
static void note_rise(const struct cm_scrapes *s, struct cm_target *target)
{
    struct cm_pod_samples *samples = &target->samples;
    size_t k = samples->n - 1;
    const uint64_t *now = samples->values + k * s->n_series, *before = now - s->n_series;
    uint64_t *risen = samples->risen + k * s->n_series;
    samples->made[k] = target->made;
    bool same_pod = target->known && samples->made[k - 1] == target->made;
    bool goes_on = target->life == target->last_life;
    for (size_t i = 0; i < s->n_series; i++) {
        uint64_t earlier = target->known ? samples->risen[(k - 1) * s->n_series + i] : 0;
        risen[i] = earlier + (!same_pod ? 0 : goes_on ? now[i] - before[i] : now[i]);
    }
    target->last_life = target->life;
}

/* The counters of a pod become a sample. */
static void keep_sample(const struct cm_scrapes *s, struct cm_target *target)
{
    struct cm_pod_samples *samples = &target->samples;
    forget(s, samples);
    if (samples->n == samples->room && samples->first > samples->n / 2)
        compact(samples, s->n_series);
    if (samples->n == samples->room)
        grow(s, samples);
    size_t k = samples->n++;
    cm_time visible = cm_later(target->at, target->lag);
    if (k > samples->first && samples->visible[k - 1] > visible)
        visible = samples->visible[k - 1];
    samples->at[k] = target->at;
    samples->visible[k] = visible;
    uint64_t *values = samples->values + k * s->n_series;
    memcpy(values, target->counters, s->n_series * sizeof *values);
    for (size_t i = 1; i < s->n_series; i++)
        if (i % s->per_class > CM_SERIES_BUCKETS)
            values[i] += values[i - 1];
    if (s->come_and_go)
        note_rise(s, target);
    if (!target->known)
        memcpy(target->oldest, values, s->n_series * sizeof *values);
    target->known = true;
}

static void deal_all(struct cm_scrapes *s, struct cm_targets *targets, cm_time at)
{
    cm_time from = targets->cursor.at;
    read_version(s, &targets->cursor, at);
    for (size_t k = 0; k < s->n_series; k++)
        deal(s, targets, k, from);
}

/* Of a pod that is not up nothing can be scraped. */
static void scrape(struct cm_scrapes *s, size_t version, struct cm_target *target)
{
    if (s->come_and_go)
        deal_lives(s, version, target->at);
    else
        deal_all(s, &s->versions[version], target->at);
    if (!target->fails && (target->life > 0 || !s->come_and_go))
        keep_sample(s, target);
    target->number++;
    plan_scrape(s, target);
}

/* The one that is scraped next. */
static struct cm_target *next_of(const struct cm_targets *targets)
{
    struct cm_target *next = &targets->list[0];
    for (size_t i = 1; i < targets->n; i++)
        if (targets->list[i].at < next->at)
            next = &targets->list[i];
    return next;
}

void cm_scrapes_advance(struct cm_scrapes *s)
{
    if (!s->scraping)
        return;
    cm_time now = cm_ledger_now(s->ledger), read = now;
    for (size_t v = 0; v < s->n_versions; v++) {
        struct cm_targets *targets = &s->versions[v];
        for (struct cm_target *next = next_of(targets); next->at <= now; next = next_of(targets))
            scrape(s, v, next);
        read = targets->cursor.at < read ? targets->cursor.at : read;
    }
    s->ledger->hold = read;
}

void cm_scrapes_end(struct cm_scrapes *s)
{
    s->ledger->hold = CM_NEVER;
}

/* --- what is seen --- */

size_t cm_pod_samples_visible(const struct cm_pod_samples *samples, cm_time now)
{
    size_t end = samples->n;
    while (end > samples->first && samples->visible[end - 1] > now)
        end--;
    return end;
}

/* By how much a series has risen from the pod's first sample to this one. */
static uint64_t rise(const struct cm_scrapes *s, const struct cm_target *target, size_t sample,
                     size_t series)
{
    const struct cm_pod_samples *samples = &target->samples;
    size_t at = sample * s->n_series + series;
    return samples->risen ? samples->risen[at] : samples->values[at] - target->oldest[series];
}

/* Of one pod's requests. */
static void add_seen(const struct cm_scrapes *s, size_t version, const struct cm_target *target,
                     cm_time now, uint64_t *cells)
{
    size_t end = cm_pod_samples_visible(&target->samples, now), n = s->ledger->n_classes;
    if (end == target->samples.first)
        return;
    for (size_t c = 0; c < n; c++)
        for (size_t o = 0; o < CM_OUTCOMES; o++)
            cells[cm_cell(n, version, c, o, CM_IN_TIME)] +=
                rise(s, target, end - 1, c * s->per_class + o);
}

/* Samples hold cumulative buckets. */
static void add_seen_buckets(const struct cm_scrapes *s, const struct cm_target *target,
                             cm_time now, uint64_t *rows)
{
    size_t end = cm_pod_samples_visible(&target->samples, now), n = s->ledger->n_buckets;
    if (end == target->samples.first)
        return;
    for (size_t c = 0; c < s->ledger->n_classes; c++) {
        uint64_t below = 0;
        for (size_t b = 0; b < n; b++) {
            size_t series = c * s->per_class + CM_SERIES_BUCKETS + b;
            uint64_t up_to = rise(s, target, end - 1, series);
            rows[c * n + b] += up_to - below;
            below = up_to;
        }
    }
}

void cm_scrapes_seen_buckets(const struct cm_scrapes *s, cm_time now, uint64_t *buckets)
{
    size_t row = s->ledger->n_classes * s->ledger->n_buckets;
    memset(buckets, 0, s->n_versions * row * sizeof *buckets);
    for (size_t v = 0; v < s->n_versions; v++)
        for (size_t i = 0; i < s->versions[v].n; i++)
            add_seen_buckets(s, &s->versions[v].list[i], now, buckets + v * row);
}

void cm_scrapes_seen(const struct cm_scrapes *s, cm_time now, uint64_t *cells)
{
    memset(cells, 0, s->ledger->n_cells * sizeof *cells);
    for (size_t v = 0; v < s->n_versions; v++)
        for (size_t i = 0; i < s->versions[v].n; i++)
            add_seen(s, v, &s->versions[v].list[i], now, cells);
}
