/* coalmine merge: stores put together, as if one program had run all of it.
 *
 * OUT may be one that is there already: then it is added to. A merge that finds a contradiction
 * leaves it as it was before that store. */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/waiting.h"
#include "sim/base/list.h"
#include "sim/run/store.h"

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors (default: waits, too).", 1},
    {0},
};

struct request {
    const struct cm_command *self;
    const char *out, **in;
    size_t n;
    bool quiet;
    struct cm_arena arena;
};

static void add(struct request *request, const char *text)
{
    if (!request->out) {
        request->out = text;
        return;
    }
    request->in = cm_list_grow(&request->arena, request->in, request->n, sizeof *request->in);
    request->in[request->n++] = text;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        add(request, text);
        return 0;
    case ARGP_KEY_END:
        if (request->n > 0)
            return 0;
        cm_options_fail(request->self, "which stores? (coalmine merge OUT.db PART.db...)");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "OUT PART...",
    .doc = "Puts stores together: the shards of a study (coalmine sweep --shard), or several "
           "studies. What several of them have must be the same in all.\v"
           "Exit status: 0 done, 1 a store cannot be read or written, or two disagree, 2 the "
           "command line is wrong.",
};

static int fail(const struct cm_err *err)
{
    cm_print(cm_output_talk(), "coalmine: %s\n", err->text);
    return CM_EXIT_RUN;
}

static int merge(const struct request *request)
{
    struct cm_waiting waiting = {.path = request->out, .quiet = request->quiet};
    const struct cm_store_options how = {
        .version = CM_VERSION, .wait = cm_waiting_wait, .wait_self = &waiting};
    struct cm_err err = {0}, later = {0};
    struct cm_store *store = cm_store_open(request->out, &how, &err);
    if (!store)
        return fail(&err);
    int status = 0;
    for (size_t i = 0; i < request->n && !status; i++)
        status = cm_store_merge(store, request->in[i], &err);
    if (cm_store_close(store, status ? &later : &err) || status)
        return fail(&err);
    return CM_EXIT_OK;
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.self = self};
    int status;
    if (cm_options_parse(self, argc, argv, &request, &status))
        status = merge(&request);
    cm_arena_release(&request.arena);
    return status;
}

const struct cm_command cm_command_merge = {
    .name = "merge",
    .summary = "Put stores of studies together.",
    .usage = &usage,
    .run = run,
};
