/* argp parses and prints; this looks the command line over first.
 *
 * argp's own words for a mistake name neither the nearest option nor a value that is missing, so
 * all that getopt could complain about is found here, from the same table, and argp runs silently.
 *
 * Options cannot be abbreviated, as getopt would let them: what works today must not become
 * ambiguous when a command learns another option. */
#include "cli/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

enum { NAME = 40 };

int cm_options_fail(const struct cm_command *command, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bool question = strchr(command->name, ' '); /* of a command: no topic of `help` */
    cm_print(cm_output_talk(), "coalmine %s: %s\nIts options are listed by: coalmine %s%s%s\n",
             command->name, text, question ? "" : "help ", command->name,
             question ? " --help" : "");
    return CM_EXIT_USAGE;
}

/* Through memory, so that stdout has one writer, which knows whether it failed. */
void cm_options_help(const struct cm_command *command)
{
    char name[NAME], *text = NULL;
    size_t length = 0;
    snprintf(name, sizeof name, "coalmine %s", command->name);
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return;
    /* argp writes to a FILE and to nothing else */
    argp_help(command->usage, memory, ARGP_HELP_USAGE | ARGP_HELP_DOC | ARGP_HELP_LONG, name);
    fclose(memory);
    cm_print(cm_output_data(), "%s", text);
    free(text);
}

/* The name ends at a '=', so it is not terminated. */
static const struct argp_option *find_long(const struct argp_option *options, const char *name,
                                           size_t length)
{
    for (; options->name; options++)
        if (strlen(options->name) == length && memcmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

/* Options without a letter have keys above 255. */
static const struct argp_option *find_short(const struct argp_option *options, char letter)
{
    for (; options->name; options++)
        if (options->key == letter)
            return options;
    return NULL;
}

/* The value of --option=value is not repeated: it is not what is wrong. */
static int fail_unknown(const struct cm_command *command, const char *argument)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    struct cm_guess guess = cm_guess_start(name + 2);
    for (const struct argp_option *o = command->usage->options; o->name; o++)
        cm_guess_try(&guess, o->name);
    if (guess.best)
        return cm_options_fail(command, "unknown option '%s' (did you mean '--%s'?)", name,
                               guess.best);
    return cm_options_fail(command, "unknown option '%s'", name);
}

/* How many arguments an option takes up: 1, or 2 with its value; 0 if something is wrong. */
static int look_over_long(const struct cm_command *command, char *const *argv)
{
    size_t length = strcspn(argv[0] + 2, "=");
    bool has_value = argv[0][2 + length] == '=';
    const struct argp_option *option = find_long(command->usage->options, argv[0] + 2, length);
    if (!option) {
        fail_unknown(command, argv[0]);
        return 0;
    }
    if (!option->arg && has_value) {
        cm_options_fail(command, "option '--%s' takes no value", option->name);
        return 0;
    }
    bool needs_value = option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
    if (needs_value && !has_value && !argv[1]) {
        cm_options_fail(command, "option '--%s' needs a value: --%s %s", option->name, option->name,
                        option->arg);
        return 0;
    }
    return needs_value && !has_value ? 2 : 1;
}

/* Several letters may stand together (-qj 2); the first with a value takes the rest. */
static int look_over_short(const struct cm_command *command, char *const *argv)
{
    for (const char *letter = argv[0] + 1; *letter; letter++) {
        const struct argp_option *option = find_short(command->usage->options, *letter);
        if (!option) {
            cm_options_fail(command, "unknown option '-%c'", *letter);
            return 0;
        }
        if (option->arg && !letter[1] && !argv[1]) {
            cm_options_fail(command, "option '-%c' needs a value: -%c %s", *letter, *letter,
                            option->arg);
            return 0;
        }
        if (option->arg)
            return letter[1] ? 1 : 2;
    }
    return 1;
}

/* Whether every option is in the table and has the value it needs. */
static bool look_over(const struct cm_command *command, int argc, char **argv)
{
    for (int i = 1; i < argc;) {
        int taken = 1;
        /* What follows is arguments, whatever it looks like; a single - is one, too. */
        if (strcmp(argv[i], "--") == 0)
            return true;
        if (strncmp(argv[i], "--", 2) == 0)
            taken = look_over_long(command, argv + i);
        else if (argv[i][0] == '-' && argv[i][1])
            taken = look_over_short(command, argv + i);
        if (!taken)
            return false;
        i += taken;
    }
    return true;
}

/* Help wins over every mistake beside it: whoever asks for it needs it. */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* What is left for argp cannot go wrong, but for what the command's parser itself refuses. */
bool cm_options_parse(const struct cm_command *command, int argc, char **argv, void *input,
                      int *status)
{
    *status = CM_EXIT_OK;
    if (asks_for_help(argc, argv)) {
        cm_options_help(command);
        return false;
    }
    *status = CM_EXIT_USAGE;
    return look_over(command, argc, argv) &&
           argp_parse(command->usage, argc, argv, ARGP_SILENT, NULL, input) == 0;
}

struct nothing {
    const struct cm_command *command;
};

error_t cm_options_none(int key, char *argument, struct argp_state *state)
{
    const struct nothing *input = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    cm_options_fail(input->command, "takes no argument, but got '%.60s'", argument);
    return EINVAL;
}

bool cm_options_parse_none(const struct cm_command *command, int argc, char **argv, int *status)
{
    struct nothing input = {command};
    return cm_options_parse(command, argc, argv, &input, status);
}
