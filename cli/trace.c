/* coalmine trace: one rollout, told step by step.
 *
 * It is replication I of what `coalmine run` plays: same draws, same outcome. People look for the
 * odd one, so --find looks through the replications of the cell for one that ends in a given way;
 * the header then names the command that shows it again without searching.
 *
 * Names of policies and releases are those of the file, so they can only be checked once it is
 * loaded; they are mistakes of the command line nevertheless. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analysis/trace.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/request.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

enum { KEY_POLICY = CM_REQUEST_KEYS, KEY_RELEASE, KEY_REPLICATION, KEY_FIND, KEY_FORMAT, KEY_ALL };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"policy", KEY_POLICY, "NAME", 0, "The policy that is played (default: the file's first).", 2},
    {"release", KEY_RELEASE, "NAME", 0,
     "A defect, or healthy (default: the file's first defect, healthy if there is none).", 2},
    {"replication", KEY_REPLICATION, "I", 0,
     "Which replication, from 0: the one with this number in `coalmine run` (default: 0).", 2},
    {"find", KEY_FIND, "HOW", 0,
     "The first replication from I on, up to the scenario's number of them, that is promoted, "
     "rolled_back, stuck, superseded, paused, timed_out, or a false_rollback, an early_rollback, "
     "detected or missed (default: replication I itself).",
     2},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "text, or jsonl for programs: one JSON object a line (default: text).", 3},
    {"all", KEY_ALL, NULL, 0,
     "Tell every look (default: looks that repeat the one before them are folded).", 3},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors (default: warnings, too).",
     3},
    {0},
};

/* Ends are found by their names; the others need to know whether the release is bad. */
enum find { FALSE_ROLLBACK = CM_ENDS, EARLY_ROLLBACK, DETECTED, MISSED, FINDS, NOT_SOUGHT };
static const char *const find_names[FINDS + 1] = {
    [CM_PROMOTED] = "promoted",
    [CM_ROLLED_BACK] = "rolled_back",
    [CM_STUCK] = "stuck",
    [CM_SUPERSEDED] = "superseded",
    [CM_PAUSED] = "paused",
    [CM_TIMED_OUT] = "timed_out",
    [FALSE_ROLLBACK] = "false_rollback",
    [EARLY_ROLLBACK] = "early_rollback",
    [DETECTED] = "detected",
    [MISSED] = "missed",
};

/* What was asked for. */
struct request {
    struct cm_request what;
    const char *policy, *release; /* borrowed; NULL = the default */
    uint64_t replication;
    enum find find;
    bool jsonl, all, quiet;
};

/* --- options --- */

/* Any number: the world of a replication beyond those of the scenario can be played as well. */
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

/* Formats of a report would be of no use here: this is a story, not a table. */
static const char *const format_names[] = {"text", "jsonl", NULL};

static error_t set_format(struct request *request, const char *text)
{
    int index = cm_request_choose(&request->what, "--format", text, format_names);
    request->jsonl = index == 1;
    return index < 0 ? EINVAL : 0;
}

/* false-rollback is as good as false_rollback. */
static error_t set_find(struct request *request, const char *text)
{
    char *name = cm_arena_text(&request->what.arena, text, strlen(text));
    for (char *at = name; (at = strchr(at, '-'));)
        *at = '_';
    int index = cm_request_choose(&request->what, "--find", name, find_names);
    request->find = (enum find)index;
    return index < 0 ? EINVAL : 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_POLICY:
        request->policy = text;
        return 0;
    case KEY_RELEASE:
        request->release = text;
        return 0;
    case KEY_REPLICATION:
        return set_replication(request, text);
    case KEY_FIND:
        return set_find(request, text);
    case KEY_FORMAT:
        return set_format(request, text);
    case KEY_ALL:
        request->all = true;
        return 0;
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
    .doc =
        "Tells one rollout of a scenario step by step: what each gate saw and said, what the "
        "policy did, and how it ended. FILE may be - for standard input.\v"
        "  coalmine trace shop.ini --replication 3\n"
        "  coalmine trace shop.ini --policy ours --find missed\n"
        "  coalmine trace shop.ini --find false_rollback --format jsonl\n"
        "\n"
        "Objects of jsonl by their \"event\", in the order in which things happened:\n"
        "  rollout  what is played, with schema_version; the first line\n"
        "  look     one gate at one look: gate, label, rule, decisive; value, limit,\n"
        "           low and high in \"unit\" (\"scale\": of the metric, difference from\n"
        "           or ratio to the control, p, log_e, count), p, log_e; requests and\n"
        "           errors of control and canary since counts_from_s; signals: what\n"
        "           each metric showed of each arm between from_s and until_s\n"
        "  step, weight, pause, finish  orders of the policy\n"
        "  say      its own words\n"
        "  onset    the defect can touch requests from here on\n"
        "  people   they notice what was promoted\n"
        "  horizon  the observation ends, before rollout or harm do\n"
        "  outcome  how it ended; the last line\n"
        "All between the first and the last have at_s (seconds since the release), step (from 1; "
        "0 = none yet) and canary_share (0 to 1), once it has happened. Null is what is not "
        "there.\n"
        "\n"
        "Exit status: 0 done, 1 nothing was found or the output could not be written, 2 the "
        "command line is wrong, 3 the scenario is wrong.",
};

/* --- the cell --- */

/* -1 is the healthy release, -2 a mistake that has been named. */
static int choose_release(struct request *request, const struct cm_scenario *s)
{
    const char **names = cm_arena_alloc(&request->what.arena, (s->n_defects + 2) * sizeof *names);
    names[0] = "healthy";
    for (size_t i = 0; i < s->n_defects; i++)
        names[i + 1] = s->defects[i].name;
    if (request->release)
        return cm_request_choose(&request->what, "--release", request->release, names) - 1;
    return request->find == FALSE_ROLLBACK || s->n_defects == 0 ? -1 : 0;
}

/* Whether such an end can be looked for with this release. */
static bool can_be_found(const struct request *request, const struct cm_plan *plan)
{
    const struct cm_scenario *s = plan->scenario;
    bool harmless = plan->release < 0 || s->defects[plan->release].effect.harmless;
    const char *name = plan->release < 0 ? "healthy" : s->defects[plan->release].name;
    if ((int)request->find < CM_ENDS || request->find == NOT_SOUGHT ||
        harmless == (request->find == FALSE_ROLLBACK))
        return true;
    cm_options_fail(request->what.command, "--find %s: release %s is %s", find_names[request->find],
                    name, harmless ? "harmless, so there is nothing to find" : "bad");
    return false;
}

/* Policy and release, or false once a mistake has been named. */
static bool plan_cell(struct request *request, const struct cm_scenario *s, struct cm_plan *plan)
{
    *plan = (struct cm_plan){.scenario = s, .strength = 1};
    plan->policy = cm_request_policy(&request->what, s, request->policy);
    if (plan->policy < 0)
        return false;
    plan->release = choose_release(request, s);
    return plan->release >= -1 && can_be_found(request, plan);
}

/* --- the search --- */

/* Only asked of releases for which it can be (can_be_found). */
static bool is_sought(enum find find, const struct cm_outcome *row)
{
    switch (find) {
    case FALSE_ROLLBACK:
        return row->end == CM_ROLLED_BACK;
    case EARLY_ROLLBACK:
        return row->early_rollback;
    case DETECTED:
        return row->detected;
    case MISSED:
        return cm_outcome_missed(row);
    case NOT_SOUGHT:
        return true;
    default:
        return (int)row->end == (int)find;
    }
}

/* Moves the replication to the first that ends as sought; 0, or -1 if none does. */
static int find(struct request *request, const struct cm_plan *plan)
{
    uint64_t first = request->replication, n = plan->scenario->run.replications;
    struct cm_rollout *rollout = cm_rollout_new(plan);
    bool found = request->find == NOT_SOUGHT;
    for (uint64_t i = first; i < n && !found; i++) {
        struct cm_outcome row = cm_replicate(rollout, i);
        found = is_sought(request->find, &row);
        request->replication = i;
    }
    cm_rollout_free(rollout);
    if (!found)
        cm_print(cm_output_talk(),
                 "coalmine trace: --find %s: no replication from %llu on, of %llu, ends so\n",
                 find_names[request->find], (unsigned long long)first, (unsigned long long)n);
    return found ? 0 : -1;
}

/* --- the command --- */

/* The line that shows this replication again. */
static void say_command(struct request *request)
{
    char replication[32];
    cm_request_say(&request->what, request->what.file);
    if (request->policy) {
        cm_request_say(&request->what, "--policy");
        cm_request_say(&request->what, request->policy);
    }
    if (request->release || request->find == FALSE_ROLLBACK) {
        cm_request_say(&request->what, "--release");
        cm_request_say(&request->what, request->release ? request->release : "healthy");
    }
    snprintf(replication, sizeof replication, "%llu", (unsigned long long)request->replication);
    cm_request_say(&request->what, "--replication");
    cm_request_say(&request->what, replication);
}

static void tell(struct request *request, const struct cm_plan *plan)
{
    struct cm_trace trace = {0};
    say_command(request);
    const struct cm_trace_options how = {
        .version = CM_VERSION, .command = request->what.said.text, .all = request->all};
    cm_trace_record(&trace, plan, request->replication);
    if (request->jsonl)
        cm_trace_write_jsonl(&trace, &how, cm_output_data());
    else
        cm_trace_write_text(&trace, &how, cm_output_data());
    cm_trace_release(&trace);
}

/* Whatever is wrong is said before anything is printed. */
static int trace(struct request *request, const struct cm_scenario *scenario)
{
    struct cm_plan plan;
    if (!plan_cell(request, scenario, &plan))
        return CM_EXIT_USAGE;
    if (find(request, &plan))
        return CM_EXIT_RUN;
    tell(request, &plan);
    return CM_EXIT_OK;
}

static int play(void *input, struct cm_scenario *scenario)
{
    return trace(input, scenario);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.find = NOT_SOUGHT};
    const struct cm_request_call call = {&request.what, &request, &request.quiet, play};
    return cm_request_play(&call, self, argc, argv);
}

static const struct cm_choice choices[] = {{"format", format_names}, {"find", find_names}, {0}};

const struct cm_command cm_command_trace = {
    .name = "trace",
    .summary = "Tell one rollout step by step: why did it end so?",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
