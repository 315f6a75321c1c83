/* --set section.key=VALUE, the last source. The last dot before the first `=` ends the section, so
 * policy.ours.look_every=5s needs no quotes; but keys of [assert] have dots themselves, so that a
 * section of the file goes before, and what cannot be a name is none. Its place is the option. */
#include <string.h>

#include "sim/base/text.h"
#include "sim/base/utf8.h"
#include "sim/scenario/document.h"

/* What would be read differently in a file, or not at all; NULL = nothing. */
static const char *unwritable(struct cm_slice value)
{
    if (!value.length)
        return "there is no value behind '='";
    for (size_t i = 0; i < value.length;) {
        struct cm_glyph glyph = cm_glyph_at(value.at + i, value.length - i);
        if (!glyph.good)
            return "the value has control characters or is not UTF-8";
        if (value.at[i] == ';' && (i == 0 || value.at[i - 1] == ' '))
            return "a ';' after a blank begins a comment";
        i += glyph.bytes;
    }
    return value.length > CM_INI_VALUE ? "the value is too long" : NULL;
}

/* The option as a key of a file: with places, so that every error can show where it came from. */
static struct cm_ini_key *make_key(struct cm_document *doc, struct cm_place place,
                                   struct cm_slice name, struct cm_slice value)
{
    struct cm_ini_piece *piece = cm_arena_alloc(doc->arena, sizeof *piece);
    struct cm_ini_key *key = cm_arena_alloc(doc->arena, sizeof *key);
    *piece = (struct cm_ini_piece){.place = place};
    *key = (struct cm_ini_key){
        .name = cm_arena_text(doc->arena, name.at, name.length),
        .value = cm_arena_text(doc->arena, value.at, value.length),
        .place = place,
        .pieces = piece,
        .n_pieces = 1,
    };
    return key;
}

/* The last dot of text[0, end), or `end`. */
static size_t last_dot(const char *text, size_t end)
{
    for (size_t i = end; i-- > 0;)
        if (text[i] == '.')
            return i;
    return end;
}

/* Whether text[0, end) can head a section: `assert.blast_radius` cannot. */
static bool can_be_section(const char *text, size_t end)
{
    size_t dot = 0;
    while (dot < end && text[dot] != '.')
        dot++;
    return dot == end || cm_text_is_name((struct cm_slice){text + dot + 1, end - dot - 1});
}

/* The dot that ends the section in text[0, end), or `end`. */
static size_t section_end(const struct cm_document *doc, const char *text, size_t end)
{
    size_t best = last_dot(text, end);
    for (size_t dot = best, before; dot < end; dot = before) {
        if (cm_document_find(doc, cm_arena_text(doc->arena, text, dot)))
            return dot;
        before = last_dot(text, dot);
        if (before == dot)
            break;
        if (best == dot && !can_be_section(text, dot))
            best = before;
    }
    return best;
}

/* "--set traffic.rate=30": what was typed, as the name of the file it stands for. */
static const char *option_text(struct cm_arena *arena, const char *option)
{
    static const char prefix[] = "--set ";
    size_t length = strlen(option);
    char *text = cm_arena_alloc(arena, sizeof prefix + length);
    memcpy(text, prefix, sizeof prefix - 1);
    memcpy(text + sizeof prefix - 1, option, length);
    return text;
}

void cm_set_apply(struct cm_document *doc, const char *option)
{
    struct cm_place place = {.file = option_text(doc->arena, option)};
    const char *equals = strchr(option, '=');
    size_t end = equals ? (size_t)(equals - option) : 0, dot = section_end(doc, option, end);
    struct cm_slice section = cm_slice_trim((struct cm_slice){option, dot});
    struct cm_slice name = dot < end
                               ? cm_slice_trim((struct cm_slice){option + dot + 1, end - dot - 1})
                               : (struct cm_slice){0};
    if (!section.length || !name.length) {
        cm_diag_add(doc->diags, CM_DIAG_SET_FORM, place,
                    "this is not section.key=VALUE, as in traffic.rate='30 rps'");
        return;
    }
    struct cm_slice value = cm_slice_trim(cm_slice_of(equals + 1));
    const char *reason = unwritable(value);
    if (!reason && cm_slice_is(section, "scenario") && cm_slice_is(name, "include"))
        reason = "files are included before anything is set; name them in a file";
    if (reason) {
        cm_diag_add(doc->diags, CM_DIAG_SET_FORM, place, "%s", reason);
        return;
    }
    const char *section_name = cm_arena_text(doc->arena, section.at, section.length);
    struct cm_chapter *chapter = cm_document_open(doc, section_name, place);
    if (chapter)
        cm_document_write(doc, chapter,
                          (struct cm_written){.key = make_key(doc, place, name, value),
                                              .rank = doc->rank++,
                                              .from_set = true});
}
