/* Commands: one const object a file, one line in commands.def.
 *
 * stdout is data, stderr is talk. Exit codes are those of the whole program and do not depend on
 * the command. */
#ifndef CM_COMMAND_H
#define CM_COMMAND_H

#include <argp.h>

#include "sim/base/kind.h"

enum cm_exit {
    CM_EXIT_OK = 0,
    CM_EXIT_RUN =
        1, /* something failed that is not the user's text: writing, mostly; or nothing was found */
    CM_EXIT_USAGE = 2,       /* the command line cannot be understood */
    CM_EXIT_SCENARIO = 3,    /* a scenario file cannot be used */
    CM_EXIT_ASSERT = 4,      /* what a scenario asserts does not hold */
    CM_EXIT_INTERRUPTED = 5, /* stopped by a signal; nothing was reported */
    CM_EXIT_PLOT = 6,        /* gnuplot is missing or failed; all else was done */
};

/* An option that takes one of a list. */
struct cm_choice {
    const char *option;       /* "format"; NULL ends the list */
    const char *const *names; /* NULL-ended */
};

struct cm_command {
    const char *name;
    const char *summary;      /* one line for lists, with a full stop */
    const struct argp *usage; /* options, arguments, and the prose of its help */
    /* argv[0] is the command; returns an enum cm_exit. */
    int (*run)(const struct cm_command *self, int argc, char **argv);
    /* For manual pages and completion; NULL = there are none. */
    const struct cm_choice *choices;    /* of options */
    const struct cm_kind *const *kinds; /* whose rows are further options; NULL-ended */
    const char *kind_option;            /* names the kind: "gate"; NULL = the first argument does */
    void (*words)(struct cm_writer to); /* "word\tmeaning\n" for all that an argument may be
                                           besides a file */
};

extern const struct cm_command *const cm_commands[]; /* NULL-ended */

/* Runs what a command line asks for. */
int cm_command_dispatch(int argc, char **argv);

const struct cm_command *cm_command_find(const char *name); /* or NULL */

#endif
