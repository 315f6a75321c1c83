/* Terms: what a request that arrives during one piece meets, ready for many of them.
 *
 * A request brings two random numbers: u decides about version and outcome, the other, L, is its
 * latency by its class's law. With share s to the canary and failure probability p1,
 *
 *     u < s: canary, failing where u < s p1;      else: stable, failing where u - s < (1 - s) p1,
 *
 * and so on for further arms; a failure is the defect's where the healthy p0 in place of p1 would
 * not have made it one: an event of probability p1 - p0. The same L at the healthy pace says
 * whether a slow answer is the defect's. The same request is thus seen with and without the defect,
 * and at any share. */
#ifndef CM_TERMS_H
#define CM_TERMS_H

#include <string.h>

#include "sim/engine/batch.h"
#include "sim/engine/mark.h"

/* Of one version and kind of request. */
struct cm_terms_row {
    double fails, fails_anyway;                 /* u below; also without the defect */
    double times, plus_s;                       /* pace: times L + plus_s */
    double healthy_times, healthy_plus_s;       /* pace without the defect */
    double slow_share, slow_times, slow_plus_s; /* the slow share is changed once more */
    size_t mark;                                /* first of this class and fate */
    size_t version;                             /* that serves it */
};

#define CM_TERMS_SHIFT 49  /* bits of a double below three of its fraction */
#define CM_TERMS_CELLS 256 /* 32 octaves, from the first bound on */

struct cm_terms {
    /* of the scenario */
    struct cm_marks marks;
    double slo_s;                      /* INFINITY = no objective */
    double bounds_s[CM_EDGES_MAX + 2]; /* of the latency buckets, then INFINITY twice */
    int64_t first_cell;
    uint8_t before[CM_TERMS_CELLS]; /* bounds below the beginning of each cell */
    /* of a piece */
    bool slows; /* some row has a slow share */
    size_t n_arms;
    double *until; /* owned; of each arm: it serves the requests with u below */
    struct cm_terms_arm {
        double share;
        size_t version, part;
    } * arm;                                  /* owned */
    struct cm_terms_row *row;                 /* owned; by kind, then arm */
    size_t room;                              /* of arms */
    struct cm_terms_row copy[CM_BATCH_KINDS]; /* by kind, of copies, whose u is their own */
};

void cm_terms_init(struct cm_terms *t, const struct cm_world *w, size_t n_buckets);
void cm_terms_release(struct cm_terms *t);
void cm_terms_set(struct cm_terms *t, const struct cm_world *w, const struct cm_batch *kinds,
                  const struct cm_piece *piece);

static inline const struct cm_terms_row *cm_terms_row(const struct cm_terms *t, size_t kind,
                                                      size_t arm)
{
    return &t->row[kind * t->n_arms + arm];
}

/* The arm that serves the request that brings u. */
static inline size_t cm_terms_arm(const struct cm_terms *t, double u)
{
    size_t arm = u >= t->until[0];
    while (u >= t->until[arm])
        arm++;
    return arm;
}

/* Which bucket a latency falls into: how many bounds are below it. The first bits of a double are
 * its place on a scale of eighths of octaves; few of those hold a bound, hardly any two. */
static inline size_t cm_terms_bucket(const struct cm_terms *t, double latency_s)
{
    uint64_t bits;
    memcpy(&bits, &latency_s, sizeof bits);
    int64_t cell = ((int64_t)bits >> CM_TERMS_SHIFT) - t->first_cell;
    cell = cell > 0 ? cell : 0;
    size_t at = t->before[cell < CM_TERMS_CELLS ? cell : CM_TERMS_CELLS - 1];
    at += latency_s > t->bounds_s[at];
    while (latency_s > t->bounds_s[at])
        at++;
    return at;
}

/* Seconds until the answer, for a request of the slow share or not; what is below 0 is answered at
 * once. */
static inline double cm_terms_latency(const struct cm_terms_row *row, double law_s, bool slow)
{
    double latency = row->times * law_s + row->plus_s;
    if (slow)
        latency = row->slow_times * latency + row->slow_plus_s;
    return latency;
}

static inline size_t cm_terms_mark(const struct cm_terms *t, const struct cm_terms_row *row,
                                   double u, double latency_s, double healthy_s)
{
    size_t mark = row->mark + cm_terms_bucket(t, latency_s);
    bool fails = u < row->fails;
    bool slow = latency_s > t->slo_s;
    if (!fails && !slow) /* nearly always */
        return mark;
    enum cm_doing outcome = !fails ? CM_FINE : u < row->fails_anyway ? CM_BAD : CM_BAD_BY_DEFECT;
    enum cm_doing tempo = !slow ? CM_FINE : healthy_s > t->slo_s ? CM_BAD : CM_BAD_BY_DEFECT;
    return mark + (CM_DOINGS * outcome + tempo) * t->marks.n_buckets;
}

#endif
