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
#include "sim/controllers/stepping.h"

#include "sim/controllers/mix.h"

const char *const cm_do_names[] = {"rollback", "hold", "pause", "count", "ignore", NULL};
const char *const cm_early_names[] = {"no", "next_step", "finish", NULL};
const char *const cm_approve_names[] = {"none", "promotion", "steps", NULL};
const char *const cm_unconfirmed_names[] = {"hold", "rollback", NULL};
const char *const cm_revision_names[] = {"ignore", "supersede", "restart", NULL};

enum sentence {
    BEGINS,
    PASSES,
    HOLDS,
    COUNTS,
    PAUSES,
    ROLLS_BACK,
    EARLY,
    PROMOTES,
    UNCONFIRMED,
    DENIED,
    ASKS,
    APPROVED,
    REFUSED,
    SUPERSEDES,
    RESTARTS,
    WAITS,
    STUCK_PODS
};
const char *const cm_stepping_sentences[] = {
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
    bool asks;                    /* gates: something reaches the canary in this step */
    bool pending;                 /* the last look has not been answered in full */
    cm_time baked_at;             /* when the step has baked */
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
int cm_stepping_check(const void *options, struct cm_err *err)
{
    const struct cm_stepping *o = options;
    if (o->early != CM_EARLY_NO && o->gates.n == 0)
        return cm_fail(err, "early = %s needs gates that can give a decisive pass",
                       cm_early_names[o->early]);
    if (o->on_unconfirmed != CM_UNCONFIRMED_HOLDS && o->confirm.n == 0)
        return cm_fail(err, "on_unconfirmed = %s needs hooks that confirm (confirm = smoke-test)",
                       cm_unconfirmed_names[o->on_unconfirmed]);
    return 0;
}

void cm_stepping_start(const void *options, void *state)
{
    (void)options;
    *(struct state *)state = (struct state){.step = -1, .person_at = CM_NEVER};
}

/* With a mirror step 0 is its own, and the others come one later. */
static int n_steps(const struct cm_stepping *o)
{
    return (int)o->steps.n + (o->mirror > 0);
}

static cm_time bake_of(const struct cm_stepping *o, int step)
{
    int i = step - (o->mirror > 0);
    return i < 0 ? o->mirror_bake : o->steps.step[i].bake;
}

static struct cm_order route_of(const struct cm_stepping *o, int step)
{
    int i = step - (o->mirror > 0);
    struct cm_order order = cm_order_weight(i < 0 ? 0 : o->steps.step[i].weight);
    order.route.mirror = i < 0 ? o->mirror : 0;
    order.route.match = i < 0 ? -1 : o->match.index;
    return order;
}

/* Gates have nothing to ask about where nothing reaches the canary. */
static bool gets_traffic(const struct cm_stepping *o, int step)
{
    int i = step - (o->mirror > 0);
    return i < 0 || o->steps.step[i].weight > 0 || o->match.index >= 0;
}

/* The next instant at which something is to be done; at once if a slow answer came after it. */
static cm_time next_wake(const struct cm_stepping *o, const struct state *st, cm_time now)
{
    cm_time next = st->next_look;
    if (st->baked_at > now && (st->baked_at < next || o->gates.n == 0))
        next = st->baked_at;
    next = st->person_at < next ? st->person_at : next;
    return next > now ? next : now;
}

static uint64_t canary_requests(const struct cm_stepping *o, const struct cm_desk *desk)
{
    return o->min_requests ? desk->ask(desk->self, CM_ASK_REQUESTS, CM_CANARY)->requests : 0;
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
static cm_time bake(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    desk->say(desk->self, BEGINS, NULL);
    st->asks = gets_traffic(o, st->step);
    st->baked_at = cm_later(desk->now, bake_of(o, st->step));
    st->requests = canary_requests(o, desk);
    st->next_look =
        cm_later(desk->now, o->first_look == CM_NO_DURATION ? o->look_every : o->first_look);
    return next_wake(o, st, desk->now);
}

/* Whoever sits behind the desk wakes it when pods change. */
static cm_time await_pods(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    enum cm_lack lack = cm_pods_lack(desk);
    if (lack == CM_LACK_SOME)
        return CM_NEVER;
    st->waiting = false;
    return lack == CM_LACK_NONE ? bake(o, st, desk) : finish(st, desk, CM_ROLLED_BACK, STUCK_PODS);
}

/* Begins a step, or promotes if there is none left or it needs no bake. */
static cm_time enter(const struct cm_stepping *o, struct state *st, struct cm_desk *desk, int step)
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
static enum cm_do action_for(const struct cm_stepping *o, enum cm_label label)
{
    const int actions_of[CM_LABELS] = {
        [CM_PASS] = CM_DO_IGNORE,     [CM_UNDECIDED] = o->on_undecided,
        [CM_NO_DATA] = o->on_no_data, [CM_GATE_ERROR] = o->on_error,
        [CM_FAIL] = o->on_fail,
    };
    return (enum cm_do)actions_of[label];
}

/* An ignored label counts as a pass, so that it cannot hide another gate's. */
static void add_verdict(const struct cm_stepping *o, struct cm_mix *mix, int gate,
                        const struct cm_verdict *verdict)
{
    struct cm_verdict pass;
    if (verdict->label != CM_PASS && action_for(o, verdict->label) == CM_DO_IGNORE) {
        pass = *verdict;
        pass.label = CM_PASS;
        pass.decisive = false;
        verdict = &pass;
    }
    cm_mix_add(mix, gate, verdict);
}

/* Asks every gate. */
static void ask_gates(const struct cm_stepping *o, struct state *st, const struct cm_desk *desk)
{
    cm_mix_start(&st->mix);
    st->looked_at = st->answer_at = desk->now;
    size_t n = st->asks ? o->gates.n : 0;
    for (size_t i = 0; i < n; i++) {
        const struct cm_answer *answer = desk->ask(desk->self, CM_ASK_GATE, (int)i);
        add_verdict(o, &st->mix, (int)i, answer->verdict);
        st->answer_at = answer->at > st->answer_at ? answer->at : st->answer_at;
    }
    st->pending = true;
    st->next_look = cm_later(desk->now, o->look_every);
}

/* Pauses the rollout until a person has answered: the engine knows when. */
static void ask_people(struct state *st, struct cm_desk *desk)
{
    const struct cm_order order = {.kind = CM_PAUSE, .route = {.match = -1}};
    st->person_at = desk->ask(desk->self, CM_ASK_HUMAN, 0)->at;
    desk->order(desk->self, &order);
    st->paused = true;
}

/* The answer is there, and fetched. */
static cm_time decide(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_answer *answer = desk->ask(desk->self, CM_ASK_HUMAN, 0);
    if (answer->verdict->label != CM_PASS)
        return finish(st, desk, CM_ROLLED_BACK, REFUSED);
    desk->say(desk->self, APPROVED, NULL);
    return enter(o, st, desk, st->leave_to);
}

/* The step that is left for this one is the last: a step without a bake time is only passed. */
static bool promotes(const struct cm_stepping *o, int step)
{
    return step == n_steps(o) || !bake_of(o, step);
}

/* Hooks agree: people are asked if they have a say, and may answer at once. */
static cm_time approve(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    if (o->approve == CM_APPROVE_NOTHING ||
        (o->approve == CM_APPROVE_PROMOTION && !promotes(o, st->leave_to)))
        return enter(o, st, desk, st->leave_to);
    ask_people(st, desk);
    desk->say(desk->self, ASKS, NULL);
    return next_wake(o, st, desk->now);
}

static void call_hooks(const struct cm_stepping *o, struct state *st, const struct cm_desk *desk)
{
    st->confirm = CM_PASS;
    st->confirm_at = desk->now;
    for (size_t i = 0; i < o->confirm.n; i++) {
        const struct cm_answer *answer =
            desk->ask(desk->self, CM_ASK_HOOK, o->confirm.refs[i].index);
        st->confirm = answer->verdict->label > st->confirm ? answer->verdict->label : st->confirm;
        st->confirm_at = answer->at > st->confirm_at ? answer->at : st->confirm_at;
    }
    st->confirming = true;
}

/* What the hooks have said, all of them. */
static cm_time confirmed(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    st->confirming = false;
    if (st->confirm == CM_PASS)
        return approve(o, st, desk);
    if (o->on_unconfirmed == CM_UNCONFIRMED_ROLLS_BACK && st->confirm != CM_UNDECIDED)
        return finish(st, desk, CM_ROLLED_BACK, DENIED);
    desk->say(desk->self, UNCONFIRMED, NULL);
    return next_wake(o, st, desk->now);
}

/* Slow hooks are waited for, as slow gates are. */
static cm_time confirm(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    call_hooks(o, st, desk);
    return st->confirm_at > desk->now ? st->confirm_at : confirmed(o, st, desk);
}

/* No gate objects: leaves the step if that is all it waits for. */
static cm_time pass(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    bool early = st->mix.verdict.decisive && o->early != CM_EARLY_NO;
    bool baked = st->looked_at >= st->baked_at;
    if (st->paused || !(baked || early) ||
        canary_requests(o, desk) - st->requests < o->min_requests) {
        desk->say(desk->self, PASSES, &st->mix.verdict.why);
        return next_wake(o, st, desk->now);
    }
    desk->say(desk->self, baked ? PASSES : EARLY, &st->mix.verdict.why);
    st->leave_to = early && o->early == CM_EARLY_FINISH ? n_steps(o) : st->step + 1;
    return confirm(o, st, desk);
}

/* The label of the look has its consequence. */
static cm_time act(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    enum cm_do action = action_for(o, st->mix.verdict.label);
    if (action == CM_DO_IGNORE)
        return pass(o, st, desk);
    st->counted += action == CM_DO_COUNT;
    if (action == CM_DO_ROLLBACK || (action == CM_DO_COUNT && st->counted >= o->count))
        return finish(st, desk, CM_ROLLED_BACK, ROLLS_BACK);
    if (action == CM_DO_PAUSE && !st->paused) {
        st->leave_to = st->step + 1;
        ask_people(st, desk);
    }
    desk->say(desk->self,
              action == CM_DO_PAUSE   ? PAUSES
              : action == CM_DO_COUNT ? COUNTS
                                      : HOLDS,
              &st->mix.verdict.why);
    return next_wake(o, st, desk->now);
}

/* Whether a newer revision is there than the one that is being rolled out. */
static bool is_outdated(const struct cm_stepping *o, struct state *st, const struct cm_desk *desk)
{
    if (o->on_new_revision == CM_REVISION_IGNORED)
        return false;
    uint64_t newest = desk->ask(desk->self, CM_ASK_REVISION, 0)->revision, ours = st->revision;
    st->revision = newest;
    return ours != 0 && newest != ours;
}

static cm_time replace(const struct cm_stepping *o, struct state *st, struct cm_desk *desk)
{
    const struct cm_order restart = {.kind = CM_RESTART, .route = {.match = -1}};
    uint64_t newest = st->revision;
    if (o->on_new_revision == CM_REVISION_SUPERSEDES)
        return finish(st, desk, CM_SUPERSEDED, SUPERSEDES);
    desk->say(desk->self, RESTARTS, NULL);
    desk->order(desk->self, &restart);
    cm_stepping_start(o, st);
    st->revision = newest;
    return desk->now;
}

/* May come earlier than asked for (pods, revisions): then nothing is due, and it says so again. */
cm_time cm_stepping_wake(const void *options, void *state, struct cm_desk *desk)
{
    const struct cm_stepping *o = options;
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
        bool due = desk->now >= st->next_look || desk->now == st->baked_at;
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
cm_time cm_stepping_shortest(const void *options)
{
    const struct cm_stepping *o = options;
    cm_time look = o->first_look == CM_NO_DURATION ? o->look_every : o->first_look, sum = 0;
    for (int i = 0; i < n_steps(o); i++) {
        cm_time bake = bake_of(o, i);
        bool early = o->early != CM_EARLY_NO && o->gates.n > 0 && look < bake;
        sum = cm_later(sum, early ? look : bake);
        if (early && o->early == CM_EARLY_FINISH)
            break;
    }
    return sum;
}

size_t cm_stepping_state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

/* A pause asks people if there are any. */
struct cm_uses cm_stepping_uses(const void *options)
{
    const struct cm_stepping *o = options;
    bool pauses = o->on_fail == CM_DO_PAUSE || o->on_error == CM_DO_PAUSE ||
                  o->on_no_data == CM_DO_PAUSE || o->on_undecided == CM_DO_PAUSE;
    return (struct cm_uses){
        .hooks = o->confirm.n > 0,
        .mirror = o->mirror > 0,
        .match = o->match.name != NULL,
        .revisions = o->on_new_revision != CM_REVISION_IGNORED,
        .people = o->approve != CM_APPROVE_NOTHING ? CM_SOMEBODY
                  : pauses                         ? CM_IF_ANY
                                                   : CM_NOBODY,
    };
}
