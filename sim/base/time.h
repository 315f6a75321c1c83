/* Simulated time: int64 nanoseconds since the release was created; negative before it.
 *
 * Real controllers compare times strictly and at a resolution of one second, so equality has to
 * be exact: doubles appear only inside formulas (seconds), never as an instant. The range is
 * 292 years either side. */
#ifndef CM_TIME_H
#define CM_TIME_H

#include <math.h>
#include <stdint.h>

typedef int64_t cm_time;

#define CM_SECOND ((cm_time)1000000000)
#define CM_MINUTE (60 * CM_SECOND)
#define CM_HOUR   (60 * CM_MINUTE)
#define CM_DAY    (24 * CM_HOUR)
#define CM_NEVER  INT64_MAX /* later than anything that happens */

static inline double cm_seconds(cm_time t)
{
    return (double)t / 1e9;
}

/* The nearest nanosecond; whatever lies beyond the range of the clock is CM_NEVER. */
static inline cm_time cm_from_seconds(double seconds)
{
    double ns = seconds * 1e9;
    return ns < 9.2e18 ? (cm_time)llrint(ns) : CM_NEVER;
}

/* a + b where either may be CM_NEVER. */
static inline cm_time cm_later(cm_time a, cm_time b)
{
    return a > CM_NEVER - (b > 0 ? b : 0) ? CM_NEVER : a + b;
}

#endif
