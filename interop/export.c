/* Each value is carried by itself, and the manifest imported anew after it: positions move with the
 * text. */
#include "interop/export.h"

#include <string.h>

#include "interop/values.h"
#include "sim/base/list.h"

struct job {
    struct cm_export *e;
    const struct cm_import *files;
    const struct cm_scenario *s;
    const struct cm_named_policy *policy;
};

/* One import of the manifest as it is now. */
struct pass {
    struct cm_notes notes;
    struct cm_buffer text;
    struct cm_trails trails;
};

static int import(const struct job *job, const char *manifest, size_t length, struct pass *pass)
{
    struct cm_import_file files[CM_EXPORT_FILES];
    struct cm_import what = *job->files;
    *pass = (struct pass){0};
    memcpy(files, job->files->files, what.n * sizeof *files);
    files[0].text = manifest;
    files[0].length = length;
    what.files = files;
    what.name = job->policy->name;
    return cm_import_follow(&what, &pass->notes, &pass->text, &pass->trails);
}

static void release_pass(struct pass *pass)
{
    cm_notes_release(&pass->notes);
    cm_buffer_release(&pass->text);
}

/* --- bytes --- */

static size_t line_start(const char *text, size_t length, uint32_t line)
{
    size_t at = 0;
    for (; line > 0 && at < length; line--) {
        const char *end = memchr(text + at, '\n', length - at);
        at = end ? (size_t)(end - text) + 1 : length;
    }
    return at;
}

/* Bytes of so many code points of UTF-8. */
static size_t skip(const char *text, size_t points)
{
    size_t at = 0;
    for (; points > 0 && text[at]; points--) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

/* The manifest with another text in the place of a node's; quotes stay. False where the node ends
 * on another line. */
static bool splice(const struct cm_buffer *old, const struct cm_node *node, const char *text,
                   struct cm_buffer *changed)
{
    if (node->kind != CM_NODE_TEXT || node->end <= node->column)
        return false;
    size_t start = line_start(old->text, old->length, node->line);
    size_t from = start + skip(old->text + start, node->column);
    size_t until = start + skip(old->text + start, node->end);
    if (node->quoted)
        from++, until--;
    struct cm_writer to = cm_buffer_writer(changed);
    to.write(to.self, old->text, from);
    cm_print(to, "%s", text);
    to.write(to.self, old->text + until, old->length - until);
    return true;
}

static const char *line_of(const struct cm_buffer *text, uint32_t line, struct cm_arena *arena)
{
    size_t start = line_start(text->text, text->length, line);
    const char *end = memchr(text->text + start, '\n', text->length - start);
    size_t length = end ? (size_t)(end - text->text) - start : text->length - start;
    return cm_arena_text(arena, text->text + start, length);
}

/* --- one key --- */

/* What stands behind one key of the scenario. */
struct wish {
    const char *section, *name, *key;
    const struct cm_param *row;
    const char *value; /* as the row prints it */
};

static const struct cm_trail *find_trail(const struct cm_trails *trails, const struct wish *w)
{
    for (size_t i = 0; i < trails->n; i++)
        if (strcmp(trails->list[i].section, w->section) == 0 &&
            strcmp(trails->list[i].name, w->name) == 0 && strcmp(trails->list[i].key, w->key) == 0)
            return &trails->list[i];
    return NULL;
}

/* Whether importing this manifest gives the wish. */
static bool fulfils(const struct job *job, const struct cm_buffer *manifest, const struct wish *w)
{
    struct pass pass;
    bool good = false;
    if (!import(job, manifest->text, manifest->length, &pass)) {
        const struct cm_trail *t = find_trail(&pass.trails, w);
        good = t && strcmp(cm_values_canonical(w->row, t->value, &job->e->arena), w->value) == 0;
    }
    release_pass(&pass);
    return good;
}

static void leave(struct job *job, const struct wish *w, const char *why)
{
    struct cm_export *e = job->e;
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s.%s.%s = %s %s", w->section, w->name, w->key, w->value,
             why);
    e->left = cm_list_grow(&e->arena, e->left, e->n_left, sizeof *e->left);
    e->left[e->n_left++] = cm_arena_text(&e->arena, text.text, text.length);
    cm_buffer_release(&text);
}

static void note_change(struct job *job, const struct wish *w, uint32_t line,
                        const struct cm_buffer *changed)
{
    struct cm_export *e = job->e;
    struct cm_buffer key = {0};
    cm_print(cm_buffer_writer(&key), "%s.%s.%s", w->section, w->name, w->key);
    e->changes = cm_list_grow(&e->arena, e->changes, e->n_changes, sizeof *e->changes);
    e->changes[e->n_changes++] = (struct cm_export_change){
        .line = (int)line + 1,
        .key = cm_arena_text(&e->arena, key.text, key.length),
        .from = line_of(&e->text, line, &e->arena),
        .to = line_of(changed, line, &e->arena),
    };
    cm_buffer_release(&key);
}

/* Tries every spelling of the wish at the node; true once one gives it. */
static bool carry(struct job *job, const struct wish *w, const struct cm_node *node)
{
    char list[CM_SPELLINGS][CM_SPELLING];
    size_t n = cm_values_spell(w->value, list);
    for (size_t i = 0; i < n; i++) {
        struct cm_buffer changed = {0};
        if (splice(&job->e->text, node, list[i], &changed) && fulfils(job, &changed, w)) {
            note_change(job, w, node->line, &changed);
            cm_buffer_release(&job->e->text);
            job->e->text = changed;
            return true;
        }
        cm_buffer_release(&changed);
    }
    return false;
}

/* What the manifest says now against what is wished. */
static void fulfil(struct job *job, const struct wish *w)
{
    struct pass pass;
    if (!import(job, job->e->text.text, job->e->text.length, &pass)) {
        const struct cm_trail *t = find_trail(&pass.trails, w);
        const char *now = t ? t->value : w->row->dflt ? w->row->dflt : "";
        bool same = strcmp(cm_values_canonical(w->row, now, &job->e->arena), w->value) == 0;
        if (!same && (!t || !t->node))
            leave(job, w, "is not in the manifest");
        else if (!same && !carry(job, w, t->node))
            leave(job, w, "cannot be written in its place");
    }
    release_pass(&pass);
}

/* --- all of them --- */

static void fulfil_rows(struct job *job, const struct cm_entry *entry, const struct cm_param *rows)
{
    for (; rows && rows->name; rows++) {
        const void *options;
        const struct cm_param *row = cm_values_row(entry, rows->name, &options);
        struct wish w = {entry->section->name, entry->name, rows->name, row,
                         cm_values_print(row, options, &job->e->arena)};
        fulfil(job, &w);
    }
}

static void fulfil_section(struct job *job, const char *section, const char *name)
{
    const struct cm_entry *entry = cm_values_entry(job->s, section, name);
    if (!entry)
        return;
    fulfil_rows(job, entry, entry->section->params);
    fulfil_rows(job, entry, entry->kind ? entry->kind->params : NULL);
}

int cm_export_run(struct cm_export *e, const struct cm_import *files, const struct cm_scenario *s,
                  int policy, struct cm_notes *notes)
{
    struct job job = {e, files, s, &s->policies[policy]};
    struct cm_buffer ignored = {0};
    struct cm_import what = *files;
    *e = (struct cm_export){0};
    what.name = job.policy->name;
    int status = cm_import_run(&what, notes, &ignored);
    cm_buffer_release(&ignored);
    if (status)
        return -1;
    struct cm_writer to = cm_buffer_writer(&e->text);
    to.write(to.self, files->files[0].text, files->files[0].length);
    fulfil_section(&job, "policy", job.policy->name);
    for (size_t i = 0; i < job.policy->n_watched; i++) {
        const struct cm_named_gate *gate = &s->gates[job.policy->gate[i]];
        fulfil_section(&job, "gate", gate->name);
        for (size_t m = 0; m < gate->n_metrics; m++)
            fulfil_section(&job, "metric", s->metrics[gate->metric[m]].name);
    }
    return 0;
}

void cm_export_release(struct cm_export *e)
{
    cm_buffer_release(&e->text);
    cm_arena_release(&e->arena);
    *e = (struct cm_export){0};
}
