/* The journal: every answer of the blocks that are kept, with its instant.
 *
 * Where requests are drawn one by one, a window that begins inside a block need not be guessed: the
 * answers up to its beginning are counted. An entry is 8 bytes, written once and read only if a
 * window begins in its block. */
#ifndef CM_JOURNAL_H
#define CM_JOURNAL_H

#include "sim/engine/mark.h"

#define CM_ENTRY_MARK_BITS 16
/* How far an entry reaches, and so the longest block: 2^47 ns, 39 hours. */
#define CM_ENTRY_SPAN ((cm_time)1 << 47)

/* An answer `since` the beginning of its block, 0 to CM_ENTRY_SPAN: one word, instant above mark.
 */
static inline uint64_t cm_entry(cm_time since, size_t mark)
{
    return (uint64_t)since << CM_ENTRY_MARK_BITS | mark;
}

static inline size_t cm_entry_mark(uint64_t entry)
{
    return entry & (((uint64_t)1 << CM_ENTRY_MARK_BITS) - 1);
}

/* Below this are the answers up to `since`. */
static inline uint64_t cm_entry_after(cm_time since)
{
    return cm_entry(since + 1, 0);
}

struct cm_journal {
    struct cm_marks marks;
    uint64_t *entries;   /* owned ring: cm_entry of each answer */
    size_t room;         /* a power of two */
    uint64_t first, end; /* entries are numbered for ever; these are kept */

    /* The last part that was counted. */
    uint64_t part_first, part_end;
    cm_time part_length;       /* CM_NEVER: none yet */
    uint64_t *of_mark;         /* owned */
    uint64_t *cells, *buckets; /* owned */
};

void cm_journal_init(struct cm_journal *j, const struct cm_marks *marks);
void cm_journal_release(struct cm_journal *j);
void cm_journal_begin(struct cm_journal *j);

/* Room for n entries more. */
void cm_journal_reserve(struct cm_journal *j, size_t n);

static inline void cm_journal_write(struct cm_journal *j, uint64_t entry)
{
    j->entries[j->end++ & (j->room - 1)] = entry;
}

/* Drops the entries before this one. */
void cm_journal_forget(struct cm_journal *j, uint64_t first);

/* Of the block whose entries are first .. end - 1, what was answered within `length` of its
 * beginning: into j->cells and j->buckets. */
void cm_journal_count(struct cm_journal *j, uint64_t first, uint64_t end, cm_time length);

#endif
