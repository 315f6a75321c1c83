/* Detectors of a change: recursions on a worked example, and false alarms by enumeration. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/change_detector.h"
#include "sim/stats/origin.h"
#include "sim/stats/sprt.h"
#include "tests/unit/close.h"

Test(change_detector, a_worked_example_comes_out)
{
    /* Likelihood ratios 2, 1/4, 3. */
    static const double ratio[] = {2, 0.25, 3};
    static const double sr[] = {2, 0.75, 5.25}, cusum[] = {2, 1, 3}, e_cusum[] = {2, 0.5, 3};
    struct cm_change_detector d;
    cm_change_detector_start(&d);
    for (int i = 0; i < 3; i++) {
        cm_change_detector_add(&d, log(ratio[i]));
        expect_close(exp(d.log_sr), sr[i], 1e-14);
        expect_close(exp(d.cusum), cusum[i], 1e-14);
        expect_close(exp(d.log_e_cusum), e_cusum[i], 1e-14);
    }
    expect_close(exp(d.most_cusum), 3, 1e-14);
}

enum { LOOKS = 12 };

/* R_t - t has mean 0 without a change: enumerate 12 errors, each the canary's with share 0.3. */
Test(change_detector, shiryaev_roberts_grows_by_one_a_look)
{
    double sum[LOOKS] = {0}, alarms[4] = {0};
    static const double level[4] = {20, 40, 80, 160};
    for (unsigned path = 0; path < 1U << LOOKS; path++) {
        struct cm_change_detector d;
        double chance = 1, most = 0, means[LOOKS];
        cm_change_detector_start(&d);
        for (int i = 0; i < LOOKS; i++) {
            uint64_t canary = path >> i & 1;
            chance *= canary ? 0.3 : 0.7;
            cm_change_detector_add(&d, cm_origin_log_e(1 - canary, canary, 0.3, 3));
            means[i] = exp(d.log_sr);
            most = fmax(most, means[i]);
        }
        for (int i = 0; i < LOOKS; i++)
            sum[i] += chance * means[i];
        for (int i = 0; i < 4; i++)
            alarms[i] += most >= level[i] ? chance : 0;
    }
    for (int i = 0; i < LOOKS; i++)
        expect_close(sum[i], i + 1, 1e-12);
    for (int i = 0; i < 4; i++)
        cr_expect_leq(alarms[i], LOOKS / level[i]);
    cr_expect_gt(alarms[0], 0.01);
}

Test(change_detector, a_long_clean_period_is_not_held_against_a_change)
{
    struct cm_change_detector d;
    double sprt = 0;
    cm_change_detector_start(&d);
    for (int i = 0; i < 1000; i++) {
        double l = cm_sprt_count_ratio(i < 990 ? 1 : 6, 1, 2);
        cm_change_detector_add(&d, l);
        sprt += l;
    }
    cr_expect_lt(sprt, -200);
    cr_expect_gt(d.cusum, 20);
    cr_expect_gt(d.log_sr, 20);
    cr_expect_gt(d.log_e_cusum, 20);
}

Test(change_detector, huge_and_impossible_ratios_are_numbers)
{
    struct cm_change_detector d;
    cm_change_detector_start(&d);
    cm_change_detector_add(&d, 5000);
    cm_change_detector_add(&d, 5000);
    cr_expect_eq(d.log_sr, 10000);
    cm_change_detector_add(&d, -INFINITY);
    cr_expect_eq(d.cusum, 0);
    cr_expect_eq(d.log_sr, -INFINITY);
    cm_change_detector_add(&d, 1);
    expect_close(d.log_sr, 1, 1e-15);
    expect_close(d.log_e_cusum, 1, 1e-15);
    cr_expect_eq(d.most_cusum, 10000);
}

Test(change_detector, thresholds_grow_with_the_looks)
{
    expect_close(cm_change_detector_log_threshold(300, 0.01), log(30000.0), 1e-15);
}
