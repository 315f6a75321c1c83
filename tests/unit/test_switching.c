/* Switches of all traffic, all_at_once and bluegreen: when they look, end, and whom they reach. */
#include <criterion/criterion.h>

#include "sim/engine/replicate.h"
#include "tests/stat/scenario_text.h"

#define SHOP                                                                                       \
    "[scenario]\nreplications = 1\nhorizon = 1h\n[traffic]\nrate = 50 rps\n"                       \
    "[service]\nerror_rate = 0%\nlatency = fixed(value=1ms)\n"                                     \
    "[defect.broken]\nerror_rate = +100pp\n"                                                       \
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"                                         \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 1%\n"                                  \
    "[hook.always]\nfalse_alarm = 100%\npower = 100%\n"                                            \
    "[policy.p]\nlook_every = 1m\ngates = limit\n"

/* Replication 0 of the healthy release (-1) or of the broken one (0). */
static struct cm_outcome play(const char *policy, int release)
{
    struct cm_scenario s;
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s%s", SHOP, policy);
    load_text(&s, text.text, NULL);
    const struct cm_plan plan = {.scenario = &s, .release = release, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct cm_outcome outcome = cm_replicate(rollout, 0);
    cm_rollout_free(rollout);
    cm_scenario_release(&s);
    cm_buffer_release(&text);
    return outcome;
}

static void expect_end(struct cm_outcome o, enum cm_end end, cm_time at, uint32_t looks)
{
    cr_expect(o.end == end, "%s, not %s", cm_end_names[o.end], cm_end_names[end]);
    cr_expect(o.ended_at == at, "%g s, not %g s", cm_seconds(o.ended_at), cm_seconds(at));
    cr_expect(o.looks == looks, "%u looks, not %u", o.looks, looks);
}

Test(switching, all_at_once_is_watched_and_then_promoted)
{
    expect_end(play("controller = all_at_once\nwatch = 5m\n", -1), CM_PROMOTED, 5 * CM_MINUTE, 5);
    expect_end(play("controller = all_at_once\nwatch = 0s\n", -1), CM_PROMOTED, 0, 0);
}

Test(switching, all_at_once_hurts_everyone_until_the_first_look)
{
    struct cm_outcome o = play("controller = all_at_once\n", 0);
    expect_end(o, CM_ROLLED_BACK, CM_MINUTE, 1);
    /* 50 a second for a minute, all of them: Poisson, within 5 standard deviations. */
    cr_expect(o.rollout.failures == o.rollout.requests);
    cr_expect(o.rollout.requests > 3000 - 274 && o.rollout.requests < 3000 + 274);
}

Test(switching, bluegreen_asks_gates_only_after_the_switch)
{
    const char *policy = "controller = bluegreen\npreview = 3m\nwatch = 5m\n";
    expect_end(play(policy, -1), CM_PROMOTED, 8 * CM_MINUTE, 5);
    expect_end(play(policy, 0), CM_ROLLED_BACK, 4 * CM_MINUTE, 1);
}

Test(switching, a_hook_that_fails_in_the_preview_spares_all_users)
{
    struct cm_outcome o = play("controller = bluegreen\npreview = 3m\nconfirm = always\n"
                               "on_unconfirmed = rollback\n",
                               0);
    expect_end(o, CM_ROLLED_BACK, 3 * CM_MINUTE, 0);
    cr_expect(o.rollout.requests == 0 && o.early_rollback);
}

Test(switching, copies_let_gates_judge_the_preview)
{
    struct cm_outcome o = play("controller = bluegreen\npreview = 3m\nmirror = 50%\n", 0);
    expect_end(o, CM_ROLLED_BACK, CM_MINUTE, 1);
    cr_expect(o.rollout.failures == 0);
}

Test(switching, a_preview_without_a_bake_time_is_no_step)
{
    expect_end(play("controller = bluegreen\npreview = 0s\nwatch = 5m\n", -1), CM_PROMOTED,
               5 * CM_MINUTE, 5);
}
