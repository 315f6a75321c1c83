/* Giving one lesson: what its header says, part by part. */
#ifndef CM_LESSON_GIVE_H
#define CM_LESSON_GIVE_H

#include <stdbool.h>

#include "cli/headers.h"

struct cm_lesson {
    const char *name;  /* as it was asked for; borrowed */
    long number;       /* in the course; 0 = of one's own */
    bool no_plot, all; /* without the picture; with all that commands print */
    bool pauses;       /* somebody is there */
    bool broken;       /* something was not there to be seen */
    struct cm_arena *arena;
};

/* Whether a header has any part of a lesson. */
bool cm_lesson_is_one(const struct cm_header *header);

/* An exit status: CM_EXIT_RUN if a command does not print what is to be seen, or that of the
 * command that failed. */
int cm_lesson_give(struct cm_lesson *s, const struct cm_header *lesson);

#endif
