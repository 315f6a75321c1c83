/* Weights in steps, each baked for a while and watched by gates.
 *
 * At a look every gate is asked and the answers are mixed (mix.h); what happens then depends on the
 * label alone, a decisive fail included:
 *
 *     pass       the step may be left once it has baked and seen enough requests
 *     otherwise  on_fail, on_error, on_no_data, on_undecided: roll back, hold the weight and look
 *                again, pause for a person, count (and roll back at the `count`-th), or ignore
 *
 * Looks come first_look after a step began, then every look_every, and at the end of the bake time,
 * so that a step is never left on an old answer; after the bake they go on until one lets it pass.
 * A hold restarts nothing. A paused rollout stays at its weight but goes on looking: what would
 * roll it back still does. A slow answer is waited for; nothing is decided meanwhile.
 *
 * A step that may be left is left once its hooks confirm and people approve, where the policy asks
 * them; until then it is held, and hooks are called again at every look. A person who is asked
 * because of a pause decides the same: an approval leaves the step at once, whatever the gates said
 * (`promote` of Argo Rollouts), a refusal rolls back. The one question stands until it is answered.
 *
 * With a mirror there is a step before the others in which users get nothing from the canary.
 * After the last step the release is promoted. Model: the step lists of Argo Rollouts and
 * Spinnaker, with Flagger's rule that only a passing check advances, its confirmation hooks, its
 * mirror before the first weight, and its class of users for A/B tests. */
#include "sim/controllers/controller.h"
#include "sim/controllers/mix.h"
#include "sim/controllers/type_steps.h"

enum action { ROLLBACK, HOLD, PAUSE, COUNT, IGNORE };
static const char *const actions[] = {"rollback", "hold", "pause", "count", "ignore", NULL};
enum early { NO, NEXT_STEP, FINISH };
static const char *const earlies[] = {"no", "next_step", "finish", NULL};
enum approve { OF_NOTHING, OF_PROMOTION, OF_STEPS };
static const char *const approves[] = {"none", "promotion", "steps", NULL};
enum unconfirmed { WAIT, GIVE_UP };
static const char *const unconfirmeds[] = {"hold", "rollback", NULL};
enum on_new_revision { STAY, SUPERSEDE, RESTART };
static const char *const on_new_revisions[] = {"ignore", "supersede", "restart", NULL};

struct options {
    struct cm_steps steps;
    uint64_t min_requests;
    cm_time look_every, first_look; /* CM_NO_DURATION = look_every */
    struct cm_refs gates;
    int on_fail, on_error, on_no_data, on_undecided; /* enum action */
    uint64_t count;
    int early; /* enum early */
    struct cm_refs confirm;
    int on_unconfirmed;  /* enum unconfirmed */
    int approve;         /* enum approve */
    int on_new_revision; /* enum on_new_revision */
    double mirror;
    cm_time mirror_bake;
    struct cm_ref match;
    bool wait_for_pods;
};

#define ON(field, dflt, help) CM_CHOICE(struct options, field, dflt, actions, help)

static const struct cm_param params[] = {
    CM_STEPS(
        struct options, steps, "1%/5m, 5%/10m, 25%/10m, 50%/10m, 100%",
        "Weights of the canary and how long each bakes at least; after the last one the release "
        "is promoted, at 100% without a bake time as soon as it is reached."),
    CM_COUNT(struct options, min_requests, "0", 0, 1e12,
             "Requests that the canary must have answered in a step before it is left."),
    CM_DURATION(struct options, look_every, "15s", 1e6, CM_MAX_DURATION,
                "Time between two looks of a step; one more comes at the end of the bake time."),
    CM_DURATION(struct options, first_look, "none", 1e6, CM_MAX_DURATION,
                "Time from the start of a step to its first look; none = look_every."),
    CM_REFS(struct options, gates, "gate", "none",
            "Gates asked at every look; without any, time and requests alone decide."),
    ON(on_fail, "rollback",
       "What a look does at which a gate fails; hold keeps the weight and looks again, pause keeps "
       "it for a person, count holds until there are `count` of them, ignore takes it for a pass."),
    ON(on_error, "hold", "What a look does at which the monitor did not answer."),
    ON(on_no_data, "hold", "What a look does at which a gate has nothing to judge by."),
    ON(on_undecided, "hold",
       "What a look does at which a gate cannot say yet; hold keeps the step until it can."),
    CM_COUNT(
        struct options, count, "3", 1, 1e9,
        "With an action of count: the look that makes it so many, over the whole rollout, rolls "
        "back; those before it hold."),
    CM_CHOICE(
        struct options, early, "no", earlies,
        "What a decisive pass does before the bake time is over: nothing, begin the next step, "
        "or promote at once; min_requests are waited for in any case."),
    CM_REFS(struct options, confirm, "hook", "none",
            "Hooks that have to succeed before a step is left; called again at every look until "
            "they do."),
    CM_CHOICE(struct options, on_unconfirmed, "hold", unconfirmeds,
              "What a hook does that fails or does not answer: hold the step, or roll back; one "
              "that is not open yet holds."),
    CM_CHOICE(
        struct options, approve, "none", approves,
        "What people have to approve: nothing, the promotion, or leaving each of the steps; a "
        "refusal rolls back."),
    CM_CHOICE(struct options, on_new_revision, "ignore", on_new_revisions,
              "What a newer revision does: nothing, end the rollout as superseded, or begin it "
              "anew with the new revision."),
    CM_PROB(struct options, mirror, "0%", 0, 1,
            "Share of stable's requests that are copied to the canary in a step before the others, "
            "in which users get nothing from it; 0% = there is no such step."),
    CM_DURATION(struct options, mirror_bake, "10m", 1e6, CM_MAX_DURATION,
                "How long the step with the mirror bakes at least."),
    CM_REF(struct options, match, "class", "none",
           "A class of which the canary gets all requests from the first weight on; the weights "
           "are of the rest."),
    CM_FLAG(struct options, wait_for_pods, "no",
            "Whether a step bakes only once all pods of canary and baseline are available; stuck "
            "ones roll the release back."),
    CM_PARAMS_END,
};
enum sentence { BEGINS, PASSES, HOLDS, COUNTS, PAUSES, ROLLS_BACK, EARLY, PROMOTES };
enum { UNCONFIRMED = PROMOTES + 1, DENIED, ASKS, APPROVED, REFUSED };
enum { SUPERSEDES = REFUSED + 1, RESTARTS, WAITS, STUCK_PODS };
static const char *const sentences[] = {
    [BEGINS] = "a step begins",
    [PASSES] = "the look passes",
    [HOLDS] = "the look holds the step",
    [COUNTS] = "the look counts against the release and holds the step",
    [PAUSES] = "the look pauses the rollout for a person",
    [ROLLS_BACK] = "the look rolls the release back",
    [EARLY] = "the evidence ends the bake time early",
    [PROMOTES] = "the release is promoted",
    [UNCONFIRMED] = "a hook does not confirm, and the step is held",
    [DENIED] = "a hook does not confirm, and the release is rolled back",
    [ASKS] = "a person is asked to approve",
    [APPROVED] = "a person approves",
    [REFUSED] = "a person refuses, and the release is rolled back",
    [SUPERSEDES] = "a newer revision supersedes the release",
    [RESTARTS] = "a newer revision begins the rollout anew",
    [WAITS] = "the step waits for its pods",
    [STUCK_PODS] = "pods do not become available: the release is rolled back",
    NULL,
};
struct state {
    int step;                     /* -1 = nothing has begun */
    bool over, paused, waiting;   /* waiting: for pods */
    bool pending;                 /* the last look has not been answered in full */
    cm_time since;                /* when the step began */
    cm_time next_look;            /* on the grid of looks */
    cm_time looked_at, answer_at; /* of the last look: asked, answered in full */
    struct cm_mix mix;            /* what it says */
    uint64_t counted;             /* looks with an action of count */
    uint64_t requests;            /* that the canary had answered when the step began */
    uint64_t revision;            /* that is being rolled out; 0 = not asked for */
    int leave_to;                 /* the step that is entered once hooks and people agree */
    bool confirming;              /* hooks have been called and have not all answered */
    cm_time confirm_at;           /* when they have */
    enum cm_label confirm;        /* what the worst of them says */
    cm_time person_at;            /* of an answer that is waited for; CM_NEVER: nobody's */
};

/* Without gates no pass is ever decisive. */
static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->early != NO && o->gates.n == 0)
        return cm_fail(err, "early = %s needs gates that can give a decisive pass",
                       earlies[o->early]);
    if (o->on_unconfirmed != WAIT && o->confirm.n == 0)
        return cm_fail(err, "on_unconfirmed = %s needs hooks that confirm (confirm = smoke-test)",
                       unconfirmeds[o->on_unconfirmed]);
    return 0;
}

static void start(const void *options, void *state)
{
    (void)options;
    *(struct state *)state = (struct state){.step = -1, .person_at = CM_NEVER};
}

/* With a mirror step 0 is its own, and the others come one later. */
static int n_steps(const struct options *o)
{
    return (int)o->steps.n + (o->mirror > 0);
}

static cm_time bake_of(const struct options *o, int step)
{
    int i = step - (o->mirror > 0);
    return i < 0 ? o->mirror_bake : o->steps.step[i].bake;
}

static struct cm_order route_of(const struct options *o, int step)
{
    int i = step - (o->mirror > 0);
    struct cm_order order = cm_order_weight(i < 0 ? 0 : o->steps.step[i].weight);
    order.route.mirror = i < 0 ? o->mirror : 0;
    order.route.match = i < 0 ? -1 : o->match.index;
    return order;
}

static cm_time bake_end(const struct options *o, const struct state *st)
{
    return cm_later(st->since, bake_of(o, st->step));
}

/* The next instant at which something is to be done; at once if a slow answer came after it. */
static cm_time next_wake(const struct options *o, const struct state *st, cm_time now)
{
    cm_time end = bake_end(o, st), next = st->next_look;
    if (end > now && (end < st->next_look || o->gates.n == 0))
        next = end;
    next = st->person_at < next ? st->person_at : next;
    return next > now ? next : now;
}

static uint64_t canary_requests(const struct options *o, const struct cm_desk *desk)
{
    return o->min_requests ? desk->ask(desk->self, CM_ASK_REQUESTS, CM_CANARY).requests : 0;
}

/* The engine moves the traffic: an end says where to. */
static cm_time finish(struct state *st, struct cm_desk *desk, enum cm_end end, int why)
{
    const struct cm_order order = cm_order_finish(end);
    desk->say(desk->self, why, &st->mix.verdict.why);
    desk->order(desk->self, &order);
    st->over = true;
    return CM_NEVER;
}

/* The bake time begins. */
static cm_time bake(const struct options *o, struct state *st, struct cm_desk *desk)
{
    desk->say(desk->self, BEGINS, NULL);
    st->since = desk->now;
    st->requests = canary_requests(o, desk);
    st->next_look =
        cm_later(desk->now, o->first_look == CM_NO_DURATION ? o->look_every : o->first_look);
    return next_wake(o, st, desk->now);
}

/* Whoever sits behind the desk wakes it when pods change. */
static cm_time await_pods(const struct options *o, struct state *st, struct cm_desk *desk)
{
    enum cm_lack lack = cm_pods_lack(desk);
    if (lack == CM_LACK_SOME)
        return CM_NEVER;
    st->waiting = false;
    return lack == CM_LACK_NONE ? bake(o, st, desk) : finish(st, desk, CM_ROLLED_BACK, STUCK_PODS);
}

/* Begins a step, or promotes if there is none left or it needs no bake. */
static cm_time enter(const struct options *o, struct state *st, struct cm_desk *desk, int step)
{
    if (step == n_steps(o))
        return finish(st, desk, CM_PROMOTED, PROMOTES);
    const struct cm_order begin = cm_order_step(step);
    desk->order(desk->self, &begin);
    st->step = step;
    st->paused = false;
    st->person_at = CM_NEVER;
    if (!bake_of(o, step))
        return finish(st, desk, CM_PROMOTED, PROMOTES);
    const struct cm_order route = route_of(o, step);
    desk->order(desk->self, &route);
    st->waiting = o->wait_for_pods && cm_pods_lack(desk) != CM_LACK_NONE;
    if (!st->waiting)
        return bake(o, st, desk);
    desk->say(desk->self, WAITS, NULL);
    return await_pods(o, st, desk);
}

/* What to do about a label; a pass is treated like a label that is ignored. */
static enum action action_for(const struct options *o, enum cm_label label)
{
    const int actions_of[CM_LABELS] = {
        [CM_PASS] = IGNORE,           [CM_UNDECIDED] = o->on_undecided,
        [CM_NO_DATA] = o->on_no_data, [CM_GATE_ERROR] = o->on_error,
        [CM_FAIL] = o->on_fail,
    };
    return (enum action)actions_of[label];
}

/* Asks every gate; an ignored label counts as a pass, so that it cannot hide another gate's. */
static void ask_gates(const struct options *o, struct state *st, const struct cm_desk *desk)
{
    st->mix = cm_mix_start();
    st->looked_at = st->answer_at = desk->now;
    for (size_t i = 0; i < o->gates.n; i++) {
        struct cm_answer answer = desk->ask(desk->self, CM_ASK_GATE, (int)i);
        struct cm_verdict *verdict = &answer.verdict;
        if (verdict->label != CM_PASS && action_for(o, verdict->label) == IGNORE)
            verdict->label = CM_PASS, verdict->decisive = false;
        cm_mix_add(&st->mix, (int)i, verdict);
        st->answer_at = answer.at > st->answer_at ? answer.at : st->answer_at;
    }
    st->pending = true;
    st->next_look = cm_later(desk->now, o->look_every);
}

/* Pauses the rollout until a person has answered: the engine knows when. */
static void ask_people(struct state *st, struct cm_desk *desk)
{
    const struct cm_order order = {.kind = CM_PAUSE, .route = {.match = -1}};
    struct cm_answer answer = desk->ask(desk->self, CM_ASK_HUMAN, 0);
    desk->order(desk->self, &order);
    st->paused = true;
    st->person_at = answer.at;
}

/* The answer is there, and fetched. */
static cm_time decide(const struct options *o, struct state *st, struct cm_desk *desk)
{
    struct cm_answer answer = desk->ask(desk->self, CM_ASK_HUMAN, 0);
    if (answer.verdict.label != CM_PASS)
        return finish(st, desk, CM_ROLLED_BACK, REFUSED);
    desk->say(desk->self, APPROVED, NULL);
    return enter(o, st, desk, st->leave_to);
}

/* The step that is left for this one is the last: a step without a bake time is only passed. */
static bool promotes(const struct options *o, int step)
{
    return step == n_steps(o) || !bake_of(o, step);
}

/* Hooks agree: people are asked if they have a say, and may answer at once. */
static cm_time approve(const struct options *o, struct state *st, struct cm_desk *desk)
{
    if (o->approve == OF_NOTHING || (o->approve == OF_PROMOTION && !promotes(o, st->leave_to)))
        return enter(o, st, desk, st->leave_to);
    ask_people(st, desk);
    desk->say(desk->self, ASKS, NULL);
    return next_wake(o, st, desk->now);
}

static void call_hooks(const struct options *o, struct state *st, const struct cm_desk *desk)
{
    st->confirm = CM_PASS;
    st->confirm_at = desk->now;
    for (size_t i = 0; i < o->confirm.n; i++) {
        struct cm_answer answer = desk->ask(desk->self, CM_ASK_HOOK, o->confirm.refs[i].index);
        st->confirm = answer.verdict.label > st->confirm ? answer.verdict.label : st->confirm;
        st->confirm_at = answer.at > st->confirm_at ? answer.at : st->confirm_at;
    }
    st->confirming = true;
}

/* What the hooks have said, all of them. */
static cm_time confirmed(const struct options *o, struct state *st, struct cm_desk *desk)
{
    st->confirming = false;
    if (st->confirm == CM_PASS)
        return approve(o, st, desk);
    if (o->on_unconfirmed == GIVE_UP && st->confirm != CM_UNDECIDED)
        return finish(st, desk, CM_ROLLED_BACK, DENIED);
    desk->say(desk->self, UNCONFIRMED, NULL);
    return next_wake(o, st, desk->now);
}

/* Slow hooks are waited for, as slow gates are. */
static cm_time confirm(const struct options *o, struct state *st, struct cm_desk *desk)
{
    call_hooks(o, st, desk);
    return st->confirm_at > desk->now ? st->confirm_at : confirmed(o, st, desk);
}

/* No gate objects: leaves the step if that is all it waits for. */
static cm_time pass(const struct options *o, struct state *st, struct cm_desk *desk)
{
    bool early = st->mix.verdict.decisive && o->early != NO;
    bool baked = st->looked_at >= bake_end(o, st);
    if (st->paused || !(baked || early) ||
        canary_requests(o, desk) - st->requests < o->min_requests) {
        desk->say(desk->self, PASSES, &st->mix.verdict.why);
        return next_wake(o, st, desk->now);
    }
    desk->say(desk->self, baked ? PASSES : EARLY, &st->mix.verdict.why);
    st->leave_to = early && o->early == FINISH ? n_steps(o) : st->step + 1;
    return confirm(o, st, desk);
}

/* The label of the look has its consequence. */
static cm_time act(const struct options *o, struct state *st, struct cm_desk *desk)
{
    enum action action = action_for(o, st->mix.verdict.label);
    if (action == IGNORE)
        return pass(o, st, desk);
    st->counted += action == COUNT;
    if (action == ROLLBACK || (action == COUNT && st->counted >= o->count))
        return finish(st, desk, CM_ROLLED_BACK, ROLLS_BACK);
    if (action == PAUSE && !st->paused) {
        st->leave_to = st->step + 1;
        ask_people(st, desk);
    }
    desk->say(desk->self,
              action == PAUSE   ? PAUSES
              : action == COUNT ? COUNTS
                                : HOLDS,
              &st->mix.verdict.why);
    return next_wake(o, st, desk->now);
}

/* Whether a newer revision is there than the one that is being rolled out. */
static bool is_outdated(const struct options *o, struct state *st, const struct cm_desk *desk)
{
    if (o->on_new_revision == STAY)
        return false;
    uint64_t newest = desk->ask(desk->self, CM_ASK_REVISION, 0).revision, ours = st->revision;
    st->revision = newest;
    return ours != 0 && newest != ours;
}

static cm_time replace(const struct options *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_order restart = {.kind = CM_RESTART, .route = {.match = -1}};
    uint64_t newest = st->revision;
    if (o->on_new_revision == SUPERSEDE)
        return finish(st, desk, CM_SUPERSEDED, SUPERSEDES);
    desk->say(desk->self, RESTARTS, NULL);
    desk->order(desk->self, &restart);
    start(o, st);
    st->revision = newest;
    return desk->now;
}

/* May come earlier than asked for (pods, revisions): then nothing is due, and it says so again. */
static cm_time wake(const void *options, void *state, struct cm_desk *desk)
{
    const struct options *o = options;
    struct state *st = state;
    if (st->over)
        return CM_NEVER;
    if (is_outdated(o, st, desk))
        return replace(o, st, desk);
    if (st->step < 0)
        return enter(o, st, desk, 0);
    if (st->paused && st->person_at <= desk->now)
        return decide(o, st, desk);
    if (st->confirming)
        return desk->now < st->confirm_at ? st->confirm_at : confirmed(o, st, desk);
    if (st->waiting)
        return await_pods(o, st, desk);
    if (!st->pending) {
        bool due = desk->now >= st->next_look || desk->now == bake_end(o, st);
        if (!due)
            return next_wake(o, st, desk->now);
        ask_gates(o, st, desk);
    }
    if (st->answer_at > desk->now)
        return st->answer_at;
    st->pending = false;
    return act(o, st, desk);
}

/* Bake times, or the first looks where a decisive pass could end them; requests are not counted. */
static cm_time shortest(const void *options)
{
    const struct options *o = options;
    cm_time look = o->first_look == CM_NO_DURATION ? o->look_every : o->first_look, sum = 0;
    for (int i = 0; i < n_steps(o); i++) {
        cm_time bake = bake_of(o, i);
        bool early = o->early != NO && o->gates.n > 0 && look < bake;
        sum = cm_later(sum, early ? look : bake);
        if (early && o->early == FINISH)
            break;
    }
    return sum;
}

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

/* A pause asks people if there are any. */
static struct cm_uses uses(const void *options)
{
    const struct options *o = options;
    bool pauses = o->on_fail == PAUSE || o->on_error == PAUSE || o->on_no_data == PAUSE ||
                  o->on_undecided == PAUSE;
    return (struct cm_uses){
        .hooks = o->confirm.n > 0,
        .mirror = o->mirror > 0,
        .match = o->match.name != NULL,
        .revisions = o->on_new_revision != STAY,
        .people = o->approve != OF_NOTHING ? CM_SOMEBODY
                  : pauses                 ? CM_IF_ANY
                                           : CM_NOBODY,
    };
}

const struct cm_controller cm_controller_steps = {
    .kind = {.name = "steps",
             .summary = "Weights in steps, each with a bake time, watched by gates.",
             .source = "the step lists of Argo Rollouts and Spinnaker",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .sentences = sentences,
    .state_size = state_size,
    .start = start,
    .wake = wake,
    .shortest = shortest,
    .uses = uses,
};
