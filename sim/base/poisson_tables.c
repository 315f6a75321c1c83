/* Open addressing with linear steps, at most half full. */
#include "sim/base/poisson_tables.h"

#include "sim/base/mem.h"

#define MOST_CELLS ((size_t)1 << 19) /* 4 MB */

struct cm_poisson_entry {
    double mean;
    struct cm_poisson_table table;
    uint64_t *cells; /* owned; NULL = the place is free */
};

void cm_poisson_tables_release(struct cm_poisson_tables *t)
{
    for (size_t i = 0; i < t->room; i++)
        cm_free(t->entries[i].cells);
    cm_free(t->entries);
    cm_free(t->round);
    *t = (struct cm_poisson_tables){0};
}

void cm_poisson_tables_clear(struct cm_poisson_tables *t)
{
    if (t->cells > MOST_CELLS)
        cm_poisson_tables_release(t);
}

/* Where a mean is, or would be. */
static struct cm_poisson_entry *place_of(const struct cm_poisson_tables *t, double mean)
{
    uint64_t bits;
    memcpy(&bits, &mean, sizeof bits);
    size_t i = cm_rng_mix(bits) & (t->room - 1);
    while (t->entries[i].cells && t->entries[i].mean != mean)
        i = (i + 1) & (t->room - 1);
    return &t->entries[i];
}

static void grow(struct cm_poisson_tables *t)
{
    struct cm_poisson_tables old = *t;
    t->room = old.room ? 2 * old.room : 64;
    t->entries = cm_alloc(t->room * sizeof *t->entries);
    for (size_t i = 0; i < old.room; i++)
        if (old.entries[i].cells)
            *place_of(t, old.entries[i].mean) = old.entries[i];
    cm_free(old.entries);
}

struct cm_poisson_table cm_poisson_tables_find(struct cm_poisson_tables *t, double mean)
{
    assert(mean <= CM_POISSON_TABLES_MEAN);
    if (2 * t->n >= t->room)
        grow(t);
    struct cm_poisson_entry *entry = place_of(t, mean);
    if (!entry->cells) {
        size_t room = cm_poisson_table_room(mean);
        entry->mean = mean;
        entry->cells = cm_grow(NULL, room, sizeof *entry->cells);
        cm_poisson_table_init(&entry->table, mean, entry->cells);
        t->n++;
        t->cells += room;
    }
    return entry->table;
}

void cm_poisson_tables_make(struct cm_poisson_tables *t, int round)
{
    static const double unit[] = {256, 8, 0.25};
    t->round[round] = cm_poisson_tables_find(t, round % 32 * unit[round / 32]);
}

void cm_poisson_tables_round(struct cm_poisson_tables *t)
{
    if (t->round)
        return;
    t->round = cm_alloc(CM_POISSON_ROUND * sizeof *t->round);
    for (int i = CM_POISSON_MIDDLE; i < CM_POISSON_ROUND; i++)
        cm_poisson_tables_make(t, i);
}
