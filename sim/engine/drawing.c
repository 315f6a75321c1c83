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

void cm_drawing_set(struct cm_drawing *d, size_t row, const double *mean, bool often)
{
    size_t table = d->row[row].table, law = d->row[row].law;
    if (row == 0)
        cm_poisson_tables_clear(&d->tables);
    for (size_t at = 0; at < CM_ROW_DRAWN; at++) {
        if (!(mean[at] > 0))
            continue;
        if (often && mean[at] <= CM_POISSON_TABLES_MEAN) {
            d->by_table[table].at = at;
            d->by_table[table++].table = cm_poisson_tables_find(&d->tables, mean[at]);
        } else {
            d->by_law[law].at = at;
            cm_poisson_set(&d->by_law[law++].law, mean[at]);
        }
    }
    d->row[row + 1].table = table;
    d->row[row + 1].law = law;
}

static void draw_by_laws(const struct cm_drawing *d, const struct cm_drawn_row *row,
                         struct cm_rng rng, uint64_t *count)
{
    for (size_t i = row[0].law; i < row[1].law; i++)
        count[d->by_law[i].at] = cm_poisson_draw(&d->by_law[i].law, &rng);
}

void cm_drawing_draw(const struct cm_drawing *d, const struct cm_rng *root, uint64_t block,
                     struct cm_grouped *rows)
{
    const struct cm_drawn_table *table = d->by_table;
    for (size_t r = 0; r < d->n_rows; r++) {
        const struct cm_drawn_table *end = d->by_table + d->row[r + 1].table;
        struct cm_rng rng = cm_rng_branch(root, block ^ d->row[r].name);
        uint64_t *count = rows[r].count[0];
        for (; table + 1 < end; table += 2) {
            uint64_t word = cm_rng_next(&rng);
            count[table[0].at] = cm_poisson_table_pick(&table[0].table, word >> 32, &rng);
            count[table[1].at] = cm_poisson_table_pick(&table[1].table, (uint32_t)word, &rng);
        }
        for (; table < end; table++)
            count[table->at] = cm_poisson_table_draw(&table->table, &rng);
        if (d->row[r].law < d->row[r + 1].law)
            draw_by_laws(d, &d->row[r], rng, count);
    }
}
