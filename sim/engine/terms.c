/* Everything that can be worked out once a piece is, so that a request costs comparisons only. */
#include "sim/engine/terms.h"

#include <math.h>

#include "sim/base/mem.h"

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
        .marks = {.n_classes = w->n_classes,
                  .n_buckets = n_buckets > 0 ? n_buckets : 1,
                  .n_fates = w->n_versions > CM_BASELINE ? CM_FATES : CM_FATES - 1},
        .slo_s = w->shapes.slo,
    };
    init_bounds(t, w->shapes.edges, n_buckets > 0 ? w->shapes.edges->n : 0);
}

/* `below` is the share of u that goes to the arms before it. */
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

void cm_terms_release(struct cm_terms *t)
{
    cm_free(t->until);
    cm_free(t->arm);
    cm_free(t->row);
    *t = (struct cm_terms){0};
}

static void reserve(struct cm_terms *t, size_t n_arms)
{
    if (n_arms <= t->room)
        return;
    t->room = n_arms;
    t->until = cm_grow(t->until, n_arms, sizeof *t->until);
    t->arm = cm_grow(t->arm, n_arms, sizeof *t->arm);
    t->row = cm_grow(t->row, n_arms * CM_BATCH_KINDS, sizeof *t->row);
}

/* The arms of u in their order: parts of versions. */
static void set_arms(struct cm_terms *t, const struct cm_world *w, const struct cm_piece *piece,
                     const double share[CM_VERSIONS])
{
    static const size_t order[CM_VERSIONS] = {CM_CANARY, CM_STABLE, CM_BASELINE};
    double until = 0, before = 0;
    size_t n = 0;
    for (size_t v = 0; v < w->n_versions; v++)
        n += cm_piece_parts(piece, v);
    reserve(t, n);
    t->n_arms = 0;
    for (size_t i = 0; i < w->n_versions; i++) {
        size_t parts = cm_piece_parts(piece, order[i]);
        before += share[order[i]];
        for (size_t part = 0; part < parts; part++) {
            double own = share[order[i]] * cm_piece_part(piece, order[i], part);
            until = part + 1 < parts ? until + own : before;
            t->until[t->n_arms] = until;
            t->arm[t->n_arms++] = (struct cm_terms_arm){own, order[i], part};
        }
    }
    t->until[n - 1] = 1;
}

/* Nobody gets to see the answer to a copy: whatever it is, it is not the defect's harm. */
static void set_copies(struct cm_terms *t, const struct cm_world *w, const struct cm_batch *kinds,
                       const struct cm_piece *piece)
{
    for (size_t k = 0; k < kinds->n_kinds; k++) {
        size_t class = kinds->kinds[k].class;
        t->copy[k] = row_of(w, &piece->meets[CM_CANARY][class], 0, 1);
        t->copy[k].fails_anyway = t->copy[k].fails;
        t->copy[k].version = CM_CANARY;
        t->copy[k].mark = cm_mark_first(&t->marks, CM_OF_CANARY, class);
    }
}

void cm_terms_set(struct cm_terms *t, const struct cm_world *w, const struct cm_batch *kinds,
                  const struct cm_piece *piece)
{
    /* Where users decide about the version they make u say so, with arms of equal length:
     * visitors.c. */
    const double part = 1 / (double)w->n_versions, even[CM_VERSIONS] = {part, part, part};
    const enum cm_fate fates[CM_VERSIONS] = {
        [CM_STABLE] = CM_OF_STABLE,
        [CM_CANARY] = cm_world_exposes(w, piece->from) ? CM_OF_CANARY_EXPOSED : CM_OF_CANARY,
        [CM_BASELINE] = CM_OF_BASELINE,
    };
    const double *share = cm_crowd_routes(&w->crowd, piece->share) ? even : piece->share;
    set_arms(t, w, piece, share);
    t->slows = false;
    for (size_t k = 0; k < kinds->n_kinds; k++)
        for (size_t a = 0; a < t->n_arms; a++) {
            const struct cm_terms_arm *arm = &t->arm[a];
            const size_t class = kinds->kinds[k].class, cell[2] = {arm->version, class};
            bool matches = (int)class == piece->match; /* then no version has parts */
            const struct cm_meets *meets = matches ? &piece->meets[CM_CANARY][class]
                                                   : cm_piece_meets(w, piece, cell, arm->part);
            struct cm_terms_row *row = &t->row[k * t->n_arms + a];
            double below = a > 0 ? t->until[a - 1] : 0;
            *row = row_of(w, meets, below, arm->share);
            row->version = matches ? CM_CANARY : arm->version;
            row->mark = cm_mark_first(&t->marks, fates[row->version], class);
            t->slows |= row->slow_share > 0;
        }
    if (piece->mirror > 0)
        set_copies(t, w, kinds, piece);
}
