/* YAML (and JSON, which is YAML of a kind) as a tree of nodes that know where they stand.
 *
 * Scalars are text: "99", 99 and 1m are read alike, and what a key takes decides what its value
 * has to look like. What a reader takes from a map is marked, so that the rest can be listed.
 *
 * Input may be hostile: bytes, depth and nodes are limited, an alias counts for everything that it
 * stands for (ten lines of aliases can mean a billion nodes), and a key that occurs twice in a map,
 * which libyaml takes in silence, is a mistake with both lines. */
#ifndef CM_YAML_H
#define CM_YAML_H

#include <stdint.h>

#include "interop/notes.h"
#include "sim/base/mem.h"

enum cm_node_kind { CM_NODE_TEXT, CM_NODE_LIST, CM_NODE_MAP };

struct cm_node {
    enum cm_node_kind kind;
    bool is_null;               /* a text: empty or ~, and not quoted */
    bool quoted;                /* a text, whatever it looks like */
    bool taken;                 /* somebody read it */
    uint32_t line, column, end; /* from 0, in code points; end = 0: it ends on another line */
    uint32_t key_line, key_column;
    const struct cm_yaml *yaml; /* borrowed */
    const char *key;            /* in a map; "" elsewhere */
    const char *text;           /* of a CM_NODE_TEXT; no NUL within */
    struct cm_node *first, *last, *next;
    size_t n;      /* children; keys and values count once */
    size_t size;   /* nodes below and with it, aliases followed */
    size_t height; /* levels below it */
};

/* One file: its documents, and its lines for excerpts. */
struct cm_yaml {
    const char *file; /* borrowed */
    bool ascii;       /* so columns are bytes */
    const char **lines;
    size_t n_lines;
    struct cm_node **documents;
    size_t n;
};

enum { CM_YAML_BYTES = 1 << 20, CM_YAML_DEPTH = 64, CM_YAML_NODES = 100 * 1000 };

/* Reads a whole file; everything lives in the arena. 0, or -1 with a note. */
int cm_yaml_read(struct cm_yaml *yaml, const char *file, const char *text, size_t length,
                 struct cm_arena *arena, struct cm_notes *notes);

/* Where the value stands, or the key that leads to it. */
struct cm_place cm_yaml_place(const struct cm_node *node);
struct cm_place cm_yaml_key_place(const struct cm_node *node);
int cm_yaml_line(const struct cm_node *node); /* from 1 */

#endif
