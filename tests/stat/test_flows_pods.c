/* The two flows where pods differ: mixtures over machines, start-ups, crashes, leaks by uptime.
 *
 * As in test_flows.c, whose LIMIT is strict enough for the few comparisons here: pods are a part of
 * the path, which both flows share, what they do to requests is drawn in two ways. */
#include "tests/stat/two_flows.h"

#define WATCH                                                                                      \
    "[telemetry]\nhistory = 100s\nbuckets = 50ms, 100ms, 150ms, 250ms, 400ms, 700ms, 1s, 3s\n"     \
    "[policy.p]\nsteps = 50%/1m, 100%\n"                                                           \
    "[metric.median]\nsignal = latency_quantile\nquantile = 50%\nwindow = 43s\n"
#define SCRIPT                                                                                     \
    {20, 47.25, 70, 100, 137, 180},                                                                \
    {                                                                                              \
        0.1, 0.1, 0.5, 0.25, 0.5, 1                                                                \
    }

static void expect_agreement(const char *text, int release, size_t n)
{
    const struct script script = {text, release, SCRIPT};
    struct readings *counts = play_all(&script, CM_FLOW_COUNTS, n);
    struct readings *requests = play_all(&script, CM_FLOW_REQUESTS, n);
    struct disagreement worst = compare_all(counts, requests, n);
    cr_expect(worst.means <= LIMIT, "means are %g standard errors apart (reading %zu)", worst.means,
              worst.means_at);
    cr_expect(worst.variances <= LIMIT, "variances are %g standard errors apart (reading %zu)",
              worst.variances, worst.variances_at);
    cm_free(counts);
    cm_free(requests);
}

Test(flows_pods, agree_on_noisy_machines)
{
    expect_agreement("[traffic]\nrate = 20 rps\n"
                     "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                     "[pods]\nstable = 3\ncanary = 2\nerror_noise = 0.8\nlatency_noise = 0.5\n"
                     "[defect.bad]\nerror_rate = +3pp\nlatency = x1.5\nonset = 62s\n" WATCH,
                     0, 1000);
}

Test(flows_pods, agree_while_pods_start_and_crash)
{
    expect_agreement("[traffic]\nrate = 20 rps\n"
                     "[service]\nerror_rate = 5%\nlatency_slo = 300ms\nwarm_up = 10s\n"
                     "warm_up_latency = x2\nwarm_up_error_rate = x2\n"
                     "[pods]\nstable = 3\ncanary = 2\nstart_up = exponential(mean=15s)\n"
                     "restart_every = 50s\nunready_after = 3s\n"
                     "[defect.bad]\ncrash_every = 40s\nonset = 30s\ninstances = 50%\n"
                     "latency = x2\n" WATCH,
                     0, 1200);
}

Test(flows_pods, agree_on_leaks_by_uptime_and_routing_by_pods)
{
    expect_agreement("[traffic]\nrate = 20 rps\n"
                     "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                     "[pods]\nstable = 5\nrouting = replicas\nstart_up = fixed(value=5s)\n"
                     "restart_every = 60s\n"
                     "[defect.bad]\nprofile = leak\ndoubles_every = 20s\nfull_after = 80s\n"
                     "error_rate = +20pp\nlatency = x3\n" WATCH,
                     0, 1200);
}

Test(flows_pods, agree_on_recorded_traffic)
{
    expect_agreement("[scenario]\nhorizon = 10m\n"
                     "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                     "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                     "latency = exponential(mean=2s)\n"
                     "[pods]\nstable = 2\ncanary = 3\nerror_noise = 0.8\nlatency_noise = 0.7\n"
                     "restart_every = 60s\nstart_up = fixed(value=10s)\n"
                     "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                     0, 1200);
}
