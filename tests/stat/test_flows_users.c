/* Users in both flows: where a hash sends their requests, who is exposed and harmed. In counts the
 * true share is drawn by halving and users by occupancy; in requests each user is known. */
#include "tests/stat/two_rollouts.h"

/* The true share is drawn by halving in one flow, user by user in the other, so that these are not
 * pairs: the spread is that of both. */
Test(flows, agree_where_a_hash_gives_the_canary_its_users)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[users]\npopulation = 60\nactivity = 0.7\n"
                                      "stickiness = hash\n"
                                      "[class.beta]\nof = users\nshare = 30%\nerror_rate = 9%\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "latency = exponential(mean=800ms)\n"
                                      "[defect.bad]\nerror_rate = +6pp\nlatency = x1.5\n"
                                      "spill = 20%\n" WATCH "class = beta\n",
                                      0, LOOK_S, SHARES},
                     2000);
}

Test(flows, agree_where_a_hash_splits_recorded_traffic)
{
    expect_agreement(
        &(struct script){"[scenario]\nhorizon = 10m\n"
                         "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                         "[users]\npopulation = 40\nstickiness = hash\n"
                         "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                         "latency = exponential(mean=4s)\n"
                         "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        2000);
}

/* Users: exposed and harmed, in the rollout and at all, and the true share beside the weight. */
#define USERS_BAD                                                                                  \
    "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"                                            \
    "[defect.bad]\nerror_rate = +10pp\nlatency = x1.5\nspill = 20%\nonset = 20s\n"                 \
    "[escape]\ndetection = exponential(mean=30s)\n"                                                \
    "[gate.g]\ntest = threshold\nmetric = errors\nmax = 17%\nmin_requests = 20\n" ERRORS
#define GO_ON "on_no_data = ignore\non_undecided = ignore\n"

Test(flows, lead_to_the_same_users_by_a_hash)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 700\nactivity = 0.7\nstickiness = hash\n"
                          "[class.gold]\nof = users\nshare = 20%\n" USERS_BAD STEPS GO_ON,
                          2000);
}

Test(flows, lead_to_the_same_users_beside_a_baseline)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 300\nstickiness = hash\n"
                          "[service]\nerror_rate = 4%\nlatency_slo = 300ms\n"
                          "[defect.bad]\nerror_rate = +2.5pp\nlatency = x1.5\nspill = 20%\n"
                          "[escape]\ndetection = exponential(mean=30s)\n"
                          "[gate.g]\ntest = two_proportion\nmetric = errors\nlooks = 12\n"
                          "alpha = 20%\nmin_requests = 40\n" ERRORS STEPS GO_ON
                          "control = baseline\ncontrol_after = stable\n",
                          2000);
}

/* Many are still to be answered when the weight changes, and when the rollout ends. */
Test(flows, lead_to_the_same_users_where_answers_take_long)
{
    expect_same_decisions("[scenario]\nhorizon = 8m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 900\nactivity = 0.4\nstickiness = hash\n"
                          "[service]\nerror_rate = 2%\nlatency_slo = 30s\n"
                          "latency = exponential(mean=20s)\n"
                          "[defect.bad]\nerror_rate = +9pp\nlatency = x1.5\n"
                          "[escape]\ndetection = exponential(mean=3m)\n"
                          "[gate.g]\ntest = threshold\nmetric = errors\nmax = 16%\n"
                          "min_requests = 20\n" ERRORS STEPS GO_ON,
                          2000);
}

Test(flows, lead_to_the_same_users_where_requests_go_by_chance)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 900\nactivity = 0.4\n" USERS_BAD STEPS GO_ON,
                          2000);
}

Test(flows, lead_to_the_same_users_on_recorded_traffic)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n"
                          "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                          "[users]\npopulation = 150\nactivity = 1\nstickiness = hash\n"
                          "[service]\nerror_rate = 3%\nlatency_slo = 5s\n"
                          "latency = exponential(mean=2s)\n"
                          "[defect.bad]\nerror_rate = +7pp\nlatency = x2\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[gate.g]\ntest = two_proportion\nmetric = errors\nlooks = 4\n"
                          "min_requests = 10\n" ERRORS STEPS GO_ON,
                          2000);
}

/* Machines differ, pods start late and crash: while none is there users go to stable. */
Test(flows, lead_to_the_same_users_where_pods_differ)
{
    expect_same_decisions(
        "[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
        "[users]\npopulation = 500\nactivity = 0.7\nstickiness = hash\n"
        "[pods]\nstable = 4\ncanary = 2\nstart_up = fixed(value=10s)\n"
        "restart_every = 3m\nerror_noise = 0.5\nlatency_noise = 0.3\n" USERS_BAD STEPS GO_ON,
        2000);
}
