/* Argo's counts, weights and passes, beyond the known answers of tests/oracle/argo_cases.json.
 * Expected numbers are worked out by hand from the rules in argo_replicas.h and argo_pass.h. */
#include <criterion/criterion.h>

#include "sim/controllers/argo_pass.h"
#include "sim/controllers/type_argo_steps.h"

static struct cm_argo_plan plan_with(const struct cm_argo_step *steps, int n, int replicas)
{
    struct cm_argo_plan plan = cm_argo_plan_of_nothing();
    plan.steps = steps;
    plan.n_steps = n;
    plan.replicas = replicas;
    return plan;
}

static struct cm_argo_step weigh(int weight)
{
    struct cm_argo_step step = cm_argo_step_of_nothing();
    step.weight = weight;
    return step;
}

/* --- counts --- */

Test(argo_rollout, five_percent_of_ten_pods_is_one_of_eleven_with_surge_and_of_ten_without)
{
    struct cm_argo_counts_of with = cm_argo_nearest(10, 5, 100, 1);
    struct cm_argo_counts_of without = cm_argo_nearest(10, 5, 100, 0);
    cr_expect(with.canary == 1 && with.stable == 10);
    cr_expect(without.canary == 1 && without.stable == 9);
}

Test(argo_rollout, surge_is_rounded_up_and_unavailability_down)
{
    struct cm_argo_plan plan = cm_argo_plan_of_nothing();
    plan.replicas = 6; /* 25 % are 1.5 */
    cr_expect_eq(cm_argo_surge(&plan), 2);
    cr_expect_eq(cm_argo_unavailable(&plan), 1);
}

Test(argo_rollout, where_both_round_to_none_one_pod_may_be_missing)
{
    struct cm_argo_plan plan = cm_argo_plan_of_nothing();
    plan.replicas = 3;
    plan.max_surge = (struct cm_argo_bound){0, false};
    cr_expect_eq(cm_argo_unavailable(&plan), 1);
}

Test(argo_rollout, the_weight_waits_for_the_pods_of_its_step)
{
    const struct cm_argo_step steps[] = {weigh(10), weigh(50)};
    struct cm_argo_plan plan = plan_with(steps, 2, 10);
    plan.routing = true;
    struct cm_argo_view view = {.step = 1, .canary = {true, 5, 5, 4}, .stable = {true, 10, 10, 10}};
    int weight = -1;
    cr_expect(cm_argo_traffic(&plan, &view, &weight));
    cr_expect_eq(weight, 10);
    view.canary.available = 5;
    cr_expect(cm_argo_traffic(&plan, &view, &weight));
    cr_expect_eq(weight, 50);
}

Test(argo_rollout, traffic_does_not_go_back_to_a_stable_that_cannot_serve_it)
{
    const struct cm_argo_step steps[] = {weigh(50)};
    struct cm_argo_plan plan = plan_with(steps, 1, 10);
    plan.routing = true;
    struct cm_argo_view view = {
        .step = 0, .abort = true, .canary = {true, 5, 5, 5}, .stable = {true, 10, 10, 9}};
    int weight = -1;
    cr_expect(!cm_argo_traffic(&plan, &view, &weight));
    view.stable.available = 10;
    cr_expect(cm_argo_traffic(&plan, &view, &weight));
    cr_expect_eq(weight, 0);
}

/* --- passes --- */

Test(argo_rollout, a_pause_ends_strictly_after_its_length)
{
    cm_time age = 10 * CM_SECOND;
    cr_expect(!cm_argo_pause_over(10 * CM_SECOND, true, &age));
    age++;
    cr_expect(cm_argo_pause_over(10 * CM_SECOND, true, &age));
}

Test(argo_rollout, a_pause_without_a_length_ends_when_somebody_resumes)
{
    cm_time age = CM_HOUR;
    cr_expect(!cm_argo_pause_over(CM_NO_DURATION, true, &age));
    cr_expect(cm_argo_pause_over(CM_NO_DURATION, true, NULL));
    cr_expect(!cm_argo_pause_over(CM_NO_DURATION, false, NULL));
}

Test(argo_rollout, a_pass_scales_one_replica_set_and_leaves_the_pause_to_the_next)
{
    struct cm_argo_step steps[] = {cm_argo_step_of_nothing()};
    steps[0].pause = true;
    struct cm_argo_plan plan = plan_with(steps, 1, 4);
    struct cm_argo_state state = cm_argo_state_at_start(&plan);
    state.view.stable.spec = 3; /* one pod short: it is scaled, and nothing else */
    struct cm_argo_done done = cm_argo_pass(&plan, &state, 0, NULL);
    cr_expect_eq(done.scaled, CM_ARGO_STABLE_SCALED);
    cr_expect(!done.paused[CM_ARGO_PAUSE_STEP]);
    done = cm_argo_pass(&plan, &state, 0, NULL);
    cr_expect(done.paused[CM_ARGO_PAUSE_STEP] && state.controller_pause);
}

Test(argo_rollout, a_failed_analysis_drops_the_weight_only_in_the_next_pass)
{
    const struct cm_argo_step steps[] = {weigh(20), weigh(60)};
    struct cm_argo_plan plan = plan_with(steps, 2, 10);
    plan.routing = plan.background = true;
    struct cm_argo_state state = cm_argo_state_at_start(&plan);
    state.view.step = 1;
    state.view.canary = (struct cm_argo_set){true, 6, 6, 6};
    state.view.weights.known = true;
    state.view.weights.canary = 60;
    state.run[CM_ARGO_BACKGROUND_RUN] =
        (struct cm_argo_ref){.exists = true, .phase = CM_ARGO_FAILED};
    struct cm_argo_done done = cm_argo_pass(&plan, &state, CM_MINUTE, NULL);
    cr_expect(done.aborted && state.view.abort);
    cr_expect_eq(state.cause, CM_ARGO_BY_BACKGROUND);
    cr_expect_eq(state.view.weights.canary, 60);
    cr_expect_eq(state.view.step, 0);
    cm_argo_pass(&plan, &state, CM_MINUTE, NULL);
    cr_expect_eq(state.view.weights.canary, 0);
}

Test(argo_rollout, the_deadline_aborts_only_where_it_is_told_to)
{
    const struct cm_argo_step steps[] = {weigh(50)};
    struct cm_argo_plan plan = plan_with(steps, 1, 4);
    for (int aborts = 0; aborts < 2; aborts++) {
        struct cm_argo_state state = cm_argo_state_at_start(&plan);
        plan.progress_abort = aborts;
        plan.routing = true;
        cm_argo_pass(&plan, &state, 0, NULL); /* the canary is scaled; its pods never come */
        cm_argo_pass(&plan, &state, plan.progress_deadline, NULL);
        cr_expect(!state.view.abort && state.progressing == CM_ARGO_UPDATED);
        struct cm_argo_done done =
            cm_argo_pass(&plan, &state, plan.progress_deadline + CM_SECOND, NULL);
        cr_expect(done.timed_out);
        cr_expect_eq(state.view.abort, aborts);
        cr_expect_str_eq(cm_argo_rollout_phase(&state), "Degraded");
    }
}

Test(argo_rollout, a_retry_begins_with_the_first_step_and_a_new_run)
{
    const struct cm_argo_step steps[] = {weigh(20)};
    struct cm_argo_plan plan = plan_with(steps, 1, 10);
    plan.routing = plan.background = true;
    struct cm_argo_state state = cm_argo_state_at_start(&plan);
    state.run[CM_ARGO_BACKGROUND_RUN] =
        (struct cm_argo_ref){.exists = true, .phase = CM_ARGO_ERROR};
    cm_argo_pass(&plan, &state, 0, NULL);
    cr_assert(state.view.abort);
    cm_argo_user_retries(&state);
    struct cm_argo_done done = cm_argo_pass(&plan, &state, CM_MINUTE, NULL);
    cr_expect(done.created[CM_ARGO_BACKGROUND_RUN]);
    done = cm_argo_pass(&plan, &state, CM_MINUTE, NULL);
    cr_expect(!done.created[CM_ARGO_BACKGROUND_RUN]);
}

/* --- steps as they are written --- */

static int read_steps(const char *text, struct cm_argo_items *items, struct cm_arena *arena,
                      struct cm_err *err)
{
    return cm_type_argo_steps.parse(NULL, text, items, arena, err);
}

Test(argo_rollout, steps_print_as_they_are_read)
{
    static const char text[] =
        "5%, pause, pause 10m, analysis a b, scale 50%, scale 3, scale match, experiment x";
    struct cm_arena arena = {0};
    struct cm_err err = {0};
    struct cm_buffer printed = {0};
    struct cm_argo_items items;
    cr_assert_eq(read_steps(text, &items, &arena, &err), 0, "%s", err.text);
    cm_type_argo_steps.print(NULL, &items, cm_buffer_writer(&printed));
    cr_expect_str_eq(printed.text, text);
    cm_buffer_release(&printed);
    cm_arena_release(&arena);
}

Test(argo_rollout, steps_that_are_none_are_refused)
{
    static const char *const wrong[] = {
        "20%,",       "110%",       "pause 1 2",      "scale",
        "scale half", "experiment", "experiment a b", "setMirrorRoute 10",
        "20% pause",  "analysis A", "pause -5s",      "scale 5000",
    };
    struct cm_arena arena = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct cm_err err = {0};
        struct cm_argo_items items;
        cr_expect_eq(read_steps(wrong[i], &items, &arena, &err), -1, "%s", wrong[i]);
        cr_expect(err.text[0] != '\0');
    }
    cm_arena_release(&arena);
}
