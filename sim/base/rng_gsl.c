/* The adaptor: GSL calls through pointers and allocates the state, the arithmetic stays in rng.h.
 */
#include "sim/base/rng_gsl.h"

#include <assert.h>
#include <limits.h>

static void set(void *state, unsigned long seed)
{
    *(struct cm_rng *)state = cm_rng_stream(seed, 0, 0, 0);
}

static unsigned long get(void *state)
{
    return cm_rng_next(state);
}

static double get_double(void *state)
{
    return cm_rng_unit(state);
}

static const gsl_rng_type type = {
    .name = "pcg64dxsm",
    .max = ULONG_MAX,
    .min = 0,
    .size = sizeof(struct cm_rng),
    .set = set,
    .get = get,
    .get_double = get_double,
};

const gsl_rng_type *const cm_rng_gsl_pcg64dxsm = &type;

void cm_rng_gsl_assign(gsl_rng *r, struct cm_rng from)
{
    assert(r->type == &type);
    *(struct cm_rng *)r->state = from;
}
