/* Parts of values that other text takes the place of: a sweep's `${10, 30}`, a mark `tune(1..10)`.
 *
 * The value that is typed is a new text; the key remembers which of its bytes stand for which bytes
 * of the file, so that every later message still points into the file. Keys are shared by all
 * scenarios that are made of one document, so a replaced key is a copy. */
#include <assert.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/document.h"

/* A copy of `key` whose value has the first `n` replacements in it; all are of this key. */
static const struct cm_ini_key *patch(struct cm_document *doc, const struct cm_ini_key *key,
                                      const struct cm_replacement *replace, size_t n)
{
    struct cm_ini_patch *patches = cm_arena_alloc(doc->arena, n * sizeof *patches);
    struct cm_ini_key *copy = cm_arena_alloc(doc->arena, sizeof *copy);
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    size_t done = 0, length = strlen(key->value);
    for (size_t i = 0; i < n; i++) {
        const struct cm_replacement *r = &replace[i];
        assert(r->at >= done && r->at + r->length <= length);
        cm_print(to, "%.*s", (int)(r->at - done), key->value + done);
        patches[i] = (struct cm_ini_patch){text.length, strlen(r->text), r->at, r->length};
        to.write(to.self, r->text, strlen(r->text));
        done = r->at + r->length;
    }
    to.write(to.self, key->value + done, length - done);
    *copy = *key;
    copy->value = cm_arena_text(doc->arena, text.text, text.length);
    copy->written = key;
    copy->patches = patches;
    copy->n_patches = n;
    cm_buffer_release(&text);
    return copy;
}

/* How many of the replacements are of the same key as the first. */
static size_t same_key(const struct cm_replacement *replace, size_t n)
{
    size_t same = 1;
    while (same < n && strcmp(replace[same].section, replace->section) == 0 &&
           strcmp(replace[same].key, replace->key) == 0)
        same++;
    return same;
}

void cm_document_replace(struct cm_document *doc, const struct cm_replacement *replace, size_t n)
{
    for (size_t same; n > 0; replace += same, n -= same) {
        same = same_key(replace, n);
        struct cm_chapter *chapter = cm_document_find(doc, replace->section);
        for (size_t i = 0; chapter && i < chapter->n_keys; i++) {
            struct cm_written *written = &chapter->keys[i];
            if (strcmp(written->key->name, replace->key) == 0)
                written->key = patch(doc, written->key, replace, same);
        }
    }
}
