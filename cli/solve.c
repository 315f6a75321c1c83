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
#include "cli/request.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* --- one question --- */

enum { KEY_FORMAT = 256, KEY_ROWS };

struct request {
    const struct cm_solver *solver;
    struct cm_command command; /* `solve bake`: what mistakes and help name */
    struct cm_arena arena;
    void *options;
    bool *given; /* one a row */
    enum cm_solution_format format;
};

static size_t count_rows(const struct cm_param *rows)
{
    size_t n = 0;
    while (rows[n].name)
        n++;
    return n;
}

/* cold_start as an option: cold-start. */
static const char *option_name(struct cm_arena *arena, const char *row)
{
    char *name = cm_arena_text(arena, row, strlen(row));
    for (char *at = name; (at = strchr(at, '_'));)
        *at = '-';
    return name;
}

/* "The canary's share of them (default: 1%; 5%, 0.1%)." as the other commands say it. */
static const char *option_doc(struct cm_arena *arena, const struct cm_param *row)
{
    struct cm_buffer doc = {0};
    struct cm_writer to = cm_buffer_writer(&doc);
    size_t length = strlen(row->help);
    cm_print(to, "%.*s", (int)(length - 1), row->help);
    if (row->dflt)
        cm_print(to, " (default: %s).", row->dflt);
    else
        cm_print(to, " (has to be given: %s).", row->type->accepts);
    const char *text = cm_arena_text(arena, doc.text, doc.length);
    cm_buffer_release(&doc);
    return text;
}

static const struct argp_option *make_options(struct cm_arena *arena, const struct cm_param *rows)
{
    static const struct argp_option help = CM_OPTION_HELP;
    static const struct argp_option format = {
        "format", KEY_FORMAT, "FORMAT", 0, "table, csv, json or markdown (default: table).", 2};
    size_t n = count_rows(rows);
    struct argp_option *list = cm_arena_alloc(arena, (n + 3) * sizeof *list);
    memset(list, 0, (n + 3) * sizeof *list);
    list[0] = help;
    for (size_t i = 0; i < n; i++)
        list[i + 1] = (struct argp_option){option_name(arena, rows[i].name),
                                           KEY_ROWS + (int)i,
                                           "VALUE",
                                           0,
                                           option_doc(arena, &rows[i]),
                                           1};
    list[n + 1] = format;
    return list;
}

static error_t set_format(struct request *request, const char *text)
{
    static const char *const names[] = {[CM_SOLUTION_TEXT] = "table",
                                        [CM_SOLUTION_CSV] = "csv",
                                        [CM_SOLUTION_JSON] = "json",
                                        [CM_SOLUTION_MD] = "markdown",
                                        NULL};
    struct cm_request what = {.command = &request->command};
    int index = cm_request_choose(&what, "--format", text, names);
    request->format = (enum cm_solution_format)index;
    return index < 0 ? EINVAL : 0;
}

/* argp's own keys, which say that it has begun and so on, are beyond the rows. */
static bool is_row(const struct request *request, int key)
{
    return key >= KEY_ROWS && (size_t)(key - KEY_ROWS) < count_rows(request->solver->kind.params);
}

static error_t set_row(struct request *request, int i, const char *text)
{
    const struct cm_param *row = &request->solver->kind.params[i];
    struct cm_err err = {0};
    request->given[i] = true;
    if (!cm_param_set(row, request->options, text, &request->arena, &err))
        return 0;
    cm_options_fail(&request->command, "--%s: %s", option_name(&request->arena, row->name),
                    err.text);
    return EINVAL;
}

/* Every option that has no default, at once. */
static error_t check_complete(struct request *request)
{
    const struct cm_param *rows = request->solver->kind.params;
    struct cm_buffer missing = {0};
    for (size_t i = 0; rows[i].name; i++)
        if (!rows[i].dflt && !request->given[i])
            cm_print(cm_buffer_writer(&missing), "%s--%s", missing.length ? ", " : "",
                     option_name(&request->arena, rows[i].name));
    if (missing.length)
        cm_options_fail(&request->command, "needs %s", missing.text);
    error_t status = missing.length ? EINVAL : 0;
    cm_buffer_release(&missing);
    return status;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_FORMAT:
        return set_format(request, text);
    case ARGP_KEY_ARG:
        cm_options_fail(&request->command, "takes no argument, but got '%.60s'", text);
        return EINVAL;
    case ARGP_KEY_END:
        return check_complete(request);
    default:
        return is_row(request, key) ? set_row(request, key - KEY_ROWS, text) : ARGP_ERR_UNKNOWN;
    }
}

static int answer(struct request *request)
{
    const struct cm_kind *kind = &request->solver->kind;
    struct cm_solution solution = {0};
    struct cm_err err = {0};
    if (kind->check && kind->check(request->options, &err))
        return cm_options_fail(&request->command, "%s", err.text);
    cm_table_init(&solution.table, kind->summary, 1);
    request->solver->solve(request->options, &solution);
    cm_solution_write(&solution, request->format, cm_output_data());
    cm_solution_release(&solution);
    return CM_EXIT_OK;
}

static int ask(const struct cm_solver *solver, int argc, char **argv)
{
    int status;
    struct request request = {.solver = solver};
    struct cm_buffer name = {0};
    const struct cm_kind *kind = &solver->kind;
    request.options = cm_arena_alloc(&request.arena, kind->options_size);
    request.given = cm_arena_alloc(&request.arena, (count_rows(kind->params) + 1) * sizeof(bool));
    memset(request.given, 0, (count_rows(kind->params) + 1) * sizeof(bool));
    cm_params_default(kind->params, request.options, &request.arena);
    const struct argp usage = {
        .options = make_options(&request.arena, kind->params),
        .parser = parse,
        .doc = kind->summary,
    };
    cm_print(cm_buffer_writer(&name), "solve %s", kind->name);
    request.command = (struct cm_command){.name = name.text, .usage = &usage};
    if (cm_options_parse(&request.command, argc, argv, &request, &status))
        status = answer(&request);
    cm_buffer_release(&name);
    cm_arena_release(&request.arena);
    return status;
}

/* --- all of them --- */

static const struct argp_option options[] = {CM_OPTION_HELP, {0}};

static char *list_questions(int key, const char *text, void *input)
{
    struct cm_buffer list = {0};
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
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
};
