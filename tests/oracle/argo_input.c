/* What the adapters of Argo's cases share: reading metrics and runs, comparing what is expected. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/param.h"
#include "tests/oracle/argo.h"

void argo_disagree(struct argo_case *c, const char *format, ...)
{
    va_list args;
    if (c->wrong[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(c->wrong, sizeof c->wrong, format, args);
    va_end(args);
}

bool argo_asks(const struct argo_case *c, const char *key)
{
    return input_given(&c->expect, key);
}

void argo_text(struct argo_case *c, const char *key, const char *got)
{
    const char *want = input_text(&c->expect, key);
    c->asked++;
    if (strcmp(got, want) != 0)
        argo_disagree(c, "%s is \"%s\", not \"%s\"", key, got, want);
}

void argo_flag(struct argo_case *c, const char *key, bool got)
{
    c->asked++;
    if (input_flag(&c->expect, key) != got)
        argo_disagree(c, "%s is %s", key, got ? "true" : "false");
}

void argo_number(struct argo_case *c, const char *key, double got)
{
    double want = input_number(&c->expect, key);
    c->asked++;
    if (!(fabs(got - want) <= 1e-9 * fmax(1, fabs(want))))
        argo_disagree(c, "%s is %.12g, not %.12g", key, got, want);
}

bool argo_null(struct argo_case *c, const char *key, bool absent)
{
    const json_t *want = json_object_get(c->expect.object, key);
    if (!absent && !json_is_null(want))
        return false;
    c->asked++;
    if (want == NULL)
        inputs_fault(&c->expect, "\"%s\" is missing", key);
    else if (!absent || !json_is_null(want))
        argo_disagree(c, "%s is %s", key, absent ? "absent, but one is expected" : "not absent");
    return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool absent(const struct inputs *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    return value == NULL || json_is_null(value);
}

int64_t argo_int(struct inputs *in, const char *key)
{
    if (absent(in, key))
        return CM_ARGO_UNSET;
    const json_t *value = json_object_get(in->object, key);
    double x = 0;
    bool number = input_value(value, &x);
    if (!number && !json_is_string(value))
        inputs_fault(in, "\"%s\" is no number", key);
    if (!(fabs(x) <= 1e12)) {
        inputs_fault(in, "\"%s\" is absurd", key);
        x = 0;
    }
    return (int64_t)x;
}

bool argo_go_duration(const char *text, cm_time *out)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}};
    double sum = 0, sign = *text == '-' ? -1 : 1;
    text += *text == '-' || *text == '+';
    *out = 0;
    if (strcmp(text, "0") == 0)
        return true;
    if (*text == '\0')
        return false;
    while (*text != '\0') {
        char *end;
        if (!isdigit((unsigned char)*text) && *text != '.')
            return false;
        double x = strtod(text, &end);
        size_t length = strcspn(end, "0123456789."), unit = 0;
        while (unit < 6 &&
               (strlen(units[unit].name) != length || strncmp(units[unit].name, end, length) != 0))
            unit++;
        if (end == text || unit == 6)
            return false;
        sum += x * units[unit].ns;
        text = end + length;
    }
    *out = sum < 9e18 ? (cm_time)(sign * sum) : CM_NEVER;
    return sum < 9e18;
}

cm_time argo_seconds(struct inputs *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    cm_time t;
    if (absent(in, key))
        return CM_NO_DURATION;
    if (json_is_string(value))
        return argo_go_duration(json_string_value(value), &t) ? t : CM_ARGO_BAD_TIME;
    return cm_from_seconds(input_within(in, key, -1e9, 1e9));
}

cm_time argo_instant(struct inputs *in, const char *key)
{
    double seconds = input_within(in, key, -1e9, 1e9);
    return in->wrong ? 0 : cm_from_seconds(seconds);
}

enum cm_argo_phase argo_phase(struct inputs *in, const char *key)
{
    if (absent(in, key))
        return CM_ARGO_NONE;
    return (enum cm_argo_phase)input_choice(in, key, cm_argo_phase_names);
}

struct inputs argo_inside(const json_t *object)
{
    struct inputs in = {.object = object};
    if (!json_is_object(object))
        inputs_fault(&in, "there is no object where one should be");
    return in;
}

void argo_hand_up(struct argo_case *c, struct inputs *inside)
{
    if (inside->wrong)
        inputs_fault(&c->in, "%s", inside->err.text);
    inputs_release(inside);
}

/* --- metrics and runs ------------------------------------------------------------------------- */

struct cm_argo_metric argo_metric(struct inputs *in)
{
    struct cm_argo_metric m = cm_argo_metric_of("m");
    if (input_given(in, "name"))
        m.name = input_text(in, "name");
    m.count = argo_int(in, "count");
    m.failure_limit = argo_int(in, "failure_limit");
    m.inconclusive_limit = argo_int(in, "inconclusive_limit");
    m.consecutive_error_limit = argo_int(in, "consecutive_error_limit");
    m.consecutive_success_limit = argo_int(in, "consecutive_success_limit");
    m.interval = argo_seconds(in, input_given(in, "interval") ? "interval" : "interval_s");
    m.initial_delay =
        argo_seconds(in, input_given(in, "initial_delay") ? "initial_delay" : "initial_delay_s");
    if (input_given(in, "providers"))
        m.providers = (int)input_within(in, "providers", 0, 1000);
    return m;
}

struct cm_argo_counts argo_counts(const json_t *object)
{
    struct cm_argo_counts counts = {0};
    const struct {
        const char *key;
        int64_t *to;
    } members[] = {{"count", &counts.count},
                   {"successful", &counts.successful},
                   {"failed", &counts.failed},
                   {"inconclusive", &counts.inconclusive},
                   {"error", &counts.error},
                   {"consecutive_error", &counts.consecutive_error},
                   {"consecutive_success", &counts.consecutive_success}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        *members[i].to = (int64_t)json_integer_value(json_object_get(object, members[i].key));
    return counts;
}

static void read_measurement(struct argo_case *c, const json_t *object,
                             struct cm_argo_measurement *m)
{
    struct inputs in = argo_inside(object);
    m->phase = argo_phase(&in, "phase");
    m->started = absent(&in, "started") ? 0 : argo_instant(&in, "started");
    bool given = input_given(&in, "finished");
    m->finished = !absent(&in, "finished")                ? argo_instant(&in, "finished")
                  : given || !cm_argo_completed(m->phase) ? CM_NEVER
                                                          : 0;
    m->resume_at = argo_seconds(&in, "resume_at");
    argo_hand_up(c, &in);
}

static void read_result(struct argo_case *c, const json_t *object, struct argo_run *r)
{
    struct inputs in = argo_inside(object);
    const char *name = input_text(&in, "name");
    size_t i = 0;
    while (i < r->spec.n && strcmp(r->metrics[i].name, name) != 0)
        i++;
    if (i == r->spec.n) {
        inputs_fault(&in, "there is no metric \"%.60s\"", name);
    } else {
        struct cm_argo_result *to = &r->run->results[i];
        const json_t *taken = json_object_get(object, "measurements");
        to->exists = true;
        to->phase = argo_phase(&in, "phase");
        to->counts = argo_counts(json_object_get(object, "counters"));
        to->measurements = json_array_size(taken);
        if (to->measurements > 0)
            read_measurement(c, json_array_get(taken, to->measurements - 1), &to->last);
        r->metrics[i].dry_run = r->metrics[i].dry_run || input_flag_or(&in, "dry_run", false);
        r->messages[i] = absent(&in, "message") ? NULL : input_text(&in, "message");
    }
    argo_hand_up(c, &in);
}

size_t argo_strings(struct argo_case *c, const char *key, const char **out, size_t most)
{
    const json_t *list = json_object_get(c->in.object, key);
    size_t n = json_array_size(list);
    if (n > most)
        inputs_fault(&c->in, "\"%s\" is too long", key);
    for (size_t i = 0; i < n && i < most; i++) {
        const json_t *item = json_array_get(list, i);
        if (json_is_object(item))
            item = json_object_get(item, "metric_name");
        out[i] = json_is_string(item) ? json_string_value(item) : "";
        if (!json_is_string(item))
            inputs_fault(&c->in, "\"%s\" holds something that is no string", key);
    }
    return n < most ? n : most;
}

void argo_metrics_read(struct argo_case *c, struct argo_run *r)
{
    const json_t *list = json_object_get(c->in.object, "metrics");
    size_t n = json_array_size(list);
    if (n > ARGO_METRICS) {
        inputs_fault(&c->in, "there are too many metrics");
        n = 0;
    }
    *r = (struct argo_run){.spec = {.metrics = r->metrics, .n = n}};
    for (size_t i = 0; i < n; i++) {
        struct inputs in = argo_inside(json_array_get(list, i));
        r->metrics[i] = argo_metric(&in);
        argo_hand_up(c, &in);
    }
    r->run = cm_arena_alloc(&c->in.memory, cm_argo_run_size(n));
    cm_argo_run_start(r->run, n);
}

void argo_run_read(struct argo_case *c, struct argo_run *r)
{
    const char *rules[ARGO_METRICS];
    struct cm_err err;
    argo_metrics_read(c, r);
    size_t n = argo_strings(c, "dry_run", rules, ARGO_METRICS);
    if (cm_argo_dry_run(rules, n, r->metrics, r->spec.n, &err))
        inputs_fault(&c->in, "%s", err.text);
    const json_t *results = json_object_get(c->in.object, "results");
    for (size_t i = 0; i < json_array_size(results); i++)
        read_result(c, json_array_get(results, i), r);
    r->run->terminate = input_flag_or(&c->in, "terminate", false);
    if (!absent(&c->in, "started_at"))
        r->run->started = argo_instant(&c->in, "started_at");
}

/* --- what came out ---------------------------------------------------------------------------- */

static void compare_phases(struct argo_case *c, const struct argo_run *r)
{
    const json_t *want = json_object_get(c->expect.object, "metric_phases");
    size_t n = 0;
    c->asked++;
    for (size_t i = 0; i < r->spec.n; i++) {
        const json_t *one = json_object_get(want, r->metrics[i].name);
        const char *got = cm_argo_phase_names[r->run->results[i].phase];
        n += one != NULL;
        if (one != NULL && strcmp(got, json_is_string(one) ? json_string_value(one) : "?") != 0)
            argo_disagree(c, "metric %s is \"%s\"", r->metrics[i].name, got);
        if (json_object_size(want) == 0 && r->run->results[i].exists)
            argo_disagree(c, "metric %s has a status", r->metrics[i].name);
    }
    if (n != json_object_size(want))
        argo_disagree(c, "metric_phases names other metrics");
}

void argo_run_compare(struct argo_case *c, const struct argo_run *r)
{
    char message[300];
    int culprit = r->run->why.metric;
    cm_argo_message(&r->spec, r->run, culprit >= 0 ? r->messages[culprit] : NULL, message,
                    sizeof message);
    if (argo_asks(c, "message"))
        argo_text(c, "message", message);
    if (argo_asks(c, "metric_phases"))
        compare_phases(c, r);
}

void argo_names(struct argo_case *c, const char *key, const struct argo_run *r, const bool *chosen)
{
    const json_t *want = json_object_get(c->expect.object, key);
    size_t n = 0, at;
    const json_t *name;
    c->asked++;
    for (size_t i = 0; i < r->spec.n; i++) {
        bool named = false;
        json_array_foreach(want, at, name) named =
            named ||
            (json_is_string(name) && strcmp(json_string_value(name), r->metrics[i].name) == 0);
        n += chosen[i];
        if (named != chosen[i])
            argo_disagree(c, "%s %s %s", key, chosen[i] ? "has" : "lacks", r->metrics[i].name);
    }
    if (n != json_array_size(want))
        argo_disagree(c, "%s has %zu names, not %zu", key, n, json_array_size(want));
}
