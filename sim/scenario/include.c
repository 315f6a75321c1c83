/* Files that name files, depth first, without recursion: a stack of open files, each with the rest
 * of its include list. A file is read once, however many name it, so the time is bounded by the
 * number of files and not by the number of ways to reach them. */
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/document.h"

enum { DEPTH = 16, FILES = 64 };

struct file {
    const char *name; /* by which it was found */
    struct cm_ini ini;
    const struct cm_ini_key *include; /* NULL = none */
    struct cm_slice rest;             /* of its value */
};

struct reading {
    struct cm_document *doc;
    const struct cm_source *source;
    struct file open[DEPTH + 1]; /* the first file, then each named by the one before it */
    size_t depth;
    const char *seen[FILES];
    size_t n_seen;
};

/* The one key that has to be known before any section is. */
static const struct cm_ini_key *find_include(const struct cm_ini *ini)
{
    for (size_t i = 0; i < ini->n_keys; i++) {
        const struct cm_ini_key *key = &ini->keys[i];
        if (strcmp(key->name, "include") == 0 &&
            strcmp(ini->sections[key->section].name, "scenario") == 0)
            return key;
    }
    return NULL;
}

/* Which files are read cannot depend on a cell, since only the files say which cells there are. */
static bool is_swept(const struct reading *r, const struct cm_ini_key *include)
{
    const char *at = strstr(include->value, "${");
    if (at)
        cm_diag_add(r->doc->diags, CM_DIAG_SWEEP_FORM,
                    cm_ini_value_place(include, (size_t)(at - include->value), 2),
                    "[scenario] include cannot be swept: files are read before a cell is chosen");
    return at != NULL;
}

/* A read file becomes the innermost open one. */
static void open_file(struct reading *r, const char *name, const char *text, size_t length)
{
    struct file *file = &r->open[r->depth++];
    *file = (struct file){.name = name};
    r->seen[r->n_seen++] = name;
    cm_ini_read(&file->ini, name, text, length, r->doc->arena, r->doc->diags);
    r->doc->cut |= file->ini.cut;
    file->include = find_include(&file->ini);
    if (file->include && !is_swept(r, file->include))
        file->rest = cm_slice_of(file->include->value);
}

/* Its includes are read: adds the innermost file to the document. */
static void close_file(struct reading *r)
{
    const struct cm_ini *ini = &r->open[--r->depth].ini;
    struct cm_document *doc = r->doc;
    for (size_t i = 0; i < ini->n_sections; i++) {
        const struct cm_ini_section *section = &ini->sections[i];
        struct cm_chapter *chapter = cm_document_open(doc, section->name, section->place);
        if (!chapter)
            break;
        chapter->place = section->place;
        chapter->damaged |= section->damaged;
        chapter->in_file = true;
    }
    for (size_t i = 0; i < ini->n_keys; i++) {
        const struct cm_ini_key *key = &ini->keys[i];
        struct cm_chapter *chapter = cm_document_find(doc, ini->sections[key->section].name);
        if (chapter)
            cm_document_write(doc, chapter, (struct cm_written){.key = key, .rank = doc->rank});
    }
    doc->rank++;
}

/* "a.ini includes b.ini includes NAME" */
static const char *chain(const struct reading *r, const char *name)
{
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    for (size_t i = 0; i < r->depth; i++)
        cm_print(to, "%s includes ", r->open[i].name);
    cm_print(to, "%s", name);
    const char *kept = cm_arena_text(r->doc->arena, text.text, text.length);
    cm_buffer_release(&text);
    return kept;
}

/* Being read right now: to include it again would never end. */
static bool is_open(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->depth; i++)
        if (strcmp(r->open[i].name, name) == 0)
            return true;
    return false;
}

/* Read already: what it says is in the document, at its rank. */
static bool is_seen(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->n_seen; i++)
        if (strcmp(r->seen[i], name) == 0)
            return true;
    return false;
}

/* Reads what one part of an include list names, unless there is a reason not to. */
static void include(struct reading *r, struct cm_slice part)
{
    const struct file *by = &r->open[r->depth - 1];
    struct cm_diags *diags = r->doc->diags;
    struct cm_place place = cm_ini_value_place(by->include, (size_t)(part.at - by->include->value),
                                               part.length ? part.length : 1);
    const char *path = cm_arena_text(r->doc->arena, part.at, part.length);
    const char *text = "", *name = path;
    size_t length = 0;
    struct cm_err err = {0};
    if (!part.length)
        cm_diag_add(diags, CM_DIAG_INCLUDE_MISSING, place, "a file name is missing here");
    else if (r->source->read(r->source->self, path, by->name, r->doc->arena, &text, &length, &name,
                             &err))
        cm_diag_add(diags, CM_DIAG_INCLUDE_MISSING, place, "%s (%s)", err.text, chain(r, path));
    else if (is_open(r, name))
        cm_diag_add(diags, CM_DIAG_INCLUDE_CYCLE, place, "a file cannot include itself: %s",
                    chain(r, name));
    else if (is_seen(r, name))
        return;
    else if (r->depth > DEPTH || r->n_seen == FILES)
        cm_diag_add(diags, CM_DIAG_INCLUDE_DEPTH, place,
                    "includes go %d deep and over %d files at most: %s", DEPTH, FILES,
                    chain(r, name));
    else
        open_file(r, name, text, length);
}

int cm_include_read(struct cm_document *doc, const struct cm_load *load)
{
    struct reading r = {.doc = doc, .source = &load->source};
    const char *text = "", *name = load->path;
    size_t length = 0;
    struct cm_err err = {0};
    if (load->source.read(load->source.self, load->path, NULL, doc->arena, &text, &length, &name,
                          &err)) {
        cm_diag_add(doc->diags, CM_DIAG_UNREADABLE, (struct cm_place){.file = load->path}, "%s",
                    err.text);
        return -1;
    }
    open_file(&r, name, text, length);
    doc->file = name;
    doc->title = r.open[0].ini.title;
    while (r.depth) {
        struct cm_slice part;
        if (cm_slice_cut(&r.open[r.depth - 1].rest, ',', &part))
            include(&r, part);
        else
            close_file(&r);
    }
    return 0;
}
