/* Hooks: what a controller calls and waits for, beside gates: smoke tests, load tests, approvals by
 * other programs.
 *
 * A call fails a healthy release with probability `false_alarm` and a bad one with `power`: a hook
 * reads the truth, as far as it is worth anything. */
#ifndef CM_HOOK_H
#define CM_HOOK_H

#include "sim/gates/gate.h"
#include "sim/service/law.h"

enum cm_persistence { CM_EACH_CALL, CM_EACH_RELEASE, CM_FLAPPING };

struct cm_hook {
    double false_alarm, power; /* P(a call fails), of a healthy release and of a bad one */
    int persistence;           /* enum cm_persistence */
    double flap;               /* P(a call is drawn afresh), when flapping */
    struct cm_law delay;       /* n = 0: answers at once */
    struct cm_law opens;       /* from the first call of a release; n = 0: open from the start */
    cm_time timeout;
};

/* The calls of one hook in one release. */
struct cm_calls {
    uint64_t n;
    bool fails;       /* the last one */
    cm_time opens_at; /* known from the first call on */
};

/* The next call, at `now`: what it says, and when. `key` names the hook's streams in one
 * replication: equal keys and call numbers are equally lucky, whatever the release. */
struct cm_hook_key {
    uint64_t seed, replication, purpose;
};
struct cm_said {
    cm_time at;
    enum cm_label label;
};
struct cm_said cm_hook_call(const struct cm_hook *hook, struct cm_calls *calls,
                            const struct cm_hook_key *key, bool bad, cm_time now);

extern const struct cm_section cm_hook_section;

#endif
