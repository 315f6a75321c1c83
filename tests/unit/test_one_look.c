/* Gates that test for one look: sourced p-values through whole looks, and what they share (guards,
 * divided alpha, what is added up). Numbers without a source of their own are of the shared oracles
 * (tests/oracle/stat_oracles.json, computed with R and mpmath). */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/unit/gate_bench.h"

static bool close_to(double got, double want, double relative)
{
    return fabs(got - want) <= relative * fabs(want);
}

static const struct cm_metric latency = {.signal = CM_LATENCY_QUANTILE};
static const struct cm_metric errors = {.signal = CM_ERROR_RATIO};

/* One look at 80 of 8000 against 22 of 900. */
static struct cm_verdict look_once(struct bench b)
{
    struct cm_verdict v = bench_look(&b, 80, 8000, 22, 900);
    bench_release(&b);
    return v;
}

Test(two_proportion_gate, every_method_has_its_p)
{
    struct cm_verdict fisher = look_once(bench_of("two_proportion", "method", "fisher", NULL));
    struct cm_verdict z = look_once(bench_of("two_proportion", "method", "pooled_z", NULL));
    /* z = 3.85984646351: erfc(z / sqrt 2) / 2 */
    double p = erfc(3.85984646351 / sqrt(2)) / 2;
    cr_expect(close_to(fisher.why.p, 4.48121124526e-4, 1e-10), "%.12g", fisher.why.p);
    cr_expect(close_to(z.why.p, p, 1e-9), "%.12g", z.why.p);
    cr_expect(fisher.label == CM_FAIL && fisher.decisive && z.label == CM_FAIL);
    cr_expect(fisher.why.x0 == 80 && fisher.why.n0 == 8000 && fisher.why.x1 == 22);
}

Test(two_proportion_gate, a_dispersion_divides_the_square_of_z)
{
    struct cm_verdict v =
        look_once(bench_of("two_proportion", "method", "pooled_z", "dispersion", "4", NULL));
    cr_expect(close_to(v.why.p, erfc(3.85984646351 / 2 / sqrt(2)) / 2, 1e-9), "%g", v.why.p);
    cr_expect(v.label == CM_PASS);
    struct cm_err err = bench_refusal(NULL, "two_proportion", "dispersion", "2", NULL);
    cr_expect(strstr(err.text, "needs method = pooled_z or unpooled_z") != NULL, "%s", err.text);
}

Test(one_look, alpha_is_divided_among_looks_and_gates)
{
    struct cm_verdict v = look_once(bench_of("two_proportion", "alpha", "2%", "looks", "5",
                                             "alpha_over", "4", "method", "fisher", NULL));
    cr_expect(close_to(v.why.limit, 0.001, 1e-12) && v.label == CM_FAIL, "%g", v.why.limit);
    v = look_once(bench_of("two_proportion", "alpha", "2%", "looks", "10", "alpha_over", "5",
                           "method", "fisher", NULL));
    cr_expect(close_to(v.why.limit, 0.0004, 1e-12) && v.label == CM_PASS, "%g", v.why.limit);
}

Test(one_look, the_window_replaces_what_the_step_adds_up)
{
    struct bench step = bench_of("two_proportion", NULL);
    struct bench window = bench_of("two_proportion", "evidence", "window", NULL);
    for (int i = 0; i < 3; i++) {
        struct cm_verdict a = bench_look(&step, 1, 900, 1, 100);
        struct cm_verdict b = bench_look(&window, 1, 900, 1, 100);
        cr_expect(a.why.n1 == 100 * (uint64_t)(i + 1) && a.why.x0 == (uint64_t)i + 1);
        cr_expect(b.why.n1 == 100 && b.why.x0 == 1);
    }
    struct cm_needs needs = window.gate->needs(window.options);
    cr_expect(needs.window && !needs.strata && needs.control && needs.requests == 100);
    needs = step.gate->needs(step.options);
    cr_expect(!needs.window && needs.strata && needs.control && needs.requests == 0);
    bench_release(&step), bench_release(&window);
}

Test(one_look, a_new_step_forgets_unless_the_release_is_added_up)
{
    static const char *const kinds[] = {"two_proportion", "cmh", "farrington_manning",
                                        "poisson_exact"};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (int release = 0; release < 2; release++) {
            struct bench b = bench_of(kinds[k], "evidence", release ? "release" : "step", NULL);
            bench_look(&b, 5, 900, 5, 100);
            b.gate->new_step(b.options, b.state);
            struct cm_verdict v = bench_look(&b, 1, 900, 1, 100);
            cr_expect(v.why.x1 == (release ? 6 : 1), "%s: %d", kinds[k], (int)v.why.x1);
            bench_release(&b);
        }
}

Test(one_look, what_is_too_thin_is_not_tested)
{
    static const char *const kinds[] = {"two_proportion", "cmh", "farrington_manning",
                                        "poisson_exact"};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct bench b = bench_of(kinds[k], "min_requests", "100", NULL);
        cr_expect(bench_look(&b, 0, 900, 0, 0).label == CM_NO_DATA, "%s", kinds[k]);
        cr_expect(bench_look(&b, 0, 900, 99, 99).label == CM_UNDECIDED, "%s", kinds[k]);
        bench_restart(&b);
        cr_expect(bench_look(&b, 0, 0, 10, 100).label == CM_NO_DATA, "%s", kinds[k]);
        struct cm_signal s = {.state = {CM_PASS, CM_GATE_ERROR, CM_NO_DATA}};
        struct cm_look look = {.control = CM_STABLE, .signals = &s, .n_signals = 1};
        cr_expect(b.gate->look(b.options, b.state, &look).label == CM_GATE_ERROR);
        struct cm_err err = bench_refusal(&latency, kinds[k], NULL);
        cr_expect(strstr(err.text, "counts no errors") != NULL, "%s: %s", kinds[k], err.text);
        cr_expect(bench_refusal(&errors, kinds[k], NULL).text[0] == '\0', "%s", kinds[k]);
        bench_release(&b);
    }
    struct bench few = bench_of("cmh", "min_errors", "100", NULL);
    struct cm_verdict v = bench_look(&few, 0, 900, 99, 900);
    cr_expect(v.label == CM_PASS && strstr(few.gate->rules[v.rule], "too few errors") != NULL);
    cr_expect(bench_look(&few, 0, 0, 1, 1).label == CM_FAIL);
    bench_release(&few);
}

/* --- cmh -------------------------------------------------------------------------------------- */

/* cmh of [[8, 1900, 1, 100], [9, 1800, 3, 200], [20, 1500, 12, 500]]: z = 2.33323469974. */
static struct cm_verdict three_strata(struct bench *b)
{
    bench_look(b, 8, 1900, 1, 100);
    bench_look(b, 9, 1800, 3, 200);
    return bench_look(b, 20, 1500, 12, 500);
}

Test(cmh, three_strata_have_the_p_of_the_oracle)
{
    struct bench b = bench_of("cmh", NULL);
    struct cm_verdict v = three_strata(&b);
    cr_expect(close_to(v.why.p, 0.009817915285497993, 1e-10), "%.15g", v.why.p);
    cr_expect(v.label == CM_FAIL && v.why.limit == 0.01 && v.why.n0 == 5200 && v.why.x1 == 16);
    bench_release(&b);
    b = bench_of("cmh", "dispersion", "2", NULL);
    v = three_strata(&b);
    cr_expect(close_to(v.why.p, erfc(2.3332346997373374 / sqrt(2) / sqrt(2)) / 2, 1e-10));
    cr_expect(v.label == CM_PASS);
    bench_release(&b);
}

/* Simpson: both arms fail 10 % at first and 1 % later, when the canary has the other share. */
Test(cmh, a_rate_that_drifts_while_the_weight_ramps_is_no_difference)
{
    struct bench strata = bench_of("cmh", NULL);
    struct bench crude = bench_of("two_proportion", "evidence", "release", NULL);
    bench_look(&strata, 10, 100, 90, 900);
    bench_look(&crude, 10, 100, 90, 900);
    struct cm_verdict a = bench_look(&strata, 9, 900, 1, 100);
    struct cm_verdict b = bench_look(&crude, 9, 900, 1, 100);
    cr_expect(close_to(a.why.p, 0.5, 1e-12) && a.label == CM_PASS);
    cr_expect(b.label == CM_FAIL, "%g", b.why.p);
    bench_release(&strata), bench_release(&crude);
}

/* --- non-inferiority -------------------------------------------------------------------------- */

Test(farrington_manning, a_difference_is_held_against_its_margin)
{
    /* z = 2.197921679096862 at the margin 0.5 pp; p of being below it is 1 - 0.0139773438578. */
    struct bench b = bench_of("farrington_manning", "max_ratio", "1", "max_increase", "0.5%",
                              "alpha", "2.5%", NULL);
    struct cm_verdict v = bench_look(&b, 80, 8000, 22, 900);
    cr_expect(close_to(v.why.p, 1 - 0.013977343857813056, 1e-10), "%.15g", v.why.p);
    cr_expect(v.label == CM_UNDECIDED && v.why.scale == CM_SCALE_DIFFERENCE);
    cr_expect(close_to(v.why.value, 22.0 / 900 - 0.01, 1e-12) && v.why.limit == 0.005);
    /* Miettinen and Nurminen at 95 %. */
    cr_expect(close_to(v.why.low, .00584214253, 1e-8), "%.12g", v.why.low);
    cr_expect(close_to(v.why.high, .02688513721, 1e-8), "%.12g", v.why.high);
    bench_release(&b);
}

Test(farrington_manning, a_canary_within_the_margin_passes_decisively)
{
    struct bench b = bench_of("farrington_manning", NULL);
    /* Equal at 1 %: 1.25 times takes 1.645 = .0025 / SE, some 15,000 an arm. */
    struct cm_verdict few = bench_look(&b, 20, 2000, 20, 2000);
    cr_expect(few.label == CM_UNDECIDED && !few.decisive && few.why.p > 0.05);
    struct cm_verdict many = bench_look(&b, 180, 18000, 180, 18000);
    cr_expect(many.label == CM_PASS && many.decisive && many.why.scale == CM_SCALE_RATIO);
    cr_expect(many.why.value == 1 && many.why.limit == 1.25 && many.why.high < 1.25);
    bench_release(&b);
    /* Near 0 only the absolute margin can be shown: zero of n is below .1 pp at 2,995 (rule of
     * three, about: -ln .05 / .001); the ratio never is. */
    b = bench_of("farrington_manning", "max_increase", "0", NULL);
    cr_expect(bench_look(&b, 0, 30000, 0, 30000).label == CM_UNDECIDED);
    bench_release(&b);
    b = bench_of("farrington_manning", NULL);
    cr_expect(bench_look(&b, 0, 30000, 0, 30000).label == CM_PASS);
    bench_release(&b);
    struct cm_err err =
        bench_refusal(NULL, "farrington_manning", "max_ratio", "1", "max_increase", "0", NULL);
    cr_expect(strstr(err.text, "leave no margin") != NULL, "%s", err.text);
}

/* --- events per exposure ---------------------------------------------------------------------- */

Test(poisson_exact, requests_as_exposure_have_the_oracle_s_p_and_interval)
{
    /* 90 in 4000 against 14 in 400: p = .0888319574510, 95 % [.817752409, 2.747579841]. */
    struct bench b = bench_of("poisson_exact", "exposure", "requests", "alpha", "2.5%", NULL);
    struct cm_verdict v = bench_look(&b, 90, 4000, 14, 400);
    cr_expect(close_to(v.why.p, .0888319574510, 1e-9), "%.12g", v.why.p);
    cr_expect(close_to(v.why.low, .817752409, 1e-7), "%.12g", v.why.low);
    cr_expect(close_to(v.why.high, 2.747579841, 1e-7), "%.12g", v.why.high);
    cr_expect(v.label == CM_PASS && v.why.scale == CM_SCALE_RATIO && v.why.limit == 1);
    cr_expect(close_to(v.why.value, 14.0 / 400 / (90.0 / 4000), 1e-12));
    bench_release(&b);
}

Test(poisson_exact, it_fails_just_when_the_ratio_is_below_the_interval)
{
    for (uint64_t x1 = 0; x1 < 40; x1++) {
        struct bench b = bench_of("poisson_exact", "ratio", "1.5", "alpha", "5%", NULL);
        struct cm_verdict v = bench_look(&b, 60, 900, x1, 100);
        cr_expect((v.label == CM_FAIL) == (v.why.low >= 1.5), "%d: %g", (int)x1, v.why.low);
        bench_release(&b);
    }
}

/* Of ten events at a tenth of the time, all on the canary: (1/10)^10. */
Test(poisson_exact, the_planned_share_of_the_time_is_the_exposure)
{
    struct bench b = bench_of("poisson_exact", "min_requests", "0", NULL);
    struct cm_verdict v = bench_look(&b, 0, 900, 10, 100);
    cr_expect(close_to(v.why.p, 1e-10, 1e-8), "%g", v.why.p);
    bench_restart(&b);
    /* A tenth, then a half: 0.6 of 2 minutes. Mean share 0.3: .3^4. */
    bench_look(&b, 0, 900, 2, 100);
    v = bench_look(&b, 0, 50, 2, 50);
    cr_expect(close_to(v.why.p, pow(0.3, 4), 1e-10), "%g", v.why.p);
    bench_release(&b);
    b = bench_of("poisson_exact", "method", "mid_p", "min_requests", "0", NULL);
    v = bench_look(&b, 0, 900, 10, 100);
    cr_expect(close_to(v.why.p, 0.5e-10, 1e-8), "%g", v.why.p);
    bench_release(&b);
}

/* A composite takes p for what it says. */
Test(one_look, a_look_that_a_guard_holds_back_has_no_p_to_combine)
{
    struct bench requests = bench_of("two_proportion", "min_requests", "200", NULL);
    struct bench few = bench_of("cmh", "min_errors", "100", NULL);
    struct cm_verdict v = bench_look(&requests, 1, 900, 30, 100);
    cr_expect(v.label == CM_UNDECIDED && isnan(v.why.p) && v.why.value < 0.01, "%g", v.why.p);
    v = bench_look(&requests, 1, 900, 30, 100);
    cr_expect(v.label == CM_FAIL && v.why.p == v.why.value, "%g", v.why.p);
    v = bench_look(&few, 1, 900, 30, 100);
    cr_expect(v.label == CM_PASS && isnan(v.why.p) && v.why.value < 0.01, "%g", v.why.p);
    bench_release(&requests), bench_release(&few);
}
