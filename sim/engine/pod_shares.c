/* One walk over the pieces of which something is still unanswered. Sums from the last pod to the
 * first make the last one's chance exactly one where nothing is lost. */
#include "sim/engine/pod_shares.h"

#include <string.h>

#include "sim/base/mem.h"

/* Series of a class; buckets follow (scrapes.h). */
enum { RIGHT, FAILED, BUCKETS };

void cm_pod_shares_init(struct cm_pod_shares *s, struct cm_world *w, size_t version,
                        size_t n_buckets, size_t n_pods)
{
    *s = (struct cm_pod_shares){
        .world = w,
        .version = version,
        .n_pods = n_pods,
        .n_buckets = n_buckets,
        .per_class = BUCKETS + n_buckets,
    };
    s->rest = cm_alloc(w->n_classes * s->per_class * (n_pods + 1) * sizeof *s->rest);
    s->of_bucket = cm_alloc((n_buckets + 1) * sizeof *s->of_bucket);
}

void cm_pod_shares_release(struct cm_pod_shares *s)
{
    cm_free(s->rest);
    cm_free(s->of_bucket);
    *s = (struct cm_pod_shares){0};
}

/* Pieces 0 .. the result - 1 end at or before the instant. */
static size_t ended_by(const struct cm_world *w, cm_time at)
{
    size_t low = 0, high = w->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cm_world_piece(w, middle)->until <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct cm_lives cm_lives_at(const struct cm_world *w, size_t version, cm_time at)
{
    size_t i = ended_by(w, at);
    const struct cm_piece *piece = cm_world_piece(w, i), *next;
    cm_time until = piece->until;
    for (i++; i < w->n; i++, until = next->until) {
        next = cm_world_piece(w, i);
        if (next->parts[version].changes != piece->parts[version].changes)
            break;
    }
    return (struct cm_lives){piece, until};
}

/* What one part of a version answers in the window, of a unit flow. */
struct answered {
    double share; /* of the version, of each of its pods */
    double mass;
    size_t class;
};

static double mass(const struct cm_shape *shape, const struct cm_band *band,
                   const struct cm_piece *piece, const cm_time window[2])
{
    const double arrive[2] = {cm_seconds(piece->from - window[0]),
                              cm_seconds(piece->until - window[0])};
    const double answer[2] = {0, cm_seconds(window[1] - window[0])};
    return cm_shape_mass(shape, band, arrive, answer);
}

/* Masses of a latency: of all, and of each bucket into s->of_bucket. */
static double weigh(struct cm_pod_shares *s, size_t shape, const struct cm_piece *piece,
                    const cm_time window[2])
{
    struct cm_shapes *shapes = &s->world->shapes;
    double all = 0;
    memset(s->of_bucket, 0, (s->n_buckets + 1) * sizeof *s->of_bucket);
    for (size_t tempo = 0; tempo < CM_TEMPI; tempo++) {
        all += mass(&shapes->list[shape], &shapes->list[shape].tempo[tempo], piece, window);
        for (size_t b = 0; b < s->n_buckets; b++)
            s->of_bucket[b] +=
                mass(&shapes->list[shape],
                     &cm_shapes_buckets(shapes, shape, (enum cm_tempo)tempo)[b], piece, window);
    }
    return all;
}

/* Adds the answers of one pod, or of nobody (`pod` = n_pods). */
static void add(struct cm_pod_shares *s, size_t pod, const struct answered *a, double error)
{
    double *first = s->rest + a->class * s->per_class * (s->n_pods + 1) + pod;
    first[RIGHT * (s->n_pods + 1)] += a->share * a->mass * (1 - error);
    first[FAILED * (s->n_pods + 1)] += a->share * a->mass * error;
    for (size_t b = 0; b < s->n_buckets; b++)
        first[(BUCKETS + b) * (s->n_pods + 1)] += a->share * s->of_bucket[b];
}

/* Those of a part's pods that were asked in the life that goes on count it. */
static void add_part(struct cm_pod_shares *s, const struct cm_piece *piece, size_t part,
                     const struct answered *a)
{
    const struct cm_parts *parts = &piece->parts[s->version];
    for (size_t i = 0; i < s->n_pods; i++) {
        const struct cm_parts_pod *pod = &parts->pods[i];
        bool counts = pod->life > 0 && pod->life == s->alive[i].life;
        if (pod->part == (int)part)
            add(s, counts ? i : s->n_pods, a, parts->error[i * s->world->n_classes + a->class]);
    }
}

static void add_piece(struct cm_pod_shares *s, const struct cm_piece *piece,
                      const cm_time window[2])
{
    const struct cm_parts *parts = &piece->parts[s->version];
    for (size_t class = 0; class < s->world->n_classes; class ++) {
        const size_t row[2] = {s->version, class};
        struct answered a = {.class = class};
        a.share = piece->rate * piece->split[class][s->version] * s->world->classes[class].share;
        a.share /= parts->balanced > 0 ? (double)parts->balanced : 1;
        for (size_t k = 0; k < cm_piece_parts(piece, s->version) && a.share > 0; k++) {
            const struct cm_meets *meets = cm_piece_meets(s->world, piece, row, k);
            a.mass = weigh(s, meets->shape, piece, window);
            if (parts->balanced > 0)
                add_part(s, piece, k, &a);
            else
                add(s, s->n_pods, &a, meets->error);
        }
    }
}

void cm_pod_shares_set(struct cm_pod_shares *s, const struct cm_piece *alive, cm_time from,
                       cm_time until)
{
    const struct cm_world *w = s->world;
    size_t rows = w->n_classes * s->per_class;
    const cm_time window[2] = {from, until};
    s->alive = alive->parts[s->version].pods;
    memset(s->rest, 0, rows * (s->n_pods + 1) * sizeof *s->rest);
    for (size_t i = w->n; i-- > 0;) {
        const struct cm_piece *piece = cm_world_piece(w, i);
        if (cm_seconds(from - piece->until) > w->shapes.longest)
            break;
        if (piece->from < until)
            add_piece(s, piece, window);
    }
    for (size_t row = 0; row < rows; row++)
        for (size_t i = s->n_pods; i-- > 0;)
            s->rest[row * (s->n_pods + 1) + i] += s->rest[row * (s->n_pods + 1) + i + 1];
}
