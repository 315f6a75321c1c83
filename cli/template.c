/* coalmine template: something to begin with.
 *
 * Made from the tables each time, so that it always has every key there is. */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sections.h"
#include "sim/scenario/describe.h"

static const struct argp_option options[] = {CM_OPTION_HELP, {0}};
static const struct argp usage = {
    .options = options,
    .parser = cm_options_none,
    .doc = "Prints a scenario file with every section and key: those that have to be given with an "
           "example, the others commented out at their defaults.\v"
           "  coalmine template > my.ini\n  coalmine check my.ini",
};

static int run(const struct cm_command *self, int argc, char **argv)
{
    int status;
    struct cm_arena arena = {0};
    if (!cm_options_parse_none(self, argc, argv, &status))
        return status;
    cm_describe_template(cm_sections_all(&arena), cm_output_data());
    cm_arena_release(&arena);
    return CM_EXIT_OK;
}

const struct cm_command cm_command_template = {
    .name = "template",
    .summary = "Print a commented scenario with every key and its default.",
    .usage = &usage,
    .run = run,
};
