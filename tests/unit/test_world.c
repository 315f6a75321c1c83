/* The path of the world: pieces that tile time, and what a request meets on each of them. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/engine/world.h"
#include "tests/stat/scenario_text.h"

#define POLICY "[policy.p]\nsteps = 50%/1m\n"

struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_world world;
};

/* Release 0 if there is a defect, else the healthy one; at the beginning of the history. */
static void open_world(struct fixture *f, const char *text, const char *counts)
{
    load_text(&f->scenario, text, counts);
    int release = f->scenario.n_defects > 0 ? 0 : -1;
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = release, .strength = 1};
    cm_world_init(&f->world, &f->plan);
    cm_world_begin(&f->world, 0);
}

static void close_world(struct fixture *f)
{
    cm_world_release(&f->world);
    cm_scenario_release(&f->scenario);
}

static void route_at(struct fixture *f, double at_s, double share)
{
    cm_world_extend(&f->world, cm_from_seconds(at_s));
    cm_world_route(&f->world, share);
}

/* The piece on which a request that arrives then meets its fate. */
static const struct cm_piece *piece_at(const struct fixture *f, double at_s)
{
    cm_time at = cm_from_seconds(at_s);
    for (size_t i = 0; i < f->world.n; i++) {
        const struct cm_piece *piece = cm_world_piece(&f->world, i);
        if (piece->from <= at && at < piece->until)
            return piece;
    }
    cr_assert_fail("no piece at %g s", at_s);
    return NULL;
}

static double error_at(const struct fixture *f, double at_s, size_t version, size_t class)
{
    return piece_at(f, at_s)->meets[version][class].error;
}

static double times_at(const struct fixture *f, double at_s, size_t version, size_t class)
{
    return f->world.shapes.list[piece_at(f, at_s)->meets[version][class].shape].pace.times;
}

static void expect_tiled(const struct fixture *f, cm_time until)
{
    for (size_t i = 1; i < f->world.n; i++)
        cr_expect_eq(cm_world_piece(&f->world, i)->from, cm_world_piece(&f->world, i - 1)->until);
    for (size_t i = 0; i < f->world.n; i++)
        cr_expect_lt(cm_world_piece(&f->world, i)->from, cm_world_piece(&f->world, i)->until);
    cr_expect_eq(cm_world_piece(&f->world, f->world.n - 1)->until, until);
}

/* --- pieces ----------------------------------------------------------------------------------- */

/* Traffic, drift, a leak and the route all change at instants of their own. */
#define RESTLESS                                                                                   \
    "[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\ncorrelation = 8s\n"       \
    "window = 10s\n[environment]\ndrift = 0.5\ncorrelation = 24s\n"                                \
    "[service]\nlatency = uniform(low=0s, high=2s)\n"                                              \
    "[defect.bad]\nprofile = leak\nonset = 17s\ndoubles_every = 5s\nfull_after = 20s\n"            \
    "error_rate = x2\n" POLICY

Test(world, pieces_tile_time_from_before_the_history_on)
{
    struct fixture f = {0};
    open_world(&f, RESTLESS, NULL);
    route_at(&f, 3.25, 0.1);
    route_at(&f, 40.75, 0.5);
    cm_world_extend(&f.world, 60 * CM_SECOND);
    expect_tiled(&f, 60 * CM_SECOND);
    /* Stable has been in flight for as long as its slowest request. */
    cr_expect_eq(cm_world_piece(&f.world, 0)->from,
                 -f.scenario.history - cm_from_seconds(f.world.shapes.longest) - 1);
    cr_expect(f.world.n > 200); /* the ring has grown */
    close_world(&f);
}

/* One answer in ten million takes longer than the clock goes. */
Test(world, answers_that_outlast_the_clock_do_not_turn_it_back)
{
    struct fixture f = {0};
    open_world(&f, "[service]\nlatency = lognormal(median=10d, sigma=5)\n" POLICY, NULL);
    cm_world_extend(&f.world, CM_MINUTE);
    expect_tiled(&f, CM_MINUTE);
    cr_expect_lt(cm_world_piece(&f.world, 0)->from, -f.scenario.history - 36500 * CM_DAY);
    cr_expect_gt(cm_world_drained(&f.world), 36500 * CM_DAY);
    close_world(&f);
}

Test(world, extending_in_small_steps_changes_no_piece)
{
    struct fixture once = {0}, often = {0};
    open_world(&once, RESTLESS, NULL);
    open_world(&often, RESTLESS, NULL);
    for (int ms = 1; ms <= 40000; ms += 7)
        cm_world_extend(&often.world, ms * (CM_SECOND / 1000));
    cm_world_extend(&once.world, often.world.now);
    cr_assert_eq(once.world.n, often.world.n);
    for (size_t i = 0; i < once.world.n; i++) {
        const struct cm_piece *a = cm_world_piece(&once.world, i);
        const struct cm_piece *b = cm_world_piece(&often.world, i);
        cr_expect(a->from == b->from && a->until == b->until && a->rate == b->rate);
    }
    close_world(&once);
    close_world(&often);
}

/* Policies that route differently meet the same traffic, weather and profile. */
Test(world, the_route_moves_nothing_else)
{
    struct fixture a = {0}, b = {0};
    open_world(&a, RESTLESS, NULL);
    open_world(&b, RESTLESS, NULL);
    route_at(&a, 0, 0.5);
    route_at(&b, 0, 0.01);
    route_at(&b, 11.1, 0.3);
    cm_world_extend(&a.world, 60 * CM_SECOND);
    cm_world_extend(&b.world, 60 * CM_SECOND);
    for (double t = 0.05; t < 60; t += 0.1) {
        cr_expect_eq(piece_at(&a, t)->rate, piece_at(&b, t)->rate);
        cr_expect_eq(error_at(&a, t, CM_CANARY, 0), error_at(&b, t, CM_CANARY, 0));
        cr_expect_eq(error_at(&a, t, CM_STABLE, 0), error_at(&b, t, CM_STABLE, 0));
    }
    close_world(&a);
    close_world(&b);
}

Test(world, what_can_still_be_in_flight_is_kept)
{
    struct fixture f = {0};
    open_world(&f, RESTLESS, NULL);
    cm_world_extend(&f.world, 60 * CM_SECOND);
    double longest = f.world.shapes.longest;
    cm_world_forget(&f.world, 30 * CM_SECOND);
    /* A request that arrived at the end of the first piece kept may be answered after 30 s. */
    cr_expect_leq(30 - cm_seconds(cm_world_piece(&f.world, 0)->until), longest);
    cr_expect_leq(cm_seconds(cm_world_piece(&f.world, 0)->from), 30 - longest);
    expect_tiled(&f, 60 * CM_SECOND);
    cr_expect_eq(cm_world_drained(&f.world), 60 * CM_SECOND + cm_from_seconds(longest) + 1);
    cm_world_forget(&f.world, 500 * CM_SECOND);
    cr_expect_eq(f.world.n, 1); /* there is always one to go on from */
    close_world(&f);
}

Test(world, a_recorded_piece_knows_its_step)
{
    static const char counts[] = "time,requests\n0,100\n60,40\n120,70\n180,10\n";
    struct fixture f = {0};
    open_world(&f,
               "[scenario]\nhorizon = 2m\n[traffic]\narrivals = replay\nfile = counts.csv\n"
               "step = 60s\n[telemetry]\nhistory = 2m\n" POLICY,
               counts);
    route_at(&f, 20, 0.5);
    cm_world_extend(&f.world, 119 * CM_SECOND);
    static const struct {
        double at_s, from_s;
        uint64_t count;
    } cases[] = {{-119, -120, 100}, {-1, -60, 40}, {5, 0, 70}, {45, 0, 70}, {60, 60, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct cm_piece *piece = piece_at(&f, cases[i].at_s);
        cr_expect_eq(piece->count, cases[i].count);
        cr_expect_float_eq(piece->rate, (double)cases[i].count / 60, 1e-12);
        cr_expect_eq(piece->step_from, cm_from_seconds(cases[i].from_s));
        cr_expect_eq(piece->step_until, cm_from_seconds(cases[i].from_s + 60));
    }
    cr_expect_eq(piece_at(&f, 45)->from, 20 * CM_SECOND); /* the route cuts a step */
    cr_expect_eq(cm_world_piece(&f.world, 0)->from, -120 * CM_SECOND);
    close_world(&f);
}

/* --- onset ------------------------------------------------------------------------------------ */

#define BAD "[service]\nerror_rate = 1%\n[defect.bad]\nerror_rate = +4pp\n"

Test(world, a_defect_has_no_onset_while_nobody_is_routed_to_it)
{
    struct fixture f = {0};
    open_world(&f, BAD "onset = 5s\n" POLICY, NULL);
    route_at(&f, 0, 0);
    cm_world_extend(&f.world, 20 * CM_SECOND);
    cr_expect_eq(f.world.onset, CM_NEVER);
    cr_expect_not(cm_world_exposes(&f.world, 20 * CM_SECOND));
    route_at(&f, 30, 0.1);
    cr_expect_eq(f.world.onset, CM_NEVER); /* no request has arrived yet */
    cm_world_extend(&f.world, 31 * CM_SECOND);
    cr_expect_eq(f.world.onset, 30 * CM_SECOND);
    cr_expect_float_eq(error_at(&f, 29.5, CM_CANARY, 0), 0.01, 1e-12);
    cr_expect_float_eq(error_at(&f, 30, CM_CANARY, 0), 0.05, 1e-12);
    cr_expect(cm_world_exposes(&f.world, 30 * CM_SECOND));
    cr_expect_not(cm_world_exposes(&f.world, 30 * CM_SECOND - 1));
    close_world(&f);
}

Test(world, a_route_before_the_onset_waits_for_it)
{
    struct fixture f = {0};
    open_world(&f, BAD "onset = 5s\n" POLICY, NULL);
    route_at(&f, 0, 0.1);
    cm_world_extend(&f.world, 5 * CM_SECOND);
    cr_expect_eq(f.world.onset, CM_NEVER); /* whoever acts at 5 s acts before it */
    cm_world_extend(&f.world, 5 * CM_SECOND + 1);
    cr_expect_eq(f.world.onset, 5 * CM_SECOND);
    cr_expect_float_eq(error_at(&f, 4.999, CM_CANARY, 0), 0.01, 1e-12);
    cr_expect_float_eq(error_at(&f, 5, CM_CANARY, 0), 0.05, 1e-12);
    cr_expect_float_eq(error_at(&f, 5, CM_STABLE, 0), 0.01, 1e-12);
    close_world(&f);
}

Test(world, seeking_the_onset_stops_there_or_at_the_limit)
{
    struct fixture f = {0};
    open_world(&f, BAD "onset = 50s\n" POLICY, NULL);
    route_at(&f, 0, 1);
    cr_expect_eq(cm_world_seek_onset(&f.world, 40 * CM_SECOND), CM_NEVER);
    cr_expect_eq(f.world.now, 40 * CM_SECOND);
    cr_expect_eq(cm_world_seek_onset(&f.world, 90 * CM_SECOND), 50 * CM_SECOND);
    cr_expect_eq(f.world.now, 50 * CM_SECOND); /* no further than needed */
    cr_expect_eq(cm_world_seek_onset(&f.world, 90 * CM_SECOND), 50 * CM_SECOND);
    cm_world_extend(&f.world, 60 * CM_SECOND);
    expect_tiled(&f, 60 * CM_SECOND);
    cr_expect_float_eq(error_at(&f, 55, CM_CANARY, 0), 0.05, 1e-12);
    close_world(&f);
}

Test(world, a_healthy_release_exposes_from_the_first_request)
{
    struct fixture f = {0};
    open_world(&f, POLICY, NULL);
    route_at(&f, 0, 0.1);
    cm_world_extend(&f.world, CM_SECOND);
    cr_expect_eq(f.world.onset, CM_NEVER);
    cr_expect(cm_world_exposes(&f.world, 0));
    close_world(&f);
}

/* --- what a request meets ----------------------------------------------------------------------
 */

/* 30 rps, acts above 10 rps of the canary's: from a share of more than a third on. */
Test(world, a_load_triggered_defect_acts_by_the_versions_own_intensity)
{
    struct fixture f = {0};
    open_world(
        &f,
        "[traffic]\nrate = 30 rps\n[service]\nerror_rate = 1%\n"
        "[defect.bad]\nprofile = load\nabove = 10 rps\nerror_rate = +4pp\nspill = 25%\n" POLICY,
        NULL);
    route_at(&f, 0, 0.3);
    route_at(&f, 10, 0.4);
    route_at(&f, 20, 0.3);
    cm_world_extend(&f.world, 30 * CM_SECOND);
    cr_expect_eq(f.world.onset, 10 * CM_SECOND);
    cr_expect_float_eq(error_at(&f, 5, CM_CANARY, 0), 0.01, 1e-12);
    cr_expect_float_eq(error_at(&f, 15, CM_CANARY, 0), 0.05, 1e-12);
    cr_expect_float_eq(error_at(&f, 15, CM_STABLE, 0), 0.02, 1e-12);
    cr_expect_float_eq(error_at(&f, 25, CM_CANARY, 0), 0.01, 1e-12);
    close_world(&f);
}

/* Traffic doubles over 10 minutes from 10 rps on; half of it passes 8 rps when all of it is 16. */
Test(world, growing_traffic_triggers_a_defect_by_itself)
{
    struct fixture f = {0};
    open_world(&f,
               "[traffic]\narrivals = ramp\nrate = 10 rps\nto = 20 rps\nover = 10m\n"
               "[service]\nerror_rate = 1%\n"
               "[defect.bad]\nprofile = load\nabove = 8 rps\nerror_rate = +4pp\n" POLICY,
               NULL);
    route_at(&f, 0, 0.5);
    cm_world_extend(&f.world, 600 * CM_SECOND);
    double onset = cm_seconds(f.world.onset);
    cr_expect_float_eq(onset, 360, 3, "%g", onset); /* the ramp has pieces of 3 s */
    cr_expect(piece_at(&f, onset)->rate > 16 && piece_at(&f, onset - 1e-3)->rate <= 16);
    close_world(&f);
}

Test(world, spill_hits_stable_while_somebody_is_routed_to_the_defect)
{
    struct fixture f = {0};
    open_world(&f, BAD "spill = 25%\nlatency = x3\n" POLICY, NULL);
    route_at(&f, 0, 0.1);
    route_at(&f, 10, 0);
    cm_world_extend(&f.world, 20 * CM_SECOND);
    cr_expect_float_eq(error_at(&f, 5, CM_CANARY, 0), 0.05, 1e-12);
    cr_expect_float_eq(error_at(&f, 5, CM_STABLE, 0), 0.02, 1e-12);
    cr_expect_float_eq(times_at(&f, 5, CM_CANARY, 0), 3, 1e-12);
    cr_expect_float_eq(times_at(&f, 5, CM_STABLE, 0), 1.5, 1e-12);
    cr_expect_float_eq(error_at(&f, 15, CM_STABLE, 0), 0.01, 1e-12);
    cr_expect_float_eq(times_at(&f, 15, CM_STABLE, 0), 1, 1e-12);
    cr_expect_float_eq(piece_at(&f, 5)->meets[CM_CANARY][0].healthy, 0.01, 1e-12);
    cr_expect_float_eq(piece_at(&f, -5)->meets[CM_STABLE][0].error, 0.01, 1e-12);
    close_world(&f);
}

Test(world, a_defect_stays_in_its_class)
{
    struct fixture f = {0};
    open_world(&f,
               "[service]\nerror_rate = 1%\n[class.a]\nshare = 20%\n"
               "[class.b]\nshare = 30%\nerror_rate = 3%\n"
               "[defect.bad]\nerror_rate = x2\nscope = b\nspill = 50%\n" POLICY,
               NULL);
    route_at(&f, 0, 0.1);
    cm_world_extend(&f.world, CM_SECOND);
    static const double canary[] = {0.01, 0.06, 0.01}, stable[] = {0.01, 0.045, 0.01};
    static const double share[] = {0.2, 0.3, 0.5};
    cr_assert_eq(f.world.n_classes, 3);
    for (size_t c = 0; c < 3; c++) {
        cr_expect_float_eq(error_at(&f, 0.5, CM_CANARY, c), canary[c], 1e-12, "class %zu", c);
        cr_expect_float_eq(error_at(&f, 0.5, CM_STABLE, c), stable[c], 1e-12, "class %zu", c);
        cr_expect_float_eq(f.world.classes[c].share, share[c], 1e-12);
    }
    close_world(&f);
}

Test(world, strength_scales_the_defect)
{
    struct fixture f = {0};
    open_world(&f, BAD POLICY, NULL);
    f.plan.strength = 0.5;
    route_at(&f, 0, 0.1);
    cm_world_extend(&f.world, CM_SECOND);
    cr_expect_float_eq(error_at(&f, 0.5, CM_CANARY, 0), 0.03, 1e-12);
    close_world(&f);
}

Test(world, a_canary_is_cold_from_its_first_request_on_and_once)
{
    struct fixture f = {0};
    open_world(&f,
               "[service]\nerror_rate = 1%\nwarm_up = 20s\nwarm_up_error_rate = x3\n"
               "warm_up_latency = x2\n" POLICY,
               NULL);
    route_at(&f, 30, 0.1);
    route_at(&f, 60, 0);
    route_at(&f, 70, 0.2);
    cm_world_extend(&f.world, 80 * CM_SECOND);
    static const struct {
        double at_s, error, times;
    } cases[] = {{29, 0.01, 1}, {30, 0.03, 2}, {49.999, 0.03, 2}, {50, 0.01, 1}, {75, 0.01, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_float_eq(error_at(&f, cases[i].at_s, CM_CANARY, 0), cases[i].error, 1e-12,
                           "at %g s", cases[i].at_s);
        cr_expect_float_eq(times_at(&f, cases[i].at_s, CM_CANARY, 0), cases[i].times, 1e-12);
        cr_expect_float_eq(error_at(&f, cases[i].at_s, CM_STABLE, 0), 0.01, 1e-12);
    }
    close_world(&f);
}

/* Nothing else changes here: drift has cells of an eighth of its correlation time. */
Test(world, weather_cuts_pieces_of_its_own)
{
    struct fixture f = {0};
    open_world(&f,
               "[environment]\ndrift = 0.5\ncorrelation = 80s\n"
               "incident_every = 2m\nincident_lasts = fixed(value=13s)\n"
               "incident_error_rate = +30pp\n" POLICY,
               NULL);
    cm_world_extend(&f.world, 600 * CM_SECOND);
    int cells = 0, begun = 0;
    for (size_t i = 1; i < f.world.n; i++) {
        const struct cm_piece *piece = cm_world_piece(&f.world, i);
        double before = cm_world_piece(&f.world, i - 1)->meets[CM_STABLE][0].error;
        double error = piece->meets[CM_STABLE][0].error;
        bool grid = piece->from > 0 && piece->from % (10 * CM_SECOND) == 0;
        cells += grid && error != before;
        begun += error > before + 0.2;
    }
    cr_expect_eq(cells, 59);
    cr_expect(begun >= 2, "%d incidents", begun);
    close_world(&f);
}

/* --- where the release falls -------------------------------------------------------------------
 */

#define DIURNAL "[traffic]\narrivals = diurnal\nrate = 100 rps\n[telemetry]\nhistory = 10m\n" POLICY

static double first_rate(struct fixture *f, uint64_t replication)
{
    cm_world_begin(&f->world, replication);
    cm_world_extend(&f->world, 1);
    return piece_at(f, 0)->rate;
}

Test(world, a_random_start_falls_anywhere_and_a_fixed_one_where_it_says)
{
    struct fixture random = {0}, fixed = {0};
    open_world(&random, "[scenario]\nstart = random\n" DIURNAL, NULL);
    open_world(&fixed, "[scenario]\nstart = Tue 03:00\n" DIURNAL, NULL);
    double low = INFINITY, high = 0, at_three = first_rate(&fixed, 0);
    for (uint64_t i = 1; i < 50; i++) {
        low = fmin(low, first_rate(&random, i));
        high = fmax(high, first_rate(&random, i));
        cr_expect_eq(first_rate(&fixed, i), at_three);
    }
    cr_expect(low < at_three * 1.05 && high > 1.5 * low, "%g to %g, %g at three", low, high,
              at_three);
    close_world(&random);
    close_world(&fixed);
}

/* A recording of 6 minutes leaves 2 for the start of a rollout of 3 with a minute of history. */
Test(world, a_recording_has_room_for_history_and_horizon)
{
    static const char counts[] = "time,requests\n0,1\n60,2\n120,3\n180,4\n240,5\n300,6\n";
    struct fixture f = {0};
    open_world(&f,
               "[scenario]\nhorizon = 3m\n[traffic]\narrivals = replay\nfile = counts.csv\n"
               "step = 60s\n[telemetry]\nhistory = 1m\n" POLICY,
               counts);
    bool seen[7] = {false};
    for (uint64_t i = 0; i < 100; i++) {
        cm_world_begin(&f.world, i);
        cm_world_extend(&f.world, 3 * CM_MINUTE);
        uint64_t first = piece_at(&f, -60)->count, last = piece_at(&f, 179.999)->count;
        cr_assert(first >= 1 && last <= 6 && last >= first + 3 && last <= first + 4);
        seen[first] = true;
    }
    cr_expect(seen[1] && seen[2] && !seen[4]);
    close_world(&f);
}
