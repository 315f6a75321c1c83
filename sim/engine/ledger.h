/* The ledger: what every counter read at every instant that mattered.
 *
 * The flow appends blocks; a window is the difference of two readings. Where a window begins inside
 * a block, the block is halved until the instant is found (halving.h). A flow that knows the
 * instant of every answer keeps a journal (journal.h), in which they are counted instead.
 *
 * Answers are counted by cell (cell.h) and, unless the flow draws all latency buckets, by group of
 * buckets, so that a window's are a difference. Of the buckets no more is drawn than somebody reads
 * (histograms.h). */
#ifndef CM_LEDGER_H
#define CM_LEDGER_H

#include "sim/engine/histograms.h"

struct cm_block {
    cm_time from, until;
    bool filled;      /* all its buckets are known */
    uint64_t entries; /* of the journal, up to its end */
};

struct cm_journal;

struct cm_ledger {
    const struct cm_plan *plan; /* borrowed */
    struct cm_world *world;     /* borrowed */
    struct cm_journal *journal; /* borrowed; NULL: answers are not written down one by one */
    uint64_t replication;
    size_t n_classes, n_cells;
    size_t n_counters; /* of all cells (cell.h) */
    size_t n_buckets;  /* of a histogram; 0 = nobody reads latency */
    uint64_t halving_purpose;
    bool whole; /* the flow draws all buckets with the counts; no histograms, then */
    struct cm_histograms histograms;
    cm_time found_at; /* the instant whose block was looked for last; CM_NEVER */
    size_t found;

    struct cm_block *blocks; /* owned ring, a power of two; never full */
    uint64_t *total;         /* owned: counters at the end of each block */
    uint64_t *buckets;       /* owned: of each filled block, version x class x bucket */
    const uint64_t *latest;  /* counters at the end of the last block, `now` */
    cm_time now;
    size_t room, first, n;
    cm_time keep;    /* the longest window */
    cm_time history; /* before the release, that a gate is shown at the start */
    cm_time hold;    /* what happened since then is kept, too: somebody has not read it yet */
};

void cm_ledger_init(struct cm_ledger *l, const struct cm_plan *plan, struct cm_world *world);
void cm_ledger_release(struct cm_ledger *l);
void cm_ledger_begin(struct cm_ledger *l, uint64_t replication);
/* The first block begins at `now` rather than with the history: nobody reads what was before. */
void cm_ledger_skip(struct cm_ledger *l, cm_time now);

/* The next block, (end of the last one, until], begins with the counters of the last one, to be
 * counted up; its rows came about so. They stay where they are until the block after it. */
uint64_t *cm_ledger_open(struct cm_ledger *l, cm_time until, const struct cm_course *courses);
/* The same with what came to each cell, of flows that draw all buckets. */
void cm_ledger_append(struct cm_ledger *l, cm_time until, const uint64_t *cells);
/* The buckets of the last block, for flows that draw them with the counts, of every block. */
uint64_t *cm_ledger_buckets(struct cm_ledger *l);
/* The end of the last block, and the beginning of the first that is kept. */
static inline cm_time cm_ledger_now(const struct cm_ledger *l)
{
    return l->now;
}
cm_time cm_ledger_since(const struct cm_ledger *l);

/* All counters now; they stay where they are until the next append. */
static inline const uint64_t *cm_ledger_total(const struct cm_ledger *l)
{
    return l->latest;
}
/* All cells at `at`, which is at most cm_ledger_now and not before the blocks kept. */
void cm_ledger_read(const struct cm_ledger *l, cm_time at, uint64_t *cells);
/* The same per bucket, of what one version answered in (from, now], of one class or (-1) of all. */
void cm_ledger_histogram(struct cm_ledger *l, cm_time from, size_t version, int class,
                         uint64_t *counts);
/* Buckets of all versions and classes. */
static inline size_t cm_ledger_histogram_size(const struct cm_ledger *l)
{
    return l->world->n_versions * l->n_classes * l->n_buckets;
}
/* The block within which something is answered just after `at`; valid until the next append. */
struct cm_block_view {
    cm_time until;
    const uint64_t *before, *after; /* all counters at its beginning and end */
    const uint64_t *buckets;        /* version x class x bucket, in between */
};
struct cm_block_view cm_ledger_view(struct cm_ledger *l, cm_time at);
/* What the block that holds `at` has answered up to it, by the journal; NULL if there is none. */
const struct cm_journal *cm_ledger_part(const struct cm_ledger *l, cm_time at);
/* For those who walk through blocks (counted.c): where block i is in the ring, and its counters at
 * its beginning; the first block that ends at or after `at`. */
static inline size_t cm_ledger_slot(const struct cm_ledger *l, size_t i)
{
    return (l->first + i) & (l->room - 1);
}
static inline const uint64_t *cm_ledger_start(const struct cm_ledger *l, size_t i)
{
    return l->total + cm_ledger_slot(l, i - 1) * l->n_counters;
}
size_t cm_ledger_find(struct cm_ledger *l, cm_time at);
struct cm_answers cm_ledger_answers(const struct cm_ledger *l, size_t i);
/* Blocks are contiguous and ascend, counters never fall. */
bool cm_ledger_verify(const struct cm_ledger *l);

#endif
