/* Tail evidence (that it is fair is told in test_e_processes.c). */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/origin.h"
#include "sim/stats/tail_origin.h"
#include "tests/unit/close.h"

static const size_t edges[] = {1, 3};
static const double ratios[] = {1.5, 3};

Test(tail_origin, an_edge_counts_everything_from_its_bucket_on)
{
    static const uint64_t control[] = {500, 60, 20, 2}, canary[] = {30, 4, 1, 5};
    double log_e[4] = {0};
    const struct cm_tail_origin t = {2, 2, edges, ratios, log_e};
    const struct cm_tail_stratum stratum = {4, control, canary, 0.06};
    cm_tail_origin_add(&t, &stratum);
    cm_tail_origin_add(&t, &stratum);
    for (int r = 0; r < 2; r++) {
        expect_close(log_e[r], 2 * cm_origin_log_e(82, 10, 0.06, ratios[r]), 1e-13);
        expect_close(log_e[2 + r], 2 * cm_origin_log_e(2, 5, 0.06, ratios[r]), 1e-13);
    }
    expect_close(cm_tail_origin_edge(&t, 1), log((exp(log_e[2]) + exp(log_e[3])) / 2), 1e-13);
    double both = (exp(cm_tail_origin_edge(&t, 0)) + exp(cm_tail_origin_edge(&t, 1))) / 2;
    expect_close(cm_tail_origin_log_e(&t), log(both), 1e-13);
}

Test(tail_origin, a_stratum_may_be_split_in_two)
{
    static const uint64_t whole0[] = {9, 8, 7, 6}, whole1[] = {4, 3, 2, 2};
    static const uint64_t part0[2][4] = {{9, 0, 3, 1}, {0, 8, 4, 5}};
    static const uint64_t part1[2][4] = {{1, 3, 0, 2}, {3, 0, 2, 0}};
    double once[4] = {0}, twice[4] = {0};
    const struct cm_tail_origin a = {2, 2, edges, ratios, once}, b = {2, 2, edges, ratios, twice};
    cm_tail_origin_add(&a, &(struct cm_tail_stratum){4, whole0, whole1, 0.3});
    for (int i = 0; i < 2; i++)
        cm_tail_origin_add(&b, &(struct cm_tail_stratum){4, part0[i], part1[i], 0.3});
    expect_close(cm_tail_origin_log_e(&b), cm_tail_origin_log_e(&a), 1e-13);
}

Test(tail_origin, a_slow_request_of_the_canary_is_more_evidence_than_one_of_the_control)
{
    for (size_t bucket = 0; bucket < 4; bucket++) {
        uint64_t control[] = {50, 9, 6, 3}, canary[] = {10, 2, 1, 1}, more = 1;
        double here[4] = {0}, there[4] = {0};
        const struct cm_tail_origin a = {2, 2, edges, ratios, here},
                                    b = {2, 2, edges, ratios, there};
        control[bucket] += more;
        cm_tail_origin_add(&a, &(struct cm_tail_stratum){4, control, canary, 0.2});
        control[bucket] -= more, canary[bucket] += more;
        cm_tail_origin_add(&b, &(struct cm_tail_stratum){4, control, canary, 0.2});
        cr_expect_geq(cm_tail_origin_log_e(&b), cm_tail_origin_log_e(&a));
        cr_expect_eq(cm_tail_origin_log_e(&b) > cm_tail_origin_log_e(&a), bucket >= edges[0]);
    }
}

Test(tail_origin, nothing_slow_is_no_evidence)
{
    static const uint64_t fast[] = {100, 0, 0, 0};
    double log_e[4] = {0};
    const struct cm_tail_origin t = {2, 2, edges, ratios, log_e};
    cm_tail_origin_add(&t, &(struct cm_tail_stratum){4, fast, fast, 0.5});
    cr_expect_eq(cm_tail_origin_log_e(&t), 0);
}
