/* Replay of recorded counts: real traffic, with all of its structure and none of its randomness.
 *
 * A recorded step holds exactly as many requests as were counted, at independent uniform instants
 * of the step; drawing a Poisson count around a recorded one would add 1 to the dispersion, which
 * is wrong where the recording is close to Poisson. With `scale` below 1 every recorded request is
 * kept with that probability (Binomial(count, scale), exact thinning: Kingman, Poisson Processes,
 * 1993, 5.1). Above 1 is not offered: multiplied counts repeat their own noise, dispersion grows
 * with the factor, and the result is not what a larger site sees.
 *
 * Assumes that requests spread evenly within a step: a step should not be much longer than the
 * windows that gates read. */
#include "sim/traffic/arrivals.h"

#include <string.h>

#include "sim/base/draw.h"
#include "sim/traffic/recording.h"

struct options {
    const char *file, *time_column, *count_column;
    cm_time step;
    int gaps, bad_rows;
    double scale;
    struct cm_recording recording; /* derived */
    const char *note;              /* derived; NULL = nothing to say */
};

static const char *const gap_names[] = {"refuse", "zero", "hold", NULL}; /* enum cm_gaps */
enum { REFUSE_BAD, SKIP_BAD };
static const char *const bad_names[] = {"refuse", "skip", NULL};

static const struct cm_param params[] = {
    CM_TEXT(struct options, file, NULL,
            "CSV of the recording, relative to the scenario: one row a step, or one a request."),
    CM_TEXT(
        struct options, time_column, "auto",
        "Column of the time, by name or number; auto takes timestamp, time, date or the first."),
    CM_TEXT(struct options, count_column, "auto",
            "Column of the requests; auto takes value, requests, count or, without a header, the "
            "second; none if each row is one request."),
    CM_DURATION(
        struct options, step, NULL, 1e6, CM_MAX_DURATION,
        "Time from one row to the next; where rows are requests, what they are counted in."),
    CM_CHOICE(struct options, gaps, "refuse", gap_names,
              "What stands for a missing row: nothing (refuse), no traffic, or the row before."),
    CM_CHOICE(struct options, bad_rows, "refuse", bad_names,
              "Whether a row that cannot be read is an error or left out and counted."),
    CM_NUMBER(struct options, scale, "1", 1e-6, 1,
              "Share of the recorded requests that is kept, at random; more than 1 cannot be had "
              "exactly."),
    CM_PARAMS_END,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (strcmp(o->time_column, o->count_column) == 0 && strcmp(o->time_column, "auto") != 0)
        return cm_fail(err, "time_column and count_column are both '%.60s'", o->time_column);
    return 0;
}

/* One sentence on what the recording lacked; the results rest on it. */
static const char *make_note(const struct options *o, struct cm_arena *arena)
{
    const struct cm_recording *r = &o->recording;
    struct cm_buffer b = {0};
    if (r->gaps)
        cm_print(cm_buffer_writer(&b), "%zu of %zu recorded steps have no row (gaps = %s)", r->gaps,
                 r->n, gap_names[o->gaps]);
    if (r->bad_rows)
        cm_print(cm_buffer_writer(&b), "%s%zu bad rows were left out, the first in %s",
                 r->gaps ? "; " : "", r->bad_rows, r->first_bad);
    const char *note = b.length ? cm_arena_text(arena, b.text, b.length) : NULL;
    cm_buffer_release(&b);
    return note;
}

/* The text of the file is needed only while it is read; the grid of counts stays. */
static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    struct cm_arena scratch = {0};
    struct cm_recording_file csv = {0};
    struct cm_recording_spec spec = {o->time_column, o->count_column, o->step, o->gaps,
                                     o->bad_rows == SKIP_BAD};
    int bad = source->read(source->self, o->file, file, &scratch, &csv.text, &csv.length, &csv.name,
                           err) ||
              cm_recording_read(&o->recording, &spec, &csv, arena, err);
    cm_arena_release(&scratch);
    if (bad)
        return -1;
    o->note = make_note(o, arena);
    o->file = cm_source_locate(source, o->file, file, arena);
    return 0;
}

static const char *note(const void *options)
{
    const struct options *o = options;
    return o->note;
}

struct state {
    struct cm_rng rng;
    cm_time origin; /* what the recording's clock shows at time 0 */
};

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

static void start(const void *options, void *state, cm_time from, cm_time origin,
                  const struct cm_rng *rng)
{
    struct state *s = state;
    (void)options, (void)from;
    *s = (struct state){.rng = *rng, .origin = origin};
}

static cm_time span(const void *options)
{
    const struct options *o = options;
    return (cm_time)o->recording.n * o->step;
}

/* The recorded step under the clock. Thinning draws once a step, in order, from the path's own
 * stream, so that all policies of a replication see the same requests kept. */
static struct cm_stretch next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    struct state *s = state;
    cm_time clock = s->origin + from;
    if (clock < 0)
        return (struct cm_stretch){.until = from - clock, .since = from};
    if (clock >= span(o))
        return (struct cm_stretch){.until = CM_NEVER, .since = from};
    uint64_t count = o->recording.count[clock / o->step];
    if (o->scale < 1)
        count = cm_draw_binomial(&s->rng, count, o->scale);
    cm_time since = from - clock % o->step;
    return (struct cm_stretch){.until = since + o->step,
                               .rate = (double)count / cm_seconds(o->step),
                               .count = count,
                               .since = since};
}

static double mean_rate(const void *options)
{
    const struct options *o = options;
    return o->scale * o->recording.total / cm_seconds(span(o));
}

const struct cm_arrivals cm_arrivals_replay = {
    .kind = {.name = "replay",
             .summary = "Recorded counts from a CSV file, step by step.",
             .source = "Kingman, Poisson Processes, Oxford 1993, 5.1 (thinning)",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    .recorded = true,
    .state_size = state_size,
    .start = start,
    .next = next,
    .span = span,
    .mean_rate = mean_rate,
    .note = note,
};
