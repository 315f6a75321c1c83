/* coalmine docs: what is made from the tables for other readers: the reference page,
 * docs/reference.md (the committed one has to be what this prints; a lint compares them), manual
 * pages, completion for shells. */
#include <errno.h>
#include <stdbool.h>

#include "cli/command.h"
#include "cli/complete.h"
#include "cli/man.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/sections.h"
#include "sim/base/list.h"
#include "sim/scenario/describe.h"

enum { KEY_MAN = 256, KEY_COMPLETION, KEY_COMPLETE };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"man", KEY_MAN, "SECTION", 0,
     "Print a manual page instead: 1, coalmine(1), or 5, coalmine-scenario(5).", 1},
    {"completion", KEY_COMPLETION, "SHELL", 0,
     "Print a script that completes command lines: for bash, zsh or fish.", 1},
    {"complete", KEY_COMPLETE, NULL, 0,
     "Say what the last WORD of a command line may become; for those scripts.", 1},
    {0},
};

static void print_reference(struct cm_writer to)
{
    struct cm_arena arena = {0};
    cm_describe_reference(cm_sections_all(&arena), to);
    cm_arena_release(&arena);
}

static const char *const man_names[] = {"1", "5", NULL};
enum { NOTHING = -1 };

struct request {
    const struct cm_command *command;
    int man, shell; /* which of those there are, or NOTHING */
    bool complete;
    const char **words; /* the arena's */
    size_t n;
    struct cm_arena arena;
};

/* Words are collected: whether they are wanted is known at the end. */
static void add_word(struct request *request, const char *word)
{
    request->words =
        cm_list_grow(&request->arena, request->words, request->n, sizeof *request->words);
    request->words[request->n++] = word;
}

static error_t refuse_words(const struct request *request)
{
    if (request->complete || request->n == 0)
        return 0;
    cm_options_fail(request->command, "takes no argument, but got '%.60s'", request->words[0]);
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    struct cm_request what = {.command = request->command};
    switch (key) {
    case KEY_MAN:
        request->man = cm_request_choose(&what, "--man", text, man_names);
        return request->man < 0 ? EINVAL : 0;
    case KEY_COMPLETION:
        request->shell = cm_request_choose(&what, "--completion", text, cm_complete_shells);
        return request->shell < 0 ? EINVAL : 0;
    case KEY_COMPLETE:
        request->complete = true;
        return 0;
    case ARGP_KEY_ARG:
        add_word(request, text);
        return 0;
    case ARGP_KEY_END:
        return refuse_words(request);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "[WORD...]",
    .doc = "Prints the reference of scenario files as Markdown: sections, kinds, keys, laws, "
           "diagnostics; or what else is made from the same tables.\v"
           "  coalmine docs --man 1 > coalmine.1; man -l coalmine.1\n"
           "  source <(coalmine docs --completion bash)\n"
           "  coalmine docs --completion fish | source",
};

static const struct cm_choice choices[] = {
    {"man", man_names}, {"completion", cm_complete_shells}, {0}};

static void print(const struct request *request, struct cm_writer to)
{
    static void (*const man[])(struct cm_writer) = {cm_man_program, cm_man_scenario};
    if (request->complete)
        cm_complete(request->words, request->n, to);
    else if (request->shell != NOTHING)
        cm_complete_script(request->shell, to);
    else if (request->man != NOTHING)
        man[request->man](to);
    else
        print_reference(to);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    int status;
    struct request request = {.command = self, .man = NOTHING, .shell = NOTHING};
    if (cm_options_parse(self, argc, argv, &request, &status)) {
        status = CM_EXIT_OK;
        print(&request, cm_output_data());
    }
    cm_arena_release(&request.arena);
    return status;
}

const struct cm_command cm_command_docs = {
    .name = "docs",
    .summary = "Print the reference, manual pages, or completion for a shell.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
