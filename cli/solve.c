/* coalmine solve: questions about a policy that need no scenario.
 *
 * A question's options are its parameter table (analysis/solver.h), so that its help, its defaults
 * and its refusals come from there: a row `cold_start` is the option --cold-start. */
#include <errno.h>
#include <string.h>

#include "analysis/solver.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rows.h"
#include "sim/base/text.h"

/* --- one question --- */

enum { KEY_FORMAT = 256, KEY_ROWS };

struct request {
    const struct cm_solver *solver;
    struct cm_command command; /* `solve bake`: what mistakes and help name */
    struct cm_rows rows;
    enum cm_solution_format format;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    if (key == KEY_FORMAT)
        return cm_rows_format(&request->command, text, &request->format);
    if (key != ARGP_KEY_ARG)
        return cm_rows_parse(&request->rows, &request->command, key, text);
    cm_options_fail(&request->command, "takes no argument, but got '%.60s'", text);
    return EINVAL;
}

static int answer(struct request *request)
{
    const struct cm_kind *kind = &request->solver->kind;
    struct cm_solution solution = {0};
    struct cm_err err = {0};
    if (kind->check && kind->check(request->rows.options, &err))
        return cm_options_fail(&request->command, "%s", err.text);
    cm_table_init(&solution.table, kind->summary, 1);
    request->solver->solve(request->rows.options, &solution);
    cm_solution_write(&solution, request->format, cm_output_data());
    cm_solution_release(&solution);
    return CM_EXIT_OK;
}

static int ask(const struct cm_solver *solver, int argc, char **argv)
{
    static const struct argp_option own[] = {
        {"format", KEY_FORMAT, "FORMAT", 0, "table, csv, json or markdown (default: table).", 2},
        {0}};
    int status;
    struct request request = {.solver = solver};
    struct cm_buffer name = {0};
    cm_rows_init(&request.rows, &solver->kind, KEY_ROWS);
    const struct argp usage = {
        .options = cm_rows_argp(&request.rows, own),
        .parser = parse,
        .doc = solver->kind.summary,
    };
    cm_print(cm_buffer_writer(&name), "solve %s", solver->kind.name);
    request.command = (struct cm_command){.name = name.text, .usage = &usage};
    if (cm_options_parse(&request.command, argc, argv, &request, &status))
        status = answer(&request);
    cm_buffer_release(&name);
    cm_rows_release(&request.rows);
    return status;
}

/* --- all of them --- */

static const struct argp_option options[] = {CM_OPTION_HELP, {0}};

static char *list_questions(int key, const char *text, void *input)
{
    struct cm_buffer list = {0};
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return text ? strdup(text) : NULL; /* which argp frees as well */
    for (size_t i = 0; cm_solvers[i]; i++)
        cm_print(cm_buffer_writer(&list), "  %-10s %s\n", cm_solvers[i]->kind.name,
                 cm_solvers[i]->kind.summary);
    cm_print(cm_buffer_writer(&list), "\nIts options: coalmine solve QUESTION --help");
    return list.text; /* argp frees it */
}

static const struct argp usage = {
    .options = options,
    .parser = cm_options_none,
    .args_doc = "QUESTION [OPTION...]",
    .doc = "Answers a question about a policy by closed forms, without a scenario.\v",
    .help_filter = list_questions,
};

static int fail_unknown(const struct cm_command *self, const char *name)
{
    struct cm_guess guess = cm_guess_start(name);
    for (size_t i = 0; cm_solvers[i]; i++)
        cm_guess_try(&guess, cm_solvers[i]->kind.name);
    if (guess.best)
        return cm_options_fail(self, "unknown question '%.40s' (did you mean '%s'?)", name,
                               guess.best);
    return cm_options_fail(self, "unknown question '%.40s'", name);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    if (argc < 2)
        return cm_options_fail(self, "needs a question");
    if (argv[1][0] == '-') {
        int status;
        return cm_options_parse_none(self, argc, argv, &status) ? CM_EXIT_USAGE : status;
    }
    for (size_t i = 0; cm_solvers[i]; i++)
        if (strcmp(cm_solvers[i]->kind.name, argv[1]) == 0)
            return ask(cm_solvers[i], argc - 1, argv + 1);
    return fail_unknown(self, argv[1]);
}

const struct cm_command cm_command_solve = {
    .name = "solve",
    .summary = "Answer a question about a policy without simulating.",
    .usage = &usage,
    .run = run,
    .kinds = cm_solver_kinds,
    .choices = cm_rows_choices,
};
