/* The scenario that an import writes, section by section.
 *
 * Text, not structs: whoever gets it sees what was made of the manifest, and the loader finds the
 * mistakes of an import where it finds those of anybody. Every key that a manifest gave says where;
 * every other says that it is assumed. */
#ifndef CM_DRAFT_H
#define CM_DRAFT_H

#include "interop/manifest.h"
#include "sim/base/write.h"

/* One key of the scenario and what it came from; texts are the arena's. */
struct cm_trail {
    const char *section, *name, *key, *value; /* "gate", "errors", "max", "1%" */
    const struct cm_node *node;               /* in a manifest; NULL = in none */
};

struct cm_draft {
    struct cm_reader *reader;           /* borrowed */
    const char *section, *section_name; /* being written */
    struct cm_trail *trail;             /* all keys, in order; the arena's */
    size_t n_trail;
    struct cm_buffer text; /* what is finished */
    const char **names;    /* of sections, "gate.errors"; the arena's */
    size_t n_names;
    double longest_s;   /* what a healthy rollout takes, about; 0 = not known */
    bool wants_scrapes; /* a metric cannot be had without */
    bool forbids_scrapes;
    bool waits_for_people;  /* the policy asks somebody */
    double error_limit;     /* smallest share of errors that a gate lets pass; 0 = none */
    double latency_limit_s; /* smallest latency likewise; 0 = none */
};

void cm_draft_release(struct cm_draft *d);

/* A name for a section "gate" like the one that a manifest has: in the letters of names, of at most
 * 40 bytes, and not there yet. The arena's. */
const char *cm_draft_name(struct cm_draft *d, const char *section, const char *wanted);

/* [section.name], or [section] where name is NULL. */
void cm_draft_section(struct cm_draft *d, const char *section, const char *name);
/* A comment line of its own. */
void cm_draft_remark(struct cm_draft *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* key = value, from a manifest: the value's place is named. */
void cm_draft_key(struct cm_draft *d, const struct cm_node *from, const char *key,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* key = value that no manifest has. */
void cm_draft_assume(struct cm_draft *d, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Names with commas between them, for a key of references; {0} is empty, the arena's. */
struct cm_draft_names {
    const char *text;
    size_t n;
};
void cm_draft_list(struct cm_draft *d, struct cm_draft_names *list, const char *name);

/* A number as scenarios write it: 5%, 1m, 500ms. The arena's. */
const char *cm_draft_percent(struct cm_draft *d, double percent);
const char *cm_draft_time(struct cm_draft *d, double seconds);

#endif
