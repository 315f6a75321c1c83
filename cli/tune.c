/* coalmine tune: the values that a file leaves open, found.
 *
 * `threshold = tune(1..10)` marks a value (sim/scenario/marks.h), [tune] says what for
 * (analysis/tune_section.h), and a search plays candidates against each other (analysis/tune.h).
 * What it finds is validated on fresh seeds and written as a scenario that `run`, `compare` and
 * `export` take.
 *
 * A budget in rollouts makes a search repeatable anywhere. One in time is met by ending between two
 * stages of fixed size: the report says how many rollouts that were. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/tune_report.h"
#include "analysis/write.h"
#include "cli/assertions.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/manifest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/request.h"
#include "cli/request_sweep.h"
#include "cli/source_file.h"
#include "cli/tune_journal.h"
#include "cli/tune_out.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

enum {
    KEY_REPLICATIONS = CM_REQUEST_KEYS,
    KEY_BUDGET,
    KEY_POLICY,
    KEY_OUT,
    KEY_FORMAT,
    KEY_LIST,
    KEY_JOURNAL
};

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of candidates that are played to the end (default: the scenario's).", 1},
    {"budget", KEY_BUDGET, "HOW-MUCH", 0,
     "How long to search: a time (2m) or a number of rollouts (500k); a search in rollouts can be "
     "repeated exactly (default: 2m).",
     2},
    {"policy", KEY_POLICY, "NAME", 0, "The policy to tune (default: all that have tune()).", 2},
    {"journal", KEY_JOURNAL, "FILE", 0,
     "Keep in FILE what is played, and do not play again what is there: an interrupted search goes "
     "on where it was.",
     2},
    {"list", KEY_LIST, NULL, 0, "Show what would be tuned, and play nothing.", 2},
    {"out", KEY_OUT, "FILE|DIR", 0,
     "Write the tuned scenario into FILE (NAME.ini), which is not there yet, or it and the report "
     "into DIR.",
     3},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "Of the report on standard output: table, csv, json or markdown (default: table).", 3},
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 4},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 4},
    {0},
};

struct request {
    struct cm_request what;
    const char *policy, *out, *journal; /* borrowed; NULL = the default */
    double seconds;                     /* of the budget; 0 = it is one of rollouts */
    uint64_t rollouts;
    enum cm_tune_format format;
    int threads;
    bool quiet, list;
};

/* --- options --- */

/* "2m" is a time, "500k" a number. */
static error_t set_budget(struct request *request, const char *text)
{
    struct cm_quantity budget = {0};
    struct cm_err err = {0};
    const double most = 1e15;
    if (cm_units_read_any(text, &budget, &err)) {
        cm_options_fail(request->what.command, "--budget: %s", err.text);
        return EINVAL;
    }
    bool time = budget.unit == CM_SECONDS;
    if ((!time && budget.unit != CM_PURE) || !(budget.value > 0) || budget.value > most) {
        cm_options_fail(request->what.command,
                        "--budget %.40s: a time (2m) or a number of rollouts (500k)", text);
        return EINVAL;
    }
    request->seconds = time ? budget.value : 0;
    request->rollouts = time ? 0 : (uint64_t)budget.value;
    return 0;
}

static error_t set_format(struct request *request, const char *text)
{
    static const char *const names[] = {
        [CM_TUNE_TEXT] = "table", [CM_TUNE_MARKDOWN] = "markdown", [CM_TUNE_CSV] = "csv",
        [CM_TUNE_JSON] = "json",  [CM_TUNE_FORMATS] = NULL,
    };
    int index = cm_request_choose(&request->what, "--format", text, names);
    request->format = (enum cm_tune_format)index;
    return index < 0 ? EINVAL : 0;
}

static error_t set_replications(struct request *request, const char *text)
{
    cm_request_say(&request->what, "--replications");
    cm_request_say(&request->what, text);
    return cm_request_set(&request->what, "--replications", "replications", text);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_REPLICATIONS:
        return set_replications(request, text);
    case KEY_BUDGET:
        return set_budget(request, text);
    case KEY_POLICY:
        request->policy = text;
        cm_request_say(&request->what, "--policy");
        cm_request_say(&request->what, text);
        return 0;
    case KEY_JOURNAL:
        request->journal = text;
        return 0;
    case KEY_LIST:
        request->list = true;
        return 0;
    case KEY_OUT:
        request->out = text;
        return 0;
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
    .doc = "Finds values for what a scenario marks as open, `threshold = tune(1..10)`: those that "
           "make what [tune] minimises small within its limits. Says how they do on fresh seeds, "
           "beside the policy that they are compared with.\v"
           "Keys of [tune]: minimise, weights, false_rollback, missed, time_to_promote, reference, "
           "calibrate, holdout, start, round, validation (coalmine help tune.minimise explains "
           "one).\n\n"
           "  coalmine tune scenarios/studies/tune-flagger.ini --budget 2m --out tuned.ini\n"
           "  coalmine run tuned.ini\n\n"
           "Exit status: 0 done, 1 no candidate was confirmed to keep the limits, or a file could "
           "not be written, 2 the command line is wrong, 3 the scenario is, 5 interrupted.",
};

/* --- progress and budget --- */

struct watch {
    struct cm_progress progress;
    const struct request *request;
    struct cm_tune_journal journal;
    double began;          /* s, of a steady clock */
    uint64_t before, last; /* rollouts: of runs that are over; told of this one */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The search is the budget; what comes behind it is short. */
static bool tell(void *self, uint64_t done, uint64_t total)
{
    struct watch *w = self;
    const double ms = 1000;
    if (done < w->last)
        w->before += w->last;
    w->last = done;
    if (w->request->seconds > 0) {
        double elapsed = fmin(now() - w->began, w->request->seconds);
        return cm_progress_tell(&w->progress, (uint64_t)(ms * elapsed),
                                (uint64_t)(ms * w->request->seconds) + 1);
    }
    (void)total;
    uint64_t played = w->before + done, all = w->request->rollouts;
    return cm_progress_tell(&w->progress, played < all ? played : all, all + 1);
}

/* A stage begins if it is likely to be over in time; a fifth of it is left for the validation. */
static bool go_on(void *self, uint64_t played, uint64_t wanted)
{
    const struct cm_tune_field *f = self;
    const struct cm_study *study = f->runner.self;
    const struct watch *w = study->progress_self;
    const double part = 0.8;
    double elapsed = now() - w->began;
    double takes = elapsed * (double)wanted / (double)played;
    return w->request->seconds <= 0 || elapsed + takes <= part * w->request->seconds;
}

static int play(void *self, struct cm_candidate *const *list, size_t n, uint64_t upto)
{
    struct cm_tune_field *f = self;
    struct watch *w = ((struct cm_study *)f->runner.self)->progress_self;
    return cm_tune_journal_play(&w->journal, f, list, n, upto);
}

/* --- what is written --- */

static int fail(const struct cm_err *err, int status)
{
    cm_print(cm_output_talk(), "coalmine: %s\n", err->text);
    return status;
}

static int check_target(const struct request *request)
{
    struct cm_err err = {0};
    bool bad = request->out && cm_tune_out_check(request->out, &err);
    return bad ? fail(&err, CM_EXIT_RUN) : CM_EXIT_OK;
}

static int write_out(const struct request *request, const struct cm_tune_report *r)
{
    struct cm_err err = {0};
    return cm_tune_out_write(request->out, r, &err) ? fail(&err, CM_EXIT_RUN) : CM_EXIT_OK;
}

/* --- the command --- */

static int find_policy(const struct request *request, const struct cm_scenario *s, int *policy)
{
    struct cm_guess guess = cm_guess_start(request->policy ? request->policy : "");
    *policy = -1;
    for (size_t i = 0; i < s->n_policies && request->policy; i++) {
        if (strcmp(s->policies[i].name, request->policy) == 0)
            *policy = (int)i;
        cm_guess_try(&guess, s->policies[i].name);
    }
    if (!request->policy || *policy >= 0)
        return CM_EXIT_OK;
    return cm_options_fail(request->what.command,
                           guess.best ? "--policy: there is no '%.40s' (did you mean '%s'?)"
                                      : "--policy: there is no '%.40s'",
                           request->policy, guess.best);
}

static int list(const struct request *request, const struct cm_tune_field *f)
{
    struct cm_table table;
    cm_tune_list(f, &table);
    if (request->format == CM_TUNE_CSV)
        cm_write_csv(&table, cm_output_data());
    else if (request->format == CM_TUNE_JSON)
        cm_write_json_rows(&table, cm_output_data());
    else if (request->format == CM_TUNE_MARKDOWN)
        cm_write_markdown.table(cm_output_data(), &table);
    else
        cm_write_text.table(cm_output_data(), &table);
    cm_table_release(&table);
    return CM_EXIT_OK;
}

static struct cm_tune make_search(const struct request *request, struct cm_tune_field *f)
{
    const struct cm_tune_options *o = f->options;
    return (struct cm_tune){
        .families = f->n_families,
        .dimensions = f->marks->n,
        .limits = cm_tune_limits_of(f),
        .seed = f->middle->run.seed,
        .replications = f->middle->run.replications,
        .start = (size_t)o->start,
        .round = (size_t)o->round,
        .budget = request->rollouts,
        .play = play,
        .go_on = go_on,
        .settle = cm_tune_settle,
        .self = f,
    };
}

/* The line that repeats it: the same number of rollouts gives the same answer. */
static const char *command_line(struct request *request, const struct cm_tuning *t)
{
    struct cm_buffer line = {0};
    cm_print(cm_buffer_writer(&line), "%s %s --budget %llu", request->what.said.text,
             request->what.file, (unsigned long long)t->played);
    const char *kept = cm_arena_text(&request->what.arena, line.text, line.length);
    cm_buffer_release(&line);
    return kept;
}

static int report(struct request *request, const struct cm_tune_field *f, const struct cm_tuning *t,
                  const struct cm_tune_validation *v)
{
    struct cm_tune_report r = {f, t, v, command_line(request, t)};
    cm_tune_report_write(&r, request->format, cm_output_data());
    int status = request->out ? write_out(request, &r) : CM_EXIT_OK;
    return status ? status : v->confirmed ? CM_EXIT_OK : CM_EXIT_RUN;
}

static int search(struct request *request, struct cm_tune_field *f)
{
    struct cm_tuning tuning = {0};
    struct cm_tune_validation validation = {0};
    struct watch *w = ((struct cm_study *)f->runner.self)->progress_self;
    struct cm_tune ask = make_search(request, f);
    int status = CM_EXIT_OK;
    w->began = now();
    cm_interrupt_watch();
    cm_progress_start(&w->progress, request->quiet ? CM_PROGRESS_NONE : CM_PROGRESS_AUTO, "tuning",
                      false);
    if (cm_tune_search(&ask, &tuning) ||
        (tuning.n_order > 0 && cm_tune_validate(f, &tuning, &validation)))
        status = CM_EXIT_INTERRUPTED;
    cm_progress_end(&w->progress);
    if (status)
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported%s\n",
                 request->journal ? ", and the same command goes on from the journal" : "");
    else if (tuning.n_order == 0)
        status = fail(&(struct cm_err){.text = "no candidate was played: every one is no valid "
                                               "scenario, or the budget is less than one stage"},
                      CM_EXIT_RUN);
    else
        status = report(request, f, &tuning, &validation);
    if (f->reason.length && !request->quiet && status != CM_EXIT_INTERRUPTED)
        cm_print(cm_output_talk(), "The first candidate that is no valid scenario:\n%s",
                 f->reason.text);
    cm_tune_validation_release(&validation);
    cm_tune_release(&tuning);
    return status;
}

static int search_with_journal(struct request *request, struct cm_tune_field *f)
{
    struct watch *w = ((struct cm_study *)f->runner.self)->progress_self;
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    if (request->journal && cm_tune_journal_open(&w->journal, request->journal, f, &err))
        status = fail(&err, CM_EXIT_RUN);
    if (!status)
        status = search(request, f);
    if (cm_tune_journal_close(&w->journal, &err) && !status)
        status = fail(&err, CM_EXIT_RUN);
    return status;
}

/* The file with every mark in its middle: whatever is wrong besides the marks shows here. */
static int load_middle(struct request *request, const struct cm_load *load,
                       const struct cm_marks *marks, struct cm_scenario *s)
{
    struct cm_diags diags = {0};
    struct cm_tune_field f = {.load = load, .marks = marks};
    struct cm_candidate middle = {0};
    for (size_t i = 0; i < marks->n; i++)
        middle.u[i] = 0.5;
    int status = cm_tune_load(&f, &middle, NULL, s, &diags) ? CM_EXIT_SCENARIO : CM_EXIT_OK;
    if (cm_request_sweep_is(&diags))
        status = cm_request_sweep_refuse(&request->what, load, &diags);
    else if (status) /* warnings are about this candidate, and there will be others */
        cm_diags_write(&diags, cm_output_talk());
    cm_diags_release(&diags);
    return status;
}

static int tune(struct request *request, const struct cm_load *load, const struct cm_marks *marks)
{
    struct watch watch = {.request = request};
    struct cm_study study = {
        .threads = request->threads, .progress = tell, .progress_self = &watch};
    struct cm_scenario middle = {0};
    struct cm_err err = {0};
    int policy, status = load_middle(request, load, marks, &middle);
    if (!status)
        cm_assertions_leave_out(&request->what, &middle, request->quiet);
    if (!status)
        status = find_policy(request, &middle, &policy);
    if (!status) {
        struct cm_tune_field field = {
            .load = load,
            .marks = marks,
            .middle = &middle,
            .options = cm_scenario_entry(&middle, cm_tune_section.name)->common,
            .runner = cm_runner_of_study(&study),
        };
        status = cm_tune_field_init(&field, policy, &err) ? fail(&err, CM_EXIT_SCENARIO)
                 : request->list                          ? list(request, &field)
                                                          : search_with_journal(request, &field);
        cm_tune_field_release(&field);
    }
    cm_scenario_release(&middle);
    return status;
}

static int read_marks(struct request *request)
{
    struct cm_marks marks = {0};
    struct cm_diags diags = {0};
    cm_request_add(&request->what, NULL); /* ends the list */
    struct cm_load load = {.path = request->what.file,
                           .source = cm_source_file(),
                           .extra = cm_analysis_sections,
                           .set = request->what.set};
    int status = cm_marks_read(&marks, &load, &diags) ? CM_EXIT_SCENARIO : CM_EXIT_OK;
    if (status)
        cm_diags_write(&diags, cm_output_talk());
    else if (marks.n == 0)
        status = cm_options_fail(request->what.command,
                                 "%.60s leaves nothing to tune: mark a value, as in threshold = "
                                 "tune(1..10)",
                                 request->what.file);
    else
        status = tune(request, &load, &marks);
    cm_diags_release(&diags);
    cm_marks_release(&marks);
    return status;
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    const double usual = 120; /* s */
    struct request request = {.seconds = usual, .threads = cm_request_processors()};
    int status;
    cm_request_init(&request.what, self);
    if (cm_options_parse(self, argc, argv, &request, &status)) {
        if (cm_manifest_is(request.what.file) || strcmp(request.what.file, "-") == 0)
            status = cm_options_fail(self, "tune reads a scenario file once for every candidate; "
                                           "import a manifest first, and keep what comes through a "
                                           "pipe in a file");
        else if (request.what.service)
            status = cm_options_fail(self, "--service goes with a manifest: a scenario says "
                                           "include = FILE");
        else
            status = check_target(&request);
        if (!status)
            status = read_marks(&request);
    }
    cm_request_release(&request.what);
    return status;
}

const struct cm_command cm_command_tune = {
    .name = "tune",
    .summary = "Find the values that a scenario leaves open, tune(1..10).",
    .usage = &usage,
    .run = run,
};
