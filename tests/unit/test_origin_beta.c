/* The beta mixture of origins: at one share it is the mixture of all counts (binomial_mixture.h,
 * dirichlet.h), and where the share changes it stays a fair bet and forgets nothing. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/binomial_mixture.h"
#include "sim/stats/dirichlet.h"
#include "sim/stats/origin_beta.h"
#include "tests/unit/two_strata.h"

/* 9 of 100 errors and 180 and 22, in strata of one share each. */
static const struct cm_two_counts tenth[] = {
    {100, 900, 9, 100}, {0, 450, 0, 50}, {50, 1800, 13, 200}, {30, 9, 0, 1}};

Test(origin_beta, at_one_share_strata_come_to_the_mixture_of_all)
{
    const struct cm_origin_beta one = {20, 1, true}, two = {100, 1, false};
    struct cm_origin_beta_state sided = {0}, both = {0};
    for (int i = 0; i < 4; i++) {
        cm_origin_beta_add(&one, &sided, &tenth[i]);
        cm_origin_beta_add(&two, &both, &tenth[i]);
    }
    struct cm_binomial_mixture m = cm_binomial_mixture_of(0.1, 2, 18, true);
    double want = cm_binomial_mixture_log_e(&m, 22, 202);
    cr_expect(fabs(sided.log_e - want) < 1e-11, "%.17g, not %.17g", sided.log_e, want);
    /* dirichlet_multinomial_log_bf of the shared oracles (mpmath) */
    cr_expect(fabs(both.log_e - -0.5254587275080991) < 1e-11, "%.17g", both.log_e);
    cr_expect(fabs(both.excess - (22 - 20.2)) < 1e-12);
}

Test(origin_beta, the_rate_ratio_is_kept_over_a_change_of_the_share)
{
    const struct cm_origin_beta o = {1e-3, 1, false};
    struct cm_origin_beta_state st = {0};
    cm_origin_beta_add(&o, &st, &(struct cm_two_counts){900, 9000, 300, 1000}); /* 3 times as bad */
    cr_expect(fabs(st.ratio - 3) < 1e-4, "%g", st.ratio);
    double before = st.log_e;
    cm_origin_beta_add(&o, &st, &(struct cm_two_counts){25, 500, 75, 500});
    /* Now it is as good as known: 75 ln(3/2) + 25 ln(1/2), less what the spread of the law costs */
    double gain = st.log_e - before, known = 75 * log(1.5) + 25 * log(0.5);
    cr_expect(gain <= known && gain > known - 0.3, "%g of %g", gain, known);
    cr_expect(fabs(st.ratio - 3) < 1e-3, "%g", st.ratio);
}

static double log_e(const struct cm_two_counts *strata, size_t n, const void *context)
{
    struct cm_origin_beta_state st = {0};
    for (size_t i = 0; i < n; i++)
        cm_origin_beta_add(context, &st, &strata[i]);
    return st.log_e;
}

Test(origin_beta, it_is_a_fair_bet_while_the_share_changes)
{
    static const struct two_strata equal[] = {{{9, 6}, {1, 4}, {0.1, 0.6}, {0.1, 0.6}},
                                              {{6, 3}, {2, 9}, {0.5, 0.02}, {0.5, 0.02}},
                                              {{3, 6}, {2, 4}, {0, 1}, {0, 1}}};
    for (double k = 0.5; k < 300; k *= 5)
        for (int sided = 0; sided < 2; sided++)
            for (int i = 0; i < 3; i++) {
                const struct cm_origin_beta o = {k, 1, sided};
                double growth = strata_worst_growth(&equal[i], log_e, &o);
                cr_expect_leq(growth, 1 + 1e-12, "%g %d %d: %.17g", k, sided, i, growth);
            }
}

Test(origin_beta, a_stratum_without_events_or_without_an_arm_says_nothing)
{
    const struct cm_origin_beta o = {50, 1, true};
    struct cm_origin_beta_state st = {0};
    cm_origin_beta_add(&o, &st, &(struct cm_two_counts){0, 900, 0, 100});
    cm_origin_beta_add(&o, &st, &(struct cm_two_counts){7, 900, 0, 0});
    cm_origin_beta_add(&o, &st, &(struct cm_two_counts){0, 0, 7, 100});
    cr_expect(st.log_e == 0 && st.events == 0 && st.excess == 0);
}
