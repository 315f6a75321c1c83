/* A density that nobody stops is the normal one; one that is stopped obeys the reflection
 * principle. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/stats/score_density.h"
#include "tests/unit/close.h"

static void step_to(struct cm_score_density *d, double info, double low, double high, double ahead)
{
    cm_score_density_step(d, &(struct cm_score_step){info, low, high, ahead});
}

static double normal_q(const struct cm_score_density *d, double info, double score)
{
    return gsl_cdf_ugaussian_Q((score - d->drift * info) / sqrt(info));
}

Test(score_density, the_first_look_sees_the_normal_law)
{
    struct cm_score_density d;
    cm_score_density_init(&d, 0.7);
    for (double s = -8; s <= 8; s += 0.5) {
        expect_close(cm_score_density_above(&d, 4, s), normal_q(&d, 4, s), 1e-15);
        expect_close(cm_score_density_below(&d, 4, s) + cm_score_density_above(&d, 4, s), 1, 1e-14);
    }
    cm_score_density_release(&d);
}

Test(score_density, looks_that_nobody_stops_at_leave_the_normal_law)
{
    /* Equal, growing, shrinking and wildly unequal steps. */
    static const double info[][5] = {{0.2, 0.4, 0.6, 0.8, 1},
                                     {0.001, 0.01, 0.1, 0.5, 1},
                                     {0.5, 0.9, 0.99, 0.999, 1},
                                     {0.3, 0.301, 0.7, 0.701, 1}};
    for (int i = 0; i < 4; i++)
        for (double drift = -3; drift <= 3; drift += 3) {
            struct cm_score_density d;
            cm_score_density_init(&d, drift);
            for (int k = 0; k < 4; k++) {
                step_to(&d, info[i][k], -INFINITY, INFINITY, info[i][k + 1] - info[i][k]);
                for (double z = -3; z <= 8; z += 2.75) {
                    double s = drift * info[i][k + 1] + z * sqrt(info[i][k + 1]);
                    expect_close(cm_score_density_above(&d, info[i][k + 1], s),
                                 normal_q(&d, info[i][k + 1], s), 3e-12);
                }
            }
            cm_score_density_release(&d);
        }
}

Test(score_density, what_is_stopped_and_what_stays_add_up)
{
    struct cm_score_density d;
    double stopped = 0, info = 0;
    cm_score_density_init(&d, 1);
    for (int k = 1; k <= 8; k++) {
        double next = info + 0.05 * k;
        stopped += cm_score_density_above(&d, next, 1) + cm_score_density_below(&d, next, -0.5);
        step_to(&d, next, -0.5, 1, 0.05 * (k + 1));
        info = next;
        double stays = 0;
        for (size_t i = 0; i < d.n; i++)
            stays += d.mass[i];
        expect_close(stopped + stays, 1, 1e-13);
    }
    cm_score_density_release(&d);
}

Test(score_density, nobody_stays_between_boundaries_that_meet)
{
    struct cm_score_density d;
    cm_score_density_init(&d, 0);
    step_to(&d, 1, 0.5, 0.5, 1);
    cr_expect_eq(d.n, 0);
    cr_expect_eq(cm_score_density_above(&d, 2, -INFINITY), 0);
    step_to(&d, 2, -INFINITY, INFINITY, 1);
    cr_expect_eq(cm_score_density_below(&d, 3, INFINITY), 0);
    cm_score_density_release(&d);
    cm_score_density_release(&d);
}

Test(score_density, nodes_ascend)
{
    struct cm_score_density d;
    cm_score_density_init(&d, 0);
    step_to(&d, 1, -INFINITY, INFINITY, 0.3);
    for (size_t i = 1; i < d.n; i++)
        cr_assert_lt(d.at[i - 1], d.at[i]);
    cm_score_density_release(&d);
}
