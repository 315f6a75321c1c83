/* Kayenta's judge loop as a calendar: which windows are judged when, and what ends it.
 *
 *     judgements = floor(lifetime / interval), at start + begin_after + i interval, i = 1, 2, ...
 *     the i-th reads from the start (growing), or the last `look_back` (sliding)
 *     a score at or below `marginal` ends it; the last one has to reach `pass`
 *
 * What the interval does not divide of the lifetime is never judged, and scores between the two
 * thresholds are forgotten but for the last. `fixed`: both ends were given; windows then do not
 * wait for begin_after, though the loop does.
 *
 * Source: spinnaker/kayenta, SetupAndExecuteCanariesStage.java, GenerateCanaryAnalysisResultTask;
 * spinnaker/orca, RunCanaryIntervalsStage.kt, where a score is cut to a whole number on its way. */
#ifndef CM_KAYENTA_LOOP_H
#define CM_KAYENTA_LOOP_H

#include "sim/base/time.h"
#include "sim/stats/kayenta_score.h"

struct cm_kayenta_plan {
    cm_time lifetime, interval;     /* interval 0 or longer than the lifetime: the lifetime */
    cm_time begin_after, look_back; /* 0 = none; growing windows */
    bool fixed;
};

cm_time cm_kayenta_interval(const struct cm_kayenta_plan *plan);
uint64_t cm_kayenta_judgements(const struct cm_kayenta_plan *plan);

/* From the start of the canary. */
struct cm_kayenta_window {
    cm_time from, until;
};
/* Of the i-th judgement, from 1. */
struct cm_kayenta_window cm_kayenta_window_of(const struct cm_kayenta_plan *plan, uint64_t i);
/* Of a judgement at `now`, of what began at `since`. */
struct cm_kayenta_window cm_kayenta_window_at(cm_time since, cm_time now, cm_time look_back);
/* Points of a window on a grid of `step`. */
size_t cm_kayenta_points(const struct cm_kayenta_window *window, cm_time step);

/* Whether a score ends the loop at once, and whether it will do as the last one; `whole`: both see
 * no fractions, and thresholds that are not given are 0 (orca). */
bool cm_kayenta_stops(double score, const struct cm_kayenta_thresholds *t, bool whole);
bool cm_kayenta_accepts(double score, const struct cm_kayenta_thresholds *t, bool whole);

#endif
