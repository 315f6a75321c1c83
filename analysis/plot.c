/* The list of plots, and what their files share.
 *
 * Labels stand at the ends of curves rather than in a key, so that nobody has to look twice; where
 * curves end close to each other their labels are pushed apart, from below to above and back. */
#include "analysis/plot_parts.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/words.h"
#include "sim/base/list.h"

#define CM_PLOT(name) extern const struct cm_plot cm_plot_##name;
#include "analysis/plots.def"
#undef CM_PLOT

const struct cm_plot *const cm_plots[] = {
#define CM_PLOT(name) &cm_plot_##name,
#include "analysis/plots.def"
#undef CM_PLOT
    NULL,
};

const struct cm_plot *cm_plot_find(const char *name)
{
    for (const struct cm_plot *const *plot = cm_plots; *plot; plot++)
        if (strcmp((*plot)->name, name) == 0)
            return *plot;
    return NULL;
}

/* --- what was played --- */

static const char *release_name(const struct cm_scenario *s, int release)
{
    return release < 0 ? "healthy" : s->defects[release].name;
}

/* The file without its folders: where it lies is nobody's business but the user's. */
static const char *file_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static void say_release(const struct cm_plot_ask *ask, struct cm_writer to)
{
    const struct cm_scenario *s = ask->scenario;
    cm_print(to, ", %s", release_name(s, ask->release));
    if (ask->release >= 0) {
        cm_print(to, " (");
        cm_words_effect(&s->defects[ask->release].effect, 1, to);
        cm_print(to, ")");
    }
}

/* The grey line: enough to tell this picture from its neighbour. */
static void say_about(const struct cm_plot *plot, const struct cm_plot_ask *ask,
                      struct cm_writer to)
{
    const struct cm_scenario *s = ask->scenario;
    if (plot->of == CM_PLOT_OF_STORED) {
        cm_print(to, "%s", file_name(cm_stored_file(ask->stored)));
        return;
    }
    cm_print(to, "%s", file_name(s->file));
    if (plot->of == CM_PLOT_OF_ROLLOUT || plot->of == CM_PLOT_OF_RELEASE)
        say_release(ask, to);
    if (plot->of == CM_PLOT_OF_POLICY)
        cm_print(to, ", policy %s", s->policies[ask->policy].name);
    if (plot->of == CM_PLOT_OF_ROLLOUT)
        cm_print(to, ", policy %s, replication %llu", s->policies[ask->policy].name,
                 (unsigned long long)ask->replication);
    else if (plot->needs_results) {
        cm_print(to, ", n = ");
        cm_words_count(s->run.replications, to);
    }
    cm_print(to, ", seed %llu", (unsigned long long)s->run.seed);
}

/* Made of names, which hold nothing that a file system minds. */
static const char *name_of(const struct cm_plot *plot, const struct cm_plot_ask *ask,
                           struct cm_picture *p)
{
    const struct cm_scenario *s = ask->scenario;
    if (plot->of == CM_PLOT_OF_ROLLOUT)
        return cm_picture_say(p, "%s-%s-%s-%llu", plot->name, s->policies[ask->policy].name,
                              release_name(s, ask->release), (unsigned long long)ask->replication);
    if (plot->of == CM_PLOT_OF_RELEASE)
        return cm_picture_say(p, "%s-%s", plot->name, release_name(s, ask->release));
    if (plot->of == CM_PLOT_OF_POLICY)
        return cm_picture_say(p, "%s-%s", plot->name, s->policies[ask->policy].name);
    if (plot->stored_policy && ask->stored_policy)
        return cm_picture_say(p, "%s-%s", plot->name, ask->stored_policy);
    return plot->name;
}

int cm_plot_draw(const struct cm_plot *plot, const struct cm_plot_ask *ask,
                 struct cm_picture *picture, struct cm_err *err)
{
    *picture = (struct cm_picture){0};
    picture->name = name_of(plot, ask, picture);
    say_about(plot, ask, cm_buffer_writer(&picture->about));
    return plot->draw(ask, picture, err);
}

void cm_picture_release(struct cm_picture *p)
{
    for (size_t i = 0; i < p->n_tables; i++)
        cm_table_release(&p->tables[i].table);
    cm_buffer_release(&p->title);
    cm_buffer_release(&p->about);
    cm_arena_release(&p->arena);
    *p = (struct cm_picture){0};
}

/* --- tables, values, words --- */

struct cm_table *cm_picture_add(struct cm_picture *p, const char *name)
{
    assert(p->n_tables < CM_PICTURE_TABLES);
    p->tables[p->n_tables].name = name;
    struct cm_table *table = &p->tables[p->n_tables++].table;
    cm_table_init(table, NULL, 0);
    return table;
}

const struct cm_table *cm_picture_table(const struct cm_picture *p, const char *name)
{
    for (size_t i = 0; i < p->n_tables; i++)
        if (strcmp(p->tables[i].name, name) == 0)
            return &p->tables[i].table;
    return NULL;
}

void cm_picture_column(struct cm_table *t, const char *name, enum cm_column_type type)
{
    cm_table_column(t, (struct cm_column){.name = name, .type = type});
}

static struct cm_plot_value *add_value(struct cm_picture *p, const char *name)
{
    p->values = cm_list_grow(&p->arena, p->values, p->n_values, sizeof *p->values);
    struct cm_plot_value *value = &p->values[p->n_values++];
    value->name = name;
    return value;
}

void cm_picture_number(struct cm_picture *p, const char *name, double value)
{
    add_value(p, name)->number = value;
}

void cm_picture_text(struct cm_picture *p, const char *name, const char *text)
{
    add_value(p, name)->text = cm_arena_text(&p->arena, text, strlen(text));
}

void cm_picture_policies(struct cm_picture *p, const struct cm_results *r)
{
    struct cm_buffer names = {0};
    for (size_t i = 0; i < r->n_policies; i++)
        cm_print(cm_buffer_writer(&names), "%s%s", i ? " " : "", cm_results_policy(r, i));
    cm_picture_text(p, "policies",
                    cm_arena_text(&p->arena, names.text ? names.text : "", names.length));
    cm_buffer_release(&names);
}

struct cm_writer cm_picture_title(struct cm_picture *p)
{
    return cm_buffer_writer(&p->title);
}

const char *cm_picture_say(struct cm_picture *p, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return cm_arena_text(&p->arena, text, strlen(text));
}

void cm_picture_time_axis(struct cm_picture *p, double end)
{
    static const struct {
        double above, unit;
        const char *name;
    } units[] = {{3 * 86400., 86400, "days"},
                 {3 * 3600., 3600, "hours"},
                 {180, 60, "minutes"},
                 {0, 1, "seconds"}};
    size_t i = 0;
    while (end <= units[i].above && units[i].above > 0)
        i++;
    cm_picture_number(p, "unit", units[i].unit);
    cm_picture_text(p, "unit_name", units[i].name);
}

/* --- labels --- */

/* By height, then by curve. */
static int lower_first(const void *a, const void *b)
{
    const struct cm_plot_label *x = a, *y = b;
    return x->y != y->y ? (x->y > y->y) - (x->y < y->y) : (x->line > y->line) - (x->line < y->line);
}

/* Upwards, then downwards from the top. */
static void push_apart(const struct cm_plot_labels *l, size_t n)
{
    for (size_t i = 0; i < n; i++)
        l->list[i].y = fmax(l->list[i].y, i > 0 ? l->list[i - 1].y + l->gap : l->low);
    for (size_t i = n; i-- > 0;)
        l->list[i].y = fmin(l->list[i].y, i + 1 < n ? l->list[i + 1].y - l->gap : l->high);
}

void cm_picture_labels(struct cm_picture *p, const struct cm_plot_labels *labels)
{
    struct cm_table *t = cm_picture_add(p, labels->name);
    size_t n = 0;
    cm_picture_column(t, "text", CM_COLUMN_TEXT);
    cm_picture_column(t, "y", CM_COLUMN_NUMBER);
    cm_picture_column(t, "line", CM_COLUMN_NUMBER);
    for (size_t i = 0; i < labels->n; i++)
        if (!isnan(labels->list[i].y))
            labels->list[n++] = labels->list[i];
    if (n > 0)
        qsort(labels->list, n, sizeof *labels->list, lower_first);
    push_apart(labels, n);
    for (size_t i = 0; i < n; i++) {
        cm_table_text(t, labels->list[i].text);
        cm_table_number(t, labels->list[i].y);
        cm_table_number(t, labels->list[i].line);
    }
}

/* --- releases and policies --- */

bool cm_plot_is_bad(const struct cm_scenario *s, int release)
{
    return release >= 0 && !s->defects[release].effect.harmless;
}

int cm_plot_first_bad(const struct cm_scenario *s)
{
    for (size_t i = 0; i < s->n_defects; i++)
        if (cm_plot_is_bad(s, (int)i))
            return (int)i;
    return -1;
}

void cm_plot_say_release(const struct cm_plot_ask *ask, struct cm_writer to)
{
    cm_print(to, "%s: ", release_name(ask->scenario, ask->release));
}

void cm_plot_say_value(const struct cm_column *as, double value, struct cm_writer to)
{
    /* no decimals for what is nothing or all of it, but for rounding */
    const double near = 1e-9;
    if (as->type == CM_COLUMN_SHARE && (value < near || value > 1 - near))
        cm_print(to, "%.0f %%", 100 * value);
    else
        cm_words_value(as, value, value, to);
}

void cm_plot_say_policies(const struct cm_results *r, const double *values,
                          const struct cm_column *as, struct cm_writer to)
{
    size_t n = 0, low = 0, high = 0;
    for (size_t i = 0; i < r->n_policies; i++) {
        if (isnan(values[i]))
            continue;
        low = n == 0 || values[i] < values[low] ? i : low;
        high = n == 0 || values[i] > values[high] ? i : high;
        n++;
    }
    if (n > 2) {
        cm_plot_say_value(as, values[low], to);
        cm_print(to, " (%s) to ", cm_results_policy(r, low));
        cm_plot_say_value(as, values[high], to);
        cm_print(to, " (%s)", cm_results_policy(r, high));
        return;
    }
    const char *between = "";
    for (size_t i = 0; i < r->n_policies; i++) {
        if (isnan(values[i]))
            continue;
        cm_print(to, "%s%s ", between, cm_results_policy(r, i));
        cm_plot_say_value(as, values[i], to);
        between = ", ";
    }
}
