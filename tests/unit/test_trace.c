/* A trace is the rollout that a study plays, in the order in which it happened, with the evidence
 * of the verdicts. */
#include <criterion/criterion.h>

#include <string.h>

#include "tests/unit/traced.h"

static struct traced t;

static void forget(void)
{
    traced_release(&t);
}

TestSuite(trace, .fini = forget);

/* --- the same rollout --- */

static void expect_same(const struct cm_outcome *a, const struct cm_outcome *b)
{
    cr_expect_eq(a->end, b->end);
    cr_expect_eq(a->step, b->step);
    cr_expect_eq(a->gate, b->gate);
    cr_expect_eq(a->rule, b->rule);
    cr_expect_eq(a->ended_at, b->ended_at);
    cr_expect_eq(a->onset, b->onset);
    cr_expect_eq(a->mitigated_at, b->mitigated_at);
    cr_expect_eq(a->looks, b->looks);
    cr_expect_eq(a->evaluations, b->evaluations);
    cr_expect_eq(a->detected, b->detected);
    cr_expect_eq(a->early_rollback, b->early_rollback);
    cr_expect_eq(memcmp(&a->rollout, &b->rollout, sizeof a->rollout), 0);
    cr_expect_eq(memcmp(&a->escaped, &b->escaped, sizeof a->escaped), 0);
}

/* Recording replication after replication gives the rows that nobody watched. */
static void expect_neutral(const char *text, uint64_t n)
{
    load_text(&t.scenario, text, COUNTS);
    for (int release = HEALTHY; release <= COSMETIC; release++) {
        const struct cm_plan plan = {.scenario = &t.scenario, .release = release, .strength = 1};
        struct cm_rollout *unwatched = cm_rollout_new(&plan);
        for (uint64_t i = 0; i < n; i++) {
            struct cm_outcome row = cm_replicate(unwatched, i);
            cm_trace_record(&t.trace, &plan, i);
            expect_same(&row, &t.trace.outcome);
            cm_trace_release(&t.trace);
        }
        cm_rollout_free(unwatched);
    }
}

Test(trace, looking_moves_nothing_in_the_counts_flow)
{
    expect_neutral(SCENARIO "rollback\n", 25);
    cm_scenario_release(&t.scenario);
    expect_neutral(SCENARIO "hold\n", 10);
}

Test(trace, looking_moves_nothing_in_the_requests_flow)
{
    expect_neutral(BY_REQUEST "rollback\n", 5);
}

Test(trace, looking_moves_nothing_where_the_monitor_scrapes)
{
    expect_neutral(SCRAPED "rollback\n", 15);
}

Test(trace, looking_moves_nothing_in_recorded_traffic)
{
    expect_neutral(RECORDED "rollback\n", 10);
}

/* An observer that was taken away is not told anything more. */
static void fail_look(void *self, const struct cm_seen *seen)
{
    (void)self, (void)seen;
    cr_assert_fail("told");
}

Test(trace, without_an_observer_nobody_is_told)
{
    const struct cm_observer observer = {.look = fail_look};
    load_text(&t.scenario, SCENARIO "hold\n", NULL);
    const struct cm_plan plan = {.scenario = &t.scenario, .release = HEALTHY, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    cm_rollout_observe(rollout, &observer);
    cm_rollout_observe(rollout, NULL);
    cr_expect_gt(cm_replicate(rollout, 0).looks, 0);
    cm_rollout_free(rollout);
}

/* --- the order of events --- */

static size_t count(enum cm_trace_what what)
{
    size_t n = 0;
    for (size_t i = 0; i < t.trace.n; i++)
        n += t.trace.events[i].what == what;
    return n;
}

static const struct cm_trace_event *first(enum cm_trace_what what)
{
    for (size_t i = 0; i < t.trace.n; i++)
        if (t.trace.events[i].what == what)
            return &t.trace.events[i];
    return NULL;
}

/* Looks of one gate of the policy, in order; how many. */
static size_t looks_of(int gate, const struct cm_trace_event **list)
{
    size_t n = 0;
    for (size_t i = 0; i < t.trace.n; i++)
        if (t.trace.events[i].look &&
            t.trace.events[i].look->gate == &t.scenario.gates[t.trace.policy->gate[gate]])
            list[n++] = &t.trace.events[i];
    return n;
}

static const struct cm_trace_event *list[1000];

/* What has to hold whatever happened. */
static void expect_orderly(void)
{
    const struct cm_outcome *o = &t.trace.outcome;
    double share = 0;
    for (size_t i = 0; i < t.trace.n; i++) {
        const struct cm_trace_event *e = &t.trace.events[i], *before = i > 0 ? e - 1 : e;
        cr_expect_leq(before->at, e->at);
        bool moves =
            e->what == CM_TRACE_WEIGHT || e->what == CM_TRACE_FINISH || e->what == CM_TRACE_PEOPLE;
        cr_expect(moves || e->canary_share == share, "event %zu", i);
        cr_expect_geq(e->step, before->step);
        share = e->canary_share;
    }
    bool undecided = o->end == CM_TIMED_OUT || o->end == CM_PAUSED;
    cr_expect_eq(count(CM_TRACE_FINISH), undecided ? 0 : 1);
    cr_expect_eq(count(CM_TRACE_ONSET), o->onset == CM_NEVER ? 0 : 1);
    if (first(CM_TRACE_ONSET))
        cr_expect_eq(first(CM_TRACE_ONSET)->at, o->onset);
    if (first(CM_TRACE_FINISH))
        cr_expect_eq(first(CM_TRACE_FINISH)->at, o->ended_at);
    if (first(CM_TRACE_PEOPLE))
        cr_expect_eq(first(CM_TRACE_PEOPLE)->at, o->mitigated_at);
    cr_expect_eq(count(CM_TRACE_LOOK), o->evaluations);
}

Test(trace, events_are_in_order_and_agree_with_the_outcome)
{
    size_t people = 0, horizon = 0, after_onset = 0;
    load_text(&t.scenario, SCENARIO "rollback\n", NULL);
    for (int release = HEALTHY; release <= COSMETIC; release++)
        for (uint64_t i = 0; i < 30; i++) {
            const struct cm_plan plan = {
                .scenario = &t.scenario, .release = release, .strength = 1};
            cm_trace_record(&t.trace, &plan, i);
            expect_orderly();
            people += count(CM_TRACE_PEOPLE);
            horizon += count(CM_TRACE_HORIZON);
            after_onset += t.trace.outcome.detected;
            cm_trace_release(&t.trace);
        }
    cr_expect(people > 0 && horizon > 0 && after_onset > 0, "%zu %zu %zu", people, horizon,
              after_onset);
}

Test(trace, it_begins_with_the_first_step_and_its_weight)
{
    traced_record(&t, SCENARIO "rollback\n", BAD, 0);
    cr_expect_eq(t.trace.events[0].what, CM_TRACE_STEP);
    cr_expect_eq(t.trace.events[0].step, 1);
    cr_expect_eq(t.trace.events[1].what, CM_TRACE_WEIGHT);
    cr_expect_eq(t.trace.events[1].canary_share, 0.05);
    cr_expect_eq(t.trace.events[2].what, CM_TRACE_SAY);
    cr_expect_str_eq(t.trace.events[2].sentence, "a step begins");
}

Test(trace, the_look_that_rolls_back_stands_before_the_order_to)
{
    traced_record(&t, SCENARIO "rollback\n", BAD, 0);
    cr_assert_eq(t.trace.outcome.end, CM_ROLLED_BACK);
    const struct cm_trace_event *finish = first(CM_TRACE_FINISH);
    cr_expect_eq(finish[-1].what, CM_TRACE_SAY);
    cr_expect_str_eq(finish[-1].sentence, "the look rolls the release back");
    bool seen = false;
    for (const struct cm_trace_event *e = finish - 2; e->what == CM_TRACE_LOOK; e--) {
        bool speaks =
            e->look->gate == &t.scenario.gates[t.trace.policy->gate[t.trace.outcome.gate]];
        seen = seen || (speaks && e->look->verdict.label == CM_FAIL &&
                        e->look->verdict.rule == t.trace.outcome.rule && e->at == finish->at);
    }
    cr_expect(seen);
}

/* `strict` fails at errors; `patient` never has enough requests. */
#define TWO_GATES                                                                                  \
    "[scenario]\nhorizon = 2h\n[traffic]\nrate = 30 rps\n[service]\nerror_rate = 2%\n"             \
    "[metric.errors]\nsignal = error_ratio\nwindow = 30s\n"                                        \
    "[gate.strict]\ntest = threshold\nmetric = errors\nmax = 1%\n"                                 \
    "[gate.patient]\ntest = threshold\nmetric = errors\nmax = 50%\nmin_requests = 1M\n"            \
    "[policy.p]\nsteps = 10%/30m, 100%\nlook_every = 1m\n"

/* Fails hold; the look at which `strict` passes leaves it to `patient`. */
Test(trace, the_gate_that_spoke_at_the_last_look_is_named)
{
    traced_record(&t,
                  TWO_GATES "gates = strict, patient\non_fail = hold\non_undecided = rollback\n",
                  HEALTHY, 3);
    cr_assert_eq(t.trace.outcome.end, CM_ROLLED_BACK);
    size_t n = looks_of(0, list);
    cr_assert_geq(n, 2, "strict has failed before");
    cr_expect_eq(list[n - 2]->look->verdict.label, CM_FAIL);
    cr_expect_eq(t.trace.outcome.gate, 1);
    cr_expect_eq(t.trace.outcome.rule, 5, "too few requests");
}

Test(trace, of_two_gates_the_one_that_fails_is_named)
{
    traced_record(&t, TWO_GATES "gates = patient, strict\n", HEALTHY, 3);
    cr_assert_eq(t.trace.outcome.end, CM_ROLLED_BACK);
    cr_expect_eq(t.trace.outcome.gate, 1);
    cr_expect_eq(t.trace.outcome.rule, 1, "above max");
}

Test(trace, an_onset_after_the_promotion_is_told_before_people_notice)
{
    traced_record(
        &t,
        "[scenario]\nhorizon = 3h\n[traffic]\nrate = 5 rps\n"
        "[escape]\ndetection = fixed(value=10m)\n"
        "[defect.late]\nerror_rate = +4pp\nonset = 1h\n[policy.p]\nsteps = 5%/10m, 100%\n",
        0, 0);
    const struct cm_trace_event *onset = first(CM_TRACE_ONSET);
    cr_expect_eq(onset->at, CM_HOUR);
    cr_expect_eq(onset[-1].what, CM_TRACE_FINISH);
    cr_expect_eq(onset[1].what, CM_TRACE_PEOPLE);
    cr_expect_eq(onset[1].at, CM_HOUR + 10 * CM_MINUTE);
    cr_expect_eq(onset[1].canary_share, 0);
}

/* --- pods --- */

/* From their path: all come up after the same time, each that crashes is missing for as long. */
Test(trace, pods_are_told_as_they_come_and_go)
{
    traced_record(&t,
                  "[scenario]\nhorizon = 1h\n[traffic]\nrate = 5 rps\n"
                  "[pods]\nstable = 1\ncanary = 3\nstart_up = fixed(value=20s)\n"
                  "[defect.loop]\ncrash_every = 2m\nonset = 1m\ninstances = 1\n"
                  "[policy.p]\nsteps = 5%/20m, 100%\n",
                  0, 0);
    const struct cm_trace_event *event = first(CM_TRACE_PODS);
    cr_assert(event != NULL);
    cr_expect_eq(event->at, 20 * CM_SECOND);
    cr_expect_eq(event->pods.available, 3);
    cm_time down = CM_NEVER;
    cr_assert_gt(count(CM_TRACE_PODS), 4);
    for (size_t i = 0; i < t.trace.n; i++) {
        const struct cm_trace_event *e = &t.trace.events[i];
        if (e->what != CM_TRACE_PODS || e == event)
            continue;
        cr_expect_eq(e->arm, CM_CANARY);
        cr_expect(e->at > CM_MINUTE && e->pods.wanted == 3);
        cr_expect_eq(e->pods.available, down == CM_NEVER ? 2 : 3);
        cr_expect(down == CM_NEVER || e->at == down + 20 * CM_SECOND);
        down = down == CM_NEVER ? e->at : CM_NEVER;
    }
}

/* --- evidence --- */

Test(trace, a_window_and_its_verdict_show_the_same_counts)
{
    traced_record(&t, SCENARIO "hold\n", BAD, 3);
    size_t n = looks_of(LIMIT, list);
    cr_assert_geq(n, 40);
    for (size_t i = 0; i < n; i++) {
        const struct cm_trace_look *look = list[i]->look;
        const struct cm_evidence *why = &look->verdict.why;
        const struct cm_trace_arm *canary = &look->signals[0].arm[CM_CANARY];
        cr_expect(look->windows);
        cr_expect_eq(look->number, (int)i + 1);
        cr_expect_eq(look->signals[0].from, list[i]->at - 100 * CM_SECOND);
        cr_expect_eq(look->counts_from, look->signals[0].from);
        cr_expect_eq(why->x1, canary->errors);
        cr_expect_eq(why->n1, canary->requests);
        cr_expect_eq(why->n0, look->signals[0].arm[CM_STABLE].requests);
        cr_expect_eq(why->value, (double)canary->errors / (double)canary->requests);
        /* 4 %, from 40 requests on */
        enum cm_label want = canary->requests < 40                    ? CM_UNDECIDED
                             : 25 * canary->errors > canary->requests ? CM_FAIL
                                                                      : CM_PASS;
        cr_expect_eq(look->verdict.label, want);
    }
}

/* What a gate was shown since a step or the release began, added up here, is what it judges by. */
static void expect_sums(int gate, bool by_step)
{
    uint64_t requests[CM_ARMS] = {0}, errors[CM_ARMS] = {0};
    size_t n = looks_of(gate, list);
    cr_assert_geq(n, 40);
    for (size_t i = 0; i < n; i++) {
        const struct cm_trace_look *look = list[i]->look;
        const struct cm_evidence *why = &look->verdict.why;
        bool begins = by_step && i > 0 && list[i]->step != list[i - 1]->step;
        for (int arm = 0; arm < CM_ARMS; arm++) {
            requests[arm] = look->signals[0].arm[arm].requests + (begins ? 0 : requests[arm]);
            errors[arm] = look->signals[0].arm[arm].errors + (begins ? 0 : errors[arm]);
        }
        cr_expect_not(look->windows);
        cr_expect_eq(look->signals[0].from, i > 0 ? list[i - 1]->at : 0);
        cr_expect_eq(why->n0, requests[CM_STABLE]);
        cr_expect_eq(why->x1, errors[CM_CANARY]);
        cr_expect_eq(why->n1, requests[CM_CANARY]);
        cr_expect_eq(look->counts_from, by_step ? look->step_since : 0);
    }
}

Test(trace, evidence_of_the_release_is_the_sum_of_what_was_shown)
{
    traced_record(&t, SCENARIO "hold\n", HEALTHY, 1);
    expect_sums(COMPARE, false);
}

Test(trace, evidence_of_the_step_begins_with_the_step)
{
    traced_record(&t, SCENARIO "hold\n", HEALTHY, 1);
    expect_sums(ORIGIN, true);
}

/* Where a query fails counter steps wait for the next look, which may be one of another step: a
 * gate that forgets at each step then leaves out what was answered before it. */
Test(trace, it_is_known_since_when_the_counts_are_after_failed_queries)
{
    traced_record(&t,
                  "[scenario]\nhorizon = 1h\n[traffic]\nrate = 50 rps\n[service]\nerror_rate = 1%\n"
                  "[telemetry]\nmonitor = prometheus\nprovider_errors = 50%\n"
                  "[metric.errors]\nsignal = error_ratio\n"
                  "[gate.origin]\ntest = origin_mixture\nmetric = errors\nevidence = step\n"
                  "[policy.p]\nsteps = 10%/2m, 20%/2m, 30%/2m, 40%/2m, 50%/2m\nlook_every = 20s\n"
                  "gates = origin\non_error = ignore\non_no_data = ignore\n",
                  HEALTHY, 0);
    size_t n = looks_of(0, list), failed = 0;
    for (size_t i = 0; i < n; i++) {
        const struct cm_trace_look *look = list[i]->look;
        failed += look->verdict.label == CM_GATE_ERROR;
        if (look->verdict.why.n0 + look->verdict.why.n1 > 0)
            cr_expect_eq(look->counts_from, list[i]->step == 1 ? 0 : look->step_since);
    }
    cr_expect(failed > 5 && n > failed, "%zu of %zu", failed, n);
}

/* first_look = 40s, window = 100s: of the first window in a step 60 % are from before it. */
Test(trace, it_says_how_much_of_a_window_is_from_before_the_weight_changed)
{
    static const double want[] = {0.6, 0.3, 0, 0};
    traced_record(&t, SCENARIO "hold\n", HEALTHY, 1);
    size_t n = looks_of(LIMIT, list), in_step = 0;
    for (size_t i = 0; i < n; i++) {
        in_step = i > 0 && list[i]->step == list[i - 1]->step ? in_step + 1 : 0;
        double before = list[i]->look->signals[0].before;
        cr_expect_float_eq(before, in_step < 4 ? want[in_step] : 0, 1e-12, "%zu: %g", i, before);
    }
    looks_of(ORIGIN, list);
    cr_expect_eq(list[0]->look->signals[0].before, 0, "counter steps end where the weight changes");
}
