/* Rates by importance sampling: against a binomial tail, against plain counting, in both flows. */
#include "analysis/rare.h"

#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/threshold_rules.h"
#include "tests/stat/scenario_text.h"

/* Windows do not overlap and a failed check holds nothing: 20 independent checks. */
#define SHOP(replications, flow)                                                                   \
    "[scenario]\nreplications = " replications "\nhorizon = 1h\nseed = 5\nflow = " flow            \
    "\n[traffic]\nrate = 20 rps\n[service]\nerror_rate = 0.5%\nlatency = fixed(value=1ms)\n"       \
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"                                         \
    "[policy.ours]\ncontroller = steps\nsteps = 50%/20m, 100%\nlook_every = 1m\ngates = g\n"       \
    "on_undecided = ignore\n"
#define LIMIT(failures)                                                                            \
    "[gate.g]\ntest = threshold\nmetric = errors\nmax = 1%\nfailures = " failures "\n"
#define EVIDENCE "[gate.g]\ntest = origin_mixture\nmetric = errors\nalpha = 4%\n"

static int run_cells(void *self, struct cm_cell *cells, size_t n)
{
    struct cm_study study = {.cells = cells, .n_cells = n, .threads = 2};
    (void)self;
    return cm_study_run(&study);
}

static struct cm_rare estimate(const char *text)
{
    struct cm_scenario s;
    struct cm_rare r;
    struct cm_err err = {0};
    load_text(&s, text, NULL);
    cr_assert(cm_rare_check(&s, &err) == 0, "%s", err.text);
    cr_assert(cm_rare_estimate(&s, 0, (struct cm_runner){NULL, run_cells}, &r) == 0);
    cm_scenario_release(&s);
    return r;
}

/* 600 requests a check, which fails above 6 errors of 3 expected; at least 7 of 20 fail. */
static void expect_tail(const char *text, double precision)
{
    const struct cm_window_check window = {20, 60, 0.5, 0.005, 0.01};
    double p = cm_cumulative_threshold_prob(20, cm_poisson_window_check_fail(&window), 7);
    struct cm_rare r = estimate(text);
    cr_expect(p < 1e-4, "%g", p);
    cr_expect(fabs(r.rate - p) < 4 * r.relative_error * r.rate, "%g, not %g", r.rate, p);
    cr_expect(r.relative_error < precision, "%g", r.relative_error);
    cr_expect(fabs(r.mean_weight - 1) < 4 * r.mean_weight_se, "%g", r.mean_weight);
}

Test(rare_rates, of_counted_failures_are_a_binomial_tail)
{
    expect_tail(SHOP("60000", "counts") LIMIT("7"), 0.4);
}

Test(rare_rates, are_the_same_where_every_request_is_drawn)
{
    expect_tail(SHOP("2000", "requests") LIMIT("7"), 0.6);
}

Test(rare_rates, agree_with_counting_where_counting_works)
{
    struct cm_scenario s;
    struct cm_rare r = estimate(SHOP("6000", "counts") EVIDENCE);
    load_text(&s, SHOP("20000", "counts") EVIDENCE, NULL);
    struct cm_cell cell = {.plan = {.scenario = &s, .release = -1, .strength = 1},
                           .replications = 20000};
    uint64_t x = 0;
    cell.rows = cm_alloc(20000 * sizeof *cell.rows);
    cr_assert(run_cells(NULL, &cell, 1) == 0);
    for (size_t i = 0; i < 20000; i++)
        x += cell.rows[i].end == CM_ROLLED_BACK;
    double plain = (double)x / 20000, se = sqrt(plain * (1 - plain) / 20000);
    cr_expect(plain > 0.003, "%g", plain);
    cr_expect(fabs(r.rate - plain) < 4 * hypot(se, r.relative_error * r.rate), "%g, not %g", r.rate,
              plain);
    cm_free(cell.rows);
    cm_scenario_release(&s);
}

/* Whoever reads the truth, reads that the release is healthy: such a hook never objects. */
Test(rare_rates, of_hooks_are_those_of_healthy_releases)
{
    struct cm_rare r =
        estimate(SHOP("700", "counts") "confirm = always\non_unconfirmed = rollback\n" LIMIT(
            "20") "[hook.always]\npower = 100%\n"
                  "false_alarm = 0%\n");
    cr_expect(r.rolled_back == 0, "%g", (double)r.rolled_back);
}

static void expect_refusal(const char *text, const char *says)
{
    struct cm_scenario s;
    struct cm_err err = {0};
    load_text(&s, text, NULL);
    cr_expect(cm_rare_check(&s, &err) && strstr(err.text, says), "%s", err.text);
    cm_scenario_release(&s);
}

Test(rare_rates, that_cannot_be_weighed_are_refused)
{
    expect_refusal(SHOP("100", "auto") LIMIT("7") "[environment]\ndrift = 0.3\n", "drift");
    expect_refusal(SHOP("100", "auto") LIMIT("7") "[pods]\nerror_noise = 0.3\n", "pods differ");
    expect_refusal(SHOP("100", "auto") "mirror = 10%\n" LIMIT("7"), "mirrors requests");
    expect_refusal(SHOP("100", "auto") "on_new_revision = supersede\n" LIMIT(
                       "7") "[revisions]\nevery = exponential(mean=1h)\n",
                   "newer revisions");
}
