/* The autoregression of sim/service/gauge.h, sample by sample. */
#include "sim/engine/gauges.h"

#include <math.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"

static struct cm_change change_of(const struct cm_world *w, size_t gauge)
{
    for (size_t i = 0; w->defect && i < w->defect->effect.gauge.n; i++)
        if (w->defect->effect.gauge.refs[i].index == (int)gauge)
            return w->defect->effect.gauge_change.list[i];
    return (struct cm_change){.times = 1};
}

void cm_gauges_init(struct cm_gauges *g, const struct cm_plan *plan, const struct cm_world *world)
{
    static const char *const names[CM_VERSIONS] = {
        [CM_STABLE] = "gauge.stable",
        [CM_CANARY] = "gauge.canary",
        [CM_BASELINE] = "gauge.baseline",
    };
    const struct cm_scenario *s = plan->scenario;
    *g = (struct cm_gauges){.plan = plan, .world = world, .n = s->n_gauges * CM_VERSIONS};
    g->lines = cm_alloc((g->n + 1) * sizeof *g->lines);
    for (size_t i = 0; i < g->n; i++) {
        const struct cm_named_gauge *named = &s->gauges[i / CM_VERSIONS];
        g->lines[i] = (struct cm_gauge_line){
            .gauge = &named->gauge,
            .change = change_of(world, i / CM_VERSIONS),
            .purpose =
                cm_rng_mix2(cm_rng_purpose(names[i % CM_VERSIONS]), cm_rng_purpose(named->name)),
            .version = i % CM_VERSIONS,
        };
    }
}

void cm_gauges_release(struct cm_gauges *g)
{
    for (size_t i = 0; i < g->n; i++)
        cm_free(g->lines[i].samples);
    cm_free(g->lines);
    *g = (struct cm_gauges){0};
}

/* --- samples --- */

static struct cm_rng stream(const struct cm_gauges *g, const struct cm_gauge_line *line,
                            uint64_t what)
{
    return cm_rng_stream(g->plan->scenario->run.seed, g->replication,
                         cm_rng_mix2(line->purpose, what), (uint64_t)line->number);
}

enum { VALUE, MONITOR, PHASE };

static cm_time spacing(const struct cm_gauges *g, const struct cm_gauge_line *line)
{
    const struct cm_scraping *how = g->plan->scenario->scraping;
    return how ? how->scrape_every : line->gauge->sample_every;
}

static cm_time up_to(struct cm_rng *rng, cm_time most)
{
    return (cm_time)(cm_rng_unit(rng) * (double)most);
}

void cm_gauges_begin(struct cm_gauges *g, uint64_t replication)
{
    g->replication = replication;
    g->over = false;
    for (size_t i = 0; i < g->n; i++) {
        struct cm_gauge_line *line = &g->lines[i];
        line->n = 0;
        line->number = 0;
        struct cm_rng rng = stream(g, line, PHASE);
        line->phase = up_to(&rng, spacing(g, line));
        line->phase -= line->version == CM_STABLE ? g->plan->scenario->history : 0;
        line->at = line->phase;
        line->x = cm_draw_normal(&rng);
        line->last = line->at;
    }
}

/* How strong the defect is in this version then. */
static double level_at(const struct cm_gauges *g, size_t version, cm_time at)
{
    const struct cm_world *w = g->world;
    size_t i = w->n;
    while (i > 1 && cm_world_piece(w, i - 1)->from >= at)
        i--;
    return i > 0 ? cm_world_piece(w, i - 1)->level[version] : 0;
}

static void move(const struct cm_gauges *g, struct cm_gauge_line *line, cm_time at)
{
    double tau = cm_seconds(line->gauge->correlation), passed = cm_seconds(at - line->last);
    double rho = tau > 0 ? exp(-passed / tau) : 0;
    struct cm_rng rng = stream(g, line, VALUE);
    if (line->n > 0)
        line->x = rho * line->x + sqrt(1 - rho * rho) * cm_draw_normal(&rng);
    line->last = at;
}

static void keep(struct cm_gauge_line *line, struct cm_gauge_sample sample)
{
    if (line->n == line->room) {
        line->room = 2 * line->room + 64;
        line->samples = cm_grow(line->samples, line->room, sizeof *line->samples);
    }
    if (line->n > 0 && sample.visible < line->samples[line->n - 1].visible)
        sample.visible = line->samples[line->n - 1].visible;
    line->samples[line->n++] = sample;
}

/* One sample, and when the next one is due. */
static void take(const struct cm_gauges *g, struct cm_gauge_line *line)
{
    const struct cm_scraping *how = g->plan->scenario->scraping;
    struct cm_rng rng = stream(g, line, MONITOR);
    struct cm_gauge_sample sample = {.at = line->at, .visible = line->at};
    move(g, line, line->at);
    double level = level_at(g, line->version, line->at);
    struct cm_change change = cm_change_at(line->change, level);
    sample.value = change.times * line->gauge->mean + change.plus + line->gauge->sd * line->x;
    cm_time late = 0;
    if (how) {
        sample.visible = cm_later(line->at, how->lag + up_to(&rng, how->lag_spread));
        if (cm_rng_unit(&rng) < how->scrape_loss)
            sample.value = NAN;
        late = up_to(&rng, how->scrape_jitter);
    }
    keep(line, sample);
    line->number++;
    cm_time due = line->phase + line->number * spacing(g, line) + late;
    line->at = due > line->at ? due : line->at + 1;
}

void cm_gauges_advance(struct cm_gauges *g)
{
    for (size_t i = 0; i < g->n && !g->over; i++)
        while (g->lines[i].version < g->world->n_versions && g->lines[i].at <= g->world->now)
            take(g, &g->lines[i]);
}

void cm_gauges_end(struct cm_gauges *g)
{
    g->over = true;
}

/* --- what is shown --- */

static const struct cm_gauge_line *line_of(const struct cm_gauges *g, int gauge, size_t version)
{
    return &g->lines[(size_t)gauge * CM_VERSIONS + version];
}

static void add(struct cm_kpi_moments *m, double value)
{
    m->n++;
    m->sum += value;
    m->sum_sq += value * value;
}

struct cm_kpi_moments cm_gauges_window(const struct cm_gauges *g, const struct cm_metric *metric,
                                       cm_time now, size_t version)
{
    const struct cm_gauge_line *line = line_of(g, metric->gauge.index, version);
    struct cm_kpi_moments m = {0};
    cm_time oldest = now - line->gauge->staleness, from = now - metric->window;
    for (size_t i = line->n; i-- > 0;) {
        const struct cm_gauge_sample *sample = &line->samples[i];
        bool inside = sample->at > from;
        if (!inside && (m.n > 0 || sample->at <= oldest))
            break;
        if (sample->visible <= now && !isnan(sample->value))
            add(&m, sample->value);
    }
    return m;
}

struct cm_kpi_moments cm_gauges_between(const struct cm_gauges *g, const struct cm_metric *metric,
                                        const cm_time between[2], size_t version)
{
    const struct cm_gauge_line *line = line_of(g, metric->gauge.index, version);
    struct cm_kpi_moments m = {0};
    for (size_t i = line->n; i-- > 0 && line->samples[i].visible > between[0];)
        if (line->samples[i].visible <= between[1] && !isnan(line->samples[i].value))
            add(&m, line->samples[i].value);
    return m;
}
