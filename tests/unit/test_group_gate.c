/* The group sequential gate on looks made by hand: its boundaries against the tables of Jennison
 * and Turnbull and the shared oracles (own recursion, checked with rpact); when it analyses. */
#include "tests/unit/gate_bench.h"

/* A look without a difference, for what is shown of it. */
static struct cm_verdict quiet_look(struct bench *b)
{
    return bench_look(b, 100, 1000, 100, 1000);
}

static void expect_bounds(struct bench b, const double *want, int n, double tolerance)
{
    for (int k = 0; k < n; k++) {
        struct cm_verdict v = quiet_look(&b);
        cr_expect_float_eq(v.why.limit, want[k], tolerance, "look %d: %.9g, not %.9g", k + 1,
                           v.why.limit, want[k]);
        cr_expect_eq(v.label, CM_PASS);
    }
    bench_release(&b);
}

/* B.gs: OBF-like, K = 4, one-sided 2.5 %; Pocock-like, K = 5; Jennison and Turnbull, tables 2.1
 * (Pocock), 2.3 (O'Brien and Fleming, C sqrt(K / k)). */
Test(group_sequential, its_boundaries_are_those_of_the_tables)
{
    static const double of[] = {4.33263364605, 2.96313159768, 2.35904428530, 2.01409014403};
    static const double pocock_like[] = {2.4380, 2.4268, 2.4102, 2.3966, 2.3860};
    static const double pocock[] = {2.4132, 2.4132, 2.4132, 2.4132, 2.4132};
    const double fleming[] = {2.0401 * sqrt(5.0), 2.0401 * sqrt(2.5), 2.0401 * sqrt(5 / 3.0),
                              2.0401 * sqrt(1.25), 2.0401};
    expect_bounds(
        bench_of("group_sequential", "boundary", "spend_obrien_fleming", "looks", "4", NULL), of, 4,
        1e-8);
    expect_bounds(bench_of("group_sequential", "looks", "5", NULL), pocock_like, 5, 6e-5);
    expect_bounds(bench_of("group_sequential", "boundary", "pocock", "looks", "5", NULL), pocock, 5,
                  6e-5);
    expect_bounds(bench_of("group_sequential", "boundary", "obrien_fleming", "looks", "5", NULL),
                  fleming, 5, 2e-4);
}

/* Wang and Tsiatis' family holds the other two; power and Hwang's spending at their limits. */
Test(group_sequential, shapes_and_spending_functions_meet)
{
    static const struct {
        const char *a[2], *b[2]; /* boundary, shape */
    } pairs[] = {
        {{"wang_tsiatis", "0.5"}, {"pocock", "none"}},
        {{"wang_tsiatis", "0"}, {"obrien_fleming", "none"}},
        {{"spend_hwang", "0"}, {"spend_power", "1"}},
        {{"spend_hwang", "none"}, {"spend_hwang", "-4"}},
        {{"spend_power", "none"}, {"spend_power", "2"}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct bench a = bench_of("group_sequential", "looks", "6", "boundary", pairs[i].a[0],
                                  "shape", pairs[i].a[1], NULL);
        struct bench b = bench_of("group_sequential", "looks", "6", "boundary", pairs[i].b[0],
                                  "shape", pairs[i].b[1], NULL);
        for (int k = 0; k < 6; k++) {
            double left = quiet_look(&a).why.limit, right = quiet_look(&b).why.limit;
            cr_expect_float_eq(left, right, 1e-6, "pair %zu, look %d", i, k);
        }
        bench_release(&a);
        bench_release(&b);
    }
}

/* A.cmh: z of one stratum is (150 - 125) / sqrt(1000^2 * 250 * 1750 / (2000^2 * 1999)). */
Test(group_sequential, it_holds_the_stratified_z_against_the_boundary_of_its_look)
{
    struct bench b = bench_of("group_sequential", "looks", "5", "boundary", "pocock", NULL);
    struct cm_verdict v = bench_look(&b, 100, 1000, 150, 1000);
    double z = 25 / sqrt(250.0 * 1750 / (4 * 1999.0));
    cr_expect_float_eq(v.why.value, z, 1e-9);
    cr_expect_eq(v.label, CM_FAIL, "%g is above 2.41", z);
    cr_expect(v.decisive);
    v = bench_look(&b, 300, 1000, 100, 1000);
    cr_expect_eq(v.label, CM_FAIL, "for good");
    bench_restart(&b);
    cr_expect_eq(bench_look(&b, 100, 1000, 130, 1000).label, CM_PASS, "z is 2.1");
    bench_release(&b);
    struct bench spread = bench_of("group_sequential", "looks", "5", "dispersion", "4", NULL);
    v = bench_look(&spread, 100, 1000, 150, 1000);
    cr_expect_float_eq(v.why.value, z / 2, 1e-9);
    bench_release(&spread);
}

Test(group_sequential, after_the_last_planned_look_it_objects_no_more)
{
    struct bench b = bench_of("group_sequential", "looks", "2", NULL);
    quiet_look(&b);
    quiet_look(&b);
    struct cm_verdict v = bench_look(&b, 0, 100000, 9000, 100000);
    cr_expect_eq(v.label, CM_PASS);
    cr_expect_str_eq(b.gate->rules[v.rule], "all planned analyses are over");
    bench_restart(&b);
    quiet_look(&b);
    cr_expect_eq(bench_look(&b, 0, 0, 0, 0).label, CM_PASS);
    cr_expect_eq(bench_look(&b, 0, 100000, 9000, 100000).label, CM_PASS, "two looks were made");
    bench_release(&b);
}

/* 1000 and 1000 requests bring 500. */
Test(group_sequential, by_information_an_analysis_comes_with_each_part_of_it)
{
    struct bench b = bench_of("group_sequential", "looks", "4", "fraction", "information",
                              "planned", "4000", "boundary", "pocock", NULL);
    int analyses = 0;
    for (int k = 0; k < 8; k++) {
        struct cm_verdict v = quiet_look(&b);
        bool is_one = !strcmp(b.gate->rules[v.rule], "z is below the boundary of this analysis");
        cr_expect_eq(is_one, k % 2 == 1, "look %d", k + 1);
        analyses += is_one;
    }
    cr_expect_eq(analyses, 4);
    bench_restart(&b);
    cr_expect_eq(bench_look(&b, 10, 1000, 100, 1000).label, CM_PASS, "not due");
    cr_expect_eq(bench_look(&b, 10, 1000, 100, 1000).label, CM_FAIL, "due");
    bench_release(&b);
}

Test(group_sequential, what_makes_no_sense_is_refused)
{
    cr_expect_str_eq(bench_refusal(NULL, "group_sequential", "shape", "1", NULL).text,
                     "boundary = spend_pocock has no shape");
    cr_expect_str_eq(
        bench_refusal(NULL, "group_sequential", "boundary", "spend_power", "shape", "-1", NULL)
            .text,
        "shape -1 is not above 0");
    cr_expect_str_eq(bench_refusal(NULL, "group_sequential", "fraction", "information", NULL).text,
                     "fraction = information needs planned, and nothing else does");
    cr_expect_str_eq(bench_refusal(NULL, "group_sequential", "planned", "1000", NULL).text,
                     "fraction = information needs planned, and nothing else does");
}
