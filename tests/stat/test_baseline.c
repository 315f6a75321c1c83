/* A baseline beside its canary: the same share, the same warm-up, the old version.
 *
 * A healthy canary and its baseline are exchangeable: what distinguishes them in a rollout is a
 * coin. So the difference of any of their counters has mean 0, and a test of level alpha at one
 * look objects to a healthy release with about alpha, however cold both are. Estimates may be four
 * standard errors off. */
#include "sim/engine/rollout.h"
#include "tests/stat/rollouts.h"

enum { ROUNDS = 4000 };

#define RUN(flow) "[scenario]\nhorizon = 1h\nflow = " flow "\n"
#define POISSON   "[traffic]\nrate = 50 rps\n"
#define COLD                                                                                       \
    "[service]\nerror_rate = 4%\nwarm_up = 5m\nwarm_up_error_rate = x2\nlatency_slo = 300ms\n"     \
    "warm_up_latency = x1.5\n"                                                                     \
    "[metric.errors]\nsignal = error_ratio\nwindow = 5m\n"
#define TEST                                                                                       \
    "[gate.g]\ntest = two_proportion\nmetric = errors\nalpha = 5%\nmethod = pooled_z\n"            \
    "[policy.p]\nsteps = 20%/4m, 100%\nlook_every = 4m\ngates = g\n"
#define PAIR "control = baseline\n"

struct totals {
    double requests, failures, slow;
};

static struct totals totals_of(const uint64_t *cells, size_t version)
{
    const uint64_t *c = cells + cm_cell(1, version, 0, 0, 0);
    uint64_t ok = c[CM_IN_TIME] + c[CM_SLOW], bad = c[CM_TEMPI] + c[CM_TEMPI + CM_SLOW];
    return (struct totals){(double)(ok + bad), (double)bad,
                           (double)(c[CM_SLOW] + c[CM_TEMPI + CM_SLOW])};
}

static struct totals columns[CM_VERSIONS][ROUNDS];

/* What each version has answered two minutes after a route of (60 %, 20 %, 20 %). */
static void play_pair(const char *head, const char *counts)
{
    static const double share[CM_VERSIONS] = {
        [CM_STABLE] = 0.6, [CM_CANARY] = 0.2, [CM_BASELINE] = 0.2};
    struct cm_scenario scenario = {0};
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s%s", head, COLD TEST PAIR);
    load_text(&scenario, text.text, counts);
    cm_buffer_release(&text);
    const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_flow *flows = cm_alloc(sizeof *flows);
    uint64_t begin[CM_CELLS_MAX], end[CM_CELLS_MAX];
    struct cm_harm harm = {0};
    cm_flow_init(flows, &plan);
    for (size_t i = 0; i < ROUNDS; i++) {
        cm_flow_begin(flows, i, &harm);
        cm_ledger_read(&flows->ledger, 0, begin);
        cm_world_split(&flows->world, share);
        cm_flow_advance(flows, 2 * CM_MINUTE);
        cm_ledger_read(&flows->ledger, 2 * CM_MINUTE, end);
        for (size_t c = 0; c < flows->ledger.n_cells; c++)
            end[c] -= begin[c];
        for (size_t v = 0; v < CM_VERSIONS; v++)
            columns[v][i] = totals_of(end, v);
    }
    cm_flow_release(flows);
    cm_free(flows);
    cm_scenario_release(&scenario);
}

static void expect_sample(const char *what, const double *value, double want)
{
    struct cm_sample s = cm_sample_of(value, ROUNDS);
    double error = 4 * sqrt(s.variance / ROUNDS);
    cr_expect(fabs(s.mean - want) <= error, "%s: %g, not %g +- %g", what, s.mean, want, error);
}

/* 50 rps x 20 % less what is still in flight; twice 4 % of it fails. */
static void expect_pair(const char *head)
{
    static double difference[3][ROUNDS], ratio[ROUNDS], stable[ROUNDS];
    play_pair(head, NULL);
    for (size_t i = 0; i < ROUNDS; i++) {
        const struct totals *b = &columns[CM_BASELINE][i], *c = &columns[CM_CANARY][i];
        difference[0][i] = c->requests - b->requests;
        difference[1][i] = c->failures - b->failures;
        difference[2][i] = c->slow - b->slow;
        ratio[i] = b->failures - 0.08 * b->requests;
        stable[i] = columns[CM_STABLE][i].failures - 0.04 * columns[CM_STABLE][i].requests;
    }
    expect_sample("requests", difference[0], 0);
    expect_sample("failures", difference[1], 0);
    expect_sample("slow", difference[2], 0);
    expect_sample("failures of the baseline", ratio, 0);
    expect_sample("failures of stable", stable, 0);
    struct cm_sample s = cm_sample_of(difference[0], ROUNDS);
    double want = 2 * 50 * 0.2 * 120; /* two independent Poissons; 4 s.e. of a variance */
    cr_expect(fabs(s.variance / want - 1) < 4 * sqrt(2.0 / ROUNDS) + 0.01, "%g", s.variance / want);
}

Test(baseline, answers_as_its_canary_in_the_counts_flow)
{
    expect_pair(RUN("counts") POISSON);
}

Test(baseline, answers_as_its_canary_in_the_requests_flow)
{
    expect_pair(RUN("requests") POISSON);
}

/* Recorded requests are split: what one version gets, another does not. 50 in each second. */
Test(baseline, shares_recorded_requests)
{
    static double difference[ROUNDS], all[ROUNDS];
    struct cm_buffer counts = {0};
    cm_print(cm_buffer_writer(&counts), "time,requests\n");
    for (int t = 0; t < 2 * 3600; t += 60)
        cm_print(cm_buffer_writer(&counts), "%d,3000\n", t);
    play_pair(RUN("auto") "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 1m\n",
              counts.text);
    cm_buffer_release(&counts);
    for (size_t i = 0; i < ROUNDS; i++) {
        difference[i] = columns[CM_CANARY][i].requests - columns[CM_BASELINE][i].requests;
        all[i] = columns[CM_CANARY][i].requests;
    }
    expect_sample("requests", difference, 0);
    struct cm_sample s = cm_sample_of(all, ROUNDS);
    cr_expect(fabs(s.mean / (0.2 * 6000) - 1) < 0.01, "%g", s.mean);
    cr_expect(s.variance < 0.9 * 0.2 * 6000, "%g: a binomial, not a Poisson", s.variance);
}

Test(baseline, a_test_of_level_alpha_rolls_back_alpha_of_healthy_releases)
{
    struct rollouts pair = play(RUN("auto") POISSON COLD TEST PAIR, -1, ROUNDS);
    struct rollouts stable = play(RUN("auto") POISSON COLD TEST, -1, ROUNDS);
    struct rollouts requests = play(RUN("requests") POISSON COLD TEST PAIR, -1, 1000);
    expect_chance("against a baseline", &pair, rolled_back, 0.05);
    expect_chance("request by request", &requests, rolled_back, 0.05);
    cr_expect(share_of(&stable, rolled_back) > 0.99);
    free(pair.rows);
    free(stable.rows);
    free(requests.rows);
}

/* The baseline has a tenth of the traffic as well, and fails by what spills over. */
Test(baseline, harms_as_the_old_version_does)
{
    static const char text[] =
        "[scenario]\nhorizon = 1h\n[traffic]\nrate = 50 rps\n[service]\nerror_rate = 0%\n"
        "latency = fixed(value=1ms)\n[defect.bad]\nerror_rate = +10pp\nspill = 50%\n"
        "[metric.errors]\nsignal = error_ratio\n"
        "[gate.g]\ntest = two_proportion\nmetric = errors\n"
        "[policy.p]\nsteps = 10%/10m\nlook_every = 10m\ngates = g\non_fail = rollback\n" PAIR;
    struct rollouts r = play(text, 0, 1000);
    expect_mean("requests", &r, requests, 50 * 0.1 * 600);
    expect_mean("failures", &r, failures, 50 * 600 * (0.1 * 0.1 + 0.9 * 0.05));
    free(r.rows);
}
