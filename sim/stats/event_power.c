/* Sums run over the canary's errors within REACH standard deviations of their mean: what is left
 * out is below 1e-15. Where those are more than POINTS either way, every n-th stands for n: the
 * terms then change little from one to the next. c(x1) is found from that of the count before by
 * doubling the step, then halving. */
#include "sim/stats/event_power.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/incomplete_gamma.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/root.h"

enum { REACH = 9, POINTS = 1000 };

/* From here on GSL's incomplete gamma functions and their inverse begin to fail. */
static const double many = 1e5;

/* The smaller of P(Poi(mean) >= k) and its complement: k! cancels in k Poi(k; mean) of the scaled
 * incomplete gamma functions. */
static double smaller_tail(double mean, double k)
{
    double scaled =
        mean < k ? cm_incomplete_gamma_log_lower(k, mean) : cm_incomplete_gamma_log_upper(k, mean);
    return exp(scaled + log(k) + cm_point_mass_poisson(k, mean));
}

/* P(Poi(mean) >= k), k >= 0. */
static double at_least(double mean, double k)
{
    if (k <= 0)
        return 1;
    if (fmin(mean, k) <= many)
        return gsl_cdf_gamma_P(mean, k, 1);
    return mean < k ? smaller_tail(mean, k) : 1 - smaller_tail(mean, k);
}

/* P(Poi(mean) <= k). */
static double at_most(double mean, double k)
{
    if (k < 0)
        return 0;
    if (fmin(mean, k) <= many)
        return gsl_cdf_gamma_Q(mean, k + 1, 1);
    return mean < k + 1 ? 1 - smaller_tail(mean, k + 1) : smaller_tail(mean, k + 1);
}

/* --- against a control --- */

struct region {
    double share, alpha; /* the canary's share of both arms' requests */
    double x0;           /* c of the last x1 asked for; -1 = none rejects */
};

static bool rejects(const struct region *r, double x0, double x1)
{
    return x1 > 0 && cm_beta_law_below(x1, x0 + 1, r->share, 1 - r->share) <= r->alpha;
}

/* c(x1), which is not below c of a smaller x1. */
static double most_errors(struct region *r, double x1)
{
    double low = r->x0, step = 1;
    if (!rejects(r, low + 1, x1))
        return low;
    while (rejects(r, low + step, x1))
        low += step, step *= 2;
    for (double high = low + step; high - low > 1;) {
        double middle = floor((low + high) / 2);
        if (rejects(r, middle, x1))
            low = middle;
        else
            high = middle;
    }
    return r->x0 = low;
}

static double compared(const struct cm_event_plan *plan, double mean0, double mean1)
{
    struct region region = {
        .share = plan->canary_share / (plan->canary_share + plan->control_share),
        .alpha = plan->alpha,
        .x0 = -1,
    };
    double reach = REACH * (sqrt(mean1) + 2), power = 0, each = fmax(1, floor(reach / POINTS));
    for (double x1 = fmax(0, ceil(mean1 - reach)); x1 <= mean1 + reach; x1 += each) {
        double most = most_errors(&region, x1);
        power += each * exp(cm_point_mass_poisson(x1, mean1)) * at_most(mean0, most);
    }
    return fmin(power, 1);
}

/* --- against a known rate --- */

/* The least count that rejects. */
static double critical(double mean, double alpha)
{
    double low = 0, high = 1;
    while (at_least(mean, high) > alpha)
        low = high, high *= 2;
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (at_least(mean, middle) > alpha)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double cm_event_power(const struct cm_event_plan *plan, double seconds)
{
    double requests = plan->rate * seconds;
    double mean1 = requests * plan->canary_share * plan->p1;
    assert(plan->canary_share > 0 && plan->rate > 0 && seconds > 0);
    if (mean1 <= 0)
        return 0;
    if (plan->control_share > 0)
        return compared(plan, requests * plan->control_share * plan->p0, mean1);
    double healthy = requests * plan->canary_share * plan->p0;
    return at_least(mean1, critical(healthy, plan->alpha));
}

/* --- planning --- */

struct tail {
    double k, probability;
};

static double tail_excess(double mean, const void *context)
{
    const struct tail *t = context;
    return at_least(mean, t->k) - t->probability;
}

/* The mean at which P(Poi(mean) >= k) is `probability`. By a root where
 * gsl_cdf_gamma_Pinv no longer converges. */
static double mean_with(double probability, double k)
{
    const double tolerance = 1e-14;
    if (k <= many)
        return gsl_cdf_gamma_Pinv(probability, k, 1);
    struct tail tail = {k, probability};
    double low = k, high = k, step = sqrt(k) + 1;
    for (; low > 0 && tail_excess(low, &tail) > 0; step *= 2)
        low = fmax(0, low - step);
    for (; tail_excess(high, &tail) < 0; step *= 2)
        high += step;
    return cm_root_brent(&(struct cm_function){tail_excess, &tail}, low, high, tolerance * k);
}

/* Whether k errors, from when they are needed on, are likely enough. While k - 1 errors reject no
 * longer and k do, the power rises; where k begins to be needed it is least. */
static bool settles(const struct cm_event_plan *plan, double power, double k)
{
    if (k < 2)
        return false;
    double healthy = mean_with(plan->alpha, k - 1);
    return at_least(healthy / plan->p0 * plan->p1, k) >= power;
}

/* From when on k errors are both likely enough and about to be too few. */
static double stretch(const struct cm_event_plan *plan, double power, double k)
{
    return fmin(mean_with(power, k) / plan->p1, mean_with(plan->alpha, k) / plan->p0) /
           (plan->rate * plan->canary_share);
}

/* Against a known rate: the power has teeth, which get smaller. It holds for good within the
 * stretch of the last k that does not settle; INFINITY once that is past the longest. */
static double known_time(const struct cm_event_plan *plan, double power, double longest)
{
    double low = 1, high = 2;
    if (plan->p0 <= 0)
        return mean_with(power, 1) / (plan->rate * plan->canary_share * plan->p1);
    for (; !settles(plan, power, high); high *= 2) {
        low = high;
        if (stretch(plan, power, low) > longest)
            return INFINITY;
    }
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (settles(plan, power, middle))
            high = middle;
        else
            low = middle;
    }
    return stretch(plan, power, low);
}

/* How far the power is above what is asked, in standard deviations, as a function of the logarithm
 * of what is sought: nearly a line, so that a root takes few steps. */
struct search {
    const struct cm_event_plan *plan;
    double seconds; /* 0 = they are sought; else the effect is */
    double asked;   /* power */
};

static double power_at(const struct search *s, double at)
{
    struct cm_event_plan worse = *s->plan;
    if (s->seconds <= 0)
        return cm_event_power(s->plan, at);
    worse.p1 = worse.p0 + at;
    return cm_event_power(&worse, s->seconds);
}

static double excess(double log_at, const void *context)
{
    const struct search *s = context;
    const double least = 1e-12; /* beyond it the scale is left */
    double power = fmin(fmax(power_at(s, exp(log_at)), least), 1 - least);
    return gsl_cdf_ugaussian_Pinv(power) - gsl_cdf_ugaussian_Pinv(s->asked);
}

static double seek(const struct search *s, double low, double high)
{
    const double tolerance = 1e-10;
    return exp(cm_root_brent(&(struct cm_function){excess, s}, log(low), log(high), tolerance));
}

double cm_event_power_time(const struct cm_event_plan *plan, double power, double longest)
{
    assert(power > plan->alpha && power < 1 && plan->p1 > plan->p0);
    if (plan->control_share <= 0) {
        double time = known_time(plan, power, longest);
        return time <= longest ? time : INFINITY;
    }
    double low = 1e-3 / (plan->rate * plan->canary_share * plan->p1), high = low;
    while (high < longest && cm_event_power(plan, high) < power)
        low = high, high = fmin(2 * high, longest);
    if (cm_event_power(plan, high) < power)
        return INFINITY;
    return low < high ? seek(&(struct search){plan, 0, power}, low, high) : high;
}

double cm_event_power_effect(const struct cm_event_plan *plan, double power, double seconds)
{
    struct search search = {plan, seconds, power};
    double most = 1 - plan->p0;
    assert(power > plan->alpha && power < 1);
    if (most <= 0 || power_at(&search, most) < power)
        return NAN;
    return plan->p0 + seek(&search, 1e-12 * most, most);
}
