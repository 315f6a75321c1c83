/* The two flows lead policies to the same decisions; see test_flows.c. */
#include "tests/stat/two_rollouts.h"

Test(flows, lead_a_limit_to_the_same_decisions)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 10 rps\n"
                          "[service]\nerror_rate = 1%\nlatency_slo = 300ms\n"
                          "[defect.bad]\nerror_rate = +1.5pp\nlatency = x1.2\nonset = 50s\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[gate.g]\ntest = threshold\nmetric = errors\nmax = 4%\n"
                          "min_requests = 20\n" ERRORS STEPS "on_fail = count\ncount = 2\n"
                          "on_no_data = ignore\non_undecided = ignore\n",
                          2000);
}

Test(flows, lead_evidence_to_the_same_decisions)
{
    expect_same_decisions(
        "[scenario]\nhorizon = 15m\n[traffic]\narrivals = gamma_poisson\n"
        "rate = 12 rps\ndispersion = 4\nwindow = 1m\ncorrelation = 1m\n"
        "[environment]\ndrift = 0.5\ncorrelation = 1m\n"
        "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"
        "[defect.bad]\nerror_rate = +3pp\n"
        "[escape]\ndetection = exponential(mean=2m)\n"
        "[gate.g]\ntest = origin_mixture\nmetric = errors\nalpha = 5%\n" ERRORS STEPS,
        2000);
}

Test(flows, lead_a_latency_limit_to_the_same_decisions)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 4 rps\n"
                          "[service]\nlatency = exponential(mean=4s)\nlatency_slo = 8s\n"
                          "[telemetry]\nbuckets = 1s, 3s, 5s, 8s, 13s, 20s\n"
                          "[defect.bad]\nlatency = x1.3\nonset = 40s\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[metric.p90]\nsignal = latency_quantile\nquantile = 90%\nwindow = 50s\n"
                          "[gate.g]\ntest = threshold\nmetric = p90\nmax = 14s\n"
                          "min_requests = 15\n" STEPS
                          "on_no_data = ignore\non_undecided = ignore\n",
                          2000);
}

Test(flows, lead_to_the_same_decisions_on_recorded_traffic)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n"
                          "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                          "[service]\nerror_rate = 3%\nlatency_slo = 5s\n"
                          "latency = exponential(mean=2s)\n"
                          "[class.checkout]\nshare = 30%\nerror_rate = 8%\n"
                          "[defect.bad]\nerror_rate = +20pp\nlatency = x2\nscope = checkout\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[gate.g]\ntest = two_proportion\nmetric = errors\nlooks = 4\n"
                          "min_requests = 10\n" ERRORS STEPS
                          "on_no_data = ignore\non_undecided = ignore\n",
                          2000);
}
