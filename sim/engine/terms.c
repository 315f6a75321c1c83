/* Everything that can be worked out once a piece is, so that a request costs comparisons only. */
#include "sim/engine/terms.h"

#include <math.h>

static int64_t cell_of(double seconds)
{
    uint64_t bits;
    memcpy(&bits, &seconds, sizeof bits);
    return (int64_t)bits >> CM_TERMS_SHIFT;
}

/* What lies before the first cell or beyond the last one is put into these two: the search goes on
 * from there. */
static void init_bounds(struct cm_terms *t, const struct cm_edges *edges, size_t n)
{
    for (size_t i = 0; i < CM_EDGES_MAX + 2; i++)
        t->bounds_s[i] = i < n ? edges->bound[i] : INFINITY;
    t->first_cell = cell_of(t->bounds_s[0]);
    size_t below = 0;
    for (int64_t cell = 1; cell < CM_TERMS_CELLS; cell++) {
        while (below < n && cell_of(t->bounds_s[below]) - t->first_cell < cell)
            below++;
        t->before[cell] = (uint8_t)below;
    }
}

void cm_terms_init(struct cm_terms *t, const struct cm_world *w, size_t n_buckets)
{
    *t = (struct cm_terms){
        .marks = {.n_classes = w->n_classes, .n_buckets = n_buckets > 0 ? n_buckets : 1},
        .slo_s = w->shapes.slo,
    };
    init_bounds(t, w->shapes.edges, n_buckets > 0 ? w->shapes.edges->n : 0);
}

/* `below` is the share of u that goes to the other version. */
static struct cm_terms_row row_of(const struct cm_world *w, const struct cm_meets *meets,
                                  double below, double share)
{
    const struct cm_pace *pace = &w->shapes.list[meets->shape].pace;
    return (struct cm_terms_row){
        .fails = below + share * meets->error,
        .fails_anyway = below + share * fmin(meets->error, meets->healthy),
        .times = pace->times,
        .plus_s = pace->plus_s,
        .slow_share = pace->slow_share,
        .slow_times = pace->slow_times,
        .slow_plus_s = pace->slow_plus_s,
        .healthy_times = meets->healthy_times,
        .healthy_plus_s = meets->healthy_plus_s,
    };
}

void cm_terms_set(struct cm_terms *t, const struct cm_world *w, const struct cm_batch *kinds,
                  const struct cm_piece *piece)
{
    double canary = piece->share[CM_CANARY];
    enum cm_fate fate = cm_world_exposes(w, piece->from) ? CM_OF_CANARY_EXPOSED : CM_OF_CANARY;
    t->canary = canary;
    t->slows = false;
    for (size_t k = 0; k < kinds->n_kinds; k++) {
        size_t class = kinds->kinds[k].class;
        struct cm_terms_row *row = t->row + k * CM_VERSIONS;
        row[CM_STABLE] = row_of(w, &piece->meets[CM_STABLE][class], canary, 1 - canary);
        row[CM_CANARY] = row_of(w, &piece->meets[CM_CANARY][class], 0, canary);
        row[CM_STABLE].mark = cm_mark_first(&t->marks, CM_OF_STABLE, class);
        row[CM_CANARY].mark = cm_mark_first(&t->marks, fate, class);
        t->slows |= row[CM_STABLE].slow_share > 0 || row[CM_CANARY].slow_share > 0;
    }
}
