/* Betting: every stream of zeros and ones is enumerated, and nobody wins on average. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/betting.h"
#include "tests/unit/close.h"

enum { LENGTH = 10 };

/* Means of the numbers, which drift; m at most. */
static double chance(unsigned path, double m, double below)
{
    double product = 1;
    for (int i = 0; i < LENGTH; i++) {
        double p = m * (1 - below * (i % 3) / 2);
        product *= path >> i & 1 ? p : 1 - p;
    }
    return product;
}

static double mean_wealth(struct cm_betting *b, double below)
{
    double sum = 0;
    for (unsigned path = 0; path < 1U << LENGTH; path++) {
        cm_betting_start(b);
        for (int i = 0; i < LENGTH; i++)
            cm_betting_add(b, path >> i & 1);
        sum += chance(path, b->m, below) * exp(b->log_wealth);
    }
    return sum;
}

Test(betting, nobody_wins_on_average_against_a_mean_that_is_m)
{
    struct cm_betting games[] = {
        {.stake = CM_BETTING_FIXED, .lambda = 1},
        {.stake = CM_BETTING_FIXED, .lambda = 0},
        {.stake = CM_BETTING_PLUG_IN, .alpha = 0.05, .cut = 0.5},
        {.stake = CM_BETTING_PLUG_IN, .alpha = 0.001, .cut = 1},
        {.stake = CM_BETTING_KELLY},
    };
    for (size_t i = 0; i < sizeof games / sizeof games[0]; i++)
        for (double m = 0.1; m < 1; m += 0.2) {
            games[i].m = m;
            expect_close(mean_wealth(&games[i], 0), 1, 1e-11);
            /* Against lower means that drift; Kelly also bets on those. */
            if (games[i].stake != CM_BETTING_KELLY)
                cr_expect_leq(mean_wealth(&games[i], 0.9), 1 + 1e-12);
        }
}

Test(betting, a_larger_mean_makes_rich)
{
    struct cm_betting b = {.stake = CM_BETTING_PLUG_IN, .m = 0.1, .alpha = 0.01, .cut = 0.5};
    cm_betting_start(&b);
    for (int i = 0; i < 300; i++)
        cm_betting_add(&b, i % 5 == 0);
    cr_expect_gt(b.log_wealth, 5);
}

Test(betting, the_first_stakes_are_as_the_formulas_say)
{
    struct cm_betting plug_in = {.stake = CM_BETTING_PLUG_IN, .m = 0.1, .alpha = 0.9, .cut = 1};
    cm_betting_start(&plug_in);
    cm_betting_add(&plug_in, 1);
    expect_close(plug_in.last, sqrt(2 * log(1 / 0.9) / (log(2.0) * 0.25)), 1e-14);
    /* mu = 3/4, s2 = (1/4 + 1/16) / 2 */
    cm_betting_add(&plug_in, 0);
    expect_close(plug_in.last, sqrt(2 * log(1 / 0.9) / (2 * log(3.0) * 5 / 32)), 1e-14);
    struct cm_betting cut = {.stake = CM_BETTING_PLUG_IN, .m = 0.4, .alpha = 1e-6, .cut = 0.5};
    cm_betting_start(&cut);
    cm_betting_add(&cut, 0);
    expect_close(cut.last, 0.5 / 0.4, 1e-15);
    struct cm_betting kelly = {.stake = CM_BETTING_KELLY, .m = 0.3};
    cm_betting_start(&kelly);
    cm_betting_add(&kelly, 0.5);
    expect_close(kelly.last, 0.2 / (0.25 + 0.04), 1e-14);
    expect_close(kelly.log_wealth, log1p(0.2 / 0.29 * 0.2), 1e-14);
}

Test(betting, all_can_be_lost_and_stays_lost)
{
    struct cm_betting b = {.stake = CM_BETTING_FIXED, .m = 0.3, .lambda = 1 / 0.3};
    cm_betting_start(&b);
    cm_betting_add(&b, 0);
    cr_expect_eq(b.log_wealth, -INFINITY);
    cm_betting_add(&b, 1);
    cr_expect_eq(b.log_wealth, -INFINITY);
}

/* The lower limit is where a product with mean at most 1 reaches 1 / alpha. */
Test(betting, the_empirical_bernstein_product_is_no_winner_on_average)
{
    for (double m = 0.1; m < 1; m += 0.2) {
        double sum = 0;
        for (unsigned path = 0; path < 1U << LENGTH; path++) {
            struct cm_betting_lower b = {.alpha = 0.1, .cut = 0.5};
            cm_betting_lower_start(&b);
            for (int i = 0; i < LENGTH; i++)
                cm_betting_lower_add(&b, path >> i & 1);
            sum += chance(path, m, 0) * exp(b.gains - m * b.stakes - b.costs);
            double limit = (b.gains - log(10.0) - b.costs) / b.stakes;
            cr_expect_float_eq(cm_betting_lower_limit(&b), limit, 1e-14);
        }
        cr_expect_leq(sum, 1);
        cr_expect_gt(sum, 0.2);
    }
}

Test(betting, the_lower_limit_comes_close_with_time)
{
    struct cm_betting_lower b = {.alpha = 0.05, .cut = 0.5};
    cm_betting_lower_start(&b);
    cr_expect_eq(cm_betting_lower_limit(&b), -INFINITY);
    for (int i = 0; i < 20000; i++)
        cm_betting_lower_add(&b, 0.1 * (i % 7));
    cr_expect(cm_betting_lower_limit(&b) > 0.29 && cm_betting_lower_limit(&b) < 0.3);
}
