/* Options that stand for keys of [scenario] become --set like any other, but are checked here
 * first, by the key's own row: a mistake in `--seed` is one of the command line, not of the file.
 */
#include "cli/request.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analysis/results.h"
#include "cli/manifest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/request_marks.h"
#include "cli/request_sweep.h"
#include "cli/source_file.h"
#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

/* The command itself is the first word of the line that repeats it. */
void cm_request_init(struct cm_request *r, const struct cm_command *command)
{
    *r = (struct cm_request){.command = command};
    cm_print(cm_buffer_writer(&r->said), "coalmine %s", command->name);
}

void cm_request_release(struct cm_request *r)
{
    cm_buffer_release(&r->said);
    cm_arena_release(&r->arena);
}

/* As a shell would need it. */
void cm_request_say(struct cm_request *r, const char *word)
{
    /* what no shell takes for anything else */
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:=+/%@^-";
    struct cm_writer to = cm_buffer_writer(&r->said);
    if (*word && !word[strspn(word, plain)]) {
        cm_print(to, " %s", word);
        return;
    }
    cm_print(to, " '");
    for (; *word; word++)
        cm_print(to, *word == '\'' ? "'\\''" : "%c", *word);
    cm_print(to, "'");
}

/* In the order of the command line: the last one wins, as in a file. */
void cm_request_add(struct cm_request *r, const char *text)
{
    r->set = cm_list_grow(&r->arena, r->set, r->n_set, sizeof *r->set);
    r->set[r->n_set++] = text;
}

/* [scenario], where the options that stand for keys live. */
static const struct cm_section *scenario_section(void)
{
    size_t i = 0;
    while (cm_scenario_sections[i] && strcmp(cm_scenario_sections[i]->name, "scenario") != 0)
        i++;
    assert(cm_scenario_sections[i]);
    return cm_scenario_sections[i];
}

/* The text is kept, not the value: the loader reads it again, in its place among the others. */
error_t cm_request_set(struct cm_request *r, const char *option, const char *key, const char *text)
{
    struct cm_err err = {0};
    struct cm_buffer set = {0};
    /* Parsed into memory that nobody reads: only the verdict counts. */
    const struct cm_section *section = scenario_section();
    const struct cm_param *row = cm_param_find(section->params, key);
    void *scratch = cm_arena_alloc(&r->arena, section->size);
    assert(row);
    if (cm_param_set(row, scratch, text, &r->arena, &err)) {
        cm_options_fail(r->command, "%s: %s", option, err.text);
        return EINVAL;
    }
    cm_print(cm_buffer_writer(&set), "scenario.%s=%s", key, text);
    cm_request_add(r, cm_arena_text(&r->arena, set.text, set.length));
    cm_buffer_release(&set);
    return 0;
}

/* The option as it was given: the key may be longer to read. */
static error_t set_and_say(struct cm_request *r, const char *option, const char *text)
{
    error_t status = cm_request_set(r, option, option + strlen("--"), text);
    cm_request_say(r, option);
    cm_request_say(r, text);
    return status;
}

/* One file: what several scenarios would mean together is for the file itself to say (include). */
static error_t set_file(struct cm_request *r, const char *text)
{
    if (r->file) {
        cm_options_fail(r->command, "%ss one scenario, but got '%.60s' and '%.60s'",
                        r->command->name, r->file, text);
        return EINVAL;
    }
    r->file = text;
    return 0;
}

/* The default of every command's own parser. */
error_t cm_request_parse(struct cm_request *r, int key, const char *text)
{
    switch (key) {
    case CM_REQUEST_SET:
        cm_request_add(r, text);
        cm_request_say(r, "--set");
        cm_request_say(r, text);
        return 0;
    case CM_REQUEST_SEED:
        return set_and_say(r, "--seed", text);
    case CM_REQUEST_FLOW:
        return set_and_say(r, "--flow", text);
    case CM_REQUEST_SERVICE:
        r->service = text;
        cm_request_say(r, "--service");
        cm_request_say(r, text);
        return 0;
    case ARGP_KEY_ARG:
        return set_file(r, text);
    case ARGP_KEY_NO_ARGS:
        cm_options_fail(r->command,
                        "which scenario? (coalmine %s FILE; coalmine template prints one to begin "
                        "with)",
                        r->command->name);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* More threads than this is a typing error, and would be refused by the system less kindly. */
error_t cm_request_threads(const struct cm_request *r, const char *text, int *threads)
{
    enum { MOST = 1024 };
    int64_t n = 0;
    struct cm_err err = {0};
    if (cm_units_read_count(text, &n, &err) || n < 1 || n > MOST) {
        cm_options_fail(r->command, "-j %.40s: a number of threads is between 1 and %d", text,
                        MOST);
        return EINVAL;
    }
    *threads = (int)n;
    return 0;
}

error_t cm_request_progress(const struct cm_request *r, const char *text,
                            enum cm_progress_mode *mode)
{
    int index = cm_request_choose(r, "--progress", text, cm_progress_names);
    *mode = (enum cm_progress_mode)index;
    return index < 0 ? EINVAL : 0;
}

error_t cm_request_rate(const struct cm_request *r, const char *text, double *rate)
{
    struct cm_err err = {0};
    if (!cm_units_read(text, CM_RATIO, rate, &err)) {
        if (*rate > 0 && *rate < 1)
            return 0;
        cm_fail(&err, "'%.40s' is no rate of false rollbacks: one is above 0%% and below 100%%",
                text);
    }
    cm_options_fail(r->command, "--false-rollback: %s", err.text);
    return EINVAL;
}

/* Values of options get the nearest one, just as names in files do. */
int cm_request_choose(const struct cm_request *r, const char *option, const char *text,
                      const char *const *names)
{
    const char *near = cm_nearest(text, names);
    struct cm_buffer list = {0};
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    for (int i = 0; names[i]; i++)
        cm_print(cm_buffer_writer(&list), "%s%s", i ? ", " : "", names[i]);
    if (near)
        cm_options_fail(r->command, "%s: there is no '%.40s' (did you mean '%s'?)", option, text,
                        near);
    else
        cm_options_fail(r->command, "%s: there is no '%.40s' (one of: %s)", option, text,
                        list.text);
    cm_buffer_release(&list);
    return -1;
}

int cm_request_policy(const struct cm_request *r, const struct cm_scenario *s, const char *name)
{
    struct cm_arena arena = {0};
    const char **names = cm_arena_alloc(&arena, (s->n_policies + 1) * sizeof *names);
    for (size_t i = 0; i < s->n_policies; i++)
        names[i] = s->policies[i].name;
    int index = name ? cm_request_choose(r, "--policy", name, names) : 0;
    cm_arena_release(&arena);
    return index;
}

/* The text of the scenario that a manifest is, and what there is to say about it. */
static int import(struct cm_request *r, bool quiet, struct cm_buffer *text)
{
    struct cm_notes notes = {0};
    struct cm_source files = cm_source_file();
    struct cm_import what = {0};
    if (r->service)
        what.service = cm_source_locate(&files, r->service, NULL, &r->arena);
    int status = cm_manifest_import(&r->file, 1, what, &r->arena, &notes, text);
    cm_notes_write(&notes, quiet, cm_output_talk());
    cm_notes_release(&notes);
    return status;
}

/* Warnings are talk and may be silenced; mistakes are the answer and may not. */
static int load(struct cm_request *r, bool quiet, struct cm_source source,
                struct cm_scenario *scenario)
{
    struct cm_diags diags = {0};
    cm_request_add(r, NULL); /* ends the list */
    r->n_set--;
    struct cm_load load = {
        .path = r->file,
        .source = source,
        .extra = cm_analysis_sections,
        .set = r->set,
    };
    int status = cm_scenario_load(scenario, &load, &diags) ? CM_EXIT_SCENARIO : CM_EXIT_OK;
    if (cm_request_sweep_is(&diags))
        status = cm_request_sweep_refuse(r, &load, &diags);
    else if (cm_request_marks_are(&diags))
        status = cm_request_marks_refuse(r, &load, &diags);
    else if (status || !quiet)
        cm_diags_write(&diags, cm_output_talk());
    cm_diags_release(&diags);
    return status;
}

int cm_request_load(struct cm_request *r, bool quiet, struct cm_scenario *scenario)
{
    struct cm_buffer text = {0};
    struct cm_manifest_source manifest = {r->file, &text};
    if (!cm_manifest_is(r->file)) {
        if (!r->service)
            return load(r, quiet, cm_source_file(), scenario);
        cm_options_fail(r->command,
                        "--service goes with a manifest (.yaml, .yml, .json), and "
                        "'%.60s' is none: a scenario says include = FILE",
                        r->file);
        return CM_EXIT_USAGE;
    }
    int status = import(r, quiet, &text) ? CM_EXIT_SCENARIO : CM_EXIT_OK;
    if (!status)
        status = load(r, quiet, cm_manifest_source(&manifest), scenario);
    cm_buffer_release(&text);
    return status;
}

int cm_request_play(const struct cm_request_call *call, const struct cm_command *self, int argc,
                    char **argv)
{
    struct cm_scenario scenario = {0};
    int status;
    cm_request_init(call->request, self);
    if (cm_options_parse(self, argc, argv, call->input, &status)) {
        status = cm_request_load(call->request, *call->quiet, &scenario);
        if (!status)
            status = call->play(call->input, &scenario);
    }
    cm_scenario_release(&scenario);
    cm_request_release(call->request);
    return status;
}

int cm_request_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (int)n;
}
