/* Boundaries against published tables, and the type I error against its promise. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/stats/group_bounds.h"
#include "tests/unit/close.h"

enum { MOST = 10 };
static const double HALF_DIGIT = 5.1e-5; /* of tables with four decimals */

static struct cm_group_plan even(size_t looks, double alpha, int sides, double *info)
{
    for (size_t k = 0; k < looks; k++)
        info[k] = (double)(k + 1) / (double)looks;
    return (struct cm_group_plan){looks, info, alpha, sides};
}

static double error_of(const struct cm_group_plan *plan, const double *upper)
{
    double lower[MOST];
    for (size_t k = 0; k < plan->looks; k++)
        lower[k] = plan->sides == 2 ? -upper[k] : -INFINITY;
    return plan->sides *
           cm_group_sequential_power(plan, &(struct cm_group_bounds){upper, lower}, 0);
}

/* K = 2 to 10, rounding to Jennison and Turnbull (2000), tables 2.1 and 2.3, where they have it. */
static const struct {
    int sides;
    double alpha, pocock[MOST - 1], obrien_fleming[MOST - 1];
} constants[] = {
    {2,
     0.10,
     {1.8754, 1.9922, 2.0674, 2.1217, 2.1635, 2.1973, 2.2253, 2.2492, 2.2699},
     {1.6780, 1.7096, 1.7331, 1.7509, 1.7649, 1.7763, 1.7859, 1.7941, 1.8012}},
    {2,
     0.05,
     {2.1783, 2.2895, 2.3613, 2.4132, 2.4532, 2.4855, 2.5123, 2.5352, 2.5550},
     {1.9774, 2.0040, 2.0243, 2.0401, 2.0528, 2.0633, 2.0722, 2.0798, 2.0865}},
    {2,
     0.01,
     {2.7718, 2.8730, 2.9387, 2.9863, 3.0231, 3.0528, 3.0775, 3.0986, 3.1169},
     {2.5796, 2.5949, 2.6091, 2.6212, 2.6314, 2.6401, 2.6476, 2.6541, 2.6599}},
    {1,
     0.05,
     {1.8754, 1.9922, 2.0674, 2.1217, 2.1636, 2.1973, 2.2254, 2.2493, 2.2700},
     {1.6780, 1.7096, 1.7331, 1.7509, 1.7649, 1.7763, 1.7859, 1.7941, 1.8012}},
    {1,
     0.025,
     {2.1783, 2.2895, 2.3613, 2.4132, 2.4532, 2.4855, 2.5124, 2.5352, 2.5550},
     {1.9774, 2.0040, 2.0243, 2.0401, 2.0528, 2.0633, 2.0722, 2.0798, 2.0865}},
    {1,
     0.01,
     {2.5311, 2.6362, 2.7043, 2.7536, 2.7916, 2.8223, 2.8479, 2.8696, 2.8885},
     {2.3337, 2.3536, 2.3701, 2.3837, 2.3949, 2.4043, 2.4124, 2.4194, 2.4255}},
};

Test(group_bounds, pocock_constants_are_those_of_the_tables)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
        for (size_t looks = 2; looks <= MOST; looks++) {
            double info[MOST], upper[MOST];
            struct cm_group_plan plan = even(looks, constants[i].alpha, constants[i].sides, info);
            cm_group_bounds_shape(&plan, 0.5, upper);
            for (size_t k = 0; k < looks; k++)
                cr_expect_float_eq(upper[k], constants[i].pocock[looks - 2], HALF_DIGIT);
        }
}

Test(group_bounds, obrien_fleming_constants_are_those_of_the_tables)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
        for (size_t looks = 2; looks <= MOST; looks++) {
            double info[MOST], upper[MOST];
            struct cm_group_plan plan = even(looks, constants[i].alpha, constants[i].sides, info);
            double c = cm_group_bounds_shape(&plan, 0, upper);
            cr_expect_float_eq(c, constants[i].obrien_fleming[looks - 2], HALF_DIGIT);
            for (size_t k = 0; k < looks; k++)
                expect_close(upper[k], c * sqrt((double)looks / (double)(k + 1)), 1e-14);
        }
}

/* Equally spaced looks, one-sided alpha (Lan and DeMets; gsDesign and rpact print the same). */
struct row {
    double alpha, z[MOST];
};
static const struct row obrien_fleming_like[] = {
    {0.05, {2.5380, 1.6621}},
    {0.05, {3.2001, 2.1408, 1.6948}},
    {0.05, {3.7496, 2.5399, 2.0161, 1.7202}},
    {0.05, {4.2292, 2.8881, 2.2981, 1.9618, 1.7397}},
    {0.05, {4.6602, 3.2003, 2.5523, 2.1799, 1.9334, 1.7552}},
    {0.05, {5.0549, 3.4855, 2.7855, 2.3802, 2.1113, 1.9168, 1.7678}},
    {0.05, {5.4210, 3.7496, 3.0019, 2.5664, 2.2768, 2.0672, 1.9065, 1.7783}},
    {0.05, {5.7641, 3.9965, 3.2048, 2.7411, 2.4321, 2.2083, 2.0367, 1.8998, 1.7872}},
    {0.05, {6.0879, 4.2292, 3.3962, 2.9061, 2.5790, 2.3417, 2.1598, 2.0146, 1.8953, 1.7949}},
    {0.025, {2.9626, 1.9686}},
    {0.025, {3.7103, 2.5114, 1.9930}},
    {0.025, {4.3326, 2.9631, 2.3590, 2.0141}},
    {0.025, {4.8769, 3.3570, 2.6803, 2.2898, 2.0310}},
    {0.025, {5.3666, 3.7103, 2.9697, 2.5387, 2.2522, 2.0448}},
    {0.025, {5.8153, 4.0333, 3.2351, 2.7672, 2.4554, 2.2294, 2.0562}},
    {0.025, {6.2320, 4.3326, 3.4814, 2.9796, 2.6443, 2.4012, 2.2146, 2.0658}},
    {0.025, {6.6225, 4.6127, 3.7121, 3.1789, 2.8217, 2.5624, 2.3634, 2.2046, 2.0740}},
    {0.025, {6.9914, 4.8769, 3.9297, 3.3671, 2.9893, 2.7148, 2.5041, 2.3358, 2.1975, 2.0812}},
    {0.01, {3.4604, 2.3298}},
    {0.01, {4.3106, 2.9472, 2.3461}},
    {0.01, {5.0201, 3.4605, 2.7649, 2.3625}},
    {0.01, {5.6416, 3.9084, 3.1324, 2.6787, 2.3767}},
    {0.01, {6.2013, 4.3106, 3.4633, 2.9640, 2.6304, 2.3885}},
    {0.01, {6.7146, 4.6787, 3.7664, 3.2259, 2.8636, 2.6004, 2.3985}},
    {0.01, {7.1915, 5.0201, 4.0477, 3.4692, 3.0804, 2.7976, 2.5805, 2.4071}},
    {0.01, {7.6387, 5.3399, 4.3111, 3.6975, 3.2838, 2.9827, 2.7513, 2.5665, 2.4146}},
    {0.01, {8.0612, 5.6416, 4.5596, 3.9130, 3.4761, 3.1576, 2.9128, 2.7172, 2.5564, 2.4211}},
};
static const struct row pocock_like[] = {
    {0.05, {1.8662, 1.8849}},
    {0.05, {2.0020, 1.9938, 1.9803}},
    {0.05, {2.0999, 2.0767, 2.0532, 2.0348}},
    {0.05, {2.1762, 2.1437, 2.1133, 2.0896, 2.0710}},
    {0.05, {2.2386, 2.2000, 2.1645, 2.1368, 2.1150, 2.0973}},
    {0.05, {2.2912, 2.2484, 2.2092, 2.1784, 2.1539, 2.1340, 2.1174}},
    {0.05, {2.3367, 2.2908, 2.2488, 2.2155, 2.1889, 2.1671, 2.1490, 2.1335}},
    {0.05, {2.3766, 2.3286, 2.2844, 2.2491, 2.2207, 2.1973, 2.1778, 2.1612, 2.1468}},
    {0.05, {2.4122, 2.3626, 2.3166, 2.2797, 2.2498, 2.2251, 2.2044, 2.1867, 2.1713, 2.1579}},
    {0.025, {2.1570, 2.2010}},
    {0.025, {2.2794, 2.2949, 2.2959}},
    {0.025, {2.3683, 2.3675, 2.3582, 2.3500}},
    {0.025, {2.4380, 2.4268, 2.4102, 2.3966, 2.3860}},
    {0.025, {2.4951, 2.4769, 2.4550, 2.4373, 2.4233, 2.4121}},
    {0.025, {2.5435, 2.5202, 2.4943, 2.4733, 2.4566, 2.4432, 2.4321}},
    {0.025, {2.5853, 2.5584, 2.5293, 2.5057, 2.4868, 2.4714, 2.4587, 2.4481}},
    {0.025, {2.6222, 2.5925, 2.5609, 2.5351, 2.5144, 2.4974, 2.4833, 2.4714, 2.4612}},
    {0.025, {2.6551, 2.6232, 2.5896, 2.5621, 2.5397, 2.5214, 2.5061, 2.4931, 2.4819, 2.4722}},
    {0.01, {2.5005, 2.5650}},
    {0.01, {2.6099, 2.6455, 2.6586}},
    {0.01, {2.6899, 2.7086, 2.7114, 2.7119}},
    {0.01, {2.7529, 2.7605, 2.7561, 2.7513, 2.7473}},
    {0.01, {2.8047, 2.8048, 2.7949, 2.7860, 2.7788, 2.7731}},
    {0.01, {2.8487, 2.8432, 2.8292, 2.8170, 2.8071, 2.7992, 2.7928}},
    {0.01, {2.8868, 2.8772, 2.8599, 2.8450, 2.8330, 2.8232, 2.8152, 2.8086}},
    {0.01, {2.9205, 2.9077, 2.8877, 2.8706, 2.8567, 2.8454, 2.8360, 2.8282, 2.8216}},
    {0.01, {2.9506, 2.9352, 2.9131, 2.8942, 2.8787, 2.8660, 2.8555, 2.8466, 2.8390, 2.8325}},
};

static void expect_rows(const struct row *rows, size_t n, struct cm_spending spending)
{
    for (size_t i = 0; i < n; i++) {
        double info[MOST], upper[MOST];
        size_t looks = 0;
        while (looks < MOST && rows[i].z[looks] > 0)
            looks++;
        struct cm_group_plan plan = even(looks, rows[i].alpha, 1, info);
        cm_group_bounds_spend(&plan, &spending, NULL, upper);
        for (size_t k = 0; k < looks; k++)
            cr_expect_float_eq(upper[k], rows[i].z[k], HALF_DIGIT,
                               "%zu looks, look %zu: %g, not %g", looks, k, upper[k], rows[i].z[k]);
    }
}

Test(group_bounds, lan_demets_obrien_fleming_boundaries_are_those_of_the_tables)
{
    expect_rows(obrien_fleming_like, sizeof obrien_fleming_like / sizeof obrien_fleming_like[0],
                (struct cm_spending){CM_SPENDING_OBRIEN_FLEMING, 0});
}

Test(group_bounds, lan_demets_pocock_boundaries_are_those_of_the_tables)
{
    expect_rows(pocock_like, sizeof pocock_like / sizeof pocock_like[0],
                (struct cm_spending){CM_SPENDING_POCOCK, 0});
}

Test(group_bounds, other_spending_functions_give_known_boundaries)
{
    static const struct {
        struct cm_spending spending;
        struct row row;
    } cases[] = {
        {{CM_SPENDING_HWANG_SHIH_DECANI, -4}, {0.025, {3.0107, 2.5465, 1.9992}}},
        {{CM_SPENDING_HWANG_SHIH_DECANI, -4}, {0.025, {3.2527, 2.9860, 2.6917, 2.3737, 2.0253}}},
        {{CM_SPENDING_HWANG_SHIH_DECANI, -2}, {0.025, {2.8903, 2.7085, 2.5141, 2.3150, 2.1100}}},
        {{CM_SPENDING_HWANG_SHIH_DECANI, 1}, {0.025, {2.4487, 2.4190, 2.3984, 2.3912, 2.3948}}},
        {{CM_SPENDING_POWER, 2}, {0.025, {3.0902, 2.7141, 2.4728, 2.2799, 2.1140}}},
        {{CM_SPENDING_POWER, 3}, {0.025, {3.5401, 2.9743, 2.6045, 2.3064, 2.0455}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_rows(&cases[i].row, 1, cases[i].spending);
}

/* Schedules nobody would plan. */
static const double schedules[][MOST] = {
    {0.01, 0.02, 0.5, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 1},
    {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1},
    {0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.6, 0.8, 1},
    {0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2},
};
enum { SCHEDULES = sizeof schedules / sizeof schedules[0] };

Test(group_bounds, exits_add_up_to_alpha_whatever_the_schedule)
{
    static const struct cm_spending spendings[] = {{CM_SPENDING_OBRIEN_FLEMING, 0},
                                                   {CM_SPENDING_POCOCK, 0},
                                                   {CM_SPENDING_HWANG_SHIH_DECANI, -2}};
    for (int i = 0; i < SCHEDULES; i++)
        for (int j = 0; j < 3; j++)
            for (int sides = 1; sides <= 2; sides++) {
                double upper[MOST];
                const struct cm_group_plan plan = {MOST, schedules[i], 0.03, sides};
                cm_group_bounds_spend(&plan, &spendings[j], NULL, upper);
                expect_close(error_of(&plan, upper), 0.03, 1e-10);
            }
}

Test(group_bounds, shapes_keep_alpha_on_any_schedule)
{
    for (int i = 0; i < SCHEDULES; i++)
        for (double delta = -0.25; delta <= 0.75; delta += 0.5) {
            double upper[MOST];
            const struct cm_group_plan plan = {MOST, schedules[i], 0.05, 1 + i % 2};
            cm_group_bounds_shape(&plan, delta, upper);
            expect_close(error_of(&plan, upper), 0.05, 1e-9);
        }
}

Test(group_bounds, one_look_is_the_fixed_sample_test)
{
    static const double end = 1;
    double upper;
    for (int sides = 1; sides <= 2; sides++) {
        const struct cm_group_plan plan = {1, &end, 0.05, sides};
        double z = gsl_cdf_ugaussian_Qinv(0.05 / sides);
        cm_group_bounds_shape(&plan, 0, &upper);
        expect_close(upper, z, 1e-12);
        cm_group_bounds_spend(&plan, &(struct cm_spending){CM_SPENDING_POCOCK, 0}, NULL, &upper);
        expect_close(upper, z, 1e-12);
    }
}

Test(group_bounds, information_beyond_the_plan_has_nothing_left_to_spend)
{
    static const double info[] = {0.5, 1.1, 1.2};
    double upper[3], spent[3];
    const struct cm_group_plan plan = {3, info, 0.05, 2};
    const struct cm_spending spending = {CM_SPENDING_POWER, 1};
    cm_group_bounds_spend(&plan, &spending, NULL, upper);
    cm_group_bounds_spent(&plan, &spending, spent);
    cr_expect(isfinite(upper[1]));
    cr_expect_eq(upper[2], INFINITY);
    expect_close(spent[0], 0.025, 1e-14);
    cr_expect_eq(spent[1], 0.05);
    cr_expect_eq(spent[2], 0.05);
}

Test(group_bounds, a_first_look_that_may_spend_next_to_nothing_has_no_boundary)
{
    static const double info[] = {0.02, 1};
    double upper[2];
    const struct cm_group_plan plan = {2, info, 0.05, 1};
    cm_group_bounds_spend(&plan, &(struct cm_spending){CM_SPENDING_OBRIEN_FLEMING, 0}, NULL, upper);
    cr_expect_eq(upper[0], INFINITY);
    expect_close(upper[1], gsl_cdf_ugaussian_Qinv(0.05), 1e-9);
}

Test(group_bounds, looks_at_almost_equal_information_share_a_boundary)
{
    static const double all[] = {0.3, 0.300001, 0.7, 0.700001, 1}, distinct[] = {0.3, 0.7, 1};
    double upper[5], want[3];
    const struct cm_group_plan plan = {5, all, 0.05, 1}, fewer = {3, distinct, 0.05, 1};
    const struct cm_spending spending = {CM_SPENDING_POCOCK, 0};
    cm_group_bounds_spend(&plan, &spending, NULL, upper);
    cm_group_bounds_spend(&fewer, &spending, NULL, want);
    for (int k = 0; k < 5; k++)
        cr_expect_eq(upper[k], want[k / 2]);
}

Test(group_bounds, binding_futility_lowers_the_boundaries_and_keeps_alpha)
{
    static const double lower[] = {0, 0.5, -INFINITY};
    double info[3], free[3], bound[3];
    struct cm_group_plan plan = even(3, 0.05, 1, info);
    const struct cm_spending spending = {CM_SPENDING_OBRIEN_FLEMING, 0};
    cm_group_bounds_spend(&plan, &spending, NULL, free);
    cm_group_bounds_spend(&plan, &spending, lower, bound);
    cr_expect_eq(bound[0], free[0]);
    cr_expect_lt(bound[1], free[1]);
    cr_expect_lt(bound[2], free[2]);
    expect_close(cm_group_sequential_power(&plan, &(struct cm_group_bounds){bound, lower}, 0), 0.05,
                 1e-10);
    cr_expect_lt(cm_group_sequential_power(&plan, &(struct cm_group_bounds){free, lower}, 0), 0.05);
}

Test(group_bounds, a_boundary_never_falls_below_the_futility_of_its_look)
{
    static const double lower[] = {2.5, 2.5};
    double info[2], upper[2];
    struct cm_group_plan plan = even(2, 0.2, 1, info);
    cm_group_bounds_spend(&plan, &(struct cm_spending){CM_SPENDING_POCOCK, 0}, lower, upper);
    cr_expect_eq(upper[0], 2.5);
}
