/* What a scraping monitor shows, against closed forms: rates of Poisson counters and the bias of
 * their extrapolation, first scrapes, narrow windows, lag, quantiles from buckets, failing queries.
 *
 * Seeds are fixed; estimates may be four standard errors off. */
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/engine/rollout.h"
#include "sim/stats/threshold_rules.h"
#include "tests/stat/scraped_flow.h"

static struct values values, others;

/* --- rates ------------------------------------------------------------------------------------ */

/* Four scrapes in a window of four intervals: 45 s are seen, extrapolation divides them by 45. */
Test(monitor, the_rate_of_an_old_counter_is_unbiased_and_as_noisy_as_what_was_seen)
{
    struct fixture f;
    values.n = 0;
    open_flow(&f, "[traffic]\nrate = 8 rps\n[pods]\nstable = 2\n" AT_ONCE SCRAPED WATCHED);
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0);
        advance(&f, 20 * CM_SECOND);
        values.value[values.n++] = query(&f, 0).value[CM_STABLE];
    }
    expect_mean("rate", &values, 8);
    expect_variance("rate", &values, 8 / 45.);
    close_flow(&f);
}

Test(monitor, the_rate_of_rare_events_is_unbiased_where_the_counter_is_old)
{
    struct fixture f;
    values.n = 0;
    open_flow(&f, "[traffic]\nrate = 0.02 rps\n" AT_ONCE SCRAPED
                  "[metric.m]\nsignal = rate\n[policy.p]\nsteps = 50%/1m, 100%\n");
    for (uint64_t i = 0; i < MOST; i++) {
        begin(&f, i, 0);
        values.value[values.n++] = query(&f, 0).value[CM_STABLE];
    }
    expect_mean("rate", &values, 0.02);
    close_flow(&f);
}

/* E[rate] of a counter of this intensity (1/s) that began a minute ago, by the documented rules:
 * 45 s are seen from the first scrape on, then 15 s less the phase; before it at most the phase,
 * and at most back to zero. Summed over both counts, integrated over the phase. */
static double rate_when_young(double intensity)
{
    enum { PHASES = 60 };
    double mean = 0;
    for (int p = 0; p < PHASES; p++) {
        double phase = 15 * (p + 0.5) / PHASES;
        for (unsigned rise = 1; rise < 45 * intensity + 12 * sqrt(45 * intensity) + 12; rise++)
            for (unsigned first = 0; first < 15 * intensity + 12 * sqrt(15 * intensity) + 12;
                 first++) {
                double left = fmin(phase, 45. * first / rise);
                mean += gsl_ran_poisson_pdf(rise, 45 * intensity) *
                        gsl_ran_poisson_pdf(first, phase * intensity) * rise *
                        (45 + left + 15 - phase) / 45 / 60 / PHASES;
            }
    }
    return mean;
}

/* A canary of a minute's age: rare events are read 10 % too low, frequent ones 2 %. */
Test(monitor, the_rate_of_a_young_counter_is_too_low_as_the_zero_crossing_says)
{
    static const struct {
        const char *rate;
        double per_s, least_bias, most_bias;
    } cases[] = {{"0.04 rps", 0.02, 0.10, 0.125}, {"2 rps", 1, 0.005, 0.03}};
    for (size_t k = 0; k < 2; k++) {
        struct fixture f;
        struct cm_buffer text = {0};
        values.n = 0;
        cm_print(cm_buffer_writer(&text), "[traffic]\nrate = %s\n%s", cases[k].rate,
                 AT_ONCE SCRAPED WATCHED);
        open_flow(&f, text.text);
        for (uint64_t i = 0; i < MOST; i++) {
            begin(&f, i, 0.5);
            advance(&f, CM_MINUTE);
            values.value[values.n++] = query(&f, 0).value[CM_CANARY];
        }
        double want = rate_when_young(cases[k].per_s), bias = 1 - want / cases[k].per_s;
        expect_mean(cases[k].rate, &values, want);
        cr_expect(bias > cases[k].least_bias && bias < cases[k].most_bias, "bias %g", bias);
        close_flow(&f);
        cm_buffer_release(&text);
    }
}

static uint64_t seen(const struct fixture *f, size_t class, size_t outcome)
{
    uint64_t cells[CM_CELLS_MAX];
    cm_scrapes_seen(&f->scrapes, cm_ledger_now(&f->flow.ledger), cells);
    return cells[cm_cell(2, CM_CANARY, class, outcome, CM_IN_TIME)];
}

/* Each of 3 pods loses what it counted before its first scrape: two minutes hold 105 s. What a
 * window longer than the canary's life counted is what a gate adds up. */
Test(monitor, what_came_before_the_first_scrape_is_in_no_increase)
{
    struct fixture f;
    values.n = others.n = 0;
    open_flow(&f, "[traffic]\nrate = 12 rps\n[pods]\ncanary = 3\n" SCRAPED
                  "[service]\nerror_rate = 20%\nlatency = fixed(value=0s)\n"
                  "[class.big]\nshare = 25%\n"
                  "[metric.all]\nsignal = error_ratio\nfunction = increase\nwindow = 10m\n"
                  "[metric.big]\nsignal = rate\nclass = big\nwindow = 10m\n"
                  "[policy.p]\nsteps = 50%/1m, 100%\n");
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0.5);
        advance(&f, 2 * CM_MINUTE);
        struct cm_signal all = query(&f, 0), big = query(&f, 1);
        uint64_t errors = seen(&f, 0, CM_ERROR_ANSWER) + seen(&f, 1, CM_ERROR_ANSWER);
        cr_assert_eq(all.x[CM_CANARY], errors);
        cr_assert_eq(all.n[CM_CANARY], errors + seen(&f, 0, CM_OK) + seen(&f, 1, CM_OK));
        cr_assert_eq(big.n[CM_CANARY], seen(&f, 0, CM_OK) + seen(&f, 0, CM_ERROR_ANSWER));
        values.value[values.n++] = (double)all.n[CM_CANARY];
        others.value[others.n++] = (double)big.n[CM_CANARY];
    }
    expect_mean("requests seen", &values, 6 * 105);
    expect_variance("requests seen", &values, 6 * 105);
    expect_mean("of a class", &others, 6 * 105 * 0.25);
    close_flow(&f);
}

/* --- windows ---------------------------------------------------------------------------------- */

static bool has_value(struct fixture *f, cm_time window, int range)
{
    struct cm_scraping how = *f->scenario.scraping;
    struct cm_metric metric = f->scenario.metrics[0].metric;
    how.range = range;
    metric.window = window;
    f->scrapes.scraping = &how;
    struct cm_signal signal;
    cm_query(&f->scrapes, &metric, cm_ledger_now(&f->flow.ledger), &signal);
    f->scrapes.scraping = f->scenario.scraping;
    return signal.state[CM_STABLE] == CM_PASS;
}

Test(monitor, a_window_of_one_scrape_is_never_enough_of_two_always_and_between_by_chance)
{
    struct fixture f;
    values.n = 0;
    open_flow(&f, "[traffic]\nrate = 8 rps\n" AT_ONCE SCRAPED WATCHED);
    for (uint64_t i = 0; i < 2000; i++) {
        begin(&f, i, 0);
        cr_assert_not(has_value(&f, 15 * CM_SECOND, CM_LEFT_OPEN));
        cr_assert(has_value(&f, 30 * CM_SECOND, CM_LEFT_OPEN));
        values.value[values.n++] = has_value(&f, 20 * CM_SECOND, CM_LEFT_OPEN);
    }
    expect_mean("a third", &values, 1. / 3);
    close_flow(&f);
}

/* Looked at just when it is scraped, a pod has a sample on both edges. */
Test(monitor, a_window_of_one_scrape_interval_is_enough_only_closed_and_only_at_a_scrape)
{
    struct fixture f;
    open_flow(&f, "[traffic]\nrate = 8 rps\n" AT_ONCE SCRAPED WATCHED);
    for (uint64_t i = 0; i < 20; i++) {
        begin(&f, i, 0);
        advance(&f, f.scrapes.versions[CM_STABLE].list[0].phase + 45 * CM_SECOND);
        cr_expect(has_value(&f, 15 * CM_SECOND, CM_CLOSED));
        cr_expect_not(has_value(&f, 15 * CM_SECOND, CM_LEFT_OPEN));
        advance(&f, cm_ledger_now(&f.flow.ledger) + 1);
        cr_expect_not(has_value(&f, 15 * CM_SECOND, CM_CLOSED));
    }
    close_flow(&f);
}

/* Samples stay in order, however much their lags differ. */
Test(monitor, scrapes_are_lost_late_and_seen_in_order)
{
    struct fixture f;
    values.n = others.n = 0;
    open_flow(&f, "[traffic]\nrate = 8 rps\n" AT_ONCE SCRAPED "scrape_jitter = 6s\n"
                  "scrape_loss = 25%\nlag = 10s\nlag_spread = 40s\n"
                  "[metric.long]\nsignal = rate\nwindow = 2h\n"
                  "[policy.p]\nsteps = 50%/1m, 100%\n");
    for (uint64_t i = 0; i < 400; i++) {
        begin(&f, i, 0.5);
        advance(&f, 10 * CM_MINUTE);
        const struct cm_target *target = &f.scrapes.versions[CM_CANARY].list[0];
        const struct cm_pod_samples *s = &target->samples;
        values.value[values.n++] = (double)(s->n - s->first);
        for (size_t k = s->first; k < s->n; k++) {
            cm_time late = (s->at[k] - target->phase) % (15 * CM_SECOND);
            cr_assert_leq(late, 6 * CM_SECOND);
            cr_assert_geq(s->visible[k], s->at[k] + 10 * CM_SECOND);
            cr_assert(k == s->first || s->visible[k] >= s->visible[k - 1]);
            if (others.n < MOST)
                others.value[others.n++] = cm_seconds(late);
        }
    }
    expect_mean("samples in ten minutes", &values, 0.75 * (40 - 3. / 15)); /* one may be late */
    expect_mean("jitter", &others, 3);
    close_flow(&f);
}

/* --- lag -------------------------------------------------------------------------------------- */

static cm_time detected_at(const char *lag, uint64_t replication)
{
    struct cm_scenario scenario = {0};
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text),
             "[traffic]\nrate = 20 rps\n[service]\nerror_rate = 1%%\n"
             "[defect.bad]\nerror_rate = +4pp\nonset = 2m\n" SCRAPED "lag = %s\n"
             "[metric.errors]\nsignal = error_ratio\n[gate.g]\ntest = origin_mixture\n"
             "metric = errors\n[policy.p]\nsteps = 20%%/2h, 100%%\nlook_every = 15s\ngates = g\n",
             lag);
    load_text(&scenario, text.text, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct cm_outcome row = cm_replicate(rollout, replication);
    cr_assert(row.detected);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
    cm_buffer_release(&text);
    return row.ended_at;
}

/* What the gate sees is the same, later. */
Test(monitor, lag_delays_detection_by_the_lag)
{
    for (uint64_t i = 0; i < 60; i++)
        cr_assert_eq(detected_at("45s", i) - detected_at("0s", i), 45 * CM_SECOND);
}

/* --- quantiles -------------------------------------------------------------------------------- */

/* statistics E12: what interpolation in buckets makes of the 95 % quantile of an exponential law.
 */
Test(monitor, a_quantile_has_the_bias_of_its_buckets)
{
    struct fixture f;
    double cdf[CM_EDGES_MAX];
    values.n = 0;
    open_flow(&f, "[traffic]\nrate = 400 rps\n[service]\nlatency = exponential(mean=50ms)\n"
                  "[pods]\nstable = 2\n" SCRAPED WATCHED);
    const struct cm_edges *edges = &f.scenario.telemetry.buckets;
    for (size_t b = 0; b < edges->n; b++)
        cdf[b] = 1 - exp(-edges->bound[b] / 0.05);
    struct cm_bias bias =
        cm_histogram_quantile_bias(0.95, edges->bound, cdf, edges->n, -0.05 * log(0.05));
    for (uint64_t i = 0; i < 400; i++) {
        begin(&f, i, 0);
        values.value[values.n++] = query(&f, 1).value[CM_STABLE];
    }
    expect_mean("p95", &values, bias.interpolated);
    cr_expect(fabs(bias.relative - 0.332) < 0.001, "the oracle of E12: a third too high");
    close_flow(&f);
}

/* --- the provider ----------------------------------------------------------------------------- */

/* A rollback at the first query that fails comes after 1 / p looks on average. */
Test(monitor, queries_fail_as_often_as_they_say)
{
    static const char *const gates[] = {"test = threshold\nmax = 90%", "test = origin_mixture",
                                        "test = two_proportion\nalpha = 0.0001%"};
    for (size_t g = 0; g < 3; g++) {
        struct cm_scenario scenario = {0};
        struct cm_buffer text = {0};
        cm_print(cm_buffer_writer(&text),
                 "[scenario]\nhorizon = 24h\n[traffic]\nrate = 2 rps\n" SCRAPED
                 "provider_errors = 10%%\n[metric.m]\nsignal = error_ratio\n"
                 "[gate.g]\nmetric = m\n%s\n[policy.p]\nsteps = 50%%/24h, 100%%\n"
                 "look_every = 5m\ngates = g\non_error = rollback\non_no_data = ignore\n",
                 gates[g]);
        load_text(&scenario, text.text, NULL);
        const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
        struct cm_rollout *rollout = cm_rollout_new(&plan);
        values.n = 0;
        for (uint64_t i = 0; i < 400; i++)
            values.value[values.n++] = cm_replicate(rollout, i).looks;
        expect_mean(gates[g], &values, 10);
        cm_rollout_free(rollout);
        cm_scenario_release(&scenario);
        cm_buffer_release(&text);
    }
}

/* Counter steps of looks that failed are in the next look that does not, over steps of the rollout,
 * too: at the end the gate has added up all that was seen. */
Test(monitor, a_query_that_fails_loses_no_evidence)
{
    struct cm_scenario scenario = {0};
    uint64_t seen[CM_CELLS_MAX], answered = 0;
    load_text(&scenario,
              "[scenario]\nhorizon = 1h\n[traffic]\nrate = 20 rps\n" SCRAPED
              "provider_errors = 60%\n[metric.m]\nsignal = error_ratio\n"
              "[gate.g]\ntest = two_proportion\nmetric = m\nevidence = release\nalpha = 0.01%\n"
              "looks = 1k\n[policy.p]\nsteps = 10%/7m, 30%/7m, 40%/7m, 50%/12h\n"
              "look_every = 1m\ngates = g\non_error = ignore\non_no_data = ignore\n",
              NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_rollout *r = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < 60; i++) {
        cm_replicate(r, i);
        const struct cm_watch *watch = &r->watches[0];
        cr_assert_eq(watch->asked_at, CM_HOUR);
        cr_assert_eq(watch->n_strata, 0, "a query that fails ends no stratum");
        if (watch->verdict.label == CM_GATE_ERROR)
            continue;
        cm_scrapes_seen(&r->scrapes, CM_HOUR, seen);
        uint64_t all = seen[cm_cell(1, CM_CANARY, 0, CM_OK, CM_IN_TIME)] +
                       seen[cm_cell(1, CM_CANARY, 0, CM_ERROR_ANSWER, CM_IN_TIME)];
        cr_assert_eq(watch->verdict.why.n1, all);
        answered++;
    }
    cr_assert_gt(answered, 10);
    cm_rollout_free(r);
    cm_scenario_release(&scenario);
}

/* A step that needs requests waits until they are seen. */
Test(monitor, a_policy_counts_the_requests_that_the_monitor_has_seen)
{
    struct cm_scenario scenario = {0};
    load_text(&scenario,
              "[traffic]\nrate = 20 rps\n" SCRAPED "lag = 5m\n[policy.p]\n"
              "steps = 50%/1m, 100%\nlook_every = 1m\nmin_requests = 1\n",
              NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_rollout *r = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < 20; i++) {
        struct cm_outcome row = cm_replicate(r, i);
        cr_assert_eq(row.end, CM_PROMOTED);
        cr_assert_eq(row.ended_at, 6 * CM_MINUTE, "%g", cm_seconds(row.ended_at));
    }
    cm_rollout_free(r);
    cm_scenario_release(&scenario);
}

/* 10 rps, half of them on the canary: 300 in a minute, of which scrapes see 45 s. */
Test(monitor, an_increase_counts_requests_under_any_monitor)
{
    static const char *const monitors[] = {"", SCRAPED};
    static const struct {
        const char *function, *max;
        enum cm_end end;
    } cases[] = {{"increase", "200", CM_ROLLED_BACK},
                 {"increase", "400", CM_PROMOTED},
                 {"rate", "4 rps", CM_ROLLED_BACK},
                 {"rate", "6.5 rps", CM_PROMOTED}};
    for (size_t m = 0; m < 2; m++)
        for (size_t k = 0; k < 4; k++) {
            struct cm_scenario scenario = {0};
            struct cm_buffer text = {0};
            cm_print(cm_buffer_writer(&text),
                     "[traffic]\nrate = 10 rps\n%s[metric.m]\nsignal = rate\nfunction = %s\n"
                     "[gate.g]\ntest = threshold\nmetric = m\nmax = %s\n"
                     "[policy.p]\nsteps = 50%%/2m, 100%%\ngates = g\nfirst_look = 90s\n",
                     monitors[m], cases[k].function, cases[k].max);
            load_text(&scenario, text.text, NULL);
            const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
            struct cm_rollout *r = cm_rollout_new(&plan);
            cr_expect_eq(cm_replicate(r, 0).end, cases[k].end, "monitor %zu, case %zu", m, k);
            cm_rollout_free(r);
            cm_scenario_release(&scenario);
            cm_buffer_release(&text);
        }
}
