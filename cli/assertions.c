/* A test that passes because it was never run is worse than none: --strict and --junit ask for
 * assertions, and a scenario without any is refused. What fails is said on stderr as well, since
 * the report may be a CSV, or in a file that nobody opens. */
#include "cli/assertions.h"

#include "analysis/report_parts.h"
#include "cli/file.h"
#include "cli/options.h"
#include "cli/output.h"

int cm_assertions_look_over(const struct cm_assertions *a, const struct cm_request *r,
                            const struct cm_scenario *scenario)
{
    struct cm_err err = {0};
    const char *option = a->junit ? "--junit" : "--strict";
    if ((a->junit || a->strict) && !cm_claims_any(scenario))
        return cm_options_fail(r->command, "%s: '%.200s' asserts nothing (coalmine help assert)",
                               option, scenario->file);
    if (a->junit && cm_file_try(a->junit, &err))
        return cm_options_fail(r->command, "--junit: %s", err.text);
    return CM_EXIT_OK;
}

void cm_assertions_leave_out(const struct cm_request *r, const struct cm_scenario *scenario,
                             bool quiet)
{
    if (!quiet && cm_claims_any(scenario))
        cm_print(cm_output_talk(),
                 "coalmine %s: [assert] is left out: coalmine run holds it against its results\n",
                 r->command->name);
}

/* "ours, healthy: false_rollback < 1% fails: 60.2 % [58.1, 62.3]" */
static void say(const struct cm_claims *claims, enum cm_truth truth)
{
    for (size_t i = 0; i < claims->n; i++) {
        const struct cm_claim *claim = &claims->list[i];
        struct cm_buffer text = {0};
        struct cm_writer to = cm_buffer_writer(&text);
        if (claim->truth != truth)
            continue;
        cm_print(to, "%s, %s: ", cm_results_policy(claims->results, claim->policy),
                 cm_report_release(claims->results, claim->release));
        cm_claim_print(claim, to);
        cm_print(to, " %s: ", truth == CM_CLAIM_OPEN ? "is undecided" : "fails");
        cm_report_claim_found(claims, claim, to);
        cm_print(cm_output_talk(), "coalmine: %s\n", text.text);
        cm_buffer_release(&text);
    }
}

static int write_junit(const struct cm_assertions *a, const struct cm_claims *claims)
{
    struct cm_buffer text = {0};
    struct cm_err err = {0};
    cm_write_junit(claims, a->strict, cm_buffer_writer(&text));
    int status = cm_file_put(a->junit, &text, &err);
    if (status)
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    cm_buffer_release(&text);
    return status;
}

int cm_assertions_conclude(const struct cm_assertions *a, const struct cm_claims *claims,
                           bool quiet)
{
    size_t open = claims->count[CM_CLAIM_OPEN];
    bool failed = claims->count[CM_CLAIM_FAILS] > 0 || (a->strict && open > 0);
    say(claims, CM_CLAIM_FAILS);
    if (a->strict)
        say(claims, CM_CLAIM_OPEN);
    else if (open > 0 && !quiet)
        cm_print(cm_output_talk(),
                 "coalmine: %zu assertion%s undecided: more --replications may decide, --strict "
                 "takes it for a failure\n",
                 open, open == 1 ? " is" : "s are");
    if (a->junit && write_junit(a, claims))
        return CM_EXIT_RUN;
    return failed ? CM_EXIT_ASSERT : CM_EXIT_OK;
}
