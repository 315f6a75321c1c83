/* How far a study is, on stderr: a bar with the time left where somebody watches, a line now and
 * then where it goes to a file. */
#ifndef CM_PROGRESS_H
#define CM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum cm_progress_mode { CM_PROGRESS_AUTO, CM_PROGRESS_BAR, CM_PROGRESS_LINES, CM_PROGRESS_NONE };
extern const char *const cm_progress_names[]; /* by mode, NULL-ended */

struct cm_progress {
    enum cm_progress_mode mode; /* not AUTO once started */
    const char *what;           /* is being done: "simulating"; borrowed */
    double began, said;         /* s, of a steady clock */
    uint64_t done;              /* when it was last heard of */
    int round;                  /* from 1: a search begins anew, and nobody knows how often */
    bool searches;
    bool shown; /* a bar stands on the line */
};

/* A stage of known length, or (`searches`) one that is a number of rounds. */
void cm_progress_start(struct cm_progress *progress, enum cm_progress_mode mode, const char *what,
                       bool searches);
/* As cm_study asks for it; `self` is a struct cm_progress. False once the user asked to stop. */
bool cm_progress_tell(void *self, uint64_t done, uint64_t total);
void cm_progress_end(struct cm_progress *progress); /* takes the bar away */

#endif
