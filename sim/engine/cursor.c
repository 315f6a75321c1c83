/* One conditional binomial for each counter and instant, where halving (ledger.c) takes some ten.
 * Streams are keyed by the counter and both ends of the move. */
#include "sim/engine/cursor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/engine/journal.h"
#include "sim/engine/means.h"

static const char *const purposes[CM_VERSIONS] = {"cursor.stable", "cursor.canary",
                                                  "cursor.baseline"};

void cm_cursor_init(struct cm_cursor *c, struct cm_ledger *ledger, size_t version)
{
    *c = (struct cm_cursor){
        .ledger = ledger,
        .version = version,
        .purpose = cm_rng_purpose(purposes[version]),
        .n_cells = ledger->n_classes * CM_OUTCOMES * CM_TEMPI,
    };
    c->n_counters = c->n_cells + ledger->n_classes * ledger->n_buckets;
    c->left = cm_alloc(c->n_counters * sizeof *c->left);
    c->mean = cm_alloc(c->n_counters * sizeof *c->mean);
    c->passed = cm_alloc(c->n_counters * sizeof *c->passed);
}

void cm_cursor_release(struct cm_cursor *c)
{
    cm_free(c->left);
    cm_free(c->mean);
    cm_free(c->passed);
    *c = (struct cm_cursor){0};
}

void cm_cursor_begin(struct cm_cursor *c)
{
    c->at = c->until = cm_ledger_since(c->ledger);
}

/* A counter of the version among those of all versions: of their cells, of their buckets. */
static size_t index_of(const struct cm_cursor *c, size_t k)
{
    const struct cm_ledger *l = c->ledger;
    if (k < c->n_cells)
        return cm_cell(l->n_classes, c->version, 0, 0, 0) + k;
    return c->version * l->n_classes * l->n_buckets + k - c->n_cells;
}

/* What a counter counts in the whole of a block. */
static uint64_t count_in(const struct cm_cursor *c, const struct cm_block_view *block, size_t k)
{
    size_t i = index_of(c, k);
    return k < c->n_cells ? cm_cell_gained(block->before, block->after, i) : block->buckets[i];
}

static void enter(struct cm_cursor *c)
{
    struct cm_block_view block = cm_ledger_view(c->ledger, c->at);
    c->until = block.until;
    for (size_t k = 0; k < c->n_counters; k++) {
        c->left[k] = count_in(c, &block, k);
        c->mean[k] = NAN;
    }
}

static double mean_of(const struct cm_cursor *c, size_t k, cm_time until)
{
    struct cm_world *w = c->ledger->world;
    if (k < c->n_cells)
        return cm_mean_of_cell(w, index_of(c, k), c->at, until);
    size_t i = k - c->n_cells, n = c->ledger->n_buckets;
    const size_t row[2] = {c->version, i / n};
    return cm_mean_of_bucket(w, row, i % n, c->at, until);
}

/* Of what is left of a counter, how much comes up to `to`. */
static uint64_t cut(struct cm_cursor *c, size_t k, cm_time to)
{
    const struct cm_ledger *l = c->ledger;
    if (isnan(c->mean[k]))
        c->mean[k] = mean_of(c, k, c->until);
    double whole = c->mean[k], part = mean_of(c, k, to);
    c->mean[k] = fmax(0, whole - part);
    uint64_t block = cm_rng_mix2(cm_rng_mix2((uint64_t)c->at, (uint64_t)to), k);
    struct cm_rng rng =
        cm_rng_stream(l->plan->scenario->run.seed, l->replication, c->purpose, block);
    return cm_draw_binomial(&rng, c->left[k], part >= whole ? 1 : part / whole);
}

static void pass(struct cm_cursor *c, size_t k, uint64_t count)
{
    c->passed[k] += count;
    c->left[k] -= count;
}

/* Up to an instant inside the block; without a journal it is drawn. */
static void stop_at(struct cm_cursor *c, cm_time to)
{
    const struct cm_journal *journal = cm_ledger_part(c->ledger, to);
    struct cm_block_view block = cm_ledger_view(c->ledger, c->at);
    for (size_t k = 0; k < c->n_counters; k++) {
        if (c->left[k] == 0)
            continue;
        if (!journal) {
            pass(c, k, cut(c, k, to));
            continue;
        }
        uint64_t before = count_in(c, &block, k) - c->left[k];
        pass(c, k, (k < c->n_cells ? journal->cells : journal->buckets)[index_of(c, k)] - before);
    }
    c->at = to;
}

void cm_cursor_move(struct cm_cursor *c, cm_time to)
{
    assert(to >= c->at);
    memset(c->passed, 0, c->n_counters * sizeof *c->passed);
    while (c->at < to) {
        if (c->at == c->until)
            enter(c);
        if (to < c->until) {
            stop_at(c, to);
            return;
        }
        for (size_t k = 0; k < c->n_counters; k++)
            pass(c, k, c->left[k]);
        c->at = c->until;
    }
}
