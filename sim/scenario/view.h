/* Entries as the engine wants them: the typed members of struct cm_scenario. */
#ifndef CM_VIEW_H
#define CM_VIEW_H

#include "sim/scenario/load.h"

/* Fills everything but title and file. Entries with errors come as far as they were read: kinds may
 * then be NULL. */
void cm_view_build(struct cm_scenario *s, struct cm_loading *l);

/* The longest stretch of the past that a sound metric or gate reads, and which one does. */
cm_time cm_view_longest_window(const struct cm_loading *l, const char **reader);

#endif
