/* Reading and printing the steps of an Argo rollout:
 *
 *     steps = step { "," step }
 *     step  = weight | "pause" [duration] | "analysis" { metric } | "experiment" hook
 *           | "scale" (weight | pods | "match")
 *
 * setWeight, pause, analysis, experiment and setCanaryScale of a manifest. A mistake points at its
 * own step. */
#include "sim/controllers/type_argo_steps.h"

#include <math.h>
#include <string.h>

#include "sim/base/reading.h"
#include "sim/base/type.h"

enum { WORDS_MAX = CM_ARGO_NAMES_MAX + 1 };

struct words {
    struct cm_slice word[WORDS_MAX];
    size_t n;
};

/* Moves an error of a part to where the part stands in the value. */
static int moved(const struct cm_reading *r, struct cm_slice part, const struct cm_err *why)
{
    return CM_FAIL_AT(r, cm_reading_wrong(part, why), "%s", why->text);
}

static const char *text_of(const struct cm_reading *r, struct cm_slice word)
{
    return cm_arena_text(r->arena, word.at, word.length);
}

/* Words between blanks. */
static int split(const struct cm_reading *r, struct cm_slice part, struct words *words)
{
    struct cm_slice rest = part, word;
    *words = (struct words){.n = 0};
    while (cm_slice_cut(&rest, ' ', &word)) {
        if (word.length == 0)
            continue;
        if (words->n == WORDS_MAX)
            return CM_FAIL_AT(r, word, "an analysis has at most %d metrics", CM_ARGO_NAMES_MAX);
        words->word[words->n++] = word;
    }
    if (words->n == 0)
        return cm_fail_at(r->err, (size_t)(part.at - r->text), 1,
                          "a step is missing (20%%, pause 10m, analysis errors)");
    return 0;
}

static int read_share(const struct cm_reading *r, struct cm_slice word, double *share)
{
    struct cm_err why = {0};
    if (cm_units_read(text_of(r, word), CM_RATIO, share, &why))
        return moved(r, word, &why);
    if (!(*share >= 0 && *share <= 1))
        return CM_FAIL_AT(r, word, "weight %.*s is outside [0%%, 100%%]", cm_shown(word), word.at);
    return 0;
}

static int read_pods(const struct cm_reading *r, struct cm_slice word, int *pods)
{
    const int largest = 1000;
    struct cm_err why = {0};
    int64_t count;
    if (cm_units_read_count(text_of(r, word), &count, &why))
        return moved(r, word, &why);
    if (count < 0 || count > largest)
        return CM_FAIL_AT(r, word, "%.*s pods are outside [0, %d]", cm_shown(word), word.at,
                          largest);
    *pods = (int)count;
    return 0;
}

static int read_pause(const struct cm_reading *r, const struct words *w, struct cm_argo_item *item)
{
    struct cm_err why = {0};
    item->duration = CM_NO_DURATION;
    if (w->n == 1)
        return 0;
    if (w->n > 2)
        return CM_FAIL_AT(r, w->word[2], "a pause has one length (pause 10m)");
    if (cm_units_read_time(text_of(r, w->word[1]), &item->duration, &why))
        return moved(r, w->word[1], &why);
    if (item->duration < 0 || (double)item->duration > CM_MAX_DURATION)
        return CM_FAIL_AT(r, w->word[1], "pause %.*s is outside [0s, 1y]", cm_shown(w->word[1]),
                          w->word[1].at);
    return 0;
}

static int read_scale(const struct cm_reading *r, const struct words *w, struct cm_argo_item *item)
{
    if (w->n != 2)
        return CM_FAIL_AT(r, w->word[0],
                          "a scale is a weight, a number of pods or match (scale "
                          "50%%, scale 3, scale match)");
    struct cm_slice to = w->word[1];
    bool share = to.at[to.length - 1] == '%';
    item->scale = cm_slice_is(to, "match") ? CM_ARGO_MATCH
                  : share                  ? CM_ARGO_SCALE_WEIGHT
                                           : CM_ARGO_SCALE_PODS;
    if (item->scale == CM_ARGO_MATCH)
        return 0;
    return share ? read_share(r, to, &item->share) : read_pods(r, to, &item->pods);
}

static int read_names(const struct cm_reading *r, const struct words *w, struct cm_argo_item *item)
{
    const char **names = cm_arena_alloc(r->arena, w->n * sizeof *names);
    for (size_t i = 1; i < w->n; i++) {
        if (!cm_text_is_name(w->word[i]))
            return CM_FAIL_AT(r, w->word[i], "'%.*s' is not a name (a-z, then a-z, 0-9 and -)",
                              cm_shown(w->word[i]), w->word[i].at);
        names[i - 1] = text_of(r, w->word[i]);
    }
    item->names = names;
    item->n_names = w->n - 1;
    return 0;
}

static int read_experiment(const struct cm_reading *r, const struct words *w,
                           struct cm_argo_item *item)
{
    if (w->n == 1)
        return CM_FAIL_AT(r, w->word[0],
                          "an experiment names the hook that knows its verdict "
                          "(experiment load-test)");
    if (w->n > 2)
        return CM_FAIL_AT(r, w->word[2],
                          "of an experiment only the verdict counts: traffic to its "
                          "own versions (weight destinations) cannot be had");
    return read_names(r, w, item);
}

static int refuse(const struct cm_reading *r, struct cm_slice word)
{
    static const char *const unheard[] = {"setHeaderRoute", "setMirrorRoute", "plugin"};
    for (size_t i = 0; i < sizeof unheard / sizeof *unheard; i++)
        if (cm_slice_is(word, unheard[i]))
            return CM_FAIL_AT(r, word,
                              "%s is not modelled: the canary gets its weight of all requests",
                              unheard[i]);
    return CM_FAIL_AT(r, word,
                      "'%.*s' is no step (20%%, pause, pause 10m, analysis errors, scale 3, "
                      "experiment load-test)",
                      cm_shown(word), word.at);
}

static int read_step(const struct cm_reading *r, struct cm_slice part, struct cm_argo_item *item)
{
    static const struct {
        const char *word;
        int (*read)(const struct cm_reading *r, const struct words *w, struct cm_argo_item *item);
    } kinds[] = {[CM_ARGO_PAUSE] = {"pause", read_pause},
                 [CM_ARGO_ANALYSE] = {"analysis", read_names},
                 [CM_ARGO_RESCALE] = {"scale", read_scale},
                 [CM_ARGO_EXPERIMENT] = {"experiment", read_experiment}};
    struct words w;
    *item = (struct cm_argo_item){.kind = CM_ARGO_WEIGH};
    if (split(r, part, &w))
        return -1;
    for (unsigned k = CM_ARGO_PAUSE; k <= CM_ARGO_EXPERIMENT; k++) {
        if (!cm_slice_is(w.word[0], kinds[k].word))
            continue;
        item->kind = k;
        return kinds[k].read(r, &w, item);
    }
    if (!strchr("0123456789.+-", *w.word[0].at))
        return refuse(r, w.word[0]);
    if (w.n > 1)
        return CM_FAIL_AT(r, w.word[1], "a comma is missing before '%.*s'", cm_shown(w.word[1]),
                          w.word[1].at);
    return read_share(r, w.word[0], &item->share);
}

static int steps_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_argo_item *list = cm_arena_alloc(arena, CM_ARGO_STEPS_MAX * sizeof *list);
    struct cm_argo_items items = {0, list}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    bool none = strcmp(text, "none") == 0;
    (void)row;
    while (!none && cm_slice_cut(&rest, ',', &part)) {
        if (items.n == CM_ARGO_STEPS_MAX)
            return CM_FAIL_AT(&r, part, "a rollout has at most %d steps", CM_ARGO_STEPS_MAX);
        if (read_step(&r, part, &list[items.n++]))
            return -1;
    }
    *field = items;
    return 0;
}

static void print_scale(const struct cm_argo_item *item, struct cm_writer to)
{
    cm_print(to, "scale ");
    if (item->scale == CM_ARGO_MATCH)
        cm_print(to, "match");
    else if (item->scale == CM_ARGO_SCALE_PODS)
        cm_print(to, "%d", item->pods);
    else
        cm_units_print(item->share, CM_RATIO, to);
}

static void print_step(const struct cm_argo_item *item, struct cm_writer to)
{
    switch (item->kind) {
    case CM_ARGO_WEIGH:
        cm_units_print(item->share, CM_RATIO, to);
        return;
    case CM_ARGO_RESCALE:
        print_scale(item, to);
        return;
    case CM_ARGO_PAUSE:
        cm_print(to, "pause");
        if (item->duration != CM_NO_DURATION) {
            cm_print(to, " ");
            cm_units_print_time(item->duration, to);
        }
        return;
    case CM_ARGO_ANALYSE:
    case CM_ARGO_EXPERIMENT:
        cm_print(to, "%s", item->kind == CM_ARGO_ANALYSE ? "analysis" : "experiment");
        for (size_t i = 0; i < item->n_names; i++)
            cm_print(to, " %s", item->names[i]);
    }
}

static void steps_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_argo_items *items = value;
    (void)row;
    if (items->n == 0)
        cm_print(to, "none");
    for (size_t i = 0; i < items->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        print_step(&items->list[i], to);
    }
}

const struct cm_type cm_type_argo_steps = {
    .name = "argo steps",
    .accepts = "20%, pause 10m, analysis errors, 50%, pause",
    .parse = steps_parse,
    .print = steps_print,
};

/* --- pods, or a share of them --- */

static int pods_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_slice all = cm_slice_of(text);
    struct cm_argo_bound bound = {CM_ARGO_ABSENT, false}, *field = out;
    double share, percent;
    if (cm_type_is_none(row, text)) {
        *field = bound;
        return 0;
    }
    bound.percent = all.length > 0 && all.at[all.length - 1] == '%';
    if (!bound.percent && read_pods(&r, all, &bound.number))
        return -1;
    if (bound.percent) {
        if (read_share(&r, all, &share))
            return -1;
        percent = nearbyint(100 * share);
        if (fabs(percent - 100 * share) > 1e-9)
            return CM_FAIL_AT(&r, all, "%.*s is no whole percentage", cm_shown(all), all.at);
        bound.number = (int)percent;
    }
    *field = bound;
    return 0;
}

static void pods_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_argo_bound *bound = value;
    (void)row;
    if (bound->number == CM_ARGO_ABSENT)
        cm_print(to, "none");
    else
        cm_print(to, "%d%s", bound->number, bound->percent ? "%" : "");
}

const struct cm_type cm_type_argo_pods = {
    .name = "pods",
    .accepts = "3, 25%",
    .parse = pods_parse,
    .print = pods_print,
};
