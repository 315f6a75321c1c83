/* The tree is built from libyaml's events with a stack of open nodes, without recursion.
 *
 * An alias becomes a copy of its target's head that shares the children: memory does not grow, and
 * `size` and `height` tell what following it would cost, so that the limits hold for every reader
 * that follows it. Both are complete when a node is closed; an alias inside of its own anchor is
 * refused. */
#include "interop/yaml.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "sim/base/list.h"
#include "sim/base/utf8.h"

enum { ANCHORS = 256, LONG_LINE = 4096 };

struct anchor {
    const char *name;
    struct cm_node *node;
    bool open;
};

/* What is being read. */
struct building {
    struct cm_yaml *yaml;
    struct cm_arena *arena;
    struct cm_notes *notes;
    struct cm_node *open[CM_YAML_DEPTH]; /* from the document's root to the innermost */
    struct cm_node *key[CM_YAML_DEPTH];  /* of a map: the key that waits for its value */
    size_t depth, nodes;
    struct anchor anchors[ANCHORS]; /* of this document */
    size_t n_anchors;
};

/* --- lines --- */

/* The bytes of the line break at `at`, 0 = none: those that libyaml counts. NEL is a control
 * character and was refused. */
static size_t break_at(const char *at, size_t left)
{
    if (*at == '\n' || *at == '\r')
        return left > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
    bool separator = left > 2 && memcmp(at, "\xE2\x80", 2) == 0;
    return separator && (at[2] == '\xA8' || at[2] == '\xA9') ? 3 : 0;
}

static struct cm_place at_line(const struct cm_yaml *yaml, size_t line)
{
    bool known = line < yaml->n_lines;
    return (struct cm_place){
        .file = yaml->file,
        .line = (int)line + 1,
        .text = known ? yaml->lines[line] : NULL,
    };
}

/* Cuts a copy of the text into lines. -1 where it is no text. */
static int cut_lines(struct building *b, const char *text, size_t length)
{
    struct cm_yaml *yaml = b->yaml;
    char *copy = cm_arena_text(b->arena, text, length);
    size_t start = 0, at = 0, broken;
    yaml->ascii = true;
    while (at < length) {
        if ((broken = break_at(text + at, length - at)) > 0 || at + 1 == length) {
            yaml->lines = cm_list_grow(b->arena, yaml->lines, yaml->n_lines, sizeof *yaml->lines);
            yaml->lines[yaml->n_lines++] = copy + start;
            if (broken)
                copy[at] = '\0';
            start = at + (broken ? broken : 1);
        }
        struct cm_glyph glyph = cm_glyph_at(text + at, length - at);
        if (!glyph.good && text[at] != '\t' && !broken) {
            struct cm_place place = {.file = yaml->file, .line = (int)yaml->n_lines + 1};
            place.line -= at + 1 == length; /* its line is counted already */
            cm_notes_add(b->notes, CM_NOTE_ERROR, place,
                         "byte 0x%02x is no UTF-8 text: manifests are text files",
                         (unsigned)(unsigned char)text[at]);
            return -1;
        }
        yaml->ascii = yaml->ascii && glyph.bytes == 1;
        at += broken ? broken : glyph.bytes;
    }
    return 0;
}

/* Code points to bytes. Not in endless lines, of which nobody reads an excerpt. */
static int byte_of(const struct cm_yaml *yaml, const char *line, uint32_t column)
{
    size_t length = line ? strlen(line) : 0, at = 0;
    if (yaml->ascii)
        return (int)column;
    if (length > LONG_LINE)
        return -1;
    for (; column > 0 && at < length; column--)
        at += cm_glyph_at(line + at, length - at).bytes;
    return (int)at;
}

static struct cm_place place_of(const struct cm_yaml *yaml, uint32_t line, uint32_t column,
                                uint32_t end)
{
    struct cm_place place = at_line(yaml, line);
    int from = byte_of(yaml, place.text, column), to = byte_of(yaml, place.text, end);
    place.column = from + 1;
    place.length = to > from ? to - from : 1;
    return place;
}

struct cm_place cm_yaml_place(const struct cm_node *node)
{
    return place_of(node->yaml, node->line, node->column, node->end);
}

struct cm_place cm_yaml_key_place(const struct cm_node *node)
{
    if (!*node->key)
        return cm_yaml_place(node);
    uint32_t end = node->key_column + (uint32_t)strlen(node->key);
    return place_of(node->yaml, node->key_line, node->key_column, end);
}

int cm_yaml_line(const struct cm_node *node)
{
    return (int)(*node->key ? node->key_line : node->line) + 1;
}

/* --- nodes --- */

static int refuse(struct building *b, yaml_mark_t mark, const char *what)
{
    struct cm_place place =
        place_of(b->yaml, (uint32_t)mark.line, (uint32_t)mark.column, (uint32_t)mark.column);
    cm_notes_add(b->notes, CM_NOTE_ERROR, place, "%s", what);
    return -1;
}

static struct cm_node *make(struct building *b, enum cm_node_kind kind, const yaml_event_t *event)
{
    struct cm_node *node = cm_arena_alloc(b->arena, sizeof *node);
    *node = (struct cm_node){
        .kind = kind,
        .line = (uint32_t)event->start_mark.line,
        .column = (uint32_t)event->start_mark.column,
        .yaml = b->yaml,
        .key = "",
        .text = "",
        .size = 1,
    };
    if (event->end_mark.line == event->start_mark.line)
        node->end = (uint32_t)event->end_mark.column;
    return node;
}

/* Counts against the limits for what following it would cost. */
static int count(struct building *b, const struct cm_node *node, yaml_mark_t mark)
{
    b->nodes += node->size;
    if (b->nodes > CM_YAML_NODES)
        return refuse(b, mark, "too much: with all aliases followed, more than 100000 values");
    if (b->depth + node->height >= CM_YAML_DEPTH)
        return refuse(b, mark, "too deep: more than 64 levels");
    return 0;
}

static int remember(struct building *b, const yaml_char_t *name, struct cm_node *node,
                    yaml_mark_t mark)
{
    if (!name)
        return 0;
    if (b->n_anchors == ANCHORS)
        return refuse(b, mark, "more than 256 anchors in one document");
    const char *text = (const char *)name;
    b->anchors[b->n_anchors++] = (struct anchor){
        .name = cm_arena_text(b->arena, text, strlen(text)),
        .node = node,
        .open = node->kind != CM_NODE_TEXT,
    };
    return 0;
}

/* A key of a map that waits for its value. */
static int put_key(struct building *b, struct cm_node *node, yaml_mark_t mark)
{
    if (node->kind != CM_NODE_TEXT)
        return refuse(b, mark, "a key has to be a word");
    if (strcmp(node->text, "<<") == 0 && !node->quoted)
        return refuse(b, mark, "merge keys (<<) are not read: write the keys out");
    b->key[b->depth - 1] = node;
    return 0;
}

/* Puts a node where the next one belongs. */
static int put(struct building *b, struct cm_node *node, yaml_mark_t mark)
{
    if (count(b, node, mark))
        return -1;
    if (b->depth == 0) {
        b->yaml->documents =
            cm_list_grow(b->arena, b->yaml->documents, b->yaml->n, sizeof *b->yaml->documents);
        b->yaml->documents[b->yaml->n++] = node;
        return 0;
    }
    struct cm_node *parent = b->open[b->depth - 1], *key = b->key[b->depth - 1];
    if (parent->kind == CM_NODE_MAP && !key)
        return put_key(b, node, mark);
    if (key) {
        node->key = key->text;
        node->key_line = key->line;
        node->key_column = key->column;
        b->key[b->depth - 1] = NULL;
    }
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->n++;
    return 0;
}

/* --- events --- */

/* The text of keys and values goes into messages and scenarios: no NUL, and no escapes that would
 * put control characters there but for line breaks and tabs. */
static bool is_clean(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        struct cm_glyph glyph = cm_glyph_at(text + i, length - i);
        if (!glyph.good && text[i] != '\n' && text[i] != '\t' && text[i] != '\r')
            return false;
        i += glyph.bytes;
    }
    return true;
}

static int on_text(struct building *b, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct cm_node *node = make(b, CM_NODE_TEXT, event);
    if (!is_clean(text, length))
        return refuse(b, event->start_mark, "a text with control characters");
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->is_null =
        !node->quoted && (length == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
    node->text = cm_arena_text(b->arena, text, length);
    if (remember(b, event->data.scalar.anchor, node, event->start_mark))
        return -1;
    return put(b, node, event->start_mark);
}

static int on_start(struct building *b, const yaml_event_t *event, enum cm_node_kind kind)
{
    struct cm_node *node = make(b, kind, event);
    const yaml_char_t *anchor =
        kind == CM_NODE_LIST ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    node->end = node->column + 1; /* its end is not known yet, and far */
    if (remember(b, anchor, node, event->start_mark) || put(b, node, event->start_mark))
        return -1;
    b->key[b->depth] = NULL;
    b->open[b->depth++] = node;
    return 0;
}

static int by_key(const void *left, const void *right)
{
    const struct cm_node *a = *(struct cm_node *const *)left, *b = *(struct cm_node *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->key_line > b->key_line) - (a->key_line < b->key_line);
}

/* The Kubernetes API refuses it, or takes the last one; either way somebody is wrong about it. */
static int check_keys(struct building *b, const struct cm_node *map)
{
    if (map->n < 2)
        return 0;
    const struct cm_node **sorted = cm_alloc(map->n * sizeof *sorted);
    size_t n = 0;
    int status = 0;
    for (const struct cm_node *child = map->first; child; child = child->next)
        sorted[n++] = child;
    qsort(sorted, n, sizeof *sorted, by_key);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) != 0)
            continue;
        cm_notes_add(b->notes, CM_NOTE_ERROR, cm_yaml_key_place(sorted[i]),
                     "key '%s' was given in line %d already", sorted[i]->key,
                     cm_yaml_line(sorted[i - 1]));
        status = -1;
    }
    cm_free(sorted);
    return status;
}

/* What is below the node is complete: so are its size and height. */
static int on_end(struct building *b)
{
    struct cm_node *node = b->open[--b->depth];
    for (const struct cm_node *child = node->first; child; child = child->next) {
        node->size += child->size;
        if (child->height >= node->height)
            node->height = child->height + 1;
    }
    for (size_t i = 0; i < b->n_anchors; i++)
        if (b->anchors[i].node == node)
            b->anchors[i].open = false;
    return node->kind == CM_NODE_MAP ? check_keys(b, node) : 0;
}

/* The last anchor of a name counts. */
static int on_alias(struct building *b, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    size_t i = b->n_anchors;
    while (i > 0 && strcmp(b->anchors[i - 1].name, name) != 0)
        i--;
    if (i == 0)
        return refuse(b, event->start_mark, "an alias without its anchor");
    if (b->anchors[i - 1].open)
        return refuse(b, event->start_mark, "an alias inside of what it stands for");
    struct cm_node *node = make(b, CM_NODE_TEXT, event), where = *node;
    *node = *b->anchors[i - 1].node;
    node->line = where.line;
    node->column = where.column;
    node->end = where.end;
    node->key = "";
    node->next = NULL;
    return put(b, node, event->start_mark);
}

static int on_event(struct building *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        b->n_anchors = 0;
        return 0;
    case YAML_SCALAR_EVENT:
        return on_text(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(b, event, CM_NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return on_start(b, event, CM_NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(b);
    case YAML_ALIAS_EVENT:
        return on_alias(b, event);
    default:
        return 0;
    }
}

/* libyaml's words for what it could not read, at the place where it noticed. */
static int fail_syntax(struct building *b, const yaml_parser_t *parser)
{
    const char *problem = parser->problem ? parser->problem : "out of memory";
    yaml_mark_t mark = parser->problem_mark;
    struct cm_place place = place_of(b->yaml, (uint32_t)mark.line, (uint32_t)mark.column, 0);
    if (parser->context)
        cm_notes_add(b->notes, CM_NOTE_ERROR, place, "%s (%s, which began in line %d)", problem,
                     parser->context, (int)parser->context_mark.line + 1);
    else
        cm_notes_add(b->notes, CM_NOTE_ERROR, place, "%s", problem);
    return -1;
}

static int parse(struct building *b, yaml_parser_t *parser)
{
    yaml_event_t event;
    for (bool ended = false; !ended;) {
        if (!yaml_parser_parse(parser, &event))
            return fail_syntax(b, parser);
        ended = event.type == YAML_STREAM_END_EVENT;
        int status = on_event(b, &event);
        yaml_event_delete(&event);
        if (status)
            return -1;
    }
    return 0;
}

int cm_yaml_read(struct cm_yaml *yaml, const char *file, const char *text, size_t length,
                 struct cm_arena *arena, struct cm_notes *notes)
{
    static const char mark[] = "\xEF\xBB\xBF";
    *yaml = (struct cm_yaml){.file = file};
    size_t skip = length >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    if (length > CM_YAML_BYTES) {
        cm_notes_add(notes, CM_NOTE_ERROR, (struct cm_place){.file = file},
                     "larger than 1 MiB, which no manifest is");
        return -1;
    }
    yaml_parser_t parser;
    struct building *b = cm_alloc(sizeof *b);
    *b = (struct building){.yaml = yaml, .arena = arena, .notes = notes};
    int status = cut_lines(b, text + skip, length - skip);
    if (!status && yaml_parser_initialize(&parser)) {
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *)text + skip, length - skip);
        status = parse(b, &parser);
        yaml_parser_delete(&parser);
    }
    cm_free(b);
    return status;
}
