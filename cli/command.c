/* From a command line to a command.
 *
 * Without arguments there is a short usage, on stderr and with the exit status of a mistake: a
 * script that forgot its arguments should notice. What is not a command gets the nearest one, and a
 * scenario file in its place gets the command that was left out. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/output.h"
#include "sim/base/text.h"

#define CM_COMMAND(name) extern const struct cm_command cm_command_##name;
#include "cli/commands.def"
#undef CM_COMMAND

const struct cm_command *const cm_commands[] = {
#define CM_COMMAND(name) &cm_command_##name,
#include "cli/commands.def"
#undef CM_COMMAND
    NULL,
};

/* Names are whole: an abbreviation that works today would be ambiguous tomorrow. */
const struct cm_command *cm_command_find(const char *name)
{
    for (size_t i = 0; cm_commands[i]; i++)
        if (strcmp(cm_commands[i]->name, name) == 0)
            return cm_commands[i];
    return NULL;
}

static void list_commands(struct cm_writer to)
{
    for (size_t i = 0; cm_commands[i]; i++)
        cm_print(to, "  %-10s %s\n", cm_commands[i]->name, cm_commands[i]->summary);
}

/* Short enough to be read: options are a matter of each command. */
static void print_usage(struct cm_writer to)
{
    cm_print(to, "Usage: coalmine COMMAND [ARGUMENT...]\n\n"
                 "Says what a canary release policy would do, before anyone ships.\n\n");
    list_commands(to);
    cm_print(to, "\nBegin with: coalmine template > my.ini, coalmine run my.ini, coalmine help\n");
}

static int unknown_command(const char *name)
{
    struct cm_guess guess = cm_guess_start(name);
    for (size_t i = 0; cm_commands[i]; i++)
        cm_guess_try(&guess, cm_commands[i]->name);
    cm_guess_try(&guess, "--version");
    cm_guess_try(&guess, "--help");
    if (guess.best)
        cm_print(cm_output_talk(), "coalmine: unknown command '%.60s' (did you mean '%s'?)\n", name,
                 guess.best);
    else
        cm_print(cm_output_talk(), "coalmine: unknown command '%.60s'\n", name);
    /* The commonest slip: a scenario without a command. */
    if (strstr(name, ".ini"))
        cm_print(cm_output_talk(), "To run a scenario: coalmine run %.200s\n", name);
    else
        cm_print(cm_output_talk(), "Commands are listed by: coalmine help\n");
    return CM_EXIT_USAGE;
}

/* --version and --help are the only options without a command. */
int cm_command_dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(cm_output_talk());
        return CM_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        cm_print(cm_output_data(), "coalmine %s\n", CM_VERSION);
        return CM_EXIT_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(cm_output_data());
        return CM_EXIT_OK;
    }
    const struct cm_command *command = cm_command_find(argv[1]);
    return command ? command->run(command, argc - 1, argv + 1) : unknown_command(argv[1]);
}
