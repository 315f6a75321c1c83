/* Values are compared as their rows print them, so that 60s and 1m are one. */
#include "interop/values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/units.h"

/* --- values --- */

const struct cm_entry *cm_values_entry(const struct cm_scenario *s, const char *section,
                                       const char *name)
{
    for (size_t i = 0; i < s->n_entries; i++)
        if (strcmp(s->entries[i].section->name, section) == 0 &&
            strcmp(s->entries[i].name, name) == 0)
            return &s->entries[i];
    return NULL;
}

/* The row of a key, of the section or of its kind, and the struct that it fills. */
const struct cm_param *cm_values_row(const struct cm_entry *entry, const char *key,
                                     const void **options)
{
    const struct cm_param *row = cm_param_find(entry->section->params, key);
    *options = entry->common;
    if (!row && entry->kind) {
        row = cm_param_find(entry->kind->params, key);
        *options = entry->options;
    }
    return row;
}

/* What the row prints of a value in its struct; the arena's. */
const char *cm_values_print(const struct cm_param *row, const void *options, struct cm_arena *arena)
{
    struct cm_buffer buffer = {0};
    row->type->print(row, (const char *)options + row->offset, cm_buffer_writer(&buffer));
    const char *text = cm_arena_text(arena, buffer.text ? buffer.text : "", buffer.length);
    cm_buffer_release(&buffer);
    return text;
}

/* The same of a value that is written: 60s and 1m are one. The text itself if it is no value. */
const char *cm_values_canonical(const struct cm_param *row, const char *text,
                                struct cm_arena *arena)
{
    struct cm_err ignored = {0};
    char *options = cm_arena_alloc(arena, row->offset + 4096);
    memset(options, 0, row->offset + 4096);
    return cm_param_set(row, options, text, arena, &ignored) ? text
                                                             : cm_values_print(row, options, arena);
}

/* --- spellings --- */

static void add(char list[CM_SPELLINGS][CM_SPELLING], size_t *n, const char *text)
{
    if (*n < CM_SPELLINGS)
        snprintf(list[(*n)++], CM_SPELLING, "%s", text);
}

static void add_number(char list[CM_SPELLINGS][CM_SPELLING], size_t *n, double x)
{
    char text[CM_SPELLING];
    snprintf(text, sizeof text, "%.12g", x);
    add(list, n, text);
}

/* 1h30m as Go writes it: no days. */
static void add_duration(char list[CM_SPELLINGS][CM_SPELLING], size_t *n, double seconds)
{
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    double whole = rint(seconds);
    long long s = (long long)whole;
    if (fabs(seconds - whole) > 1e-9)
        cm_print(to, "%.12gms", 1000 * seconds);
    else if (s / 3600)
        cm_print(to, "%lldh", s / 3600);
    if (fabs(seconds - whole) <= 1e-9 && s / 60 % 60)
        cm_print(to, "%lldm", s / 60 % 60);
    if (fabs(seconds - whole) <= 1e-9 && (s % 60 || s == 0))
        cm_print(to, "%llds", s % 60);
    add(list, n, text.text);
    cm_buffer_release(&text);
}

/* Ways in which a manifest may write the value; those that are nearest to the old one first. */
size_t cm_values_spell(const char *value, char list[CM_SPELLINGS][CM_SPELLING])
{
    struct cm_quantity q;
    struct cm_err ignored = {0};
    size_t n = 0;
    if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
        add(list, &n, *value == 'y' ? "true" : "false");
    if (!cm_units_read_any(value, &q, &ignored)) {
        if (q.unit == CM_SECONDS)
            add_duration(list, &n, q.value);
        add_number(list, &n, q.unit == CM_RATIO ? 100 * q.value : q.value);
        add_number(list, &n, q.value);
        add_number(list, &n, q.unit == CM_RATIO ? 100 * (1 - q.value) : 1000 * q.value);
        add_number(list, &n, 1 - q.value);
    }
    add(list, &n, value);
    return n;
}
