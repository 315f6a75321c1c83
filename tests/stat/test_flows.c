/* The two flows against each other: counts drawn as sums, and every request drawn.
 *
 * They share the world's path and the ledger's totals, nothing in between, so that a mistake in
 * displacement, thinning, attribution, buckets or windows would have to be made twice, alike.
 *
 * (a) Routes that follow a script, never a verdict: mean and variance of every reading at every
 *     look. Replication i has the same path in both flows, so that readings are compared in pairs,
 *     which takes the path's own variance out: with means mx, my, of x - y, and of
 *     (x - mx)^2 - (y - my)^2.
 * (b) Policies that decide (test_flows_decisions.c): how rollouts end, when, and with what harm.
 *
 * Seeds are fixed. A comparison fails beyond LIMIT standard errors, which has a chance of 4e-7;
 * there are at most COMPARISONS of them in all these files, so that all together fail with less
 * than 1e-3 if the flows agree. That they do not pass anything is tested, too (test_flows_seen.c):
 * two per cent of any parameter of either flow is seen. */
#include "tests/stat/two_flows.h"

Test(flows, agree_on_plain_traffic)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nerror_rate = +3pp\nlatency = x1.5\n"
                                      "onset = 62s\n" WATCH,
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_at_a_low_rate)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 0.4 rps\n"
                                      "[service]\nerror_rate = 20%\nlatency_slo = 200ms\n"
                                      "[defect.bad]\nerror_rate = x2\nlatency = +90ms\n" WATCH,
                                      0, LOOK_S, SHARES},
                     6000);
}

Test(flows, agree_in_bursts)
{
    expect_agreement(&(struct script){"[traffic]\narrivals = bursts\nrate = 10 rps\n"
                                      "burst_factor = 6\nburst_every = 2m\nburst_lasts = 15s\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nerror_rate = +5pp\n" WATCH,
                                      0, LOOK_S, SHARES},
                     2500);
}

Test(flows, agree_while_traffic_and_errors_drift_and_incidents_come)
{
    expect_agreement(
        &(struct script){"[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\n"
                         "window = 1m\ncorrelation = 40s\n"
                         "[environment]\ndrift = 0.6\ncorrelation = 30s\nincident_every = 5m\n"
                         "incident_lasts = exponential(mean=40s)\n"
                         "incident_error_rate = +10pp\nincident_latency = x2\n"
                         "[service]\nerror_rate = 4%\nlatency_slo = 300ms\n"
                         "[defect.bad]\nerror_rate = x2\nlatency = x1.3\n" WATCH,
                         0, LOOK_S, SHARES},
        2500);
}

Test(flows, agree_on_recorded_traffic)
{
    expect_agreement(
        &(struct script){"[scenario]\nhorizon = 10m\n"
                         "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                         "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                         "latency = exponential(mean=4s)\n"
                         "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        4000);
}

Test(flows, agree_on_a_defect_of_one_class)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 30 rps\n"
                                      "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"
                                      "[class.checkout]\nshare = 20%\nerror_rate = 6%\n"
                                      "latency = gamma(mean=200ms, shape=2)\n"
                                      "[class.search]\nshare = 30%\n"
                                      "[defect.bad]\nerror_rate = +6pp\nlatency = x1.4\n"
                                      "scope = checkout\nspill = 30%\n" WATCH "class = checkout\n",
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_on_a_tail_of_slow_answers)
{
    expect_agreement(
        &(struct script){
            "[traffic]\nrate = 20 rps\n"
            "[service]\nerror_rate = 5%\nlatency_slo = 500ms\n"
            "latency = 90% lognormal(median=120ms, sigma=0.5) + 10% uniform(low=1s, high=9s)\n"
            "[defect.bad]\nslow_share = 20%\nslow_latency = x4\nlatency = +30ms\n" WATCH,
            0, LOOK_S, SHARES},
        1500);
}

Test(flows, agree_on_a_leak_with_restarts)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[service]\nerror_rate = 3%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nprofile = leak\nonset = 30s\n"
                                      "doubles_every = 10s\nfull_after = 50s\n"
                                      "restart_every = 70s\nerror_rate = +10pp\nlatency = x3\n"
                                      "spill = 20%\n" WATCH,
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_on_answers_that_outlast_a_change_of_weight)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 15 rps\n"
                                      "[service]\nerror_rate = 10%\nlatency_slo = 20s\n"
                                      "latency = exponential(mean=15s)\n"
                                      "[defect.bad]\nlatency = x2\nerror_rate = +10pp\n"
                                      "onset = 45s\n" WATCH,
                                      0,
                                      LOOK_S,
                                      {0.5, 0, 1, 0.2, 0.8, 0}},
                     2000);
}

Test(flows, agree_on_a_tail_that_reaches_back_before_the_history)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 5 rps\n"
                                      "[service]\nerror_rate = 10%\nlatency_slo = 20s\n"
                                      "latency = pareto(scale=2s, alpha=1.4)\n" WATCH,
                                      -1, LOOK_S, SHARES},
                     4000);
}

Test(flows, agree_while_the_canary_is_cold_and_beyond_a_load)
{
    expect_agreement(
        &(struct script){"[traffic]\narrivals = diurnal\nrate = 20 rps\nday_swing = 90%\n"
                         "[service]\nerror_rate = 5%\nlatency_slo = 300ms\nwarm_up = 30s\n"
                         "warm_up_error_rate = x2\nwarm_up_latency = x2\n"
                         "[defect.bad]\nprofile = load\nabove = 9 rps\nerror_rate = +8pp\n"
                         "latency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        2000);
}
