/* What a command does about the assertions of a scenario: options, words on stderr, JUnit's file,
 * exit status. */
#ifndef CM_ASSERTIONS_H
#define CM_ASSERTIONS_H

#include "analysis/assertion.h"
#include "cli/request.h"

/* Options, for a command that checks assertions; the group is the command's. */
struct cm_assertions {
    const char *junit; /* NULL = no file */
    bool strict;
};
/* clang-format off */
#define CM_ASSERTIONS_OPTIONS(strict_key, junit_key, group)                                        \
    {"strict", strict_key, NULL, 0,                                                                \
     "Fail for assertions that are undecided, too (default: a warning).", group},                  \
    {"junit", junit_key, "FILE", 0,                                                                \
     "Also write the assertions as JUnit's XML (default: only the report).", group}
/* clang-format on */

/* Refuses options that would assert nothing, and files that cannot be written, before anything is
 * simulated; an enum cm_exit. */
int cm_assertions_look_over(const struct cm_assertions *a, const struct cm_request *r,
                            const struct cm_scenario *scenario);

/* For commands that hold no assertions: says that the scenario's are left out, unless `quiet`. */
void cm_assertions_leave_out(const struct cm_request *r, const struct cm_scenario *scenario,
                             bool quiet);

/* Says what fails and, unless `quiet`, what is undecided; writes the file. CM_EXIT_OK,
 * CM_EXIT_ASSERT, or CM_EXIT_RUN if the file could not be written. */
int cm_assertions_conclude(const struct cm_assertions *a, const struct cm_claims *claims,
                           bool quiet);

#endif
