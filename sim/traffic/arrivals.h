/* How much traffic comes: arrival processes as paths of pieces.
 *
 * A kind answers one question: from this instant, what is the intensity, and until when? Intensity
 * kinds (Poisson given their path, Cox processes) answer a rate; recorded kinds answer a fixed
 * count of requests, spread uniformly over a recorded step. Paths are drawn from the one stream
 * handed to start, so that every policy of a replication meets the same traffic.
 *
 * Recorded steps lie on the grid of the recording, not of the simulation, and a path may begin
 * inside one. `count` is then still that of the whole step [since, until): its requests are
 * independent uniform instants of the step, so those in [from, until) are
 * Binomial(count, (until - from) / (until - since)), those in any part of the rest are conditional
 * binomials, and the ones before `from` belong to nobody. `since` < `from` happens only in the
 * first stretch of a path. Before its first row and after its last a recording has no traffic
 * (rate 0, count 0): whoever chooses `origin` leaves room. */
#ifndef CM_ARRIVALS_H
#define CM_ARRIVALS_H

#include "sim/base/kind.h"
#include "sim/base/rng.h"
#include "sim/base/time.h"

struct cm_stretch {
    cm_time until;  /* after the `from` that was asked for; CM_NEVER = it does not change again */
    double rate;    /* requests per second, all versions together; recorded kinds: count / length */
    uint64_t count; /* recorded kinds: requests in the whole step [since, until); else 0 */
    cm_time since;  /* recorded kinds: when that step began, at or before `from`; else `from` */
};

struct cm_arrivals {
    struct cm_kind kind;
    bool recorded; /* answers counts: cells are multinomial, not Poisson */
    /* Bytes of state of one replication's path. */
    size_t (*state_size)(const void *options);
    /* Begins a path at `from` (<= 0: the history before the release). `origin` is what the clock of
     * the kind (day, week or recording) shows at time 0, ns from its Monday 00:00 or its first
     * row. `rng` is copied into the state. */
    void (*start)(const void *options, void *state, cm_time from, cm_time origin,
                  const struct cm_rng *rng);
    /* The stretch that holds at `from`; asked in order, each `from` the last `until`. */
    struct cm_stretch (*next)(const void *options, void *state, cm_time from);
    /* The span of the clock on which a release may fall: a day, a week, a recording; 0 = the kind
     * has no clock. NULL = 0. */
    cm_time (*span)(const void *options);
    bool repeats; /* the clock wraps round (day, week) or ends (recording) */
    /* Long-run mean, requests per second. */
    double (*mean_rate)(const void *options);
    /* What preparing met that the user should know (gaps filled, rows skipped), one sentence
     * without a full stop; NULL = nothing. The function may be NULL, too. */
    const char *(*note)(const void *options);
};

extern const struct cm_section cm_traffic_section;
extern const struct cm_arrivals *const cm_arrivals_kinds[]; /* NULL-ended */

#endif
