/* Occupancy against its closed forms elsewhere and against the chain of requests one by one. */
#include "sim/stats/occupancy.h"

#include "tests/unit/close.h"

/* Mean and variance of the distinct users, from the law of Polya's urn worked out request by
 * request: the next one meets somebody new with chance k (m - d) / (k m + i). */
static void by_chain(int users, double shape, int requests, double *mean, double *variance)
{
    double p[64] = {1}, sum = 0, squares = 0;
    for (int i = 0; i < requests; i++)
        for (int d = users; d >= 0; d--) {
            double whole = isinf(shape) ? users : users + i / shape;
            double from_below = d > 0 ? p[d - 1] * (users - d + 1) / whole : 0;
            p[d] = p[d] * (1 - (users - d) / whole) + from_below;
        }
    for (int d = 0; d <= users; d++) {
        sum += d * p[d];
        squares += d * d * p[d];
    }
    *mean = sum;
    *variance = squares - sum * sum;
}

Test(occupancy, of_a_year_and_23_people_is_that_of_the_birthday_problem)
{
    /* 365 (1 - (364/365)^23) = 22.31996 */
    expect_close(cm_occupancy_mean(&(struct cm_occupancy){365, INFINITY, 23}), 22.31996, 1e-6);
}

Test(occupancy, has_the_mean_of_the_chain)
{
    static const double shapes[] = {0.1, 0.5, 1, 3, 40, INFINITY};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int users = 1; users <= 60; users += 7)
            for (int requests = 0; requests <= 90; requests += 15) {
                double mean, variance;
                by_chain(users, shapes[i], requests, &mean, &variance);
                expect_close(cm_occupancy_mean(&(struct cm_occupancy){users, shapes[i], requests}),
                             mean, 1e-10);
            }
}

/* The chance of none is (k / (k + l))^k among very many, exp(-l) if they are alike. */
Test(occupancy, of_many_users_tends_to_the_law_of_one)
{
    expect_close(cm_occupancy_none(&(struct cm_occupancy){1e8, 0.5, 3e8}), pow(0.5 / 3.5, 0.5),
                 1e-7);
    expect_close(cm_occupancy_none(&(struct cm_occupancy){1e8, INFINITY, 3e8}), exp(-3.0), 1e-7);
    expect_close(cm_occupancy_none(&(struct cm_occupancy){1e8, 1000, 3e8}),
                 pow(1000 / 1003.0, 1000), 1e-6);
}

/* Both ways to the logarithm of a ratio of gamma functions meet where one takes over. */
Test(occupancy, does_not_jump_where_its_expansion_begins)
{
    for (double shape = 0.05; shape < 200; shape *= 3) {
        double users = (1e4 * (shape + 1) + (shape + 1) / 2) / shape;
        struct cm_occupancy below = {users * (1 - 1e-9), shape, 2 * users};
        struct cm_occupancy above = {users * (1 + 1e-9), shape, 2 * users};
        expect_close(cm_occupancy_none(&below), cm_occupancy_none(&above), 2e-8);
    }
}

/* The leading term in 1 / m: at 60 users it is right to some per cent. */
Test(occupancy, has_nearly_the_variance_of_the_chain)
{
    static const double shapes[] = {0.5, 2, INFINITY};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int requests = 30; requests <= 120; requests += 30) {
            double mean, variance;
            by_chain(60, shapes[i], requests, &mean, &variance);
            expect_close(cm_occupancy_variance(&(struct cm_occupancy){60, shapes[i], requests}),
                         variance, 0.06);
        }
}

Test(occupancy, of_nothing_or_one_needs_no_formula)
{
    cr_expect_eq(cm_occupancy_mean(&(struct cm_occupancy){10, 0.5, 0}), 0);
    cr_expect_eq(cm_occupancy_mean(&(struct cm_occupancy){1, 0.5, 7}), 1);
    cr_expect_eq(cm_occupancy_variance(&(struct cm_occupancy){10, INFINITY, 0}), 0);
}
