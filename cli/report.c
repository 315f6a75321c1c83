/* coalmine report: one page with everything, to mail, to print, to attach to a change.
 *
 * Of a scenario it holds what `run` says, of a stored study what `show` says and the report of each
 * cell; both with the pictures that there is something to see in. Without gnuplot, or where a
 * picture cannot be drawn, the page is made all the same and the exit status says so.
 */
#include <errno.h>

#include "analysis/assertion.h"
#include "analysis/show.h"
#include "cli/file.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report_pictures.h"
#include "cli/request_store.h"
#include "cli/simulation.h"

enum { KEY_REPLICATIONS = CM_REQUEST_KEYS, KEY_NO_PLOTS, KEY_PROGRESS };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of the healthy release and of each defect (default: the scenario's).", 1},
    {"out", 'o', "FILE", 0,
     "Where the page goes; one that is there is replaced (default: report.html).", 2},
    {"no-plots", KEY_NO_PLOTS, NULL, 0, "Leave the pictures out (default: draw them).", 2},
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 3},
    {"progress", KEY_PROGRESS, "HOW", 0,
     "On standard error: auto, bar, lines or none (default: auto, a bar on a terminal).", 3},
    {"quiet", 'q', NULL, 0,
     "Say nothing on standard error but errors (default: warnings and progress, too).", 3},
    {0},
};

/* What was asked for. */
struct request {
    struct cm_request what;
    const char *out;
    int threads;
    bool plain, quiet;
    enum cm_progress_mode progress;
};

/* --- options --- */

static error_t set_replications(struct request *request, const char *text)
{
    error_t status = cm_request_set(&request->what, "--replications", "replications", text);
    cm_request_say(&request->what, "--replications");
    cm_request_say(&request->what, text);
    return status;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_REPLICATIONS:
        return set_replications(request, text);
    case KEY_NO_PLOTS:
        request->plain = true;
        return 0;
    case KEY_PROGRESS:
        return cm_request_progress(&request->what, text, &request->progress);
    case 'o':
        request->out = text;
        return 0;
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
    .args_doc = "FILE|STORE",
    .doc = "Writes one page (HTML) with verdict, tables, pictures and the scenario itself; it "
           "needs no other file and no network. FILE is a scenario, which is played as by coalmine "
           "run; a STORE is what coalmine sweep --out has filled.\v"
           "  coalmine report shop.ini -o shop.html\n\n"
           "Exit status: 0 done, 1 the page could not be written or the store not read, 2 the "
           "command line is wrong, 3 the scenario is wrong, 5 interrupted, 6 a picture could not "
           "be drawn: the page is there without it.",
};

/* --- the page --- */

/* What can go wrong from here on leaves the page as it is. */
static int put_page(const struct request *request, const struct cm_buffer *page, int status)
{
    struct cm_err err = {0};
    if (cm_file_put(request->out, page, &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        return CM_EXIT_RUN;
    }
    if (!request->quiet)
        cm_print(cm_output_talk(), "The report is in %s\n", request->out);
    return status;
}

static struct cm_report_options page_options(const struct request *request,
                                             const struct cm_report_pictures *pictures)
{
    return (struct cm_report_options){
        .format = CM_FORMAT_HTML,
        .version = CM_VERSION,
        .command = request->what.said.text,
        .pictures = pictures->list,
        .n_pictures = pictures->n,
    };
}

/* Of what was played: rows to pictures to page. */
static int write_results(const struct request *request, const struct cm_results *results)
{
    struct cm_report_pictures pictures = {.quiet = request->quiet, .threads = request->threads};
    struct cm_buffer page = {0}, scenario = {0};
    struct cm_claims claims;
    int status = CM_EXIT_OK;
    if (!request->plain)
        status = cm_report_pictures_of_results(&pictures, results);
    cm_claims_init(&claims, results);
    cm_scenario_print(results->scenario, cm_buffer_writer(&scenario));
    struct cm_report_options how = page_options(request, &pictures);
    how.claims = claims.n > 0 ? &claims : NULL;
    how.scenario = scenario.text;
    if (status != CM_EXIT_INTERRUPTED) {
        cm_report_write(results, &how, cm_buffer_writer(&page));
        status = put_page(request, &page, status);
    }
    cm_claims_release(&claims);
    cm_report_pictures_release(&pictures);
    cm_buffer_release(&scenario);
    cm_buffer_release(&page);
    return status;
}

static int play(const struct request *request, const struct cm_scenario *scenario)
{
    struct cm_results results = {0};
    int status;
    cm_results_init(&results, scenario);
    if (cm_simulate(&results, request->threads,
                    request->quiet ? CM_PROGRESS_NONE : request->progress))
        status = CM_EXIT_INTERRUPTED;
    else
        status = write_results(request, &results);
    if (status == CM_EXIT_INTERRUPTED)
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
    cm_results_release(&results);
    return status;
}

static int report_scenario(struct request *request)
{
    struct cm_scenario scenario = {0};
    int status = cm_request_load(&request->what, request->quiet, &scenario);
    if (!status)
        status = cm_simulation_fits(&scenario) ? play(request, &scenario) : CM_EXIT_SCENARIO;
    cm_scenario_release(&scenario);
    return status;
}

static int write_study(const struct request *request, struct cm_stored *study)
{
    struct cm_report_pictures pictures = {.quiet = request->quiet, .threads = request->threads};
    struct cm_buffer page = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    if (!request->plain)
        status = cm_report_pictures_of_study(&pictures, study);
    struct cm_report_options how = page_options(request, &pictures);
    const struct cm_show show = {.study = study, .format = CM_SHOW_HTML, .page = &how};
    if (cm_show_write(&show, cm_buffer_writer(&page), &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        status = CM_EXIT_RUN;
    } else if (status != CM_EXIT_INTERRUPTED) {
        status = put_page(request, &page, status);
    }
    cm_report_pictures_release(&pictures);
    cm_buffer_release(&page);
    return status;
}

static int report_study(struct request *request)
{
    int status;
    struct cm_stored *study = cm_request_store(&request->what, request->quiet, &status);
    if (study)
        status = write_study(request, study);
    cm_stored_close(study);
    return status;
}

/* The place is looked at first: nobody should wait for a page that has none. */
static int report(struct request *request)
{
    struct cm_err err = {0};
    cm_request_say(&request->what, request->what.file);
    if (cm_file_try(request->out, &err))
        return cm_options_fail(request->what.command, "--out: %s", err.text);
    return cm_store_is(request->what.file) ? report_study(request) : report_scenario(request);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.threads = cm_request_processors(), .out = "report.html"};
    int status;
    cm_request_init(&request.what, self);
    if (cm_options_parse(self, argc, argv, &request, &status)) {
        status = report(&request);
    }
    cm_request_release(&request.what);
    return status;
}

const struct cm_command cm_command_report = {
    .name = "report",
    .summary = "Write one page (HTML) about a scenario or a stored study.",
    .usage = &usage,
    .run = run,
};
