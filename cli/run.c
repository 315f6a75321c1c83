/* coalmine run: a scenario in, a report out.
 *
 * Everything that can be refused is refused before anything is simulated: options, the scenario,
 * the folder for the results. Nobody should wait ten minutes to learn of a typing error.
 *
 * The report names the options that change the numbers, and no others, so that the same study gives
 * the same bytes on any number of threads, and the command in a report repeats it.
 */
#include <errno.h>
#include <unistd.h>

#include "analysis/report.h"
#include "cli/assertions.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pictures.h"
#include "cli/progress.h"
#include "cli/request.h"
#include "cli/run_rare.h"
#include "cli/simulation.h"
#include "sim/base/units.h"

enum {
    KEY_REPLICATIONS = CM_REQUEST_KEYS,
    KEY_QUICK,
    KEY_FORMAT,
    KEY_OUT,
    KEY_PROGRESS,
    KEY_RARE,
    KEY_STRICT,
    KEY_JUNIT,
    KEY_PLOTS
};

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of the healthy release and of each defect (default: the scenario's).", 1},
    {"quick", KEY_QUICK, NULL, 0, "The same as --replications 200.", 1},
    {"rare", KEY_RARE, NULL, 0,
     "Only the rate of false rollbacks, by importance sampling: down to one in millions.", 1},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "Of the report on standard output: table, markdown, html, csv or json (default: table).", 2},
    {"out", KEY_OUT, "DIR", 0,
     "Also write the report in every format and the resolved scenario into DIR (default: only "
     "standard output).",
     2},
    {"plots", KEY_PLOTS, "DIR", 0,
     "Also draw pictures of the results into DIR, as `coalmine plot` does; those that are there "
     "are "
     "replaced (default: none).",
     2},
    CM_ASSERTIONS_OPTIONS(KEY_STRICT, KEY_JUNIT, 2),
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 3},
    {"progress", KEY_PROGRESS, "HOW", 0,
     "On standard error: auto, bar, lines or none (default: auto, a bar on a terminal).", 3},
    {"quiet", 'q', NULL, 0,
     "Say nothing on standard error but errors (default: warnings and "
     "progress, too).",
     3},
    {0},
};

/* What was asked for. */
struct request {
    struct cm_request what;
    int threads;
    enum cm_format format;
    const char *out, *plots;
    bool quiet, rare;
    enum cm_progress_mode progress;
    struct cm_assertions asserted;
};

/* --- options --- */

/* Both options say how many, each in its own words. */
static error_t set_replications(struct request *request, const char *option, const char *text)
{
    error_t status = cm_request_set(&request->what, option, "replications", text ? text : "200");
    cm_request_say(&request->what, option);
    if (text)
        cm_request_say(&request->what, text);
    return status;
}

/* What the report calls text is a table to whoever asks for one. */
static const char *const format_names[] = {
    [CM_FORMAT_TEXT] = "table", [CM_FORMAT_MARKDOWN] = "markdown", [CM_FORMAT_HTML] = "html",
    [CM_FORMAT_CSV] = "csv",    [CM_FORMAT_JSON] = "json",         [CM_FORMATS] = NULL,
};

static error_t set_format(struct request *request, const char *text)
{
    int index = cm_request_choose(&request->what, "--format", text, format_names);
    request->format = (enum cm_format)index;
    return index < 0 ? EINVAL : 0;
}

/* Called by argp for every option and argument, in order. */
static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_REPLICATIONS:
        return set_replications(request, "--replications", text);
    case KEY_QUICK:
        return set_replications(request, "--quick", NULL);
    case KEY_RARE:
        request->rare = true;
        return 0;
    case KEY_FORMAT:
        return set_format(request, text);
    case KEY_OUT:
        request->out = text;
        return 0;
    case KEY_STRICT:
        request->asserted.strict = true;
        return 0;
    case KEY_JUNIT:
        request->asserted.junit = text;
        return 0;
    case KEY_PLOTS:
        request->plots = text;
        return 0;
    case KEY_PROGRESS:
        return cm_request_progress(&request->what, text, &request->progress);
    case 'j':
        return cm_request_threads(&request->what, text, &request->threads);
    case 'q':
        request->quiet = true;
        return 0;
    default:
        return cm_request_parse(&request->what, key, text);
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE",
    .doc = "Simulates the releases of a scenario under each of its policies and reports detection, "
           "blast radius and false rollbacks. FILE may be - for standard input.\v"
           "Exit status: 0 done, 1 the results could not be written, 2 the command line is wrong, "
           "3 the scenario is wrong, 4 an assertion fails, 5 interrupted.",
};

/* --- the study --- */

/* The same in every place that a report goes to. */
static void report(const struct request *request, const struct cm_claims *claims,
                   const struct cm_buffer *scenario, enum cm_format format, struct cm_writer to)
{
    struct cm_report_options how = {
        .format = format,
        .version = CM_VERSION,
        .command = request->what.said.text,
        .claims = claims->n > 0 ? claims : NULL,
        .scenario = scenario->text,
    };
    cm_report_write(claims->results, &how, to);
}

/* Every format, then the scenario: a folder that has it has everything. */
static int fill_folder(const struct request *request, const struct cm_claims *claims,
                       const struct cm_buffer *scenario)
{
    static const char *const names[CM_FORMATS] = {
        [CM_FORMAT_TEXT] = "report.txt",  [CM_FORMAT_MARKDOWN] = "report.md",
        [CM_FORMAT_HTML] = "report.html", [CM_FORMAT_CSV] = "report.csv",
        [CM_FORMAT_JSON] = "report.json",
    };
    struct cm_err err = {0};
    int status = 0;
    for (int format = 0; format < CM_FORMATS && !status; format++) {
        struct cm_buffer text = {0};
        report(request, claims, scenario, (enum cm_format)format, cm_buffer_writer(&text));
        status = cm_folder_put(request->out, names[format], &text, &err);
        cm_buffer_release(&text);
    }
    if (!status)
        status = cm_folder_put(request->out, CM_FOLDER_SCENARIO, scenario, &err);
    if (status)
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    else if (!request->quiet)
        cm_print(cm_output_talk(), "Results are in %s\n", request->out);
    return status;
}

/* What was found goes everywhere it was asked for, whatever became of the other places. */
static int conclude(const struct request *request, const struct cm_results *results,
                    const struct cm_buffer *resolved)
{
    struct cm_claims claims;
    cm_claims_init(&claims, results);
    report(request, &claims, resolved, request->format, cm_output_data());
    bool filled = !request->out || !fill_folder(request, &claims, resolved);
    int status = cm_assertions_conclude(&request->asserted, &claims, request->quiet);
    cm_claims_release(&claims);
    return filled ? status : CM_EXIT_RUN;
}

/* An interrupted study has rows that were never played: nothing of it is reported. */
static int study(const struct request *request, const struct cm_scenario *scenario,
                 const struct cm_buffer *resolved)
{
    struct cm_results results = {0};
    int status = CM_EXIT_OK;
    cm_results_init(&results, scenario);
    if (cm_simulate(&results, request->threads,
                    request->quiet ? CM_PROGRESS_NONE : request->progress)) {
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
        status = CM_EXIT_INTERRUPTED;
    } else {
        status = conclude(request, &results, resolved);
        if (request->plots)
            status = cm_pictures_of_results(&results, request->plots, request->quiet, status);
    }
    cm_results_release(&results);
    return status;
}

static int estimate_rare(const struct request *request, const struct cm_scenario *scenario)
{
    static const enum cm_solution_format formats[] = {
        [CM_FORMAT_TEXT] = CM_SOLUTION_TEXT, [CM_FORMAT_MARKDOWN] = CM_SOLUTION_MD,
        [CM_FORMAT_HTML] = CM_SOLUTION_TEXT, [CM_FORMAT_CSV] = CM_SOLUTION_CSV,
        [CM_FORMAT_JSON] = CM_SOLUTION_JSON,
    };
    struct cm_progress progress;
    struct cm_study study = {
        .threads = request->threads, .progress = cm_progress_tell, .progress_self = &progress};
    struct cm_run_rare rare = {scenario, request->what.command, cm_runner_of_study(&study),
                               formats[request->format]};
    enum cm_progress_mode mode = request->quiet ? CM_PROGRESS_NONE : request->progress;
    if (request->out)
        return cm_options_fail(request->what.command, "--rare writes to standard output only");
    if (request->format == CM_FORMAT_HTML)
        return cm_options_fail(request->what.command, "--rare makes no page");
    if (request->plots)
        return cm_options_fail(request->what.command, "--rare draws no pictures");
    if (request->asserted.strict || request->asserted.junit)
        return cm_options_fail(request->what.command, "--rare holds nothing against [assert]");
    cm_assertions_leave_out(&request->what, scenario, request->quiet);
    cm_interrupt_watch();
    cm_progress_start(&progress, mode, "simulating", true);
    int status = cm_run_rare(&rare);
    cm_progress_end(&progress);
    if (status == CM_EXIT_INTERRUPTED)
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
    return status;
}

/* The folder is looked at first: nobody should wait for results that have no place to go. */
static int study_into_folder(const struct request *request, const struct cm_scenario *scenario)
{
    struct cm_buffer resolved = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    cm_scenario_print(scenario, cm_buffer_writer(&resolved));
    if (request->out && cm_folder_try(request->out, resolved.text, &err))
        status = cm_options_fail(request->what.command, "--out: %s", err.text);
    else if (request->plots && cm_pictures_try(request->plots, &err))
        status = cm_options_fail(request->what.command, "--plots: %s", err.text);
    else if (!cm_simulation_fits(scenario))
        status = CM_EXIT_SCENARIO;
    else
        status = cm_assertions_look_over(&request->asserted, &request->what, scenario);
    if (!status)
        status =
            request->rare ? estimate_rare(request, scenario) : study(request, scenario, &resolved);
    cm_buffer_release(&resolved);
    return status;
}

/* Nothing here fails halfway: every path releases what was made, whatever came of it. */
static int play(void *input, struct cm_scenario *scenario)
{
    struct request *request = input;
    cm_request_say(&request->what, request->what.file);
    return study_into_folder(request, scenario);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.threads = cm_request_processors()};
    const struct cm_request_call call = {&request.what, &request, &request.quiet, play};
    return cm_request_play(&call, self, argc, argv);
}

static const struct cm_choice choices[] = {{"format", format_names}, {0}};

const struct cm_command cm_command_run = {
    .name = "run",
    .summary = "Simulate a scenario and report what its policies do.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
