/* PCG64-DXSM as a generator of the GNU Scientific Library, for code written against gsl_rng.
 *
 *     gsl_rng *r = gsl_rng_alloc(cm_rng_gsl_pcg64dxsm);
 *     cm_rng_gsl_assign(r, cm_rng_stream(seed, replication, cm_rng_purpose("mine"), 0));
 *
 * gsl_rng_get then gives what cm_rng_next would, gsl_rng_uniform what cm_rng_unit would. Note that
 * some of GSL's samplers use only 32 bits of each word (gsl_ran_gaussian_ziggurat). */
#ifndef CM_RNG_GSL_H
#define CM_RNG_GSL_H

#include <gsl/gsl_rng.h>

#include "sim/base/rng.h"

extern const gsl_rng_type *const cm_rng_gsl_pcg64dxsm;

/* Continues `from` in `r`, which must be of the type above. gsl_rng_set(r, s) instead takes the
 * stream cm_rng_stream(s, 0, 0, 0). */
void cm_rng_gsl_assign(gsl_rng *r, struct cm_rng from);

#endif
