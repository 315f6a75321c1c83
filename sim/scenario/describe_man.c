/* The sections of a scenario file as the body of a manual page, from tables.
 *
 * The same things in the same order as the reference: a heading a section, a subheading a kind, a
 * tagged paragraph a key, with what it takes, its default and its range. */
#include "sim/scenario/describe.h"

#include "sim/base/roff.h"
#include "sim/scenario/describe_row.h"

/* "rate = 10 rps (rate, 0.001 rps to 1e9 rps)" over its sentence. */
static void write_row(const struct cm_param *row, struct cm_writer to)
{
    struct cm_buffer text = {0};
    struct cm_writer words = cm_buffer_writer(&text);
    cm_print(to, ".TP\n\\fB");
    cm_roff_words(to, row->name);
    cm_print(to, "\\fR = \\fI");
    cm_roff_words(to, cm_describe_is_required(row) ? "..." : row->dflt);
    cm_print(to, "\\fR");
    cm_describe_takes(row, words);
    cm_print(words, "; ");
    if (!cm_describe_range(row, words)) {
        text.length -= 2;
        text.text[text.length] = '\0';
    }
    cm_print(to, " (");
    cm_roff_words(to, text.text);
    cm_print(to, cm_describe_is_required(row) ? "; must be given)\n" : ")\n");
    cm_roff_words(to, row->help);
    cm_print(to, "\n");
    cm_buffer_release(&text);
}

static void write_rows(const struct cm_param *rows, struct cm_writer to)
{
    for (; rows && rows->name; rows++)
        write_row(rows, to);
}

/* Laws are not chosen by a key; they are written as values. */
static void write_kind(const struct cm_section *section, const struct cm_kind *kind,
                       struct cm_writer to)
{
    struct cm_buffer heading = {0};
    cm_print(cm_buffer_writer(&heading), section->kind_key ? "%s = " : "%s",
             section->kind_key ? section->kind_key : "");
    cm_print(cm_buffer_writer(&heading), section->kind_key ? "%s" : "%s(...)", kind->name);
    cm_roff_macro(to, "SS", heading.text);
    cm_roff_prose(to, kind->summary);
    if (kind->source) {
        cm_print(to, ".PP\nSource: ");
        cm_roff_words(to, kind->source);
        cm_print(to, "\n");
    }
    write_rows(kind->params, to);
    cm_buffer_release(&heading);
}

static void write_section(const struct cm_section *section, struct cm_writer to)
{
    struct cm_buffer heading = {0};
    if (section == &cm_describe_laws)
        cm_print(cm_buffer_writer(&heading), "LAWS");
    else
        cm_describe_header(section, "NAME", cm_buffer_writer(&heading));
    cm_roff_macro(to, "SH", heading.text);
    cm_roff_prose(to, section->summary);
    if (section->kind_key) {
        cm_print(to, ".PP\n\\fB");
        cm_roff_words(to, section->kind_key);
        cm_print(to, "\\fR chooses one of the kinds below");
        if (section->kind_default) {
            cm_print(to, "; without it, \\fI");
            cm_roff_words(to, section->kind_default);
            cm_print(to, "\\fR");
        }
        cm_print(to, ".\n");
    }
    write_rows(section->params, to);
    for (size_t i = 0; section->kinds && section->kinds[i]; i++)
        write_kind(section, section->kinds[i], to);
    cm_buffer_release(&heading);
}

void cm_describe_man(const struct cm_section *const *sections, struct cm_writer to)
{
    for (; *sections; sections++)
        write_section(*sections, to);
    write_section(&cm_describe_laws, to);
}
