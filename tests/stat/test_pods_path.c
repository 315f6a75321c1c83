/* Weights as pods, the noise of machines, and the path of pods against closed forms. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/engine/rollout.h"
#include "sim/stats/interval.h"
#include "tests/stat/scenario_text.h"

/* Grades have equal chances, mean 1, and nearly the variance of the lognormal, e^(s^2) - 1. */
Test(machines, have_mean_one)
{
    const struct cm_fleet fleet = {.latency_noise = 0.3, .error_noise = 0.3};
    double sum = 0, squares = 0;
    for (size_t g = 0; g < CM_GRADES; g++) {
        double f = cm_machine_latency(&fleet, g);
        sum += f / CM_GRADES;
        squares += f * f / CM_GRADES;
    }
    cr_expect_float_eq(sum, 1, 1e-12);
    cr_expect_float_eq(squares - 1, expm1(0.09), 0.01);
    cr_expect_float_eq(cm_machine_errors(&fleet, 0), exp(-0.045), 1e-12);
}

enum { ROUNDS = 2000 };

struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_flow *flow;
    struct cm_harm harm;
};

static void open_pods(struct fixture *f, const char *text, int release)
{
    *f = (struct fixture){0};
    load_text(&f->scenario, text, NULL);
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = release, .strength = 1};
    f->flow = cm_alloc(sizeof *f->flow);
    cm_flow_init(f->flow, &f->plan);
}

static void close_pods(struct fixture *f)
{
    cm_flow_release(f->flow);
    cm_free(f->flow);
    cm_scenario_release(&f->scenario);
}

/* The world alone, up to `until`. */
static const struct cm_pods_path *go(struct fixture *f, uint64_t replication, double share,
                                     cm_time until)
{
    struct cm_world *w = &f->flow->world;
    cm_world_begin(w, replication);
    cm_world_extend(w, 0);
    cm_world_route(w, share);
    cm_world_extend(w, until);
    cm_world_pods(w);
    return &w->pods;
}

#define POLICY                                                                                     \
    "[metric.errors]\nsignal = error_ratio\n"                                                      \
    "[gate.g]\ntest = threshold\nmetric = errors\nmax = 90%\n"                                     \
    "[policy.p]\nsteps = 20%/4m, 100%\ngates = g\n"

static void expect_share(double sum, double want)
{
    double n = 4.0 * ROUNDS, error = 4 * sqrt(want * (1 - want) / n);
    cr_expect(fabs(sum / n - want) <= error, "%g, not %g +- %g", sum / n, want, error);
}

/* A pod is available by t with the law's P(start_up <= t). */
Test(pods_path, come_up_by_the_law_of_the_start_up)
{
    struct fixture f;
    static const double at_s[] = {10, 40, 90};
    open_pods(&f, "[pods]\ncanary = 4\nstart_up = exponential(mean=40s)\n" POLICY, -1);
    for (size_t k = 0; k < 3; k++) {
        double sum = 0;
        for (uint64_t i = 0; i < ROUNDS; i++)
            sum += (double)cm_pods_available(go(&f, i, 0.2, cm_from_seconds(at_s[k])), CM_CANARY);
        expect_share(sum, 1 - exp(-at_s[k] / 40));
    }
    close_pods(&f);
}

/* Up for an exponential time U, down for an exponential time D: up with probability
 * d + (1 - d) e^(-(1/U + 1/D) t), d = U / (U + D), after being up at 0 (Cox, 1962, 7.4). */
Test(pods_path, restart_as_an_alternating_renewal_process)
{
    struct fixture f;
    open_pods(&f,
              "[telemetry]\nhistory = 10m\n[pods]\nstable = 4\n"
              "start_up = exponential(mean=60s)\nrestart_every = 4m\n" POLICY,
              -1);
    static const double at_s[] = {60, 600, 1800};
    for (size_t k = 0; k < 3; k++) {
        double sum = 0, up = 240.0 / 300, t = at_s[k] + 600;
        for (uint64_t i = 0; i < ROUNDS; i++)
            sum += (double)cm_pods_available(go(&f, i, 0, cm_from_seconds(at_s[k])), CM_STABLE);
        expect_share(sum, up + (1 - up) * exp(-(1 / 240.0 + 1 / 60.0) * t));
    }
    close_pods(&f);
}

/* A crash loop that no natural crash adds to: the starts of a pod that comes up at once are 1 and a
 * Poisson number more. It begins at the onset. */
Test(pods_path, crash_at_the_rate_of_the_defect_from_its_onset_on)
{
    struct fixture f;
    open_pods(&f,
              "[service]\nwarm_up = 1s\nwarm_up_latency = x2\n"
              "[pods]\ncanary = 4\n[defect.loop]\ncrash_every = 2m\nonset = 1m\n" POLICY,
              0);
    double sum = 0, want = 4.0 * ROUNDS * 240 / 120;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        const struct cm_pods_path *p = go(&f, i, 0.2, 5 * CM_MINUTE);
        for (size_t k = 0; k < 4; k++)
            sum += (double)(p->versions[CM_CANARY].list[k].starts - 1);
    }
    cr_expect(fabs(sum - want) < 4 * sqrt(want), "%g crashes, not %g", sum, want);
    close_pods(&f);
}

Test(pods_path, a_loop_of_some_instances_leaves_the_others_up)
{
    struct fixture f;
    open_pods(&f,
              "[pods]\ncanary = 4\nstart_up = fixed(value=1s)\n"
              "[defect.loop]\ncrash_every = 1m\ninstances = 50%\n" POLICY,
              0);
    uint64_t starts[4] = {0};
    for (uint64_t i = 0; i < 50; i++) {
        const struct cm_pods_path *p = go(&f, i, 0.2, 5 * CM_MINUTE);
        for (size_t k = 0; k < 4; k++)
            starts[k] += p->versions[CM_CANARY].list[k].starts;
    }
    cr_expect(starts[0] > 200 && starts[1] > 200);
    cr_expect(starts[2] == 50 && starts[3] == 50);
    close_pods(&f);
}

Test(pods_path, a_stuck_release_never_comes_up_and_gets_no_traffic)
{
    struct fixture f;
    open_pods(&f, "[pods]\ncanary = 2\nstuck = 100%\nprogress_deadline = 3m\n" POLICY, -1);
    const struct cm_pods_path *p = go(&f, 1, 0.2, 2 * CM_MINUTE);
    cr_expect_eq(cm_pods_available(p, CM_CANARY), 0);
    cr_expect_not(cm_pods_seen(p, CM_CANARY, 2 * CM_MINUTE).stuck);
    cr_expect_eq(f.flow->world.share[CM_CANARY], 0);
    cr_expect_eq(f.flow->world.share[CM_STABLE], 1);
    p = go(&f, 1, 0.2, 3 * CM_MINUTE);
    cr_expect(cm_pods_seen(p, CM_CANARY, 3 * CM_MINUTE).stuck);
    cr_expect_eq(cm_pods_seen(p, CM_CANARY, 3 * CM_MINUTE).wanted, 2);
    close_pods(&f);
}

/* Counted by hand: w n up or down, of n or n + 1, the nearest; 1 to 99 % keeps a pod of each. */
Test(pods_path, replicas_come_nearest_to_the_weight)
{
    static const struct {
        double weight;
        uint64_t replicas;
        bool surge;
        uint64_t canary, stable;
    } cases[] = {
        {0, 10, true, 0, 10},    {1, 10, true, 10, 0},     {0.1, 10, true, 1, 9},
        {0.01, 10, false, 1, 9}, {0.01, 10, true, 1, 10}, /* 1 of 11 is nearer to 1 % */
        {0.99, 10, false, 9, 1}, {0.25, 4, true, 1, 3},    {0.5, 3, true, 2, 2},
        {0.3, 3, false, 1, 2},   {0.25, 10, false, 3, 7}, /* a half is rounded up */
        {0.05, 1, true, 1, 1},   {0.07, 100, true, 7, 93}, {1.0 / 3, 3, true, 1, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        char text[300];
        snprintf(text, sizeof text, "[pods]\nrouting = replicas\nstable = %zu\nsurge = %s\n%s",
                 (size_t)cases[i].replicas, cases[i].surge ? "yes" : "no", POLICY);
        open_pods(&f, text, -1);
        cm_flow_begin(f.flow, 0, &f.harm);
        cm_world_route(&f.flow->world, cases[i].weight);
        const struct cm_pods_path *p = &f.flow->world.pods;
        size_t canary = p->versions[CM_CANARY].wanted, stable = p->stable_target;
        cr_expect(canary == cases[i].canary && stable == cases[i].stable, "%g of %zu: %zu and %zu",
                  cases[i].weight, (size_t)cases[i].replicas, canary, stable);
        close_pods(&f);
    }
}

/* 20 % of 10 pods: 2 of 10; until they are up stable keeps its 10. */
Test(pods_path, replicas_move_the_traffic_when_they_are_there)
{
    struct fixture f;
    open_pods(&f, "[pods]\nstable = 10\nrouting = replicas\nstart_up = fixed(value=30s)\n" POLICY,
              -1);
    const struct cm_pods_path *p = go(&f, 1, 0.2, 29 * CM_SECOND);
    cr_expect_eq(cm_pods_available(p, CM_STABLE), 10);
    cr_expect_eq(f.flow->world.share[CM_CANARY], 0);
    p = go(&f, 1, 0.2, 30 * CM_SECOND);
    cr_expect_eq(cm_pods_available(p, CM_STABLE), 8);
    cr_expect_eq(f.flow->world.share[CM_CANARY], 0.2);
    close_pods(&f);
}

/* Of n pods the version's factor is a mean of n: the errors of a minute that expects m of them have
 * the variance m + m^2 (e^(s^2) - 1) / n. */
Test(pods_path, noise_between_pods_adds_its_own_variance)
{
    struct fixture f;
    static double errors[ROUNDS];
    uint64_t begin[CM_CELLS_MAX], end[CM_CELLS_MAX];
    open_pods(&f,
              "[traffic]\nrate = 100 rps\n[service]\nerror_rate = 5%\nlatency = fixed(value=0s)\n"
              "[pods]\ncanary = 4\nerror_noise = 0.4\n" POLICY,
              -1);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        cm_flow_begin(f.flow, i, &f.harm);
        cm_world_route(&f.flow->world, 0.5);
        cm_ledger_read(&f.flow->ledger, 0, begin);
        cm_flow_advance(f.flow, CM_MINUTE);
        cm_ledger_read(&f.flow->ledger, CM_MINUTE, end);
        size_t cell = cm_cell(1, CM_CANARY, 0, CM_ERROR_ANSWER, CM_IN_TIME);
        errors[i] = (double)(end[cell] - begin[cell]);
    }
    struct cm_sample s = cm_sample_of(errors, ROUNDS);
    double mean = 50 * 60 * 0.05, want = mean + mean * mean * expm1(0.16) / 4;
    cr_expect(fabs(s.mean - mean) < 4 * sqrt(want / ROUNDS), "%g, not %g", s.mean, mean);
    /* Kurtosis of the mean of four such lognormals is about 3.8: s.e. sqrt(2.8 / n). */
    cr_expect(fabs(s.variance / want - 1) < 4 * sqrt(2.8 / ROUNDS), "%g, not %g", s.variance, want);
    close_pods(&f);
}

/* 1 of 4 pods with +20 pp on 1 %: the version fails 6 %. */
Test(pods_path, a_defect_of_some_instances_is_diluted)
{
    struct fixture f;
    static const char *const instances[] = {"1", "25%"};
    for (int i = 0; i < 2; i++) {
        char text[400];
        snprintf(text, sizeof text, "%s%s\n%s",
                 "[service]\nerror_rate = 1%\n[pods]\ncanary = 4\n"
                 "[defect.bad]\nerror_rate = +20pp\ninstances = ",
                 instances[i], POLICY);
        open_pods(&f, text, 0);
        go(&f, 1, 0.2, CM_MINUTE);
        const struct cm_world *w = &f.flow->world;
        const struct cm_piece *piece = cm_world_piece(w, w->n - 1);
        cr_expect_float_eq(piece->meets[CM_CANARY][0].error, 0.06, 1e-12);
        cr_expect_eq(cm_piece_parts(piece, CM_CANARY), 2);
        cr_expect_float_eq(piece->meets[CM_STABLE][0].error, 0.01, 1e-12);
        close_pods(&f);
    }
}
