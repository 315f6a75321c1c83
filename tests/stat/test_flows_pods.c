/* The two flows where pods differ: mixtures over machines, start-ups, crashes, leaks by uptime.
 *
 * As in test_flows.c, whose LIMIT is strict enough for the few comparisons here: pods are a part of
 * the path, which both flows share, what they do to requests is drawn in two ways. */
#include "tests/stat/two_flows.h"

static void expect_pods_agree(const char *text, int release, size_t n)
{
    expect_agreement(&(struct script){text, release, LOOK_S, SHARES}, n);
}

Test(flows_pods, agree_on_noisy_machines)
{
    expect_pods_agree("[traffic]\nrate = 20 rps\n"
                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                      "[pods]\nstable = 3\ncanary = 2\nerror_noise = 0.8\nlatency_noise = 0.5\n"
                      "[defect.bad]\nerror_rate = +3pp\nlatency = x1.5\nonset = 62s\n" WATCH,
                      0, 1000);
}

Test(flows_pods, agree_while_pods_start_and_crash)
{
    expect_pods_agree("[traffic]\nrate = 20 rps\n"
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
    expect_pods_agree("[traffic]\nrate = 20 rps\n"
                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                      "[pods]\nstable = 5\nrouting = replicas\nstart_up = fixed(value=5s)\n"
                      "restart_every = 60s\n"
                      "[defect.bad]\nprofile = leak\ndoubles_every = 20s\nfull_after = 80s\n"
                      "error_rate = +20pp\nlatency = x3\n" WATCH,
                      0, 1200);
}

Test(flows_pods, agree_on_recorded_traffic)
{
    expect_pods_agree("[scenario]\nhorizon = 10m\n"
                      "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                      "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                      "latency = exponential(mean=2s)\n"
                      "[pods]\nstable = 2\ncanary = 3\nerror_noise = 0.8\nlatency_noise = 0.7\n"
                      "restart_every = 60s\nstart_up = fixed(value=10s)\n"
                      "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                      0, 1200);
}
