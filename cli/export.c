/* coalmine export: a policy's values back into the manifest that it came from.
 *
 * Shows what would change, and changes nothing unless told to: the manifest is what runs in
 * somebody's cluster. */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/file.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/source_file.h"
#include "interop/export.h"
#include "interop/fresh.h"
#include "sim/base/list.h"

enum { KEY_POLICY = CM_REQUEST_KEYS, KEY_INTO, KEY_WITH, KEY_WRITE, KEY_NEW };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"policy", KEY_POLICY, "NAME", 0, "The policy (default: the scenario's first).", 1},
    {"into", KEY_INTO, "MANIFEST", 0, "The manifest that gets its values.", 1},
    {"with", KEY_WITH, "MANIFEST", 0,
     "A file that the manifest refers to (templates); may be repeated.", 1},
    {"set", CM_REQUEST_SET, "SECTION.KEY=VALUE", 0,
     "Replace a value of the scenario; may be repeated.", 1},
    {"write", KEY_WRITE, NULL, 0, "Change the manifest (default: show the difference).", 2},
    {"new", KEY_NEW, NULL, 0, "Print a new manifest instead (policies of Flagger).", 2},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 2},
    {0},
};

struct request {
    struct cm_request what;
    const char *policy; /* borrowed; NULL = the first */
    const char **files; /* the arena's: the manifest, then others */
    size_t n;
    bool into, write, fresh, quiet;
};

static error_t add_file(struct request *request, const char *name, bool first)
{
    struct cm_arena *arena = &request->what.arena;
    if (request->n == CM_EXPORT_FILES) {
        cm_options_fail(request->what.command, "--with: %d files are the most", CM_EXPORT_FILES);
        return EINVAL;
    }
    if (first && request->into) {
        cm_options_fail(request->what.command, "--into: one manifest at a time");
        return EINVAL;
    }
    request->files = cm_list_grow(arena, request->files, request->n, sizeof *request->files);
    request->files[request->n++] = name;
    for (size_t i = request->n - 1; first && i > 0; i--)
        request->files[i] = request->files[i - 1];
    if (first)
        request->files[0] = name;
    request->into |= first;
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_POLICY:
        request->policy = text;
        return 0;
    case KEY_INTO:
        return add_file(request, text, true);
    case KEY_WITH:
        return add_file(request, text, false);
    case KEY_WRITE:
        request->write = true;
        return 0;
    case KEY_NEW:
        request->fresh = true;
        return 0;
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_END:
        if (request->into != request->fresh)
            return 0;
        cm_options_fail(request->what.command,
                        request->into ? "--into or --new, not both"
                                      : "into which manifest? (--into canary.yaml, or --new)");
        return EINVAL;
    default:
        return cm_request_parse(&request->what, key, text);
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "SCENARIO",
    .doc = "Writes the values of a policy back into the manifest that it was imported from: only "
           "the values that differ, and every other byte stays. Without --write it shows what "
           "would change.\v"
           "  coalmine import canary.yaml -o canary.ini\n"
           "  coalmine export canary.ini --into canary.yaml --set policy.imported.threshold=3\n\n"
           "Exit status: 0 done, 1 it could not be written, or a value could not be carried, 2 the "
           "command line is wrong, 3 the scenario or the manifest is.",
};

/* As `diff -U0` has it. */
static void show(const struct cm_export *e, const char *file, struct cm_writer to)
{
    if (e->n_changes == 0)
        return;
    cm_print(to, "--- %s\n+++ %s\n", file, file);
    for (size_t i = 0; i < e->n_changes; i++) {
        const struct cm_export_change *c = &e->changes[i];
        cm_print(to, "@@ -%d +%d @@ %s\n-%s\n+%s\n", c->line, c->line, c->key, c->from, c->to);
    }
}

static int put(const struct request *request, const struct cm_export *e)
{
    struct cm_err err = {0};
    if (!request->write || e->n_changes == 0)
        return CM_EXIT_OK;
    if (!cm_file_put(request->files[0], &e->text, &err))
        return CM_EXIT_OK;
    cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    return CM_EXIT_RUN;
}

static int report(const struct request *request, const struct cm_export *e)
{
    struct cm_writer talk = cm_output_talk();
    show(e, request->files[0], cm_output_data());
    for (size_t i = 0; i < e->n_left; i++)
        cm_print(talk, "not carried: %s\n", e->left[i]);
    if (!request->quiet && e->n_changes == 0)
        cm_print(talk, "Nothing to change: the manifest says what the policy does.\n");
    else if (!request->quiet && !request->write)
        cm_print(talk, "Nothing was written; --write does it.\n");
    int status = put(request, e);
    return status || e->n_left > 0 ? CM_EXIT_RUN : CM_EXIT_OK;
}

static int read_files(struct request *request, struct cm_import_file *files)
{
    struct cm_source source = cm_source_file();
    for (size_t i = 0; i < request->n; i++) {
        struct cm_err err = {0};
        if (!source.read(source.self, request->files[i], NULL, &request->what.arena, &files[i].text,
                         &files[i].length, &files[i].name, &err))
            continue;
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return -1;
    }
    return 0;
}

static int export_policy(struct request *request, const struct cm_scenario *s, int policy)
{
    struct cm_export e = {0};
    struct cm_notes notes = {0};
    struct cm_import_file *files =
        cm_arena_alloc(&request->what.arena, (request->n + 1) * sizeof *files);
    const struct cm_import what = {.files = files, .n = request->n};
    int status = CM_EXIT_SCENARIO;
    if (!read_files(request, files)) {
        if (cm_export_run(&e, &what, s, policy, &notes))
            cm_notes_write(&notes, true, cm_output_talk());
        else
            status = report(request, &e);
    }
    cm_export_release(&e);
    cm_notes_release(&notes);
    return status;
}

static int write_new(const struct cm_scenario *s, int policy)
{
    struct cm_buffer text = {0};
    struct cm_err err = {0};
    int status = cm_fresh_manifest(s, policy, &text, &err) ? CM_EXIT_SCENARIO : CM_EXIT_OK;
    if (status)
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    else
        cm_print(cm_output_data(), "%s", text.text);
    cm_buffer_release(&text);
    return status;
}

static int play(void *input, struct cm_scenario *scenario)
{
    struct request *request = input;
    int policy = cm_request_policy(&request->what, scenario, request->policy);
    return policy < 0       ? CM_EXIT_USAGE
           : request->fresh ? write_new(scenario, policy)
                            : export_policy(request, scenario, policy);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.policy = NULL};
    const struct cm_request_call call = {&request.what, &request, &request.quiet, play};
    return cm_request_play(&call, self, argc, argv);
}

const struct cm_command cm_command_export = {
    .name = "export",
    .summary = "Write a policy's values back into its manifest.",
    .usage = &usage,
    .run = run,
};
