/* Every measure on rows made by hand, each value worked out beside it. */
#include "tests/unit/hand_made.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "analysis/measure.h"
#include "analysis/smallest.h"

enum { N = 10 };

/* Onset at 60 s in all but the last row. Rows 0-5 are detected 60, 120, ... 360 s later, 6 and 7
 * promoted 600 s after it, 8 timed out at the horizon, 9 rolled back before its onset at 900 s. */
static void fill_spike(struct hand_made *h)
{
    struct cm_outcome *rows = hand_made_rows(h, OURS, SPIKE);
    for (int i = 0; i < 6; i++) {
        rows[i] = hand_made_bad(CM_ROLLED_BACK, 60, 60 + 60 * (i + 1), 60 + 60 * (i + 1));
        rows[i].rollout = (struct cm_harm){
            .requests = 100u * (unsigned)(i + 1), .failures = 10u * (unsigned)(i + 1), .slow = 1};
    }
    rows[6] = hand_made_bad(CM_PROMOTED, 60, 660, 3660); /* people noticed after an hour */
    rows[7] = hand_made_bad(CM_PROMOTED, 60, 660, 0);    /* nobody did by the horizon */
    rows[6].rollout = rows[7].rollout =
        (struct cm_harm){.requests = 1000, .failures = 100, .slow = 10};
    rows[6].escaped = (struct cm_harm){.requests = 9000, .failures = 900, .slow = 90};
    rows[7].escaped = (struct cm_harm){.requests = 19000, .failures = 1900, .slow = 190};
    rows[8] = hand_made_bad(CM_TIMED_OUT, 60, 7200, 0);
    rows[9] = hand_made_bad(CM_ROLLED_BACK, 900, 300, 0);
}

static void fill(struct hand_made *h)
{
    hand_made_init(h, N);
    for (int i = 0; i < N; i++) {
        hand_made_rows(h, OURS, HEALTHY)[i] = hand_made_good(CM_PROMOTED, 1000 + i);
        hand_made_rows(h, OURS, COSMETIC)[i] = hand_made_good(CM_PROMOTED, 2000);
    }
    hand_made_rows(h, OURS, HEALTHY)[0] = hand_made_good(CM_ROLLED_BACK, 100);
    hand_made_rows(h, OURS, HEALTHY)[1] = hand_made_good(CM_STUCK, 3600);
    hand_made_rows(h, OURS, HEALTHY)[2] = hand_made_good(CM_PAUSED, 7200);
    hand_made_rows(h, OURS, COSMETIC)[4] = hand_made_good(CM_ROLLED_BACK, 50);
    hand_made_rows(h, OURS, COSMETIC)[5] = hand_made_good(CM_ROLLED_BACK, 50);
    fill_spike(h);
}

static struct hand_made h;

static void setup(void)
{
    fill(&h);
}

static void teardown(void)
{
    hand_made_release(&h);
}

TestSuite(results, .init = setup, .fini = teardown);

Test(results, cells_are_every_policy_with_every_release)
{
    cr_assert(eq(sz, h.results.n_cells, 6));
    const struct cm_cell *cell = cm_results_cell(&h.results, OURS, SPIKE);
    cr_expect(eq(int, cell->plan.policy, OURS));
    cr_expect(eq(int, cell->plan.release, SPIKE));
    cr_expect(eq(dbl, cell->plan.strength, 1));
    cr_expect(eq(int, cm_results_cell(&h.results, FLAGGER, HEALTHY)->plan.release, -1));
    cr_expect_str_eq(cm_results_release_name(&h.results, HEALTHY), "healthy");
}

Test(results, the_healthy_release_has_what_the_priors_leave)
{
    cr_expect(epsilon_eq(dbl, cm_results_prior(&h.results, HEALTHY), 0.7, 1e-15));
    h.defects[SPIKE].effect.prior = NAN;
    cr_expect(epsilon_eq(dbl, cm_results_prior(&h.results, HEALTHY), 0.8, 1e-15));
    cr_expect(eq(dbl, cm_results_prior(&h.results, SPIKE), 0));
}

Test(results, shares_are_counted_as_defined)
{
    static const struct {
        const char *measure, *statistic;
        int release;
        double want;
    } cases[] = {
        {"false_rollback", NULL, HEALTHY, 0.1}, {"false_rollback", NULL, COSMETIC, 0.2},
        {"detection", NULL, SPIKE, 0.6},        {"missed", NULL, SPIKE, 0.2},
        {"early_rollback", NULL, SPIKE, 0.1},   {"ends", "rolled_back", SPIKE, 0.7},
        {"ends", "timed_out", SPIKE, 0.1},      {"ends", "promoted", SPIKE, 0.2},
        {"ends", "stuck", HEALTHY, 0.1},        {"ends", "paused", HEALTHY, 0.1},
        {"ends", "promoted", HEALTHY, 0.7},     {"ends", "superseded", HEALTHY, 0},
        {"false_rollback", NULL, SPIKE, NAN},   {"missed", NULL, HEALTHY, NAN},
        {"detection", NULL, COSMETIC, NAN}, /* nobody minds it: there is nothing to detect */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_estimate e = cm_measure_one(&h.results, cases[i].measure, cases[i].statistic,
                                              OURS, cases[i].release);
        if (isnan(cases[i].want))
            cr_expect(isnan(e.value), "%s", cases[i].measure);
        else
            cr_expect(epsilon_eq(dbl, e.value, cases[i].want, 1e-15), "%s", cases[i].measure);
    }
}

Test(results, a_stuck_release_is_missed)
{
    hand_made_rows(&h, OURS, SPIKE)[0].end = CM_STUCK;
    struct cm_estimate e = cm_measure_one(&h.results, "missed", NULL, OURS, SPIKE);
    cr_expect(epsilon_eq(dbl, e.value, 0.3, 1e-15));
}

Test(results, a_share_has_its_n_and_wilsons_limits)
{
    struct cm_estimate e = cm_measure_one(&h.results, "detection", NULL, OURS, SPIKE);
    cr_expect(eq(u64, e.n, N));
    /* R: prop.test(6, 10, correct = FALSE)$conf.int */
    cr_expect(epsilon_eq(dbl, e.low, 0.3126738, 1e-7));
    cr_expect(epsilon_eq(dbl, e.high, 0.8318197, 1e-7));
    e = cm_measure_one(&h.results, "ends", "superseded", OURS, SPIKE);
    cr_expect(epsilon_eq(dbl, e.high, 1 - pow(0.05, 0.1), 1e-12));
}

/* Times since the onset: events 60, 120, ... 360; competing 0 (early) and twice 600; censored 7140.
 * Before the censored one nobody is lost, so F = k / 10: 0.5 is reached at the fifth event. */
Test(results, detection_time_is_of_all_bad_releases_or_of_the_detected)
{
    struct cm_estimate e = cm_measure_one(&h.results, "detection_time", "median", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 300));
    cr_expect(eq(u64, e.n, 10));
    e = cm_measure_one(&h.results, "detection_time", "p95", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, INFINITY)); /* four of ten are never detected */
    e = cm_measure_one(&h.results, "detection_time", "median_given_detected", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 180)); /* the third of six */
    cr_expect(eq(u64, e.n, 6));
    e = cm_measure_one(&h.results, "detection_time", "p95_given_detected", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 360));
}

/* Timed out early, a rollout might still have been detected; promoted early it could not. With the
 * first three of ten out at 1 s: censored, F steps by 1/7 from then on and reaches 0.5 at the
 * fourth event; competing, by 1/10, and it is never reached. */
Test(results, only_what_the_horizon_cut_off_is_censored)
{
    struct cm_outcome *rows = hand_made_rows(&h, OURS, SPIKE);
    for (int i = 0; i < N; i++)
        rows[i] = i < 3 ? hand_made_bad(CM_TIMED_OUT, 60, 61, 0)
                        : hand_made_bad(i < 7 ? CM_ROLLED_BACK : CM_PROMOTED, 60, 100 + 60 * i, 0);
    struct cm_estimate e = cm_measure_one(&h.results, "detection_time", "median", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 100 + 60 * 6 - 60));
    static const enum cm_end ends[] = {CM_PROMOTED, CM_STUCK, CM_SUPERSEDED, CM_PAUSED};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        for (int i = 0; i < 3; i++)
            rows[i].end = ends[k];
        e = cm_measure_one(&h.results, "detection_time", "median", OURS, SPIKE);
        cr_expect(eq(dbl, e.value, INFINITY), "end %d", (int)ends[k]);
    }
}

/* Harm ends 60 ... 360 s after the onset in six releases, 3600 s in one; two are censored at
 * 7200 - 60; the early one does none. Of 9: 0.5 is reached at the fifth, 7/9 is the plateau. */
Test(results, mitigation_counts_escapes_and_is_cut_by_the_horizon_alone)
{
    struct cm_estimate e = cm_measure_one(&h.results, "time_to_mitigation", "median", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 300));
    cr_expect(eq(u64, e.n, 9));
    e = cm_measure_one(&h.results, "time_to_mitigation", "p95", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, INFINITY));
    hand_made_rows(&h, OURS, SPIKE)[7].mitigated_at = 7060 * CM_SECOND;
    hand_made_rows(&h, OURS, SPIKE)[8].mitigated_at = 7160 * CM_SECOND;
    e = cm_measure_one(&h.results, "time_to_mitigation", "p95", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 7100));
}

Test(results, blast_radius_is_split_into_rollout_and_escaped)
{
    static const struct {
        const char *measure, *statistic;
        double want;
    } cases[] = {
        /* 100 + 200 + ... + 600 = 2100, two of 1000; escaped 9000 and 19000; ten releases */
        {"blast_radius.requests.rollout", "mean", 410},
        {"blast_radius.requests.escaped", "mean", 2800},
        {"blast_radius.requests", "mean", 3210},
        {"blast_radius.failures", "mean", 321},
        {"blast_radius.failures.rollout", "p95", 100},
        {"blast_radius.failures", "median", 30}, /* 0 0 10 20 30 40 50 60 1000 2000 */
        {"blast_radius.failures", "p95", 2000},
        {"blast_radius.slow", "mean", 30.6}, /* 6 x 1 + 100 + 200 */
        {"blast_radius.slow.escaped", "mean", 28},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_estimate e =
            cm_measure_one(&h.results, cases[i].measure, cases[i].statistic, OURS, SPIKE);
        cr_expect(epsilon_eq(dbl, e.value, cases[i].want, 1e-12), "%s", cases[i].measure);
        cr_expect(eq(u64, e.n, N));
    }
}

Test(results, nothing_is_slow_without_a_limit)
{
    h.scenario.service.latency_slo = CM_NO_DURATION;
    struct cm_estimate e = cm_measure_one(&h.results, "blast_radius.slow", "mean", OURS, SPIKE);
    cr_expect(isnan(e.value));
}

Test(results, time_to_promote_is_of_the_promoted)
{
    struct cm_estimate e = cm_measure_one(&h.results, "time_to_promote", "mean", OURS, HEALTHY);
    cr_expect(epsilon_eq(dbl, e.value, 1006, 1e-12)); /* 1003 ... 1009 */
    cr_expect(eq(u64, e.n, 7));
    e = cm_measure_one(&h.results, "time_to_promote", "p95", OURS, HEALTHY);
    cr_expect(eq(dbl, e.value, 1009));
    cr_expect(eq(dbl, e.high, INFINITY)); /* seven values do not bound a p95 from above */
    e = cm_measure_one(&h.results, "time_to_promote", "median", OURS, SPIKE);
    cr_expect(eq(dbl, e.value, 660));
}

/* OURS promotes no release with the defect here; of no times there is no quantile, and no limit
 * that would say that it is at least 0. */
Test(results, of_nothing_there_is_neither_value_nor_limit)
{
    static const char *const statistics[] = {"mean", "median", "p95", "p99"};
    for (int i = 0; i < N; i++)
        hand_made_rows(&h, OURS, SPIKE)[i] = hand_made_bad(CM_TIMED_OUT, 60, 7200, 0);
    for (int i = 0; i < 4; i++) {
        struct cm_estimate e =
            cm_measure_one(&h.results, "time_to_promote", statistics[i], OURS, SPIKE);
        cr_expect(isnan(e.value) && isnan(e.low) && isnan(e.high), "%s", statistics[i]);
        cr_expect(eq(u64, e.n, 0));
    }
    struct cm_estimate e =
        cm_measure_one(&h.results, "detection_time", "p95_given_detected", OURS, SPIKE);
    cr_expect(isnan(e.value) && isnan(e.low) && isnan(e.high));
}

Test(results, looks_and_evaluations_are_counted_apart)
{
    hand_made_rows(&h, OURS, HEALTHY)[0].looks = 30;
    struct cm_estimate e = cm_measure_one(&h.results, "looks", "mean", OURS, HEALTHY);
    cr_expect(epsilon_eq(dbl, e.value, 21, 1e-12));
    e = cm_measure_one(&h.results, "evaluations", "mean", OURS, HEALTHY);
    cr_expect(epsilon_eq(dbl, e.value, 40, 1e-12));
}

/* Rolled back: 7 of 10 of the bad (prior 10 %), 1 of 10 healthy (70 %), 2 of 10 cosmetic (20 %):
 * 0.07 / (0.07 + 0.07 + 0.04). */
Test(results, precision_weighs_rollbacks_by_their_priors)
{
    struct cm_estimate e = cm_measure_one(&h.results, "precision", NULL, OURS, CM_ALL_RELEASES);
    cr_expect(epsilon_eq(dbl, e.value, 0.07 / 0.18, 1e-12));
    cr_expect(eq(u64, e.n, 10));
    cr_expect(lt(dbl, e.low, e.value));
    cr_expect(ge(dbl, e.low, 0));
    cr_expect(le(dbl, e.high, 1));
}

/* Batches of two, five of them: weighted rollbacks bad | all, by hand from the rows above. */
Test(results, the_interval_of_precision_comes_from_batches)
{
    struct cm_estimate e = cm_measure_one(&h.results, "precision", NULL, OURS, CM_ALL_RELEASES);
    /* bad: rows 0-5 and 9; healthy: row 0; cosmetic: rows 4, 5 */
    static const double a[] = {0.2, 0.2, 0.2, 0, 0.1}, b[] = {0.9, 0.2, 0.6, 0, 0.1};
    double ratio = 0.7 / 1.8, squares = 0;
    for (int i = 0; i < 5; i++)
        squares += (a[i] - ratio * b[i]) * (a[i] - ratio * b[i]);
    double half = 2.7764451051977987 * sqrt(squares * 5 / 4) / 1.8; /* R: qt(0.975, 4) */
    cr_expect(epsilon_eq(dbl, e.low, fmax(0, ratio - half), 1e-9));
    cr_expect(epsilon_eq(dbl, e.high, fmin(1, ratio + half), 1e-9));
}

/* No false rollback seen: of 0 of 10 the limit is 1 - 0.05^(1/10), on the likelier release (70 %).
 */
Test(results, a_precision_without_false_rollbacks_is_no_certainty)
{
    for (int i = 0; i < N; i++)
        hand_made_rows(&h, OURS, HEALTHY)[i].end = hand_made_rows(&h, OURS, COSMETIC)[i].end =
            CM_PROMOTED;
    struct cm_estimate e = cm_measure_one(&h.results, "precision", NULL, OURS, CM_ALL_RELEASES);
    cr_expect(eq(dbl, e.value, 1));
    cr_expect(epsilon_eq(dbl, e.low, 0.07 / (0.07 + 0.7 * (1 - pow(0.05, 0.1))), 1e-12));
    for (int i = 0; i < N; i++)
        hand_made_rows(&h, OURS, SPIKE)[i].end = CM_PROMOTED;
    e = cm_measure_one(&h.results, "precision", NULL, OURS, CM_ALL_RELEASES);
    cr_expect(isnan(e.value)); /* no rollback, nothing to be precise about */
}

/* Healthy (70 %): one rollback, one pause, hours (100 + 3600 + 7200 + 1003 + ... + 1009) / 3600.
 * Cosmetic (20 %): two rollbacks, hours (8 x 2000 + 2 x 50) / 3600; its failures are nobody's.
 * Spike (10 %): seven rollbacks, 3210 failures in all, 306 slow. Ten replications. */
Test(results, expected_cost_adds_up_what_has_a_price)
{
    cr_expect(
        isnan(cm_measure_one(&h.results, "expected_cost", NULL, OURS, CM_ALL_RELEASES).value));
    h.results.prices = (struct cm_prices){NULL, 2, 1, 0, 100, 36, 500};
    hand_made_rows(&h, OURS, COSMETIC)[0].rollout.failures = 1000000;
    double healthy = 100 + 500 + 36 * (100 + 3600 + 7200 + 7042) / 3600.0;
    double cosmetic = 200 + 36 * 16100 / 3600.0;
    double hours = (120 + 180 + 240 + 300 + 360 + 420 + 660 + 660 + 7200 + 300) / 3600.0;
    double spike = 700 + 2 * 3210 + 306 + 36 * hours;
    struct cm_estimate e = cm_measure_one(&h.results, "expected_cost", NULL, OURS, CM_ALL_RELEASES);
    cr_expect(epsilon_eq(dbl, e.value, (0.7 * healthy + 0.2 * cosmetic + 0.1 * spike) / 10, 1e-9));
    cr_expect(eq(u64, e.n, N));
    cr_expect(lt(dbl, e.low, e.value));
    cr_expect(gt(dbl, e.high, e.value));
}

Test(results, without_priors_nothing_is_weighed)
{
    h.defects[SPIKE].effect.prior = h.defects[COSMETIC].effect.prior = NAN;
    h.results.prices.rollback = 1;
    cr_expect(isnan(cm_measure_one(&h.results, "precision", NULL, OURS, CM_ALL_RELEASES).value));
    cr_expect(
        isnan(cm_measure_one(&h.results, "expected_cost", NULL, OURS, CM_ALL_RELEASES).value));
}

Test(results, every_measure_has_a_name_of_its_own_a_sentence_and_statistics)
{
    for (const struct cm_measure *const *m = cm_measures; *m; m++) {
        cr_expect(cm_measure_find((*m)->name) == *m, "%s", (*m)->name);
        size_t length = strlen((*m)->summary), n = 0;
        const struct cm_measure *self = *m;
        cr_expect(self->summary[length - 1] == '.', "%s", self->name);
        while ((*m)->statistics[n])
            n++;
        cr_expect(n > 0 && n <= CM_STATISTICS_MAX, "%s", (*m)->name);
    }
    cr_expect(cm_measure_find("false_rollbacks") == NULL);
}

/* Whatever the rows, no estimate is outside its own limits, and shares stay shares. */
Test(results, every_estimate_lies_within_its_limits)
{
    h.results.prices.rollback = 1;
    for (const struct cm_measure *const *m = cm_measures; *m; m++)
        for (int release = CM_ALL_RELEASES; release < DEFECTS; release++) {
            struct cm_estimate e[CM_STATISTICS_MAX];
            if (!cm_measure_applies(*m, &h.results, release))
                continue;
            (*m)->estimate(*m, &h.results, OURS, release, e);
            for (size_t i = 0; (*m)->statistics[i]; i++) {
                const char *name = (*m)->name;
                bool within = e[i].low <= e[i].value && e[i].value <= e[i].high;
                bool share = (*m)->type == CM_COLUMN_SHARE;
                cr_expect(isnan(e[i].value) || within, "%s.%s", name, (*m)->statistics[i]);
                cr_expect(isnan(e[i].low) || e[i].low >= 0, "%s", name);
                cr_expect(isnan(e[i].high) || e[i].high <= (share ? 1 : INFINITY), "%s", name);
            }
        }
}

/* Parts of a blast radius share a line of the page. */
Test(results, the_page_about_measures_names_them_all)
{
    static char page[1 << 16];
    FILE *file = fopen("docs/model/measures.md", "rb");
    cr_assert(file != NULL);
    size_t length = fread(page, 1, sizeof page - 1, file);
    fclose(file);
    cr_assert(lt(sz, length, sizeof page - 1));
    for (const struct cm_measure *const *m = cm_measures; *m; m++) {
        char name[64];
        snprintf(name, sizeof name, "`%s", (*m)->name);
        char *part = strstr(name, ".rollout") ? strstr(name, ".rollout") : strstr(name, ".escaped");
        if (part)
            *part = '\0';
        cr_expect(strstr(page, name) != NULL, "%s", (*m)->name);
    }
}
