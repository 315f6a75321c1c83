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
 * of a column. What rounding leaves over at the end is a whole column. */
static void fill(uint64_t *cells, uint64_t low, double *left, size_t *list, size_t k)
{
    size_t poor = sort_out(left, list, k), rich = poor;
    while (poor > 0 && rich < k) {
        size_t own = list[--poor], other = list[rich];
        cells[own] = ((uint64_t)(left[own] * 0x1p64) & ~low) | other;
        left[other] -= 1 - left[own];
        if (left[other] < 1) {
            list[poor++] = other;
            rich++;
        }
    }
    while (rich < k) {
        cells[list[rich]] = list[rich];
        rich++;
    }
    while (poor > 0) {
        poor--;
        cells[list[poor]] = list[poor];
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

void cm_alias_init(struct cm_alias *alias, uint64_t *cells, const double *weights, size_t k)
{
    assert(k >= 1 && k <= CM_ALIAS_MAX_K);
    uint64_t low = 0;
    while (low < k - 1)
        low = low << 1 | 1;
    double sum = sum_of(weights, k);
    assert(sum > 0 && isfinite(sum));
    double *left = cm_alloc(k * sizeof *left);
    size_t *list = cm_alloc(k * sizeof *list);
    for (size_t i = 0; i < k; i++)
        left[i] = weights[i] / sum * (double)k;
    fill(cells, low, left, list, k);
    cm_free(list);
    cm_free(left);
    *alias = (struct cm_alias){.cells = cells, .k = k, .low = low};
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
    return (size_t)(r.end - r.first);
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
    cm_alias_init(&t->alias, cells, chance, n);
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
