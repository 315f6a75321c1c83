/* Tuning: the policy that does least harm among those that keep to limits.
 *
 * A candidate is a point of the unit cube, one coordinate a value that may be chosen, in one of
 * several families (policies). What it is worth can only be simulated: replication i of every
 * candidate meets the same releases and the same traffic, so candidates are compared pair by pair.
 *
 *     start       Sobol points in each family
 *     race        successive halving: all are played a little, the better part four times as long,
 *                 and so on; nothing is dropped that is not worse beyond the noise while there is
 *                 room, and what had to go all the same is counted
 *     refine      new points around the best ones, raced against the best, ever closer; a part of
 *                 them still are Sobol points
 *     choose      among all that were played to the end
 *
 * Every stage plays a fixed number of rollouts, and a search that may not play more ends between
 * two of them: the answer depends on the seed and on how many stages were played, on nothing else.
 *
 * What is chosen because it looked best looks better than it is (the winner's curse): whoever
 * reports it plays it again on other seeds.
 *
 * Jamieson and Talwalkar, AISTATS 2016 (successive halving); Deb 2000 (limits before the goal);
 * Law 2015, 11.2 (common random numbers). */
#ifndef CM_TUNE_H
#define CM_TUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CM_TUNE_DIMENSIONS 32
#define CM_TUNE_RELEASES   16 /* good ones, and likewise bad ones */

/* One replication of a candidate: every release once. */
struct cm_trial {
    double goal;                     /* less is better */
    double promoted_after;           /* s, the healthy release; NAN = it was not promoted */
    uint16_t false_rollback, missed; /* a bit a good release; a bit a bad one */
};

struct cm_candidate {
    size_t family;
    double u[CM_TUNE_DIMENSIONS];
    double key[CM_TUNE_DIMENSIONS]; /* what the point chooses: equal for points that are the same */
    struct cm_trial *trials;        /* owned; NULL once dropped */
    uint64_t n;                     /* of them */
    uint64_t number;                /* in the order of birth, from 0 */
    bool broken;                    /* no valid scenario */
};

/* Upper limits; NAN = none. Each has to be met by the upper end of a 95 % interval. */
struct cm_tune_limits {
    double false_rollback;  /* of every good release */
    double missed;          /* of every bad release */
    double time_to_promote; /* s, mean of the healthy release if promoted */
    int n_good, n_bad;      /* releases */
};

struct cm_scored {
    double value, low, high; /* 95 % */
};

/* How a candidate stands to the limits. */
enum cm_keeping {
    CM_KEEPS, /* proven */
    CM_MAY_KEEP,
    CM_SEEMS_TO_BREAK, /* what was seen is above a limit, which may be chance */
    CM_BREAKS          /* proven */
};

struct cm_standing {
    struct cm_scored goal, false_rollback, missed, time_to_promote; /* the worst release's */
    enum cm_keeping keeping;
    double excess; /* how far what was seen is above the limits, in parts of them; 0 = it is not */
    uint64_t n;
};

/* --- standing (tune_rank.c) --- */

struct cm_standing cm_tune_standing(const struct cm_candidate *c,
                                    const struct cm_tune_limits *limits);
/* Whether `a` does more harm than `b` beyond the noise, on the replications that both have. */
bool cm_tune_is_worse(const struct cm_candidate *a, const struct cm_candidate *b);
/* Sorts indices into `standing`: the better ones first. `proven`: limits that are not proven to be
 * kept count as broken. */
void cm_tune_rank(const struct cm_standing *standing, bool proven, size_t *order, size_t n);
/* Whether `a` is clearly farther from the limits of shares than `than` seemed to be. */
bool cm_tune_is_safer(const struct cm_standing *a, const struct cm_standing *than,
                      const struct cm_tune_limits *limits);
/* Not more of anything and less of something: harm, false rollbacks, time. */
bool cm_tune_dominates(const struct cm_standing *a, const struct cm_standing *b);
/* Indices of those that nobody dominates, by rising harm; how many. */
size_t cm_tune_front(const struct cm_standing *standing, size_t n, size_t *front);

/* --- searching (tune_search.c) --- */

struct cm_tune {
    size_t families, dimensions;
    struct cm_tune_limits limits;
    uint64_t seed;
    uint64_t replications; /* of a candidate that is played to the end */
    size_t start, round;   /* candidates: of each family at the start; of each later round */
    uint64_t budget;       /* rollouts; 0 = no limit */
    /* Gives each of n candidates the trials [c->n, upto), or calls it broken. -1 = asked to stop.
     */
    int (*play)(void *self, struct cm_candidate *const *list, size_t n, uint64_t upto);
    /* Whether the next stage, of `wanted` rollouts, may begin after `played`; NULL = always. */
    bool (*go_on)(void *self, uint64_t played, uint64_t wanted);
    /* Fills c->key, for points that are the same scenario with the same; NULL = each is its own. */
    void (*settle)(void *self, struct cm_candidate *c);
    void *self;
};

enum cm_tune_end { CM_TUNE_CONVERGED, CM_TUNE_OUT_OF_BUDGET, CM_TUNE_STOPPED };

struct cm_tuning {
    enum cm_tune_end end;
    struct cm_candidate **list;   /* owned, all that were tried, in the order of birth */
    struct cm_standing *standing; /* owned, one a candidate, as it was last */
    size_t n, room, broken;
    uint64_t played;       /* rollouts */
    uint64_t replications; /* of those that were played longest: as asked, unless the budget ended
                              before the first race did */
    size_t pressed;        /* dropped for want of room, though not worse beyond the noise */
    size_t rounds;         /* that were finished, the first race included */
    size_t *order;         /* owned; of those played longest, the best first */
    size_t n_order;
    size_t *front; /* owned; of these, those that nobody dominates, by rising harm */
    size_t n_front;
    size_t ties; /* others that keep the limits and are not worse than the best beyond the noise */
};

/* 0, or -1 if it was asked to stop. Release the result in either case. */
int cm_tune_search(const struct cm_tune *tune, struct cm_tuning *result);
void cm_tune_release(struct cm_tuning *result); /* idempotent, safe on {0} */

#endif
