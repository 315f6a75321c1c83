/* Which flow plays a scenario, and what is said about it. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim/scenario/flow_kind.h"
#include "tests/stat/scenario_text.h"

static void expect_flow(const char *text, enum cm_flow_kind kind, const char *reason)
{
    struct cm_scenario scenario;
    load_text(&scenario, text, "time,requests\n0,5\n36000,5\n");
    cr_expect_eq(cm_flow_kind_of(&scenario), kind, "%s", text);
    cr_expect_str_eq(cm_flow_kind_reason(&scenario), reason);
    cm_scenario_release(&scenario);
}

#define POLICY "[policy.p]\nsteps = 50%/1m\n"

Test(flow_kind, is_counts_wherever_they_are_exact)
{
    expect_flow(POLICY, CM_FLOW_COUNTS, "exact, no request depends on another");
    expect_flow("[scenario]\nflow = auto\n[traffic]\narrivals = replay\nfile = counts.csv\n"
                "step = 10h\n" POLICY,
                CM_FLOW_COUNTS, "exact, recorded requests are split between the versions");
    expect_flow("[users]\npopulation = 9000\nstickiness = hash\n" POLICY, CM_FLOW_COUNTS,
                "exact, no request depends on another");
    expect_flow("[scenario]\nflow = counts\n" POLICY, CM_FLOW_COUNTS,
                "exact, no request depends on another");
}

/* Labels are of requests that other metrics count, which counts do not know. */
Test(flow_kind, says_what_counts_do_not_know_of_labels)
{
    static const char text[] = "[kpi.q]\nvalue = bernoulli\nchance = 5%\n"
                               "[metric.k]\nsignal = kpi\nkpi = q\n" POLICY;
    expect_flow(text, CM_FLOW_COUNTS,
                "exact for each metric, labels apart from the counts of requests (signal = kpi)");
    char asked[sizeof text + 40] = "[scenario]\nflow = requests\n";
    strcat(asked, text);
    expect_flow(asked, CM_FLOW_REQUESTS,
                "as asked for: labels are those of the requests that other metrics count");
}

Test(flow_kind, is_requests_where_one_depends_on_others_or_where_asked_for)
{
    expect_flow("[service]\nlatency_load = 200\n" POLICY, CM_FLOW_REQUESTS,
                "latency depends on the requests in flight (latency_load)");
    expect_flow("[users]\npopulation = 9000\nstickiness = ratchet\n" POLICY, CM_FLOW_REQUESTS,
                "a request goes where earlier ones of its user went (stickiness = ratchet)");
    expect_flow("[scenario]\nflow = requests\n" POLICY, CM_FLOW_REQUESTS,
                "as asked for; counts would be exact, too, and faster");
}
