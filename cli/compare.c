/* coalmine compare: policies side by side, pair by pair.
 *
 * A comparison is fair at equal false rollbacks only. Where they differ it is said, and --equalise
 * first moves each policy's gate until all roll back healthy releases equally often (`calibrate`).
 */
#include <errno.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/compare.h"
#include "analysis/write.h"
#include "cli/assertions.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/request.h"

enum { KEY_REPLICATIONS = CM_REQUEST_KEYS, KEY_AGAINST, KEY_EQUALISE, KEY_RATE, KEY_FORMAT };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of the healthy release and of each defect (default: the scenario's).", 1},
    {"against", KEY_AGAINST, "NAME", 0, "The reference (default: the study's first policy).", 2},
    {"equalise", KEY_EQUALISE, NULL, 0,
     "First calibrate a gate of each policy to the same false rollbacks.", 2},
    {"false-rollback", KEY_RATE, "RATE", 0, "The rate that --equalise aims at (default: 1%).", 2},
    {"format", KEY_FORMAT, "FORMAT", 0, "table, json or markdown (default: table).", 3},
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 3},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 3},
    {0},
};

enum format { TABLE, JSON, MARKDOWN };

struct request {
    struct cm_request what;
    const char *against; /* borrowed; NULL = the first */
    double rate;
    int threads;
    enum format format;
    bool equalise, quiet;
};

/* --- options --- */

static const char *const format_names[] = {
    [TABLE] = "table", [JSON] = "json", [MARKDOWN] = "markdown", NULL};

static error_t set_format(struct request *request, const char *text)
{
    int index = cm_request_choose(&request->what, "--format", text, format_names);
    request->format = (enum format)index;
    return index < 0 ? EINVAL : 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_REPLICATIONS:
        return cm_request_set(&request->what, "--replications", "replications", text);
    case KEY_AGAINST:
        request->against = text;
        return 0;
    case KEY_EQUALISE:
        request->equalise = true;
        return 0;
    case KEY_RATE:
        return cm_request_rate(&request->what, text, &request->rate);
    case KEY_FORMAT:
        return set_format(request, text);
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
    .doc = "Compares the policies of a scenario on the same releases and the same traffic, "
           "difference by difference.\v"
           "  coalmine compare shop.ini --against limit --equalise\n\n"
           "Exit status: as coalmine run.",
};

/* --- equal false rollbacks --- */

/* The first gate of the policy that has an option to move. */
static int movable(const struct cm_scenario *s, const struct cm_named_policy *policy)
{
    for (size_t i = 0; i < policy->n_gates; i++)
        if (cm_calibrate_row(s->gates[policy->gate[i]].gate, NULL))
            return policy->gate[i];
    return -1;
}

/* A gate that two policies ask cannot suit both. */
static int check_movable(const struct request *request, const struct cm_results *r)
{
    const struct cm_scenario *s = r->scenario;
    for (size_t p = 0; p < r->n_policies; p++) {
        int gate = movable(s, &s->policies[r->policies[p]]);
        for (size_t q = 0; gate >= 0 && q < p; q++)
            if (movable(s, &s->policies[r->policies[q]]) == gate) {
                cm_options_fail(request->what.command,
                                "--equalise: policies %s and %s ask the same gate '%s'; give each "
                                "its own",
                                cm_results_policy(r, q), cm_results_policy(r, p),
                                s->gates[gate].name);
                return -1;
            }
    }
    return 0;
}

/* Where sentences go: programs read the data. */
static struct cm_writer sentences(const struct request *request)
{
    return request->format == JSON ? cm_output_talk() : cm_output_data();
}

static int calibrate(struct request *request, const struct cm_results *r, size_t p,
                     struct cm_runner runner)
{
    const struct cm_scenario *s = r->scenario;
    struct cm_calibrate ask = {.scenario = s,
                               .policy = r->policies[p],
                               .gate = movable(s, &s->policies[r->policies[p]]),
                               .rate = request->rate,
                               .runner = runner};
    struct cm_calibration found;
    struct cm_buffer set = {0};
    const char *name = cm_results_policy(r, p);
    if (ask.gate < 0) {
        cm_print(sentences(request), "%s has no gate with an option to move and stays as it is.\n",
                 name);
        return 0;
    }
    ask.row = cm_calibrate_row(s->gates[ask.gate].gate, NULL);
    if (cm_calibrate(&ask, &found))
        return -1;
    if (found.how == CM_CALIBRATED_NEVER) {
        cm_print(sentences(request),
                 "%s rolls back more than that with any %s of gate %s, and stays as it is.\n", name,
                 ask.row->name, s->gates[ask.gate].name);
        return 0;
    }
    cm_print(sentences(request),
             "%s with gate.%s.%s = %s rolls back %.3g %% of healthy releases.\n", name,
             s->gates[ask.gate].name, ask.row->name, found.text.found,
             100 * (double)found.fresh.x / (double)found.fresh.n);
    cm_print(cm_buffer_writer(&set), "gate.%s.%s=%s", s->gates[ask.gate].name, ask.row->name,
             found.text.found);
    cm_request_add(&request->what, cm_arena_text(&request->what.arena, set.text, set.length));
    cm_buffer_release(&set);
    return 0;
}

/* Moves every policy's gate, then loads the scenario again as it is now. */
static int equalise(struct request *request, struct cm_scenario *s, struct cm_runner runner)
{
    struct cm_results results = {0};
    cm_results_init(&results, s);
    int status = check_movable(request, &results) ? CM_EXIT_USAGE : CM_EXIT_OK;
    for (size_t p = 0; p < results.n_policies && !status; p++)
        status = calibrate(request, &results, p, runner) ? CM_EXIT_INTERRUPTED : CM_EXIT_OK;
    cm_results_release(&results);
    if (status)
        return status;
    cm_print(sentences(request), "\n");
    cm_scenario_release(s);
    return cm_request_load(&request->what, true, s);
}

/* --- the comparison --- */

static int find_reference(const struct request *request, const struct cm_results *r)
{
    for (size_t p = 0; p < r->n_policies; p++)
        if (!request->against || strcmp(cm_results_policy(r, p), request->against) == 0)
            return (int)p;
    cm_options_fail(request->what.command, "--against: the study has no policy '%.40s'",
                    request->against);
    return -1;
}

static void write_json(const struct cm_comparison *c, struct cm_writer to)
{
    cm_print(to, "{\"fair\": %s, \"shares\": ", c->fair ? "true" : "false");
    cm_write_json_rows(&c->shares, to);
    cm_print(to, ", \"amounts\": ");
    cm_write_json_rows(&c->amounts, to);
    cm_print(to, "}\n");
}

/* One sentence a line, each an item. */
static void write_verdict(const struct cm_comparison *c, const struct cm_prose *prose,
                          struct cm_writer to)
{
    char *text = c->verdict.text;
    prose->begin_items(to);
    for (char *line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n"))
        prose->item(to, line);
    prose->end_of_items(to);
    if (!c->fair)
        prose->paragraph(to, "This is not a fair comparison: the policies differ in false "
                             "rollbacks. --equalise calibrates them to the same rate first.");
}

static void write_prose(const struct cm_comparison *c, const char *reference,
                        const struct cm_prose *prose, struct cm_writer to)
{
    struct cm_buffer heading = {0};
    cm_print(cm_buffer_writer(&heading), "Against %s", reference);
    prose->heading(to, heading.text);
    write_verdict(c, prose, to);
    prose->table(to, &c->shares);
    prose->table(to, &c->amounts);
    prose->paragraph(to, "Differences are the policy's less the reference's, replication by "
                         "replication on the same releases and traffic, with 95 % limits.");
    cm_buffer_release(&heading);
}

static void report(const struct request *request, const struct cm_results *r, int reference)
{
    struct cm_comparison c;
    cm_compare(&c, r, (size_t)reference);
    if (request->format == JSON)
        write_json(&c, cm_output_data());
    else
        write_prose(&c, cm_results_policy(r, (size_t)reference),
                    request->format == MARKDOWN ? &cm_write_markdown : &cm_write_text,
                    cm_output_data());
    cm_compare_release(&c);
}

static int compare(struct request *request, struct cm_scenario *s)
{
    struct cm_progress progress;
    struct cm_study study = {
        .threads = request->threads, .progress = cm_progress_tell, .progress_self = &progress};
    struct cm_results results = {0};
    int status = CM_EXIT_OK;
    cm_assertions_leave_out(&request->what, s, request->quiet);
    cm_interrupt_watch();
    cm_progress_start(&progress, request->quiet ? CM_PROGRESS_NONE : CM_PROGRESS_AUTO, "comparing",
                      request->equalise);
    if (request->equalise)
        status = equalise(request, s, cm_runner_of_study(&study));
    if (!status) {
        cm_results_init(&results, s);
        int reference = find_reference(request, &results);
        study.cells = results.cells, study.n_cells = results.n_cells;
        status = reference < 0          ? CM_EXIT_USAGE
                 : cm_study_run(&study) ? CM_EXIT_INTERRUPTED
                                        : CM_EXIT_OK;
        cm_progress_end(&progress);
        if (!status)
            report(request, &results, reference);
        cm_results_release(&results);
    }
    if (status == CM_EXIT_INTERRUPTED)
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
    return status;
}

static int play(void *input, struct cm_scenario *scenario)
{
    return compare(input, scenario);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    const double usual = 0.01;
    struct request request = {.rate = usual, .threads = cm_request_processors()};
    const struct cm_request_call call = {&request.what, &request, &request.quiet, play};
    return cm_request_play(&call, self, argc, argv);
}

static const struct cm_choice choices[] = {{"format", format_names}, {0}};

const struct cm_command cm_command_compare = {
    .name = "compare",
    .summary = "Hold policies against each other, pair by pair.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
