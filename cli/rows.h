/* Options of a command that come from a parameter table: a row `cold_start` is --cold-start. Help,
 * defaults and refusals are those of the table. */
#ifndef CM_ROWS_H
#define CM_ROWS_H

#include <stdbool.h>

#include "analysis/solver.h"
#include "cli/command.h"
#include "sim/base/kind.h"

struct cm_rows {
    const struct cm_kind *kind; /* borrowed */
    void *options;              /* what the rows fill; the arena's */
    bool *given;                /* one a row */
    int first_key;              /* of the rows' options, in argp */
    struct cm_arena arena;      /* owned */
};

/* With the rows' defaults. Keys of the rows begin at `first_key`, above 255. */
void cm_rows_init(struct cm_rows *r, const struct cm_kind *kind, int first_key);
void cm_rows_release(struct cm_rows *r);

/* A table for argp: help, the rows, then `own`, ended by an empty one. The arena's. */
const struct argp_option *cm_rows_argp(struct cm_rows *r, const struct argp_option *own);

/* Takes a row's option, and at ARGP_KEY_END asks for those that have to be given, all at once; 0,
 * EINVAL once the mistake has been named, or ARGP_ERR_UNKNOWN for everything else. */
error_t cm_rows_parse(struct cm_rows *r, const struct cm_command *command, int key,
                      const char *text);

/* The value of --format, of commands that answer with a solution; 0, or EINVAL once the mistake has
 * been named. */
error_t cm_rows_format(const struct cm_command *command, const char *text,
                       enum cm_solution_format *format);

/* The names of --format. */
extern const struct cm_choice cm_rows_choices[];

#endif
