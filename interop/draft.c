/* Lines are kept short enough for the reader of scenarios: a list of names goes on in the next line
 * before it grows too long. */
#include "interop/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

enum { NAMES = 300, NAME = 40, LONG = 80, LINE = 160, LONGEST = 4096 };

void cm_draft_release(struct cm_draft *d)
{
    cm_buffer_release(&d->text);
}

/* --- names --- */

static bool is_taken(const struct cm_draft *d, const char *name)
{
    for (size_t i = 0; i < d->n_names; i++)
        if (strcmp(d->names[i], name) == 0)
            return true;
    return false;
}

/* Letters, digits and dashes of `wanted`; a letter first. At most so long that a number fits. */
static void clean(const char *wanted, char name[NAME + 1])
{
    const size_t most = NAME - 5;
    size_t n = 0;
    for (; *wanted && n < most; wanted++) {
        char c = *wanted;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (n == 0 && !letter)
            continue;
        if (letter || digit)
            name[n++] = c;
        else if (name[n - 1] != '-')
            name[n++] = '-';
    }
    while (n > 0 && name[n - 1] == '-')
        n--;
    name[n] = '\0';
}

/* No scenario is so long; a manifest that is shall not take all memory for it. */
static bool is_full(const struct cm_draft *d, size_t n)
{
    if (n < NAMES)
        return false;
    cm_notes_add(d->reader->notes, CM_NOTE_ERROR, (struct cm_place){.file = NULL},
                 "more than %d metrics, gates, hooks, weights or steps", NAMES);
    return true;
}

const char *cm_draft_name(struct cm_draft *d, const char *section, const char *wanted)
{
    char name[NAME + 1], whole[2 * NAME];
    if (is_full(d, d->n_names))
        return "unnamed";
    clean(wanted, name);
    if (!*name)
        snprintf(name, sizeof name, "unnamed");
    size_t length = strlen(name), before = strlen(section) + 1;
    snprintf(whole, sizeof whole, "%.30s.%s", section, name);
    for (int i = 2; is_taken(d, whole) && i < 10000; i++) {
        snprintf(name + length, sizeof name - length, "-%d", i);
        snprintf(whole, sizeof whole, "%.30s.%s", section, name);
    }
    d->names = cm_list_grow(d->reader->arena, d->names, d->n_names, sizeof *d->names);
    d->names[d->n_names++] = cm_arena_text(d->reader->arena, whole, strlen(whole));
    return d->names[d->n_names - 1] + before;
}

/* --- lines --- */

/* A formatted text in the arena, with what would end a line or begin a comment taken out. */
static const char *format_text(struct cm_draft *d, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static const char *format_text(struct cm_draft *d, const char *format, va_list args)
{
    char text[LONGEST];
    vsnprintf(text, sizeof text, format, args);
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t' || *c == ';')
            *c = *c == ';' ? ',' : ' ';
    return cm_arena_text(d->reader->arena, text, strlen(text));
}

/* Every key leaves a trail, for whoever wants to go back to where it came from. */
static void leave_trail(struct cm_draft *d, const struct cm_node *from, const char *key,
                        const char *value)
{
    d->trail = cm_list_grow(d->reader->arena, d->trail, d->n_trail, sizeof *d->trail);
    d->trail[d->n_trail++] = (struct cm_trail){
        .section = d->section, .name = d->section_name, .key = key, .value = value, .node = from};
}

void cm_draft_section(struct cm_draft *d, const char *section, const char *name)
{
    d->section = section;
    d->section_name = name ? name : "";
    cm_print(cm_buffer_writer(&d->text), "\n[%s%s%s]\n", section, name ? "." : "",
             name ? name : "");
}

void cm_draft_remark(struct cm_draft *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(d, format, args);
    va_end(args);
    cm_print(cm_buffer_writer(&d->text), "; %.*s\n", LINE, text);
}

/* "canary.yaml:14"; of a path only the file. */
static void write_source(struct cm_draft *d, const struct cm_node *from)
{
    const char *file = from->yaml->file, *slash = strrchr(file, '/');
    cm_print(cm_buffer_writer(&d->text), " ; %.60s:%d", slash ? slash + 1 : file,
             cm_yaml_line(from));
}

/* An indented line goes on with the value above. */
static void write_wrapped(struct cm_draft *d, const char *text)
{
    struct cm_writer to = cm_buffer_writer(&d->text);
    for (size_t column = 0; *text; text++, column++) {
        bool breaks = column >= LONG && *text == ' ';
        to.write(to.self, breaks ? "\n   " : "", breaks ? strlen("\n   ") : 0);
        to.write(to.self, text, 1);
        column = breaks ? 0 : column;
    }
}

void cm_draft_key(struct cm_draft *d, const struct cm_node *from, const char *key,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(d, format, args);
    va_end(args);
    leave_trail(d, from, key, text);
    cm_print(cm_buffer_writer(&d->text), "%s = ", key);
    write_wrapped(d, text);
    if (from && strlen(text) < LONG)
        write_source(d, from);
    cm_print(cm_buffer_writer(&d->text), "\n");
}

void cm_draft_assume(struct cm_draft *d, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(d, format, args);
    va_end(args);
    leave_trail(d, NULL, key, text);
    cm_print(cm_buffer_writer(&d->text), "%s = %s ; assumed\n", key, text);
}

void cm_draft_list(struct cm_draft *d, struct cm_draft_names *list, const char *name)
{
    if (is_full(d, list->n))
        return;
    const char *before = list->n ? list->text : "";
    size_t size = strlen(before) + strlen(name) + 3;
    char *text = cm_arena_alloc(d->reader->arena, size);
    snprintf(text, size, "%s%s%s", before, list->n ? ", " : "", name);
    list->text = text;
    list->n++;
}

/* --- values --- */

/* What the writer of units says, in the arena. */
static const char *print_unit(struct cm_draft *d, double value, enum cm_unit unit)
{
    struct cm_buffer buffer = {0};
    cm_units_print(value, unit, cm_buffer_writer(&buffer));
    const char *text = cm_arena_text(d->reader->arena, buffer.text, buffer.length);
    cm_buffer_release(&buffer);
    return text;
}

const char *cm_draft_percent(struct cm_draft *d, double percent)
{
    char number[40];
    snprintf(number, sizeof number, "%.12g%%", percent);
    return cm_arena_text(d->reader->arena, number, strlen(number));
}

const char *cm_draft_time(struct cm_draft *d, double seconds)
{
    return print_unit(d, seconds, CM_SECONDS);
}
