/* What a search has played, in a file, so that it goes on where it was interrupted.
 *
 * A search is deterministic: the same file, seed and program bring the same candidates in the same
 * order. So a journal is a list of (candidate, replications, trials), and a search that begins anew
 * with it takes what is there and plays the rest. Records are appended as they come; what a killed
 * program left half written at the end is cut off. */
#ifndef CM_TUNE_JOURNAL_H
#define CM_TUNE_JOURNAL_H

#include <stdio.h>

#include "analysis/tune_play.h"

struct cm_tune_journal {
    FILE *file;                     /* NULL = there is no journal */
    struct cm_tune_record *records; /* owned */
    size_t n;
    bool failed; /* to write; nothing more is */
};

/* Opens or makes the journal of this search. 0, or -1 with the reason: it may be another search's.
 */
int cm_tune_journal_open(struct cm_tune_journal *j, const char *path, const struct cm_tune_field *f,
                         struct cm_err *err);
/* -1 if not everything could be written. */
int cm_tune_journal_close(struct cm_tune_journal *j, struct cm_err *err);

/* As cm_tune_play, with and into the journal. */
int cm_tune_journal_play(struct cm_tune_journal *j, struct cm_tune_field *f,
                         struct cm_candidate *const *list, size_t n, uint64_t upto);

#endif
