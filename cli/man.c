/* The manual pages, from the tables of commands, options, pages and keys. What a table does not
 * know (where files are, what to begin with) stands here, once. */
#include "cli/man.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/pages.h"
#include "cli/rows.h"
#include "cli/sections.h"
#include "cli/source_file.h"
#include "sim/base/roff.h"
#include "sim/scenario/describe.h"

static void write_head(const char *name, int section, const char *book, const char *summary,
                       struct cm_writer to)
{
    cm_print(to, ".\\\" Made by coalmine docs --man %d; changes belong into the tables.\n",
             section);
    cm_print(to, ".TH %s %d \"\" \"coalmine %s\" \"%s\"\n", name, section, CM_VERSION, book);
    cm_print(to, ".nh\n.ad l\n.SH NAME\n");
    cm_roff_words(to, name);
    cm_print(to, " \\- ");
    cm_roff_words(to, summary);
    cm_print(to, "\n");
}

/* --- options --- */

/* "-j, --threads=N" over its sentence. */
static void write_option(const struct argp_option *o, struct cm_writer to)
{
    cm_print(to, ".TP\n");
    if (o->key > ' ' && o->key < 127)
        cm_print(to, "\\fB\\-%c\\fR, ", o->key);
    cm_print(to, "\\fB\\-\\-");
    cm_roff_words(to, o->name);
    cm_print(to, "\\fR");
    if (o->arg) {
        bool optional = o->flags & OPTION_ARG_OPTIONAL;
        cm_print(to, optional ? "[=\\fI" : "=\\fI");
        cm_roff_words(to, o->arg);
        cm_print(to, optional ? "\\fR]" : "\\fR");
    }
    cm_print(to, "\n");
    cm_roff_words(to, o->doc);
    cm_print(to, "\n");
}

/* Group by group, as the help has them; the help itself is the same everywhere. */
static void write_options(const struct argp_option *options, struct cm_writer to)
{
    enum { GROUPS = 10 };
    for (int group = 0; group < GROUPS; group++)
        for (const struct argp_option *o = options; o->name; o++)
            if (o->group == group && o->key != 'h')
                write_option(o, to);
}

/* The options that come with one of a list. */
static void write_kind(const struct cm_command *command, const struct cm_kind *kind,
                       struct cm_writer to)
{
    static const struct argp_option none[] = {{0}};
    struct cm_rows rows;
    cm_print(to, ".PP\n\\fBcoalmine ");
    cm_roff_words(to, command->name);
    if (command->kind_option) {
        cm_print(to, " \\-\\-");
        cm_roff_words(to, command->kind_option);
    }
    cm_print(to, " ");
    cm_roff_words(to, kind->name);
    cm_print(to, "\\fR\n.br\n");
    cm_roff_words(to, kind->summary);
    cm_print(to, "\n");
    cm_rows_init(&rows, kind, 256);
    write_options(cm_rows_argp(&rows, none), to);
    cm_rows_release(&rows);
}

/* --- a command --- */

/* What follows the options of a help: argp lets a command change it, and frees what comes back. */
static void write_last_words(const struct argp *usage, const char *words, struct cm_writer to)
{
    char *made =
        usage->help_filter ? usage->help_filter(ARGP_KEY_HELP_POST_DOC, words, NULL) : NULL;
    const char *text = usage->help_filter ? made : words;
    if (text && *text)
        cm_roff_prose(to, text);
    if (made != words)
        free(made);
}

static void write_command(const struct cm_command *command, struct cm_writer to)
{
    const struct argp *usage = command->usage;
    const char *doc = usage->doc ? usage->doc : "", *last = strchr(doc, '\v');
    struct cm_buffer first = {0};
    cm_print(cm_buffer_writer(&first), "%.*s", (int)(last ? (size_t)(last - doc) : strlen(doc)),
             doc);
    cm_print(to, ".SS \"coalmine ");
    cm_roff_words(to, command->name);
    cm_print(to, " [OPTION...]%s", usage->args_doc ? " " : "");
    cm_roff_words(to, usage->args_doc ? usage->args_doc : "");
    cm_print(to, "\"\n");
    cm_roff_prose(to, first.text);
    write_options(usage->options, to);
    if (last)
        write_last_words(usage, last + 1, to);
    for (size_t i = 0; command->kinds && command->kinds[i]; i++)
        write_kind(command, command->kinds[i], to);
    cm_buffer_release(&first);
}

/* --- the pages --- */

static void write_page(const char *name, const struct cm_section *const *sections,
                       struct cm_writer to)
{
    struct cm_buffer text = {0};
    cm_pages_find(name)->print(sections, cm_buffer_writer(&text));
    cm_roff_prose(to, text.text);
    cm_buffer_release(&text);
}

static void write_files(struct cm_writer to)
{
    cm_print(to, ".SH FILES\n.TP\n\\fI");
    cm_roff_words(to, cm_source_folder);
    cm_print(to, "\\fR\n"
                 "Scenarios that come with the program: questions, lessons, policies, studies, "
                 "and presets for\n"
                 "include = presets/web\\-api.ini. Names that are not found beside a file are "
                 "looked for here.\n");
}

void cm_man_program(struct cm_writer to)
{
    struct cm_arena arena = {0};
    write_head("coalmine", 1, "User Commands", "say what a canary release policy would do", to);
    cm_print(to,
             ".SH SYNOPSIS\n\\fBcoalmine\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] "
             "[\\fIARGUMENT\\fR...]\n.br\n\\fBcoalmine \\-\\-version\\fR | \\fB\\-\\-help\\fR\n");
    cm_print(to, ".SH DESCRIPTION\n");
    cm_roff_prose(to,
                  "Simulates releases of a service, some healthy and some with a defect, and lets "
                  "a rollout policy watch them as a monitor would: how many healthy releases are "
                  "rolled back, how many bad ones are found and when, what they broke until then. "
                  "An experiment is a scenario file, see coalmine-scenario(5).\n\n"
                  "Every command prints its help with --help; coalmine help TOPIC explains "
                  "commands, sections, kinds and keys.\n");
    cm_print(to, ".SH COMMANDS\n");
    for (size_t i = 0; cm_commands[i]; i++)
        write_command(cm_commands[i], to);
    cm_print(to, ".SH \"EXIT STATUS\"\n");
    write_page("exit-codes", cm_sections_all(&arena), to);
    cm_print(to, ".SH ENVIRONMENT\n");
    cm_roff_prose(to, "No variable changes a number. Whether standard error is a terminal decides "
                      "how progress is shown.\n");
    write_files(to);
    cm_print(to, ".SH EXAMPLES\n");
    cm_roff_example(
        to, "coalmine template > my.ini\n"
            "coalmine check my.ini\n"
            "coalmine run my.ini --quick\n"
            "coalmine run my.ini --set traffic.rate='100 rps' --format csv > my.csv\n"
            "coalmine trace my.ini --find false_rollback\n"
            "coalmine solve bake --rate '30 rps' --weight 1% --base 0.1% --effect +0.5pp\n");
    cm_print(to, ".SH \"SEE ALSO\"\n");
    cm_roff_words(to, "coalmine-scenario(5)");
    cm_print(to, "\n");
    cm_arena_release(&arena);
}

void cm_man_scenario(struct cm_writer to)
{
    struct cm_arena arena = {0};
    const struct cm_section *const *sections = cm_sections_all(&arena);
    write_head("coalmine-scenario", 5, "File Formats", "an experiment on canary release policies",
               to);
    cm_print(to, ".SH DESCRIPTION\n");
    write_page("files", sections, to);
    cm_print(to, ".SH VALUES\n");
    write_page("units", sections, to);
    cm_describe_man(sections, to);
    write_files(to);
    cm_print(to, ".SH EXAMPLES\n");
    cm_roff_example(to, "; what does a check of 1% a minute find?\n"
                        "[scenario]\n"
                        "include = presets/web-api.ini\n"
                        "[defect.error-spike]\n"
                        "error_rate = +1.1pp\n"
                        "[metric.errors]\n"
                        "signal = error_ratio\n"
                        "window = 1m\n"
                        "[gate.limit]\n"
                        "test = threshold\n"
                        "metric = errors\n"
                        "max = 1%\n"
                        "[policy.ours]\n"
                        "steps = 1%/10m, 10%/10m, 100%\n"
                        "gates = limit\n"
                        "[assert]\n"
                        "false_rollback = < 1%\n");
    cm_print(to, ".SH \"SEE ALSO\"\n");
    cm_roff_words(to, "coalmine(1)");
    cm_print(to, "\n");
    cm_arena_release(&arena);
}
