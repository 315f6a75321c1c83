/* docs/reference.md from tables.
 *
 * Sections come in the order of the list, kinds in that of their .def, keys in that of their table:
 * the reader meets things in the order in which they were thought out. What a table says is escaped
 * where Markdown would read it as more than text. The page is compared with the committed one by a
 * lint, so the two cannot drift apart. */
#include "sim/scenario/describe.h"

#include <string.h>

#include "sim/base/diag.h"
#include "sim/scenario/describe_row.h"

/* Text in a table cell: bars would end it. */
static void write_cell(const char *text, struct cm_writer to)
{
    for (; *text; text++)
        cm_print(to, *text == '|' || *text == '<' ? "\\%c" : "%c", *text);
}

/* key | takes | default | range | meaning */
static void write_row(const struct cm_param *row, struct cm_writer to)
{
    struct cm_buffer text = {0};
    struct cm_writer words = cm_buffer_writer(&text);
    cm_print(to, "| `%s` | ", row->name);
    cm_describe_takes(row, words);
    write_cell(text.text, to);
    cm_print(to, cm_describe_is_required(row) ? " | *must be given* | " : " | `%s` | ", row->dflt);
    cm_buffer_clear(&text);
    /* The buffer is used again: takes, then range. */
    if (cm_describe_range(row, words))
        write_cell(text.text, to);
    cm_print(to, " | ");
    write_cell(row->help, to);
    cm_print(to, " |\n");
    cm_buffer_release(&text);
}

/* A table without rows would be a heading over nothing. */
static void write_rows(const struct cm_param *rows, struct cm_writer to)
{
    if (!rows || !rows->name)
        return;
    cm_print(to, "\n| key | takes | default | range | meaning |\n|---|---|---|---|---|\n");
    for (; rows->name; rows++)
        write_row(rows, to);
}

/* Laws are not chosen by a key; they are written as values. */
static void write_kind(const struct cm_section *section, const struct cm_kind *kind,
                       struct cm_writer to)
{
    if (section->kind_key)
        cm_print(to, "\n### `%s = %s`\n\n%s\n", section->kind_key, kind->name, kind->summary);
    else
        cm_print(to, "\n### `%s(...)`\n\n%s\n", kind->name, kind->summary);
    if (kind->source)
        cm_print(to, "\nSource: %s\n", kind->source);
    write_rows(kind->params, to);
}

static void write_kinds(const struct cm_section *section, struct cm_writer to)
{
    if (section->kind_key)
        cm_print(to, "\n`%s` chooses one of the kinds below%s%s%s.\n", section->kind_key,
                 section->kind_default ? "; without it, `" : "",
                 section->kind_default ? section->kind_default : "",
                 section->kind_default ? "`" : "");
    for (size_t i = 0; section->kinds[i]; i++)
        write_kind(section, section->kinds[i], to);
}

static void write_section(const struct cm_section *section, struct cm_writer to)
{
    cm_print(to, "\n## ");
    if (section == &cm_describe_laws) {
        cm_print(to, "Laws");
    } else {
        if (section->bare)
            cm_print(to, "`[%s]` or ", section->name);
        cm_print(to, "`");
        cm_describe_header(section, "NAME", to);
        cm_print(to, "`");
    }
    cm_print(to, "\n\n%s\n", section->summary);
    write_rows(section->params, to);
    if (section->kinds)
        write_kinds(section, to);
}

/* The words of a diagnostic depend on the mistake: its example says more than a description. */
static void write_diagnostics(struct cm_writer to)
{
    static const char *const severities[] = {
        [CM_NOTE] = "note", [CM_WARNING] = "warning", [CM_ERROR] = "error"};
    cm_print(to, "\n## Diagnostics\n\nEach has an example under `tests/bad/`: the file, and what "
                 "is said about it.\n\n| diagnostic | severity |\n|---|---|\n");
    for (int id = 0; id < CM_DIAG_COUNT; id++)
        cm_print(to, "| [`%s`](../tests/bad/%s.err) | %s |\n", cm_diag_slug((enum cm_diag_id)id),
                 cm_diag_slug((enum cm_diag_id)id),
                 severities[cm_diag_severity((enum cm_diag_id)id)]);
}

void cm_describe_reference(const struct cm_section *const *sections, struct cm_writer to)
{
    cm_print(to, "# Reference\n\nWhat a scenario file can say. This page is printed by `coalmine "
                 "docs`; do not edit it.\n\n## Values\n\n```\n");
    cm_describe_units(sections, to);
    cm_print(to, "```\n");
    for (; *sections; sections++)
        write_section(*sections, to);
    write_section(&cm_describe_laws, to);
    write_diagnostics(to);
}
