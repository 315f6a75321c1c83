/* The stratified test: no paradox, one stratum is the plain test, empty strata add nothing. */
#include "sim/stats/strata.h"
#include "sim/stats/two_proportion.h"
#include "tests/unit/close.h"

static struct cm_strata strata_of(const struct cm_two_counts *c, size_t n)
{
    struct cm_strata s = {0};
    for (size_t i = 0; i < n; i++)
        cm_strata_add(&s, &c[i]);
    return s;
}

/* Three strata: by hand from the formula in 40 digits. */
Test(strata, worked_numbers_hold)
{
    static const struct cm_two_counts c[] = {
        {8, 1900, 1, 100}, {9, 1800, 3, 200}, {20, 1500, 12, 500}};
    struct cm_strata s = strata_of(c, 3);
    expect_close(cm_strata_z(&s, false), 2.33323469974, 1e-11);
    expect_close(cm_strata_risk_ratio(&s), 2.007936507936508, 1e-12);
    expect_close(cm_strata_odds_ratio(&s), 2.030425963488844, 1e-12);
}

Test(strata, one_stratum_is_the_pooled_z_but_for_n_minus_1)
{
    const struct cm_two_counts c = {80, 8000, 22, 900};
    struct cm_strata s = strata_of(&c, 1);
    expect_close(cm_strata_z(&s, false), cm_two_proportion_z(&c, true, 0) * sqrt(8899.0 / 8900),
                 1e-12);
    expect_close(cm_strata_risk_ratio(&s), 22.0 / 9, 1e-12);
}

/* Equal arms in every stratum, while base rate and weight change together: crude sums find a
 * difference of two deviations, the strata none. */
Test(strata, simpsons_paradox_is_none)
{
    static const struct cm_two_counts c[] = {{9, 900, 1, 100}, {500, 5000, 500, 5000}};
    const struct cm_two_counts crude = {509, 5900, 501, 5100};
    struct cm_strata s = strata_of(c, 2);
    cr_expect(cm_strata_z(&s, false) == 0);
    expect_close(cm_strata_risk_ratio(&s), 1, 1e-15);
    cr_expect(cm_two_proportion_z(&crude, true, 0) > 2);
}

Test(strata, what_says_nothing_adds_nothing)
{
    static const struct cm_two_counts empty[] = {
        {0, 0, 0, 0}, {3, 10, 0, 0}, {0, 0, 3, 10}, {0, 10, 0, 10}, {1, 1, 0, 0}};
    struct cm_strata s = strata_of(empty, 5);
    cr_expect(cm_strata_z(&s, false) == 0 && cm_strata_z(&s, true) == 0);
    expect_nan(cm_strata_risk_ratio(&s));
    const struct cm_two_counts all = {10, 10, 10, 10}, c = {1, 100, 9, 100};
    cm_strata_add(&s, &all);
    cr_expect(cm_strata_z(&s, false) == 0);
    struct cm_strata alone = strata_of(&c, 1);
    cm_strata_add(&s, &c);
    cr_expect(cm_strata_z(&s, false) == cm_strata_z(&alone, false));
}

Test(strata, the_correction_takes_half_an_error_and_never_turns_the_sign)
{
    const struct cm_two_counts c = {10, 1000, 20, 1000}, even = {10, 1000, 10, 1000};
    const struct cm_two_counts odd = {10, 1000, 11, 1001}, mirror = {20, 1000, 10, 1000};
    struct cm_strata s = strata_of(&c, 1), m = strata_of(&mirror, 1);
    expect_close(cm_strata_z(&s, true), (s.excess - 0.5) / sqrt(s.variance), 1e-15);
    expect_close(cm_strata_z(&m, true), -cm_strata_z(&s, true), 1e-15);
    struct cm_strata e = strata_of(&even, 1), o = strata_of(&odd, 1);
    cr_expect(cm_strata_z(&e, true) == 0 && fabs(cm_strata_z(&o, true)) < 1e-12);
}

Test(strata, moving_an_error_to_the_canary_raises_z)
{
    double last = -INFINITY;
    for (uint64_t x1 = 0; x1 <= 40; x1++) {
        const struct cm_two_counts c[] = {{40 - x1, 4000, x1, 300}, {5, 700, 2, 300}};
        struct cm_strata s = strata_of(c, 2);
        cr_expect(cm_strata_z(&s, false) > last);
        last = cm_strata_z(&s, false);
    }
}
