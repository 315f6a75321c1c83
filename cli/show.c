/* coalmine show: what is in a store of studies, in every format. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/show.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/request.h"
#include "sim/base/expr.h"
#include "sim/base/text.h"

enum { KEY_FORMAT = CM_REQUEST_KEYS, KEY_WHERE, KEY_OUTCOMES };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"format", KEY_FORMAT, "FORMAT", 0,
     "table, csv (a row a cell and policy), long (CSV, a row a number), json or markdown "
     "(default: table).",
     1},
    {"outcomes", KEY_OUTCOMES, NULL, 0,
     "Every replication as a row of CSV (default: what is measured of them).", 1},
    {"where", KEY_WHERE, "EXPR", 0,
     "Only cells for which this holds: names are the variables and cell (--where 'rate < 50').", 1},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors (default: notes, too).", 2},
    {0},
};

struct request {
    struct cm_request what;
    const struct cm_command *self;
    const char *file;
    int format; /* enum cm_show_format; -1 = not said */
    bool outcomes, quiet;
    struct cm_expr where;
    bool has_where;
    struct cm_err *failed; /* text empty: it has not */
    struct cm_arena arena;
};

/* --- options --- */

static const char *const format_names[] = {
    [CM_SHOW_TABLE] = "table", [CM_SHOW_MARKDOWN] = "markdown", [CM_SHOW_CSV] = "csv",
    [CM_SHOW_LONG] = "long",   [CM_SHOW_JSON] = "json",         NULL,
};

static error_t set_format(struct request *request, const char *text)
{
    request->format = cm_request_choose(&request->what, "--format", text, format_names);
    return request->format < 0 ? EINVAL : 0;
}

static error_t set_where(struct request *request, const char *text)
{
    struct cm_err err = {0};
    request->has_where = true;
    if (!cm_expr_read(&request->where, text, &request->arena, &err))
        return 0;
    cm_options_fail(request->self, "--where: %s", err.text);
    return EINVAL;
}

static error_t set_file(struct request *request, const char *text)
{
    if (request->file) {
        cm_options_fail(request->self, "shows one store, but got '%.60s' and '%.60s'",
                        request->file, text);
        return EINVAL;
    }
    request->file = text;
    return 0;
}

static error_t finish(const struct request *request)
{
    if (!request->file)
        cm_options_fail(request->self, "which store? (coalmine show study.db)");
    else if (request->outcomes && request->format >= 0)
        cm_options_fail(request->self, "--outcomes is CSV, and goes without --format");
    else
        return 0;
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_FORMAT:
        return set_format(request, text);
    case KEY_OUTCOMES:
        request->outcomes = true;
        return 0;
    case KEY_WHERE:
        return set_where(request, text);
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return set_file(request, text);
    case ARGP_KEY_END:
        return finish(request);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "STORE",
    .doc = "Shows the study that was run last into a store (coalmine sweep --out). Standard output "
           "has the study and nothing else.\v"
           "Exit status: 0 done, 1 the store cannot be read, 2 the command line is wrong.",
};

/* --- which cells --- */

struct in_cell {
    const struct cm_stored *study;
    const struct cm_stored_cell *cell;
};

/* The whole name, or its last word where only one variable has it. */
static int find_variable(const struct cm_stored *study, struct cm_slice name, struct cm_err *err)
{
    int found = -1, same = 0;
    for (size_t v = 0; v < cm_stored_variables(study); v++) {
        const char *whole = cm_stored_variable(study, v), *dot = strrchr(whole, '.');
        if (cm_slice_is(name, whole))
            return (int)v;
        if (dot && cm_slice_is(name, dot + 1)) {
            found = (int)v;
            same++;
        }
    }
    if (same == 1)
        return found;
    struct cm_buffer list = {0};
    for (size_t v = 0; v < cm_stored_variables(study); v++)
        cm_print(cm_buffer_writer(&list), "%s%s", v ? ", " : "", cm_stored_variable(study, v));
    cm_fail(err, "%s variable '%.*s' (there are: %s)", same ? "more than one" : "no",
            (int)name.length, name.at, list.text ? list.text : "none");
    cm_buffer_release(&list);
    return -1;
}

/* As while the study was being chosen from: see cm_sweep_quantity. */
static struct cm_value value_of(const struct cm_store_variable *variable)
{
    struct cm_quantity quantity;
    struct cm_err err;
    if (!variable->value)
        return cm_value_number((double)NAN, CM_PURE);
    if (cm_units_read_any(variable->value, &quantity, &err))
        return cm_value_text(variable->value);
    struct cm_value value = cm_value_number(quantity.value, quantity.unit);
    if (quantity.unit == CM_PURE) {
        value.scale = variable->scale;
        value.scale_unit = variable->unit;
    }
    return value;
}

static int look_up(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *err)
{
    const struct in_cell *in = self;
    if (cm_slice_is(name, "cell")) {
        *value = cm_value_number((double)in->cell->number, CM_PURE);
        return 0;
    }
    int variable = find_variable(in->study, name, err);
    if (variable < 0)
        return -1;
    *value = value_of(&in->cell->variables[variable]);
    return 0;
}

struct choice {
    const struct cm_stored *study;
    const struct cm_expr *where;
    struct cm_err err;
    bool failed;
};

static bool is_wanted(void *self, const struct cm_stored_cell *cell)
{
    struct choice *choice = self;
    struct in_cell in = {choice->study, cell};
    const struct cm_scope scope = {&in, look_up};
    bool holds = false;
    struct cm_err err = {0};
    if (cm_expr_holds(choice->where, &scope, &holds, &err)) {
        choice->failed = true;
        choice->err = err;
    }
    return holds;
}

/* Tried on every cell before anything is written. */
static int try_where(struct choice *choice)
{
    for (size_t i = 0; i < cm_stored_cells(choice->study) && !choice->failed; i++)
        is_wanted(choice, cm_stored_cell(choice->study, i));
    return choice->failed ? -1 : 0;
}

/* --- showing --- */

static int show(const struct request *request, struct cm_stored *study)
{
    struct choice choice = {.study = study, .where = &request->where};
    struct cm_err err = {0};
    const struct cm_show what = {
        .study = study,
        .format = request->outcomes     ? CM_SHOW_OUTCOMES
                  : request->format < 0 ? CM_SHOW_TABLE
                                        : (enum cm_show_format)request->format,
        .wanted = request->has_where ? is_wanted : NULL,
        .self = &choice,
    };
    if (request->has_where && try_where(&choice))
        return cm_options_fail(request->self, "--where: %s", choice.err.text);
    for (size_t i = 0; !request->quiet && cm_stored_note(study, i); i++)
        cm_print(cm_output_talk(), "coalmine: %s\n", cm_stored_note(study, i));
    if (!cm_show_write(&what, cm_output_data(), &err))
        return CM_EXIT_OK;
    cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    return CM_EXIT_RUN;
}

static int open_and_show(const struct request *request)
{
    struct cm_err err = {0};
    struct cm_stored *study = cm_stored_open(request->file, &err);
    if (!study) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return CM_EXIT_RUN;
    }
    int status = show(request, study);
    cm_stored_close(study);
    return status;
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.self = self, .format = -1};
    int status;
    cm_request_init(&request.what, self);
    if (cm_options_parse(self, argc, argv, &request, &status))
        status = open_and_show(&request);
    cm_arena_release(&request.arena);
    cm_request_release(&request.what);
    return status;
}

static const struct cm_choice choices[] = {{"format", format_names}, {0}};

const struct cm_command cm_command_show = {
    .name = "show",
    .summary = "Show or export a study from its store.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
