/* Chapters are few and short (the reader sees to it), so everything is found by looking through
 * them. A key keeps the place of its first mention in the order, and takes its value, rank and
 * origin from the last. */
#include "sim/scenario/document.h"

#include <string.h>

#include "sim/base/list.h"

struct cm_chapter *cm_document_find(const struct cm_document *doc, const char *name)
{
    for (size_t i = 0; i < doc->n; i++)
        if (strcmp(doc->chapters[i].name, name) == 0)
            return &doc->chapters[i];
    return NULL;
}

/* Keys keep their order: what is printed reads like what was written. */
static struct cm_written *find_key(const struct cm_chapter *chapter, const char *name)
{
    for (size_t i = 0; i < chapter->n_keys; i++)
        if (strcmp(chapter->keys[i].key->name, name) == 0)
            return &chapter->keys[i];
    return NULL;
}

const struct cm_written *cm_chapter_key(const struct cm_chapter *chapter, const char *name)
{
    return chapter ? find_key(chapter, name) : NULL;
}

struct cm_chapter *cm_document_open(struct cm_document *doc, const char *name,
                                    struct cm_place place)
{
    struct cm_chapter *chapter = cm_document_find(doc, name);
    if (chapter)
        return chapter;
    if (doc->n == CM_INI_SECTIONS) {
        cm_diag_add(doc->diags, CM_DIAG_TOO_LARGE, place,
                    "more than %d sections: is this a scenario?", CM_INI_SECTIONS);
        return NULL;
    }
    doc->chapters = cm_list_grow(doc->arena, doc->chapters, doc->n, sizeof *doc->chapters);
    chapter = &doc->chapters[doc->n++];
    *chapter = (struct cm_chapter){.name = name, .place = place};
    return chapter;
}

void cm_document_write(struct cm_document *doc, struct cm_chapter *chapter,
                       struct cm_written written)
{
    struct cm_written *before = find_key(chapter, written.key->name);
    if (before) {
        *before = written;
        return;
    }
    if (chapter->n_keys == CM_INI_SECTION_KEYS) {
        cm_diag_add(doc->diags, CM_DIAG_TOO_LARGE, written.key->place,
                    "more than %d keys in [%s]: is this a scenario?", CM_INI_SECTION_KEYS,
                    chapter->name);
        return;
    }
    chapter->keys = cm_list_grow(doc->arena, chapter->keys, chapter->n_keys, sizeof written);
    chapter->keys[chapter->n_keys++] = written;
}

/* What is too large is no scenario: to go on would only list its contents. */
static bool is_too_large(const struct cm_diags *diags)
{
    for (size_t i = 0; i < diags->n; i++)
        if (diags->list[i].id == CM_DIAG_TOO_LARGE)
            return true;
    return false;
}

int cm_document_read(struct cm_document *doc, const struct cm_load *load)
{
    if (cm_include_read(doc, load))
        return -1;
    for (size_t i = 0; load->set && load->set[i]; i++)
        cm_set_apply(doc, load->set[i]);
    return is_too_large(doc->diags) ? -1 : 0;
}

int cm_document_complete(struct cm_document *doc, const struct cm_replacement *replace, size_t n)
{
    cm_document_replace(doc, replace, n);
    cm_extends_resolve(doc);
    return is_too_large(doc->diags) ? -1 : 0;
}
