/* The loop's calendar and thresholds; see the header. */
#include "sim/stats/kayenta_loop.h"

#include <math.h>

cm_time cm_kayenta_interval(const struct cm_kayenta_plan *plan)
{
    return plan->interval == 0 || plan->interval > plan->lifetime ? plan->lifetime : plan->interval;
}

uint64_t cm_kayenta_judgements(const struct cm_kayenta_plan *plan)
{
    return (uint64_t)(plan->lifetime / cm_kayenta_interval(plan));
}

struct cm_kayenta_window cm_kayenta_window_at(cm_time since, cm_time now, cm_time look_back)
{
    return (struct cm_kayenta_window){look_back > 0 ? now - look_back : since, now};
}

struct cm_kayenta_window cm_kayenta_window_of(const struct cm_kayenta_plan *plan, uint64_t i)
{
    cm_time since = plan->fixed ? 0 : plan->begin_after;
    return cm_kayenta_window_at(since, since + (cm_time)i * cm_kayenta_interval(plan),
                                plan->look_back);
}

size_t cm_kayenta_points(const struct cm_kayenta_window *window, cm_time step)
{
    return step == 0 ? 0 : (size_t)((window->until - window->from) / step);
}

static double seen(double x, bool whole)
{
    return whole ? trunc(isnan(x) ? 0 : x) : x;
}

bool cm_kayenta_stops(double score, const struct cm_kayenta_thresholds *t, bool whole)
{
    return seen(score, whole) <= seen(t->marginal, whole);
}

bool cm_kayenta_accepts(double score, const struct cm_kayenta_thresholds *t, bool whole)
{
    return !cm_kayenta_stops(score, t, whole) && !(seen(score, whole) < seen(t->pass, whole));
}
