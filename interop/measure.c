/* What cannot be classified is guessed from the metric's name, said so, and asked for: an import
 * should run, and nobody should take its guess for the manifest's word. */
#include "interop/measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/base/units.h"

enum { LONGEST = 32 * 1024 };

/* --- guesses --- */

static bool says(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (strstr(name, *words))
            return true;
    return false;
}

/* The largest limit tells the scale: nobody asks for less than 0.05 % or for 50,000 %. */
static double largest(const struct cm_question *question)
{
    double most = 0;
    for (size_t i = 0; i < question->n_limits; i++)
        if (!isnan(question->limits[i]) && fabs(question->limits[i]) > most)
            most = fabs(question->limits[i]);
    return most;
}

/* What a metric of this name measures elsewhere. */
static struct cm_promql guess(const struct cm_question *question)
{
    static const char *const success[] = {"success", "availab", NULL};
    static const char *const errors[] = {"error", "fail", "5xx", "500", NULL};
    static const char *const slow[] = {"latenc", "duration", "time", "p99", "p95", "p90", NULL};
    const double share = 1.0, seconds = 20;
    struct cm_promql query = {.window_s = NAN, .scale = 1, .unit_known = true};
    double limit = largest(question);
    if (says(question->name, success))
        query.shape = CM_PROMQL_SUCCESS_RATIO;
    else if (says(question->name, errors))
        query.shape = CM_PROMQL_ERROR_RATIO;
    else if (says(question->name, slow))
        query.shape = CM_PROMQL_QUANTILE;
    if (query.shape == CM_PROMQL_QUANTILE) {
        query.quantile = 0.99;
        query.scale = limit > seconds ? 1000 : 1;
    } else if (query.shape == CM_PROMQL_SUCCESS_RATIO) {
        query.scale = limit > share ? 100 : 1;
    } else if (query.shape == CM_PROMQL_ERROR_RATIO) {
        query.scale = limit >= share ? 100 : 1;
    }
    return query;
}

static const char *unit_word(const struct cm_promql *query)
{
    bool is_time = query->shape == CM_PROMQL_QUANTILE || query->shape == CM_PROMQL_MEAN;
    if (is_time)
        return query->scale == 1000 ? " in milliseconds" : " in seconds";
    return query->scale == 100 ? " in percent" : "";
}

static const char *described(enum cm_promql_shape shape)
{
    return shape == CM_PROMQL_QUANTILE      ? "a latency quantile"
           : shape == CM_PROMQL_ERROR_RATIO ? "an error ratio"
                                            : "a success ratio";
}

/* Says what was taken for what, and that it is a question. */
static struct cm_measured ask(struct cm_draft *d, const struct cm_question *question,
                              const struct cm_promql *nearest, const char *why)
{
    struct cm_notes *notes = d->reader->notes;
    struct cm_place place = cm_yaml_place(question->at);
    struct cm_promql query = guess(question);
    if (nearest->shape == CM_PROMQL_QUANTILE || nearest->shape == CM_PROMQL_SUCCESS_RATIO ||
        nearest->shape == CM_PROMQL_ERROR_RATIO) {
        struct cm_promql named = query;
        query.shape = nearest->shape;
        if (query.shape != named.shape)
            query.scale = query.shape == CM_PROMQL_QUANTILE || largest(question) <= 1 ? 1 : 100;
        query.quantile = nearest->quantile > 0 ? nearest->quantile : 0.99;
        query.window_s = nearest->window_s;
    }
    if (query.shape == CM_PROMQL_UNKNOWN) {
        cm_notes_add(notes, CM_NOTE_ASKED, place,
                     "metric '%.60s': %s; what it measures cannot be told, so it is left out: give "
                     "it a [metric.NAME] and a gate",
                     question->name, why);
        return (struct cm_measured){.query = *nearest};
    }
    struct cm_measured m = cm_measure_as(d, question, &query);
    cm_notes_add(notes, CM_NOTE_ASKED, place,
                 "metric '%.60s': %s; taken for %s%s: say what it measures in [metric.%s]",
                 question->name, why, described(query.shape), unit_word(&query), m.name);
    return m;
}

/* --- sections --- */

static const char *signal_of(const struct cm_promql *query)
{
    static const char *const signals[CM_PROMQL_SHAPES] = {
        [CM_PROMQL_SUCCESS_RATIO] = "error_ratio",
        [CM_PROMQL_ERROR_RATIO] = "error_ratio",
        [CM_PROMQL_QUANTILE] = "latency_quantile",
        [CM_PROMQL_MEAN] = "latency_mean",
        [CM_PROMQL_RATE] = "rate",
    };
    return signals[query->shape == CM_PROMQL_COMPARISON ? query->of : query->shape];
}

static void write_window(struct cm_draft *d, const struct cm_question *question,
                         const struct cm_promql *query)
{
    bool own = !isnan(query->window_s);
    double window = own ? query->window_s : question->window_s;
    const struct cm_node *from = own ? question->at : question->window_at;
    if (isnan(window) || window <= 0)
        cm_draft_assume(d, "window", "1m");
    else
        cm_draft_key(d, from, "window", "%s", cm_draft_time(d, window));
}

/* What guards do to a missing value cannot be said in a metric. */
static void note_guard(struct cm_draft *d, const struct cm_question *question,
                       const struct cm_promql *query)
{
    struct cm_place place = cm_yaml_place(question->at);
    if (query->guard == CM_PROMQL_NO_GUARD)
        return;
    cm_notes_add(d->reader->notes, CM_NOTE_IGNORED, place,
                 "metric '%.60s': the query's guard (%s): a metric without data has no value here",
                 question->name, cm_promql_guards[query->guard]);
}

/* Shapes that metrics do not have. */
static const char *refusal(const struct cm_promql *query)
{
    if (query->shape == CM_PROMQL_GAUGE)
        return "a gauge, of which a scenario has to say how it moves ([gauge.NAME])";
    if (query->guard == CM_PROMQL_BOOL)
        return "its value is 1 or 0 (bool)";
    if (query->shape == CM_PROMQL_RATE && query->of_errors)
        return "a rate of errors, of which the simulated monitor serves the ratio only";
    if (query->shape == CM_PROMQL_COMPARISON && query->of == CM_PROMQL_GAUGE)
        return "a comparison of gauges";
    if (query->version == CM_PROMQL_STABLE)
        return "it reads the stable version";
    return NULL;
}

struct cm_measured cm_measure_as(struct cm_draft *d, const struct cm_question *question,
                                 const struct cm_promql *query)
{
    struct cm_measured m = {.query = *query};
    m.name = cm_draft_name(d, "metric", question->name);
    cm_draft_section(d, "metric", m.name);
    if (*query->series)
        cm_draft_remark(d, "%s of %s", cm_promql_names[query->shape], query->series);
    cm_draft_key(d, question->at, "signal", "%s", signal_of(query));
    if (signal_of(query) && strcmp(signal_of(query), "latency_quantile") == 0)
        cm_draft_key(d, question->at, "quantile", "%s", cm_draft_percent(d, 100 * query->quantile));
    if (query->function && strcmp(query->function, "rate") != 0) {
        cm_draft_key(d, question->at, "function", "%s", query->function);
        d->wants_scrapes = d->wants_scrapes || strcmp(query->function, "irate") == 0;
    }
    if (query->shape == CM_PROMQL_MEAN)
        d->forbids_scrapes = true;
    write_window(d, question, query);
    note_guard(d, question, query);
    return m;
}

struct cm_measured cm_measure(struct cm_draft *d, const struct cm_question *question)
{
    struct cm_promql query = {.window_s = NAN, .scale = 1};
    struct cm_err err = {0};
    if (!question->query)
        return ask(d, question, &query, question->why ? question->why : "no file holds its query");
    if (cm_promql_classify(question->query, &query, &err))
        return ask(d, question, &query, err.text);
    const char *why = refusal(&query);
    if (why)
        return ask(d, question, &query, why);
    bool is_time = query.shape == CM_PROMQL_QUANTILE || query.shape == CM_PROMQL_MEAN;
    if (is_time && !query.unit_known)
        cm_notes_add(d->reader->notes, CM_NOTE_ASSUMED, cm_yaml_place(question->at),
                     "metric '%.60s': series '%s' is in milliseconds; its name does not say",
                     question->name, query.series);
    return cm_measure_as(d, question, &query);
}

const char *cm_measure_limit(struct cm_draft *d, const struct cm_measured *m, double limit)
{
    enum cm_promql_shape shape = m->query.shape;
    double value = limit / m->query.scale;
    struct cm_buffer text = {0};
    if (shape == CM_PROMQL_SUCCESS_RATIO || shape == CM_PROMQL_ERROR_RATIO)
        return cm_draft_percent(d, 100 * value);
    if (shape == CM_PROMQL_QUANTILE || shape == CM_PROMQL_MEAN)
        return cm_draft_time(d, value);
    bool per_second =
        shape == CM_PROMQL_RATE && m->query.function && strcmp(m->query.function, "increase") != 0;
    cm_units_print(value, per_second ? CM_PER_SECOND : CM_PURE, cm_buffer_writer(&text));
    const char *kept = cm_arena_text(d->reader->arena, text.text, text.length);
    cm_buffer_release(&text);
    return kept;
}

/* The smaller one counts: a release has to keep all of them. */
static void keep_smaller(double *kept, double limit)
{
    if (limit > 0 && (*kept <= 0 || limit < *kept))
        *kept = limit;
}

void cm_measure_expect(struct cm_draft *d, const struct cm_measured *m, double limit, bool is_max)
{
    double value = limit / m->query.scale;
    enum cm_promql_shape shape = m->query.shape;
    if (shape == CM_PROMQL_SUCCESS_RATIO && !is_max)
        keep_smaller(&d->error_limit, 1 - value);
    else if (shape == CM_PROMQL_ERROR_RATIO && is_max)
        keep_smaller(&d->error_limit, value);
    else if ((shape == CM_PROMQL_QUANTILE || shape == CM_PROMQL_MEAN) && is_max)
        keep_smaller(&d->latency_limit_s, value);
}

/* --- variables --- */

/* The value of what stands between {{ and }}, or NULL. Argo writes {{args.x}}, Go {{ .x }} as
 * well. */
static const char *value_of(struct cm_slice name, const struct cm_variable *variables, size_t n)
{
    name = cm_slice_trim(name);
    for (size_t i = n; i-- > 0;)
        if (cm_slice_is(name, variables[i].name))
            return variables[i].value;
    return NULL;
}

const char *cm_measure_fill(struct cm_arena *arena, const char *query,
                            const struct cm_variable *variables, size_t n)
{
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    to.write(to.self, "", 0);
    while (*query && text.length < LONGEST) {
        const char *open = strstr(query, "{{"), *close = open ? strstr(open, "}}") : NULL;
        if (!close) {
            to.write(to.self, query, strlen(query));
            break;
        }
        struct cm_slice name = {open + 2, (size_t)(close - open) - 2};
        const char *value = value_of(name, variables, n);
        to.write(to.self, query, (size_t)(open - query));
        if (value)
            to.write(to.self, value, strlen(value));
        else
            to.write(to.self, open, (size_t)(close - open) + 2);
        query = close + 2;
    }
    const char *kept = cm_arena_text(arena, text.text ? text.text : "", text.length);
    cm_buffer_release(&text);
    return kept;
}
