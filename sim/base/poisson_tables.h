/* Tables of Poisson laws, each made when its mean is first met and shared by all who meet it again.
 *
 * Means repeat over blocks and replications where the rates are constant. A table depends on its
 * mean alone, so that it makes no difference who was the first. Beyond CM_POISSON_TABLES_MEAN a
 * table is not worth its room in the cache.
 *
 * Means that wander are not met again, but Poisson counts add up (Kingman, Poisson Processes, 1993,
 * 2.2): any mean is three round ones, which have tables, and a rest below 1/4. */
#ifndef CM_POISSON_TABLES_H
#define CM_POISSON_TABLES_H

#include "sim/base/draw_poisson.h"

#define CM_POISSON_TABLES_MEAN 8000.0

struct cm_poisson_tables {
    struct cm_poisson_entry *entries; /* owned; open addressing, a power of two */
    size_t n, room, cells;            /* cells of all tables */
    struct cm_poisson_table *round;   /* owned; copies of those of round means that were met */
};

void cm_poisson_tables_release(struct cm_poisson_tables *t); /* {0} is an empty one */
/* The table of a mean up to CM_POISSON_TABLES_MEAN, by value: it holds until cm_..._clear. */
struct cm_poisson_table cm_poisson_tables_find(struct cm_poisson_tables *t, double mean);
/* Round means are 256 i, 8 i and i / 4, with an i of 0 .. 31; the largest have tables once they are
 * met, the others from when all are readied. */
enum { CM_POISSON_LARGE, CM_POISSON_MIDDLE = 32, CM_POISSON_SMALL = 64, CM_POISSON_ROUND = 96 };
void cm_poisson_tables_round(struct cm_poisson_tables *t);
void cm_poisson_tables_make(struct cm_poisson_tables *t, int round);

/* A count of the round means in `*mean`, which is at most CM_POISSON_TABLES_MEAN; leaves the rest
 * there. */
static inline uint64_t cm_poisson_tables_draw(struct cm_poisson_tables *t, double *mean,
                                              struct cm_rng *rng)
{
    uint64_t count = 0;
    double left = *mean;
    if (left >= 8) {
        int large = (int)(left / 256);
        left -= 256 * large;
        int middle = (int)(left / 8);
        left -= 8 * middle;
        if (!t->round[large].alias.cells)
            cm_poisson_tables_make(t, large);
        uint64_t word = cm_rng_next(rng);
        count = cm_poisson_table_pick(&t->round[large], word >> 32, rng);
        count += cm_poisson_table_pick(&t->round[CM_POISSON_MIDDLE + middle], (uint32_t)word, rng);
    }
    int small = (int)(left * 4);
    *mean = left - 0.25 * small;
    return count + cm_poisson_table_draw(&t->round[CM_POISSON_SMALL + small], rng);
}

/* Forgets all tables if they take more than a few megabytes. */
void cm_poisson_tables_clear(struct cm_poisson_tables *t);

#endif
