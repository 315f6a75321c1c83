/* Exact algebra of shifted and stretched laws. With a > 0 and the latency max(0, a L + b),
 *
 *     P(latency <= x)           = F(y),                     y = (x - b) / a
 *     integral of it over [0,x] = a (H(y) - H(c)),          c = max(0, -b / a), H = outflow of L
 *     E[latency; <= x]          = a (M(y) - M(c)) + b P(c < L <= y)
 *
 * by substitution; what lies below c is mass at 0. Drift of the log odds:
 * p e^l / (1 - p + p e^l).
 *
 * Assumes that failing and taking long are independent given the circumstances, and that a change
 * stretches the whole law rather than its tail; slow_share is there for tails. */
#include "sim/service/answer.h"

#include <math.h>

/* One affine map of the law: max(0, times L + plus). */
struct branch {
    const struct cm_law *law;
    double times, plus;
};

static struct branch usual(const struct cm_law *law, const struct cm_pace *pace)
{
    return (struct branch){law, pace->times, pace->plus_s};
}

/* The slow map after the usual one, composed. */
static struct branch slow(const struct cm_law *law, const struct cm_pace *pace)
{
    return (struct branch){law, pace->slow_times * pace->times,
                           pace->slow_times * pace->plus_s + pace->slow_plus_s};
}

/* The L at which the latency is x >= 0: at most x just where L is at most this. */
static double inverse(const struct branch *b, double x)
{
    if (b->times > 0)
        return (x - b->plus) / b->times;
    return b->plus <= x ? INFINITY : -INFINITY;
}

static double branch_cdf(const struct branch *b, double x)
{
    return x < 0 ? 0 : cm_law_cdf(b->law, inverse(b, x));
}

static double branch_tail(const struct branch *b, double x)
{
    return x < 0 ? 1 : cm_law_tail(b->law, inverse(b, x));
}

/* With plus >= 0 nothing is cut off at 0; else only what lies above c = -plus / times counts. */
static double branch_partial_mean(const struct branch *b, double x)
{
    double y = inverse(b, x);
    if (x < 0 || y < 0)
        return 0;
    if (b->times <= 0)
        return fmax(0, b->plus);
    if (b->plus >= 0)
        return b->times * cm_law_partial_mean(b->law, y) + b->plus * cm_law_cdf(b->law, y);
    double c = -b->plus / b->times;
    return b->times * (cm_law_partial_mean(b->law, y) - cm_law_partial_mean(b->law, c)) +
           b->plus * (cm_law_tail(b->law, c) - cm_law_tail(b->law, y));
}

/* The law's own shortcut beyond its longest makes this cheap for flows that began long ago. */
static double branch_outflow(const struct branch *b, double x)
{
    if (x <= 0)
        return 0;
    if (b->times <= 0)
        return fmax(0, x - fmax(0, b->plus));
    double before = b->plus < 0 ? cm_law_outflow(b->law, -b->plus / b->times) : 0;
    return b->times * (cm_law_outflow(b->law, (x - b->plus) / b->times) - before);
}

/* The mixture of usual and slow answers; a side without weight costs nothing. */
static double mix(const struct cm_law *law, const struct cm_pace *pace,
                  double (*of)(const struct branch *, double), double x)
{
    double sum = 0;
    if (pace->slow_share < 1) {
        struct branch b = usual(law, pace);
        sum += (1 - pace->slow_share) * of(&b, x);
    }
    if (pace->slow_share > 0) {
        struct branch b = slow(law, pace);
        sum += pace->slow_share * of(&b, x);
    }
    return sum;
}

struct cm_pace cm_pace_usual(void)
{
    return (struct cm_pace){.times = 1, .slow_times = 1};
}

/* T (s (t L + p) + q) + P = s (T t L + T p + P) + (T q + P - s P) */
struct cm_pace cm_pace_changed(struct cm_pace pace, struct cm_change change)
{
    pace.times *= change.times;
    pace.plus_s = change.times * pace.plus_s + change.plus;
    pace.slow_plus_s = change.times * pace.slow_plus_s + change.plus * (1 - pace.slow_times);
    return pace;
}

double cm_pace_cdf(const struct cm_law *law, const struct cm_pace *pace, double x)
{
    return mix(law, pace, branch_cdf, x);
}

double cm_pace_tail(const struct cm_law *law, const struct cm_pace *pace, double x)
{
    return mix(law, pace, branch_tail, x);
}

double cm_pace_partial_mean(const struct cm_law *law, const struct cm_pace *pace, double x)
{
    return mix(law, pace, branch_partial_mean, x);
}

double cm_pace_outflow(const struct cm_law *law, const struct cm_pace *pace, double x)
{
    return mix(law, pace, branch_outflow, x);
}

double cm_pace_mean(const struct cm_law *law, const struct cm_pace *pace)
{
    return mix(law, pace, branch_partial_mean, INFINITY);
}

/* An increasing map keeps quantiles. */
static double branch_longest(const struct branch *b)
{
    return fmax(0, b->times * b->law->longest + b->plus);
}

double cm_pace_longest(const struct cm_law *law, const struct cm_pace *pace)
{
    struct branch a = usual(law, pace), b = slow(law, pace);
    if (pace->slow_share <= 0)
        return branch_longest(&a);
    return pace->slow_share >= 1 ? branch_longest(&b)
                                 : fmax(branch_longest(&a), branch_longest(&b));
}

/* First the latency, then whether it is slowed; without slow share nothing more is drawn. */
double cm_pace_draw(const struct cm_law *law, const struct cm_pace *pace, struct cm_rng *rng)
{
    double latency = pace->times * cm_law_draw(law, rng) + pace->plus_s;
    if (pace->slow_share > 0 && cm_rng_unit(rng) < pace->slow_share)
        latency = pace->slow_times * latency + pace->slow_plus_s;
    return fmax(0, latency);
}

/* A level above 1 may ask for more than all of a reduction; a factor ends at 0. */
struct cm_change cm_change_at(struct cm_change full, double level)
{
    return (struct cm_change){.times = fmax(0, 1 + level * (full.times - 1)),
                              .plus = level * full.plus};
}

/* No drift moves 0 and 1; next to 1 the quotient of two roundings may be above it. */
double cm_error_drifted(double probability, double log_odds)
{
    if (probability >= 1)
        return 1;
    return fmin(1, probability * exp(log_odds) / (1 + probability * expm1(log_odds)));
}

double cm_error_changed(double probability, struct cm_change change)
{
    return fmin(1, fmax(0, change.times * probability + change.plus));
}

struct cm_reply cm_reply_healthy(const struct cm_service *service,
                                 const struct cm_environment *environment, double base_error,
                                 const struct cm_weather *weather, bool cold)
{
    struct cm_reply reply = {.error = base_error, .pace = cm_pace_usual()};
    if (weather->log_odds != 0)
        reply.error = cm_error_drifted(reply.error, weather->log_odds);
    if (weather->incident) {
        reply.error = cm_error_changed(reply.error, environment->incident_error_rate);
        reply.pace = cm_pace_changed(reply.pace, environment->incident_latency);
    }
    if (cold) {
        reply.error = cm_error_changed(reply.error, service->warm_up_error_rate);
        reply.pace = cm_pace_changed(reply.pace, service->warm_up_latency);
    }
    return reply;
}
