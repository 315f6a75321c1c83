/* coalmine run: a scenario in, a report out.
 *
 * Everything that can be refused is refused before anything is simulated: options, the scenario,
 * the folder for the results. Nobody should wait ten minutes to learn of a typing error.
 *
 * The report names the options that change the numbers, and no others, so that the same study gives
 * the same bytes on any number of threads, and the command in a report repeats it.
 *
 * Options that stand for keys of [scenario] become --set like any other, but are checked here
 * first, by the key's own row: a mistake in `--seed` is one of the command line, not of the file.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/report.h"
#include "analysis/smallest.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/source_file.h"
#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

enum {
    KEY_SET = 256,
    KEY_REPLICATIONS,
    KEY_QUICK,
    KEY_SEED,
    KEY_FLOW,
    KEY_FORMAT,
    KEY_OUT,
    KEY_PROGRESS
};

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"set", KEY_SET, "SECTION.KEY=VALUE", 0,
     "Replace a value of the scenario; may be repeated (--set traffic.rate='100 rps').", 1},
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of the healthy release and of each defect (default: the scenario's).", 1},
    {"quick", KEY_QUICK, NULL, 0, "The same as --replications 200.", 1},
    {"seed", KEY_SEED, "S", 0, "Seed of all random numbers (default: the scenario's).", 1},
    {"flow", KEY_FLOW, "FLOW", 0,
     "How traffic is drawn: counts, requests or auto (default: the scenario's).", 1},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "Of the report on standard output: table, csv, json or markdown (default: table).", 2},
    {"out", KEY_OUT, "DIR", 0,
     "Also write the report in every format and the resolved scenario into DIR (default: only "
     "standard output).",
     2},
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
    const struct cm_command *command;
    const char *file;
    const char **set; /* in the arena, as is */
    size_t n_set;
    struct cm_buffer said; /* the command line, as far as it changes numbers */
    int threads;
    enum cm_format format;
    const char *out;
    bool quiet;
    enum cm_progress_mode progress;
    struct cm_arena arena;
};

/* --- options --- */

/* A word of a command line as a shell would need it. */
static void say_word(struct cm_buffer *said, const char *word)
{
    /* what no shell takes for anything else */
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:=+/%@^-";
    struct cm_writer to = cm_buffer_writer(said);
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
static void add_set(struct request *request, const char *text)
{
    request->set =
        cm_list_grow(&request->arena, request->set, request->n_set, sizeof *request->set);
    request->set[request->n_set++] = text;
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

/* An option that stands for a key of [scenario]: checked by that key's own row. */
static error_t set_run_option(struct request *request, const char *option, const char *key,
                              const char *text)
{
    struct cm_err err = {0};
    struct cm_buffer set = {0};
    /* Parsed into memory that nobody reads: only the verdict counts. */
    const struct cm_section *section = scenario_section();
    const struct cm_param *row = cm_param_find(section->params, key);
    void *scratch = cm_arena_alloc(&request->arena, section->size);
    assert(row);
    if (cm_param_set(row, scratch, text, &request->arena, &err)) {
        cm_options_fail(request->command, "%s: %s", option, err.text);
        return EINVAL;
    }
    cm_print(cm_buffer_writer(&set), "scenario.%s=%s", key, text);
    add_set(request, cm_arena_text(&request->arena, set.text, set.length));
    cm_buffer_release(&set);
    say_word(&request->said, option);
    if (strcmp(option, "--quick") != 0)
        say_word(&request->said, text);
    return 0;
}

/* More threads than this is a typing error, and would be refused by the system less kindly. */
static error_t set_threads(struct request *request, const char *text)
{
    enum { MOST = 1024 };
    int64_t threads = 0;
    struct cm_err err = {0};
    if (cm_units_read_count(text, &threads, &err) || threads < 1 || threads > MOST) {
        cm_options_fail(request->command, "-j %.40s: a number of threads is between 1 and %d", text,
                        MOST);
        return EINVAL;
    }
    request->threads = (int)threads;
    return 0;
}

/* The index of a word in a NULL-ended list; -1 and words about it if it is not there. */
/* Values of options get the nearest one, just as names in files do. */
static int choose(const struct request *request, const char *option, const char *text,
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
        cm_options_fail(request->command, "%s: there is no '%.40s' (did you mean '%s'?)", option,
                        text, near);
    else
        cm_options_fail(request->command, "%s: there is no '%.40s' (one of: %s)", option, text,
                        list.text);
    cm_buffer_release(&list);
    return -1;
}

/* What the report calls text is a table to whoever asks for one. */
static error_t set_format(struct request *request, const char *text)
{
    static const char *const names[] = {
        [CM_FORMAT_TEXT] = "table", [CM_FORMAT_MARKDOWN] = "markdown",
        [CM_FORMAT_CSV] = "csv",    [CM_FORMAT_JSON] = "json",
        [CM_FORMATS] = NULL,
    };
    int index = choose(request, "--format", text, names);
    request->format = (enum cm_format)index;
    return index < 0 ? EINVAL : 0;
}

static error_t set_progress(struct request *request, const char *text)
{
    int index = choose(request, "--progress", text, cm_progress_names);
    request->progress = (enum cm_progress_mode)index;
    return index < 0 ? EINVAL : 0;
}

/* One file: what several scenarios would mean together is for the file itself to say (include). */
static error_t set_file(struct request *request, const char *text)
{
    if (request->file) {
        cm_options_fail(request->command, "runs one scenario, but got '%.60s' and '%.60s'",
                        request->file, text);
        return EINVAL;
    }
    request->file = text;
    return 0;
}

/* Called by argp for every option and argument, in order. */
static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_SET:
        add_set(request, text);
        say_word(&request->said, "--set");
        say_word(&request->said, text);
        return 0;
    case KEY_REPLICATIONS:
        return set_run_option(request, "--replications", "replications", text);
    case KEY_QUICK:
        return set_run_option(request, "--quick", "replications", "200");
    case KEY_SEED:
        return set_run_option(request, "--seed", "seed", text);
    case KEY_FLOW:
        return set_run_option(request, "--flow", "flow", text);
    case KEY_FORMAT:
        return set_format(request, text);
    case KEY_OUT:
        request->out = text;
        return 0;
    case KEY_PROGRESS:
        return set_progress(request, text);
    case 'j':
        return set_threads(request, text);
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return set_file(request, text);
    case ARGP_KEY_NO_ARGS:
        cm_options_fail(request->command, "which scenario? (coalmine run FILE; coalmine template "
                                          "prints one to begin with)");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE",
    .doc = "Simulates the releases of a scenario under each of its policies and reports detection, "
           "blast radius and false rollbacks. FILE may be - for standard input.\v"
           "Exit status: 0 done, 1 the results could not be written, 2 the command line is wrong, "
           "3 the scenario is wrong, 5 interrupted.",
};

/* --- the study --- */

/* Warnings are talk and may be silenced; mistakes are the answer and may not. */
static int load(struct request *request, struct cm_scenario *scenario)
{
    struct cm_diags diags = {0};
    add_set(request, NULL); /* ends the list */
    struct cm_load load = {
        .path = request->file,
        .source = cm_source_file(),
        .extra = cm_analysis_sections,
        .set = request->set,
    };
    int status = cm_scenario_load(scenario, &load, &diags);
    if (status || !request->quiet)
        cm_diags_write(&diags, cm_output_talk());
    cm_diags_release(&diags);
    return status;
}

/* The study, then the search for the smallest effects that would have been seen, which plays cells
 * of its own. Both ask `progress` whether to go on. */
static int simulate(const struct request *request, struct cm_results *results)
{
    struct cm_progress progress;
    struct cm_study study = {
        .cells = results->cells,
        .n_cells = results->n_cells,
        .threads = request->threads,
        .progress = cm_progress_tell,
        .progress_self = &progress,
    };
    enum cm_progress_mode mode = request->quiet ? CM_PROGRESS_NONE : request->progress;
    /* Before this an interrupt ends the program at once, which loses nothing. */
    cm_interrupt_watch();
    cm_progress_start(&progress, mode, "simulating", false);
    int status = cm_study_run(&study);
    cm_progress_end(&progress);
    if (status)
        return status;
    cm_progress_start(&progress, mode, "finding the smallest effects seen", true);
    status = cm_smallest_find(results, cm_runner_of_study(&study));
    cm_progress_end(&progress);
    return status;
}

/* The same in every place that a report goes to. */
static void report(const struct request *request, const struct cm_results *results,
                   enum cm_format format, struct cm_writer to)
{
    struct cm_report_options how = {
        .format = format,
        .version = CM_VERSION,
        .command = request->said.text,
    };
    cm_report_write(results, &how, to);
}

/* Every format, then the scenario: a folder that has it has everything. */
static int fill_folder(const struct request *request, const struct cm_results *results,
                       const struct cm_buffer *scenario)
{
    static const char *const names[CM_FORMATS] = {
        [CM_FORMAT_TEXT] = "report.txt",
        [CM_FORMAT_MARKDOWN] = "report.md",
        [CM_FORMAT_CSV] = "report.csv",
        [CM_FORMAT_JSON] = "report.json",
    };
    struct cm_err err = {0};
    int status = 0;
    for (int format = 0; format < CM_FORMATS && !status; format++) {
        struct cm_buffer text = {0};
        report(request, results, (enum cm_format)format, cm_buffer_writer(&text));
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

/* An interrupted study has rows that were never played: nothing of it is reported. */
static int study(const struct request *request, const struct cm_scenario *scenario,
                 const struct cm_buffer *resolved)
{
    struct cm_results results = {0};
    int status = CM_EXIT_OK;
    cm_results_init(&results, scenario);
    if (simulate(request, &results)) {
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
        status = CM_EXIT_INTERRUPTED;
    } else {
        report(request, &results, request->format, cm_output_data());
        if (request->out && fill_folder(request, &results, resolved))
            status = CM_EXIT_RUN;
    }
    cm_results_release(&results);
    return status;
}

/* The folder is looked at first: nobody should wait for results that have no place to go. */
static int study_into_folder(const struct request *request, const struct cm_scenario *scenario)
{
    struct cm_buffer resolved = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    cm_scenario_print(scenario, cm_buffer_writer(&resolved));
    if (request->out && cm_folder_open(request->out, resolved.text, &err))
        status = cm_options_fail(request->command, "--out: %s", err.text);
    else
        status = study(request, scenario, &resolved);
    cm_buffer_release(&resolved);
    return status;
}

/* Nothing here fails halfway: every path releases what was made, whatever came of it. */
static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {
        .command = self,
        .threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
    };
    struct cm_scenario scenario = {0};
    int status;
    cm_print(cm_buffer_writer(&request.said), "coalmine run");
    if (cm_options_parse(self, argc, argv, &request, &status)) {
        request.threads = request.threads < 1 ? 1 : request.threads;
        say_word(&request.said, request.file);
        status =
            load(&request, &scenario) ? CM_EXIT_SCENARIO : study_into_folder(&request, &scenario);
    }
    cm_scenario_release(&scenario);
    cm_buffer_release(&request.said);
    cm_arena_release(&request.arena);
    return status;
}

const struct cm_command cm_command_run = {
    .name = "run",
    .summary = "Simulate a scenario and report what its policies do.",
    .usage = &usage,
    .run = run,
};
