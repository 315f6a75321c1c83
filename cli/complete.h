/* Completion of a command line, for shells. */
#ifndef CM_COMPLETE_H
#define CM_COMPLETE_H

#include <stddef.h>

#include "sim/base/write.h"

extern const char *const cm_complete_shells[]; /* "bash", "zsh", "fish"; NULL-ended */

/* The script that a shell reads once; it asks cm_complete by `docs --complete`. */
void cm_complete_script(int shell, struct cm_writer to);

/* What the last of `words` may become; words[0] is the program. A line each:
 *
 *     --format=csv<tab>meaning     a word, whole
 *     :file ini yaml               and files that end so, or folders; all files without endings
 *     :dir                         and folders */
void cm_complete(const char *const *words, size_t n, struct cm_writer to);

#endif
