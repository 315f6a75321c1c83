/* Bayesian gates on single looks, against the shared oracles (mpmath, R). */
#include "tests/unit/gate_bench.h"

static void expect_near(double got, double want, double relative)
{
    cr_expect_float_eq(got, want, relative * fabs(want), "%.12g is not %.12g", got, want);
}

/* D.beta_prob_greater.s01, .s02: Beta(23, 879) against Beta(81, 7921). */
Test(bayes, its_probability_is_that_of_the_oracle)
{
    struct bench b = bench_of("bayes", NULL);
    struct cm_verdict v = bench_look(&b, 80, 8000, 22, 900);
    expect_near(v.why.value, 0.9998018399449831, 1e-7);
    cr_expect_eq(v.label, CM_FAIL);
    cr_expect(v.decisive);
    bench_release(&b);
    struct bench margin = bench_of("bayes", "margin", "1%", NULL);
    v = bench_look(&margin, 80, 8000, 22, 900);
    expect_near(v.why.value, 0.8437937003066901, 1e-7);
    cr_expect_eq(v.label, CM_PASS, "below 99 %%");
    bench_release(&margin);
}

/* D.beta_expected_loss.s01: 0.0153765802990 errors a request. */
Test(bayes, its_loss_is_that_of_the_oracle)
{
    struct bench b = bench_of("bayes", "probability", "99.99%", "max_loss", "1.5%", NULL);
    struct cm_verdict v = bench_look(&b, 80, 8000, 22, 900);
    expect_near(v.why.value, 0.01537658029895441, 1e-6);
    cr_expect_eq(v.label, CM_FAIL, "above 1.5 points");
    cr_expect_str_eq(b.gate->rules[v.rule], "promoting is expected to cost more than max_loss");
    bench_release(&b);
    b = bench_of("bayes", "probability", "99.99%", "max_loss", "1.6%", NULL);
    cr_expect_eq(bench_look(&b, 80, 8000, 22, 900).label, CM_PASS);
    bench_release(&b);
}

/* D.beta_expected_loss.s02: with the arms exchanged the loss is 1.58e-7. */
Test(bayes, a_cheap_release_passes_early)
{
    struct bench b = bench_of("bayes", "promote_loss", "0.00002%", NULL);
    struct cm_verdict v = bench_look(&b, 22, 900, 80, 8000);
    expect_near(v.why.value, 1.5832905885858948e-07, 1e-6);
    cr_expect(v.label == CM_PASS && v.decisive);
    bench_release(&b);
    b = bench_of("bayes", "promote_loss", "0.00001%", NULL);
    cr_expect(!bench_look(&b, 22, 900, 80, 8000).decisive);
    bench_release(&b);
}

Test(bayes, evidence_is_of_the_step_unless_it_is_of_the_release)
{
    struct bench step = bench_of("bayes", NULL);
    struct bench release = bench_of("bayes", "evidence", "release", NULL);
    struct bench *both[] = {&step, &release};
    uint64_t n1[2];
    for (int i = 0; i < 2; i++) {
        bench_look(both[i], 10, 1000, 10, 1000);
        both[i]->gate->new_step(both[i]->options, both[i]->state);
        n1[i] = bench_look(both[i], 10, 1000, 10, 1000).why.n1;
    }
    cr_expect_eq(n1[0], 1000);
    cr_expect_eq(n1[1], 2000);
    bench_release(&step);
    bench_release(&release);
}

Test(bayes, guards)
{
    struct bench b = bench_of("bayes", NULL);
    cr_expect_eq(bench_look(&b, 10, 1000, 50, 99).label, CM_UNDECIDED);
    bench_restart(&b);
    cr_expect_eq(bench_look(&b, 0, 0, 50, 99).label, CM_NO_DATA);
    bench_release(&b);
    struct bench flat = bench_of("bayes", "dispersion", "10", NULL),
                 sharp = bench_of("bayes", NULL);
    cr_expect_lt(bench_look(&flat, 80, 8000, 22, 900).why.value,
                 bench_look(&sharp, 80, 8000, 22, 900).why.value);
    bench_release(&flat);
    bench_release(&sharp);
    cr_expect_str_eq(
        bench_refusal(NULL, "bayes", "max_loss", "1%", "promote_loss", "2%", NULL).text,
        "promote_loss (0.02) must be below max_loss (0.01)");
}

/* D.gamma_prob_ratio_greater.s01, .s02: 14 events in 400 against 90 in 4000. */
Test(gamma_poisson, its_probability_is_that_of_the_oracle)
{
    struct bench b = bench_of("gamma_poisson", "prior_shape", "1", "prior_rate", "1", NULL);
    expect_near(bench_look(&b, 90, 4000, 14, 400).why.value, 0.9462227348664122, 1e-8);
    bench_release(&b);
    b = bench_of("gamma_poisson", "ratio", "1.25", "probability", "78%", NULL);
    struct cm_verdict v = bench_look(&b, 90, 4000, 14, 400);
    expect_near(v.why.value, 0.7823637892602224, 1e-8);
    cr_expect(v.label == CM_FAIL && v.decisive);
    bench_release(&b);
}

/* Strata of the bench last a minute and have no planned share: all time is the control's. So much
 * for the same oracle in seconds: 4000 and 400 of them. */
Test(gamma_poisson, exposure_may_be_time_at_the_planned_share)
{
    struct bench b = bench_of("gamma_poisson", "exposure", "time", "prior_shape", "1", "prior_rate",
                              "1", "evidence", "release", NULL);
    const struct cm_stratum strata[] = {{.until = 4000 * CM_SECOND, .x = {90, 10}, .n = {400, 40}},
                                        {.from = 4000 * CM_SECOND,
                                         .until = 4400 * CM_SECOND,
                                         .planned_share = 1,
                                         .x = {0, 4},
                                         .n = {1, 40}}};
    const struct cm_signal signal = {.fresh = strata, .n_fresh = 2};
    const struct cm_look look = {
        .now = 4400 * CM_SECOND, .control = CM_STABLE, .signals = &signal, .n_signals = 1};
    expect_near(b.gate->look(b.options, b.state, &look).why.value, 0.9462227348664122, 1e-8);
    bench_release(&b);
}

Test(gamma_poisson, few_errors_do_not_object)
{
    struct bench b = bench_of("gamma_poisson", "min_errors", "5", NULL);
    struct cm_verdict v = bench_look(&b, 0, 1000, 4, 10);
    cr_expect_eq(v.label, CM_PASS);
    cr_expect_gt(v.why.value, 0.99);
    cr_expect_eq(bench_look(&b, 0, 1000, 4, 10).label, CM_FAIL);
    bench_release(&b);
}
