/* Which scenario a command is about, and what its command line replaces in it.
 *
 * The parts of a command line that change numbers are kept as a line that says them again, so that
 * a report can name the command that repeats it. */
#ifndef CM_REQUEST_H
#define CM_REQUEST_H

#include <stdbool.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "sim/scenario/scenario.h"

struct cm_request {
    const struct cm_command *command; /* borrowed */
    const char *file;    /* the scenario or manifest; borrowed, as are the values of `set` */
    const char *service; /* what a manifest includes; NULL = the preset */
    const char **set;    /* the arena's */
    size_t n_set;
    struct cm_buffer said; /* the command line, as far as it changes numbers, without the file */
    struct cm_arena arena;
};

/* Options that every command has which plays a scenario, and their keys; others begin at
 * CM_REQUEST_KEYS. */
enum {
    CM_REQUEST_SET = 256,
    CM_REQUEST_SEED,
    CM_REQUEST_FLOW,
    CM_REQUEST_SERVICE,
    CM_REQUEST_KEYS
};
/* clang-format off */
#define CM_REQUEST_OPTIONS                                                                         \
    {"set", CM_REQUEST_SET, "SECTION.KEY=VALUE", 0,                                                \
     "Replace a value of the scenario; may be repeated (--set traffic.rate='100 rps').", 1},       \
    {"seed", CM_REQUEST_SEED, "S", 0,                                                              \
     "Seed of all random numbers (default: the scenario's).", 1},                                  \
    {"flow", CM_REQUEST_FLOW, "FLOW", 0,                                                           \
     "How traffic is drawn: counts, requests or auto (default: the scenario's).", 1},              \
    {"service", CM_REQUEST_SERVICE, "FILE", 0,                                                     \
     "With a manifest as FILE: traffic, service and defects (default: presets/web-api.ini).", 1}
/* clang-format on */

void cm_request_init(struct cm_request *r, const struct cm_command *command);
void cm_request_release(struct cm_request *r);

/* Takes an option of CM_REQUEST_OPTIONS or the file; for argp parsers: 0, EINVAL once the mistake
 * has been named, or ARGP_ERR_UNKNOWN for everything else. */
error_t cm_request_parse(struct cm_request *r, int key, const char *text);

/* An option that stands for a key of [scenario], checked by that key's own row. */
error_t cm_request_set(struct cm_request *r, const char *option, const char *key, const char *text);
/* A value of the scenario, "section.key=VALUE" (borrowed), as --set does. */
void cm_request_add(struct cm_request *r, const char *set);
/* The value of -j; 0, or EINVAL once the mistake has been named. */
error_t cm_request_threads(const struct cm_request *r, const char *text, int *threads);
/* The value of --progress; 0, or EINVAL once the mistake has been named. */
error_t cm_request_progress(const struct cm_request *r, const char *text,
                            enum cm_progress_mode *mode);
/* The value of --false-rollback; 0, or EINVAL once the mistake has been named. */
error_t cm_request_rate(const struct cm_request *r, const char *text, double *rate);
/* Adds words to the line that repeats the command. */
void cm_request_say(struct cm_request *r, const char *word);

/* The index of the policy that --policy names, the first without a name; -1 once it has been said
 * which is nearest. */
int cm_request_policy(const struct cm_request *r, const struct cm_scenario *s, const char *name);
/* The index of `text` in a NULL-ended list; -1 once it has been said which is nearest. */
int cm_request_choose(const struct cm_request *r, const char *option, const char *text,
                      const char *const *names);

/* Loads the scenario, or what a manifest is imported as, and says every mistake; warnings, and what
 * was assumed, only if not `quiet`. 0, or what to exit with: a file with mistakes, or
 * (CM_EXIT_USAGE) one with many scenarios in it, a sweep. */
int cm_request_load(struct cm_request *r, bool quiet, struct cm_scenario *scenario);

/* A command about one scenario, from its command line to its exit status: `play` gets what the
 * command line asks for and what was loaded. */
struct cm_request_call {
    struct cm_request *request; /* begun here, and released */
    void *input;                /* of the command's parser, and of `play` */
    const bool *quiet;          /* in it */
    int (*play)(void *input, struct cm_scenario *scenario);
};
int cm_request_play(const struct cm_request_call *call, const struct cm_command *self, int argc,
                    char **argv);
/* Threads where nobody says how many. */
int cm_request_processors(void);

#endif
