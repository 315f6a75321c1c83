/* coalmine calibrate: the value of a gate's option that gives the asked rate of false rollbacks.
 *
 * Gates can only be compared at the same rate of false rollbacks, and few keep the one that their
 * options promise: this finds the value that does, in this scenario (analysis/calibrate.h). The
 * value goes into the file itself (--write: one value is replaced, every other byte stays) or into
 * a resolved scenario of its own (--out). */
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/measure.h"
#include "analysis/solver.h"
#include "analysis/words.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/interrupt.h"
#include "cli/manifest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/request.h"
#include "cli/splice.h"
#include "sim/base/text.h"
#include "sim/stats/interval.h"

enum {
    KEY_GATE = CM_REQUEST_KEYS,
    KEY_OPTION,
    KEY_POLICY,
    KEY_RATE,
    KEY_REPLICATIONS,
    KEY_OUT,
    KEY_WRITE
};

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of each value that is tried (default: the scenario's).", 1},
    {"gate", KEY_GATE, "NAME", 0,
     "The gate whose option is moved (default: the only one that has such an option).", 2},
    {"option", KEY_OPTION, "KEY", 0,
     "The option that is moved, any number (default: the gate's own choice, mostly alpha).", 2},
    {"policy", KEY_POLICY, "NAME", 0,
     "The policy that is played (default: the first that asks the gate).", 2},
    {"false-rollback", KEY_RATE, "RATE", 0,
     "How many healthy releases may be rolled back (default: 1%).", 2},
    {"out", KEY_OUT, "FILE", 0,
     "Write the resolved scenario with the value into FILE, which is not there yet.", 3},
    {"write", KEY_WRITE, NULL, 0, "Replace the value in the scenario file itself.", 3},
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 4},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 4},
    {0},
};

struct request {
    struct cm_request what;
    const char *gate, *option, *policy, *out; /* borrowed; NULL = the default */
    double rate;
    int threads;
    bool write, quiet;
};

/* --- options --- */

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_GATE:
        request->gate = text;
        return 0;
    case KEY_OPTION:
        request->option = text;
        return 0;
    case KEY_POLICY:
        request->policy = text;
        return 0;
    case KEY_RATE:
        return cm_request_rate(&request->what, text, &request->rate);
    case KEY_REPLICATIONS:
        return cm_request_set(&request->what, "--replications", "replications", text);
    case KEY_OUT:
        request->out = text;
        return 0;
    case KEY_WRITE:
        request->write = true;
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
    .args_doc = "FILE",
    .doc = "Finds the value of a gate's option at which a policy rolls back healthy releases as "
           "often as asked, and says what it detects then.\v"
           "Which option of a gate is moved: coalmine help gates.\n\n"
           "Exit status: as coalmine run; 1 also if no value gives the rate.",
};

/* --- which gate, which policy --- */

static bool asks(const struct cm_named_policy *policy, int gate)
{
    for (size_t i = 0; i < policy->n_gates; i++)
        if (policy->gate[i] == gate)
            return true;
    return false;
}

/* The gate that is named, or the only one that can be calibrated; -1 once that has been said. */
static int find_gate(const struct request *request, const struct cm_scenario *s)
{
    struct cm_guess guess = cm_guess_start(request->gate ? request->gate : "");
    int found = -1, able = 0;
    for (size_t i = 0; i < s->n_gates; i++) {
        if (!cm_calibrate_row(s->gates[i].gate, request->option))
            continue;
        able++;
        if (!request->gate || strcmp(s->gates[i].name, request->gate) == 0)
            found = (int)i;
        cm_guess_try(&guess, s->gates[i].name);
    }
    if (found >= 0 && (request->gate || able == 1))
        return found;
    if (!request->gate)
        cm_options_fail(request->what.command, able ? "which gate? Name one with --gate"
                                                    : "no gate of the file has an option to move");
    else if (guess.best)
        cm_options_fail(request->what.command,
                        "there is no gate '%.40s' with an option to move (did you mean '%s'?)",
                        request->gate, guess.best);
    else
        cm_options_fail(request->what.command, "there is no gate '%.40s' with an option to move",
                        request->gate);
    return -1;
}

static int find_policy(const struct request *request, const struct cm_scenario *s, int gate)
{
    for (size_t i = 0; i < s->n_policies; i++)
        if (request->policy ? strcmp(s->policies[i].name, request->policy) == 0
                            : asks(&s->policies[i], gate))
            return (int)i;
    if (request->policy)
        cm_options_fail(request->what.command, "there is no policy '%.40s'", request->policy);
    else
        cm_options_fail(request->what.command,
                        "no policy asks the gate '%s'; name one with "
                        "--policy",
                        s->gates[gate].name);
    return -1;
}

/* --- what is said --- */

static struct cm_estimate share(uint64_t x, uint64_t n)
{
    struct cm_interval range = cm_interval_wilson(x, n, CM_LEVEL);
    return (struct cm_estimate){(double)x / (double)n, range.low, range.high, n};
}

static void say_share(struct cm_tried t, struct cm_writer to)
{
    static const struct cm_column column = {NULL, "", CM_COLUMN_SHARE, true, NULL};
    struct cm_estimate e = share(t.x, t.n);
    cm_words_both(&column, &e, to);
}

static void say(const struct cm_calibrate *ask, const struct cm_calibration *c, struct cm_writer to)
{
    const struct cm_scenario *s = ask->scenario;
    const char *gate = s->gates[ask->gate].name, *key = ask->row->name;
    if (c->how == CM_CALIBRATED_NEVER) {
        cm_print(to,
                 "No value of gate.%s.%s does: with %s, which rolls back least, policy %s "
                 "still rolls back ",
                 gate, key, c->text.found, s->policies[ask->policy].name);
        say_share(c->found, to);
        cm_print(to, " of healthy releases. Another gate, or the policy itself, does.");
        return;
    }
    cm_print(to, "gate.%s.%s = %s", gate, key, c->text.found);
    if (c->how == CM_CALIBRATED_ALWAYS)
        cm_print(to, ", the value that rolls back most, is still within the asked rate");
    cm_print(to, ": policy %s rolls back ", s->policies[ask->policy].name);
    say_share(c->found, to);
    cm_print(to, " of healthy releases, on seeds that it was not chosen by ");
    say_share(c->fresh, to);
    cm_print(to, ".");
    if (c->how == CM_CALIBRATED_FOUND) {
        cm_print(to, " The value lies between %s and %s (95 %%); with %s it would be ", c->text.low,
                 c->text.high, c->text.next);
        say_share(c->next, to);
        cm_print(to, ".");
    }
}

static void report(const struct cm_calibrate *ask, const struct cm_calibration *c)
{
    const struct cm_scenario *s = ask->scenario;
    struct cm_solution solution = {0};
    cm_table_init(&solution.table, "What it detects", 1);
    say(ask, c, cm_solution_say(&solution));
    cm_solution_column(&solution, "release", CM_COLUMN_TEXT);
    cm_solution_column(&solution, "detected as written", CM_COLUMN_SHARE);
    cm_solution_column(&solution, "detected with the value found", CM_COLUMN_SHARE);
    for (size_t i = 0; i < s->n_defects && i < CM_CALIBRATE_DEFECTS; i++) {
        cm_table_text(&solution.table, s->defects[i].name);
        cm_table_number(&solution.table, c->detected[0][i]);
        cm_table_number(&solution.table, c->detected[1][i]);
    }
    solution.method = "Simulation: monotone bisection under common random numbers; detection and "
                      "the second rate are of other seeds.";
    cm_solution_write(&solution, CM_SOLUTION_TEXT, cm_output_data());
    cm_solution_release(&solution);
}

/* --- where the value goes --- */

static int fail_to_write(const struct cm_err *err)
{
    cm_print(cm_output_talk(), "coalmine: %s\n", err->text);
    return CM_EXIT_RUN;
}

/* The scenario is loaded once more, with the value, and printed. */
static int write_out(struct request *request, const char *set)
{
    struct cm_request again = request->what;
    struct cm_scenario scenario = {0};
    struct cm_buffer text = {0};
    struct cm_err err = {0};
    cm_request_add(&again, set);
    int status = cm_request_load(&again, true, &scenario);
    request->what = again; /* its arena may have grown */
    if (!status) {
        cm_scenario_print(&scenario, cm_buffer_writer(&text));
        if (cm_file_put_new(request->out, &text, &err))
            status = fail_to_write(&err);
    }
    cm_buffer_release(&text);
    cm_scenario_release(&scenario);
    return status;
}

static int write_value(struct request *request, const struct cm_calibrate *ask,
                       const struct cm_calibration *c)
{
    const char *gate = ask->scenario->gates[ask->gate].name, *key = ask->row->name;
    struct cm_buffer set = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    cm_print(cm_buffer_writer(&set), "gate.%s.%s=%s", gate, key, c->text.found);
    if (request->write &&
        cm_splice_value(ask->scenario, (struct cm_splice){"gate", gate, key, c->text.found}, &err))
        status = fail_to_write(&err);
    if (!status && request->out)
        status = write_out(request, cm_arena_text(&request->what.arena, set.text, set.length));
    cm_buffer_release(&set);
    return status;
}

/* What can be known to fail before anything is played. */
static int check_target(const struct request *request)
{
    struct cm_err err = {0};
    if (request->out && cm_file_check_new(request->out, &err))
        return fail_to_write(&err);
    if (request->write && cm_manifest_is(request->what.file))
        return cm_options_fail(request->what.command,
                               "--write goes with a scenario, and '%.60s' is a manifest: use --out "
                               "FILE, then coalmine export FILE --into MANIFEST",
                               request->what.file);
    return CM_EXIT_OK;
}

/* --- the command --- */

static int calibrate(struct request *request, const struct cm_scenario *scenario)
{
    struct cm_progress progress;
    struct cm_study study = {
        .threads = request->threads, .progress = cm_progress_tell, .progress_self = &progress};
    struct cm_calibrate ask = {
        .scenario = scenario, .rate = request->rate, .runner = cm_runner_of_study(&study)};
    struct cm_calibration found;
    int status = check_target(request);
    if (status)
        return status;
    ask.gate = find_gate(request, scenario);
    ask.policy = ask.gate < 0 ? -1 : find_policy(request, scenario, ask.gate);
    if (ask.policy < 0)
        return CM_EXIT_USAGE;
    ask.row = cm_calibrate_row(scenario->gates[ask.gate].gate, request->option);
    if (!cm_calibrate_has_range(&ask))
        return cm_options_fail(request->what.command,
                               "gate.%s.%s is none or 0: a limit is sought around the one that is "
                               "written, which has to be above 0",
                               scenario->gates[ask.gate].name, ask.row->name);
    cm_interrupt_watch();
    cm_progress_start(&progress, request->quiet ? CM_PROGRESS_NONE : CM_PROGRESS_AUTO,
                      "calibrating", true);
    status = cm_calibrate(&ask, &found);
    cm_progress_end(&progress);
    if (status) {
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
        return CM_EXIT_INTERRUPTED;
    }
    report(&ask, &found);
    return found.how == CM_CALIBRATED_NEVER ? CM_EXIT_RUN : write_value(request, &ask, &found);
}

static int play(void *input, struct cm_scenario *scenario)
{
    return calibrate(input, scenario);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    const double usual = 0.01;
    struct request request = {.rate = usual, .threads = cm_request_processors()};
    const struct cm_request_call call = {&request.what, &request, &request.quiet, play};
    return cm_request_play(&call, self, argc, argv);
}

const struct cm_command cm_command_calibrate = {
    .name = "calibrate",
    .summary = "Find the value of a gate that gives a rate of false rollbacks.",
    .usage = &usage,
    .run = run,
};
