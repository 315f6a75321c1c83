/* The folder of a study: its report in every format, and the resolved scenario that made it.
 *
 * Each file is written beside its place and then renamed, so that a reader never finds half of one.
 * A folder that holds another study is left alone. */
#ifndef CM_FOLDER_H
#define CM_FOLDER_H

#include "sim/base/err.h"
#include "sim/base/write.h"

/* Whether `scenario`, the resolved text, may be reported into the folder, or into one made there;
 * leaves no trace. 0, or -1 with the reason: before anything is run. */
int cm_folder_try(const char *folder, const char *scenario, struct cm_err *err);

/* Puts `text` into folder/name; makes the folder if it is not there. */
int cm_folder_put(const char *folder, const char *name, const struct cm_buffer *text,
                  struct cm_err *err);

#define CM_FOLDER_SCENARIO "scenario.ini"

#endif
