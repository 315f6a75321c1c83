/* Poisson splitting (Kingman, Poisson Processes, 1993, 5.1): the requests of one piece that meet
 * (version, class, outcome, tempo) and are answered in a window are Poisson with
 *
 *     rate x route share x class share x P(outcome) x mass(tempo; arrival stretch, window),
 *
 * independent over cells and over disjoint windows. mass() is in shape.h.
 *
 * Of pieces that lie on lines (reach.h) and have one shape only the coefficients of P and M are
 * summed up: then the mean of any band is two multiplications, however many pieces there are. */
#include "sim/engine/means.h"

#include <string.h>

#include "sim/engine/reach.h"

/* Of all requests, those that go to a part of a version in a class. */
static double share_of(const struct cm_world *w, const struct cm_piece *piece, const size_t row[2],
                       size_t part)
{
    return cm_piece_split(piece, row, part) * w->classes[row[1]].share;
}

static double intensity(const struct cm_world *w, const struct cm_piece *piece, const size_t row[2],
                        size_t part)
{
    return piece->rate * share_of(w, piece, row, part);
}

/* Coefficients of P and M (reach.h), summed up over pieces: requests, and requests a second. */
struct line {
    double inside, in_flight;
};

static void add_to_line(struct line *line, double times, const struct line *more)
{
    line->inside += times * more->inside;
    line->in_flight += times * more->in_flight;
}

/* A rare band beyond the longest latency may come out below 0. */
static double on_line(const struct cm_band *band, const struct line *line)
{
    double mean = band->p * line->inside + band->m * line->in_flight;
    return mean > 0 ? mean : 0;
}

/* What is summed up of a row: of pieces of one shape that lie on lines, and of all others. */
enum { OK, ERROR, BY_DEFECT, SUMS };
struct sums {
    size_t row[2];
    size_t shape; /* of the lines; CM_NO_SHAPE */
    struct line line[SUMS];
    double others[CM_TEMPI][SUMS];
    double error; /* the probability, of the last that was added; -1 */
    bool tells;   /* there were several */
    bool any_others;
    bool older; /* what is added now arrived before the onset */
};

/* A stretch is a piece, or pieces that differ in their rates alone and lie on lines whatever they
 * meet: of all requests they are one line. */
struct filling {
    struct cm_world *world;
    const struct cm_bucket_tree *tree;
    struct cm_means *means;
    struct cm_reach reach;
    const struct cm_piece *stretch; /* its oldest piece; NULL: none */
    struct line all;                /* of it */
    bool far;                       /* it lies on lines */
};

/* What a sum has come to, by tempo. */
static double mean_of(const struct filling *f, const struct sums *s, size_t k, size_t tempo)
{
    if (s->shape == CM_NO_SHAPE)
        return s->others[tempo][k];
    return s->others[tempo][k] +
           on_line(&f->world->shapes.list[s->shape].tempo[tempo], &s->line[k]);
}

static double *groups_of(const struct filling *f, const struct sums *s, size_t outcome,
                         size_t tempo)
{
    return f->means->group[cm_cell(f->world->n_classes, s->row[0], s->row[1], outcome, tempo)];
}

/* Mean number of all requests of the stretch, would they have this shape and fall into the band. */
static double mass_of(const struct filling *f, const struct cm_shape *shape,
                      const struct cm_band *band)
{
    return f->far ? on_line(band, &f->all)
                  : f->stretch->rate * cm_reach_mass(&f->reach, shape, band);
}

/* Adds what the stretch answers of a part of a version in one tempo, band by band, if these are the
 * shares of each sum. */
static void add_masses(const struct filling *f, struct sums *s, size_t shape_id,
                       const double *share, size_t tempo)
{
    const struct cm_band *range =
        cm_shapes_ranges(&f->world->shapes, f->tree, shape_id, (enum cm_tempo)tempo);
    const struct cm_shape *shape = &f->world->shapes.list[shape_id];
    double mass = mass_of(f, shape, &shape->tempo[tempo]);
    for (size_t k = 0; k < SUMS; k++)
        s->others[tempo][k] += share[k] * mass;
    for (size_t g = 0; g < f->tree->n_groups; g++) {
        mass = mass_of(f, shape, &range[f->tree->group[g]]);
        for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++)
            groups_of(f, s, outcome, tempo)[g] += share[outcome] * mass;
    }
}

static bool lies_on_line(const struct filling *f, const struct cm_shape *shape)
{
    return f->far || f->reach.nearest >= shape->longest;
}

/* The same in all tempi, on a line if it can be. */
static void add_flow(const struct filling *f, struct sums *s, size_t shape_id, const double *share)
{
    const struct cm_shape *shape = &f->world->shapes.list[shape_id];
    if (lies_on_line(f, shape) && (s->shape == shape_id || s->shape == CM_NO_SHAPE)) {
        s->shape = shape_id;
        add_to_line(&s->line[OK], share[OK], &f->all);
        add_to_line(&s->line[ERROR], share[ERROR], &f->all);
        add_to_line(&s->line[BY_DEFECT], share[BY_DEFECT], &f->all);
        return;
    }
    s->any_others = true;
    for (size_t tempo = 0; tempo < CM_TEMPI; tempo++)
        if (shape->tempo[tempo].p > 0)
            add_masses(f, s, shape_id, share, tempo);
}

/* Slow answers that would have been in time. */
static double slowed_by_defect(const struct filling *f, const struct cm_meets *meets, double share)
{
    double sum = 0;
    for (int i = 0; i < 2; i++) {
        const struct cm_shape *slowed = &f->world->shapes.list[meets->slowed[i].shape];
        if (meets->slowed[i].share > 0)
            sum += share * meets->slowed[i].share * mass_of(f, slowed, &slowed->slowed);
    }
    return sum;
}

/* Whether all that has a shape was answered before the window. */
static bool is_over(const struct filling *f, const struct cm_shape *shape)
{
    return lies_on_line(f, shape) && f->all.inside == 0 && f->all.in_flight == 0;
}

static void add_part(const struct filling *f, struct sums *s, size_t part)
{
    const struct cm_meets *meets = cm_piece_meets(f->world, f->stretch, s->row, part);
    double all = share_of(f->world, f->stretch, s->row, part), failing = all * meets->error;
    if (all <= 0 || (!f->far && f->stretch->rate <= 0))
        return;
    if (meets->slowed[0].share > 0 || meets->slowed[1].share > 0)
        f->means->slowed_by_defect[s->row[0]][s->row[1]] += slowed_by_defect(f, meets, all);
    if (is_over(f, &f->world->shapes.list[meets->shape]))
        return;
    s->tells |= s->error >= 0 && s->error != meets->error;
    s->error = meets->error;
    double by_defect = meets->error > meets->healthy ? all * (meets->error - meets->healthy) : 0;
    add_flow(f, s, meets->shape, (double[SUMS]){all - failing, failing, by_defect});
}

/* Of the canary's answers, those that have been added by now. */
static void take_exposed(const struct filling *f, const struct sums *s)
{
    for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++)
        for (size_t tempo = 0; tempo < CM_TEMPI; tempo++)
            f->means->exposed[s->row[1]][outcome][tempo] = mean_of(f, s, outcome, tempo);
}

/* Newest first, what exposes comes before what does not. */
static void add_stretch(struct filling *f, struct sums *s)
{
    if (s->row[0] == CM_CANARY && !s->older && !cm_world_exposes(f->world, f->stretch->from)) {
        take_exposed(f, s);
        s->older = true;
    }
    for (size_t part = 0; part < cm_piece_parts(f->stretch, s->row[0]); part++)
        add_part(f, s, part);
}

static void begin_row(const struct filling *f, size_t row, struct sums *s)
{
    size_t n = f->world->n_classes;
    *s = (struct sums){.row = {row / n, row % n}, .shape = CM_NO_SHAPE, .error = -1};
    memset(groups_of(f, s, 0, 0), 0, CM_ROW_CELLS * sizeof f->means->group[0]);
    f->means->slowed_by_defect[s->row[0]][s->row[1]] = 0;
}

static void take_cells(const struct filling *f, const struct sums *s)
{
    double by_defect = 0;
    for (size_t tempo = 0; tempo < CM_TEMPI; tempo++) {
        for (size_t o = 0; o < CM_OUTCOMES; o++)
            f->means->cell[cm_cell(f->world->n_classes, s->row[0], s->row[1], o, tempo)] =
                mean_of(f, s, o, tempo);
        by_defect += mean_of(f, s, BY_DEFECT, tempo);
    }
    f->means->failed_by_defect[s->row[0]][s->row[1]] = by_defect;
    if (s->row[0] == CM_CANARY && !s->older)
        take_exposed(f, s);
}

/* Adds the lines to the groups of one tempo. */
static void add_lines(const struct filling *f, const struct sums *s, size_t tempo)
{
    const struct cm_band *range =
        cm_shapes_ranges(&f->world->shapes, f->tree, s->shape, (enum cm_tempo)tempo);
    for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++) {
        double *group = groups_of(f, s, outcome, tempo);
        for (size_t g = 0; g < f->tree->n_groups; g++)
            group[g] += on_line(&range[f->tree->group[g]], &s->line[outcome]);
    }
}

static struct cm_course course_of(const struct sums *s)
{
    struct cm_course course = {.shape = s->any_others ? CM_NO_SHAPE : s->shape, .tells = s->tells};
    for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++) {
        course.inside[s->tells ? outcome : CM_OK] += s->line[outcome].inside;
        course.in_flight[s->tells ? outcome : CM_OK] += s->line[outcome].in_flight;
    }
    return course;
}

static void end_row(const struct filling *f, size_t row, const struct sums *s)
{
    take_cells(f, s);
    for (size_t tempo = 0; tempo < CM_TEMPI && s->shape != CM_NO_SHAPE; tempo++)
        if (f->world->shapes.list[s->shape].tempo[tempo].p > 0)
            add_lines(f, s, tempo);
    f->means->course[row] = course_of(s);
}

static void end_stretch(struct filling *f, struct sums *sums)
{
    for (size_t row = 0; row < f->world->n_versions * f->world->n_classes && f->stretch; row++)
        add_stretch(f, &sums[row]);
    f->stretch = NULL;
    f->all = (struct line){0, 0};
}

/* The piece visited goes on with the stretch of newer ones, or begins another one. */
static void visit(struct filling *f, struct sums *sums)
{
    const struct cm_reach *r = &f->reach;
    bool far = r->nearest >= f->world->shapes.longest;
    if (f->stretch && !(far && f->stretch->same))
        end_stretch(f, sums);
    f->stretch = r->piece;
    f->far = far;
    add_to_line(&f->all, r->piece->rate, &(struct line){r->inside, r->in_flight});
    if (!far)
        end_stretch(f, sums);
}

void cm_means_fill(struct cm_world *w, const struct cm_bucket_tree *tree, const cm_time window[2],
                   struct cm_means *m)
{
    struct filling f = {w, tree, m, cm_reach_begin(w, window[0], window[1]), NULL, {0, 0}, false};
    struct sums sums[CM_ROWS_MAX] = {0};
    size_t n_rows = w->n_versions * w->n_classes;
    for (size_t row = 0; row < n_rows; row++)
        begin_row(&f, row, &sums[row]);
    while (cm_reach_next(&f.reach))
        visit(&f, sums);
    end_stretch(&f, sums);
    for (size_t row = 0; row < n_rows; row++)
        end_row(&f, row, &sums[row]);
}

double cm_course_mean(const struct cm_course *course, size_t outcome, const struct cm_band *band)
{
    return on_line(band, &(struct line){course->inside[outcome], course->in_flight[outcome]});
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
static double cell_intensity(const struct cm_reach *r, const struct cell_parts *c)
{
    const size_t row[2] = {c->version, c->class};
    double error = cm_piece_meets(r->world, r->piece, row, r->part)->error;
    return intensity(r->world, r->piece, row, r->part) * (c->outcome == CM_OK ? 1 - error : error);
}

static size_t shape_at(const struct cm_reach *r, const size_t row[2])
{
    return cm_piece_meets(r->world, r->piece, row, r->part)->shape;
}

double cm_mean_of_cell(const struct cm_world *w, size_t cell, cm_time from, cm_time until)
{
    struct cell_parts c = parts_of(w, cell);
    struct cm_reach r = cm_reach_begin(w, from, until);
    double mean = 0;
    const size_t row[2] = {c.version, c.class};
    while (cm_reach_part(&r, c.version)) {
        const struct cm_shape *shape = &w->shapes.list[shape_at(&r, row)];
        mean += cell_intensity(&r, &c) * cm_reach_mass(&r, shape, &shape->tempo[c.tempo]);
    }
    return mean;
}

void cm_means_of_children(struct cm_world *w, const struct cm_children *c, const cm_time window[2],
                          double means[CM_OUTCOMES][2])
{
    const struct cm_bucket_node *node = &c->tree->node[c->node];
    struct cm_reach r = cm_reach_begin(w, window[0], window[1]);
    const size_t row[2] = {c->row / w->n_classes, c->row % w->n_classes};
    memset(means, 0, CM_OUTCOMES * sizeof means[0]);
    for (const struct cm_piece *piece; (piece = cm_reach_part(&r, row[0])) != NULL;) {
        const struct cm_meets *meets = cm_piece_meets(w, piece, row, r.part);
        double rate = intensity(w, piece, row, r.part);
        if (rate <= 0)
            continue;
        const double rates[CM_OUTCOMES] = {rate * (1 - meets->error), rate * meets->error};
        const struct cm_band *range = cm_shapes_ranges(&w->shapes, c->tree, meets->shape, c->tempo);
        const struct cm_shape *shape = &w->shapes.list[meets->shape];
        double left = cm_reach_mass(&r, shape, &range[node->left]);
        double right = cm_reach_mass(&r, shape, &range[node->right]);
        for (size_t outcome = 0; outcome < CM_OUTCOMES; outcome++) {
            means[outcome][0] += rates[outcome] * left;
            means[outcome][1] += rates[outcome] * right;
        }
    }
}

/* The longest latency of what arrived at a row in a piece, s; below 0 if nothing did. */
static double longest_in(const struct cm_reach *r, const struct cm_piece *piece,
                         const size_t row[2])
{
    double longest = -1;
    for (size_t k = 0; k < cm_piece_parts(piece, row[0]); k++) {
        double own = r->world->shapes.list[cm_piece_meets(r->world, piece, row, k)->shape].longest;
        if (intensity(r->world, piece, row, k) > 0 && own > longest)
            longest = own;
    }
    return longest;
}

/* Whether nothing of a row that was answered after r->from arrived before `piece`, the last. The
 * visit itself may go further back, as it knows the longest of all shapes only. */
static bool settled(struct cm_reach r, const struct cm_piece *piece, const size_t row[2])
{
    if (cm_seconds(r.from - piece->from) < longest_in(&r, piece, row))
        return false;
    for (piece = cm_reach_next(&r); piece; piece = cm_reach_next(&r))
        if (cm_seconds(r.from - piece->until) < longest_in(&r, piece, row))
            return false;
    return true;
}

bool cm_means_stay(const struct cm_world *w, cm_time from, cm_time until)
{
    struct cm_reach r = cm_reach_begin(w, from, until);
    const struct cm_piece *piece = cm_reach_next(&r);
    if (!piece || piece->until < until)
        return false;
    for (size_t row = 0; row < w->n_versions * w->n_classes; row++) {
        const size_t at[2] = {row / w->n_classes, row % w->n_classes};
        if (piece->parts[at[0]].n > 0 || !settled(r, piece, at))
            return false;
    }
    return true;
}

double cm_mean_of_bucket(struct cm_world *w, const size_t row[2], size_t bucket, cm_time from,
                         cm_time until)
{
    struct cm_reach r = cm_reach_begin(w, from, until);
    double mean = 0;
    for (const struct cm_piece *piece; (piece = cm_reach_part(&r, row[0])) != NULL;) {
        size_t shape = shape_at(&r, row);
        double rate = intensity(w, piece, row, r.part);
        for (size_t tempo = 0; tempo < CM_TEMPI && rate > 0; tempo++) {
            const struct cm_band *part =
                cm_shapes_buckets(&w->shapes, shape, (enum cm_tempo)tempo) + bucket;
            mean += rate * cm_reach_mass(&r, &w->shapes.list[shape], part);
        }
    }
    return mean;
}
