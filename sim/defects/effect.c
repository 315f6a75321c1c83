/* The effect at level g interpolates between nothing and all of it: times 1 + g (k - 1), plus
 * g d, slow share g s. Harm is attributed by coupling each request with its healthy self: a
 * failure of a version that fails with p1 instead of p0 is the defect's with (p1 - p0) / p1, and a
 * latency is compared at the same quantile of the law.
 *
 * Assumes effects that act on each request alone: no queue builds up, nobody retries. */
#include "sim/defects/effect.h"

#include <assert.h>
#include <math.h>

/* The slow part keeps its full slowness at every level; the level is how many it hits. */
struct cm_reply cm_effect_reply(const struct cm_defect *defect, const struct cm_reply *healthy,
                                double level)
{
    struct cm_reply reply = *healthy;
    assert(healthy->pace.slow_share <= 0); /* only defects have one */
    reply.error = cm_error_changed(reply.error, cm_change_at(defect->error_rate, level));
    reply.pace = cm_pace_changed(reply.pace, cm_change_at(defect->latency, level));
    reply.pace.slow_share = fmin(1, level * defect->slow_share);
    reply.pace.slow_times = defect->slow_latency.times;
    reply.pace.slow_plus_s = defect->slow_latency.plus;
    return reply;
}

double cm_effect_blame(double healthy, double affected)
{
    return affected > healthy ? (affected - healthy) / affected : 0;
}

/* The L beyond which max(0, times L + plus) > x, for x >= 0. */
static double limit(double times, double plus, double x)
{
    if (times > 0)
        return (x - plus) / times;
    return plus <= x ? INFINITY : -INFINITY;
}

/* A factor of 0 gives every request the same latency: then not which of the answers, but how many
 * of them, depends on L. */
static struct cm_slowed slowed(const struct cm_law *law, double share, const struct cm_pace *pace,
                               double in_time)
{
    bool slow = pace->slow_share > 0;
    double times = slow ? pace->slow_times * pace->times : pace->times;
    double plus = slow ? pace->slow_times * pace->plus_s + pace->slow_plus_s : pace->plus_s;
    struct cm_slowed part = {.share = share, .pace = *pace, .until = INFINITY};
    if (times > 0)
        part.until = times * in_time + plus;
    else
        part.share *= cm_law_cdf(law, in_time);
    return part;
}

/* A request that the defect speeds up past x is not set against those it slows. */
void cm_effect_slowed(const struct cm_law *law, const struct cm_pace *healthy,
                      const struct cm_pace *affected, double x, struct cm_slowed parts[2])
{
    double in_time = limit(healthy->times, healthy->plus_s, x);
    struct cm_pace usual = *affected, slow = *affected;
    usual.slow_share = 0;
    slow.slow_share = 1;
    parts[0] = slowed(law, 1 - affected->slow_share, &usual, in_time);
    parts[1] = slowed(law, affected->slow_share, &slow, in_time);
}
