/* Marks that differ only in their bucket lie side by side: a fold is a sum over runs of them.
 *
 * Harm is counted with the answer that did it, so that it falls into the account that is open when
 * the answer is given, however long ago the request arrived. */
#include "sim/engine/mark.h"

/* One run: adds it to `buckets`, unless NULL; returns its sum. */
static uint64_t sum_of(const uint64_t *run, size_t n, uint64_t *buckets)
{
    uint64_t sum = 0;
    for (size_t b = 0; b < n; b++)
        sum += run[b];
    for (size_t b = 0; sum > 0 && buckets && b < n; b++)
        buckets[b] += run[b];
    return sum;
}

static void add_harm(struct cm_harm *harm, size_t fate, size_t outcome, size_t tempo, uint64_t sum)
{
    if (fate == CM_OF_CANARY_EXPOSED) {
        harm->requests += sum;
        harm->errors += outcome == CM_FINE ? 0 : sum;
    }
    if (outcome == CM_BAD_BY_DEFECT)
        harm->failures += sum;
    if (tempo == CM_BAD_BY_DEFECT)
        harm->slow += sum;
}

/* The nine runs of one class and fate. */
static void fold_class(const struct cm_marks *m, const uint64_t *run, size_t fate, size_t class,
                       const struct cm_tally *into)
{
    size_t version = cm_fate_version(fate), n = m->n_classes;
    uint64_t *row = into->buckets ? into->buckets + (version * n + class) * m->n_buckets : NULL;
    for (size_t outcome = 0; outcome < CM_DOINGS; outcome++)
        for (size_t tempo = 0; tempo < CM_DOINGS; tempo++, run += m->n_buckets) {
            uint64_t sum = sum_of(run, m->n_buckets, row);
            if (into->cells)
                into->cells[cm_cell(n, version, class, outcome > 0, tempo > 0)] += sum;
            if (into->harm)
                add_harm(into->harm, fate, outcome, tempo, sum);
        }
}

void cm_marks_fold(const struct cm_marks *m, const uint64_t *counts, const struct cm_tally *into)
{
    for (size_t fate = 0; fate < m->n_fates; fate++)
        for (size_t class = 0; class < m->n_classes; class ++) {
            size_t first = cm_mark_first(m, (enum cm_fate)fate, class);
            fold_class(m, counts + first, fate, class, into);
        }
}
