/* What is in flight when the history begins: as if traffic had always been as it is then.
 *
 * Of a Poisson flow of rate r, those that arrived a seconds ago and are still unanswered are again
 * Poisson, with intensity r P(L > a) (M/G/infinity). Ages are cut into octaves down from the
 * longest latency considered; of an octave (a, 2a] only requests with L > a are drawn, by inversion
 * of the tail, and kept if L exceeds their own age: one in two or better, however heavy the tail
 * is.
 *
 * Assumes that nothing was under load before: where load matters, the history fills up from there.
 */
#include "sim/engine/requests.h"

#define OCTAVES 24 /* below 2^-24 of the longest latency all ages are taken together */

/* The flow of one kind of request: one class, one part of its latency law. */
struct source {
    struct cm_requests *r;
    struct cm_rng rng;
    const struct cm_law_kind *law;
    const void *options;
    double rate;         /* requests per second */
    double below, share; /* of u: a part of stable, all of this is its */
    const struct cm_terms_row *row;
};

/* The L of which the latency is x. */
static double inverse(const struct cm_terms_row *row, double x)
{
    if (row->times > 0)
        return (x - row->plus_s) / row->times;
    return row->plus_s > x ? 0 : INFINITY;
}

static void set_out(struct source *s, double age, double law)
{
    struct cm_requests *r = s->r;
    const struct cm_terms_row *row = s->row;
    double u = s->below + s->share * cm_rng_unit(&s->rng),
           latency = cm_terms_latency(row, law, false);
    if (latency <= age)
        return;
    cm_time at = r->from + 1 + (cm_time)fmin((latency - age) * 1e9, CM_REQUESTS_LONGEST_NS);
    cm_requests_wait(r, at, cm_terms_mark(&r->terms, row, u, latency, latency), CM_STABLE);
}

/* Those whose age is within (young, old]. */
static void octave(struct source *s, double young, double old)
{
    double least = inverse(s->row, young);
    double tail = least > 0 ? s->law->tail(s->options, least) : 1;
    for (uint64_t n = cm_draw_poisson(&s->rng, s->rate * (old - young) * tail); n > 0; n--) {
        double age = young + (old - young) * cm_rng_unit(&s->rng);
        double law = s->law->quantile(s->options, 1 - tail * cm_rng_open(&s->rng));
        set_out(s, age, law);
    }
}

static void set_out_all(struct cm_requests *r, const struct cm_piece *piece, size_t k, size_t a)
{
    const struct cm_terms_arm *arm = &r->terms.arm[a];
    const struct cm_batch_kind *kind = &r->batch.kinds[k];
    const size_t row[2] = {arm->version, kind->class};
    uint64_t block = arm->part > 0 ? cm_rng_mix2(k, arm->part) : k;
    struct source s = {
        .r = r,
        .rng =
            cm_rng_stream(r->plan->scenario->run.seed, r->replication, r->underway_purpose, block),
        .law = kind->law,
        .options = kind->options,
        .rate = piece->rate * kind->share * arm->share,
        .below = r->terms.until[a] - arm->share,
        .share = arm->share,
        .row = cm_terms_row(&r->terms, k, a),
    };
    size_t shape = cm_piece_meets(r->world, piece, row, arm->part)->shape;
    double old = r->world->shapes.list[shape].longest;
    for (int i = 0; i < OCTAVES; i++, old /= 2)
        octave(&s, old / 2, old);
    octave(&s, 0, old);
}

/* All that was under way before the release is stable's. */
void cm_requests_underway(struct cm_requests *r, const struct cm_piece *piece)
{
    const struct cm_world *w = r->world;
    if (piece->from >= r->from) /* recorded requests before the history belong to nobody */
        return;
    cm_terms_set(&r->terms, w, &r->batch, piece);
    for (size_t k = 0; k < r->batch.n_kinds; k++)
        for (size_t a = 0; a < r->terms.n_arms; a++)
            if (r->terms.arm[a].share > 0)
                set_out_all(r, piece, k, a);
}
