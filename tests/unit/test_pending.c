/* The heap of requests on their way, and the journal of answers: both made of entries. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim/base/draw.h"
#include "sim/engine/journal.h"

static int compare(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

Test(pending, come_out_in_the_order_of_their_answers)
{
    enum { N = 3000 };
    static uint64_t want[N];
    struct cm_pending p;
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.pending"), 0);
    cm_pending_init(&p);
    for (size_t i = 0; i < N; i++) {
        want[i] = cm_entry((cm_time)cm_draw_below(&rng, 500), cm_draw_below(&rng, 20000));
        cm_pending_push(&p, cm_entry_since(want[i]), cm_entry_mark(want[i]));
        cr_assert(cm_pending_verify(&p));
    }
    qsort(want, N, sizeof *want, compare);
    for (size_t i = 0; i < N; i++) {
        cr_assert_eq(cm_pending_next(&p), want[i]);
        cm_pending_pop(&p);
        cr_assert(cm_pending_verify(&p));
    }
    cr_expect_eq(cm_pending_next(&p), UINT64_MAX);
    cr_expect_eq(cm_pending_last(&p), 0);
    cm_pending_release(&p);
}

Test(pending, move_to_the_next_block_and_stand_aside_while_they_are_far)
{
    struct cm_pending p;
    cm_pending_init(&p);
    cm_pending_push(&p, 30, 7);
    cm_pending_push(&p, 3 * CM_ENTRY_SPAN, 5);
    cm_pending_push(&p, CM_ENTRY_SPAN, 6);
    cm_pending_push(&p, CM_ENTRY_SPAN + 1, 4);
    cr_expect(p.n == 2 && p.n_far == 2);
    cr_expect_eq(cm_pending_last(&p), 3 * CM_ENTRY_SPAN);
    cm_pending_shift(&p, 29);
    cr_expect(p.n == 3 && p.n_far == 1);
    cr_expect_eq(cm_pending_next(&p), cm_entry(1, 7));
    cm_pending_pop(&p);
    cm_pending_shift(&p, CM_ENTRY_SPAN - 30);
    cr_expect_eq(cm_pending_next(&p), cm_entry(1, 6));
    cm_pending_pop(&p);
    cr_expect_eq(cm_pending_next(&p), cm_entry(2, 4));
    cm_pending_pop(&p);
    cm_pending_shift(&p, CM_ENTRY_SPAN);
    cm_pending_shift(&p, CM_ENTRY_SPAN);
    cr_expect_eq(cm_pending_next(&p), cm_entry(1, 5));
    cm_pending_clear(&p);
    cr_expect(cm_pending_verify(&p) && p.n == 0 && p.n_far == 0);
    cm_pending_release(&p);
}

static const struct cm_marks marks = {.n_classes = 2, .n_buckets = 3, .n_fates = CM_FATES};

/* A request of this fate and class that came to this outcome, tempo and bucket. */
static size_t mark_of(enum cm_fate fate, size_t class, size_t outcome, size_t tempo, size_t bucket)
{
    return cm_mark_first(&marks, fate, class) + (CM_DOINGS * outcome + tempo) * marks.n_buckets +
           bucket;
}

Test(marks, of_all_kinds_fit_into_an_entry)
{
    const struct cm_marks most = {
        .n_classes = CM_CLASSES_MAX, .n_buckets = CM_EDGES_MAX + 1, .n_fates = CM_FATES};
    cr_expect_lt(cm_marks_count(&most), (size_t)1 << CM_ENTRY_MARK_BITS);
    cr_expect_eq(cm_entry_mark(cm_entry(CM_ENTRY_SPAN, 12345)), 12345);
    cr_expect_eq(cm_entry_since(cm_entry(CM_ENTRY_SPAN, 12345)), CM_ENTRY_SPAN);
}

Test(marks, are_folded_into_cells_buckets_and_harm)
{
    uint64_t counts[216] = {0}, cells[CM_CELLS_MAX] = {0}, buckets[12] = {0};
    struct cm_harm harm = {0};
    cr_assert_eq(cm_marks_count(&marks), 216);
    counts[mark_of(CM_OF_STABLE, 0, CM_FINE, CM_FINE, 0)] = 100;
    counts[mark_of(CM_OF_STABLE, 1, CM_BAD, CM_BAD_BY_DEFECT, 2)] = 5;
    counts[mark_of(CM_OF_CANARY, 1, CM_BAD, CM_BAD, 2)] = 20;
    counts[mark_of(CM_OF_CANARY_EXPOSED, 1, CM_BAD_BY_DEFECT, CM_BAD, 1)] = 3;
    cm_marks_fold(&marks, counts, &(struct cm_tally){cells, buckets, &harm});
    cr_expect_eq(cells[cm_cell(2, CM_STABLE, 0, CM_OK, CM_IN_TIME)], 100);
    cr_expect_eq(cells[cm_cell(2, CM_STABLE, 1, CM_ERROR_ANSWER, CM_SLOW)], 5);
    cr_expect_eq(cells[cm_cell(2, CM_CANARY, 1, CM_ERROR_ANSWER, CM_SLOW)], 23);
    const uint64_t want[12] = {100, 0, 0, 0, 0, 5, 0, 0, 0, 0, 3, 20};
    cr_expect_arr_eq(buckets, want, sizeof want);
    cr_expect(harm.requests == 3 && harm.failures == 3 && harm.slow == 5);
}

Test(journal, counts_what_was_answered_up_to_an_instant)
{
    struct cm_journal j;
    cm_journal_init(&j, &marks);
    cm_journal_begin(&j);
    for (int block = 0; block < 40; block++) {
        uint64_t first = j.end;
        for (cm_time since = 1000; since > 0; since--) {
            cm_journal_reserve(&j, 1);
            cm_journal_write(&j, cm_entry(since, mark_of(CM_OF_STABLE, 0, CM_FINE, CM_FINE, 1)));
        }
        for (cm_time length = 0; length <= 1000; length += 250) {
            cm_journal_count(&j, first, j.end, length);
            cr_assert_eq(j.cells[cm_cell(2, CM_STABLE, 0, CM_OK, CM_IN_TIME)], (uint64_t)length);
            cr_assert_eq(j.buckets[1], (uint64_t)length);
        }
        if (block >= 2)
            cm_journal_forget(&j, j.first + 1000);
    }
    cr_expect_eq(j.room, 4096, "what is forgotten makes room");
    cm_journal_release(&j);
}
