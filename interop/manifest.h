/* Taking values out of manifests: what is taken is marked, so that the rest can be listed.
 *
 * A path is keys with dots: "analysis.interval". A value that is not what was asked for is an error
 * with its place; nothing is converted in silence. Kubernetes' durations are Go's (1h30m, 15s,
 * 500ms), or whole seconds where a manifest gives a number. */
#ifndef CM_MANIFEST_H
#define CM_MANIFEST_H

#include "interop/yaml.h"

struct cm_reader {
    struct cm_arena *arena;
    struct cm_notes *notes;
};

/* The value at the path below a map, marked as taken; NULL if it is not there or null. */
const struct cm_node *cm_manifest_take(const struct cm_node *map, const char *path);
/* The same without marking. */
const struct cm_node *cm_manifest_find(const struct cm_node *map, const char *path);

/* Each: whether the value is there and is one; else *value stays as it is. */
bool cm_manifest_text(struct cm_reader *r, const struct cm_node *map, const char *path,
                      const char **value);
bool cm_manifest_number(struct cm_reader *r, const struct cm_node *map, const char *path,
                        double *value);
bool cm_manifest_count(struct cm_reader *r, const struct cm_node *map, const char *path,
                       long long *value);
bool cm_manifest_flag(struct cm_reader *r, const struct cm_node *map, const char *path,
                      bool *value);
bool cm_manifest_duration(struct cm_reader *r, const struct cm_node *map, const char *path,
                          double *seconds);
/* Maps and lists that may be absent: NULL then, or if they are something else. */
const struct cm_node *cm_manifest_map(struct cm_reader *r, const struct cm_node *map,
                                      const char *path);
const struct cm_node *cm_manifest_list(struct cm_reader *r, const struct cm_node *map,
                                       const char *path);
/* Items of lists: a number, or an error. */
bool cm_manifest_item_number(struct cm_reader *r, const struct cm_node *item, double *value);
/* Whether an item of a list is a map; else an error. */
bool cm_manifest_is_map(struct cm_reader *r, const struct cm_node *node);

/* A decimal number, as YAML and JSON write them. */
bool cm_manifest_read_number(const char *text, double *value);
/* Seconds of a duration in Go's notation; false if it is none. */
bool cm_manifest_read_duration(const char *text, double *seconds);

/* What the kinds of manifests may hold besides what is read, by path without indices; a path ends
 * with * where all below it is meant. */
struct cm_known {
    const char *path;
    enum cm_note_kind kind; /* CM_NOTE_IGNORED or CM_NOTE_NO_EFFECT */
    const char *why;
};

/* A note for everything below `root` that nobody took: from the table (up to a row without a path),
 * or as unknown, with the nearest key. */
void cm_manifest_list_rest(struct cm_reader *r, const struct cm_node *root,
                           const struct cm_known *known);

#endif
