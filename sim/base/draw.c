/* The set-up halves of the samplers: what is done once, or in a loop over cells anyway. */
#include "sim/base/draw.h"

#include "sim/base/mem.h"

/* Splits the outcomes, by index, into those with less than a column (from the front of `list`) and
 * the others (from its back); returns how many have less. */
static size_t sort_out(const double *left, size_t *list, size_t k)
{
    size_t poor = 0, rich = k;
    for (size_t i = 0; i < k; i++)
        list[left[i] < 1 ? poor++ : --rich] = i;
    return poor;
}

/* Vose's loop: an outcome with less than a column is topped up by one with more. `left` is in units
 * of a column, and ends as the share of the column's own outcome; a column that has one outcome
 * alone is all the other's, which is itself: so are those that rounding leaves over. */
static void fill(double *left, size_t *other, size_t *list, size_t k)
{
    size_t poor = sort_out(left, list, k), rich = poor;
    while (poor > 0 && rich < k) {
        size_t own = list[--poor], from = list[rich];
        other[own] = from;
        left[from] -= 1 - left[own];
        if (left[from] < 1) {
            list[poor++] = from;
            rich++;
        }
    }
    while (rich < k || poor > 0) {
        size_t own = list[poor > 0 ? --poor : rich++];
        left[own] = 0;
        other[own] = own;
    }
}

/* Kahan's sum: what it is off by ends up in whichever outcome is dealt with last. */
static double sum_of(const double *weights, size_t k)
{
    double sum = 0, lost = 0;
    for (size_t i = 0; i < k; i++) {
        assert(weights[i] >= 0);
        double add = weights[i] - lost, next = sum + add;
        lost = (next - sum) - add;
        sum = next;
    }
    return sum;
}

/* k columns over n <= k weights. */
struct columns {
    double *share; /* of the own outcome, and */
    size_t *other;
    size_t *list; /* scratch */
};

static struct columns columns_of(const double *weights, size_t n, size_t k)
{
    struct columns c = {.share = cm_alloc(k * sizeof *c.share),
                        .other = cm_alloc(k * sizeof *c.other),
                        .list = cm_alloc(k * sizeof *c.list)};
    double sum = sum_of(weights, n);
    assert(sum > 0 && isfinite(sum));
    for (size_t i = 0; i < n; i++)
        c.share[i] = weights[i] / sum * (double)k;
    fill(c.share, c.other, c.list, k);
    return c;
}

static void free_columns(struct columns *c)
{
    cm_free(c->share);
    cm_free(c->other);
    cm_free(c->list);
}

void cm_alias_init(struct cm_alias *alias, uint64_t *cells, const double *weights, size_t k)
{
    assert(k >= 1 && k <= CM_ALIAS_MAX_K);
    uint64_t low = 0;
    while (low < k - 1)
        low = low << 1 | 1;
    struct columns c = columns_of(weights, k, k);
    for (size_t i = 0; i < k; i++)
        cells[i] = ((uint64_t)(c.share[i] * 0x1p64) & ~low) | c.other[i];
    free_columns(&c);
    *alias = (struct cm_alias){.cells = cells, .k = k, .low = low};
}

static unsigned bits_for(size_t n)
{
    unsigned bits = 0;
    while ((size_t)1 << bits < n)
        bits++;
    return bits;
}

size_t cm_alias32_room(size_t n)
{
    return (size_t)2 << bits_for(n);
}

void cm_alias32_init(struct cm_alias32 *alias, uint64_t *cells, const double *weights, size_t n)
{
    assert(n >= 1 && n <= CM_ALIAS32_MAX);
    unsigned bits = bits_for(n), shift = 32 - bits;
    size_t k = (size_t)1 << bits;
    double width = (double)(UINT64_C(1) << shift);
    struct columns c = columns_of(weights, n, k);
    for (uint64_t i = 0; i < k; i++) {
        double place = c.share[i] * width;
        uint64_t whole = (uint64_t)place;
        cells[i] = (i << shift | whole) << 32 | c.other[i];
        cells[k + i] = (uint64_t)((place - (double)whole) * 0x1p64);
    }
    free_columns(&c);
    *alias = (struct cm_alias32){.cells = cells, .rest = cells + k, .shift = shift};
}

#define CUT 1e-20 /* the mass that a Poisson table may leave out in either tail */

/* Counts first .. end - 1, of which `mode` is the most likely. */
struct range {
    double first, mode, end, peak; /* peak = P(mode) */
};

/* Walks outwards from the mode by P(k - 1) = P(k) k / mean. Below k the chances fall by (k - 1) /
 * mean or faster, above it by mean / (k + 1): geometric series bound what is left out. */
static struct range range_of(double mean)
{
    double mode = floor(mean), k = mode;
    struct range r = {.mode = mode, .peak = exp(cm_log_poisson(mode, mean))};
    for (double chance = r.peak; chance * k > CUT * (mean - k + 1); k--)
        chance *= k / mean;
    r.first = k;
    k = mode + 1;
    for (double chance = r.peak * (mean / k); chance * (k + 1) > CUT * (k + 1 - mean); k++)
        chance *= mean / (k + 1);
    r.end = k;
    return r;
}

size_t cm_poisson_table_room(double mean)
{
    assert(mean >= 0 && mean <= CM_POISSON_MAX_MEAN);
    struct range r = range_of(mean);
    return cm_alias32_room((size_t)(r.end - r.first));
}

void cm_poisson_table_init(struct cm_poisson_table *t, double mean, uint64_t *cells)
{
    struct range r = range_of(mean);
    size_t n = (size_t)(r.end - r.first), mode = (size_t)(r.mode - r.first);
    double *chance = cm_alloc(n * sizeof *chance);
    chance[mode] = r.peak;
    for (size_t i = mode; i > 0; i--)
        chance[i - 1] = chance[i] * ((r.first + (double)i) / mean);
    for (size_t i = mode + 1; i < n; i++)
        chance[i] = chance[i - 1] * (mean / (r.first + (double)i));
    t->first = (uint64_t)r.first;
    t->n = n;
    cm_alias32_init(&t->alias, cells, chance, n);
    cm_free(chance);
}

/* The last cell with a positive weight takes what is left, so that rounding loses nothing. */
void cm_draw_multinomial(struct cm_rng *rng, uint64_t n, const double *weights, size_t k,
                         uint64_t *counts)
{
    double left = 0;
    size_t last = 0;
    for (size_t i = 0; i < k; i++) {
        assert(weights[i] >= 0);
        counts[i] = 0;
        left += weights[i];
        if (weights[i] > 0)
            last = i;
    }
    assert(left > 0 && isfinite(left));
    for (size_t i = 0; i < last && n > 0; i++) {
        if (weights[i] > 0)
            counts[i] = cm_draw_binomial(rng, n, weights[i] < left ? weights[i] / left : 1);
        n -= counts[i];
        left -= weights[i];
    }
    counts[last] = n;
}
