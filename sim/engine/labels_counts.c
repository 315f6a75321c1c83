/* Labels by number: those of one row and one level of the defect that come in a block are Poisson
 * with mean
 *
 *     sum over pieces of that level: rate x route share x class share x P(right) x sampling
 *                                    x mass(delay; arrival stretch, block),
 *
 * independent of those of other rows, levels and blocks (Kingman, Poisson Processes, 1993, 5.1);
 * mass() is in shape.h, of the delay from arrival to label, or of the latency where a label comes
 * with the answer. The sums of their values are drawn at once (sim/service/kpi_law.c).
 *
 * A block is parted by halving, as in the ledger: which half a label is in depends on the ratio of
 * the means alone, and its stream on the half. */
#include <math.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/engine/labels.h"

/* --- means --- */

/* Mean number of a unit flow over the piece whose labels come within the block. */
static double mass(const struct cm_labels *l, const struct cm_shape *shape,
                   const struct cm_piece *piece, const cm_time block[2])
{
    cm_time began = -l->plan->scenario->history;
    cm_time from = piece->from > began ? piece->from : began;
    const double arrive[2] = {cm_seconds(from - block[0]), cm_seconds(piece->until - block[0])};
    const double come[2] = {0, cm_seconds(block[1] - block[0])};
    if (piece->until <= from)
        return 0;
    double mass = cm_shape_mass(shape, &shape->tempo[CM_IN_TIME], arrive, come);
    return mass + cm_shape_mass(shape, &shape->tempo[CM_SLOW], arrive, come);
}

/* Labels of requests that arrived so long before the block have all come. */
static bool is_past(const struct cm_labels *l, const struct cm_label_series *s,
                    const struct cm_piece *piece, const cm_time block[2])
{
    double longest = s->delay == CM_WITH_ANSWER ? l->world->shapes.longest : l->delays.longest;
    return cm_seconds(block[0] - piece->until) > longest;
}

void cm_labels_forget_masses(struct cm_labels *l)
{
    for (size_t i = 0; i < CM_LABEL_DEPTHS; i++)
        l->masses[i].known = false;
}

/* Of all pieces that matter, for a delay that does not depend on the row. */
static const double *shared_masses(const struct cm_labels *l, const struct cm_label_series *s,
                                   const cm_time block[2], size_t depth)
{
    struct cm_label_masses *m = &l->masses[depth];
    const struct cm_world *w = l->world;
    if (m->known && m->delay == s->delay && m->block[0] == block[0] && m->block[1] == block[1])
        return m->of_piece;
    if (m->room < w->n) {
        m->room = 2 * w->n;
        m->of_piece = cm_grow(m->of_piece, m->room, sizeof *m->of_piece);
    }
    const struct cm_shape *shape = &l->delays.list[s->delay];
    for (size_t i = w->n; i-- > 0 && !is_past(l, s, cm_world_piece(w, i), block);)
        m->of_piece[i] = mass(l, shape, cm_world_piece(w, i), block);
    m->known = true;
    m->delay = s->delay;
    memcpy(m->block, block, sizeof m->block);
    return m->of_piece;
}

/* Requests of a piece and row, version and class, that get a label from one part of the version,
 * per second. */
static double intensity(const struct cm_labels *l, const struct cm_label_series *s,
                        const struct cm_piece *piece, const size_t row[2], size_t part)
{
    return piece->rate * cm_piece_split(piece, row, part) * l->world->classes[row[1]].share *
           (1 - cm_piece_meets(l->world, piece, row, part)->error) * s->kpi->kpi.sampling;
}

/* Labels per second from the parts of a piece in which the level is that of the law, times what of
 * them comes in the block; `shared` as below. */
static double add_piece(const struct cm_labels *l, const struct cm_label_series *s,
                        const struct cm_label_part *of, size_t i, const cm_time block[2],
                        const double *shared)
{
    const struct cm_piece *piece = cm_world_piece(l->world, i);
    const size_t row[2] = {of->row / l->n_classes, of->row % l->n_classes};
    double sum = 0;
    for (size_t k = 0; k < cm_piece_parts(piece, row[0]); k++) {
        double rate = intensity(l, s, piece, row, k);
        if (rate <= 0 || cm_labels_level(l, piece, of->row, k) != s->laws[of->law].level)
            continue;
        size_t answer = cm_piece_meets(l->world, piece, row, k)->shape;
        sum += rate * (shared ? shared[i] : mass(l, &l->world->shapes.list[answer], piece, block));
    }
    return sum;
}

/* Mean number of a part's labels in a block, from all pieces of its level; `depth` tells blocks
 * that are halves of each other apart. */
static double mean(const struct cm_labels *l, const struct cm_label_series *s,
                   const struct cm_label_part *part, const cm_time block[2], size_t depth)
{
    bool shares = s->delay != CM_WITH_ANSWER;
    const double *shared = shares ? shared_masses(l, s, block, depth) : NULL;
    double sum = 0;
    for (size_t i = l->world->n; i-- > 0;) {
        const struct cm_piece *piece = cm_world_piece(l->world, i);
        if (is_past(l, s, piece, block))
            break;
        if (piece->from < block[1])
            sum += add_piece(l, s, part, i, block, shared);
    }
    return sum;
}

/* --- blocks --- */

enum { DRAW, HALVE };

static struct cm_rng stream(const struct cm_labels *l, const struct cm_label_series *s,
                            const struct cm_label_part *part, const cm_time block[2], uint64_t what)
{
    uint64_t level;
    memcpy(&level, &s->laws[part->law].level, sizeof level);
    uint64_t purpose = cm_rng_mix2(cm_rng_mix2(s->purpose, part->row), level);
    uint64_t within = cm_rng_mix2((uint64_t)block[0], (uint64_t)block[1]);
    return cm_rng_stream(l->plan->scenario->run.seed, l->replication, purpose,
                         cm_rng_mix2(within, what));
}

static void keep_part(struct cm_label_series *s, const struct cm_label_part *part)
{
    size_t n = (size_t)(s->n - s->first);
    if (n == s->room_items) {
        s->room_items = 2 * n + 16;
        s->parts = cm_grow(s->parts, s->room_items, sizeof *s->parts);
    }
    s->parts[n] = *part;
    s->n++;
}

static void draw_part(const struct cm_labels *l, struct cm_label_series *s,
                      struct cm_label_part *part, const cm_time block[2],
                      struct cm_kpi_moments *total)
{
    struct cm_rng rng = stream(l, s, part, block, DRAW);
    uint64_t n = cm_draw_poisson(&rng, mean(l, s, part, block, 0));
    if (n == 0)
        return;
    const struct cm_kpi_law *law = &s->laws[part->law].law;
    part->sums = cm_kpi_sums_draw(law, n, &rng);
    struct cm_kpi_moments m = cm_kpi_moments_of(law, &part->sums);
    cm_labels_add(&total[part->row], &m);
    keep_part(s, part);
}

/* Whether this part of a piece is the last of its level for the row: each level is drawn once. */
static bool is_last(const struct cm_labels *l, size_t piece, size_t part, size_t row, cm_time until)
{
    double level = cm_labels_level(l, cm_world_piece(l->world, piece), row, part);
    for (size_t i = piece, k = part + 1; i < l->world->n; i++, k = 0) {
        const struct cm_piece *newer = cm_world_piece(l->world, i);
        for (; newer->from < until && k < cm_piece_parts(newer, row / l->n_classes); k++)
            if (cm_labels_level(l, newer, row, k) == level)
                return false;
    }
    return true;
}

/* What came of the levels whose last part is in this piece. */
static void draw_piece(struct cm_labels *l, struct cm_label_series *s, const size_t at[2],
                       const cm_time block[2], struct cm_kpi_moments *total)
{
    const size_t i = at[0], row = at[1];
    const struct cm_piece *piece = cm_world_piece(l->world, i);
    for (size_t k = 0; k < cm_piece_parts(piece, row / l->n_classes); k++) {
        if (!is_last(l, i, k, row, block[1]))
            continue;
        struct cm_label_part part = {.row = row};
        part.law = cm_labels_law(s, cm_labels_level(l, piece, row, k));
        draw_part(l, s, &part, block, total);
    }
}

static void draw_row(struct cm_labels *l, struct cm_label_series *s, size_t row,
                     const cm_time block[2], struct cm_kpi_moments *total)
{
    for (size_t i = l->world->n; i-- > 0;) {
        const struct cm_piece *piece = cm_world_piece(l->world, i);
        if (is_past(l, s, piece, block))
            return;
        if (piece->from < block[1])
            draw_piece(l, s, (size_t[2]){i, row}, block, total);
    }
}

void cm_labels_draw(struct cm_labels *l, struct cm_label_series *s, const cm_time block[2],
                    struct cm_kpi_moments *total)
{
    for (size_t row = 0; row < l->n_rows; row++)
        if (cm_labels_cover(s, row % l->n_classes) &&
            l->world->classes[row % l->n_classes].share > 0)
            draw_row(l, s, row, block, total);
}

/* --- parts of blocks --- */

/* Of a part's labels in the block, those that have come by `at`. */
static struct cm_kpi_moments halve(const struct cm_labels *l, const struct cm_label_series *s,
                                   struct cm_label_part part, const cm_time block[2], cm_time at)
{
    const struct cm_kpi_law *law = &s->laws[part.law].law;
    struct cm_kpi_moments before = {0};
    cm_time from = block[0], until = block[1];
    double whole = mean(l, s, &part, block, 0);
    for (size_t depth = 1; part.sums.n > 0 && at > from && at < until; depth++) {
        cm_time middle = from + (until - from) / 2;
        double first = mean(l, s, &part, (cm_time[2]){from, middle}, depth);
        struct cm_rng rng = stream(l, s, &part, (cm_time[2]){from, until}, HALVE);
        double chance = whole > 0 ? first / whole : 0;
        struct cm_kpi_sums left = cm_kpi_sums_split(law, &part.sums, chance, &rng);
        if (at <= middle) {
            until = middle;
            part.sums = left;
            whole = first;
        } else {
            struct cm_kpi_moments m = cm_kpi_moments_of(law, &left);
            cm_labels_add(&before, &m);
            from = middle;
            whole -= first;
        }
    }
    if (at >= until) {
        struct cm_kpi_moments m = cm_kpi_moments_of(law, &part.sums);
        cm_labels_add(&before, &m);
    }
    return before;
}

static void part_of_labels(const struct cm_label_series *s, const uint64_t items[2], cm_time at,
                           struct cm_kpi_moments *rows)
{
    for (uint64_t i = items[0]; i < items[1]; i++) {
        const struct cm_kpi_label *label = &s->labels[i - s->first];
        if (label->at <= at)
            cm_labels_add_one(&rows[label->row], label->value);
    }
}

void cm_labels_part(const struct cm_labels *l, const struct cm_label_series *s,
                    const uint64_t items[2], const cm_time block[2], cm_time at,
                    struct cm_kpi_moments *rows)
{
    if (l->one_by_one) {
        part_of_labels(s, items, at, rows);
        return;
    }
    for (uint64_t i = items[0]; i < items[1]; i++) {
        const struct cm_label_part *part = &s->parts[i - s->first];
        struct cm_kpi_moments m = halve(l, s, *part, block, at);
        cm_labels_add(&rows[part->row], &m);
    }
}
