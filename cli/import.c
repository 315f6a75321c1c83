/* coalmine import: the manifests of a release controller as a scenario.
 *
 * The scenario is data and goes to standard output, or into a file; what was assumed, left out and
 * has to be said by somebody who knows is talk. */
#include <errno.h>
#include <string.h>

#include "analysis/results.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/manifest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/source_file.h"
#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/scenario/load.h"

enum { KEY_STRICT = 256, KEY_NAME, KEY_POLICY, KEY_SERVICE };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"output", 'o', "FILE", 0,
     "Write the scenario into FILE; one that is there is replaced (default: to standard output).",
     1},
    {"name", KEY_NAME, "NAME", 0, "What the policy is called in the scenario (default: imported).",
     1},
    {"policy", KEY_POLICY, "NAME", 0,
     "Which policy to import, by its name in the manifest (default: the only one).", 2},
    {"service", KEY_SERVICE, "FILE", 0,
     "A scenario file with traffic, service and defects to include (default: "
     "presets/web-api.ini, and a defect that is assumed).",
     2},
    {"strict", KEY_STRICT, NULL, 0,
     "Refuse manifests of which something is ignored or not understood (default: say so).", 3},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 3},
    {0},
};

struct request {
    const struct cm_command *command;
    const char **files; /* the arena's */
    size_t n;
    const char *output, *service;
    struct cm_import what;
    bool strict, quiet;
    struct cm_arena arena;
};

static error_t set_name(struct request *request, const char *text)
{
    request->what.name = text;
    if (cm_text_is_name(cm_slice_of(text)))
        return 0;
    cm_options_fail(request->command,
                    "--name %.60s: a name is a-z first, then a-z, 0-9 and -, at most 40 characters",
                    text);
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case 'o':
        request->output = text;
        return 0;
    case 'q':
        request->quiet = true;
        return 0;
    case KEY_STRICT:
        request->strict = true;
        return 0;
    case KEY_NAME:
        return set_name(request, text);
    case KEY_POLICY:
        request->what.policy = text;
        return 0;
    case KEY_SERVICE:
        request->service = text;
        return 0;
    case ARGP_KEY_ARG:
        request->files =
            cm_list_grow(&request->arena, request->files, request->n, sizeof *request->files);
        request->files[request->n++] = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        cm_options_fail(request->command, "which manifest? (coalmine import FILE...)");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE...",
    .doc = "Makes a scenario of manifests: Flagger's Canary and MetricTemplate, Argo Rollouts' "
           "Rollout, AnalysisTemplate and ClusterAnalysisTemplate, Kayenta's canary "
           "configuration. FILE may be - for standard input.\v"
           "Says what it assumed, what it ignored with its line, and what the manifests do not "
           "tell.\n\n"
           "  coalmine import canary.yaml -o canary.ini\n  coalmine run canary.ini\n\n"
           "Exit status: 0 done, 1 it could not be written, 2 the command line is wrong, "
           "3 there is no policy in the files, or not one that can be imported.",
};

/* Beside the scenario it is found by the name that was given; elsewhere by one that always holds.
 */
static const char *place_service(struct request *request)
{
    if (!request->service || !request->output || !strchr(request->output, '/'))
        return request->service;
    struct cm_source files = cm_source_file();
    return cm_source_locate(&files, request->service, NULL, &request->arena);
}

static int put(const struct request *request, const struct cm_buffer *text)
{
    struct cm_err err = {0};
    struct cm_writer to = cm_output_data();
    if (!request->output) {
        to.write(to.self, text->text, text->length);
        return CM_EXIT_OK;
    }
    if (!cm_file_put(request->output, text, &err))
        return CM_EXIT_OK;
    cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    return CM_EXIT_RUN;
}

/* Whether the scenario can be run: what the importer lets pass, a controller may refuse. */
static int try_out(const struct request *request, const struct cm_buffer *text)
{
    struct cm_scenario scenario = {0};
    struct cm_diags diags = {0};
    struct cm_manifest_source manifest = {request->output ? request->output : "scenario.ini", text};
    struct cm_load load = {
        .path = manifest.path,
        .source = cm_manifest_source(&manifest),
        .extra = cm_analysis_sections,
    };
    int status = cm_scenario_load(&scenario, &load, &diags);
    if (status)
        cm_diags_write(&diags, cm_output_talk());
    cm_diags_release(&diags);
    cm_scenario_release(&scenario);
    return status;
}

static int import(struct request *request)
{
    struct cm_notes notes = {0};
    struct cm_buffer text = {0};
    request->what.service = place_service(request);
    int status = cm_manifest_import(request->files, request->n, request->what, &request->arena,
                                    &notes, &text);
    cm_notes_write(&notes, request->quiet && !request->strict, cm_output_talk());
    if (!status && cm_notes_refuse(&notes, request->strict)) {
        cm_print(cm_output_talk(), "coalmine: --strict: what is asked and ignored is an error; "
                                   "nothing was imported\n");
        status = -1;
    }
    if (!status)
        status = try_out(request, &text);
    int exit = status ? CM_EXIT_SCENARIO : put(request, &text);
    cm_buffer_release(&text);
    cm_notes_release(&notes);
    return exit;
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.command = self};
    int status;
    if (cm_options_parse(self, argc, argv, &request, &status))
        status = import(&request);
    cm_arena_release(&request.arena);
    return status;
}

const struct cm_command cm_command_import = {
    .name = "import",
    .summary = "Make a scenario of the manifests of Flagger, Argo Rollouts or Kayenta.",
    .usage = &usage,
    .run = run,
};
