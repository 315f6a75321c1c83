/* Mixtures of laws. A mixture's cdf, tail and partial mean are the weighted sums of its parts';
 * its quantile has no closed form but lies between those of its parts, where bisection finds it.
 *
 * Assumes that the parts of a mixture are drawn anew for every duration. */
#include "sim/service/law.h"

#include <assert.h>
#include <math.h>

#include "sim/service/bisect.h"

#define CM_LAW_KIND(name) extern const struct cm_law_kind cm_law_##name;
#include "sim/service/laws.def"
#undef CM_LAW_KIND

const struct cm_law_kind *const cm_law_kinds[] = {
#define CM_LAW_KIND(name) &cm_law_##name,
#include "sim/service/laws.def"
#undef CM_LAW_KIND
    NULL,
};

double cm_law_cdf(const struct cm_law *law, double x)
{
    double sum = 0;
    if (x < 0)
        return 0;
    for (size_t i = 0; i < law->n; i++)
        sum += law->part[i].weight * law->part[i].kind->cdf(law->part[i].options, x);
    return sum;
}

double cm_law_tail(const struct cm_law *law, double x)
{
    double sum = 0;
    if (x < 0)
        return 1;
    for (size_t i = 0; i < law->n; i++)
        sum += law->part[i].weight * law->part[i].kind->tail(law->part[i].options, x);
    return sum;
}

static double partial_mean(const struct cm_law *law, double x)
{
    double sum = 0;
    for (size_t i = 0; i < law->n; i++)
        sum += law->part[i].weight * law->part[i].kind->partial_mean(law->part[i].options, x);
    return sum;
}

double cm_law_partial_mean(const struct cm_law *law, double x)
{
    if (x <= 0)
        return 0;
    return isinf(x) ? cm_law_mean(law) : partial_mean(law, x);
}

/* Beyond `longest` what is left out is the integral of a tail below CM_LAW_REST. */
double cm_law_outflow(const struct cm_law *law, double x)
{
    if (x <= 0)
        return 0;
    if (x >= law->longest)
        return x - cm_law_mean(law);
    return fmax(0, x * cm_law_cdf(law, x) - partial_mean(law, x));
}

double cm_law_mean(const struct cm_law *law)
{
    assert(law->mean >= 0); /* NAN: cm_law_prepare was forgotten */
    return law->mean;
}

/* A level asked of a mixture; the smaller of its two halves is the accurate one. */
struct level {
    const struct cm_law *law;
    double p;
};

static bool reached(const void *self, double x)
{
    const struct level *level = self;
    return level->p <= 0.5 ? cm_law_cdf(level->law, x) >= level->p
                           : cm_law_tail(level->law, x) <= 1 - level->p;
}

double cm_law_quantile(const struct cm_law *law, double p)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < law->n; i++) {
        double x = law->part[i].kind->quantile(law->part[i].options, p);
        low = fmin(low, x);
        high = fmax(high, x);
    }
    if (isinf(high) || !(low < high))
        return high;
    return cm_bisect(reached, &(struct level){law, p}, low, high);
}

double cm_law_draw(const struct cm_law *law, struct cm_rng *rng)
{
    size_t i = 0;
    if (law->n > 1) {
        double u = cm_rng_unit(rng);
        for (; i + 1 < law->n && u >= law->part[i].weight; i++)
            u -= law->part[i].weight;
    }
    return law->part[i].kind->draw(law->part[i].options, rng);
}

/* The rest is shared out evenly: beyond the greatest of these no part leaves more than its own. */
static double longest(const struct cm_law *law)
{
    static const double ROUNDING = 0.9; /* 1 - p keeps four digits of the rest */
    double most = 0;
    for (size_t i = 0; i < law->n; i++) {
        double rest = ROUNDING * CM_LAW_REST / ((double)law->n * law->part[i].weight);
        if (rest < 1)
            most = fmax(most, law->part[i].kind->quantile(law->part[i].options, 1 - rest));
    }
    return most;
}

int cm_law_prepare(struct cm_law *law, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    for (size_t i = 0; i < law->n; i++) {
        const struct cm_kind *kind = &law->part[i].kind->kind;
        if (kind->prepare && kind->prepare(law->part[i].options, source, file, arena, err))
            return -1;
    }
    law->mean = partial_mean(law, INFINITY);
    law->longest = longest(law);
    return 0;
}
