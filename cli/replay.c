/* coalmine replay: how a policy would have read a past release.
 *
 * The policy is one of a scenario; what its gates read comes from a table of metrics that a monitor
 * exported (analysis/history.h). The story is told as `coalmine trace` tells it. */
#include <errno.h>

#include "analysis/replay.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/source_file.h"

enum { KEY_SCENARIO = CM_REQUEST_KEYS, KEY_POLICY, KEY_FORMAT, KEY_ALL };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"scenario", KEY_SCENARIO, "FILE", 0, "The scenario that has the policy and its metrics.", 1},
    {"policy", KEY_POLICY, "NAME", 0, "The policy (default: the scenario's first).", 1},
    {"set", CM_REQUEST_SET, "SECTION.KEY=VALUE", 0,
     "Replace a value of the scenario; may be repeated.", 1},
    {"format", KEY_FORMAT, "FORMAT", 0, "text, or jsonl for programs (default: text).", 2},
    {"all", KEY_ALL, NULL, 0,
     "Tell every look (default: looks that repeat the one before them are folded).", 2},
    {"quiet", 'q', NULL, 0, "Say nothing on standard error but errors.", 2},
    {0},
};

struct request {
    struct cm_request what;
    const char *metrics, *policy; /* borrowed */
    bool jsonl, all, quiet;
};

static const char *const format_names[] = {"text", "jsonl", NULL};

static error_t set_format(struct request *request, const char *text)
{
    int index = cm_request_choose(&request->what, "--format", text, format_names);
    request->jsonl = index == 1;
    return index < 0 ? EINVAL : 0;
}

static error_t set_metrics(struct request *request, const char *text)
{
    if (request->metrics) {
        cm_options_fail(request->what.command, "replays one table, but got '%.60s' and '%.60s'",
                        request->metrics, text);
        return EINVAL;
    }
    request->metrics = text;
    return 0;
}

static error_t check_complete(const struct request *request)
{
    if (request->metrics && request->what.file)
        return 0;
    cm_options_fail(request->what.command, request->metrics
                                               ? "which scenario has the policy? (--scenario FILE)"
                                               : "which table? (coalmine replay METRICS.csv "
                                                 "--scenario FILE)");
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_SCENARIO:
        request->what.file = text;
        return 0;
    case KEY_POLICY:
        request->policy = text;
        return 0;
    case KEY_FORMAT:
        return set_format(request, text);
    case KEY_ALL:
        request->all = true;
        return 0;
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return set_metrics(request, text);
    case ARGP_KEY_NO_ARGS:
    case ARGP_KEY_END:
        return key == ARGP_KEY_END ? check_complete(request) : 0;
    default:
        return cm_request_parse(&request->what, key, text);
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "METRICS.csv",
    .doc = "Shows a recorded history of metrics to a policy and tells what it would have decided, "
           "and why.\v"
           "The table has a header: time, then METRIC.VERSION (what the monitor showed, as "
           "errors.canary), METRIC.VERSION.requests and METRIC.VERSION.errors (since the row "
           "before). Versions are stable, canary and baseline; metrics are those of the scenario. "
           "An empty cell is no data.\n\n"
           "  coalmine replay release-41.csv --scenario shop.ini --policy ours\n\n"
           "Exit status: 0 done, 2 the command line is wrong, 3 the scenario or the table is.",
};

static void tell(const struct request *request, const struct cm_scenario *s, int policy,
                 const struct cm_history *history)
{
    struct cm_trace trace = {0};
    const struct cm_trace_options how = {.version = CM_VERSION, .all = request->all};
    cm_replay_record(&trace, s, policy, history);
    if (request->jsonl)
        cm_trace_write_jsonl(&trace, &how, cm_output_data());
    else
        cm_trace_write_text(&trace, &how, cm_output_data());
    cm_trace_release(&trace);
}

static int read_history(struct request *request, const struct cm_scenario *s,
                        struct cm_history *history, struct cm_err *err)
{
    struct cm_source source = cm_source_file();
    const char *text, *resolved;
    size_t length;
    return source.read(source.self, request->metrics, NULL, &request->what.arena, &text, &length,
                       &resolved, err) ||
                   cm_history_read(history, s, request->metrics, text, length, err)
               ? -1
               : 0;
}

static int replay(struct request *request, struct cm_scenario *s)
{
    struct cm_history history = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    int policy = cm_request_policy(&request->what, s, request->policy);
    if (policy < 0)
        return CM_EXIT_USAGE;
    if (read_history(request, s, &history, &err) || cm_replay_check(s, policy, &history, &err)) {
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
        status = CM_EXIT_SCENARIO;
    } else {
        tell(request, s, policy, &history);
    }
    cm_history_release(&history);
    return status;
}

static int play(void *input, struct cm_scenario *scenario)
{
    return replay(input, scenario);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.metrics = NULL};
    const struct cm_request_call call = {&request.what, &request, &request.quiet, play};
    return cm_request_play(&call, self, argc, argv);
}

static const struct cm_choice choices[] = {{"format", format_names}, {0}};

const struct cm_command cm_command_replay = {
    .name = "replay",
    .summary = "Tell what a policy would have made of a recorded release.",
    .usage = &usage,
    .run = run,
    .choices = choices,
};
