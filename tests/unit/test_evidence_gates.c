/* What every gate that holds at every look promises: all outcomes of two strata are enumerated,
 * with error probabilities and shares that drift between them, and the mean of E never grows,
 * whatever came first (statistics of e-processes: Ville 1939; Hoeffding 1963 for origins). */
#include <criterion/criterion.h>

#include "tests/unit/gate_bench.h"
#include "tests/unit/two_strata.h"

static const double SLACK = 1e-12;

/* A gate and the keys that are not at their defaults. */
struct gate_case {
    const char *name, *keys[6]; /* key, value, ..., NULL */
};

static const struct gate_case comparing[] = {
    {"origin_mixture", {NULL}},   {"origin_mixture", {"dispersion", "3"}},
    {"origin_sprt", {NULL}},      {"origin_sprt", {"ratio", "5", "dispersion", "1.5"}},
    {"binomial_mixture", {NULL}}, {"binomial_mixture", {"concentration", "1"}},
    {"safe_2x2", {NULL}},         {"safe_2x2", {"prior", "2", "dispersion", "2"}},
};
static const struct gate_case absolute[] = {
    {"sprt", {"target", "30%"}},
    {"sprt", {"target", "30%", "ratio", "3", "dispersion", "2"}},
    {"betting", {"target", "30%"}},
    {"betting", {"target", "30%", "stake", "plug_in", "cut", "0.9"}},
    {"betting", {"target", "30%", "stake", "fixed", "lambda", "3"}},
    {"betting", {"target", "30%", "bet_on", "stratum"}},
    {"betting", {"target", "30%", "bet_on", "stratum", "stake", "plug_in"}},
};
#define N_OF(list) (sizeof(list) / sizeof *(list))

static struct bench bench_of_case(const struct gate_case *c)
{
    return bench_of(c->name, c->keys[0], c->keys[1], c->keys[2], c->keys[3], c->keys[4], c->keys[5],
                    NULL);
}

static struct cm_verdict look_at(struct bench *b, const struct cm_two_counts *c)
{
    return bench_look(b, c->x0, c->n0, c->x1, c->n1);
}

static double log_e(const struct cm_two_counts *strata, size_t n, const void *context)
{
    struct bench b = *(const struct bench *)context;
    double last = NAN;
    bench_restart(&b);
    for (size_t i = 0; i < n; i++)
        last = look_at(&b, &strata[i]).why.log_e;
    return last;
}

/* --- fair bets -------------------------------------------------------------------------------- */

/* Equal arms that drift, most while the weight ramps; arms of which the canary is better. */
static const struct two_strata no_worse[] = {
    {{9, 6}, {1, 4}, {0.1, 0.6}, {0.1, 0.6}},   {{6, 3}, {2, 9}, {0.5, 0.02}, {0.5, 0.02}},
    {{8, 8}, {2, 2}, {0.05, 0.9}, {0.05, 0.9}}, {{3, 6}, {2, 4}, {0, 1}, {0, 1}},
    {{5, 5}, {5, 5}, {0.3, 0.7}, {0.3, 0.7}},   {{9, 6}, {1, 4}, {0.1, 0.6}, {0.05, 0.1}},
    {{8, 8}, {2, 2}, {0.3, 0.9}, {0.29, 0.5}},  {{5, 5}, {5, 5}, {0.3, 0.7}, {0, 0.69}},
    {{8, 2}, {2, 8}, {0.01, 0.4}, {0.01, 0.4}},
};
/* Canaries that keep a target of 30 %, at it and drifting below it. */
static const struct two_strata on_target[] = {
    {{1, 1}, {8, 8}, {0, 0}, {0.3, 0.3}},
    {{1, 1}, {3, 9}, {0, 0}, {0.3, 0.01}},
    {{1, 1}, {9, 4}, {1, 1}, {0.05, 0.3}},
};
static const struct two_strata bad = {{8, 8}, {8, 8}, {0.1, 0.1}, {0.6, 0.6}};

static void expect_fair(const struct gate_case *c, const struct two_strata *healthy, size_t n)
{
    struct bench b = bench_of_case(c);
    for (size_t i = 0; i < n; i++) {
        double growth = strata_worst_growth(&healthy[i], log_e, &b);
        cr_expect_leq(growth, 1 + SLACK, "%s %s, case %zu: %.17g", c->name,
                      c->keys[0] ? c->keys[0] : "", i, growth);
    }
    cr_expect_gt(strata_worst_growth(&bad, log_e, &b), 1.02, "%s never gains", c->name);
    bench_release(&b);
}

Test(evidence_gates, comparing_gates_are_fair_bets_under_any_common_drift)
{
    for (size_t i = 0; i < N_OF(comparing); i++)
        expect_fair(&comparing[i], no_worse, N_OF(no_worse));
}

/* Two-sided inside, it is one against equal arms; what it shows is less than that. */
Test(evidence_gates, the_dirichlet_mixture_is_a_fair_bet_between_equal_arms)
{
    enum { EQUAL = 5 };
    static const struct gate_case cases[] = {{"dirichlet_multinomial", {NULL}},
                                             {"dirichlet_multinomial", {"concentration", "2"}}};
    for (size_t i = 0; i < N_OF(cases); i++)
        expect_fair(&cases[i], no_worse, EQUAL);
}

Test(evidence_gates, gates_with_a_target_are_fair_bets_where_it_is_kept)
{
    for (size_t i = 0; i < N_OF(absolute); i++)
        expect_fair(&absolute[i], on_target, N_OF(on_target));
}

/* For Poisson events the origins of errors are binomial; with many good requests they nearly are
 * for errors of requests. Here all 12 errors of a stratum are laid out by the margin's share. */
Test(evidence_gates, a_margin_is_fair_at_the_margin)
{
    static const struct gate_case with_margin[] = {{"origin_mixture", {"margin", "2"}},
                                                   {"origin_sprt", {"margin", "2"}},
                                                   {"binomial_mixture", {"margin", "2"}}};
    for (size_t i = 0; i < N_OF(with_margin); i++) {
        struct bench b = bench_of_case(&with_margin[i]);
        double mean = 0, share = 2 * 100 / (2 * 100 + 900.0), worse = 0;
        for (uint64_t x1 = 0; x1 <= 12; x1++) {
            const struct cm_two_counts c = {12 - x1, 900, x1, 100};
            double e = exp(log_e(&c, 1, &b));
            mean += strata_chance(x1, 12, share) * e;
            worse += strata_chance(x1, 12, 0.4) * e;
        }
        cr_expect(fabs(mean - 1) < 1e-9, "%s: %.15g", with_margin[i].name, mean);
        cr_expect_gt(worse, 1.1, "%s", with_margin[i].name);
        bench_release(&b);
    }
}

/* R_t - t never grows: R after a look is at most R + 1 before it, on average. */
Test(evidence_gates, the_shiryaev_roberts_statistic_grows_by_one_a_look_at_most)
{
    struct bench b = bench_of("origin_sr", "looks", "1", NULL);
    for (size_t i = 0; i < N_OF(no_worse); i++) {
        const struct two_strata *w = &no_worse[i];
        struct cm_two_counts strata[2];
        cr_expect_leq(strata_next_mean(w, 0, strata, log_e, &b), 1 + SLACK);
        struct cm_two_counts *c = &strata[0];
        *c = (struct cm_two_counts){.n0 = w->n0[0], .n1 = w->n1[0]};
        for (c->x0 = 0; c->x0 <= c->n0; c->x0++)
            for (c->x1 = 0; c->x1 <= c->n1; c->x1++) {
                double now = exp(log_e(strata, 1, &b));
                double next = strata_next_mean(w, 1, strata, log_e, &b);
                cr_expect_leq(next, (now + 1) * (1 + SLACK), "case %zu: %.15g", i, next);
            }
    }
    struct cm_two_counts strata[2];
    cr_expect_gt(strata_next_mean(&bad, 0, strata, log_e, &b), 1.5);
    bench_release(&b);
}

/* max(1, M) <= 1 + R by induction, M the e-CUSUM, W = ln max(1, M). */
Test(evidence_gates, a_cusum_is_never_above_the_shiryaev_roberts_statistic)
{
    struct bench cusum = bench_of("origin_cusum", "ratio", "2", NULL);
    struct bench sr = bench_of("origin_sr", "ratios", "2", "looks", "1", NULL);
    static const uint64_t errors[] = {0, 3, 1, 0, 5, 2, 0, 0, 4, 9, 1};
    for (size_t i = 0; i < N_OF(errors); i++) {
        double w = bench_look(&cusum, 9, 900, errors[i], 100).why.value;
        double log_sr = bench_look(&sr, 9, 900, errors[i], 100).why.value;
        cr_expect_leq(w, fmax(0, log_sr) + SLACK);
        cr_expect_geq(w, 0);
    }
    bench_release(&cusum), bench_release(&sr);
}

/* --- what they have in common ----------------------------------------------------------------- */

static const struct gate_case all[] = {
    {"origin_mixture", {NULL}},        {"origin_sprt", {NULL}},     {"binomial_mixture", {NULL}},
    {"dirichlet_multinomial", {NULL}}, {"safe_2x2", {NULL}},        {"origin_sr", {NULL}},
    {"origin_cusum", {NULL}},          {"sprt", {"target", "10%"}}, {"betting", {"target", "10%"}},
};

Test(evidence_gates, an_error_more_on_the_canary_never_lowers_the_evidence)
{
    for (size_t i = 0; i < N_OF(all); i++) {
        struct bench b = bench_of_case(&all[i]);
        double last = -INFINITY, first = NAN;
        for (uint64_t x1 = 0; x1 <= 20; x1++) {
            bench_restart(&b);
            bench_look(&b, 20, 900, 20, 100); /* something to learn from */
            double value = bench_look(&b, 20 - x1, 900, x1, 100).why.value;
            cr_expect_geq(value, last, "%s at %d", all[i].name, (int)x1);
            first = x1 ? first : value;
            last = value;
        }
        cr_expect_gt(last, first + 1, "%s", all[i].name);
        bench_release(&b);
    }
}

Test(evidence_gates, a_fail_is_decisive_and_for_good_and_a_pass_is_a_pass)
{
    for (size_t i = 0; i < N_OF(all); i++) {
        struct bench b = bench_of_case(&all[i]);
        cr_expect_eq(bench_look(&b, 9, 900, 1, 100).label, CM_PASS, "%s", all[i].name);
        for (int look = 0; look < 20; look++)
            bench_look(&b, 9, 900, 30, 100);
        struct cm_verdict v = bench_look(&b, 90000, 900000, 0, 100000);
        cr_expect(v.label == CM_FAIL && v.decisive, "%s: %g", all[i].name, v.why.value);
        cr_expect(v.why.value < v.why.limit, "%s: %g", all[i].name, v.why.value);
        bench_release(&b);
    }
}

Test(evidence_gates, without_the_requests_that_it_needs_a_gate_has_no_data)
{
    for (size_t i = 0; i < N_OF(all); i++) {
        struct bench b = bench_of_case(&all[i]);
        bool alone = all[i].keys[0] != NULL; /* those with a target */
        cr_expect_eq(bench_look(&b, 9, 900, 0, 0).label, CM_NO_DATA, "%s", all[i].name);
        bench_restart(&b);
        struct cm_verdict v = bench_look(&b, 0, 0, 1, 100);
        cr_expect_eq(v.label, alone ? CM_PASS : CM_NO_DATA, "%s", all[i].name);
        cr_expect_eq(b.gate->needs(b.options).control, false, "%s", all[i].name);
        bench_release(&b);
    }
}

Test(evidence_gates, a_monitor_that_is_down_is_an_error)
{
    for (size_t i = 0; i < N_OF(all); i++) {
        struct bench b = bench_of_case(&all[i]);
        struct cm_signal signal = {.state = {[CM_CANARY] = CM_GATE_ERROR}};
        struct cm_look look = {.control = CM_STABLE, .signals = &signal, .n_signals = 1};
        bench_look(&b, 9, 900, 1, 100);
        cr_expect_eq(b.gate->look(b.options, b.state, &look).label, CM_GATE_ERROR);
        bench_release(&b);
    }
}

Test(evidence_gates, evidence_of_a_step_is_forgotten_with_the_step)
{
    for (size_t i = 0; i < N_OF(all); i++) {
        struct bench release = bench_of_case(&all[i]);
        const char *const *k = all[i].keys;
        struct bench step = bench_of(all[i].name, "evidence", "step", k[0], k[1], k[2], k[3], NULL);
        struct bench *benches[] = {&release, &step};
        double value[2];
        for (int which = 0; which < 2; which++) {
            struct bench *b = benches[which];
            bench_look(b, 9, 900, 8, 100);
            bench_look(b, 9, 900, 8, 100);
            b->gate->new_step(b->options, b->state);
            struct cm_verdict v = bench_look(b, 5, 900, 3, 100);
            cr_expect_eq(v.why.n1, which ? 100 : 300);
            value[which] = v.why.value;
        }
        bench_restart(&step);
        cr_expect(fabs(bench_look(&step, 5, 900, 3, 100).why.value - value[1]) < SLACK, "%s",
                  all[i].name);
        cr_expect(value[0] != value[1], "%s", all[i].name);
        bench_release(&release), bench_release(&step);
    }
}

/* 1/2, 1/6, 1/12 ... of alpha, as origin_mixture has it. */
Test(evidence_gates, steps_share_alpha)
{
    static const char *const names[] = {"origin_sprt", "binomial_mixture", "safe_2x2"};
    for (size_t i = 0; i < N_OF(names); i++) {
        struct bench b = bench_of(names[i], "evidence", "step", NULL);
        for (int step = 1; step < 9; step++) {
            double alpha = exp(-bench_look(&b, 1, 900, 0, 100).why.limit);
            cr_expect(fabs(alpha - 0.01 / (step * (step + 1))) < 1e-15, "%s: %g", names[i], alpha);
            b.gate->new_step(b.options, b.state);
        }
        bench_release(&b);
    }
}

Test(evidence_gates, only_errors_are_counted)
{
    const struct cm_metric rate = {.signal = CM_REQUEST_RATE};
    for (size_t i = 0; i < N_OF(all); i++) {
        const char *const *k = all[i].keys;
        struct cm_err err = bench_refusal(&rate, all[i].name, k[0], k[1], NULL);
        cr_expect_str_eq(err.text,
                         "the metric counts no errors (this test needs signal = error_ratio)");
    }
}

Test(evidence_gates, alpha_of_a_step_needs_evidence_of_a_step)
{
    static const char *const names[] = {"origin_sprt", "binomial_mixture", "safe_2x2"};
    for (size_t i = 0; i < N_OF(names); i++)
        cr_expect_str_eq(bench_refusal(NULL, names[i], "alpha_per", "step", NULL).text,
                         "alpha_per = step needs evidence = step");
}

/* Whoever adds up or adjusts what steps give must not get all of alpha anew at each: the fail is
 * where the p-value is alpha, and the e-value falls short of it by the step's part. */
Test(evidence_gates, what_a_step_gives_to_others_is_worth_its_part_of_alpha)
{
    static const char *const names[] = {"origin_mixture", "origin_sprt", "binomial_mixture",
                                        "safe_2x2"};
    for (size_t i = 0; i < N_OF(names); i++) {
        struct bench b = bench_of(names[i], "evidence", "step", NULL);
        for (int step = 1; step < 5; step++) {
            bench_look(&b, 9, 900, 6, 100);
            struct cm_verdict v = bench_look(&b, 9, 900, 6, 100);
            double part = 1.0 / (step * (step + 1));
            cr_expect_float_eq(v.why.log_e, v.why.value + log(part), 1e-12, "%s", names[i]);
            cr_expect_float_eq(v.why.p, fmin(1, exp(-v.why.value) / part), 1e-12, "%s", names[i]);
            cr_expect_eq(v.label == CM_FAIL, v.why.p <= 0.01, "%s", names[i]);
            b.gate->new_step(b.options, b.state);
        }
        bench_release(&b);
    }
}
