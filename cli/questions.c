/* coalmine questions: what people ask of a canary, each a scenario with its answer.
 *
 * Nothing is known here of any question: files of scenarios/questions/ say it in the comment that
 * they open with (cli/headers.h), and are named q07-... after their number. Fields:
 *
 *     question  as it is asked
 *     answer    what to do, with the interval
 *     check     how it was found a second time
 *     differs   why somebody else's figure is another one
 *     command   what shows it; there may be several, and the two below belong to the one above them
 *     expect    lines of its output, in their order; {3..5} is a number between, "..." any words
 *     exit      its exit status, if not 0
 *
 * tests/questions/run holds what the commands print against `expect`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/solver.h"
#include "analysis/write.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/headers.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rows.h"

enum { KEY_RUN = 256, KEY_FORMAT };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"run", KEY_RUN, NULL, 0, "Also run the commands of the question.", 1},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "table, csv, json or markdown, which has all answers (default: table).", 1},
    {0},
};

struct request {
    const struct cm_command *command;
    const char *number; /* NULL = list all */
    enum cm_solution_format format;
    bool run;
};

/* A command and the fields that belong to it; borrowed. */
struct step {
    const char *command, *expect; /* expect NULL = nothing */
    int exit;
};

/* --- what was asked for --- */

static error_t set_number(struct request *request, const char *text)
{
    if (!request->number) {
        request->number = text;
        return 0;
    }
    cm_options_fail(request->command, "shows one question, but got '%.60s' and '%.60s'",
                    request->number, text);
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_RUN:
        request->run = true;
        return 0;
    case KEY_FORMAT:
        return cm_rows_format(request->command, text, &request->format);
    case ARGP_KEY_ARG:
        return set_number(request, text);
    case ARGP_KEY_END:
        if (!request->run || request->number)
            return 0;
        cm_options_fail(request->command, "--run needs the number of a question");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "[NUMBER]",
    .doc = "Lists what people ask of a canary, or shows one question: its answer, how that was "
           "checked, and the commands that show it. Each is a scenario file to be changed.\v"
           "  coalmine questions\n  coalmine questions 7\n  coalmine questions 7 --run\n\n"
           "Intervals are what a run with other random numbers may say: four standard errors to "
           "either side, or so.\n\n"
           "Exit status: 0 done, 2 the command line is wrong; with --run that of the first command "
           "that ends otherwise than it should.",
};

/* --- one question --- */

/* "scenarios/questions/q07-p99.ini" is number 7; 0 = its name has no number. */
static unsigned long number_of(const struct cm_header *question)
{
    const char *slash = strrchr(question->file, '/');
    const char *name = slash ? slash + 1 : question->file;
    return *name == 'q' ? strtoul(name + 1, NULL, 10) : 0;
}

/* The question; a file that does not say it is shown by its title. */
static const char *asked(const struct cm_header *question)
{
    const char *text = cm_header_text(question, "question");
    return text ? text : question->title;
}

/* The step that begins at field *at or after it; false if there is none. */
static bool next_step(const struct cm_header *question, size_t *at, struct step *step)
{
    const struct cm_header_field *fields = question->fields;
    while (*at < question->n_fields && strcmp(fields[*at].key, "command") != 0)
        ++*at;
    if (*at == question->n_fields)
        return false;
    *step = (struct step){.command = fields[(*at)++].text};
    for (; *at < question->n_fields && strcmp(fields[*at].key, "command") != 0; ++*at) {
        if (strcmp(fields[*at].key, "expect") == 0)
            step->expect = fields[*at].text;
        if (strcmp(fields[*at].key, "exit") == 0)
            step->exit = (int)strtol(fields[*at].text, NULL, 10);
    }
    return true;
}

/* A field that is not there says nothing. */
static void write_field(const struct cm_header *question, const char *key, const char *before,
                        const struct cm_prose *prose, struct cm_writer to)
{
    const char *text = cm_header_text(question, key);
    struct cm_buffer whole = {0};
    if (!text)
        return;
    cm_print(cm_buffer_writer(&whole), "%s%s", before, text);
    prose->paragraph(to, whole.text);
    cm_buffer_release(&whole);
}

static void write_question(const struct cm_header *question, const struct cm_prose *prose,
                           struct cm_writer to)
{
    struct cm_buffer heading = {0};
    struct step step;
    cm_print(cm_buffer_writer(&heading), "%lu. %s", number_of(question), asked(question));
    prose->heading(to, heading.text);
    cm_buffer_release(&heading);
    prose->paragraph(to, question->title);
    write_field(question, "answer", "", prose, to);
    write_field(question, "check", "Checked: ", prose, to);
    write_field(question, "differs", "Other figures: ", prose, to);
    for (size_t at = 0; next_step(question, &at, &step);)
        prose->code(to, step.command);
}

/* --- all of them --- */

/* Number and question, then its file and its commands. */
static void list(const struct cm_headers *questions, struct cm_writer to)
{
    for (size_t i = 0; i < questions->n; i++) {
        const struct cm_header *question = &questions->list[i];
        struct step step;
        cm_print(to, "%s%3lu  %s\n     %s\n", i ? "\n" : "", number_of(question),
                 cm_header_text(question, "question"), question->file);
        for (size_t at = 0; next_step(question, &at, &step);)
            cm_print(to, "       %s\n", step.command);
    }
    cm_print(to, "\nThe answer to one: coalmine questions NUMBER\n");
}

/* docs/questions.md; tests/questions/run compares them. */
static void write_page(const struct cm_headers *questions, struct cm_writer to)
{
    const struct cm_prose *prose = &cm_write_markdown;
    prose->title(to, "Questions");
    prose->paragraph(
        to,
        "What people ask of a canary. Intervals are four standard errors wide to either side, or "
        "so: what a run with other random numbers may say, and what the tests hold. This page "
        "is printed by coalmine questions; do not edit it.");
    for (size_t i = 0; i < questions->n; i++)
        write_question(&questions->list[i], prose, to);
}

/* A row for each command, for programs. */
static void write_rows(const struct cm_headers *questions, enum cm_solution_format format,
                       struct cm_writer to)
{
    static const char *const fields[] = {"question", "answer", "check", "differs"};
    enum { FIELDS = sizeof fields / sizeof *fields };
    struct cm_solution rows = {0};
    struct step step;
    cm_table_init(&rows.table, "questions", 1);
    cm_solution_column(&rows, "number", CM_COLUMN_COUNT);
    cm_solution_column(&rows, "file", CM_COLUMN_TEXT);
    cm_solution_column(&rows, "title", CM_COLUMN_TEXT);
    for (size_t f = 0; f < FIELDS; f++)
        cm_solution_column(&rows, fields[f], CM_COLUMN_TEXT);
    cm_solution_column(&rows, "command", CM_COLUMN_TEXT);
    cm_solution_column(&rows, "expect", CM_COLUMN_TEXT);
    cm_solution_column(&rows, "exit", CM_COLUMN_COUNT);
    for (size_t i = 0; i < questions->n; i++)
        for (size_t at = 0; next_step(&questions->list[i], &at, &step);) {
            cm_table_count(&rows.table, number_of(&questions->list[i]));
            cm_table_text(&rows.table, questions->list[i].file);
            cm_table_text(&rows.table, questions->list[i].title);
            for (size_t f = 0; f < FIELDS; f++)
                cm_table_text(&rows.table, cm_header_text(&questions->list[i], fields[f]));
            cm_table_text(&rows.table, step.command);
            cm_table_text(&rows.table, step.expect);
            cm_table_count(&rows.table, (uint64_t)step.exit);
        }
    cm_solution_write(&rows, format, to);
    cm_solution_release(&rows);
}

/* --- the command --- */

/* In the folder of the scenarios, where their names hold. */
static int run_step(const struct step *step, struct cm_arena *arena)
{
    struct cm_command_line line;
    struct cm_err err = {0};
    if (cm_command_line_split(step->command, arena, &line, &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return CM_EXIT_SCENARIO;
    }
    cm_print(cm_output_data(), "$ %s\n", step->command);
    int status = cm_command_dispatch(line.argc, line.argv);
    return status == step->exit ? CM_EXIT_OK : status ? status : CM_EXIT_RUN;
}

static int run_question(const struct cm_header *question, struct cm_arena *arena)
{
    struct cm_err err = {0};
    struct step step;
    int status = CM_EXIT_OK;
    if (cm_headers_enter(&err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return CM_EXIT_RUN;
    }
    for (size_t at = 0; !status && next_step(question, &at, &step);)
        status = run_step(&step, arena);
    return status;
}

/* What there is to show of some questions, in a format. */
static void show(const struct cm_headers *questions, const struct request *request,
                 struct cm_writer to)
{
    if (request->format == CM_SOLUTION_CSV || request->format == CM_SOLUTION_JSON)
        write_rows(questions, request->format, to);
    else if (request->number)
        write_question(&questions->list[0],
                       request->format == CM_SOLUTION_MD ? &cm_write_markdown : &cm_write_text, to);
    else if (request->format == CM_SOLUTION_MD)
        write_page(questions, to);
    else
        list(questions, to);
}

/* The question that was asked for, alone. */
static int pick(struct cm_headers *questions, const struct request *request)
{
    char *end;
    unsigned long number = strtoul(request->number, &end, 10);
    for (size_t i = 0; !*end && i < questions->n; i++) {
        if (number_of(&questions->list[i]) != number)
            continue;
        *questions = (struct cm_headers){&questions->list[i], 1};
        return CM_EXIT_OK;
    }
    return cm_options_fail(request->command, "there is no question '%.60s' (from %lu to %lu)",
                           request->number, number_of(&questions->list[0]),
                           number_of(&questions->list[questions->n - 1]));
}

static int answer(const struct request *request, struct cm_arena *arena)
{
    struct cm_headers questions;
    struct cm_err err = {0};
    if (cm_headers_read("questions", arena, &questions, &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return CM_EXIT_SCENARIO;
    }
    int status = request->number ? pick(&questions, request) : CM_EXIT_OK;
    if (status)
        return status;
    show(&questions, request, cm_output_data());
    return request->run ? run_question(&questions.list[0], arena) : CM_EXIT_OK;
}

/* Their numbers, for completion. */
static void print_words(struct cm_writer to)
{
    struct cm_arena arena = {0};
    struct cm_headers all = {0};
    struct cm_err err;
    if (!cm_headers_read("questions", &arena, &all, &err))
        for (size_t i = 0; i < all.n; i++)
            cm_print(to, "%lu\t%s\n", number_of(&all.list[i]), asked(&all.list[i]));
    cm_arena_release(&arena);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.command = self};
    struct cm_arena arena = {0};
    int status;
    if (cm_options_parse(self, argc, argv, &request, &status))
        status = answer(&request, &arena);
    cm_arena_release(&arena);
    return status;
}

const struct cm_command cm_command_questions = {
    .name = "questions",
    .summary = "Answer what people ask of a canary.",
    .usage = &usage,
    .run = run,
    .words = print_words,
    .choices = cm_rows_choices,
};
