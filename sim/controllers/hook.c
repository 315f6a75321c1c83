/* Luck and truth of a hook.
 *
 * The k-th call of a release fails where u_k < p, p = power for a bad release and false_alarm for
 * every other one: the same u_k, so that a hook with more power fails whatever one with less does.
 * How long an answer lasts is its persistence:
 *
 *     call      every u_k is new
 *     release   u_k = u_0
 *     flapping  u_k is new with probability `flap`, else u_{k-1}: answers k calls apart have
 *               correlation (1 - flap)^k, and each fails with probability p
 *
 * A hook that `opens` says undecided until so long after its first call: a person or a ticket
 * elsewhere has to open it. An answer that takes longer than the timeout is an error then. */
#include "sim/controllers/hook.h"

#include <math.h>

static const char *const persistences[] = {
    [CM_EACH_CALL] = "call", [CM_EACH_RELEASE] = "release", [CM_FLAPPING] = "flapping", NULL};

static const struct cm_param params[] = {
    CM_PROB(struct cm_hook, false_alarm, "0%", 0, 1,
            "Probability that a call fails a healthy (or harmless) release."),
    CM_PROB(struct cm_hook, power, "none", 0, 1,
            "Probability that a call fails a bad release; none = as of a healthy one, the hook "
            "knows nothing of the release."),
    CM_CHOICE(struct cm_hook, persistence, "call", persistences,
              "How long an answer lasts: every call is drawn afresh, one answer holds for the "
              "release, or answers last for a while and flap."),
    CM_PROB(struct cm_hook, flap, "20%", 0, 1,
            "With persistence = flapping: probability that a call is drawn afresh instead of "
            "repeating the one before."),
    CM_LAW(struct cm_hook, delay, "none",
           "How long a call takes to answer; none = it answers at once."),
    CM_DURATION(struct cm_hook, timeout, "10s", 1e6, CM_MAX_DURATION,
                "A call that takes longer is given up and counts as an error."),
    CM_LAW(struct cm_hook, opens, "none",
           "How long after its first call in a release the hook opens; until then it says "
           "undecided; none = it is open."),
    CM_PARAMS_END,
};

const struct cm_section cm_hook_section = {
    .name = "hook",
    .named = true,
    .summary = "What a policy calls and waits for beside its gates: smoke tests, load tests, "
               "approvals by other programs.",
    .params = params,
    .size = sizeof(struct cm_hook),
};

/* Each use of luck has a stream to itself; `block` is the call, or 0. */
static struct cm_rng stream(const struct cm_hook_key *key, const char *use, uint64_t block)
{
    uint64_t purpose = cm_rng_mix2(key->purpose, cm_rng_purpose(use));
    return cm_rng_stream(key->seed, key->replication, purpose, block);
}

static bool draw_failure(const struct cm_hook *hook, const struct cm_calls *calls,
                         const struct cm_hook_key *key, double chance)
{
    bool once = hook->persistence == CM_EACH_RELEASE;
    struct cm_rng rng = stream(key, "outcome", once ? 0 : calls->n);
    double fresh = cm_rng_unit(&rng), luck = cm_rng_unit(&rng);
    if (hook->persistence == CM_FLAPPING && calls->n > 0 && fresh >= hook->flap)
        return calls->fails;
    return luck < chance;
}

static cm_time draw_time(const struct cm_law *law, struct cm_rng rng)
{
    return law->n > 0 ? cm_from_seconds(cm_law_draw(law, &rng)) : 0;
}

struct cm_said cm_hook_call(const struct cm_hook *hook, struct cm_calls *calls,
                            const struct cm_hook_key *key, bool bad, cm_time now)
{
    double chance = bad && !isnan(hook->power) ? hook->power : hook->false_alarm;
    if (calls->n == 0)
        calls->opens_at = cm_later(now, draw_time(&hook->opens, stream(key, "opens", 0)));
    calls->fails = draw_failure(hook, calls, key, chance);
    cm_time delay = draw_time(&hook->delay, stream(key, "delay", calls->n));
    calls->n++;
    if (delay > hook->timeout)
        return (struct cm_said){cm_later(now, hook->timeout), CM_GATE_ERROR};
    enum cm_label label = now < calls->opens_at ? CM_UNDECIDED : calls->fails ? CM_FAIL : CM_PASS;
    return (struct cm_said){cm_later(now, delay), label};
}
