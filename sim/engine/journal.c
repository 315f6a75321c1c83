/* Entries of a block stand in no order. Metrics of one window ask for the same part of the same
 * block one after the other: the last part is kept. */
#include "sim/engine/journal.h"

#include <assert.h>
#include <string.h>

#include "sim/base/mem.h"

static size_t n_buckets(const struct cm_journal *j)
{
    return (j->marks.n_fates > CM_OF_BASELINE ? CM_VERSIONS : CM_VERSIONS - 1) *
           j->marks.n_classes * j->marks.n_buckets;
}

void cm_journal_init(struct cm_journal *j, const struct cm_marks *marks)
{
    *j = (struct cm_journal){.marks = *marks, .room = 1024, .part_length = CM_NEVER};
    j->entries = cm_grow(NULL, j->room, sizeof *j->entries);
    j->of_mark = cm_alloc(cm_marks_count(marks) * sizeof *j->of_mark);
    j->cells = cm_alloc(CM_CELLS_MAX * sizeof *j->cells);
    j->buckets = cm_alloc(n_buckets(j) * sizeof *j->buckets);
}

void cm_journal_release(struct cm_journal *j)
{
    cm_free(j->entries);
    cm_free(j->of_mark);
    cm_free(j->cells);
    cm_free(j->buckets);
    *j = (struct cm_journal){0};
}

void cm_journal_begin(struct cm_journal *j)
{
    j->first = j->end = 0;
    j->part_length = CM_NEVER;
}

void cm_journal_reserve(struct cm_journal *j, size_t n)
{
    size_t room = j->room;
    while (room < j->end - j->first + n)
        room *= 2;
    if (room == j->room)
        return;
    uint64_t *entries = cm_grow(NULL, room, sizeof *entries);
    for (uint64_t i = j->first; i < j->end; i++)
        entries[i & (room - 1)] = j->entries[i & (j->room - 1)];
    cm_free(j->entries);
    j->entries = entries;
    j->room = room;
}

void cm_journal_forget(struct cm_journal *j, uint64_t first)
{
    assert(first >= j->first && first <= j->end);
    j->first = first;
}

void cm_journal_count(struct cm_journal *j, uint64_t first, uint64_t end, cm_time length)
{
    assert(first >= j->first && end <= j->end);
    if (j->part_first == first && j->part_end == end && j->part_length == length)
        return;
    uint64_t after = cm_entry_after(length), mask = j->room - 1, *of_mark = j->of_mark;
    const uint64_t *entries = j->entries;
    memset(of_mark, 0, cm_marks_count(&j->marks) * sizeof *of_mark);
    for (uint64_t i = first; i < end; i++) {
        uint64_t entry = entries[i & mask];
        of_mark[cm_entry_mark(entry)] += entry < after;
    }
    memset(j->cells, 0, CM_CELLS_MAX * sizeof *j->cells);
    memset(j->buckets, 0, n_buckets(j) * sizeof *j->buckets);
    cm_marks_fold(&j->marks, j->of_mark, &(struct cm_tally){j->cells, j->buckets, NULL});
    j->part_first = first;
    j->part_end = end;
    j->part_length = length;
}
