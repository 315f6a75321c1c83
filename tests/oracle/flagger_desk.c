/* A desk for Flagger's controller: hooks, metrics, pods and revisions as a case has them, and
 * everything that it says put into Flagger's words.
 *
 * Metrics go through the product's own gate: the backend's number becomes a signal. A rollback hook
 * that answers is one that objects. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/controllers/sentence.h"
#include "tests/oracle/flagger.h"

uint64_t flagger_revision(const char *name)
{
    return name && name[0] == 'v' ? strtoull(name + 1, NULL, 10) - 1 : CM_NO_REVISION;
}

/* An input of this tick, or the default. */
static const json_t *input(const struct flagger_desk *d, const char *group, const char *key)
{
    const json_t *now = json_object_get(d->inputs, group),
                 *usual = json_object_get(d->defaults, group);
    if (!key)
        return now ? now : usual;
    const json_t *answer = json_object_get(now, key);
    return answer ? answer : json_object_get(usual, key);
}

/* --- pods --- */

/* "ready", "wait[:words]", "stuck[:words]"; the numbers are those of the words. */
static struct cm_pods pods_of(const char *text)
{
    struct cm_pods pods = {.wanted = 1, .updated = 1, .available = 1};
    const char *words = text ? strchr(text, ':') : NULL;
    int x, n;
    if (!text || strncmp(text, "ready", 5) == 0)
        return pods;
    pods.stuck = strncmp(text, "stuck", 5) == 0;
    pods.available = 0;
    if (words && sscanf(words, ":waiting for rollout to finish: %d of %d", &x, &n) == 2) {
        pods.wanted = pods.updated = n;
        pods.available = x;
    } else if (words && sscanf(words, ":waiting for rollout to finish: %d old", &x) == 1) {
        pods.old = x;
    }
    return pods;
}

/* --- hooks --- */

static struct cm_verdict ask_hook(struct flagger_desk *d, int id)
{
    const char *name = d->spec->hooks[id];
    const json_t *answer = input(d, "hooks", name);
    bool rollback = d->spec->types[id] == CM_ROLLBACK_HOOK;
    bool succeeds = answer ? json_is_true(answer) : !rollback;
    json_array_append_new(d->hook_calls, json_string(name));
    d->hook_said = json_is_string(answer) ? json_string_value(answer) : "hook failed";
    return cm_verdict_of(succeeds != rollback ? CM_PASS : CM_FAIL, -1);
}

/* --- metrics --- */

static const json_t *backend(const struct flagger_desk *d, const struct flagger_metric *m)
{
    const json_t *answer = input(d, "metrics", m->key);
    if (!answer && m->other_key)
        answer = input(d, "metrics", m->other_key);
    return answer ? answer : input(d, "metrics", "*");
}

/* The backend's unit to the metric's: percents that succeed to errors, milliseconds to seconds. */
static double in_our_unit(const struct flagger_desk *d, const struct flagger_metric *m, double x)
{
    int provider = d->spec->options.provider;
    bool seconds = provider == CM_KUBERNETES || provider == CM_GATEWAYAPI;
    if (m->reads == SUCCESS_RATE)
        return 1 - x / 100;
    return m->reads == DURATION && !seconds ? x / 1000 : x;
}

static struct cm_verdict ask_gate(struct flagger_desk *d, int id)
{
    const struct flagger_metric *m = &d->spec->metrics[id];
    if (m->missing)
        return cm_verdict_of(CM_GATE_ERROR, -1);
    const json_t *answer = backend(d, m);
    const char *word = json_string_value(answer);
    struct cm_signal signal = {.value = {NAN, NAN, NAN}, .state = {CM_NO_DATA}};
    signal.state[CM_CANARY] = CM_NO_DATA;
    if (word && strcmp(word, "error") == 0)
        signal.state[CM_CANARY] = CM_GATE_ERROR;
    if (json_is_number(answer)) {
        signal.state[CM_CANARY] = CM_PASS;
        signal.value[CM_CANARY] = in_our_unit(d, m, json_number_value(answer));
    }
    d->queries++;
    const struct cm_look look = {.now = d->face.now, .signals = &signal, .n_signals = 1};
    return m->gate->look(m->options, NULL, &look);
}

/* --- the desk --- */

static const struct cm_answer *ask(void *self, enum cm_ask what, int id)
{
    struct flagger_desk *d = self;
    struct cm_answer *answer = &d->answer;
    answer->at = d->face.now;
    answer->route = d->route;
    answer->revision = d->target;
    answer->verdict = &d->verdict;
    answer->pods[CM_STABLE] = pods_of(json_string_value(input(d, "primary_ready", NULL)));
    answer->pods[CM_CANARY] = pods_of(json_string_value(input(d, "canary_ready", NULL)));
    if (what == CM_ASK_HOOK)
        d->verdict = ask_hook(d, id);
    if (what == CM_ASK_GATE)
        d->verdict = ask_gate(d, id);
    return answer;
}

static void order(void *self, const struct cm_order *o)
{
    struct flagger_desk *d = self;
    if (o->kind == CM_SET_ROUTE)
        d->route = o->route;
    if (o->kind == CM_FINISH)
        d->end = o->end;
    d->restarted |= o->kind == CM_RESTART;
}

static bool is(const char *blank, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(blank, word, length) == 0;
}

/* Canary and target podinfo, namespace test. */
static void write_word(const void *self, const char *blank, size_t length, int id,
                       struct cm_writer to)
{
    const struct flagger_desk *d = self;
    if (is(blank, length, "app"))
        cm_print(to, "podinfo");
    else if (is(blank, length, "ns"))
        cm_print(to, ".test");
    else if (is(blank, length, "hook"))
        cm_print(to, "%s", d->spec->hooks[id]);
    else if (is(blank, length, "gate"))
        cm_print(to, "%s", d->spec->metrics[id].name);
    else if (is(blank, length, "provider"))
        cm_print(to, "%s", cm_flagger_providers[d->spec->options.provider]);
    else if (is(blank, length, "error"))
        cm_print(to, "%s", d->hook_said);
}

/* A template that is not there cannot be referred to in a scenario: only here it has words. */
static void write_event(const struct flagger_desk *d, int sentence, const struct cm_evidence *why,
                        struct cm_writer to)
{
    const struct cm_words words = {d, write_word};
    const struct flagger_metric *m = &d->spec->metrics[why->id];
    if (sentence != CM_FLAGGER_METRIC_BROKEN || !m->missing) {
        cm_sentence_write(cm_flagger_sentences[sentence], why, &words, to);
        return;
    }
    const char *name = m->key + strlen("tmpl:");
    cm_print(to, "Metric template %s.test error: metrictemplate.flagger.app \"%s\" not found", name,
             name);
}

static void say(void *self, int sentence, const struct cm_evidence *why)
{
    struct flagger_desk *d = self;
    struct cm_buffer text = {0};
    write_event(d, sentence, why, cm_buffer_writer(&text));
    json_array_append_new(d->events,
                          json_pack("{s:s, s:s}", "type",
                                    sentence < CM_FLAGGER_WARNINGS ? "Normal" : "Warning",
                                    "message", text.text));
    d->promotions += sentence == CM_FLAGGER_COPIES;
    cm_buffer_release(&text);
}

void flagger_desk_begin(struct flagger_desk *desk, cm_time now, const json_t *inputs)
{
    flagger_desk_release(desk);
    desk->face = (struct cm_desk){.self = desk, .now = now, .ask = ask, .order = order, .say = say};
    desk->inputs = inputs;
    desk->end = CM_ENDS;
    desk->restarted = false;
    desk->queries = 0;
    desk->hook_calls = json_array();
    desk->events = json_array();
}

void flagger_desk_release(struct flagger_desk *desk)
{
    json_decref(desk->hook_calls);
    json_decref(desk->events);
    desk->hook_calls = desk->events = NULL;
}
