/* Towards the instant, half by half; see the header. */
#include "sim/engine/halving.h"

#include "sim/base/draw.h"

/* Of `count` events in (from, until], of mean `whole`, those in the first half, of mean `left`. */
static uint64_t split(const struct cm_halved *h, uint64_t count, const cm_time within[2],
                      double whole, double left)
{
    const struct cm_ledger *l = h->ledger;
    if (whole <= 0)
        return 0;
    uint64_t block = cm_rng_mix2(cm_rng_mix2((uint64_t)within[0], (uint64_t)within[1]), h->key);
    struct cm_rng rng =
        cm_rng_stream(l->plan->scenario->run.seed, l->replication, l->halving_purpose, block);
    return cm_draw_binomial(&rng, count, left >= whole ? 1 : left / whole);
}

uint64_t cm_halve(const struct cm_halved *h, uint64_t count, const cm_time block[2], cm_time at)
{
    cm_time from = block[0], until = block[1];
    uint64_t before = 0;
    double whole = count > 0 && at > from && at < until ? h->mean(h, from, until) : 0;
    while (count > 0 && at > from && at < until) {
        cm_time middle = from + (until - from) / 2;
        double left_mean = h->mean(h, from, middle);
        uint64_t left = split(h, count, (cm_time[2]){from, until}, whole, left_mean);
        if (at <= middle) {
            until = middle;
            count = left;
            whole = left_mean;
        } else {
            from = middle;
            before += left;
            count -= left;
            whole = h->mean(h, from, until);
        }
    }
    return at >= until ? before + count : before;
}
