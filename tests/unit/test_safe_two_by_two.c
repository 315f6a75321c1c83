/* The safe test of two shares, block by block (that it is fair is told in test_e_processes.c). */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/safe_two_by_two.h"
#include "tests/unit/close.h"

Test(safe_two_by_two, a_block_is_a_ratio_of_likelihoods)
{
    /* 10 and 30 requests at 0.2 and 0.4: together 0.35. */
    const struct cm_two_counts block = {3, 10, 11, 30};
    double want =
        3 * log(0.2 / 0.35) + 7 * log(0.8 / 0.65) + 11 * log(0.4 / 0.35) + 19 * log(0.6 / 0.65);
    expect_close(cm_safe_two_by_two_block(&block, 0.2, 0.4), want, 1e-13);
    cr_expect_float_eq(cm_safe_two_by_two_block(&block, 0.3, 0.3), 0, 1e-14);
}

Test(safe_two_by_two, empty_blocks_say_nothing)
{
    const struct cm_two_counts none = {0}, one_arm = {2, 10, 0, 0};
    cr_expect_eq(cm_safe_two_by_two_block(&none, 0.2, 0.4), 0);
    cr_expect_float_eq(cm_safe_two_by_two_block(&one_arm, 0.2, 0.4), 0, 1e-14);
    struct cm_safe_two_by_two s = {.prior = 0.18};
    cm_safe_two_by_two_add(&s, &none);
    cr_expect_eq(s.log_e, 0);
}

Test(safe_two_by_two, a_block_is_judged_by_the_blocks_before_it)
{
    const struct cm_two_counts first = {1, 20, 4, 10}, second = {2, 20, 3, 10};
    struct cm_safe_two_by_two s = {.prior = 0.5};
    cm_safe_two_by_two_add(&s, &first);
    cr_expect_eq(s.log_e, 0); /* both posteriors are at 1/2 */
    cm_safe_two_by_two_add(&s, &second);
    expect_close(s.log_e, cm_safe_two_by_two_block(&second, 1.5 / 21, 4.5 / 11), 1e-14);
    cr_expect(s.seen.x0 == 3 && s.seen.n0 == 40 && s.seen.x1 == 7 && s.seen.n1 == 20);
}

Test(safe_two_by_two, one_sided_it_waits_while_the_canary_looks_better)
{
    const struct cm_two_counts better = {10, 20, 1, 20}, worse = {1, 20, 18, 20};
    struct cm_safe_two_by_two s = {.prior = 0.18, .one_sided = true};
    for (int i = 0; i < 3; i++)
        cm_safe_two_by_two_add(&s, &better);
    cr_expect_eq(s.log_e, 0);
    for (int i = 0; i < 12; i++)
        cm_safe_two_by_two_add(&s, &worse);
    cr_expect_gt(s.log_e, 10);
}
