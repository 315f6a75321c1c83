/* A condition is asked of every policy and of every triple of releases: one that measures of good
 * releases are about, one for those of bad ones, one for those of any. There are few releases, and
 * most triples give the same answers; nothing is gained by being clever. */
#include "analysis/until.h"

#include <math.h>
#include <string.h>

#include "sim/base/reading.h"

/* What names mean at one triple. */
struct asking {
    const struct cm_results *results;
    size_t policy;
    int good, bad, each;
    bool dry; /* only whether names and units are right */
};

/* --- names --- */

static const struct cm_measure *find(struct cm_slice name)
{
    for (const struct cm_measure *const *m = cm_measures; *m; m++)
        if (cm_slice_is(name, (*m)->name))
            return *m;
    return NULL;
}

static void say_unknown(struct cm_slice name, struct cm_err *err)
{
    struct cm_arena arena = {0};
    struct cm_guess guess = cm_guess_start(cm_arena_text(&arena, name.at, name.length));
    for (const struct cm_measure *const *m = cm_measures; *m; m++)
        cm_guess_try(&guess, (*m)->name);
    if (guess.best)
        cm_fail(err, "there is no measure '%.*s' (did you mean '%s'?)", cm_shown(name), name.at,
                guess.best);
    else
        cm_fail(err,
                "there is no measure '%.*s' (false_rollback, missed, detection, "
                "detection_time.median, blast_radius.failures, ...: docs/model/measures.md)",
                cm_shown(name), name.at);
    cm_arena_release(&arena);
}

static void say_statistics(const struct cm_measure *m, struct cm_slice word, struct cm_err *err)
{
    struct cm_buffer list = {0};
    for (size_t i = 0; m->statistics[i]; i++)
        cm_print(cm_buffer_writer(&list), "%s%s", i ? ", " : "", m->statistics[i]);
    cm_fail(err, "%s has no '%.*s'; it has %s", m->name, cm_shown(word), word.at, list.text);
    cm_buffer_release(&list);
}

int cm_measure_named(struct cm_slice name, const struct cm_measure **measure,
                     const char **statistic, struct cm_err *err)
{
    size_t dot = name.length;
    *statistic = NULL;
    *measure = find(name);
    if (*measure)
        return 0;
    while (dot > 0 && name.at[dot - 1] != '.')
        dot--;
    *measure = dot > 0 ? find((struct cm_slice){name.at, dot - 1}) : NULL;
    if (!*measure) {
        say_unknown(name, err);
        return -1;
    }
    struct cm_slice word = {name.at + dot, name.length - dot};
    for (size_t i = 0; (*measure)->statistics[i]; i++)
        if (cm_slice_is(word, (*measure)->statistics[i]))
            *statistic = (*measure)->statistics[i];
    if (!*statistic)
        say_statistics(*measure, word, err);
    return *statistic ? 0 : -1;
}

struct cm_value cm_measure_value(const struct cm_measure *measure, const struct cm_estimate *e)
{
    struct cm_value value =
        cm_value_number(e->value, measure->type == CM_COLUMN_SHARE      ? CM_RATIO
                                  : measure->type == CM_COLUMN_DURATION ? CM_SECONDS
                                                                        : CM_PURE);
    value.low = e->low;
    value.high = e->high;
    return value;
}

/* --- releases --- */

/* The next release after `release` that is harmless or not; -2 = there is none. */
static int next(const struct cm_results *r, int release, bool harmless)
{
    for (release++; release + 1 < (int)r->n_releases; release++)
        if (cm_results_harmless(r, release) == harmless)
            return release;
    return -2;
}

static int release_of(const struct asking *a, const struct cm_measure *m)
{
    switch (m->about) {
    case CM_ABOUT_GOOD:
        return a->good;
    case CM_ABOUT_BAD:
        return a->bad;
    case CM_ABOUT_EACH:
        return a->each;
    case CM_ABOUT_POLICY:
        break;
    }
    return CM_ALL_RELEASES;
}

static int look_up(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *err)
{
    const struct asking *a = self;
    const struct cm_estimate unknown = {(double)NAN, (double)NAN, (double)NAN, 0};
    const struct cm_measure *measure;
    const char *statistic;
    if (cm_measure_named(name, &measure, &statistic, err))
        return -1;
    int release = release_of(a, measure);
    if (measure->about == CM_ABOUT_BAD && release == -2)
        return cm_fail(err, "%s is about bad releases, and the scenario has none", measure->name);
    if (!cm_measure_applies(measure, a->results, release))
        return cm_fail(err, "%s is not measured here: what it needs is not in the scenario",
                       measure->name);
    struct cm_estimate e =
        a->dry ? unknown : cm_measure_one(a->results, measure->name, statistic, a->policy, release);
    *value = cm_measure_value(measure, &e);
    return 0;
}

/* One triple. */
static int ask(const struct cm_expr *condition, struct asking *a, bool *holds, struct cm_err *err)
{
    struct cm_scope scope = {a, look_up};
    return cm_expr_holds(condition, &scope, holds, err);
}

int cm_until_check(const struct cm_expr *condition, const struct cm_results *results,
                   struct cm_err *err)
{
    struct asking a = {results, 0, -1, next(results, -2, false), -1, true};
    bool holds;
    return ask(condition, &a, &holds, err);
}

/* All choices for the kinds of one policy. */
bool cm_until_holds(const struct cm_expr *condition, const struct cm_results *r, size_t policy)
{
    struct cm_err err = {0};
    bool holds = true;
    for (int good = -1; good != -2 && holds; good = next(r, good, true)) {
        int bad = next(r, -2, false);
        do {
            for (int each = -1; each + 1 < (int)r->n_releases && holds; each++) {
                struct asking a = {r, policy, good, bad, each, false};
                if (ask(condition, &a, &holds, &err))
                    return false;
            }
            bad = bad == -2 ? -2 : next(r, bad, false);
        } while (bad != -2 && holds);
    }
    return holds;
}
