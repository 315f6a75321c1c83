/* Adjusted and combined p-values: published examples, order, and tests without an answer. */
#include "sim/stats/multiplicity.h"
#include "tests/unit/close.h"

enum { ADJUSTMENTS = CM_ADJUST_YEKUTIELI + 1, COMBINATIONS = CM_COMBINE_CAUCHY + 1 };

/* R's p.adjust. */
Test(multiplicity, adjustments_are_those_of_r)
{
    static const double p[] = {0.01, 0.04, 0.03, 0.005};
    static const double want[ADJUSTMENTS][4] = {
        {0.04, 0.16, 0.12, 0.02},
        {0.03, 0.06, 0.06, 0.02},
        {0.03, 0.04, 0.04, 0.02},
        {0.02, 0.04, 0.04, 0.02},
        {1.0 / 24, 1.0 / 12, 1.0 / 12, 1.0 / 24},
    };
    for (int how = 0; how < ADJUSTMENTS; how++) {
        double got[4];
        cm_multiplicity_adjust(how, p, 4, got);
        for (int i = 0; i < 4; i++)
            expect_close(got[i], want[how][i], 1e-14);
    }
}

Test(multiplicity, methods_are_ordered_as_their_powers)
{
    static const double p[] = {0.2, 0.013, 0.001, 0.6, 0.04, 0.04, 1, 0};
    double got[ADJUSTMENTS][8];
    for (int how = 0; how < ADJUSTMENTS; how++) {
        cm_multiplicity_adjust(how, p, 8, got[how]);
        for (int i = 0; i < 8; i++) {
            cr_expect(got[how][i] >= p[i] && got[how][i] <= 1);
            for (int j = 0; j < 8; j++)
                cr_expect(p[i] > p[j] || got[how][i] <= got[how][j] + 1e-15, "order is kept");
        }
    }
    for (int i = 0; i < 8; i++)
        cr_expect(got[CM_ADJUST_BONFERRONI][i] >= got[CM_ADJUST_HOLM][i] &&
                  got[CM_ADJUST_HOLM][i] >= got[CM_ADJUST_HOCHBERG][i] &&
                  got[CM_ADJUST_HOCHBERG][i] >= got[CM_ADJUST_BENJAMINI][i] &&
                  got[CM_ADJUST_YEKUTIELI][i] >= got[CM_ADJUST_BENJAMINI][i]);
}

Test(multiplicity, the_result_may_overwrite_the_input)
{
    double p[] = {0.01, 0.04, NAN, 0.005};
    cm_multiplicity_adjust(CM_ADJUST_HOLM, p, 4, p);
    expect_close(p[0], 0.03, 1e-15);
    expect_close(p[3], 0.02, 1e-15);
}

Test(multiplicity, a_test_without_an_answer_counts_and_stays_without)
{
    static const double with[] = {0.01, NAN, 0.02}, as_one[] = {0.01, 1, 0.02};
    for (int how = 0; how < ADJUSTMENTS; how++) {
        double got[3], want[3];
        cm_multiplicity_adjust(how, with, 3, got);
        cm_multiplicity_adjust(how, as_one, 3, want);
        cr_expect(got[0] == want[0] && got[2] == want[2] && isnan(got[1]), "%d", how);
    }
    for (int how = 0; how < COMBINATIONS; how++)
        expect_nan(cm_multiplicity_combine(how, with, 3));
}

Test(multiplicity, one_p_value_is_itself)
{
    for (double p = 1e-12; p < 1; p *= 3) {
        double got;
        for (int how = 0; how < ADJUSTMENTS; how++) {
            cm_multiplicity_adjust(how, &p, 1, &got);
            cr_expect(got == p);
        }
        for (int how = 0; how < COMBINATIONS; how++)
            expect_close(cm_multiplicity_combine(how, &p, 1), p, 1e-9);
    }
    cm_multiplicity_adjust(CM_ADJUST_HOLM, NULL, 0, NULL);
}

/* Fisher's with two values is p1 p2 (1 - ln(p1 p2)). */
Test(multiplicity, combinations_have_closed_forms)
{
    static const double p[] = {0.03, 0.2}, halves[] = {0.5, 0.5, 0.5};
    expect_close(cm_multiplicity_combine(CM_COMBINE_FISHER, p, 2), 0.006 * (1 - log(0.006)), 1e-12);
    expect_close(cm_multiplicity_combine(CM_COMBINE_STOUFFER, halves, 3), 0.5, 1e-15);
    expect_close(cm_multiplicity_combine(CM_COMBINE_CAUCHY, halves, 3), 0.5, 1e-15);
}

/* Cauchy: the mean of 1 / (pi p) is 1 / (pi p) again. */
Test(multiplicity, tiny_p_values_are_kept)
{
    static const double p[] = {1e-300, 1e-300}, zero[] = {0, 0.4}, ends[] = {0, 1};
    expect_close(cm_multiplicity_combine(CM_COMBINE_CAUCHY, p, 2), 1e-300, 1e-12);
    cr_expect(cm_multiplicity_combine(CM_COMBINE_STOUFFER, p, 2) < 1e-300);
    for (int how = 0; how < COMBINATIONS; how++)
        cr_expect(cm_multiplicity_combine(how, zero, 2) == 0, "%d", how);
    cr_expect(cm_multiplicity_combine(CM_COMBINE_FISHER, ends, 2) == 0);
    expect_nan(cm_multiplicity_combine(CM_COMBINE_STOUFFER, ends, 2));
    expect_nan(cm_multiplicity_combine(CM_COMBINE_CAUCHY, ends, 2));
    expect_nan(cm_multiplicity_combine(CM_COMBINE_FISHER, (double[]){0.5, 1.5}, 2));
}
