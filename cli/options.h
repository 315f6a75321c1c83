/* Options of a command, from its argp table: kind words for what is not in it. */
#ifndef CM_OPTIONS_H
#define CM_OPTIONS_H

#include <stdbool.h>

#include "cli/command.h"

/* Every table begins with this row. */
#define CM_OPTION_HELP                                                                             \
    {                                                                                              \
        "help", 'h', NULL, 0, "Print this help.", 0                                                \
    }

/* Reads a command line into `input` by the parser of the command's argp. False if the command has
 * nothing left to do; *status is then what to exit with (help was printed, or a mistake named). */
bool cm_options_parse(const struct cm_command *command, int argc, char **argv, void *input,
                      int *status);

/* For commands that take no arguments: cm_options_parse, with a parser that refuses any. */
bool cm_options_parse_none(const struct cm_command *command, int argc, char **argv, int *status);
error_t cm_options_none(int key, char *argument, struct argp_state *state);

/* Says what is wrong with a command line and where its help is; always CM_EXIT_USAGE. */
int cm_options_fail(const struct cm_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The help of a command, on stdout. */
void cm_options_help(const struct cm_command *command);

#endif
