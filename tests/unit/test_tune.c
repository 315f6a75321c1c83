/* The search on problems whose answer is known: harm as a function of the point, with noise that
 * replication i of every candidate shares in part, as common random numbers do. */
#include <criterion/criterion.h>

#include <math.h>

#include "analysis/tune.h"
#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"

#define HALF 0.5

/* harm(u) = 10 + 100 |u - optimum|^2 + shared_i + own_i; false rollbacks with chance
 * `rate` u_0^2; a candidate of family 1 does 5 more. */
struct problem {
    double optimum[2], shared, own, rate;
    uint64_t trials, calls, stop_at; /* played; calls; the call that is interrupted, 0 = none */
    uint64_t seed;
    double broken_above; /* u_1 above this is no valid scenario */
};

static double mean_harm(const struct problem *p, const struct cm_candidate *c)
{
    double x = c->u[0] - p->optimum[0], y = c->u[1] - p->optimum[1];
    return 10 + 100 * (x * x + y * y) + (c->family == 1 ? 5 : 0);
}

static struct cm_trial trial(const struct problem *p, const struct cm_candidate *c, uint64_t i)
{
    struct cm_rng shared = cm_rng_stream(p->seed, i, 1, 0);
    struct cm_rng own = cm_rng_stream(p->seed, i, 2, c->number);
    double a = cm_draw_normal(&shared), b = cm_draw_normal(&own), u = cm_rng_unit(&shared);
    return (struct cm_trial){
        .goal = mean_harm(p, c) + p->shared * a + p->own * b,
        .promoted_after = 600 * (1 + c->u[1]),
        .false_rollback = u < p->rate * c->u[0] * c->u[0],
    };
}

static int play(void *self, struct cm_candidate *const *list, size_t n, uint64_t upto)
{
    struct problem *p = self;
    if (++p->calls == p->stop_at)
        return -1;
    for (size_t k = 0; k < n; k++) {
        struct cm_candidate *c = list[k];
        c->broken = c->u[1] > p->broken_above;
        if (c->broken)
            continue;
        c->trials = cm_grow(c->trials, upto, sizeof *c->trials);
        for (uint64_t i = c->n; i < upto; i++)
            c->trials[i] = trial(p, c, i);
        p->trials += upto - c->n;
        c->n = upto;
    }
    return 0;
}

static struct cm_tune ask(struct problem *p)
{
    return (struct cm_tune){
        .families = 1,
        .dimensions = 2,
        .limits =
            {.false_rollback = NAN, .missed = NAN, .time_to_promote = NAN, .n_good = 1, .n_bad = 1},
        .seed = 1,
        .replications = 1024,
        .start = 64,
        .round = 24,
        .play = play,
        .self = p,
    };
}

static struct problem quiet(void)
{
    return (struct problem){
        .optimum = {0.3, 0.7}, .shared = 20, .own = 5, .seed = 7, .broken_above = 2};
}

static struct cm_tuning found;

static void end(void)
{
    cm_tune_release(&found);
}

TestSuite(tune, .fini = end);

static const struct cm_candidate *best(void)
{
    return found.list[found.order[0]];
}

/* --- the search --- */

/* The own noise of a mean of 1024 is 0.006; the shared one is 100 times as large. The nearest of so
 * many Sobol points does about 0.07 more than the best one can. */
Test(tune, the_known_optimum_is_found_through_noise)
{
    struct problem p = quiet();
    struct cm_tune t = ask(&p);
    p.own = 0.2;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_eq(found.end, CM_TUNE_CONVERGED);
    cr_expect_lt(mean_harm(&p, best()) - 10, 0.02, "at %g, %g", best()->u[0], best()->u[1]);
    cr_expect_eq(found.replications, 1024);
}

/* Without the limit the optimum is at u_0 = 0.9, where 8.1 % of the healthy are rolled back; with
 * it u_0 has to stay below sqrt(0.02 / 0.1) = 0.447. */
Test(tune, the_limit_is_kept_by_the_upper_end_of_the_interval)
{
    struct problem p = quiet();
    p.optimum[0] = 0.9, p.rate = 0.1;
    struct cm_tune t = ask(&p);
    t.limits.false_rollback = 0.02;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    const struct cm_standing *s = &found.standing[found.order[0]];
    cr_expect_eq(s->keeping, CM_KEEPS);
    cr_expect_leq(s->false_rollback.high, 0.02);
    cr_expect_lt(best()->u[0], 0.447);
    cr_expect_gt(best()->u[0], 0.3, "the limit is not wasted: %g", best()->u[0]);
    cr_expect_gt(best()->u[1], 0.6);
    cr_expect_lt(best()->u[1], 0.8);
}

Test(tune, the_time_is_limited_too)
{
    struct problem p = quiet(); /* at u_1 = 0.7 it takes 1020 s */
    struct cm_tune t = ask(&p);
    t.limits.time_to_promote = 900; /* u_1 = 0.5 */
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_leq(best()->u[1], HALF);
    cr_expect_gt(best()->u[1], 0.4);
}

Test(tune, where_none_can_keep_the_limit_the_nearest_is_chosen)
{
    struct problem p = quiet(); /* nobody promotes before 600 s */
    struct cm_tune t = ask(&p);
    t.limits.time_to_promote = 300;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_assert_gt(found.n_order, 0);
    cr_expect_eq(found.standing[found.order[0]].keeping, CM_BREAKS);
    cr_expect_lt(best()->u[1], 0.05);
}

Test(tune, the_better_of_two_families_wins)
{
    struct problem p = quiet();
    struct cm_tune t = ask(&p);
    t.families = 2;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_eq(best()->family, 0);
}

Test(tune, candidates_that_are_no_scenario_are_left_out)
{
    struct problem p = quiet();
    p.broken_above = 0.9, p.optimum[1] = 1;
    struct cm_tune t = ask(&p);
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_gt(found.broken, 0);
    cr_expect_gt(best()->u[1], 0.8);
    cr_expect_leq(best()->u[1], 0.9);
}

Test(tune, nothing_is_chosen_where_every_candidate_is_broken)
{
    struct problem p = quiet();
    struct cm_tune t = ask(&p);
    p.broken_above = -1;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_eq(found.n_order, 0);
    cr_expect_eq(found.broken, 64);
}

Test(tune, a_budget_of_less_than_a_stage_plays_nothing)
{
    struct problem p = quiet();
    struct cm_tune t = ask(&p);
    t.budget = 1;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_eq(found.n_order, 0);
    cr_expect_eq(p.calls, 0);
}

Test(tune, the_same_seed_and_budget_give_the_same_answer)
{
    struct problem p = quiet(), q = quiet();
    struct cm_tune t = ask(&p), u = ask(&q);
    struct cm_tuning again = {0};
    t.budget = u.budget = 60000;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_assert_eq(cm_tune_search(&u, &again), 0);
    cr_expect_eq(found.played, again.played);
    cr_expect_eq(found.order[0], again.order[0]);
    cr_expect_eq(best()->u[0], again.list[again.order[0]]->u[0]);
    cm_tune_release(&again);
}

/* A search that a clock ended is repeated by the number of rollouts that it played. */
static bool is_early(void *self, uint64_t played, uint64_t wanted)
{
    (void)self;
    (void)wanted;
    return played < 50000;
}

Test(tune, what_a_clock_ended_is_repeated_by_its_rollouts)
{
    struct problem p = quiet(), q = quiet();
    struct cm_tune t = ask(&p), u = ask(&q);
    struct cm_tuning again = {0};
    t.go_on = is_early;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_assert_eq(found.end, CM_TUNE_OUT_OF_BUDGET);
    u.budget = found.played;
    cr_assert_eq(cm_tune_search(&u, &again), 0);
    cr_expect_eq(found.played, again.played);
    cr_expect_eq(found.n, again.n);
    cr_expect_eq(found.order[0], again.order[0]);
    cm_tune_release(&again);
}

Test(tune, the_budget_is_not_exceeded_and_every_trial_is_counted)
{
    struct problem p = quiet();
    struct cm_tune t = ask(&p);
    t.budget = 40000;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_eq(found.end, CM_TUNE_OUT_OF_BUDGET);
    cr_expect_leq(found.played, 40000);
    cr_expect_eq(found.played, 2 * p.trials); /* a good and a bad release each */
}

Test(tune, an_interrupt_ends_the_search)
{
    struct problem p = quiet();
    p.stop_at = 3;
    struct cm_tune t = ask(&p);
    cr_expect_eq(cm_tune_search(&t, &found), -1);
    cr_expect_eq(found.end, CM_TUNE_STOPPED);
    cr_expect_eq(p.calls, 3);
}

/* Where all are equal, nothing may be dropped but for want of room, and that is said. */
Test(tune, what_goes_for_want_of_room_is_counted)
{
    struct problem p = quiet();
    struct cm_tune t = ask(&p);
    p.own = 1e5; /* no difference can be seen */
    t.start = 40, t.round = 4;
    cr_assert_eq(cm_tune_search(&t, &found), 0);
    cr_expect_gt(found.pressed, 0);
    cr_expect_gt(found.ties, 0);
}

/* --- standing and rank --- */

static struct cm_trial made[100];

/* n replications, x of them false rollbacks. */
static struct cm_standing stands(uint64_t n, uint64_t x, double limit)
{
    struct cm_tune_limits limits = {limit, NAN, NAN, 1, 1};
    struct cm_candidate c = {.trials = made, .n = n};
    for (uint64_t i = 0; i < n; i++)
        made[i] =
            (struct cm_trial){.goal = (double)i, .promoted_after = 60, .false_rollback = i < x};
    return cm_tune_standing(&c, &limits);
}

/* 0 of 100: one-sided limit 1 - 0.05^(1/100) = 2.95 %. Wilson's limits of 5 of 100 are 2.2 % and
 * 11.2 %, of 1 of 100 0.18 % and 5.4 % (Brown, Cai and DasGupta 2001, formula 4). */
Test(tune, a_limit_is_kept_or_broken_by_the_ends_of_the_interval)
{
    cr_expect_eq(stands(100, 0, 0.03).keeping, CM_KEEPS);
    cr_expect_eq(stands(100, 0, 0.029).keeping, CM_MAY_KEEP);
    cr_expect_eq(stands(100, 5, 0.02).keeping, CM_BREAKS);
    cr_expect_eq(stands(100, 5, 0.04).keeping, CM_SEEMS_TO_BREAK);
    cr_expect_eq(stands(100, 5, 0.06).keeping, CM_MAY_KEEP);
    cr_expect_eq(stands(100, 5, 0.12).keeping, CM_KEEPS);
    cr_expect_eq(stands(100, 1, 0.005).keeping, CM_MAY_KEEP); /* one event decides nothing */
    cr_expect_eq(stands(100, 5, NAN).keeping, CM_KEEPS);
}

Test(tune, who_never_promotes_keeps_no_limit_on_time)
{
    struct cm_tune_limits limits = {NAN, NAN, 600, 1, 1};
    struct cm_trial none[2] = {{.promoted_after = NAN}, {.promoted_after = NAN}};
    struct cm_candidate c = {.trials = none, .n = 2};
    cr_expect_eq(cm_tune_standing(&c, &limits).keeping, CM_BREAKS);
}

/* Differences of 1 with a standard error of 0.2 are 5 of them away from 0; of 4, 1.25. */
Test(tune, worse_means_beyond_the_noise_of_the_paired_differences)
{
    struct cm_trial a[64], b[64];
    struct cm_candidate x = {.trials = a, .n = 64}, y = {.trials = b, .n = 64};
    for (int i = 0; i < 64; i++) {
        double noise = i % 2 ? 1.6 : -1.6, world = 1000 * i; /* the world is the same for both */
        b[i].goal = world;
        a[i].goal = world + 1 + noise; /* 1.6 / sqrt(63) = 0.2 */
    }
    cr_expect(cm_tune_is_worse(&x, &y));
    cr_expect_not(cm_tune_is_worse(&y, &x));
    for (int i = 0; i < 64; i++)
        a[i].goal = 1000 * i + 1 + (i % 2 ? 6.4 : -6.4);
    cr_expect_not(cm_tune_is_worse(&x, &y));
    for (int i = 0; i < 64; i++)
        a[i].goal = 1000 * i + 1;
    cr_expect(cm_tune_is_worse(&x, &y));
    x.n = 8;
    cr_expect_not(cm_tune_is_worse(&x, &y), "eight replications say nothing");
}

static struct cm_standing at(double goal, double share, double time, enum cm_keeping keeping)
{
    return (struct cm_standing){.goal = {goal, goal, goal},
                                .false_rollback = {share, share, share},
                                .time_to_promote = {time, time, time},
                                .keeping = keeping};
}

/* By hand: c is worse than a in harm, equal else; d is worse than b in everything; e is best in
 * time; f equals a. */
Test(tune, the_front_is_what_nobody_dominates)
{
    const struct cm_standing all[] = {at(10, 0.01, 600, CM_KEEPS), at(20, 0.001, 600, CM_KEEPS),
                                      at(11, 0.01, 600, CM_KEEPS), at(21, 0.002, 700, CM_KEEPS),
                                      at(90, 0.02, 60, CM_KEEPS),  at(10, 0.01, 600, CM_KEEPS),
                                      at(NAN, NAN, NAN, CM_BREAKS)};
    const size_t want[] = {0, 5, 1, 4};
    size_t front[7], n = cm_tune_front(all, 7, front);
    cr_assert_eq(n, 4);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(front[i], want[i], "%zu: %zu", i, front[i]);
    cr_expect(cm_tune_dominates(&all[0], &all[2]));
    cr_expect_not(cm_tune_dominates(&all[0], &all[5]), "equals do not dominate each other");
    cr_expect_not(cm_tune_dominates(&all[0], &all[1]));
}

Test(tune, limits_come_before_harm_and_proof_before_promise)
{
    const struct cm_standing all[] = {at(1, 0, 0, CM_BREAKS), at(2, 0, 0, CM_SEEMS_TO_BREAK),
                                      at(3, 0, 0, CM_MAY_KEEP), at(4, 0, 0, CM_KEEPS)};
    const size_t proven[] = {3, 2, 1, 0}, open[] = {2, 3, 1, 0};
    size_t order[] = {0, 1, 2, 3};
    cm_tune_rank(all, true, order, 4);
    cr_expect_arr_eq(order, proven, sizeof proven);
    cm_tune_rank(all, false, order, 4);
    cr_expect_arr_eq(order, open, sizeof open);
}

/* Upper ends of 0.9 % and 0.7 % under a limit of 1 % are 0.9 and 0.7 of it: 0.78 of each other. */
Test(tune, safer_means_clearly_farther_from_the_limit)
{
    struct cm_tune_limits limits = {0.01, NAN, NAN, 1, 1};
    struct cm_standing near = {.false_rollback = {.high = 0.009}, .missed = {.high = 1}};
    struct cm_standing far = {.false_rollback = {.high = 0.007}, .missed = {.high = 1}};
    struct cm_standing between = {.false_rollback = {.high = 0.0085}};
    cr_expect(cm_tune_is_safer(&far, &near, &limits));
    cr_expect_not(cm_tune_is_safer(&between, &near, &limits));
    cr_expect_not(cm_tune_is_safer(&near, &far, &limits));
    limits.missed = 0.5;
    cr_expect_not(cm_tune_is_safer(&far, &near, &limits), "both miss as much");
}
