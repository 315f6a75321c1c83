/* coalmine sweep: every cell of a file with `${...}` in it. */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/sweep_parts.h"
#include "sim/base/units.h"

enum {
    KEY_REPLICATIONS = CM_REQUEST_KEYS,
    KEY_LIST,
    KEY_WHERE,
    KEY_UNTIL,
    KEY_MOST,
    KEY_SHARD,
    KEY_FORMAT,
    KEY_OUT,
    KEY_PROGRESS
};

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    CM_REQUEST_OPTIONS,
    {"replications", KEY_REPLICATIONS, "N", 0,
     "Replications of the healthy release and of each defect, in each cell (default: the "
     "scenario's).",
     1},
    {"list", KEY_LIST, "FORMAT", OPTION_ARG_OPTIONAL,
     "Only list the cells and what they would cost; FORMAT as for --format.", 2},
    {"where", KEY_WHERE, "EXPRESSION", 0,
     "Only cells for which this holds: names are the variables, cell and policy (--where 'rate < "
     "50 && policy == \"ours\"').",
     2},
    {"shard", KEY_SHARD, "I/N", 0, "Only the I-th of N parts of the cells (--shard 2/3).", 2},
    {"until", KEY_UNTIL, "EXPRESSION", 0,
     "Replicate each cell, 256 times and then twice as often each time, until this holds of its "
     "measures (--until 'ci(false_rollback) < 0.2pp').",
     2},
    {"max-replications", KEY_MOST, "N", 0, "With --until, at most so many (default: 100k).", 2},
    {"out", KEY_OUT, "FILE", 0,
     "Keep every outcome in a store, study.db; what is there already is not played again (default: "
     "only the table).",
     3},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "Of the table on standard output: table, csv, json or markdown (default: table).", 3},
    {"threads", 'j', "N", 0, "Threads (default: the machine's processors). Changes no number.", 4},
    {"progress", KEY_PROGRESS, "HOW", 0,
     "On standard error: auto, bar, lines or none (default: auto, a bar on a terminal).", 4},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 4},
    {0},
};

/* --- options --- */

/* A page of a sweep is made of its store: coalmine report. */
static const char *const format_names[] = {"table", "csv", "json", "markdown", NULL};

static error_t set_format(struct cm_sweep_request *r, const char *option, const char *text)
{
    static const enum cm_format formats[] = {CM_FORMAT_TEXT, CM_FORMAT_CSV, CM_FORMAT_JSON,
                                             CM_FORMAT_MARKDOWN};
    int index = cm_request_choose(&r->what, option, text, format_names);
    if (index < 0)
        return EINVAL;
    r->format = formats[index];
    return 0;
}

static error_t set_most(struct cm_sweep_request *r, const char *text)
{
    int64_t n = 0;
    struct cm_err err = {0};
    if (cm_units_read_count(text, &n, &err) || n < 1) {
        cm_options_fail(r->what.command, "--max-replications: '%.40s' is no number of replications",
                        text);
        return EINVAL;
    }
    r->most = (uint64_t)n;
    return 0;
}

/* "2/3" */
static error_t set_shard(struct cm_sweep_request *r, const char *text)
{
    char i[24] = "";
    int64_t shard = 0, shards = 0;
    struct cm_err err = {0};
    const char *slash = strchr(text, '/');
    if (slash && (size_t)(slash - text) < sizeof i)
        memcpy(i, text, (size_t)(slash - text));
    if (!slash || cm_units_read_count(i, &shard, &err) ||
        cm_units_read_count(slash + 1, &shards, &err) || shard < 1 || shard > shards) {
        cm_options_fail(r->what.command,
                        "--shard: '%.40s' is no part of a whole: 1/3, 2/3 and 3/3 are those of 3",
                        text);
        return EINVAL;
    }
    r->shard = (uint64_t)shard;
    r->shards = (uint64_t)shards;
    return 0;
}

static error_t set_replications(struct cm_sweep_request *r, const char *text)
{
    error_t status = cm_request_set(&r->what, "--replications", "replications", text);
    cm_request_say(&r->what, "--replications");
    cm_request_say(&r->what, text);
    return status;
}

/* Options that change what is reported are part of the command that is reported. */
static void say(struct cm_sweep_request *r, const char *option, const char *text)
{
    cm_request_say(&r->what, option);
    cm_request_say(&r->what, text);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct cm_sweep_request *r = state->input;
    switch (key) {
    case KEY_REPLICATIONS:
        return set_replications(r, text);
    case KEY_LIST:
        r->list = true;
        return text ? set_format(r, "--list", text) : 0;
    case KEY_WHERE:
        r->where_text = text;
        say(r, "--where", text);
        return 0;
    case KEY_UNTIL:
        r->until_text = text;
        say(r, "--until", text);
        return 0;
    case KEY_MOST:
        say(r, "--max-replications", text);
        return set_most(r, text);
    case KEY_SHARD:
        say(r, "--shard", text);
        return set_shard(r, text);
    case KEY_FORMAT:
        return set_format(r, "--format", text);
    case KEY_OUT:
        r->out = text;
        return 0;
    case KEY_PROGRESS:
        return cm_request_progress(&r->what, text, &r->progress);
    case 'j':
        return cm_request_threads(&r->what, text, &r->threads);
    case 'q':
        r->quiet = true;
        return 0;
    default:
        return cm_request_parse(&r->what, key, text);
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE",
    .doc = "Goes through all values of a scenario's ${...}: every combination of them is a cell, "
           "played like a scenario of its own, under the same random numbers. FILE may be - for "
           "standard input.\v"
           "  ${10, 30, 100} rps   these values, numbers or words\n"
           "  ${1..10 step 3}      1, 4, 7, 10; without a step, 1 to 10\n"
           "  ${10..1k log 5}      five points, evenly spaced in the logarithm\n"
           "  ${rate = 10, 30}     a variable with a name; ${$rate} uses it elsewhere\n"
           "  ${20, 60 ! rate}     in step with rate, not times it\n\n"
           "  coalmine sweep shop.ini --set traffic.rate='${10, 30, 100} rps' --list\n"
           "  coalmine sweep shop.ini --out study.db && coalmine plot study.db\n\n"
           "Exit status: 0 done, 1 the results could not be written, 2 the command line is wrong, "
           "3 the scenario is wrong, 4 an assertion fails, 5 interrupted.",
};

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct cm_sweep_request r = {
        .threads = cm_request_processors(), .most = 100000, .shard = 1, .shards = 1};
    int status;
    cm_request_init(&r.what, self);
    if (cm_options_parse(self, argc, argv, &r, &status)) {
        cm_request_say(&r.what, r.what.file);
        status = cm_sweep_prepare(&r);
        if (!status)
            status = r.list ? cm_sweep_list(&r) : r.out ? cm_sweep_keep(&r) : cm_sweep_play(&r);
    }
    cm_free(r.cells);
    cm_sweep_release(&r.sweep);
    cm_request_release(&r.what);
    return status;
}

static const struct cm_choice choices[] = {{"format", format_names}, {"list", format_names}, {0}};

const struct cm_command cm_command_sweep = {
    .name = "sweep",
    .summary = "Go through all values of a scenario's ${...}.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
