/* Help, templates and the reference, from the tables alone.
 *
 * Nothing here knows a section, a kind or a key: whatever a .def list gains appears in the help, in
 * the template and in docs/reference.md by itself. `sections` is a NULL-ended list of every section
 * a file may hold, those of higher layers included. */
#ifndef CM_DESCRIBE_H
#define CM_DESCRIBE_H

#include "sim/base/kind.h"

/* Something that can be asked about: a section, one of its kinds, a key of either. */
struct cm_topic {
    const char *name; /* "gate", "gate.threshold", "gate.alpha", "gate.threshold.max" */
    const struct cm_section *section;
    const struct cm_kind *kind; /* NULL = of the section itself */
    const struct cm_param *row; /* NULL = not one key */
    bool is_kind_key;           /* the key that chooses a kind */
};
struct cm_topics {
    struct cm_topic *list; /* the arena's */
    size_t n;
};

/* All there is to ask about, the laws included. */
struct cm_topics cm_describe_topics(const struct cm_section *const *sections,
                                    struct cm_arena *arena);

/* Whether a question means a topic: the whole name, its last word ("dispersion"), first and last
 * ("gate.max", "policy.ours.interval"), or a plural ("gates"). 0 = no; the higher, the better. */
int cm_describe_match(const char *question, const struct cm_topic *topic);

/* What there is to say about it. */
void cm_describe_topic(const struct cm_topic *topic, struct cm_writer to);

/* One line a section, with its kinds. */
void cm_describe_index(const struct cm_section *const *sections, struct cm_writer to);

/* The types of values that the sections use, and what they accept. */
void cm_describe_units(const struct cm_section *const *sections, struct cm_writer to);

/* A whole scenario file: every section and key with its default, the kinds one has to choose from.
 */
void cm_describe_template(const struct cm_section *const *sections, struct cm_writer to);

/* The body of a manual page: sections, kinds, keys, laws. */
void cm_describe_man(const struct cm_section *const *sections, struct cm_writer to);

/* Markdown: values, sections, kinds, keys, laws, diagnostics. */
void cm_describe_reference(const struct cm_section *const *sections, struct cm_writer to);

#endif
