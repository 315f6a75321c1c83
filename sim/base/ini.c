/* libinih parses, our reader decides what it gets to see.
 *
 * Debian's libinih (55-1) gives its handler no line number, cuts headers at 49 characters and lines
 * at 198, merges sections that stand twice, and passes over what it does not understand. It does
 * ask for one line at a time, though. So the reader takes every physical line apart first
 * (ini_line.c), diagnoses it, and hands on the lines that are sound without their comments; a
 * line that is not becomes the header `[-]`, after which nothing can be continued by accident.
 *
 * Values may be of any length: libinih calls the handler once for each line of one, and the pieces
 * are joined here, each with its place. */
#include "sim/base/ini.h"

#include <assert.h>
#include <ini.h>
#include <string.h>

#include "sim/base/ini_line.h"
#include "sim/base/list.h"
#include "sim/base/utf8.h"

enum { GIVE_UP = 1000 }; /* errors */

struct reader {
    struct cm_ini *ini;
    struct cm_arena *arena;
    struct cm_diags *diags;
    char *rest; /* the lines not read yet, in the arena; NULL = none */
    size_t left;
    struct cm_ini_line line;
    bool has_section, note_section; /* note_section: of the user's own, skipped */
    bool repeats;                   /* the section began further up */
    size_t section;

    enum { NOTHING, VALUE, SKIPPED } open; /* what an indented line would continue */
    struct cm_ini_key key;                 /* the one being read */
    struct cm_buffer value;
    struct cm_ini_piece *pieces;
    int depth; /* of parentheses and braces in the value */
};

bool cm_ini_is_note(const char *name)
{
    return strncmp(name, "x-", 2) == 0;
}

/* Where a bound of some bytes of a value is in the value as written; a patch is one thing. */
static size_t written_at(const struct cm_ini_key *key, size_t at, bool is_end)
{
    size_t behind = 0, written_behind = 0; /* the last patch before it */
    for (size_t i = 0; i < key->n_patches; i++) {
        const struct cm_ini_patch *p = &key->patches[i];
        size_t end = p->at + p->length;
        if (is_end ? at <= p->at : at < p->at)
            break;
        if (is_end ? at <= end : at < end)
            return p->written_at + (is_end ? p->written_length : 0);
        behind = end;
        written_behind = p->written_at + p->written_length;
    }
    return at - behind + written_behind;
}

struct cm_place cm_ini_value_place(const struct cm_ini_key *key, size_t at, size_t length)
{
    if (key->written) {
        size_t end = written_at(key, at + length, true);
        at = written_at(key, at, false);
        length = length ? end - at : 0;
        key = key->written;
    }
    size_t i = key->n_pieces - 1;
    while (i > 0 && key->pieces[i].offset > at)
        i--;
    struct cm_place place = key->pieces[i].place;
    if (length == 0) /* all of it; of several lines, the first */
        return key->pieces[0].place;
    int into = (int)(at - key->pieces[i].offset);
    if (into > place.length)
        into = place.length;
    place.column += into;
    place.length -= into;
    if (length < (size_t)place.length)
        place.length = (int)length;
    return place;
}

/* --- values --- */

/* The section that keys go to; NULL = none, or one that is skipped. */
static struct cm_ini_section *current(struct reader *r)
{
    return r->has_section && !r->note_section ? &r->ini->sections[r->section] : NULL;
}

/* Part of this section is lost, and so are the lines that continue the lost part. */
static void mark_damaged(struct reader *r)
{
    struct cm_ini_section *section = current(r);
    if (section)
        section->damaged = true;
    r->open = SKIPPED;
}

/* The keys of a section stand together, at the end of the list while it is read. (A section that
 * stands twice is an error by itself.) */
static const struct cm_ini_key *find_key(const struct reader *r, const char *name)
{
    for (size_t i = r->ini->n_keys; i-- > 0 && r->ini->keys[i].section == r->section;)
        if (strcmp(r->ini->keys[i].name, name) == 0)
            return &r->ini->keys[i];
    return NULL;
}

/* The value is complete: keeps its key. */
static void close_value(struct reader *r)
{
    struct cm_ini *ini = r->ini;
    if (r->open == VALUE && r->value.length == 0) {
        cm_diag_add(r->diags, CM_DIAG_EMPTY_VALUE, r->key.place, "'%s' has no value", r->key.name);
        ini->sections[r->section].damaged = true;
    } else if (r->open == VALUE) {
        r->key.value = cm_arena_text(r->arena, r->value.text, r->value.length);
        r->key.pieces = r->pieces;
        ini->keys = cm_list_grow(r->arena, ini->keys, ini->n_keys, sizeof *ini->keys);
        ini->keys[ini->n_keys++] = r->key;
        ini->sections[r->section].n_keys++;
    }
    r->open = NOTHING;
    r->pieces = NULL;
    cm_buffer_clear(&r->value);
}

/* One line more of the value; they are joined by a blank, which belongs to neither piece. */
static void add_piece(struct reader *r, const char *text)
{
    size_t length = strlen(text);
    struct cm_writer to = cm_buffer_writer(&r->value);
    if (length == 0) /* the value begins on the next line */
        return;
    if (r->value.length)
        to.write(to.self, " ", 1);
    r->pieces = cm_list_grow(r->arena, r->pieces, r->key.n_pieces, sizeof *r->pieces);
    r->pieces[r->key.n_pieces++] = (struct cm_ini_piece){
        .offset = r->value.length,
        .place = cm_ini_line_place(&r->line, r->line.value_at, length),
    };
    to.write(to.self, text, length);
    for (; *text; text++)
        r->depth += (strchr("({", *text) != NULL) - (strchr(")}", *text) != NULL);
}

/* Where the whole section stands twice, that is said already. */
static void report_duplicate(struct reader *r, struct cm_place place,
                             const struct cm_ini_key *first)
{
    if (!r->repeats)
        cm_diag_add(r->diags, CM_DIAG_DUPLICATE_KEY, place,
                    "[%s] has '%s' already, in line %d; one of them has to go",
                    r->ini->sections[r->section].name, first->name, first->place.line);
}

/* Whether something is wrong with a key that would otherwise begin here. */
static bool is_refused(struct reader *r, const char *name)
{
    const struct cm_ini_line *line = &r->line;
    struct cm_place place = cm_ini_line_place(line, 0, line->name_length);
    size_t cut_quote = cm_ini_line_cut_quote(line);
    const struct cm_ini_key *first = r->has_section ? find_key(r, name) : NULL;
    if (!r->has_section)
        cm_diag_add(r->diags, CM_DIAG_NO_SECTION, place,
                    "'%s' stands before the first [section]: it belongs to none", name);
    else if (first)
        report_duplicate(r, place, first);
    else if (cut_quote)
        cm_diag_add(r->diags, CM_DIAG_QUOTED_COMMENT, cm_ini_line_place(line, cut_quote, 1),
                    "a ';' after a blank begins a comment, also within quotes");
    else
        return false;
    mark_damaged(r);
    return true;
}

/* Begins the value of a key, unless nobody is to see it. */
static void open_value(struct reader *r, const char *name)
{
    r->open = SKIPPED;
    if (r->note_section || cm_ini_is_note(name) || is_refused(r, name))
        return;
    r->open = VALUE;
    r->depth = 0;
    r->key = (struct cm_ini_key){
        .name = cm_arena_text(r->arena, name, strlen(name)),
        .place = cm_ini_line_place(&r->line, 0, r->line.name_length),
        .section = r->section,
    };
}

/* libinih's handler: one line of a value. */
static int take_value(void *self, const char *section, const char *name, const char *value)
{
    struct reader *r = self;
    (void)section; /* cut at 49 characters: ours is whole */
    assert(strlen(value) == r->line.end - r->line.value_at);
    if (r->line.kind == CM_LINE_KEY)
        open_value(r, name);
    if (r->open == VALUE)
        add_piece(r, value);
    return 1;
}

/* --- lines --- */

/* Finds the section that a header names, or begins it. */
static void open_section(struct reader *r)
{
    struct cm_ini *ini = r->ini;
    const struct cm_ini_line *line = &r->line;
    const char *name = cm_arena_text(r->arena, line->place.text + line->name_at, line->name_length);
    struct cm_place place = cm_ini_line_place(line, 0, line->end);
    r->has_section = true;
    r->repeats = false;
    r->note_section = line->name_length == 0 || cm_ini_is_note(name); /* no name: diagnosed */
    if (r->note_section)
        return;
    for (r->section = 0; r->section < ini->n_sections; r->section++) {
        const struct cm_ini_section *first = &ini->sections[r->section];
        if (strcmp(first->name, name) != 0)
            continue;
        cm_diag_add(r->diags, CM_DIAG_DUPLICATE_SECTION, place,
                    "[%s] begins in line %d already: put its keys together", name,
                    first->place.line);
        r->repeats = true;
        return;
    }
    ini->sections = cm_list_grow(r->arena, ini->sections, ini->n_sections, sizeof *ini->sections);
    ini->sections[ini->n_sections++] = (struct cm_ini_section){.name = name, .place = place};
}

/* Whether an indented line continues what stands above it. */
static bool continues(struct reader *r)
{
    const struct cm_ini_line *line = &r->line;
    struct cm_place place = cm_ini_line_place(line, line->value_at, line->end - line->value_at);
    if (r->open == NOTHING) {
        cm_diag_add(r->diags, CM_DIAG_STRAY_LINE, place,
                    "an indented line continues a value, and there is none above it; headers and "
                    "keys begin at the left margin");
    } else if (r->depth == 0 && cm_ini_line_is_key_like(line)) {
        cm_diag_add(r->diags, CM_DIAG_INDENTED_KEY, place,
                    "an indented line continues the value above it; headers and keys begin at the "
                    "left margin");
    } else {
        return true;
    }
    close_value(r);
    mark_damaged(r);
    return false;
}

/* Limits keep the passes behind the reader linear: they look through sections and keys. */
static bool has_room(struct reader *r)
{
    const struct cm_ini *ini = r->ini;
    const struct cm_ini_section *section = current(r);
    bool section_fits =
        r->line.kind != CM_LINE_HEADER || r->note_section || ini->n_sections < CM_INI_SECTIONS;
    bool key_fits =
        r->line.kind != CM_LINE_KEY || !section || section->n_keys < CM_INI_SECTION_KEYS;
    if (section_fits && key_fits && r->value.length <= CM_INI_VALUE)
        return true;
    cm_diag_add(r->diags, CM_DIAG_TOO_LARGE, cm_ini_line_place(&r->line, 0, r->line.end),
                "more than %d sections, %d keys in one, or %d characters in a value: is this a "
                "scenario?",
                CM_INI_SECTIONS, CM_INI_SECTION_KEYS, CM_INI_VALUE);
    r->rest = NULL;
    r->ini->cut = true;
    return false;
}

/* A line of a scenario is text; the first byte that is not tells what the file really is. */
static bool is_text(const struct cm_ini_line *line, size_t length, struct cm_diags *diags)
{
    const char *text = line->place.text;
    for (size_t i = 0; i < length;) {
        struct cm_glyph glyph = cm_glyph_at(text + i, length - i);
        if (!glyph.good && text[i] != '\t') {
            cm_diag_add(diags, CM_DIAG_NOT_TEXT, cm_ini_line_place(line, i, 1),
                        "byte 0x%02x is not text: a scenario is written in UTF-8, without control "
                        "characters",
                        (unsigned)(unsigned char)text[i]);
            return false;
        }
        i += glyph.bytes;
    }
    return true;
}

/* Cuts the next line off the text; false at the end, where it stops being text, or where it has
 * been wrong so often that it must be another kind of file. */
static bool cut_line(struct reader *r)
{
    if (!r->rest || r->left == 0 || r->diags->errors >= GIVE_UP)
        return false;
    char *start = r->rest, *end = memchr(start, '\n', r->left);
    size_t length = end ? (size_t)(end - start) : r->left;
    r->rest = end ? end + 1 : NULL;
    r->left -= end ? length + 1 : length;
    if (length && start[length - 1] == '\r')
        length--;
    start[length] = '\0';
    r->line = (struct cm_ini_line){.place = r->line.place};
    r->line.place.line++;
    r->line.place.text = start;
    r->ini->cut = !is_text(&r->line, length, r->diags);
    return !r->ini->cut;
}

/* Lets the line have its effect and says what libinih gets to see of it. */
static const char *offer(struct reader *r)
{
    static const char *const hidden = "[-]";
    cm_ini_line_read(&r->line, r->diags);
    bool is_more = r->line.kind == CM_LINE_MORE;
    if (r->line.kind == CM_LINE_COMMENT)
        return "";
    if (!is_more)
        close_value(r);
    if (!has_room(r))
        return hidden;
    if (r->line.kind == CM_LINE_HEADER)
        open_section(r);
    else if (r->line.kind == CM_LINE_BAD)
        mark_damaged(r);
    else if (r->line.kind == CM_LINE_KEY || (is_more && continues(r) && r->open == VALUE))
        return r->line.place.text;
    return hidden;
}

/* libinih's reader. */
static char *next_line(char *out, int room, void *self)
{
    struct reader *r = self;
    if (!cut_line(r))
        return NULL;
    const char *text = offer(r);
    size_t length = text == r->line.place.text ? r->line.end : strlen(text);
    assert((int)length < room);
    memcpy(out, text, length);
    out[length] = '\0';
    return out;
}

/* --- the file --- */

/* The title of a scenario is the comment that it opens with. */
static const char *leading_comment(const char *text, struct cm_arena *arena)
{
    if (text[0] != ';' && text[0] != '#')
        return NULL;
    text += 1 + strspn(text + 1, " \t");
    size_t length = strcspn(text, "\r\n");
    return length ? cm_arena_text(arena, text, length) : NULL;
}

int cm_ini_read(struct cm_ini *ini, const char *file, const char *text, size_t length,
                struct cm_arena *arena, struct cm_diags *diags)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    size_t errors = diags->errors, mark = sizeof byte_order_mark - 1;
    if (length >= mark && memcmp(text, byte_order_mark, mark) == 0) {
        text += mark;
        length -= mark;
    }
    *ini = (struct cm_ini){0};
    struct reader r = {
        .ini = ini,
        .arena = arena,
        .diags = diags,
        .rest = cm_arena_text(arena, text, length), /* lines are terminated in place */
        .left = length,
        .line.place.file = file,
    };
    ini->title = leading_comment(r.rest, arena);
    int bad_line = ini_parse_stream(next_line, &r, take_value, &r);
    assert(bad_line == 0); /* libinih sees only what it understands */
    (void)bad_line;
    close_value(&r);
    cm_buffer_release(&r.value);
    return diags->errors == errors ? 0 : -1;
}
