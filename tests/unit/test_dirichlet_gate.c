/* dirichlet_multinomial on single looks: the shared oracle (mpmath), its classes, its options. */
#include <criterion/criterion.h>

#include "tests/unit/gate_bench.h"

static const struct cm_edges edges = {3, {0.1, 0.2, 0.4}};

/* A look at which no arm erred, and these latencies were seen. */
static struct cm_verdict look_at(struct bench *b, const uint64_t *control, const uint64_t *canary)
{
    struct cm_stratum errors = {.until = CM_MINUTE}, latency = {.until = CM_MINUTE};
    for (int i = 0; i < 4; i++)
        errors.n[CM_STABLE] += control[i], errors.n[CM_CANARY] += canary[i];
    latency.buckets[CM_STABLE] = control, latency.buckets[CM_CANARY] = canary;
    struct cm_signal signals[] = {{.fresh = &errors, .n_fresh = 1},
                                  {.fresh = &latency, .n_fresh = 1}};
    struct cm_look look = {.now = CM_MINUTE,
                           .since_step = CM_MINUTE,
                           .control = CM_STABLE,
                           .edges = &edges,
                           .signals = signals,
                           .n_signals = 2};
    bench_restart(b);
    return b->gate->look(b->options, b->state, &look);
}

/* dirichlet_multinomial_log_bf: counts of 180 and 22, shares of 90 % and 10 %, k = 100. */
Test(dirichlet_gate, looks_are_the_oracle_s)
{
    struct bench b = bench_of("dirichlet_multinomial", NULL);
    double log_e = bench_look(&b, 180, 9000, 22, 1000).why.log_e;
    cr_expect(fabs(log_e - -0.5254587275080991) < 1e-11, "%.17g", log_e);
    bench_release(&b);
}

Test(dirichlet_gate, a_canary_with_less_than_its_share_is_never_objected_to)
{
    struct bench b = bench_of("dirichlet_multinomial", NULL);
    struct cm_verdict v = bench_look(&b, 300, 5000, 100, 5000); /* far from half, but better */
    cr_expect(v.label == CM_PASS && v.why.log_e <= 0, "%g", v.why.log_e);
    bench_restart(&b);
    cr_expect_eq(bench_look(&b, 100, 5000, 300, 5000).label, CM_FAIL);
    bench_release(&b);
}

/* With slower = 100ms, 150ms the classes are the second bucket, and those past 200 ms. */
Test(dirichlet_gate, latencies_fall_into_classes_whose_mean_or_product_counts)
{
    static const uint64_t control[] = {860, 70, 40, 30}, canary[] = {50, 16, 14, 20};
    struct bench one = bench_of("dirichlet_multinomial", NULL);
    struct bench mean =
        bench_of("dirichlet_multinomial", "latency", "l", "slower", "100ms, 150ms", NULL);
    struct bench product = bench_of("dirichlet_multinomial", "latency", "l", "slower",
                                    "100ms, 150ms", "combine", "product", NULL);
    double band = bench_look(&one, 70, 1000, 16, 100).why.log_e;
    bench_restart(&one);
    double tail = bench_look(&one, 70, 1000, 34, 100).why.log_e;
    double want = log((1 + exp(band) + exp(tail)) / 3),
           got = look_at(&mean, control, canary).why.log_e;
    cr_expect(fabs(got - want) < 1e-9, "%.17g, not %.17g", got, want);
    got = look_at(&product, control, canary).why.log_e;
    cr_expect(fabs(got - (band + tail)) < 1e-9, "%.17g, not %.17g", got, band + tail);
    cr_expect(mean.gate->needs(mean.options).buckets && !one.gate->needs(one.options).buckets);
    bench_release(&one), bench_release(&mean), bench_release(&product);
}

Test(dirichlet_gate, options_that_cannot_work_are_refused)
{
    const char *gate = "dirichlet_multinomial";
    cr_expect_str_eq(bench_refusal(NULL, gate, "slower", "1s", NULL).text,
                     "latency and slower need each other");
    cr_expect_str_eq(
        bench_refusal(NULL, gate, "slower", "1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s", NULL).text,
        "slower has 8 latencies (at most 7)");
}
