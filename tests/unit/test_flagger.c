/* Flagger's controller against a scripted desk: how long it takes, whatever its configuration; slow
 * answers; whom it asks. What it does tick by tick the oracle holds
 * (tests/oracle/oracle_flagger.c).
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/base/rng.h"
#include "sim/controllers/flagger.h"
#include "sim/gates/flagger_check.h"

/* Fails some checks, and has pods that are not ready at some ticks. */
struct desk {
    struct cm_desk face;
    struct cm_answer answer;
    struct cm_verdict verdict; /* of the answer */
    struct cm_rng rng;
    double fails, unready;          /* chances */
    uint64_t budget;                /* checks that may fail */
    uint64_t failed, waited;        /* so far */
    bool began, hooks_fail;         /* a new revision was detected; every hook fails */
    cm_time hook_takes, revised_at; /* 0 = never */
    cm_time asked_at;               /* pods, the last time */
    struct cm_pods canary, primary;
    enum cm_end end; /* CM_ENDS = under way */
    struct cm_buffer log;
};

static struct cm_verdict answer_gate(struct desk *d)
{
    struct cm_verdict v = cm_verdict_of(CM_PASS, CM_CHECK_FINE);
    if (d->failed < d->budget && cm_rng_unit(&d->rng) < d->fails) {
        v.label = CM_FAIL;
        v.rule = CM_CHECK_SUCCESS_RATE_LOW;
        d->failed++;
    }
    return v;
}

/* Before the release is detected nobody looks at the canary. */
static void draw_pods(struct desk *d)
{
    double luck = cm_rng_unit(&d->rng);
    bool canary = luck < d->unready / 2 && d->began, primary = luck > 1 - d->unready / 2;
    d->canary = (struct cm_pods){.wanted = 2, .updated = 2, .available = canary ? 1 : 2};
    d->primary = (struct cm_pods){.wanted = 2, .updated = 2, .available = primary ? 0 : 2};
    d->waited += canary || primary;
}

static const struct cm_answer *ask(void *self, enum cm_ask what, int id)
{
    struct desk *d = self;
    struct cm_answer *answer = &d->answer;
    answer->at = d->face.now;
    answer->verdict = &d->verdict;
    answer->revision = d->revised_at && d->face.now >= d->revised_at ? 2 : 1;
    if (what == CM_ASK_PODS)
        draw_pods(d);
    answer->pods[CM_CANARY] = d->canary;
    answer->pods[CM_STABLE] = d->primary;
    if (what == CM_ASK_GATE) {
        cm_print(cm_buffer_writer(&d->log), "%g?%d ", cm_seconds(d->face.now), id);
        d->verdict = answer_gate(d);
    } else if (what == CM_ASK_HOOK) {
        cm_print(cm_buffer_writer(&d->log), "%g!%d ", cm_seconds(d->face.now), id);
        d->verdict = cm_verdict_of(d->hooks_fail ? CM_FAIL : CM_PASS, -1);
        answer->at = d->face.now + d->hook_takes;
    }
    return answer;
}

static void order(void *self, const struct cm_order *o)
{
    struct desk *d = self;
    struct cm_writer log = cm_buffer_writer(&d->log);
    cr_assert(d->end == CM_ENDS, "an order after the end");
    if (o->kind == CM_SET_ROUTE)
        cm_print(log, "%g=%g%% ", cm_seconds(d->face.now), 100 * o->route.share[CM_CANARY]);
    if (o->kind == CM_RESTART)
        cm_print(log, "%g:restarted ", cm_seconds(d->face.now));
    if (o->kind == CM_FINISH)
        d->end = o->end;
}

static void say(void *self, int sentence, const struct cm_evidence *why)
{
    struct desk *d = self;
    cr_assert(sentence < CM_FLAGGER_SENTENCES && cm_flagger_sentences[sentence] && why);
    d->began |= sentence == CM_FLAGGER_NEW_REVISION;
}

static const struct cm_controller *controller(void)
{
    const struct cm_kind *kind = cm_kind_find(cm_policy_section.kinds, "flagger");
    cr_assert(kind != NULL);
    return (const struct cm_controller *)kind;
}

static void set(struct cm_flagger *o, struct cm_arena *arena, const char *key, const char *text)
{
    struct cm_err err = {0};
    const struct cm_param *row = cm_param_find(controller()->kind.params, key);
    cr_assert(row && !cm_param_set(row, o, text, arena, &err), "%s: %s", key, err.text);
}

static struct cm_flagger defaults(struct cm_arena *arena)
{
    static struct cm_ref gates[] = {{"rate", 0}};
    struct cm_flagger o = {0};
    cm_params_default(controller()->kind.params, &o, arena);
    o.interval = CM_MINUTE;
    o.threshold = 3;
    o.metrics = (struct cm_refs){1, gates};
    return o;
}

/* Plays until the end or the horizon; returns when it ended. */
static cm_time play(const struct cm_flagger *o, struct desk *d, cm_time horizon)
{
    const struct cm_controller *c = controller();
    struct cm_flagger_state state;
    struct cm_err err = {0};
    cr_assert(!c->kind.check(o, &err), "%s", err.text);
    d->face = (struct cm_desk){.self = d, .ask = ask, .order = order, .say = say};
    d->end = CM_ENDS;
    memset(&state, 0xff, sizeof state);
    c->start(o, &state);
    for (cm_time next = 0; next <= horizon && d->end == CM_ENDS;) {
        d->face.now = next;
        next = c->wake(o, &state, &d->face);
        cr_assert(next >= d->face.now);
    }
    return d->face.now;
}

/* --- time ------------------------------------------------------------------------------------- */

static uint64_t draw(struct cm_rng *rng, uint64_t low, uint64_t high)
{
    return low + (uint64_t)(cm_rng_unit(rng) * (double)(high - low + 1));
}

/* A configuration that can succeed, and the ticks that it takes to: n + m + p + 2, N + p + 2,
 * N + p + 3 or 1 (derived from scheduler.go of v1.44.0, and held to runs of the program itself).
 */
struct config {
    struct cm_flagger o;
    uint64_t ticks;
};

static uint64_t ceiling(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint64_t draw_weights(struct cm_flagger *o, struct cm_rng *rng, uint64_t *final)
{
    if (cm_rng_unit(rng) < 0.5) {
        uint64_t step = draw(rng, 1, 100), max = draw(rng, 0, 100);
        o->step_weight = (double)step / 100;
        o->max_weight = (double)max / 100;
        uint64_t n = ceiling(max ? max : 100, step);
        *final = n * step < 100 ? n * step : 100;
        return n;
    }
    uint64_t n = 0;
    o->step_weights.n = draw(rng, 1, 20);
    *final = 0;
    for (size_t i = 0; i < o->step_weights.n; i++) {
        uint64_t before = i ? (uint64_t)o->step_weights.percent[i - 1] : 0;
        o->step_weights.percent[i] = (int)(before + draw(rng, 1, 12));
        n += *final < 100;
        *final =
            (uint64_t)o->step_weights.percent[i] < 100 ? (uint64_t)o->step_weights.percent[i] : 100;
    }
    return n;
}

static struct config draw_config(struct cm_arena *arena, struct cm_rng *rng)
{
    struct config c = {.o = defaults(arena)};
    uint64_t final = 100, kind = draw(rng, 0, 3);
    c.o.provider = (int)draw(rng, 0, CM_FLAGGER_PROVIDERS - 1);
    c.o.interval = (cm_time)draw(rng, 10, 300) * CM_SECOND;
    c.o.threshold = draw(rng, 0, 6);
    c.o.progress_deadline = CM_DAY;
    c.o.detection_delay = (cm_time)draw(rng, 0, 60) * CM_SECOND;
    uint64_t promotion = draw(rng, 0, 1) ? draw(rng, 1, 100) : 0;
    c.o.step_weight_promotion = (double)promotion / 100;
    if (kind >= 2 || c.o.provider == CM_KUBERNETES) {
        c.o.iterations = draw(rng, 1, 20);
        c.ticks = c.o.iterations + 3;
        c.o.mirror = draw(rng, 0, 1);
    } else {
        c.ticks = draw_weights(&c.o, rng, &final) + 2;
        c.o.mirror = c.o.provider == CM_ISTIO && draw(rng, 0, 1);
        c.ticks += c.o.mirror;
    }
    if (kind == 3 && c.o.provider != CM_KUBERNETES) {
        c.o.match = (struct cm_ref){"insiders", 0};
        c.ticks--;
    }
    c.ticks += promotion && c.o.provider != CM_KUBERNETES ? ceiling(final, promotion) : 1;
    return c;
}

enum { CONFIGS = 3000 };

Test(flagger, a_promotion_takes_the_ticks_of_its_formula_and_one_for_each_that_waited_or_failed)
{
    for (uint64_t i = 0; i < CONFIGS; i++) {
        struct cm_arena arena = {0};
        struct cm_rng rng = cm_rng_stream(1, i, cm_rng_purpose("test"), 0);
        struct config c = draw_config(&arena, &rng);
        struct desk d = {.rng = rng, .fails = 0.2, .unready = i % 2 ? 0.2 : 0};
        d.budget = c.o.threshold > 0 ? c.o.threshold - 1 : 0;
        cm_time ended = play(&c.o, &d, CM_DAY * 30) - c.o.detection_delay;
        uint64_t ticks = c.ticks + d.waited + d.failed;
        cr_expect(d.end == CM_PROMOTED);
        cr_expect(ended == (cm_time)ticks * c.o.interval, "%llu: %g ticks, not %llu",
                  (unsigned long long)i, (double)ended / (double)c.o.interval,
                  (unsigned long long)ticks);
        cr_expect(controller()->shortest(&c.o) ==
                  c.o.detection_delay + (cm_time)c.ticks * c.o.interval);
        cm_buffer_release(&d.log);
        cm_arena_release(&arena);
    }
}

/* At tick threshold + 2 if all checks fail, at threshold + 1 if already pre-rollout hooks do. */
Test(flagger, a_rollback_comes_one_tick_after_the_last_failure)
{
    static struct cm_ref hooks[] = {{"smoke", 0}};
    for (uint64_t i = 0; i < CONFIGS; i++) {
        struct cm_arena arena = {0};
        struct cm_rng rng = cm_rng_stream(2, i, cm_rng_purpose("test"), 0);
        struct config c = draw_config(&arena, &rng);
        struct desk d = {.rng = rng, .fails = 1, .budget = UINT64_MAX, .hooks_fail = true};
        uint64_t threshold = c.o.threshold > 0 ? c.o.threshold : 1;
        if (i % 2)
            c.o.pre_rollout = (struct cm_refs){1, hooks};
        cm_time ended = play(&c.o, &d, CM_DAY * 30) - c.o.detection_delay;
        cr_expect(d.end == CM_ROLLED_BACK);
        cr_expect(ended == (cm_time)(threshold + (i % 2 ? 1 : 2)) * c.o.interval);
        cm_buffer_release(&d.log);
        cm_arena_release(&arena);
    }
}

Test(flagger, what_can_never_be_promoted_has_no_shortest_time)
{
    struct cm_arena arena = {0};
    struct cm_flagger o = defaults(&arena);
    set(&o, &arena, "step_weights", "10%, 10%, 20%");
    cr_expect(controller()->shortest(&o) == CM_NEVER);
    o = defaults(&arena);
    set(&o, &arena, "step_weight", "10%");
    set(&o, &arena, "max_weight", "110%");
    cr_expect(controller()->shortest(&o) == CM_NEVER);
    o = defaults(&arena);
    set(&o, &arena, "step_weight", "10%");
    set(&o, &arena, "provider", "nginx");
    set(&o, &arena, "mirror", "yes");
    cr_expect(controller()->shortest(&o) == CM_NEVER);
    struct desk d = {.fails = 0};
    play(&o, &d, CM_DAY);
    cr_expect(d.end == CM_ENDS);
    cm_buffer_release(&d.log);
    cm_arena_release(&arena);
}

/* --- slow answers ----------------------------------------------------------------------------- */

static void expect_story(const struct cm_flagger *o, struct desk *d, cm_time horizon,
                         const char *want)
{
    play(o, d, horizon);
    cr_expect(strcmp(d->log.text, want) == 0, "%s\n     not %s", d->log.text, want);
    cm_buffer_release(&d->log);
}

/* The tick of 20 s lasts until 45 s, where the one of 30 s follows at once and that of 40 s is
 * lost: a Go ticker keeps one. */
Test(flagger, a_slow_hook_holds_its_tick_and_ticks_meanwhile_are_kept_or_lost)
{
    static struct cm_ref hooks[] = {{"load", 7}};
    struct cm_arena arena = {0};
    struct cm_flagger o = defaults(&arena);
    set(&o, &arena, "step_weight", "10%");
    set(&o, &arena, "interval", "10s");
    o.rollout = (struct cm_refs){1, hooks};
    struct desk slow = {.hook_takes = 25 * CM_SECOND};
    expect_story(&o, &slow, 75 * CM_SECOND, "10=10% 20!7 45?0 45=20% 45!7 70?0 70=30% 70!7 ");
    struct desk brisk = {.hook_takes = 4 * CM_SECOND};
    expect_story(&o, &brisk, 40 * CM_SECOND, "10=10% 20!7 24?0 24=20% 30!7 34?0 34=30% 40!7 ");
    cm_arena_release(&arena);
}

Test(flagger, a_new_revision_waits_for_its_tick_and_begins_anew)
{
    struct cm_arena arena = {0};
    struct cm_flagger o = defaults(&arena);
    set(&o, &arena, "step_weight", "50%");
    struct desk d = {.revised_at = 90 * CM_SECOND};
    expect_story(&o, &d, CM_HOUR, "60=50% 120:restarted 180=50% 240?0 240=100% 300?0 300=100% ");
    cr_expect(d.end == CM_PROMOTED);
    cm_arena_release(&arena);
}

/* Pods that never come up: 600 s after they were first seen to lack, the next tick gives up. */
Test(flagger, pods_that_lack_for_longer_than_the_deadline_roll_back)
{
    struct cm_arena arena = {0};
    struct cm_flagger o = defaults(&arena);
    set(&o, &arena, "step_weight", "50%");
    struct desk d = {.unready = 2};
    d.began = true;
    cm_time ended = play(&o, &d, CM_HOUR);
    cr_expect(d.end == CM_ROLLED_BACK && ended == 11 * CM_MINUTE, "%g", cm_seconds(ended));
    cm_buffer_release(&d.log);
    cm_arena_release(&arena);
}

/* --- rules ------------------------------------------------------------------------------------ */

static void expect_refusal(const struct cm_flagger *o, const char *says)
{
    struct cm_err err = {0};
    cr_expect(controller()->kind.check(o, &err) && strstr(err.text, says), "%s", err.text);
}

Test(flagger, exactly_one_way_forward_is_admitted_and_weights_are_whole)
{
    struct cm_arena arena = {0};
    struct cm_flagger o = defaults(&arena);
    expect_refusal(&o, "none of step_weight");
    o.step_weight = 0.1;
    o.iterations = 5;
    expect_refusal(&o, "more than one of step_weight");
    o.iterations = 0;
    o.step_weight = 0.025;
    expect_refusal(&o, "step_weight (2.5%) is no whole number");
    cm_arena_release(&arena);
}

Test(flagger, percents_are_read_and_printed_and_refused_where_they_stand)
{
    static const struct {
        const char *text, *says;
        size_t at;
    } wrong[] = {{"10%, 2.5%", "2.5% is no whole number of percents", 5},
                 {"10%, , 20%", "a weight is missing", 5},
                 {"10%, 5", "a bare number", 5},
                 {"1200%", "outside", 0}};
    const struct cm_param *row = cm_param_find(controller()->kind.params, "step_weights");
    struct cm_arena arena = {0};
    struct cm_percents list;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct cm_err err = {0};
        cr_expect(row->type->parse(row, wrong[i].text, &list, &arena, &err) == -1);
        cr_expect(err.at == wrong[i].at, "%s: %zu, %s", wrong[i].text, err.at, err.text);
    }
    struct cm_err err = {0};
    struct cm_buffer text = {0};
    cr_assert(!row->type->parse(row, "7%, 29%,57%", &list, &arena, &err));
    cr_expect(list.n == 3 && list.percent[0] == 7 && list.percent[1] == 29);
    row->type->print(row, &list, cm_buffer_writer(&text));
    cr_expect(strcmp(text.text, "7%, 29%, 57%") == 0);
    cm_buffer_release(&text);
    cm_arena_release(&arena);
}

/* A load test and a mirror need copies; users are only forced onto versions by the scenario. */
Test(flagger, it_uses_mirrors_matches_and_hooks_only_where_it_does)
{
    struct cm_arena arena = {0};
    struct cm_flagger o = defaults(&arena);
    o.match = (struct cm_ref){"insiders", 0};
    o.load_test = 0.1;
    o.step_weight = 0.1;
    struct cm_uses uses = controller()->uses(&o);
    cr_expect(!uses.match && !uses.mirror && !uses.hooks && uses.revisions);
    o.step_weight = 0;
    o.iterations = 3;
    uses = controller()->uses(&o);
    cr_expect(uses.match && !uses.mirror);
    o.provider = CM_KUBERNETES;
    uses = controller()->uses(&o);
    cr_expect(!uses.match && uses.mirror);
    cm_arena_release(&arena);
}
