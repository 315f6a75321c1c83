/* The generators of the vectors, one interface. PCG32, PCG64 (XSL-RR) and numpy's SeedSequence
 * exist only here; PCG64-DXSM is the product's own code behind the same interface. */
#ifndef PCG_MODELS_H
#define PCG_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/rng.h"

struct pcg {
    cm_u128 state, increment;
};

struct pcg_model {
    const char *name;
    unsigned state_bits, output_bits;
    uint64_t (*next)(struct pcg *rng);
    double (*unit)(struct pcg *rng); /* NULL = no doubles of 53 bits */
    struct pcg (*seed)(cm_u128 initstate, cm_u128 initseq);
    void (*advance)(struct pcg *rng, cm_u128 delta);
};

extern const struct pcg_model pcg32_model, pcg64_model, pcg64dxsm_model;

/* numpy's PCG64DXSM: the two seeding steps use the multiplier of PCG64 (numpy issue 22472). */
struct pcg pcg64dxsm_seed_as_numpy(cm_u128 initstate, cm_u128 initseq);

/* numpy.random.SeedSequence(entropy).generate_state(4, uint64), entropy in 32-bit words. */
void seed_sequence(const uint32_t *entropy, size_t n, uint64_t words[4]);

#endif
