/* coalmine judge: what a judge says of two arrays that the user has at hand.
 *
 * Which options there are depends on the judge, so that --gate is looked for before the command
 * line is read. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/judge.h"
#include "cli/arrays.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rows.h"
#include "sim/base/text.h"

enum { KEY_GATE = 256, KEY_COLUMN, KEY_FORMAT, KEY_ROWS };

static const struct argp_option own[] = {
    {"gate", KEY_GATE, "NAME", 0, "Which judge it is (default: the first of the list below).", 2},
    {"column", KEY_COLUMN, "NAME", 0, "The column that is read of both files (default: the last).",
     2},
    {"format", KEY_FORMAT, "FORMAT", 0, "table, csv, json or markdown (default: table).", 2},
    {0},
};

struct request {
    struct cm_command command;
    const struct cm_judge *judge;
    struct cm_rows rows;
    const char *file[2], *column; /* borrowed: control, canary */
    enum cm_solution_format format;
};

static error_t set_file(struct request *request, const char *text)
{
    for (int i = 0; i < 2; i++) {
        if (request->file[i])
            continue;
        request->file[i] = text;
        return 0;
    }
    cm_options_fail(&request->command, "compares two files, but got '%.60s' as well", text);
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_GATE:
        return 0; /* looked for before */
    case KEY_COLUMN:
        request->column = text;
        return 0;
    case KEY_FORMAT:
        return cm_rows_format(&request->command, text, &request->format);
    case ARGP_KEY_ARG:
        return set_file(request, text);
    case ARGP_KEY_END:
        if (request->file[1])
            return cm_rows_parse(&request->rows, &request->command, key, text);
        cm_options_fail(&request->command, "which files? (coalmine judge CONTROL.csv CANARY.csv)");
        return EINVAL;
    default:
        return cm_rows_parse(&request->rows, &request->command, key, text);
    }
}

/* --- which judge --- */

/* The value of --gate, wherever it stands; the last one counts, as elsewhere. */
static const char *find_gate(int argc, char **argv)
{
    static const char option[] = "--gate";
    const char *found = cm_judges[0]->kind.name;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], option, strlen(option)) != 0)
            continue;
        if (argv[i][strlen(option)] == '=')
            found = argv[i] + strlen(option) + 1;
        else if (!argv[i][strlen(option)] && i + 1 < argc)
            found = argv[i + 1];
    }
    return found;
}

static int fail_unknown(const struct cm_command *self, const char *name)
{
    struct cm_guess guess = cm_guess_start(name);
    struct cm_buffer list = {0};
    for (size_t i = 0; cm_judges[i]; i++) {
        cm_guess_try(&guess, cm_judges[i]->kind.name);
        cm_print(cm_buffer_writer(&list), "%s%s", i ? ", " : "", cm_judges[i]->kind.name);
    }
    int status =
        guess.best
            ? cm_options_fail(self, "--gate: there is no '%.40s' (did you mean '%s'?)", name,
                              guess.best)
            : cm_options_fail(self, "--gate: there is no '%.40s' (one of: %s)", name, list.text);
    cm_buffer_release(&list);
    return status;
}

/* --- the judgement --- */

static int judge(struct request *request)
{
    const struct cm_kind *kind = &request->judge->kind;
    struct cm_array control, canary;
    struct cm_solution solution = {0};
    struct cm_err err = {0};
    if (kind->check && kind->check(request->rows.options, &err))
        return cm_options_fail(&request->command, "%s", err.text);
    if (cm_array_read(&control, request->file[0], request->column, &request->rows.arena, &err) ||
        cm_array_read(&canary, request->file[1], request->column, &request->rows.arena, &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return CM_EXIT_SCENARIO;
    }
    const struct cm_arrays arrays = {control.x, canary.x, control.n, canary.n};
    cm_table_init(&solution.table, kind->summary, 1);
    cm_judge_columns(&solution);
    bool fails = request->judge->judge(request->rows.options, &arrays, &solution);
    cm_solution_write(&solution, request->format, cm_output_data());
    cm_solution_release(&solution);
    return fails ? CM_EXIT_RUN : CM_EXIT_OK;
}

static char *list_judges(int key, const char *text, void *input)
{
    struct cm_buffer list = {0};
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return text ? strdup(text) : NULL; /* which argp frees as well */
    for (size_t i = 0; cm_judges[i]; i++)
        cm_print(cm_buffer_writer(&list), "  %-13s %s\n", cm_judges[i]->kind.name,
                 cm_judges[i]->kind.summary);
    cm_print(cm_buffer_writer(&list),
             "\nOptions of another judge: coalmine judge --gate NAME --help\n\n"
             "Exit status: 0 it passes, 1 it fails, 2 the command line is wrong, 3 a file is.");
    return list.text; /* argp frees it */
}

static int ask(const struct cm_command *self, const struct cm_judge *judge_of, int argc,
               char **argv)
{
    int status;
    struct request request = {.judge = judge_of};
    cm_rows_init(&request.rows, &judge_of->kind, KEY_ROWS);
    struct argp usage = *self->usage;
    usage.options = cm_rows_argp(&request.rows, own);
    request.command = *self;
    request.command.usage = &usage;
    if (cm_options_parse(&request.command, argc, argv, &request, &status))
        status = judge(&request);
    cm_rows_release(&request.rows);
    return status;
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    const char *name = find_gate(argc, argv);
    const struct cm_judge *found = cm_judge_find(name);
    return found ? ask(self, found, argc, argv) : fail_unknown(self, name);
}

static const struct argp usage_of_all = {
    .options = own,
    .parser = parse,
    .args_doc = "CONTROL.csv CANARY.csv",
    .doc = "Applies a judge to two arrays of your own and shows its evidence. A file holds one "
           "number a line, or a column of a table; empty cells are gaps.\v",
    .help_filter = list_judges,
};

const struct cm_command cm_command_judge = {
    .name = "judge",
    .summary = "Say what a judge makes of two arrays.",
    .usage = &usage_of_all,
    .run = run,
    .kinds = cm_judge_kinds,
    .kind_option = "gate",
    .choices = cm_rows_choices,
};
