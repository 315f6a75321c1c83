/* Typed access to a tree of nodes, and the walk that finds what was not read. */
#include "interop/manifest.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"

static struct cm_node *child_of(const struct cm_node *map, struct cm_slice key)
{
    if (!map || map->kind != CM_NODE_MAP)
        return NULL;
    for (struct cm_node *node = map->first; node; node = node->next)
        if (cm_slice_is(key, node->key))
            return node;
    return NULL;
}

static struct cm_node *walk(const struct cm_node *map, const char *path, bool mark)
{
    struct cm_slice rest = cm_slice_of(path), key;
    struct cm_node *node = NULL;
    while (cm_slice_cut(&rest, '.', &key)) {
        node = child_of(map, key);
        if (!node)
            return NULL;
        if (mark)
            node->taken = true;
        map = node;
    }
    return node && node->is_null ? NULL : node;
}

const struct cm_node *cm_manifest_take(const struct cm_node *map, const char *path)
{
    return walk(map, path, true);
}

const struct cm_node *cm_manifest_find(const struct cm_node *map, const char *path)
{
    return walk(map, path, false);
}

static bool refuse(struct cm_reader *r, const struct cm_node *node, const char *what)
{
    static const char *const kinds[] = {
        [CM_NODE_TEXT] = "a value", [CM_NODE_LIST] = "a list", [CM_NODE_MAP] = "a map"};
    const char *key = *node->key ? node->key : "an item";
    if (node->kind == CM_NODE_TEXT)
        cm_notes_add(r->notes, CM_NOTE_ERROR, cm_yaml_place(node), "%s: '%.60s' is not %s", key,
                     node->text, what);
    else
        cm_notes_add(r->notes, CM_NOTE_ERROR, cm_yaml_place(node), "%s: %s is not %s", key,
                     kinds[node->kind], what);
    return false;
}

/* A text at the path, or NULL; what is something else is refused. */
static const struct cm_node *take_text(struct cm_reader *r, const struct cm_node *map,
                                       const char *path, const char *what)
{
    const struct cm_node *node = cm_manifest_take(map, path);
    if (!node || node->kind == CM_NODE_TEXT)
        return node;
    refuse(r, node, what);
    return NULL;
}

bool cm_manifest_text(struct cm_reader *r, const struct cm_node *map, const char *path,
                      const char **value)
{
    const struct cm_node *node = take_text(r, map, path, "a text");
    if (node)
        *value = node->text;
    return node != NULL;
}

/* Decimal, as YAML and JSON write numbers: no infinity, no hexadecimal. */
bool cm_manifest_read_number(const char *text, double *value)
{
    char *end;
    if (!*text || text[strspn(text, "0123456789+-.eE")])
        return false;
    *value = strtod(text, &end);
    return !*end && isfinite(*value);
}

bool cm_manifest_number(struct cm_reader *r, const struct cm_node *map, const char *path,
                        double *value)
{
    const struct cm_node *node = take_text(r, map, path, "a number");
    double number;
    if (!node)
        return false;
    if (!cm_manifest_read_number(node->text, &number))
        return refuse(r, node, "a number");
    *value = number;
    return true;
}

bool cm_manifest_item_number(struct cm_reader *r, const struct cm_node *item, double *value)
{
    if (item->kind == CM_NODE_TEXT && cm_manifest_read_number(item->text, value))
        return true;
    return refuse(r, item, "a number");
}

bool cm_manifest_count(struct cm_reader *r, const struct cm_node *map, const char *path,
                       long long *value)
{
    const double most = 1e9;
    const struct cm_node *node = take_text(r, map, path, "a whole number");
    double number;
    if (!node)
        return false;
    if (!cm_manifest_read_number(node->text, &number) || fabs(number) > most ||
        number != floor(number))
        return refuse(r, node, "a whole number");
    *value = (long long)number;
    return true;
}

bool cm_manifest_flag(struct cm_reader *r, const struct cm_node *map, const char *path, bool *value)
{
    const struct cm_node *node = take_text(r, map, path, "true or false");
    if (!node)
        return false;
    bool yes = strcmp(node->text, "true") == 0;
    if (!yes && strcmp(node->text, "false") != 0)
        return refuse(r, node, "true or false");
    *value = yes;
    return true;
}

/* Go's ParseDuration: 1h30m, 1.5s, 500ms. */
bool cm_manifest_read_duration(const char *text, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"h", 3600}, {"m", 60}, {"s", 1}};
    const size_t n = sizeof units / sizeof *units;
    double sum = 0;
    if (!*text)
        return false;
    while (*text) {
        char *end;
        size_t i = 0;
        if (!strchr("0123456789.", *text))
            return false;
        double number = strtod(text, &end);
        while (i < n && strncmp(end, units[i].name, strlen(units[i].name)) != 0)
            i++;
        if (i == n || !isfinite(number))
            return false;
        sum += number * units[i].seconds;
        text = end + strlen(units[i].name);
    }
    *seconds = sum;
    return sum <= 1e8;
}

bool cm_manifest_duration(struct cm_reader *r, const struct cm_node *map, const char *path,
                          double *seconds)
{
    static const char what[] = "a duration (15s, 1m, 1h30m)";
    const double most = 1e8;
    const struct cm_node *node = take_text(r, map, path, what);
    double number;
    if (!node)
        return false;
    if (cm_manifest_read_number(node->text, &number) && number >= 0 && number <= most)
        *seconds = number;
    else if (!cm_manifest_read_duration(node->text, seconds))
        return refuse(r, node, what);
    return true;
}

static const struct cm_node *take_kind(struct cm_reader *r, const struct cm_node *map,
                                       const char *path, enum cm_node_kind kind)
{
    const struct cm_node *node = cm_manifest_take(map, path);
    if (!node || node->kind == kind)
        return node;
    refuse(r, node, kind == CM_NODE_MAP ? "a map" : "a list");
    return NULL;
}

const struct cm_node *cm_manifest_map(struct cm_reader *r, const struct cm_node *map,
                                      const char *path)
{
    return take_kind(r, map, path, CM_NODE_MAP);
}

const struct cm_node *cm_manifest_list(struct cm_reader *r, const struct cm_node *map,
                                       const char *path)
{
    return take_kind(r, map, path, CM_NODE_LIST);
}

bool cm_manifest_is_map(struct cm_reader *r, const struct cm_node *node)
{
    if (node->kind == CM_NODE_MAP)
        return true;
    return refuse(r, node, "a map");
}

/* --- what nobody took --- */

enum { PATH = 256 };

/* A map or list whose children are looked at. */
struct level {
    const struct cm_node *node; /* the next child */
    size_t length;              /* of the path above it */
};

struct rest {
    struct cm_reader *r;
    const struct cm_known *known;
    char path[PATH];
    struct level levels[CM_YAML_DEPTH + 1];
    size_t depth;
};

static bool matches(const char *pattern, const char *path)
{
    size_t n = strlen(pattern);
    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, path, n - 1) == 0;
    return strcmp(pattern, path) == 0;
}

/* The last part of a table's path, if the rest of it is `path`'s. */
static void guess_key(const struct rest *rest, struct cm_guess *guess)
{
    const char *dot = strrchr(rest->path, '.');
    size_t above = dot ? (size_t)(dot - rest->path) + 1 : 0;
    for (const struct cm_known *k = rest->known; k->path; k++) {
        bool beside = strncmp(k->path, rest->path, above) == 0;
        if (beside && !strchr(k->path + above, '.') && !strchr(k->path + above, '*'))
            cm_guess_try(guess, k->path + above);
    }
}

/* Whether something below the path is told apart. */
static bool is_detailed(const struct rest *rest)
{
    size_t n = strlen(rest->path);
    for (const struct cm_known *k = rest->known; k->path; k++)
        if (strncmp(k->path, rest->path, n) == 0 && k->path[n] == '.')
            return true;
    return false;
}

static void list_one(const struct rest *rest, const struct cm_node *node)
{
    const struct cm_known *k = rest->known;
    struct cm_place place = cm_yaml_key_place(node);
    while (k->path && !matches(k->path, rest->path))
        k++;
    if (k->path) {
        cm_notes_add(rest->r->notes, k->kind, place, "%s: %s", rest->path,
                     *k->why ? k->why : "not looked at in this case");
        return;
    }
    struct cm_guess guess = cm_guess_start(node->key);
    guess_key(rest, &guess);
    if (guess.best)
        cm_notes_add(rest->r->notes, CM_NOTE_IGNORED, place,
                     "%s: an unknown key (did you mean '%s'?)", rest->path, guess.best);
    else
        cm_notes_add(rest->r->notes, CM_NOTE_IGNORED, place, "%s: an unknown key", rest->path);
}

static void enter(struct rest *rest, const struct cm_node *node)
{
    assert(rest->depth <= CM_YAML_DEPTH);
    rest->levels[rest->depth++] = (struct level){node->first, strlen(rest->path)};
}

/* Adds a key to the path; items of lists have none. */
static void extend(struct rest *rest, size_t length, const char *key)
{
    rest->path[length] = '\0';
    if (*key)
        snprintf(rest->path + length, PATH - length, "%s%s", length ? "." : "", key);
}

void cm_manifest_list_rest(struct cm_reader *r, const struct cm_node *root,
                           const struct cm_known *known)
{
    struct rest rest = {.r = r, .known = known};
    enter(&rest, root);
    while (rest.depth > 0) {
        struct level *level = &rest.levels[rest.depth - 1];
        const struct cm_node *node = level->node;
        if (!node) {
            rest.depth--;
            continue;
        }
        level->node = node->next;
        extend(&rest, level->length, node->key);
        bool inside = node->taken || !*node->key ||
                      (node->kind == CM_NODE_MAP && node->n && is_detailed(&rest));
        if (!inside)
            list_one(&rest, node);
        else if (node->kind != CM_NODE_TEXT)
            enter(&rest, node);
    }
}
