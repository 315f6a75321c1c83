/* Reading the files that values name: recordings, measured latencies. A path is relative to the
 * file in which it was written, so a preset finds its data wherever it is included from; one given
 * by --set is relative to where the command runs. */
#include "sim/scenario/load.h"
#include "sim/service/law.h"

/* The file to which paths in a key's value are relative; NULL = none. */
static const char *base_of(const struct cm_loading *l, size_t i, const char *key)
{
    const struct cm_written *written = cm_chapter_key(l->drafts[i].chapter, key);
    if (!written)
        return l->document->file;
    return written->from_set ? NULL : written->key->place.file;
}

/* What could not be read is as broken as what could not be understood. */
static void report(struct cm_loading *l, size_t i, struct cm_place place, const struct cm_err *err)
{
    l->drafts[i].broken = true;
    cm_diag_add(l->diags, CM_DIAG_PREPARE, place, "[%s] %s", cm_entry_title(l, i), err->text);
}

/* Laws are values, and their parts may name files of measured latencies. */
static void prepare_laws(struct cm_loading *l, size_t i, int group)
{
    struct cm_group fields = cm_entry_group(&l->entries[i], group);
    for (const struct cm_param *row = fields.rows; row && row->name; row++) {
        if (row->type != &cm_type_law)
            continue;
        struct cm_law *law = (void *)((char *)fields.base + row->offset);
        struct cm_err err = {0};
        if (cm_law_prepare(law, l->source, base_of(l, i, row->name), l->arena, &err))
            report(l, i, cm_entry_value_place(l, i, row->name, err.at, err.length), &err);
    }
}

/* The first text that was written for the kind: its file, as far as kinds go. */
static const char *path_key(const struct cm_entry *entry)
{
    struct cm_group fields = cm_entry_group(entry, 1);
    for (size_t i = 0; fields.rows && fields.rows[i].name; i++)
        if (fields.rows[i].type == &cm_type_text && fields.origins[i].from != CM_FROM_DEFAULT)
            return fields.rows[i].name;
    return "";
}

/* A kind that reads nothing may still derive what it needs from its options here. */
static void prepare_kind(struct cm_loading *l, size_t i)
{
    const struct cm_entry *entry = &l->entries[i];
    struct cm_err err = {0};
    if (!entry->kind || !entry->kind->prepare)
        return;
    const char *key = path_key(entry);
    if (!entry->kind->prepare(entry->options, l->source, base_of(l, i, key), l->arena, &err))
        return;
    report(l, i, cm_entry_err_place(l, i, &err, key), &err);
}

void cm_prepare_all(struct cm_loading *l)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->drafts[i].broken)
            continue;
        for (int group = 0; group < CM_GROUPS; group++)
            prepare_laws(l, i, group);
        prepare_kind(l, i);
    }
}
