/* Requests that go to users not touched yet are binomial, given the share of those; how many
 * different ones they meet there is an urn by itself, drawn
 *
 *   - request by request, while there are few for each user;
 *   - user by user, each one's part binomial given the rest (beta-binomial), where there are many;
 *   - beyond EXACT of both as a binomial (or normal) variable with the exact mean and the leading
 *     term of the variance, of whatever is rarer: users without a request, or requests that meet a
 *     user again. Its relative error is of order 1 / EXACT.
 *
 * The work is thus bounded, whatever the population and the traffic are. */
#include "sim/engine/urn.h"

#include <math.h>

#include "sim/base/draw.h"
#include "sim/stats/occupancy.h"

enum { EXACT = 16384, CROWDED = 16 };

static uint64_t one_by_one(const struct cm_urn *urn, uint64_t requests, struct cm_rng *rng)
{
    double users = (double)urn->users, shape = urn->shape, touched = 0;
    for (uint64_t i = 0; i < requests && touched < users; i++) {
        double whole = isinf(shape) ? users : users + (double)i / shape;
        touched += cm_rng_unit(rng) * whole < users - touched;
    }
    return (uint64_t)touched;
}

static uint64_t user_by_user(const struct cm_urn *urn, uint64_t requests, struct cm_rng *rng)
{
    uint64_t touched = 0;
    for (uint64_t left = urn->users; left > 0 && requests > 0; left--) {
        double part = 1 / (double)left;
        if (left > 1 && !isinf(urn->shape))
            part = cm_draw_beta(rng, urn->shape, urn->shape * (double)(left - 1));
        uint64_t own = cm_draw_binomial(rng, requests, left > 1 ? part : 1);
        requests -= own;
        touched += own > 0;
    }
    return touched;
}

/* A count with this mean and variance, from 0 to `most`. */
static double count_like(double mean, double variance, double most, struct cm_rng *rng)
{
    if (mean <= 0)
        return 0;
    double n = variance < mean ? ceil(mean * mean / (mean - variance)) : INFINITY;
    if (n < (double)CM_BINOMIAL_MAX_N)
        return fmin(most, (double)cm_draw_binomial(rng, (uint64_t)n, fmin(1, mean / n)));
    return fmin(most, fmax(0, floor(mean + sqrt(variance) * cm_draw_normal(rng) + 0.5)));
}

static uint64_t at_large(const struct cm_urn *urn, uint64_t requests, struct cm_rng *rng)
{
    const struct cm_occupancy o = {(double)urn->users, urn->shape, (double)requests};
    double mean = cm_occupancy_mean(&o), variance = cm_occupancy_variance(&o);
    double most = fmin(o.users, o.requests);
    if (o.users - mean < o.requests - mean)
        return (uint64_t)(o.users - count_like(o.users - mean, variance, o.users - 1, rng));
    return (uint64_t)fmin(most, o.requests -
                                    count_like(o.requests - mean, variance, o.requests - 1, rng));
}

static uint64_t draw_fresh(const struct cm_urn *urn, uint64_t requests, struct cm_rng *rng)
{
    if (requests <= 1 || urn->users <= 1)
        return requests < urn->users ? requests : requests > 0 ? urn->users : 0;
    if (urn->users > EXACT && requests > EXACT)
        return at_large(urn, requests, rng);
    if (requests / CROWDED <= urn->users)
        return one_by_one(urn, requests, rng);
    return user_by_user(urn, requests, rng);
}

uint64_t cm_urn_draw(const struct cm_urn *urn, uint64_t requests, struct cm_rng *rng)
{
    const struct cm_urn fresh = {.shape = urn->shape, .users = urn->users - urn->touched};
    if (fresh.users == 0)
        return 0;
    if (urn->touched > 0) {
        double part = (double)fresh.users / (double)urn->users;
        if (!isinf(urn->shape))
            part = cm_draw_beta(rng, urn->shape * (double)fresh.users,
                                urn->shape * (double)urn->touched + (double)urn->requests);
        requests = cm_draw_binomial(rng, requests, part);
    }
    return draw_fresh(&fresh, requests, rng);
}
