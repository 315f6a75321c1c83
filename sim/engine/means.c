/* Poisson splitting (Kingman, Poisson Processes, 1993, 5.1): the requests of one piece that meet
 * (version, class, outcome, tempo) and are answered in a window are Poisson with
 *
 *     rate x route share x class share x P(outcome) x mass(tempo; arrival stretch, window),
 *
 * independent over cells and over disjoint windows. mass() is in shape.h. */
#include "sim/engine/means.h"

#include <string.h>

/* Calls for every piece with something answered in (from, until], newest first. */
struct visit {
    const struct cm_world *world;
    cm_time from, until;
    size_t next;                  /* pieces still to visit are 0 .. next - 1 */
    const struct cm_piece *piece; /* of visit_part, and the part of the version there */
    size_t part;
    double arrive[2], answer[2]; /* s since `from`: of the piece visited last; of the window */
};

/* Pieces that begin before `until`; the last one usually does. */
static size_t begun_before(const struct cm_world *w, cm_time until)
{
    size_t low = 0, high = w->n;
    if (high > 0 && cm_world_piece(w, high - 1)->from < until)
        return high;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cm_world_piece(w, middle)->from < until)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct visit visit_begin(const struct cm_world *w, cm_time from, cm_time until)
{
    return (struct visit){
        .world = w,
        .from = from,
        .until = until,
        .next = begun_before(w, until),
        .answer = {0, cm_seconds(until - from)},
    };
}

static const struct cm_piece *visit_next(struct visit *v)
{
    while (v->next > 0) {
        const struct cm_piece *piece = cm_world_piece(v->world, --v->next);
        v->arrive[1] = cm_seconds(piece->until - v->from);
        if (-v->arrive[1] <= v->world->shapes.longest) {
            v->arrive[0] = cm_seconds(piece->from - v->from);
            return piece;
        }
        v->next = 0;
    }
    return NULL;
}

/* The same, part by part of a version. */
static const struct cm_piece *visit_part(struct visit *v, size_t version)
{
    if (v->piece && ++v->part < cm_piece_parts(v->piece, version))
        return v->piece;
    v->part = 0;
    v->piece = visit_next(v);
    return v->piece;
}

/* Mean number of a unit flow over the piece visited that is answered in (from, until] in `part`:
 * all of it where it arrived early enough for everything to be answered. */
static double mass(const struct cm_shape *shape, const struct cm_band *part, const struct visit *v)
{
    double length = v->arrive[1] - v->arrive[0];
    if (v->arrive[0] >= 0 && v->answer[1] - v->arrive[1] >= shape->longest && length > 0)
        return part->p * length;
    return part->p > 0 ? cm_shape_mass(shape, part, v->arrive, v->answer) : 0;
}

static double intensity(const struct cm_world *w, const struct cm_piece *piece, const size_t row[2],
                        size_t part)
{
    return piece->rate * cm_piece_split(piece, row, part) * w->classes[row[1]].share;
}

/* Means being added up, of the groups of a tree. */
struct sums {
    struct cm_world *world;
    const struct cm_bucket_tree *tree;
    struct cm_means *means;
};

/* Of one tempo of the part and piece that `v` is at, a flow of `rate`: in each group, and together.
 */
static double group_means(const struct sums *s, const struct visit *v, size_t shape,
                          enum cm_tempo tempo, double means[CM_BUCKET_GROUPS])
{
    const struct cm_band *range = cm_shapes_ranges(&s->world->shapes, s->tree, shape, tempo);
    double sum = 0;
    for (size_t g = 0; g < s->tree->n_groups; g++) {
        means[g] = mass(&s->world->shapes.list[shape], &range[s->tree->group[g]], v);
        sum += means[g];
    }
    return sum;
}

/* Adds a flow's answers of one tempo to their cells. */
static void add_tempo(const struct sums *s, const struct visit *v, const size_t row[2], double rate,
                      enum cm_tempo tempo)
{
    struct cm_means *m = s->means;
    const struct cm_meets *meets = cm_piece_meets(v->world, v->piece, row, v->part);
    bool exposes = row[0] == CM_CANARY && cm_world_exposes(v->world, v->piece->from);
    double of_group[CM_BUCKET_GROUPS];
    double mean = rate * group_means(s, v, meets->shape, tempo, of_group);
    const double chance[CM_OUTCOMES] = {1 - meets->error, meets->error};
    for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++) {
        size_t cell = cm_cell(v->world->n_classes, row[0], row[1], outcome, tempo);
        m->cell[cell] += mean * chance[outcome];
        for (size_t g = 0; g < s->tree->n_groups; g++)
            m->group[cell][g] += rate * of_group[g] * chance[outcome];
        if (exposes)
            m->exposed[row[1]][outcome][tempo] += mean * chance[outcome];
    }
    if (meets->error > meets->healthy)
        m->failed_by_defect[row[0]][row[1]] += mean * (meets->error - meets->healthy);
}

/* Of one part of a version, where `v` is. */
static void add_part(const struct sums *s, const struct visit *v, const size_t row[2])
{
    const struct cm_world *w = v->world;
    const struct cm_meets *meets = cm_piece_meets(w, v->piece, row, v->part);
    double rate = intensity(w, v->piece, row, v->part);
    for (size_t tempo = 0; tempo < CM_TEMPI && rate > 0; tempo++)
        if (w->shapes.list[meets->shape].tempo[tempo].p > 0)
            add_tempo(s, v, row, rate, (enum cm_tempo)tempo);
    for (int i = 0; i < 2 && rate > 0; i++) {
        const struct cm_shape *slowed = &w->shapes.list[meets->slowed[i].shape];
        if (meets->slowed[i].share > 0)
            s->means->slowed_by_defect[row[0]][row[1]] +=
                rate * meets->slowed[i].share * mass(slowed, &slowed->slowed, v);
    }
}

static void clear(const struct cm_world *w, struct cm_means *m)
{
    size_t cells = cm_cell(w->n_classes, w->n_versions, 0, 0, 0);
    memset(m->cell, 0, cells * sizeof m->cell[0]);
    memset(m->group, 0, cells * sizeof m->group[0]);
    memset(m->exposed, 0, w->n_classes * sizeof m->exposed[0]);
    for (size_t version = 0; version < w->n_versions; version++) {
        memset(m->failed_by_defect[version], 0, w->n_classes * sizeof m->failed_by_defect[0][0]);
        memset(m->slowed_by_defect[version], 0, w->n_classes * sizeof m->slowed_by_defect[0][0]);
    }
}

void cm_means_fill(struct cm_world *w, const struct cm_bucket_tree *tree, const cm_time window[2],
                   struct cm_means *m)
{
    const struct sums sums = {w, tree, m};
    clear(w, m);
    for (size_t row = 0; row < w->n_versions * w->n_classes; row++) {
        const size_t at[2] = {row / w->n_classes, row % w->n_classes};
        struct visit v = visit_begin(w, window[0], window[1]);
        while (visit_part(&v, at[0]))
            add_part(&sums, &v, at);
    }
}

/* A cell taken apart again. */
struct cell_parts {
    size_t version, class, outcome, tempo;
};

static struct cell_parts parts_of(const struct cm_world *w, size_t cell)
{
    size_t tempo = cell % CM_TEMPI, outcome = cell / CM_TEMPI % CM_OUTCOMES;
    size_t row = cell / (CM_TEMPI * CM_OUTCOMES);
    return (struct cell_parts){row / w->n_classes, row % w->n_classes, outcome, tempo};
}

/* Of the piece and part that `v` is at. */
static double cell_intensity(const struct visit *v, const struct cell_parts *c)
{
    const size_t row[2] = {c->version, c->class};
    double error = cm_piece_meets(v->world, v->piece, row, v->part)->error;
    return intensity(v->world, v->piece, row, v->part) * (c->outcome == CM_OK ? 1 - error : error);
}

static size_t shape_at(const struct visit *v, const size_t row[2])
{
    return cm_piece_meets(v->world, v->piece, row, v->part)->shape;
}

double cm_mean_of_cell(const struct cm_world *w, size_t cell, cm_time from, cm_time until)
{
    struct cell_parts c = parts_of(w, cell);
    struct visit v = visit_begin(w, from, until);
    double mean = 0;
    const size_t row[2] = {c.version, c.class};
    while (visit_part(&v, c.version)) {
        const struct cm_shape *shape = &w->shapes.list[shape_at(&v, row)];
        mean += cell_intensity(&v, &c) * mass(shape, &shape->tempo[c.tempo], &v);
    }
    return mean;
}

void cm_means_of_children(struct cm_world *w, const struct cm_children *c, const cm_time window[2],
                          double means[CM_OUTCOMES][2])
{
    const struct cm_bucket_node *node = &c->tree->node[c->node];
    struct visit v = visit_begin(w, window[0], window[1]);
    const size_t row[2] = {c->row / w->n_classes, c->row % w->n_classes};
    memset(means, 0, CM_OUTCOMES * sizeof means[0]);
    for (const struct cm_piece *piece; (piece = visit_part(&v, row[0])) != NULL;) {
        const struct cm_meets *meets = cm_piece_meets(w, piece, row, v.part);
        double rate = intensity(w, piece, row, v.part);
        if (rate <= 0)
            continue;
        const double rates[CM_OUTCOMES] = {rate * (1 - meets->error), rate * meets->error};
        const struct cm_band *range = cm_shapes_ranges(&w->shapes, c->tree, meets->shape, c->tempo);
        const struct cm_shape *shape = &w->shapes.list[meets->shape];
        double left = mass(shape, &range[node->left], &v);
        double right = mass(shape, &range[node->right], &v);
        for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++) {
            means[outcome][0] += rates[outcome] * left;
            means[outcome][1] += rates[outcome] * right;
        }
    }
}

/* The longest latency of what arrived at a row in a piece, s; below 0 if nothing did. */
static double longest_in(const struct visit *v, const struct cm_piece *piece, const size_t row[2])
{
    double longest = -1;
    for (size_t k = 0; k < cm_piece_parts(piece, row[0]); k++) {
        double own = v->world->shapes.list[cm_piece_meets(v->world, piece, row, k)->shape].longest;
        if (intensity(v->world, piece, row, k) > 0 && own > longest)
            longest = own;
    }
    return longest;
}

/* Whether nothing of a row that was answered after v->from arrived before `piece`, the last. The
 * visit itself may go further back, as it knows the longest of all shapes only. */
static bool settled(struct visit v, const struct cm_piece *piece, const size_t row[2])
{
    if (cm_seconds(v.from - piece->from) < longest_in(&v, piece, row))
        return false;
    for (piece = visit_next(&v); piece; piece = visit_next(&v))
        if (cm_seconds(v.from - piece->until) < longest_in(&v, piece, row))
            return false;
    return true;
}

bool cm_means_stay(const struct cm_world *w, cm_time from, cm_time until)
{
    struct visit v = visit_begin(w, from, until);
    const struct cm_piece *piece = visit_next(&v);
    if (!piece || piece->until < until)
        return false;
    for (size_t row = 0; row < w->n_versions * w->n_classes; row++) {
        const size_t at[2] = {row / w->n_classes, row % w->n_classes};
        if (piece->parts[at[0]].n > 0 || !settled(v, piece, at))
            return false;
    }
    return true;
}

size_t cm_steady_shape(const struct cm_world *w, size_t row, cm_time from, cm_time until)
{
    struct visit v = visit_begin(w, from, until);
    const struct cm_piece *piece = visit_next(&v);
    const size_t at[2] = {row / w->n_classes, row % w->n_classes};
    bool steady = piece && piece->until >= until && piece->parts[at[0]].n == 0 &&
                  cm_seconds(from - piece->until) < longest_in(&v, piece, at) &&
                  settled(v, piece, at);
    return steady ? piece->meets[at[0]][at[1]].shape : CM_NO_SHAPE;
}

/* What a part of a row meets where `v` is, if something of it is answered after v->from. */
static const struct cm_meets *meets_at(const struct visit *v, const size_t row[2])
{
    const struct cm_world *w = v->world;
    const struct cm_meets *meets = cm_piece_meets(w, v->piece, row, v->part);
    bool answers = intensity(w, v->piece, row, v->part) > 0 &&
                   cm_seconds(v->from - v->piece->until) < w->shapes.list[meets->shape].longest;
    return answers ? meets : NULL;
}

bool cm_outcome_tells(const struct cm_world *w, size_t row, cm_time from, cm_time until)
{
    struct visit v = visit_begin(w, from, until);
    const size_t at[2] = {row / w->n_classes, row % w->n_classes};
    const struct cm_meets *first = NULL;
    while (visit_part(&v, at[0])) {
        const struct cm_meets *meets = meets_at(&v, at);
        if (meets && first && meets->error != first->error)
            return true;
        first = meets ? meets : first;
    }
    return false;
}

double cm_mean_of_bucket(struct cm_world *w, const size_t row[2], size_t bucket, cm_time from,
                         cm_time until)
{
    struct visit v = visit_begin(w, from, until);
    double mean = 0;
    for (const struct cm_piece *piece; (piece = visit_part(&v, row[0])) != NULL;) {
        size_t shape = shape_at(&v, row);
        double rate = intensity(w, piece, row, v.part);
        for (size_t tempo = 0; tempo < CM_TEMPI && rate > 0; tempo++) {
            const struct cm_band *part =
                cm_shapes_buckets(&w->shapes, shape, (enum cm_tempo)tempo) + bucket;
            mean += rate * mass(&w->shapes.list[shape], part, &v);
        }
    }
    return mean;
}
