/* The whole scenario as a file: every key of every section, with where its value came from. Values
 * are printed by their types, which read back what they print, so loading the output gives the
 * same scenario, in any folder: files that values name have been located. Long values are broken at
 * blanks into indented lines. */
#include "sim/scenario/scenario.h"

#include <string.h>

#include "sim/scenario/load.h"

enum {
    COMMENT = 40, /* column of the comments */
    WIDTH = 96,   /* longer lines are broken */
    INDENT = 4
};

/* Where a value came from, as the comment behind it; NULL = that is not said. */
static void print_origin(const struct cm_origin *origin, struct cm_writer to)
{
    if (!origin)
        cm_print(to, "\n");
    else if (origin->from == CM_FROM_DEFAULT)
        cm_print(to, "; default\n");
    else if (origin->from == CM_FROM_SET || origin->value.line == 0)
        cm_print(to, "; --set\n");
    else
        cm_print(to, "; %s:%d%s\n", origin->value.file, origin->value.line,
                 origin->from == CM_FROM_EXTENDS ? " (extends)" : "");
}

/* Where a line of `text` should end: at the last blank that fits, if what follows it cannot be
 * taken for a comment or a key of its own. */
static size_t break_at(const char *text, size_t room)
{
    size_t length = strlen(text), best = length;
    for (size_t i = 1; i < length && (i <= room || best == length); i++) {
        size_t word = strcspn(text + i + 1, " =");
        if (text[i] == ' ' && !strchr("#;[ ", text[i + 1]) && text[i + 1 + word] != '=')
            best = i;
    }
    return length <= room ? length : best;
}

/* A short value stands in one line with its origin; a long one has it on a line of its own. */
static void print_value(const char *name, const char *value, const struct cm_origin *origin,
                        struct cm_writer to)
{
    size_t before = strlen(name) + 3;
    if (before + strlen(value) <= WIDTH) {
        int padding = (int)before + (int)strlen(value) < COMMENT
                          ? COMMENT - (int)before - (int)strlen(value)
                          : 1;
        cm_print(to, "%s = %s%*s", name, value, origin ? padding : 0, "");
        print_origin(origin, to);
        return;
    }
    if (origin)
        print_origin(origin, to);
    cm_print(to, "%s =", name);
    for (size_t column = before; *value; column = INDENT) {
        size_t length = break_at(value, WIDTH - column);
        if (column == before)
            cm_print(to, " %.*s\n", (int)length, value);
        else
            cm_print(to, "%*s%.*s\n", INDENT, "", (int)length, value);
        value += length + (value[length] == ' ');
    }
}

/* By its type, which reads back what it prints. */
static void print_row(const struct cm_param *row, const void *base, const struct cm_origin *origin,
                      struct cm_writer to)
{
    struct cm_buffer value = {0};
    row->type->print(row, (const char *)base + row->offset, cm_buffer_writer(&value));
    print_value(row->name, value.text ? value.text : "", origin, to);
    cm_buffer_release(&value);
}

/* What nobody said, as a comment: it is there to be read, and stays unsaid when the text is. */
static void print_unsaid(const struct cm_buffer *lines, struct cm_writer to)
{
    const char *line = lines->text;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1)
        cm_print(to, "; %.*s\n", (int)(end - line), line);
}

/* A row with its origin, or without one: then as a comment, if it was not said. */
static void print_row_as(const struct cm_param *row, const void *base,
                         const struct cm_origin *origin, bool origins, struct cm_writer to)
{
    struct cm_buffer lines = {0};
    if (origins) {
        print_row(row, base, origin, to);
        return;
    }
    print_row(row, base, NULL, cm_buffer_writer(&lines));
    if (origin->from == CM_FROM_DEFAULT)
        print_unsaid(&lines, to);
    else
        cm_print(to, "%s", lines.text);
    cm_buffer_release(&lines);
}

static void print_kind(const struct cm_entry *entry, bool origins, struct cm_writer to)
{
    const char *unsaid = entry->kind_origin.from == CM_FROM_DEFAULT ? "; " : "";
    if (!entry->kind)
        return;
    if (origins)
        print_value(entry->section->kind_key, entry->kind->name, &entry->kind_origin, to);
    else
        cm_print(to, "%s%s = %s\n", unsaid, entry->section->kind_key, entry->kind->name);
}

static void print_entry(const struct cm_entry *entry, bool origins, struct cm_writer to)
{
    const char *unsaid = !origins && !entry->place.file ? "; " : "";
    cm_print(to, "\n%s[%s%s%s]\n", unsaid, entry->section->name, *entry->name ? "." : "",
             entry->name);
    print_kind(entry, origins, to);
    for (int group = 0; group < CM_GROUPS; group++) {
        struct cm_group fields = cm_entry_group(entry, group);
        for (size_t i = 0; fields.rows && fields.rows[i].name; i++)
            print_row_as(&fields.rows[i], fields.base, &fields.origins[i], origins, to);
    }
}

static void print(const struct cm_scenario *s, bool origins, struct cm_writer to)
{
    cm_print(to, "; %s\n", s->title);
    for (size_t i = 0; i < s->n_entries; i++)
        print_entry(&s->entries[i], origins, to);
}

void cm_scenario_print(const struct cm_scenario *s, struct cm_writer to)
{
    print(s, true, to);
}

void cm_scenario_print_plain(const struct cm_scenario *s, struct cm_writer to)
{
    print(s, false, to);
}
