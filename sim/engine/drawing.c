/* Tables come first in a row, so that its generator stays in registers as long as possible. */
#include "sim/engine/drawing.h"

void cm_drawing_release(struct cm_drawing *d)
{
    cm_poisson_tables_release(&d->tables);
}

void cm_drawing_set(struct cm_drawing *d, size_t row, const double *mean, bool often)
{
    size_t table = d->tables_before[row], law = d->laws_before[row];
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
    d->tables_before[row + 1] = table;
    d->laws_before[row + 1] = law;
}

void cm_drawing_by_laws(const struct cm_drawing *d, size_t row, const struct cm_rng *rng,
                        uint64_t *count)
{
    struct cm_rng own = *rng;
    for (size_t i = d->laws_before[row]; i < d->laws_before[row + 1]; i++)
        count[d->by_law[i].at] = cm_poisson_draw(&d->by_law[i].law, &own);
}
