/* What a text says is to be seen in an output: its lines that begin with a bar.
 *
 *     | any-error  healthy  4,000  ...  9.0 % [8.2, 10.0]
 *
 * Such a line is seen if a line of the output, below those of the lines before it, has its words
 * side by side, however many blanks are between them; "..." stands for any words. */
#ifndef CM_SEEN_H
#define CM_SEEN_H

#include "sim/base/mem.h"

/* The first line of `text` that is not seen in the output, in the arena; NULL if all are. */
const char *cm_seen_missing(const char *text, const char *output, struct cm_arena *arena);

/* How much of the output has to be shown: up to the end of the paragraph that holds the last line
 * that is seen. All of it if the text says nothing of it. */
size_t cm_seen_until(const char *text, const char *output);

#endif
