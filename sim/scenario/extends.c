/* `extends = a, b` among the sections of one kind.
 *
 * A chapter inherits when all that it extends is complete: the chapters are gone through until a
 * round completes none. What is left then waits for itself, and following what each of them waits
 * for leads into the cycle. No order of sections is needed, and no recursion. */
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/document.h"

enum { BASES = 16 };

static const struct cm_written *extends_of(const struct cm_chapter *chapter)
{
    return cm_chapter_key(chapter, "extends");
}

/* The chapter that `base` means in the `extends` of `chapter`: [policy.base] in [policy.x]. */
static struct cm_chapter *find_base(const struct cm_document *doc, const struct cm_chapter *chapter,
                                    struct cm_slice base)
{
    size_t head = strcspn(chapter->name, ".") + 1;
    for (size_t i = 0; i < doc->n; i++) {
        const char *name = doc->chapters[i].name;
        if (strncmp(name, chapter->name, head) == 0 && cm_slice_is(base, name + head))
            return &doc->chapters[i];
    }
    return NULL;
}

/* The sections of its kind are candidates, the section itself is not. */
static void report_unknown(const struct cm_document *doc, struct cm_chapter *chapter,
                           struct cm_slice base)
{
    const struct cm_ini_key *key = extends_of(chapter)->key;
    chapter->damaged = true;                    /* what it lacks may be what it should inherit */
    if (doc->diags->errors >= CM_DIAGS_SHOWN) { /* it is only counted: look for no hint */
        cm_diag_add(doc->diags, CM_DIAG_EXTENDS_UNKNOWN, key->place, "no such section");
        return;
    }
    size_t head = strcspn(chapter->name, ".") + 1;
    struct cm_guess guess = cm_guess_start(cm_arena_text(doc->arena, base.at, base.length));
    for (size_t i = 0; i < doc->n; i++)
        if (&doc->chapters[i] != chapter &&
            strncmp(doc->chapters[i].name, chapter->name, head) == 0)
            cm_guess_try(&guess, doc->chapters[i].name + head);
    struct cm_place place =
        cm_ini_value_place(key, (size_t)(base.at - key->value), base.length ? base.length : 1);
    if (guess.best)
        cm_diag_add(doc->diags, CM_DIAG_EXTENDS_UNKNOWN, place,
                    "[%s] extends '%s', which is not there (did you mean '%s'?)", chapter->name,
                    guess.word, guess.best);
    else
        cm_diag_add(doc->diags, CM_DIAG_EXTENDS_UNKNOWN, place,
                    "[%s] extends '%s', but there is no [%.*s%s]", chapter->name, guess.word,
                    (int)head, chapter->name, guess.word);
}

/* What `chapter` still waits for, or NULL. */
static struct cm_chapter *waits_for(const struct cm_document *doc, const struct cm_chapter *chapter)
{
    struct cm_slice rest = cm_slice_of(extends_of(chapter)->key->value), part;
    for (int i = 0; i < BASES && cm_slice_cut(&rest, ',', &part); i++) {
        struct cm_chapter *base = find_base(doc, chapter, part);
        if (base && !base->complete)
            return base;
    }
    return NULL;
}

/* Takes over what the chapter leaves open. Damage is inherited, too: what a base lacks may only
 * be unreadable there. */
static void inherit(struct cm_document *doc, struct cm_chapter *chapter,
                    const struct cm_chapter *base)
{
    for (size_t i = 0; i < base->n_keys; i++) {
        struct cm_written written = base->keys[i];
        written.inherited = true;
        if (strcmp(written.key->name, "extends") != 0 &&
            !cm_chapter_key(chapter, written.key->name))
            cm_document_write(doc, chapter, written);
    }
    chapter->damaged |= base->damaged;
}

/* Earlier bases come first and later ones find their keys taken. */
static void complete(struct cm_document *doc, struct cm_chapter *chapter)
{
    chapter->complete = true;
    const struct cm_ini_key *key = extends_of(chapter)->key;
    struct cm_slice rest = cm_slice_of(key->value), part;
    for (int i = 0; cm_slice_cut(&rest, ',', &part); i++) {
        const struct cm_chapter *base = find_base(doc, chapter, part);
        if (i == BASES) {
            cm_diag_add(doc->diags, CM_DIAG_EXTENDS_UNKNOWN, key->place,
                        "[%s] extends more than %d sections", chapter->name, BASES);
            return;
        }
        if (base)
            inherit(doc, chapter, base);
        else
            report_unknown(doc, chapter, part);
    }
}

/* Completes what waits for nothing; whether there was any. */
static bool complete_ready(struct cm_document *doc)
{
    bool progress = false;
    for (size_t i = 0; i < doc->n; i++) {
        struct cm_chapter *chapter = &doc->chapters[i];
        if (chapter->complete || waits_for(doc, chapter))
            continue;
        complete(doc, chapter);
        progress = true;
    }
    return progress;
}

/* Says once what each cycle is, and lets its sections go without. */
static void report_cycle(struct cm_document *doc, struct cm_chapter *chapter)
{
    for (size_t i = 0; i < doc->n; i++) /* after so many steps we are in it */
        chapter = waits_for(doc, chapter);
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    const struct cm_ini_key *key = extends_of(chapter)->key;
    cm_print(to, "%s", chapter->name);
    struct cm_chapter *next = chapter;
    do {
        next = waits_for(doc, next);
        next->complete = next->damaged = true;
        cm_print(to, " extends %s", next->name);
    } while (next != chapter);
    cm_diag_add(doc->diags, CM_DIAG_EXTENDS_CYCLE, key->place, "a section cannot extend itself: %s",
                text.text);
    cm_buffer_release(&text);
}

void cm_extends_resolve(struct cm_document *doc)
{
    for (size_t i = 0; i < doc->n; i++) {
        struct cm_chapter *chapter = &doc->chapters[i];
        const struct cm_written *extends = extends_of(chapter);
        chapter->complete = !extends || !strchr(chapter->name, '.');
        if (extends && chapter->complete)
            cm_diag_add(doc->diags, CM_DIAG_EXTENDS_UNNAMED, extends->key->place,
                        "[%s] cannot extend anything: only [section.name] can, another of its kind",
                        chapter->name);
    }
    for (size_t i = 0; i < doc->n && doc->diags->errors < CM_DIAGS_SHOWN; i++) {
        while (complete_ready(doc))
            ;
        if (!doc->chapters[i].complete)
            report_cycle(doc, &doc->chapters[i]);
    }
}
