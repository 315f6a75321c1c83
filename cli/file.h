/* Writing a file so that a reader finds the old one or the new one, never half of either. */
#ifndef CM_FILE_H
#define CM_FILE_H

#include "sim/base/err.h"
#include "sim/base/write.h"

/* Puts `text` into the file, in the place of what is there. 0, or -1 with the reason: then what was
 * there still is. */
int cm_file_put(const char *path, const struct cm_buffer *text, struct cm_err *err);
/* Whether a file could be put there: 0, or -1 with the reason, before there is a text. */
int cm_file_try(const char *path, struct cm_err *err);
/* Refuses a file that is there. */
int cm_file_check_new(const char *path, struct cm_err *err);
/* Both. */
int cm_file_put_new(const char *path, const struct cm_buffer *text, struct cm_err *err);

#endif
