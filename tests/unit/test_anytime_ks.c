/* The bands of the anytime KS gate on single looks: radii of the shared oracles (the authors' own
 * implementation, executed). */
#include "sim/stats/mixture.h"
#include "tests/unit/gate_bench.h"

static struct cm_verdict bucket_look(struct bench *b, const uint64_t *control,
                                     const uint64_t *canary)
{
    static const struct cm_edges edges = {2, {0.1, 0.2}};
    const struct cm_stratum stratum = {
        .n = {1, 1}, .until = CM_MINUTE, .buckets = {[CM_STABLE] = control, [CM_CANARY] = canary}};
    const struct cm_signal signal = {.fresh = &stratum, .n_fresh = 1};
    const struct cm_look look = {.now = CM_MINUTE,
                                 .since_step = CM_MINUTE,
                                 .control = CM_STABLE,
                                 .edges = &edges,
                                 .signals = &signal,
                                 .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

/* lil.a0.025.tmin100.t10000 and .t100000: alpha / 2 an arm. */
Test(anytime_ks, its_bands_are_those_of_the_oracle)
{
    static const uint64_t control[] = {50000, 49000, 1000}, canary[] = {5000, 4900, 100};
    struct bench b = bench_of("anytime_ks", NULL);
    struct cm_verdict v = bucket_look(&b, control, canary);
    cr_expect_float_eq(v.why.limit, 0.00878856152472 + 0.0273408663224, 1e-8);
    cr_expect_eq(v.label, CM_PASS);
    cr_expect_float_eq(v.why.value, 0, 1e-12);
    bench_release(&b);
}

/* The limit is 3.61 points: of 10000, 361 more have to be above a bound. */
Test(anytime_ks, it_fails_where_the_bands_do_not_meet)
{
    static const uint64_t control[] = {50000, 49000, 1000};
    static const uint64_t near[] = {4640, 5260, 100}, far[] = {4630, 5270, 100};
    static const uint64_t faster[] = {9000, 900, 100};
    struct bench b = bench_of("anytime_ks", NULL);
    cr_expect_eq(bucket_look(&b, control, near).label, CM_PASS);
    bench_restart(&b);
    struct cm_verdict v = bucket_look(&b, control, far);
    cr_expect_eq(v.label, CM_FAIL);
    cr_expect(v.decisive);
    cr_expect_float_eq(v.why.value, 0.037, 1e-9);
    cr_expect_eq(v.why.x1, 5370, "above the bound where the difference is largest");
    cr_expect_eq(bucket_look(&b, control, faster).label, CM_FAIL, "for good");
    bench_restart(&b);
    cr_expect_eq(bucket_look(&b, control, faster).label, CM_PASS, "one-sided");
    bench_release(&b);
}

Test(anytime_ks, thin_arms_do_not_object)
{
    static const uint64_t control[] = {1000, 0, 0}, canary[] = {0, 0, 99}, none[] = {0, 0, 0};
    struct bench b = bench_of("anytime_ks", NULL);
    cr_expect_eq(bucket_look(&b, control, canary).label, CM_PASS, "t_min is 100");
    cr_expect_eq(bucket_look(&b, control, canary).label, CM_FAIL);
    bench_restart(&b);
    cr_expect_eq(bucket_look(&b, control, none).label, CM_NO_DATA);
    bench_release(&b);
}

/* The least of three products, each worked out anew: bounds at 0.1 and 0.2 s. */
Test(quantile_cs, its_evidence_is_the_least_product_over_the_buckets)
{
    static const uint64_t control[] = {700, 250, 50}, canary[] = {600, 300, 100};
    const struct cm_mixture_tuning tuning = {0.09 * 1000, 0.05};
    struct cm_mixture one = cm_mixture_beta_binomial(&tuning, 0.1, 0.9, true);
    struct cm_mixture other = cm_mixture_beta_binomial(&tuning, 0.9, 0.1, true);
    static const double k1[] = {600, 900, 1000}, k0[] = {0, 700, 950};
    double least = INFINITY;
    for (int b = 0; b < 3; b++)
        least = fmin(least, cm_mixture_log_e(&one, 900 - k1[b], 90) +
                                cm_mixture_log_e(&other, k0[b] - 900, 90));
    struct bench b = bench_of("quantile_cs", "quantile", "90%", "t_opt", "1000", NULL);
    struct cm_verdict v = bucket_look(&b, control, canary);
    cr_expect_float_eq(v.why.log_e, least, 1e-9, "%g, not %g", v.why.log_e, least);
    cr_expect_eq(v.label, CM_PASS);
    bench_release(&b);
}

Test(quantile_cs, it_fails_a_canary_whose_quantile_is_in_a_later_bucket)
{
    static const uint64_t control[] = {9500, 400, 100}, slower[] = {8000, 1900, 100};
    static const uint64_t faster[] = {9900, 50, 50}, within[] = {9100, 800, 100};
    struct bench b = bench_of("quantile_cs", "quantile", "90%", NULL);
    cr_expect_eq(bucket_look(&b, control, within).label, CM_PASS, "in the same bucket");
    bench_restart(&b);
    cr_expect_eq(bucket_look(&b, control, faster).label, CM_PASS);
    cr_expect_eq(bucket_look(&b, slower, control).label, CM_PASS);
    bench_restart(&b);
    struct cm_verdict v = bucket_look(&b, control, slower);
    cr_expect(v.label == CM_FAIL && v.decisive, "log e %g", v.why.log_e);
    bench_release(&b);
}

/* The product at every one of 25 buckets, without stopping early. */
static double least_of_all(const struct cm_mixture *canary, const struct cm_mixture *control,
                           const uint64_t *h0, const uint64_t *h1)
{
    double n0 = 0, n1 = 0, k0 = 0, k1 = 0, least = INFINITY;
    for (int b = 0; b < 25; b++)
        n0 += (double)h0[b], n1 += (double)h1[b];
    for (int b = 0; b < 25; b++) {
        k1 += (double)h1[b];
        least = fmin(least, cm_mixture_log_e(control, k0 - 0.9 * n0, 0.09 * n0) +
                                cm_mixture_log_e(canary, 0.9 * n1 - k1, 0.09 * n1));
        k0 += (double)h0[b];
    }
    return least;
}

/* Looks of one gate, so that it starts from what it knows of fewer requests; thin and rich arms,
 * slower and faster canaries, empty buckets. */
Test(quantile_cs, what_it_does_not_look_at_is_no_less)
{
    struct cm_edges edges = {.n = 24};
    const struct cm_mixture_tuning tuning = {0.09 * 10000, 0.05};
    struct cm_mixture canary = cm_mixture_beta_binomial(&tuning, 0.1, 0.9, true);
    struct cm_mixture control = cm_mixture_beta_binomial(&tuning, 0.9, 0.1, true);
    struct bench b = bench_of("quantile_cs", "quantile", "90%", NULL);
    for (int i = 0; i < 300; i++) {
        struct cm_rng rng = cm_rng_stream(5, (uint64_t)i, 0, 0);
        uint64_t h0[25] = {0}, h1[25] = {0}, fresh0[25], fresh1[25];
        double scale = exp(9 * cm_rng_unit(&rng)), shift = 3 * cm_rng_unit(&rng);
        bench_restart(&b);
        for (int look = 0; look < 4; look++) {
            for (int k = 0; k < 25; k++) {
                double far = (k - 12 - shift) / 4, near = (k - 12) / 4.0;
                fresh0[k] = (uint64_t)(scale * exp(-near * near) * cm_rng_unit(&rng));
                fresh1[k] = (uint64_t)(scale / 9 * exp(-far * far) * cm_rng_unit(&rng));
                h0[k] += fresh0[k], h1[k] += fresh1[k];
            }
            fresh0[12]++, fresh1[12]++, h0[12]++, h1[12]++;
            const struct cm_stratum stratum = {
                .n = {1, 1}, .until = 1, .buckets = {[CM_STABLE] = fresh0, [CM_CANARY] = fresh1}};
            const struct cm_signal signal = {.fresh = &stratum, .n_fresh = 1};
            const struct cm_look at = {
                .now = 1, .since_step = 1, .edges = &edges, .signals = &signal, .n_signals = 1};
            double got = b.gate->look(b.options, b.state, &at).why.log_e;
            double want = least_of_all(&canary, &control, h0, h1);
            cr_assert_float_eq(got, want, 1e-9, "study %d, look %d: %g, not %g", i, look, got,
                               want);
        }
    }
    bench_release(&b);
}
