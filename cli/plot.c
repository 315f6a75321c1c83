/* coalmine plot: pictures of a scenario or a stored study.
 *
 * Without --kind it draws what there is to see and says what there is not. Kinds that show a study
 * play it first, as `coalmine run` does; the others play a rollout, or nothing at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pictures.h"
#include "cli/progress.h"
#include "cli/request.h"
#include "cli/request_store.h"
#include "cli/simulation.h"
#include "cli/targets.h"
#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

enum {
    KEY_KIND = CM_REQUEST_KEYS,
    KEY_POLICY,
    KEY_RELEASE,
    KEY_REPLICATION,
    KEY_REPLICATIONS,
    KEY_TARGETS,
    KEY_FORMAT,
    KEY_TERM,
    KEY_PROGRESS
};

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of the healthy release and of each defect (default: the scenario's).", 1},
    {"kind", KEY_KIND, "KIND,...", 0,
     "What to draw; list names the kinds (default: all that there is something to see of).", 2},
    {"policy", KEY_POLICY, "NAME", 0,
     "Of kinds that show one policy (default: the first that they can be drawn of).", 2},
    {"release", KEY_RELEASE, "NAME", 0,
     "A defect, or healthy, of kinds that show one release (default: each bad one in a picture of "
     "its own; of a rollout the first).",
     2},
    {"replication", KEY_REPLICATION, "I", 0,
     "Of kinds that show one rollout: which replication, from 0 (default: 0).", 2},
    {"targets", KEY_TARGETS, "FALSE,MISSED", 0,
     "Of heat maps: how many false rollbacks and missed releases are good enough (default: 1%,5%).",
     2},
    {"out", 'o', "DIR", 0,
     "Where pictures, scripts and data go; those that are there are replaced (default: with --term "
     "nowhere, else pictures).",
     3},
    {"format", KEY_FORMAT, "FORMAT,...", 0, "svg, png (default: svg).", 3},
    {"term", KEY_TERM, "HOW", OPTION_ARG_OPTIONAL,
     "Show the pictures in the terminal: dumb (letters) or sixel (default: dumb).", 3},
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 4},
    {"progress", KEY_PROGRESS, "HOW", 0,
     "On standard error: auto, bar, lines or none (default: auto, a bar on a terminal).", 4},
    {"quiet", 'q', NULL, 0,
     "Say nothing on standard error but errors (default: warnings, progress and what is not drawn, "
     "too).",
     4},
    {0},
};

/* What was asked for. */
struct request {
    struct cm_request what;
    const struct cm_plot **kinds; /* NULL-ended; none = all */
    size_t n_kinds;
    const char *policy, *release; /* borrowed; NULL = the default */
    uint64_t replication;
    struct cm_plot_targets targets;
    bool any_targets;
    const char *out;
    bool formats[CM_PICTURE_FORMATS], any_format, term;
    bool list, quiet;
    int threads;
    enum cm_progress_mode progress;
};

/* --- options --- */

/* Calls `take` with each of the words between commas. */
static error_t each_word(struct request *request, const char *text,
                         error_t (*take)(struct request *, const char *))
{
    error_t status = 0;
    for (const char *end; text && !status; text = *end ? end + 1 : NULL) {
        end = text + strcspn(text, ",");
        status = take(request, cm_arena_text(&request->what.arena, text, (size_t)(end - text)));
    }
    return status;
}

#define CM_PLOT(name) #name,
static const char *const kind_names[] = {
    "list",
#include "analysis/plots.def"
    NULL,
};
#undef CM_PLOT

static error_t take_kind(struct request *request, const char *word)
{
    int index = cm_request_choose(&request->what, "--kind", word, kind_names);
    if (index < 0)
        return EINVAL;
    request->list = request->list || index == 0;
    if (index == 0)
        return 0;
    request->kinds = cm_list_grow(&request->what.arena, request->kinds, request->n_kinds,
                                  sizeof *request->kinds);
    request->kinds[request->n_kinds++] = cm_plots[index - 1];
    request->kinds = cm_list_grow(&request->what.arena, request->kinds, request->n_kinds,
                                  sizeof *request->kinds);
    request->kinds[request->n_kinds] = NULL;
    return 0;
}

static const char *const format_names[] = {"svg", "png", NULL};

static error_t take_format(struct request *request, const char *word)
{
    int index = cm_request_choose(&request->what, "--format", word, format_names);
    if (index < 0)
        return EINVAL;
    request->formats[index] = request->any_format = true;
    return 0;
}

static const char *const term_names[] = {"dumb", "sixel", NULL};

static error_t set_term(struct request *request, const char *text)
{
    int index = text ? cm_request_choose(&request->what, "--term", text, term_names) : 0;
    if (index < 0)
        return EINVAL;
    request->formats[CM_PICTURE_DUMB + index] = request->term = true;
    return 0;
}

static error_t set_replication(struct request *request, const char *text)
{
    int64_t count = 0;
    struct cm_err err = {0};
    if (cm_units_read_count(text, &count, &err) || count < 0) {
        cm_options_fail(request->what.command,
                        "--replication %.40s: replications are numbered from 0", text);
        return EINVAL;
    }
    request->replication = (uint64_t)count;
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_KIND:
        return each_word(request, text, take_kind);
    case KEY_FORMAT:
        return each_word(request, text, take_format);
    case KEY_TERM:
        return set_term(request, text);
    case KEY_REPLICATION:
        return set_replication(request, text);
    case KEY_REPLICATIONS:
        return cm_request_set(&request->what, "--replications", "replications", text);
    case KEY_PROGRESS:
        return cm_request_progress(&request->what, text, &request->progress);
    case KEY_TARGETS:
        request->any_targets = true;
        return cm_targets_read(&request->what, text, &request->targets);
    case KEY_POLICY:
        request->policy = text;
        return 0;
    case KEY_RELEASE:
        request->release = text;
        return 0;
    case 'o':
        request->out = text;
        return 0;
    case 'j':
        return cm_request_threads(&request->what, text, &request->threads);
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_NO_ARGS:
        return request->list ? 0 : cm_request_parse(&request->what, key, text);
    default:
        return cm_request_parse(&request->what, key, text);
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE|STORE",
    .doc = "Draws pictures of a scenario, or of the STORE that coalmine sweep --out has filled, "
           "with gnuplot. Each is one file for each format, beside the script and the data (CSV) "
           "that it was drawn from; what was drawn is listed on standard output with its title. "
           "FILE may be - for standard input. `coalmine plot --kind list` names the kinds.\v"
           "Exit status: 0 done, 1 a file could not be written, 2 the command line is wrong, 3 the "
           "scenario is wrong, 5 interrupted, 6 gnuplot is missing or failed: scripts and data are "
           "there.",
};

static void list_kinds(void)
{
    for (const struct cm_plot *const *plot = cm_plots; *plot; plot++)
        cm_print(cm_output_data(), "%-10s %s\n", (*plot)->name, (*plot)->summary);
}

/* --- what to draw --- */

/* -1 is the healthy release, -2 a mistake that has been named. */
static int choose_release(struct request *request, const struct cm_scenario *s)
{
    const char **names = cm_arena_alloc(&request->what.arena, (s->n_defects + 2) * sizeof *names);
    names[0] = "healthy";
    for (size_t i = 0; i < s->n_defects; i++)
        names[i + 1] = s->defects[i].name;
    if (request->release)
        return cm_request_choose(&request->what, "--release", request->release, names) - 1;
    return cm_plot_first_bad(s);
}

/* All that are about stored studies, or all others. */
static const struct cm_plot *const *kinds_of(struct request *request, bool stored)
{
    const struct cm_plot **kinds = NULL;
    size_t n = 0;
    for (size_t i = 0; cm_plots[i]; i++) {
        if ((cm_plots[i]->of == CM_PLOT_OF_STORED) != stored)
            continue;
        kinds = cm_list_grow(&request->what.arena, kinds, n, sizeof *kinds);
        kinds[n++] = cm_plots[i];
    }
    kinds = cm_list_grow(&request->what.arena, kinds, n, sizeof *kinds);
    kinds[n] = NULL;
    return kinds;
}

/* False once a mistake has been named. */
static bool choose(struct request *request, const struct cm_scenario *s,
                   struct cm_pictures_wanted *w)
{
    w->kinds = request->n_kinds ? request->kinds : kinds_of(request, false);
    w->named = request->n_kinds > 0;
    w->any_policy = !request->policy;
    w->any_release = !request->release;
    w->ask = (struct cm_plot_ask){.scenario = s, .replication = request->replication};
    w->ask.policy = cm_request_policy(&request->what, s, request->policy);
    if (w->ask.policy < 0)
        return false;
    w->ask.release = choose_release(request, s);
    return w->ask.release > -2;
}

static bool needs_results(const struct cm_pictures_wanted *w)
{
    for (size_t i = 0; w->kinds[i]; i++)
        if (w->kinds[i]->needs_results)
            return true;
    return false;
}

/* --- drawing --- */

/* Plays what the kinds need; -1 if it was interrupted. */
static int play(const struct cm_pictures_wanted *w, struct cm_study *study,
                enum cm_progress_mode mode)
{
    if (!needs_results(w))
        return 0;
    cm_progress_start(study->progress_self, mode, "simulating", false);
    int status = cm_study_run(study);
    cm_progress_end(study->progress_self);
    return status;
}

/* Plays, then draws; interrupted it draws nothing more. */
static int draw(const struct request *request, struct cm_pictures *pictures,
                const struct cm_pictures_wanted *wanted)
{
    struct cm_pictures_wanted w = *wanted;
    struct cm_results results = {0};
    struct cm_progress progress;
    enum cm_progress_mode mode = request->quiet ? CM_PROGRESS_NONE : request->progress;
    if (needs_results(&w))
        cm_results_init(&results, w.ask.scenario);
    struct cm_study study = {.cells = results.cells,
                             .n_cells = results.n_cells,
                             .threads = request->threads,
                             .progress = cm_progress_tell,
                             .progress_self = &progress};
    cm_interrupt_watch();
    w.ask.results = results.cells ? &results : NULL;
    w.ask.runner = cm_runner_of_study(&study);
    if (play(&w, &study, mode)) {
        pictures->status = CM_EXIT_INTERRUPTED;
    } else {
        cm_progress_start(&progress, mode, "drawing", true);
        cm_pictures_put_all(pictures, &w);
        cm_progress_end(&progress);
    }
    if (pictures->status == CM_EXIT_INTERRUPTED)
        cm_print(cm_output_talk(), "coalmine: interrupted\n");
    cm_results_release(&results);
    return pictures->status;
}

/* Pictures for the terminal leave nothing behind. */
static int draw_and_forget(struct request *request, struct cm_pictures *pictures,
                           struct cm_pictures_wanted *w)
{
    struct cm_buffer folder = {0};
    if (cm_pictures_scratch(&folder)) {
        cm_buffer_release(&folder);
        return CM_EXIT_RUN;
    }
    pictures->folder = folder.text;
    int status = draw(request, pictures, w);
    cm_pictures_remove(folder.text);
    cm_buffer_release(&folder);
    return status;
}

/* Where and in which formats. */
static int make(struct request *request, struct cm_pictures_wanted *wanted)
{
    struct cm_pictures pictures = {.quiet = request->quiet, .listed = true};
    memcpy(pictures.formats, request->formats, sizeof pictures.formats);
    if (!request->any_format && (!request->term || request->out))
        pictures.formats[CM_PICTURE_SVG] = true;
    pictures.folder = request->out ? request->out : "pictures";
    if (request->term && !request->out && !request->any_format)
        return draw_and_forget(request, &pictures, wanted);
    struct cm_err err = {0};
    if (cm_pictures_try(pictures.folder, &err))
        return cm_options_fail(request->what.command, "--out: %s", err.text);
    return draw(request, &pictures, wanted);
}

static int plot_scenario(struct request *request, struct cm_scenario *scenario)
{
    struct cm_pictures_wanted wanted;
    int status = cm_request_load(&request->what, request->quiet, scenario);
    if (status)
        return status;
    if (!choose(request, scenario, &wanted))
        return CM_EXIT_USAGE;
    if (needs_results(&wanted) && !cm_simulation_fits(scenario))
        return CM_EXIT_SCENARIO;
    return make(request, &wanted);
}

static bool has_targets(const struct cm_plot *const *kinds)
{
    bool any = false;
    for (; *kinds; kinds++)
        any = any || (*kinds)->stored_policy;
    return any;
}

/* Every cell has the policies of the first. */
static int choose_stored_policy(struct request *request, struct cm_stored *stored)
{
    struct cm_scenario first = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    if (cm_stored_scenario(stored, 0, &first, &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        status = CM_EXIT_RUN;
    } else if (cm_request_policy(&request->what, &first, request->policy) < 0) {
        status = CM_EXIT_USAGE;
    }
    cm_scenario_release(&first);
    return status;
}

static int choose_stored(struct request *request, struct cm_pictures_wanted *w)
{
    if ((request->policy || request->any_targets) && !has_targets(w->kinds))
        return cm_options_fail(request->what.command,
                               "of a stored study only heat maps show one policy and have targets");
    w->ask.stored_policy = request->policy;
    w->ask.targets = request->any_targets ? &request->targets : NULL;
    return request->policy && cm_stored_cells(w->ask.stored) > 0
               ? choose_stored_policy(request, w->ask.stored)
               : CM_EXIT_OK;
}

/* Of a store nothing is played: which kinds there are is a matter of what varies in it. */
static int plot_store(struct request *request)
{
    struct cm_pictures_wanted wanted = {.kinds = request->n_kinds ? request->kinds
                                                                  : kinds_of(request, true),
                                        .named = request->n_kinds > 0};
    int status;
    if (request->release || request->replication)
        return cm_options_fail(request->what.command,
                               "what a store holds has been played: releases and replications are "
                               "chosen of a scenario only");
    struct cm_stored *stored = cm_request_store(&request->what, request->quiet, &status);
    if (!stored)
        return status;
    wanted.ask.stored = stored;
    status = choose_stored(request, &wanted);
    if (!status)
        status = make(request, &wanted);
    cm_stored_close(stored);
    return status;
}

static int plot(struct request *request, struct cm_scenario *scenario)
{
    if (request->any_targets && !cm_store_is(request->what.file))
        return cm_options_fail(request->what.command,
                               "--targets are those of a heat map, which is of a stored study");
    return cm_store_is(request->what.file) ? plot_store(request) : plot_scenario(request, scenario);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.threads = cm_request_processors()};
    struct cm_scenario scenario = {0};
    int status;
    cm_request_init(&request.what, self);
    if (cm_options_parse(self, argc, argv, &request, &status)) {
        status = CM_EXIT_OK;
        if (request.list)
            list_kinds();
        else
            status = plot(&request, &scenario);
    }
    cm_scenario_release(&scenario);
    cm_request_release(&request.what);
    return status;
}

static const struct cm_choice choices[] = {
    {"kind", kind_names}, {"format", format_names}, {"term", term_names}, {0}};

const struct cm_command cm_command_plot = {
    .name = "plot",
    .summary = "Draw what policies do: timelines, detection, blast radius and more.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
