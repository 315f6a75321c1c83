/* Values of a loaded scenario, and how manifests may write them. */
#ifndef CM_VALUES_OF_SCENARIO_H
#define CM_VALUES_OF_SCENARIO_H

#include "sim/scenario/scenario.h"

/* [section.name], or NULL. */
const struct cm_entry *cm_values_entry(const struct cm_scenario *s, const char *section,
                                       const char *name);
/* The row of a key, of the section or of its kind, and the struct that it fills; or NULL. */
const struct cm_param *cm_values_row(const struct cm_entry *entry, const char *key,
                                     const void **options);
/* What the row prints of the value in its struct; the arena's. */
const char *cm_values_print(const struct cm_param *row, const void *options,
                            struct cm_arena *arena);
/* The same of a value that is written; the text itself if it is no value. */
const char *cm_values_canonical(const struct cm_param *row, const char *text,
                                struct cm_arena *arena);

/* Ways in which a manifest may write a printed value; the likeliest first. Returns how many. */
enum { CM_SPELLINGS = 10, CM_SPELLING = 64 };
size_t cm_values_spell(const char *value, char list[CM_SPELLINGS][CM_SPELLING]);

#endif
