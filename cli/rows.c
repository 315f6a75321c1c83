/* Rows of a table as options of a command line. */
#include "cli/rows.h"

#include <errno.h>
#include <string.h>

#include "cli/options.h"
#include "cli/request.h"
#include "sim/base/mem.h"

static size_t count_rows(const struct cm_param *rows)
{
    size_t n = 0;
    while (rows[n].name)
        n++;
    return n;
}

void cm_rows_init(struct cm_rows *r, const struct cm_kind *kind, int first_key)
{
    size_t n = count_rows(kind->params);
    *r = (struct cm_rows){.kind = kind, .first_key = first_key};
    r->options = cm_arena_alloc(&r->arena, kind->options_size);
    r->given = cm_arena_alloc(&r->arena, (n + 1) * sizeof *r->given);
    memset(r->given, 0, (n + 1) * sizeof *r->given);
    cm_params_default(kind->params, r->options, &r->arena);
}

void cm_rows_release(struct cm_rows *r)
{
    cm_arena_release(&r->arena);
    *r = (struct cm_rows){0};
}

/* cold_start as an option: cold-start. */
static const char *option_name(struct cm_rows *r, const char *row)
{
    char *name = cm_arena_text(&r->arena, row, strlen(row));
    for (char *at = name; (at = strchr(at, '_'));)
        *at = '-';
    return name;
}

/* "The canary's share of them (default: 1%)." as the other commands say it. */
static const char *option_doc(struct cm_rows *r, const struct cm_param *row)
{
    struct cm_buffer doc = {0};
    struct cm_writer to = cm_buffer_writer(&doc);
    cm_print(to, "%.*s", (int)(strlen(row->help) - 1), row->help);
    if (row->dflt)
        cm_print(to, " (default: %s).", row->dflt);
    else
        cm_print(to, " (has to be given: %s).", row->type->accepts);
    const char *text = cm_arena_text(&r->arena, doc.text, doc.length);
    cm_buffer_release(&doc);
    return text;
}

const struct argp_option *cm_rows_argp(struct cm_rows *r, const struct argp_option *own)
{
    static const struct argp_option help = CM_OPTION_HELP;
    const struct cm_param *rows = r->kind->params;
    size_t n = count_rows(rows), n_own = 0;
    while (own[n_own].name)
        n_own++;
    struct argp_option *list = cm_arena_alloc(&r->arena, (n + n_own + 2) * sizeof *list);
    list[0] = help;
    for (size_t i = 0; i < n; i++)
        list[i + 1] = (struct argp_option){option_name(r, rows[i].name),
                                           r->first_key + (int)i,
                                           "VALUE",
                                           0,
                                           option_doc(r, &rows[i]),
                                           1};
    memcpy(list + n + 1, own, (n_own + 1) * sizeof *list);
    return list;
}

/* argp's own keys, which say that it has begun and so on, are beyond the rows. */
static bool is_row(const struct cm_rows *r, int key)
{
    return key >= r->first_key && (size_t)(key - r->first_key) < count_rows(r->kind->params);
}

static error_t set_row(struct cm_rows *r, const struct cm_command *command, int i, const char *text)
{
    const struct cm_param *row = &r->kind->params[i];
    struct cm_err err = {0};
    r->given[i] = true;
    if (!cm_param_set(row, r->options, text, &r->arena, &err))
        return 0;
    cm_options_fail(command, "--%s: %s", option_name(r, row->name), err.text);
    return EINVAL;
}

static error_t check_complete(struct cm_rows *r, const struct cm_command *command)
{
    const struct cm_param *rows = r->kind->params;
    struct cm_buffer missing = {0};
    for (size_t i = 0; rows[i].name; i++)
        if (!rows[i].dflt && !r->given[i])
            cm_print(cm_buffer_writer(&missing), "%s--%s", missing.length ? ", " : "",
                     option_name(r, rows[i].name));
    if (missing.length)
        cm_options_fail(command, "needs %s", missing.text);
    error_t status = missing.length ? EINVAL : 0;
    cm_buffer_release(&missing);
    return status;
}

error_t cm_rows_parse(struct cm_rows *r, const struct cm_command *command, int key,
                      const char *text)
{
    if (key == ARGP_KEY_END)
        return check_complete(r, command);
    return is_row(r, key) ? set_row(r, command, key - r->first_key, text) : ARGP_ERR_UNKNOWN;
}

static const char *const format_names[] = {[CM_SOLUTION_TEXT] = "table",
                                           [CM_SOLUTION_CSV] = "csv",
                                           [CM_SOLUTION_JSON] = "json",
                                           [CM_SOLUTION_MD] = "markdown",
                                           NULL};

const struct cm_choice cm_rows_choices[] = {{"format", format_names}, {0}};

error_t cm_rows_format(const struct cm_command *command, const char *text,
                       enum cm_solution_format *format)
{
    struct cm_request what = {.command = command};
    int index = cm_request_choose(&what, "--format", text, format_names);
    *format = (enum cm_solution_format)index;
    return index < 0 ? EINVAL : 0;
}
