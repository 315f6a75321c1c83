/* A command line in a text as words: what a shell would make of it, without a shell. */
#ifndef CM_COMMAND_LINE_H
#define CM_COMMAND_LINE_H

#include "sim/base/err.h"
#include "sim/base/mem.h"

struct cm_command_line {
    int argc;
    char **argv; /* NULL-ended, in the arena */
};

/* Splits `text` at blanks. 'single' and "double" quotes keep what is between them together; nothing
 * is expanded, and what a shell would do more with (pipes, variables, backslashes outside single
 * quotes) is refused. 0, or -1 with the reason. */
int cm_command_line_split(const char *text, struct cm_arena *arena, struct cm_command_line *line,
                          struct cm_err *err);

#endif
