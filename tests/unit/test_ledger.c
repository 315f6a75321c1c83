/* The ledger: totals at the ends of blocks, windows that begin inside them, room for what is still
 * read. Counts are the test's own; the world only says how they spread. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim/engine/counted.h"
#include "sim/engine/means.h"
#include "tests/stat/scenario_text.h"

enum { BOUNDS = 6 };

struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_world world;
    struct cm_ledger ledger;
    uint64_t counts[CM_CELLS_MAX];
};

/* Two classes, windows of up to a minute, a history of two. */
static const char text[] =
    "[traffic]\nrate = 100 rps\n"
    "[service]\nerror_rate = 20%\nlatency_slo = 100ms\nlatency = exponential(mean=50ms)\n"
    "[class.a]\nshare = 40%\n"
    "[telemetry]\nhistory = 2m\nbuckets = 10ms, 20ms, 50ms, 80ms, 150ms, 300ms\n"
    "[metric.m]\nsignal = latency_quantile\nwindow = 60s\n"
    "[metric.n]\nsignal = error_ratio\nwindow = 20s\n"
    "[policy.p]\nsteps = 50%/1m\n";

static void open_ledger(struct fixture *f)
{
    load_text(&f->scenario, text, NULL);
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = -1, .strength = 1};
    cm_world_init(&f->world, &f->plan);
    cm_ledger_init(&f->ledger, &f->plan, &f->world);
    cm_world_begin(&f->world, 0);
    cm_ledger_begin(&f->ledger, 0);
}

static void close_ledger(struct fixture *f)
{
    cm_ledger_release(&f->ledger);
    cm_world_release(&f->world);
    cm_scenario_release(&f->scenario);
}

/* `count` answers of a cell, in equal parts where the law has some of their tempo. */
static void spread(struct fixture *f, size_t cell, uint64_t count, uint64_t *counters)
{
    const struct cm_bucket_tree *tree = &f->ledger.histograms.tree;
    const struct cm_band *range =
        cm_shapes_ranges(&f->world.shapes, tree, 0, (enum cm_tempo)(cell % CM_TEMPI));
    uint64_t part = count / 4, *in_group = counters + cell * CM_BUCKET_GROUPS;
    for (size_t g = tree->n_groups; g-- > 0;)
        if (range[tree->group[g]].p > 0) {
            in_group[g] += part;
            count -= part;
        }
    in_group[cell % CM_TEMPI == CM_IN_TIME ? 0 : tree->n_groups - 1] += count;
}

/* A block up to `until_s` in which cell c counts `scale` times (c + 1). */
static void append(struct fixture *f, double until_s, uint64_t scale)
{
    struct cm_means means;
    cm_time until = cm_from_seconds(until_s);
    cm_world_extend(&f->world, until);
    cm_means_fill(&f->world, &f->ledger.histograms.tree,
                  (cm_time[2]){cm_ledger_now(&f->ledger), until}, &means);
    uint64_t *counters = cm_ledger_open(&f->ledger, until, means.course);
    for (size_t c = 0; c < f->ledger.n_cells; c++) {
        f->counts[c] = scale * (c + 1);
        spread(f, c, f->counts[c], counters);
    }
}

/* History, then the canary gets half. */
static void begin(struct fixture *f)
{
    append(f, 0, 10);
    cm_world_route(&f->world, 0.5);
}

static uint64_t read_cell(const struct fixture *f, double at_s, size_t cell)
{
    uint64_t cells[CM_CELLS_MAX];
    cm_ledger_read(&f->ledger, cm_from_seconds(at_s), cells);
    return cells[cell];
}

/* --- totals ----------------------------------------------------------------------------------- */

Test(ledger, counters_are_sums_at_the_ends_of_blocks)
{
    struct fixture f = {0};
    open_ledger(&f);
    cr_expect_eq(cm_ledger_now(&f.ledger), -120 * CM_SECOND);
    begin(&f);
    append(&f, 7, 1);
    append(&f, 30, 5);
    cr_expect_eq(cm_ledger_now(&f.ledger), 30 * CM_SECOND);
    for (size_t c = 0; c < f.ledger.n_cells; c++) {
        cr_expect_eq(read_cell(&f, -120, c), 0);
        cr_expect_eq(read_cell(&f, 0, c), 10 * (c + 1));
        cr_expect_eq(read_cell(&f, 7, c), 11 * (c + 1));
        cr_expect_eq(read_cell(&f, 30, c), 16 * (c + 1));
    }
    cr_expect(cm_ledger_verify(&f.ledger));
    close_ledger(&f);
}

Test(ledger, the_ring_keeps_the_longest_window_and_no_more)
{
    struct fixture f = {0};
    open_ledger(&f);
    begin(&f);
    for (int s = 1; s <= 1000; s++) {
        append(&f, s, 2);
        cr_assert(cm_ledger_verify(&f.ledger));
        cr_assert_leq(f.ledger.n, 64);
        uint64_t then = s > 60 ? 10 + 2 * ((uint64_t)s - 60) : 10;
        cr_assert_eq(read_cell(&f, s, 3), 4 * (10 + 2 * (uint64_t)s));
        if (s >= 60)
            cr_assert_eq(read_cell(&f, s - 60, 3), 4 * then);
    }
    cr_expect_leq(f.ledger.room, 64);
    close_ledger(&f);
}

Test(ledger, the_ring_grows_while_something_is_unread)
{
    struct fixture f = {0};
    open_ledger(&f);
    begin(&f);
    append(&f, 5, 1);
    f.ledger.hold = 5 * CM_SECOND;
    for (int s = 6; s <= 500; s++)
        append(&f, s, 2);
    cr_expect_geq(f.ledger.n, 495);
    for (int s = 5; s <= 500; s += 11)
        cr_expect_eq(read_cell(&f, s, 0), 11 + 2 * ((uint64_t)s - 5));
    cr_expect(cm_ledger_verify(&f.ledger));
    f.ledger.hold = CM_NEVER;
    append(&f, 501, 2);
    cr_expect_leq(f.ledger.n, 64);
    cr_expect_eq(read_cell(&f, 441, 0), 11 + 2 * 436);
    close_ledger(&f);
}

/* What requests and recordings append is whole, without groups: it finds the totals by itself. */
Test(ledger, the_ring_of_whole_blocks_grows_as_well)
{
    struct fixture f = {0};
    open_ledger(&f);
    f.ledger.whole = true;
    f.ledger.hold = -120 * CM_SECOND;
    for (int s = -119; s <= 500; s++) {
        for (size_t c = 0; c < f.ledger.n_cells; c++)
            f.counts[c] = c + 1;
        cm_ledger_append(&f.ledger, s * CM_SECOND, f.counts);
    }
    for (int s = -119; s <= 500; s++)
        cr_assert_eq(read_cell(&f, s, 2), 3 * (uint64_t)(s + 120), "%d s", s);
    cr_expect(cm_ledger_verify(&f.ledger));
    close_ledger(&f);
}

/* After growing out of a ring that had been gone round. */
Test(ledger, a_ring_that_has_wrapped_grows_in_order)
{
    struct fixture f = {0};
    open_ledger(&f);
    begin(&f);
    for (int s = 1; s <= 90; s++)
        append(&f, s, 2);
    cr_assert(f.ledger.first > 0);
    for (int i = 1; i <= 100; i++)
        append(&f, 90 + 0.5 * i, 1);
    cr_expect(cm_ledger_verify(&f.ledger));
    for (int s = 82; s <= 140; s++)
        cr_expect_eq(read_cell(&f, s, 0), 10 + 2 * (uint64_t)s);
    close_ledger(&f);
}

Test(ledger, verify_finds_gaps_and_counters_that_fall)
{
    struct fixture f = {0};
    open_ledger(&f);
    begin(&f);
    append(&f, 10, 1);
    append(&f, 20, 1);
    cr_assert(cm_ledger_verify(&f.ledger));
    size_t last = f.ledger.first + 2;
    f.ledger.blocks[last].from += 1;
    cr_expect_not(cm_ledger_verify(&f.ledger));
    f.ledger.blocks[last].from -= 1;
    f.ledger.total[last * f.ledger.n_counters] = 0;
    cr_expect_not(cm_ledger_verify(&f.ledger));
    close_ledger(&f);
}

Test(ledger, a_new_replication_starts_from_nothing)
{
    struct fixture f = {0};
    open_ledger(&f);
    begin(&f);
    for (int s = 1; s <= 200; s++)
        append(&f, s, 3);
    cm_world_begin(&f.world, 1);
    cm_ledger_begin(&f.ledger, 1);
    cr_expect_eq(cm_ledger_now(&f.ledger), -120 * CM_SECOND);
    begin(&f);
    cr_expect_eq(read_cell(&f, -120, 5), 0);
    cr_expect_eq(read_cell(&f, 0, 5), 60);
    close_ledger(&f);
}

/* --- windows inside blocks -------------------------------------------------------------------- */

Test(ledger, counters_never_fall_at_any_instant)
{
    struct fixture f = {0};
    uint64_t last[CM_CELLS_MAX] = {0}, now[CM_CELLS_MAX];
    open_ledger(&f);
    begin(&f);
    append(&f, 7, 20);
    append(&f, 40, 50);
    for (cm_time at = -120 * CM_SECOND; at <= 40 * CM_SECOND; at += CM_SECOND / 3) {
        cm_ledger_read(&f.ledger, at, now);
        for (size_t c = 0; c < f.ledger.n_cells; c++)
            cr_assert_geq(now[c], last[c]);
        memcpy(last, now, sizeof last);
    }
    close_ledger(&f);
}

/* The split of n events at an instant is binomial: a third of the way, a third of them. Cells draw
 * their own luck. */
Test(ledger, an_instant_inside_a_block_has_its_part_of_it)
{
    struct fixture f = {0};
    uint64_t cells[CM_CELLS_MAX];
    double part = 0, all = 0;
    int distinct = 0;
    open_ledger(&f);
    begin(&f);
    append(&f, 20, 0);
    append(&f, 50, 9000);
    cm_ledger_read(&f.ledger, 30 * CM_SECOND, cells);
    for (size_t c = 0; c < f.ledger.n_cells; c++) {
        double n = 9000.0 * ((double)c + 1), x = (double)(cells[c] - 10 * (c + 1));
        cr_expect(fabs(x - n / 3) < 5 * sqrt(n * 2 / 9), "cell %zu: %g of %g", c, x, n);
        distinct += x != n / 3;
        part += x;
        all += n;
    }
    cr_expect(distinct > 10 && fabs(part - all / 3) < 5 * sqrt(all * 2 / 9), "%g of %g", part, all);
    close_ledger(&f);
}

Test(ledger, another_replication_splits_otherwise)
{
    struct fixture f = {0};
    uint64_t first[CM_CELLS_MAX], second[CM_CELLS_MAX];
    open_ledger(&f);
    for (uint64_t i = 0; i < 2; i++) {
        cm_world_begin(&f.world, i);
        cm_ledger_begin(&f.ledger, i);
        begin(&f);
        append(&f, 30, 100);
        cm_ledger_read(&f.ledger, 11 * CM_SECOND, i ? second : first);
    }
    cr_expect_neq(memcmp(first, second, f.ledger.n_cells * sizeof first[0]), 0);
    close_ledger(&f);
}

/* --- histograms ------------------------------------------------------------------------------- */

static uint64_t sum(const uint64_t *counts)
{
    uint64_t total = 0;
    for (size_t b = 0; b <= BOUNDS; b++)
        total += counts[b];
    return total;
}

/* Of what a version (and class) was answered between two readings. */
static uint64_t between(const struct fixture *f, double from_s, double until_s, size_t version,
                        int class)
{
    uint64_t total = 0;
    for (size_t c = 0; c < f->ledger.n_classes; c++)
        for (size_t o = 0; o < CM_OUTCOMES && (class < 0 || (size_t) class == c); o++)
            for (size_t t = 0; t < CM_TEMPI; t++) {
                size_t cell = cm_cell(f->ledger.n_classes, version, c, o, t);
                total += read_cell(f, until_s, cell) - read_cell(f, from_s, cell);
            }
    return total;
}

Test(ledger, every_answer_is_in_a_bucket)
{
    struct fixture f = {0};
    uint64_t all[BOUNDS + 1], class[2][BOUNDS + 1];
    open_ledger(&f);
    begin(&f);
    append(&f, 12, 30);
    append(&f, 45, 70);
    static const double from_s[] = {-120, 0, 12, 45};
    for (size_t i = 0; i < 4; i++)
        for (size_t v = 0; v <= CM_CANARY; v++) {
            cm_time from = cm_from_seconds(from_s[i]);
            cm_ledger_histogram(&f.ledger, from, v, -1, all);
            for (int c = 0; c < 2; c++)
                cm_ledger_histogram(&f.ledger, from, v, c, class[c]);
            /* A canary without share has no law to spread its history by. */
            if (v == CM_CANARY && from_s[i] < 0)
                continue;
            cr_expect_eq(sum(all), between(&f, from_s[i], 45, v, -1));
            cr_expect_eq(sum(class[0]), between(&f, from_s[i], 45, v, 0));
            for (size_t b = 0; b <= BOUNDS; b++)
                cr_expect_eq(all[b], class[0][b] + class[1][b]);
        }
    close_ledger(&f);
}

/* Tempo and buckets cut the same latency: above 150 ms everything is slow, up to 80 ms nothing. */
Test(ledger, buckets_know_which_answers_were_slow)
{
    struct fixture f = {0};
    uint64_t buckets[BOUNDS + 1], slow = 0, all;
    open_ledger(&f);
    begin(&f);
    append(&f, 30, 100);
    for (size_t o = 0; o < CM_OUTCOMES; o++)
        for (size_t c = 0; c < 2; c++)
            slow += f.counts[cm_cell(2, CM_CANARY, c, o, CM_SLOW)];
    all = between(&f, 0, 30, CM_CANARY, -1);
    cm_ledger_histogram(&f.ledger, 0, CM_CANARY, -1, buckets);
    cr_expect_leq(buckets[5] + buckets[6], slow);
    cr_expect_leq(buckets[0] + buckets[1] + buckets[2] + buckets[3], all - slow);
    cr_expect_geq(buckets[4] + buckets[5] + buckets[6], slow);
    close_ledger(&f);
}

Test(ledger, a_longer_histogram_holds_a_shorter_one)
{
    struct fixture f = {0};
    uint64_t last[BOUNDS + 1] = {0}, now[BOUNDS + 1];
    open_ledger(&f);
    begin(&f);
    append(&f, 12, 30);
    append(&f, 45, 70);
    for (cm_time from = 45 * CM_SECOND; from >= -10 * CM_SECOND; from -= CM_SECOND / 7) {
        cm_ledger_histogram(&f.ledger, from, CM_STABLE, -1, now);
        for (size_t b = 0; b <= BOUNDS; b++)
            cr_assert_geq(now[b], last[b]);
        memcpy(last, now, sizeof last);
    }
    close_ledger(&f);
}

Test(ledger, buckets_do_not_depend_on_who_reads_first)
{
    struct fixture a = {0}, b = {0};
    uint64_t early[BOUNDS + 1], late[BOUNDS + 1];
    open_ledger(&a);
    open_ledger(&b);
    begin(&a);
    begin(&b);
    append(&a, 12, 30);
    append(&b, 12, 30);
    cm_ledger_histogram(&a.ledger, 3 * CM_SECOND, CM_STABLE, 0, early);
    append(&a, 45, 70);
    append(&b, 45, 70);
    cm_ledger_histogram(&a.ledger, 5 * CM_SECOND, CM_CANARY, -1, early);
    cm_ledger_histogram(&b.ledger, 5 * CM_SECOND, CM_CANARY, -1, late);
    cr_expect_arr_eq(early, late, sizeof early);
    close_ledger(&a);
    close_ledger(&b);
}

static double quantile_of(struct cm_ledger *l, cm_time from, size_t version, int class, double q)
{
    struct cm_counted window;
    cm_count_window(l, from, class, &window);
    return cm_counted_quantile(l, &window, version, q);
}

/* Drawn lazily along one path, or read off a histogram that is drawn whole: the same number. */
Test(ledger, a_quantile_is_that_of_the_whole_histogram)
{
    static const double qs[] = {1e-6, 0.3, 0.5, 0.9, 0.95, 0.99, 0.999};
    for (int histogram_first = 0; histogram_first < 2; histogram_first++)
        for (size_t i = 0; i < sizeof qs / sizeof *qs; i++) {
            struct fixture f = {0};
            uint64_t counts[BOUNDS + 1];
            double quantile[2];
            open_ledger(&f);
            begin(&f);
            append(&f, 12, 30);
            append(&f, 45, 70);
            for (int k = 0; k < 2; k++) {
                cm_time from = k == 0 ? 0 : 12 * CM_SECOND;
                if (histogram_first)
                    cm_ledger_histogram(&f.ledger, from, CM_CANARY, k - 1, counts);
                quantile[k] = quantile_of(&f.ledger, from, CM_CANARY, k - 1, qs[i]);
                cm_ledger_histogram(&f.ledger, from, CM_CANARY, k - 1, counts);
                double want = cm_histogram_quantile(qs[i], f.world.shapes.edges, counts);
                cr_expect_eq(quantile[k], want, "q %g: %g, not %g", qs[i], quantile[k], want);
            }
            close_ledger(&f);
        }
}

Test(ledger, nothing_answered_has_no_quantile)
{
    struct fixture f = {0};
    open_ledger(&f);
    begin(&f);
    append(&f, 12, 0);
    cr_expect(isnan(quantile_of(&f.ledger, 0, CM_CANARY, -1, 0.5)));
    close_ledger(&f);
}

Test(ledger, buckets_are_not_kept_where_nobody_reads_latency)
{
    struct fixture f = {0};
    load_text(&f.scenario,
              "[metric.n]\nsignal = error_ratio\nwindow = 20s\n[policy.p]\nsteps = 50%/1m\n", NULL);
    f.plan = (struct cm_plan){.scenario = &f.scenario, .release = -1, .strength = 1};
    cm_world_init(&f.world, &f.plan);
    cm_ledger_init(&f.ledger, &f.plan, &f.world);
    cr_expect_eq(f.ledger.n_buckets, 0);
    cr_expect_eq(f.ledger.keep, 20 * CM_SECOND);
    close_ledger(&f);
}
