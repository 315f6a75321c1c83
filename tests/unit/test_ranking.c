/* Ranking constants: published values and symmetries. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/ranking.h"

Test(ranking, rinotts_h_grows_with_every_demand)
{
    double h = cm_ranking_rinott_h(4, 20, 0.95);
    cr_expect_float_eq(h, 3.203, 5e-4); /* Wilcox (1984), table */
    cr_expect_gt(cm_ranking_rinott_h(5, 20, 0.95), h);
    cr_expect_gt(cm_ranking_rinott_h(4, 20, 0.99), h);
    cr_expect_gt(cm_ranking_rinott_h(4, 10, 0.95), h);
}

Test(ranking, with_many_first_replications_two_policies_need_bechhofers_h)
{
    /* Known variances: Phi(h / sqrt 2) = P*, and Phi(1.6448536) = 0.95 (normal tables). */
    cr_expect_float_eq(cm_ranking_rinott_h(2, 100001, 0.95), 1.6448536 * sqrt(2.0), 1e-4);
}

Test(ranking, what_a_coin_gives_needs_no_procedure)
{
    cr_expect(isnan(cm_ranking_rinott_h(4, 20, 0.25)));
    cr_expect(isnan(cm_ranking_rinott_h(1, 20, 0.95)));
    cr_expect(isnan(cm_ranking_rinott_h(4, 2, 0.95)));
    cr_expect(isnan(cm_ranking_kim_nelson(1, 10, 0.1, 1).eta));
    cr_expect(isnan(cm_ranking_kim_nelson(2, 10, 0.6, 1).eta));
    cr_expect(isnan(cm_ranking_kim_nelson(4, 10, 0.1, 2).eta));
}

Test(ranking, the_greatest_of_mirrored_means_gets_what_the_least_got)
{
    const double mean[] = {0, 0.5, 1}, mirrored[] = {0, -0.5, -1}, sd[] = {1, 2, 1};
    double least[3], greatest[3];
    cm_ranking_ocba(&(struct cm_ocba){3, mean, sd, true}, 300, least);
    cm_ranking_ocba(&(struct cm_ocba){3, mirrored, sd, false}, 300, greatest);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(least[i], greatest[i]);
    cr_expect_float_eq(least[0] + least[1] + least[2], 300, 1e-10);
}

Test(ranking, a_tie_of_the_best_has_no_allocation)
{
    const double mean[] = {0, 0, 1}, sd[] = {1, 1, 1};
    double out[3];
    cm_ranking_ocba(&(struct cm_ocba){3, mean, sd, true}, 300, out);
    cr_expect(isnan(out[0]) && isnan(out[1]));
}
