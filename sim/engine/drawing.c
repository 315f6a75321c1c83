/* Tables come first in a row, so that its generator stays in registers as long as possible; one
 * word of it serves two of them. */
#include "sim/engine/drawing.h"

void cm_drawing_release(struct cm_drawing *d)
{
    cm_poisson_tables_release(&d->tables);
}

void cm_drawing_add(struct cm_drawing *d, uint64_t name)
{
    assert(d->n_rows < CM_ROWS_MAX);
    d->row[d->n_rows++].name = name;
}

/* Adds the means of a row that do not wander. */
static void add_means(struct cm_drawing *d, size_t row, const double *mean, bool often)
{
    struct cm_drawn_row *end = &d->row[row + 1];
    size_t first = row * CM_ROW_COUNTERS;
    for (size_t i = 0; i < CM_ROW_COUNTERS; i++) {
        size_t at = first + i;
        if (!(mean[i] > 0))
            continue;
        if (often && mean[i] <= CM_POISSON_TABLES_MEAN) {
            d->by_table[end->table].at = at;
            d->by_table[end->table++].table = cm_poisson_tables_find(&d->tables, mean[i]);
        } else {
            d->by_law[end->law].at = at;
            cm_poisson_set(&d->by_law[end->law++].law, mean[i]);
        }
    }
}

void cm_drawing_set(struct cm_drawing *d, size_t row, const double *mean, enum cm_met met)
{
    struct cm_drawn_row *own = &d->row[row], *end = own + 1;
    if (row == 0)
        cm_poisson_tables_clear(&d->tables);
    own->mean = met == CM_MET_NEARLY ? mean : NULL;
    end->table = own->table;
    end->law = own->law;
    if (met == CM_MET_NEARLY)
        cm_poisson_tables_round(&d->tables);
    else
        add_means(d, row, mean, met == CM_MET_OFTEN);
}

/* Each of the rests, which count together, is one of them with a chance in proportion. `upto` is
 * theirs and all before them. */
static void deal_rests(const double *upto, struct cm_rng *rng, uint64_t *count)
{
    double all = upto[CM_ROW_COUNTERS - 1];
    for (uint64_t n = cm_draw_poisson(rng, all); n > 0; n--) {
        double place = cm_rng_unit(rng) * all;
        size_t at = 0;
        while (at < CM_ROW_COUNTERS - 1 && upto[at] <= place)
            at++;
        count[at]++;
    }
}

static void draw_wandering(struct cm_drawing *d, const double *means, struct cm_rng rng,
                           uint64_t *count)
{
    double upto[CM_ROW_COUNTERS], rests = 0;
    for (size_t at = 0; at < CM_ROW_COUNTERS; at++) {
        double mean = means[at];
        if (mean > CM_POISSON_TABLES_MEAN) {
            count[at] += cm_draw_poisson(&rng, mean);
        } else if (mean > 0) {
            count[at] += cm_poisson_tables_draw(&d->tables, &mean, &rng);
            rests += mean;
        }
        upto[at] = rests;
    }
    deal_rests(upto, &rng, count);
}

static void draw_by_laws(const struct cm_drawing *d, const struct cm_drawn_row *row,
                         struct cm_rng rng, uint64_t *counters)
{
    for (size_t i = row[0].law; i < row[1].law; i++)
        counters[d->by_law[i].at] += cm_poisson_draw(&d->by_law[i].law, &rng);
}

void cm_drawing_draw(struct cm_drawing *d, const struct cm_rng *root, uint64_t block,
                     uint64_t *counters)
{
    const struct cm_drawn_table *table = d->by_table;
    for (size_t r = 0; r < d->n_rows; r++) {
        const struct cm_drawn_row *row = &d->row[r];
        const struct cm_drawn_table *end = d->by_table + row[1].table;
        struct cm_rng rng = cm_rng_branch(root, block ^ row->name);
        for (; table + 1 < end; table += 2) {
            uint64_t word = cm_rng_next(&rng);
            counters[table[0].at] += cm_poisson_table_pick(&table[0].table, word >> 32, &rng);
            counters[table[1].at] += cm_poisson_table_pick(&table[1].table, (uint32_t)word, &rng);
        }
        for (; table < end; table++)
            counters[table->at] += cm_poisson_table_draw(&table->table, &rng);
        if (row->mean)
            draw_wandering(d, row->mean, rng, counters + r * CM_ROW_COUNTERS);
        if (row[0].law < row[1].law)
            draw_by_laws(d, row, rng, counters);
    }
}
