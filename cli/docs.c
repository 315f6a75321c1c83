/* coalmine docs: the reference page, docs/reference.md.
 *
 * The committed page has to be what this prints; a lint compares them. */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sections.h"
#include "sim/scenario/describe.h"

static const struct argp_option options[] = {CM_OPTION_HELP, {0}};
static const struct argp usage = {
    .options = options,
    .parser = cm_options_none,
    .doc = "Prints the reference of scenario files as Markdown: sections, kinds, keys, laws, "
           "diagnostics.",
};

static int run(const struct cm_command *self, int argc, char **argv)
{
    int status;
    struct cm_arena arena = {0};
    if (!cm_options_parse_none(self, argc, argv, &status))
        return status;
    cm_describe_reference(cm_sections_all(&arena), cm_output_data());
    cm_arena_release(&arena);
    return CM_EXIT_OK;
}

const struct cm_command cm_command_docs = {
    .name = "docs",
    .summary = "Print the reference of scenario files (Markdown).",
    .usage = &usage,
    .run = run,
};
