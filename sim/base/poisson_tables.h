/* Tables of Poisson laws, each made when its mean is first met and shared by all who meet it again.
 *
 * Means repeat over blocks and replications where the rates are constant. A table depends on its
 * mean alone, so that it makes no difference who was the first. Beyond CM_POISSON_TABLES_MEAN a
 * table is not worth its room in the cache. */
#ifndef CM_POISSON_TABLES_H
#define CM_POISSON_TABLES_H

#include "sim/base/draw_poisson.h"

#define CM_POISSON_TABLES_MEAN 8000.0

struct cm_poisson_tables {
    struct cm_poisson_entry *entries; /* owned; open addressing, a power of two */
    size_t n, room, cells;            /* cells of all tables */
};

void cm_poisson_tables_release(struct cm_poisson_tables *t); /* {0} is an empty one */
/* The table of a mean up to CM_POISSON_TABLES_MEAN, by value: it holds until cm_..._clear. */
struct cm_poisson_table cm_poisson_tables_find(struct cm_poisson_tables *t, double mean);
/* Forgets all tables if they take more than a few megabytes. */
void cm_poisson_tables_clear(struct cm_poisson_tables *t);

#endif
