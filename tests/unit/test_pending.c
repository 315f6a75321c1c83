/* What is on its way, marks, and the journal of answers. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim/base/draw.h"
#include "sim/engine/journal.h"
#include "sim/engine/pending.h"

/* A time span of 0 to `bits` bits, short ones as often as long ones. */
static cm_time draw_span(struct cm_rng *rng, uint64_t bits)
{
    return (cm_time)(cm_rng_next(rng) >> (64 - 1 - cm_draw_below(rng, bits)));
}

/* Against a table of all that were ever pushed; what comes is a place in it. From before time 0 on
 * and in steps and ways of all lengths: every list, within a grain and beyond 2^61 ns. */
Test(pending, are_taken_once_when_their_time_has_come)
{
    enum { N = 20000, EACH = 10 };
    static cm_time at[N];
    static bool taken[N];
    struct cm_pending p = {0};
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.pending"), 0);
    cm_pending_clear(&p);
    cm_time now = -CM_HOUR;
    for (size_t n = 0, left = 0; n < N; now += draw_span(&rng, 40)) {
        for (size_t end = n + EACH; n < end; n++, left++) {
            at[n] = now + 1 + draw_span(&rng, 62);
            cm_pending_push(&p, at[n], n);
        }
        cr_assert(cm_pending_verify(&p));
        cm_pending_take(&p, now);
        cr_assert(cm_pending_verify(&p));
        for (size_t i = 0; i < p.taken.n; i++) {
            struct cm_on_way entry = p.taken.entry[i];
            cr_assert(entry.at == at[entry.what] && entry.at <= now && !taken[entry.what]);
            taken[entry.what] = true;
        }
        left -= p.taken.n;
        cr_assert_eq(p.n, left, "verify says that the others are later");
    }
    cr_expect(now > CM_HOUR && p.n > N / 10 && p.n < N - N / 10, "%zu are left", p.n);
    cm_pending_release(&p);
}

Test(pending, end_with_the_last_of_them)
{
    struct cm_pending p = {0};
    cm_pending_clear(&p);
    cr_expect_eq(cm_pending_last(&p, 5), 5);
    cm_pending_push(&p, 3 * CM_DAY, 1);
    cm_pending_push(&p, CM_SECOND, 2);
    cr_expect_eq(cm_pending_last(&p, 5), 3 * CM_DAY);
    cm_pending_take(&p, 3 * CM_DAY - 1);
    cr_expect(p.n == 1 && p.taken.n == 1 && p.taken.entry[0].what == 2);
    cm_pending_clear(&p);
    cr_expect_eq(cm_pending_last(&p, 5), 5);
    cr_expect(cm_pending_verify(&p) && p.n == 0);
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
    cr_expect_geq(cm_entry(CM_ENTRY_SPAN, 12345), cm_entry_after(CM_ENTRY_SPAN - 1));
    cr_expect_lt(cm_entry(CM_ENTRY_SPAN, 12345), cm_entry_after(CM_ENTRY_SPAN));
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
