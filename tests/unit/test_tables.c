/* Chi-square statistics by hand, and what tables with nothing in them say. */
#include "sim/stats/tables.h"
#include "sim/stats/two_proportion.h"
#include "tests/unit/close.h"

Test(tables, two_by_two_is_the_square_of_z)
{
    static const double cells[] = {80, 7920, 22, 878};
    const struct cm_two_counts c = {80, 8000, 22, 900};
    const struct cm_table_counts t = {cells, 2, 2};
    struct cm_chi2 chi2 = cm_tables_pearson(&t, false);
    double z = cm_two_proportion_z(&c, true, 0);
    expect_close(chi2.stat, z * z, 1e-12);
    expect_close(chi2.p, 2 * cm_two_proportion_p_of_z(z), 1e-10);
    cr_expect(chi2.df == 1);
}

/* |O - E| is 2.5 in every cell of this table, E 7.5 twice and 17.5 twice: by hand. */
Test(tables, yates_takes_half_off_every_difference)
{
    static const double cells[] = {10, 15, 5, 20}, close[] = {7, 18, 8, 17};
    const struct cm_table_counts t = {cells, 2, 2}, c = {close, 2, 2};
    expect_close(cm_tables_pearson(&t, true).stat, 2 * 4 / 7.5 + 2 * 4 / 17.5, 1e-12);
    expect_close(cm_tables_pearson(&t, false).stat, 2 * 6.25 / 7.5 + 2 * 6.25 / 17.5, 1e-12);
    cr_expect(cm_tables_pearson(&c, true).stat == 0, "|O - E| is 1/2");
}

/* 2 sum O ln(O / E): by hand. */
Test(tables, the_likelihood_ratio_is_its_formula)
{
    static const double cells[] = {10, 15, 5, 20};
    const struct cm_table_counts t = {cells, 2, 2};
    double want =
        2 * (10 * log(10 / 7.5) + 15 * log(15 / 17.5) + 5 * log(5 / 7.5) + 20 * log(20 / 17.5));
    expect_close(cm_tables_likelihood_ratio(&t).stat, want, 1e-12);
}

Test(tables, rows_and_columns_without_counts_do_not_matter)
{
    static const double full[] = {90, 60, 50, 30, 10, 20};
    static const double holes[] = {90, 0, 60, 50, 0, 0, 0, 0, 30, 0, 10, 20};
    const struct cm_table_counts a = {full, 2, 3}, b = {holes, 3, 4};
    struct cm_chi2 x = cm_tables_pearson(&a, false), y = cm_tables_pearson(&b, false);
    cr_expect(x.df == 2 && y.df == 2);
    expect_close(y.stat, x.stat, 1e-14);
    expect_close(cm_tables_likelihood_ratio(&b).stat, cm_tables_likelihood_ratio(&a).stat, 1e-14);
}

Test(tables, without_contrast_p_is_one)
{
    static const double zero[4] = {0}, row[] = {3, 4, 0, 0};
    const struct cm_table_counts none = {zero, 2, 2}, one = {row, 2, 2};
    struct cm_chi2 x = cm_tables_pearson(&none, true), y = cm_tables_likelihood_ratio(&one);
    cr_expect(x.stat == 0 && x.df == 0 && x.p == 1);
    cr_expect(y.stat == 0 && y.df == 0 && y.p == 1);
}

Test(tables, cells_that_are_no_counts_have_no_answer)
{
    static const double bad[][4] = {{1, 2, NAN, 4}, {1, -2, 3, 4}, {1, 2, 3, INFINITY}};
    for (int i = 0; i < 3; i++) {
        const struct cm_table_counts t = {bad[i], 2, 2};
        expect_nan(cm_tables_pearson(&t, false).stat);
        expect_nan(cm_tables_pearson(&t, true).p);
        expect_nan(cm_tables_likelihood_ratio(&t).p);
        static const double even[] = {1, 1, 1, 1};
        expect_nan(cm_tables_split(bad[i], even, 4).p);
        expect_nan(cm_tables_split(even, bad[i], 4).p);
    }
}

/* (10120 - 10005)^2 / 10005 twice. */
Test(tables, a_split_is_held_against_its_shares)
{
    static const double seen[] = {10120, 9890}, even[] = {0.5, 0.5}, weights[] = {7, 7};
    expect_close(cm_tables_split(seen, even, 2).stat, 2 * 115.0 * 115 / 10005, 1e-12);
    expect_close(cm_tables_split(seen, weights, 2).stat, 2 * 115.0 * 115 / 10005, 1e-12);
    cr_expect(cm_tables_split(seen, even, 2).df == 1);
}

Test(tables, requests_without_a_share_are_an_alarm)
{
    static const double seen[] = {100, 1}, none[] = {100, 0}, shares[] = {1, 0}, zero[] = {0, 0};
    cr_expect(cm_tables_split(seen, shares, 2).stat == INFINITY);
    cr_expect(cm_tables_split(seen, shares, 2).p == 0);
    cr_expect(cm_tables_split(none, shares, 2).p == 1);
    cr_expect(cm_tables_split(zero, (double[]){0.5, 0.5}, 2).p == 1);
    expect_nan(cm_tables_split(seen, zero, 2).p);
}

Test(tables, a_thousand_standard_deviations_are_no_obstacle)
{
    static const double seen[] = {1e12, 2e12}, even[] = {1, 1};
    struct cm_chi2 chi2 = cm_tables_split(seen, even, 2);
    cr_expect(chi2.p == 0 && chi2.stat > 1e10);
}
