/* Recorded traffic, counter by counter: what a history that begins inside a step leaves of it, and
 * how classes share what is recorded. */
#include <criterion/criterion.h>

#include "sim/engine/flow.h"
#include "sim/stats/interval.h"
#include "tests/stat/scenario_text.h"

enum { REPLICATIONS = 3000, EACH = 200 };

/* 20 minutes of 200 requests each. */
static const char recording[] = "time,requests\n"
                                "0,200\n60,200\n120,200\n180,200\n240,200\n300,200\n360,200\n"
                                "420,200\n480,200\n540,200\n600,200\n660,200\n720,200\n780,200\n"
                                "840,200\n900,200\n960,200\n1020,200\n1080,200\n1140,200\n";

struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_flow flow;
    struct cm_harm harm;
};

static void open_flow(struct fixture *f, const char *text)
{
    load_text(&f->scenario, text, recording);
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = -1, .strength = 1};
    cm_flow_init(&f->flow, &f->plan);
}

static void close_flow(struct fixture *f)
{
    cm_flow_release(&f->flow);
    cm_scenario_release(&f->scenario);
}

/* Answered so far by a version, in one class or (-1) in all. */
static double answered(const struct fixture *f, size_t version, int class)
{
    uint64_t cells[CM_CELLS_MAX], sum = 0;
    size_t n = f->flow.world.n_classes;
    cm_ledger_read(&f->flow.ledger, cm_ledger_now(&f->flow.ledger), cells);
    for (size_t c = 0; c < n; c++)
        for (size_t o = 0; o < CM_OUTCOMES && (class < 0 || (size_t) class == c); o++)
            for (size_t tempo = 0; tempo < CM_TEMPI; tempo++)
                sum += cells[cm_cell(n, version, c, o, tempo)];
    return (double)sum;
}

static void expect_mean(const char *what, const double *values, double want)
{
    struct cm_sample s = cm_sample_of(values, REPLICATIONS);
    double error = 4 * sqrt(s.variance / REPLICATIONS);
    cr_expect(fabs(s.mean - want) <= error, "%s: %g, not %g +- %g", what, s.mean, want, error);
}

/* Of 20 minutes history and horizon take 19.5: the history begins within the first half of a step,
 * 15 s in on average, and what came before belongs to nobody. */
Test(recorded, a_step_that_the_history_begins_inside_of_has_partly_gone_by)
{
    static double history[REPLICATIONS];
    struct fixture f = {0};
    open_flow(&f, "[scenario]\nhorizon = 10m\n[telemetry]\nhistory = 570s\n"
                  "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 60s\n"
                  "[service]\nlatency = fixed(value=0.1ms)\n[policy.p]\nsteps = 50%/1m\n");
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        cm_flow_begin(&f.flow, i, &f.harm);
        history[i] = answered(&f, CM_STABLE, -1);
    }
    expect_mean("history", history, 9.5 * EACH);
    close_flow(&f);
}

/* Four classes: each split is conditional on those before it. Spread is binomial, not Poisson. */
Test(recorded, classes_share_what_is_recorded)
{
    static const double share[] = {0.1, 0.3, 0.4, 0.2};
    static double by_class[4][REPLICATIONS], all[REPLICATIONS];
    struct fixture f = {0};
    open_flow(&f, "[scenario]\nhorizon = 10m\n[telemetry]\nhistory = 10m\n"
                  "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 60s\n"
                  "[service]\nlatency = exponential(mean=2s)\n"
                  "[class.a]\nshare = 10%\n[class.b]\nshare = 30%\nlatency = fixed(value=3s)\n"
                  "[class.c]\nshare = 40%\n[policy.p]\nsteps = 50%/1m\n");
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        cm_flow_begin(&f.flow, i, &f.harm);
        cm_world_route(&f.flow.world, 0.25);
        cm_flow_advance(&f.flow, 25 * CM_SECOND);
        cm_flow_advance(&f.flow, 60 * CM_SECOND);
        cm_world_route(&f.flow.world, 0);
        cm_flow_drain(&f.flow);
        for (int c = 0; c < 4; c++)
            by_class[c][i] = answered(&f, CM_CANARY, c);
        all[i] = answered(&f, CM_CANARY, -1);
        cr_assert_eq(f.harm.requests, all[i]);
        f.harm = (struct cm_harm){0};
    }
    for (int c = 0; c < 4; c++) {
        double p = 0.25 * share[c], want = EACH * p * (1 - p);
        double variance = cm_sample_of(by_class[c], REPLICATIONS).variance;
        expect_mean("class", by_class[c], EACH * p);
        cr_expect_float_eq(variance, want, 4 * 1.2 * want * sqrt(2.0 / REPLICATIONS),
                           "class %d: variance %g, not %g", c, variance, want);
    }
    expect_mean("all", all, 0.25 * EACH);
    double variance = cm_sample_of(all, REPLICATIONS).variance;
    cr_expect_float_eq(variance, 37.5, 4 * 37.5 * sqrt(2.0 / REPLICATIONS), "%g", variance);
    close_flow(&f);
}
