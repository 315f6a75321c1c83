/* Help from tables: topics, how a question finds them, and what is said about each.
 *
 * Everything that can be asked about is put into one list first: sections, kinds, keys, and laws as
 * if they were a section. A question is matched against names, so that one mechanism answers
 * `gate`, `gates`, `gate.threshold`, `gate.threshold.max`, and also `dispersion`, whose place the
 * user does not know, and `policy.ours.interval`, copied from a file.
 *
 * Assumes that the last word of a name is its key or kind: names of keys have no dots. */
#include "sim/scenario/describe.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/scenario/describe_row.h"

/* --- topics --- */

/* "gate", "gate.threshold" or "gate.threshold.max"; NULL = a part that is left out. */
static void add(struct cm_topics *topics, struct cm_arena *arena, struct cm_topic topic,
                const char *key)
{
    /* Section, kind and key are bounded by their tables; three of them fit. */
    char name[160];
    const char *kind = topic.kind ? topic.kind->name : NULL;
    int length = snprintf(name, sizeof name, "%s%s%s%s%s", topic.section->name, kind ? "." : "",
                          kind ? kind : "", key ? "." : "", key ? key : "");
    topic.name = cm_arena_text(arena, name, (size_t)length);
    topics->list = cm_list_grow(arena, topics->list, topics->n, sizeof topic);
    topics->list[topics->n++] = topic;
}

/* The topic of a row is that of its table with the row put in. */
static void add_rows(struct cm_topics *topics, struct cm_arena *arena, struct cm_topic topic,
                     const struct cm_param *rows)
{
    for (; rows && rows->name; rows++) {
        topic.row = rows;
        add(topics, arena, topic, rows->name);
    }
}

/* The key that chooses a kind has no row, but it is asked about like any other. */
static void add_section(struct cm_topics *topics, struct cm_arena *arena,
                        const struct cm_section *section)
{
    struct cm_topic topic = {.section = section};
    add(topics, arena, topic, NULL);
    if (section->kind_key) {
        topic.is_kind_key = true;
        add(topics, arena, topic, section->kind_key);
        topic.is_kind_key = false;
    }
    add_rows(topics, arena, topic, section->params);
    for (size_t i = 0; section->kinds && section->kinds[i]; i++) {
        struct cm_topic of_kind = {.section = section, .kind = section->kinds[i]};
        add(topics, arena, of_kind, NULL);
        add_rows(topics, arena, of_kind, section->kinds[i]->params);
    }
}

struct cm_topics cm_describe_topics(const struct cm_section *const *sections,
                                    struct cm_arena *arena)
{
    struct cm_topics topics = {0};
    for (; *sections; sections++)
        add_section(&topics, arena, *sections);
    add_section(&topics, arena, &cm_describe_laws);
    return topics;
}

/* --- questions --- */

static struct cm_slice first_word(const char *name)
{
    return (struct cm_slice){.at = name, .length = strcspn(name, ".")};
}

static struct cm_slice last_word(const char *name)
{
    const char *dot = strrchr(name, '.');
    return cm_slice_of(dot ? dot + 1 : name);
}

/* As text; two empty slices are equal. */
static bool equal(struct cm_slice a, struct cm_slice b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

/* Whether `question` is the plural of a section's name: gates, classes, policies. */
static bool is_plural(const char *question, const char *name)
{
    size_t n = strlen(name);
    const char *rest = question + n;
    if (strncmp(question, name, n) == 0)
        return strcmp(rest, "s") == 0 || strcmp(rest, "es") == 0;
    return n > 1 && name[n - 1] == 'y' && strncmp(question, name, n - 1) == 0 &&
           strcmp(question + n - 1, "ies") == 0;
}

/* Sections are only meant by their whole name: `gate.gate` is not a question about gates. Kinds and
 * keys are also meant by their last word, and by their first and last. */
int cm_describe_match(const char *question, const struct cm_topic *topic)
{
    enum { NO, LOOSE, LAST, WHOLE };
    bool is_section = !strchr(topic->name, '.');
    if (strcmp(question, topic->name) == 0 || (is_section && is_plural(question, topic->name)))
        return WHOLE;
    if (is_section || !equal(last_word(question), last_word(topic->name)))
        return NO;
    if (!strchr(question, '.'))
        return LAST;
    return equal(first_word(question), first_word(topic->name)) ? LOOSE : NO;
}

/* --- answers --- */

/* "  alpha = 1%      (probability, 1e-07% to 50%)" and the sentence below it. */
static void describe_row(const struct cm_param *row, struct cm_writer to)
{
    enum { WIDTH = 28 };
    /* Names and defaults are padded so that what they take stands in a column. */
    struct cm_buffer range = {0};
    bool ranged = cm_describe_range(row, cm_buffer_writer(&range));
    const char *dflt = cm_describe_is_required(row) ? "..." : row->dflt;
    int used = (int)(strlen(row->name) + strlen(dflt)) + 3;
    cm_print(to, "  %s = %s%*s (", row->name, dflt, used < WIDTH ? WIDTH - used : 0, "");
    cm_describe_takes(row, to);
    cm_print(to, "%s%s%s)\n", ranged ? ", " : "", ranged ? range.text : "",
             cm_describe_is_required(row) ? "; must be given" : "");
    cm_describe_wrap("      ", "      ", row->help, to);
    cm_buffer_release(&range);
}

/* One after the other, without blank lines: a table is read as a whole. */
static void describe_rows(const struct cm_param *rows, struct cm_writer to)
{
    for (; rows && rows->name; rows++)
        describe_row(rows, to);
}

/* Tables may be missing altogether or have only their end. */
static bool has_rows(const struct cm_param *rows)
{
    return rows && rows->name;
}

/* "  name      summary", with `width` columns for the names. */
static void list_line(const char *indent, const char *name, int width, const char *summary,
                      struct cm_writer to)
{
    /* Further lines stand under the first word of the summary. */
    char first[80], margin[80];
    snprintf(first, sizeof first, "%s%-*s  ", indent, width, name);
    snprintf(margin, sizeof margin, "%*s", (int)strlen(first), "");
    cm_describe_wrap(first, margin, summary, to);
}

static void list_kinds(const struct cm_section *section, struct cm_writer to)
{
    int width = 0;
    for (size_t i = 0; section->kinds[i]; i++) {
        int length = (int)strlen(section->kinds[i]->name);
        width = length > width ? length : width;
    }
    for (size_t i = 0; section->kinds[i]; i++)
        list_line("    ", section->kinds[i]->name, width, section->kinds[i]->summary, to);
}

/* The key that chooses a kind, and the kinds. */
static void describe_kind_key(const struct cm_section *section, struct cm_writer to)
{
    if (section->kind_key)
        cm_print(to, "  %s = %s%s\n", section->kind_key,
                 section->kind_default ? section->kind_default : "...",
                 section->kind_default ? "" : "    (must be given)");
    list_kinds(section, to);
}

/* What it is for, the kinds there are, then the keys that all kinds share. */
static void describe_section(const struct cm_section *section, struct cm_writer to)
{
    if (section->bare)
        cm_print(to, "[%s] or ", section->name);
    if (section != &cm_describe_laws) {
        cm_describe_header(section, "NAME", to);
        cm_print(to, "\n");
    }
    cm_describe_wrap("", "", section->summary, to);
    if (section->kinds) {
        cm_print(to, "\n");
        describe_kind_key(section, to);
    }
    if (has_rows(section->params))
        cm_print(to, "\n");
    describe_rows(section->params, to);
    if (section->kinds)
        cm_print(to, "\nSee coalmine help %s.%s and so on.\n", section->name,
                 section->kinds[0]->name);
}

/* Where a kind or one of its keys is written. */
static void describe_place(const struct cm_topic *topic, struct cm_writer to)
{
    if (topic->section == &cm_describe_laws) {
        assert(topic->kind); /* laws have no keys in common */
        cm_print(to, "%s(", topic->kind->name);
        const struct cm_param *rows = topic->kind->params;
        for (size_t i = 0; rows && rows[i].name; i++)
            cm_print(to, "%s%s=...", i ? ", " : "", rows[i].name);
        cm_print(to, ")\n");
        return;
    }
    cm_describe_header(topic->section, "NAME", to);
    if (topic->kind)
        cm_print(to, " with %s = %s", topic->section->kind_key, topic->kind->name);
    cm_print(to, "\n");
}

/* Where it stands, what it does, who says so, and its own keys. */
static void describe_kind(const struct cm_topic *topic, struct cm_writer to)
{
    describe_place(topic, to);
    cm_describe_wrap("", "", topic->kind->summary, to);
    if (topic->kind->source) {
        cm_print(to, "\n");
        cm_describe_wrap("Source: ", "        ", topic->kind->source, to);
    }
    if (has_rows(topic->kind->params))
        cm_print(to, "\n");
    describe_rows(topic->kind->params, to);
    if (has_rows(topic->section->params))
        cm_print(to, "\nKeys that every [%s%s] has: coalmine help %s.\n", topic->section->name,
                 topic->section->named ? ".NAME" : "", topic->section->name);
}

/* Choices and references have said what they take; others show an example. */
static void describe_key(const struct cm_topic *topic, struct cm_writer to)
{
    const struct cm_param *row = topic->row;
    describe_place(topic, to);
    describe_row(row, to);
    if (row->type != &cm_type_choice && row->type != &cm_type_ref && row->type != &cm_type_refs)
        cm_print(to, "      Written like %s.\n", row->type->accepts);
}

/* From the most special to the most general. */
void cm_describe_topic(const struct cm_topic *topic, struct cm_writer to)
{
    if (topic->row) {
        describe_key(topic, to);
    } else if (topic->kind) {
        describe_kind(topic, to);
    } else if (topic->is_kind_key) {
        describe_place(topic, to);
        describe_kind_key(topic->section, to);
    } else {
        describe_section(topic->section, to);
    }
}

/* --- lists --- */

/* Laws come last: they are no section, but they are asked for like one. */
void cm_describe_index(const struct cm_section *const *sections, struct cm_writer to)
{
    enum { WIDTH = 13 };
    for (; *sections; sections++)
        list_line("  ", (*sections)->name, WIDTH, (*sections)->summary, to);
    list_line("  ", "laws", WIDTH, cm_describe_laws.summary, to);
}

/* Whether `type` is one that words of its own say enough about, or was there before topic `i`. */
static bool is_said(const struct cm_topics *topics, size_t i, const struct cm_type *type)
{
    if (type == &cm_type_choice || type == &cm_type_ref)
        return true;
    for (size_t j = 0; j < i; j++)
        if (topics->list[j].row && topics->list[j].row->type == type)
            return true;
    return false;
}

/* Whatever type a table uses is listed, where it is met first. */
void cm_describe_units(const struct cm_section *const *sections, struct cm_writer to)
{
    enum { WIDTH = 23 };
    struct cm_arena arena = {0};
    struct cm_topics topics = cm_describe_topics(sections, &arena);
    for (size_t i = 0; i < topics.n; i++) {
        const struct cm_param *row = topics.list[i].row;
        if (row && !is_said(&topics, i, row->type))
            list_line("  ", row->type->name, WIDTH, row->type->accepts, to);
    }
    cm_arena_release(&arena);
}
