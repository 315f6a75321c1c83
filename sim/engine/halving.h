/* Halving: what a count of a block was at an instant inside it.
 *
 * The block is halved, and the half again, until the instant is found. The split of a count is
 * binomial with the ratio of the means, its stream is keyed by the half itself, so that the answer
 * depends on the instant alone and no reader moves another's numbers; it takes about log2(count)
 * draws and nothing is stored. */
#ifndef CM_HALVING_H
#define CM_HALVING_H

#include "sim/engine/ledger.h"

/* A count and what its stream and its mean depend on. */
struct cm_halved {
    const struct cm_ledger *ledger;
    uint64_t key; /* cell or bucket */
    double (*mean)(const struct cm_halved *h, cm_time from, cm_time until);
    size_t cell, bucket; /* of a bucket the cell is its version x class */
};

/* Of `count` events in (block[0], block[1]], those up to `at`. */
uint64_t cm_halve(const struct cm_halved *h, uint64_t count, const cm_time block[2], cm_time at);

#endif
