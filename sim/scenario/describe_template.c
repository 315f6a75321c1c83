/* A scenario file from tables: complete, commented, and valid as it stands.
 *
 * Keys that have to be given are given an example, the others stand commented out at their
 * defaults. Where the defaults alone do not pass the rules of a section (a defect without an
 * effect), the first key whose example makes them pass is given, too. Kinds that are not chosen
 * follow as comments. Named sections are called my-<section>, which is also what references to
 * them say. */
#include "sim/scenario/describe.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/describe_row.h"

/* One set of keys with the rules they have to pass. */
struct block {
    const struct cm_param *rows;
    size_t size;
    int (*check)(const void *options, struct cm_err *err);
    const struct cm_param *given; /* an optional key that the rules need; NULL = none */
};

/* --- examples --- */

/* The first thing that the type says it accepts; the lower end of the range where that is outside
 * it. */
static void example(const struct cm_param *row, struct cm_arena *arena, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    struct cm_slice rest = cm_slice_of(row->type->accepts), first;
    cm_buffer_clear(text);
    if (row->type == &cm_type_choice) {
        cm_print(to, "%s", *(const char *const *)row->domain);
    } else if (row->type == &cm_type_text) {
        cm_print(to, "my-%s", row->name);
    } else if (row->type == &cm_type_ref || row->type == &cm_type_refs) {
        cm_print(to, "my-%s", (const char *)row->domain);
    } else if (cm_slice_cut(&rest, ',', &first)) {
        struct cm_err ignored;
        /* Larger than any field that a row can fill. */
        max_align_t value[64] = {0};
        cm_print(to, "%.*s", (int)first.length, first.at);
        struct cm_param alone = *row;
        alone.offset = 0;
        if (cm_param_set(&alone, value, text->text, arena, &ignored)) {
            cm_buffer_clear(text);
            cm_describe_least(row, to);
        }
    }
}

/* Whether a key is given rather than left at its default: lists of names, too, because what nobody
 * asks for does nothing, and lists of what is done to each. */
static bool is_given(const struct block *block, const struct cm_param *row)
{
    bool list = row->type == &cm_type_refs || row->type == &cm_type_changes;
    return cm_describe_is_required(row) || list || row == block->given;
}

/* Options with all defaults, and the given keys at their examples. */
static void *fill(const struct block *block, struct cm_arena *arena)
{
    void *options = cm_arena_alloc(arena, block->size);
    struct cm_buffer text = {0};
    struct cm_err ignored;
    cm_params_default(block->rows, options, arena);
    for (const struct cm_param *row = block->rows; row && row->name; row++) {
        if (!is_given(block, row))
            continue;
        example(row, arena, &text);
        cm_param_set(row, options, text.text, arena, &ignored);
    }
    cm_buffer_release(&text);
    return options;
}

/* Rules that involve other sections are not asked: they are the loader's. */
static bool passes(const struct block *block)
{
    struct cm_arena arena = {0};
    struct cm_err ignored;
    bool good = !block->check || block->check(fill(block, &arena), &ignored) == 0;
    cm_arena_release(&arena);
    return good;
}

/* Finds the optional key that the rules need, if they need one. */
static struct block complete(struct block block)
{
    if (passes(&block))
        return block;
    for (const struct cm_param *row = block.rows; row && row->name; row++) {
        block.given = row;
        if (passes(&block))
            return block;
    }
    block.given = NULL;
    return block;
}

/* A section's own keys, and the keys of a kind, are two tables with rules of their own. */
static struct block block_of_section(const struct cm_section *section)
{
    return complete(
        (struct block){.rows = section->params, .size = section->size, .check = section->check});
}

static struct block block_of_kind(const struct cm_kind *kind)
{
    return complete(
        (struct block){.rows = kind->params, .size = kind->options_size, .check = kind->check});
}

/* --- writing --- */

/* The sentence and what it takes as comments, then the key. */
static void write_row(const struct block *block, const struct cm_param *row, bool active,
                      struct cm_writer to)
{
    struct cm_arena arena = {0};
    /* Text is used twice: for the comment, then for the example. */
    struct cm_buffer text = {0}, range = {0};
    bool given = is_given(block, row);
    bool ranged = cm_describe_range(row, cm_buffer_writer(&range));
    cm_print(cm_buffer_writer(&text), "%s (", row->help);
    cm_describe_takes(row, cm_buffer_writer(&text));
    cm_print(cm_buffer_writer(&text), "%s%s)", ranged ? ", " : "", ranged ? range.text : "");
    cm_describe_wrap("; ", "; ", text.text, to);
    if (given)
        example(row, &arena, &text);
    cm_print(to, "%s%s = %s\n", active && given ? "" : ";", row->name,
             given ? text.text : row->dflt);
    cm_buffer_release(&range);
    cm_buffer_release(&text);
    cm_arena_release(&arena);
}

static void write_rows(struct block block, bool active, struct cm_writer to)
{
    for (const struct cm_param *row = block.rows; row && row->name; row++)
        write_row(&block, row, active, to);
}

static void write_kind(const struct cm_section *section, const struct cm_kind *kind, bool active,
                       struct cm_writer to)
{
    cm_print(to, "\n");
    cm_describe_wrap("; ", "; ", kind->summary, to);
    cm_print(to, "%s%s = %s\n", active ? "" : ";", section->kind_key, kind->name);
    write_rows(block_of_kind(kind), active, to);
}

/* The default kind, or the first, is the example; whoever wants another swaps the comments. */
static void write_kinds(const struct cm_section *section, bool active, struct cm_writer to)
{
    const struct cm_kind *chosen = section->kinds[0];
    if (section->kind_default)
        chosen = cm_kind_find(section->kinds, section->kind_default);
    write_kind(section, chosen, active, to);
    for (size_t i = 0; section->kinds[i]; i++)
        if (section->kinds[i] != chosen)
            write_kind(section, section->kinds[i], false, to);
}

/* Inactive sections are written out in full as well: the template has to be complete. */
static void write_section(const struct cm_section *section, bool active, struct cm_writer to)
{
    char name[64];
    snprintf(name, sizeof name, "my-%s", section->name);
    cm_print(to, "\n");
    cm_describe_wrap("; ", "; ", section->summary, to);
    cm_print(to, "%s", active ? "" : ";");
    cm_describe_header(section, name, to);
    cm_print(to, "\n");
    write_rows(block_of_section(section), active, to);
    if (section->kinds)
        write_kinds(section, active, to);
}

/* --- which sections do something --- */

/* How a section is named by the keys of others. */
struct naming {
    bool optional, needed;
};

static void note_names(const struct cm_section *section, const struct cm_param *rows,
                       struct naming *naming)
{
    for (; rows && rows->name; rows++) {
        bool names = (rows->type == &cm_type_ref || rows->type == &cm_type_refs) &&
                     strcmp(rows->domain, section->name) == 0;
        /* A list is never optional here: the template fills it. */
        bool optional = rows->type == &cm_type_ref && !cm_describe_is_required(rows);
        naming->optional |= names && optional;
        naming->needed |= names && !optional;
    }
}

/* A section that others may name but need not (a class) does nothing until one of them does; one
 * that may stand without a name changes nothing that is simulated. */
static bool is_idle(const struct cm_section *section, const struct cm_section *const *sections)
{
    struct naming naming = {.optional = section->bare};
    for (; *sections; sections++) {
        note_names(section, (*sections)->params, &naming);
        for (size_t i = 0; (*sections)->kinds && (*sections)->kinds[i]; i++)
            note_names(section, (*sections)->kinds[i]->params, &naming);
    }
    return naming.optional && !naming.needed;
}

void cm_describe_template(const struct cm_section *const *sections, struct cm_writer to)
{
    cm_print(to, "; a scenario with everything that can be said in one\n;\n");
    cm_describe_wrap("; ", "; ",
                     "Keys that stand commented out are at their defaults. Of the kinds of a "
                     "section one is chosen; the others follow it as comments. A section called "
                     "[gate.my-gate] may stand several times, each time with another name.",
                     to);
    for (size_t i = 0; sections[i]; i++)
        write_section(sections[i], !is_idle(sections[i], sections), to);
}
