/* Designs: points that fill a box of any number of dimensions evenly.
 *
 * `sobol n`: the first n points of Sobol's sequence (Sobol 1967; Bratley and Fox, ACM TOMS 14,
 * 1988), without scrambling and without the corner at 0: 1/2, 3/4, 1/4, ... in each dimension. More
 * points continue what fewer began.
 *
 * `lhs n`: a Latin hypercube (McKay, Beckman and Conover, Technometrics 21, 1979): each dimension
 * is cut into n strata, and each stratum holds one point, at a random place of it. A different
 * `seed` is a different hypercube; the seed of the scenario has no part in it. */
#include <gsl/gsl_qrng.h>
#include <string.h>

#include "sim/base/reading.h"
#include "sim/base/rng.h"
#include "sim/scenario/sweep_parts.h"

/* GSL's has 40 dimensions, more than a sweep has variables. */
const double *cm_sweep_sobol(size_t points, size_t dimensions, struct cm_arena *arena)
{
    double *u = cm_arena_alloc(arena, points * dimensions * sizeof *u);
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions);
    for (size_t i = 0; i < points; i++)
        gsl_qrng_get(sequence, u + i * dimensions);
    gsl_qrng_free(sequence);
    return u;
}

/* One dimension: strata in random order (Fisher and Yates), then a place in each. */
static void fill_dimension(double *u, size_t points, size_t dimensions, struct cm_rng *rng)
{
    for (size_t i = 0; i < points; i++)
        u[i * dimensions] = (double)i;
    for (size_t i = points; i > 1; i--) {
        size_t k = (size_t)(cm_rng_unit(rng) * (double)i);
        double kept = u[(i - 1) * dimensions];
        u[(i - 1) * dimensions] = u[k * dimensions];
        u[k * dimensions] = kept;
    }
    for (size_t i = 0; i < points; i++) {
        double within = cm_rng_unit(rng);
        u[i * dimensions] = (u[i * dimensions] + within) / (double)points;
    }
}

const double *cm_sweep_lhs(size_t points, size_t dimensions, uint64_t seed, struct cm_arena *arena)
{
    double *u = cm_arena_alloc(arena, points * dimensions * sizeof *u);
    for (size_t d = 0; d < dimensions; d++) {
        struct cm_rng rng = cm_rng_stream(seed, 0, cm_rng_purpose("sweep.lhs"), d);
        fill_dimension(u + d, points, dimensions, &rng);
    }
    return u;
}

/* --- [study] sample --- */

static struct cm_slice next_word(struct cm_slice *rest)
{
    struct cm_slice word = {rest->at, 0};
    while (word.length < rest->length && rest->at[word.length] != ' ')
        word.length++;
    *rest = cm_slice_trim((struct cm_slice){rest->at + word.length, rest->length - word.length});
    return word;
}

static bool read_count(struct cm_slice word, double most, uint64_t *count)
{
    double value = 0;
    if (!cm_sweep_number(word, &value) || value < 1 || value > most ||
        value != (double)(uint64_t)value)
        return false;
    *count = (uint64_t)value;
    return true;
}

static void fail(struct cm_sweeping *s, const char *text)
{
    cm_diag_add(s->diags, CM_DIAG_SWEEP_SAMPLE, cm_ini_value_place(s->sample, 0, 0),
                "[study] sample: %s", text);
}

/* "sobol 64", "lhs 64", "lhs 64 seed 3"; false = none of these. */
static bool read_sample(struct cm_sweeping *s)
{
    const double largest_seed = 9e15;
    struct cm_slice rest = cm_slice_trim(cm_slice_of(s->sample->value));
    struct cm_slice method = next_word(&rest), points = next_word(&rest);
    uint64_t n = 0;
    s->method = cm_slice_is(method, "sobol") ? CM_SAMPLE_SOBOL : CM_SAMPLE_LHS;
    if ((s->method == CM_SAMPLE_LHS && !cm_slice_is(method, "lhs")) ||
        !read_count(points, CM_SWEEP_CELLS, &n))
        return false;
    s->points = (size_t)n;
    s->seed = 1;
    if (!rest.length)
        return true;
    struct cm_slice word = next_word(&rest);
    return s->method == CM_SAMPLE_LHS && cm_slice_is(word, "seed") &&
           read_count(rest, largest_seed, &s->seed);
}

void cm_sweep_sample(struct cm_sweeping *s)
{
    struct cm_arena *arena = &s->sweep->arena;
    if (!s->sample)
        return;
    if (!read_sample(s))
        fail(s, "it is 'sobol 64', 'lhs 64' or 'lhs 64 seed 3': a method and how many points");
    else if (s->dimensions == 0)
        fail(s, "there is no range to sample: ${10..100}, ${10..1k log} or ${1..10 whole}");
    else
        s->design = s->method == CM_SAMPLE_SOBOL
                        ? cm_sweep_sobol(s->points, s->dimensions, arena)
                        : cm_sweep_lhs(s->points, s->dimensions, s->seed, arena);
}
