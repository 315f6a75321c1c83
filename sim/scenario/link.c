/* Names become indices. A reference is any key of type name or names, in a section or a kind; its
 * row says which sections it names. The index is the one among the sections of that kind. */
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/load.h"

/* Where the n-th name of a list stands. */
static struct cm_place name_place(const struct cm_loading *l, size_t i, const struct cm_param *row,
                                  size_t n)
{
    const struct cm_written *written = cm_chapter_key(l->drafts[i].chapter, row->name);
    if (!written)
        return cm_entry_place(l, i);
    struct cm_slice rest = cm_slice_of(written->key->value), part = {0};
    for (size_t k = 0; k <= n && cm_slice_cut(&rest, ',', &part); k++)
        ;
    return cm_ini_value_place(written->key, (size_t)(part.at - written->key->value), part.length);
}

/* The names of a section's sort that need no section: `healthy`, of [defect.NAME]; may be NULL. */
static const struct cm_taken *taken_names(const struct cm_loading *l, const char *section)
{
    for (size_t i = 0; l->sections[i]; i++)
        if (strcmp(l->sections[i]->name, section) == 0)
            return l->sections[i]->taken;
    return NULL;
}

/* The names there are, or how to write one. */
static void list_names(const struct cm_loading *l, const char *section, struct cm_writer to)
{
    bool any = false;
    for (const struct cm_taken *t = taken_names(l, section); t && t->name; t++) {
        if (t->referable)
            cm_print(to, "%s%s", any ? ", " : " (one of: ", t->name);
        any |= t->referable;
    }
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->entries[i].section->name, section) != 0)
            continue;
        cm_print(to, "%s%s", any ? ", " : " (one of: ", l->entries[i].name);
        any = true;
    }
    cm_print(to, any ? ")" : "; the file has no [%s.NAME]", section);
}

/* A name without a section, with the nearest or all that are. */
static void report(struct cm_loading *l, size_t i, const struct cm_param *row, size_t n,
                   const char *name)
{
    const char *section = row->domain;
    l->drafts[i].broken = true;
    if (l->diags->errors >= CM_DIAGS_SHOWN) { /* it is only counted: look for no hint */
        cm_diag_add(l->diags, CM_DIAG_UNKNOWN_REFERENCE, cm_entry_place(l, i), "no such section");
        return;
    }
    struct cm_guess guess = cm_guess_start(name);
    for (size_t k = 0; k < l->n; k++)
        if (strcmp(l->entries[k].section->name, section) == 0)
            cm_guess_try(&guess, l->entries[k].name);
    for (const struct cm_taken *t = taken_names(l, section); t && t->name; t++)
        if (t->referable)
            cm_guess_try(&guess, t->name);
    struct cm_buffer hint = {0};
    struct cm_writer to = cm_buffer_writer(&hint);
    if (guess.best)
        cm_print(to, " (did you mean '%s'?)", guess.best);
    else
        list_names(l, section, to);
    cm_diag_add(l->diags, CM_DIAG_UNKNOWN_REFERENCE, name_place(l, i, row, n),
                "[%s] %s: there is no [%s.%s]%s", cm_entry_title(l, i), row->name, section, name,
                hint.text);
    cm_buffer_release(&hint);
}

static bool is_taken(const struct cm_loading *l, const char *section, const char *name)
{
    for (const struct cm_taken *t = taken_names(l, section); t && t->name; t++)
        if (t->referable && strcmp(t->name, name) == 0)
            return true;
    return false;
}

/* No name is no reference: its index stays -1, and so does that of a name that is taken. */
static void link_ref(struct cm_loading *l, size_t i, const struct cm_param *row, size_t n,
                     struct cm_ref *ref)
{
    ref->index = ref->name ? cm_entry_index(l, row->domain, ref->name) : -1;
    if (ref->name && ref->index < 0 && !is_taken(l, row->domain, ref->name))
        report(l, i, row, n, ref->name);
}

/* Rows of other types refer to nothing. */
static void link_row(struct cm_loading *l, size_t i, const struct cm_param *row, void *field)
{
    if (row->type == &cm_type_ref)
        link_ref(l, i, row, 0, field);
    if (row->type != &cm_type_refs)
        return;
    struct cm_refs *list = field;
    for (size_t n = 0; n < list->n; n++)
        link_ref(l, i, row, n, &list->refs[n]);
}

void cm_link_all(struct cm_loading *l)
{
    for (size_t i = 0; i < l->n; i++) {
        for (int group = 0; group < CM_GROUPS; group++) {
            struct cm_group fields = cm_entry_group(&l->entries[i], group);
            for (const struct cm_param *row = fields.rows; row && row->name; row++)
                link_row(l, i, row, (char *)fields.base + row->offset);
        }
    }
}
