/* Chapters find their sections; sections that nobody wrote come with their defaults, behind the
 * written ones. What a file calls a thing is checked here once: [section] or [section.name]. */
#include "sim/scenario/load.h"

#include <string.h>

#include "sim/base/list.h"
#include "sim/base/text.h"

struct cm_group cm_entry_group(const struct cm_entry *entry, int group)
{
    if (group == 0)
        return (struct cm_group){entry->section->params, entry->common, entry->common_origin};
    const struct cm_param *rows = entry->kind ? entry->kind->params : NULL;
    return (struct cm_group){rows, entry->options, entry->options_origin};
}

const char *cm_entry_title(const struct cm_loading *l, size_t i)
{
    const struct cm_chapter *chapter = l->drafts[i].chapter;
    return chapter ? chapter->name : l->entries[i].section->name;
}

struct cm_place cm_entry_place(const struct cm_loading *l, size_t i)
{
    const struct cm_chapter *chapter = l->drafts[i].chapter;
    return chapter ? chapter->place : (struct cm_place){.file = l->document->file};
}

struct cm_place cm_entry_value_place(const struct cm_loading *l, size_t i, const char *key,
                                     size_t at, size_t length)
{
    const struct cm_written *written = cm_chapter_key(l->drafts[i].chapter, key);
    return written ? cm_ini_value_place(written->key, at, length) : cm_entry_place(l, i);
}

/* Keys are written with these. */
static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

struct cm_place cm_entry_err_place(const struct cm_loading *l, size_t i, const struct cm_err *err,
                                   const char *otherwise)
{
    char word[64];
    for (const char *at = err->text; *at;) {
        size_t length = 0;
        while (is_word_byte(at[length]))
            length++;
        if (length > 0 && length < sizeof word) {
            memcpy(word, at, length);
            word[length] = '\0';
            if (cm_chapter_key(l->drafts[i].chapter, word))
                return cm_entry_value_place(l, i, word, err->at, err->length);
        }
        at += length ? length : 1;
    }
    return cm_entry_value_place(l, i, otherwise, 0, 0);
}

int cm_entry_index(const struct cm_loading *l, const char *section, const char *name)
{
    int index = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->entries[i].section->name, section) != 0)
            continue;
        if (strcmp(l->entries[i].name, name) == 0)
            return index;
        index++;
    }
    return -1;
}

size_t cm_entry_at(const struct cm_loading *l, const struct cm_section *section, int index)
{
    size_t i = 0;
    while (i < l->n && (l->entries[i].section != section || index-- > 0))
        i++;
    return i;
}

/* --- which section a chapter is --- */

static const struct cm_section *find_section(const struct cm_loading *l, struct cm_slice head)
{
    for (size_t i = 0; l->sections[i]; i++)
        if (cm_slice_is(head, l->sections[i]->name))
            return l->sections[i];
    return NULL;
}

/* Every section there is, for those who are far from any. */
static void list_sections(const struct cm_loading *l, struct cm_writer to)
{
    for (size_t i = 0; l->sections[i]; i++)
        cm_print(to, "%s[%s%s]", i ? ", " : "", l->sections[i]->name,
                 l->sections[i]->named && !l->sections[i]->bare ? ".NAME" : "");
}

/* A misspelt head keeps its name: [gates.x] is answered with [gate.x]. */
static void report_section(const struct cm_loading *l, const struct cm_chapter *chapter,
                           struct cm_slice head)
{
    struct cm_guess guess = cm_guess_start(cm_arena_text(l->arena, head.at, head.length));
    for (size_t i = 0; l->sections[i]; i++)
        cm_guess_try(&guess, l->sections[i]->name);
    struct cm_buffer hint = {0};
    struct cm_writer to = cm_buffer_writer(&hint);
    const struct cm_section *near = guess.best ? find_section(l, cm_slice_of(guess.best)) : NULL;
    if (near)
        cm_print(to, " (did you mean [%s%s]?)", near->name,
                 near->named ? chapter->name + head.length : "");
    else
        cm_print(to, "; a file may hold "), list_sections(l, to);
    cm_diag_add(l->diags, CM_DIAG_UNKNOWN_SECTION, chapter->place, "unknown section [%s]%s",
                chapter->name, hint.text);
    cm_buffer_release(&hint);
}

/* Whether nothing else goes by this name. */
static bool is_free(const struct cm_loading *l, const struct cm_chapter *chapter,
                    const struct cm_section *section, const char *name)
{
    const struct cm_taken *taken = section->taken;
    while (taken && taken->name && strcmp(taken->name, name) != 0)
        taken++;
    if (!taken || !taken->name)
        return true;
    cm_diag_add(l->diags, CM_DIAG_SECTION_NAME, chapter->place, "[%s] needs another name: %s",
                chapter->name, taken->by);
    return false;
}

/* Whether the name behind the dot is there where it has to be, and can be referred to. */
static bool is_well_named(const struct cm_loading *l, const struct cm_chapter *chapter,
                          const struct cm_section *section)
{
    const char *dot = strchr(chapter->name, '.');
    if (section->named != (dot != NULL) && !(section->bare && !dot)) {
        cm_diag_add(l->diags, CM_DIAG_SECTION_NAME, chapter->place,
                    dot ? "[%s] is written without a name: [%s]" : "[%s] needs a name: [%s.NAME]",
                    chapter->name, section->name);
        return false;
    }
    if (!dot)
        return true;
    if (!cm_text_is_name(cm_slice_of(dot + 1))) {
        cm_diag_add(l->diags, CM_DIAG_SECTION_NAME, chapter->place,
                    "'%s' cannot be a name: a-z first, then a-z, 0-9 and -, at most 40 characters",
                    dot + 1);
        return false;
    }
    return is_free(l, chapter, section, dot + 1);
}

/* --set changes what is there; a new named section would be a misspelt one. */
static void report_set(const struct cm_loading *l, const struct cm_chapter *chapter)
{
    struct cm_guess guess = cm_guess_start(chapter->name);
    for (size_t i = 0; i < l->document->n; i++)
        if (l->document->chapters[i].in_file)
            cm_guess_try(&guess, l->document->chapters[i].name);
    cm_diag_add(l->diags, CM_DIAG_SET_SECTION, chapter->place,
                guess.best ? "there is no [%s] to change (did you mean '%s'?)"
                           : "there is no [%s] to change in %s",
                chapter->name, guess.best ? guess.best : l->document->file);
}

/* The section that a chapter is, or NULL with the reason. */
static const struct cm_section *section_of(const struct cm_loading *l,
                                           const struct cm_chapter *chapter)
{
    struct cm_slice head = {chapter->name, strcspn(chapter->name, ".")};
    const struct cm_section *section = find_section(l, head);
    if (!section) {
        report_section(l, chapter, head);
        return NULL;
    }
    if (!is_well_named(l, chapter, section))
        return NULL;
    if (!chapter->in_file && strchr(chapter->name, '.')) {
        report_set(l, chapter);
        return NULL;
    }
    return section;
}

/* --- entries --- */

/* An entry without values yet; its name lives in the chapter's. */
static void add_entry(struct cm_loading *l, const struct cm_section *section,
                      const struct cm_chapter *chapter)
{
    const char *dot = chapter ? strchr(chapter->name, '.') : NULL;
    l->entries = cm_list_grow(l->arena, l->entries, l->n, sizeof *l->entries);
    l->drafts = cm_list_grow(l->arena, l->drafts, l->n, sizeof *l->drafts);
    l->entries[l->n] = (struct cm_entry){.section = section, .name = dot ? dot + 1 : ""};
    l->drafts[l->n] = (struct cm_draft){.chapter = chapter};
    if (chapter)
        l->entries[l->n].place = chapter->place;
    l->n++;
}

void cm_load_sections(struct cm_loading *l)
{
    for (size_t i = 0; i < l->document->n; i++) {
        const struct cm_chapter *chapter = &l->document->chapters[i];
        const struct cm_section *section = section_of(l, chapter);
        if (section)
            add_entry(l, section, chapter);
    }
    for (size_t i = 0; l->sections[i]; i++)
        if (!l->sections[i]->named && cm_entry_index(l, l->sections[i]->name, "") < 0)
            add_entry(l, l->sections[i], NULL);
    for (size_t i = 0; i < l->n; i++)
        cm_entry_fill(l, i);
}
