/* The parts of a trace for people; each says one thing. */
#ifndef CM_TRACE_PARTS_H
#define CM_TRACE_PARTS_H

#include "analysis/trace.h"

/* --- trace_words.c: what one gate said, in words --- */

/* 00:01:15, hours as many as there are; `fine`: 00:01:15.250. What is finer is cut off. */
void cm_trace_say_time(cm_time at, bool fine, struct cm_writer to);
/* "2.5 %", a weight as the policy has it. */
void cm_trace_say_weight(double share, struct cm_writer to);
/* "errors 5 % > 1 %: the value is above max" */
void cm_trace_say_verdict(const struct cm_trace_look *look, struct cm_writer to);
/* "canary 1 of 20 (5 %), stable 3 of 1,760 (0.17 %) in 1m"; nothing where there is nothing. */
void cm_trace_say_arms(const struct cm_trace_look *look, cm_time now, struct cm_writer to);
/* "errors 0 % to 0.9 %"; `like` says of what. */
void cm_trace_say_range(const struct cm_trace_look *like, double low, double high,
                        struct cm_writer to);
/* "pass", "no data" */
void cm_trace_say_label(enum cm_label label, struct cm_writer to);

/* --- trace_timeline.c: what happened, a few lines a look --- */

void cm_trace_timeline(const struct cm_trace *t, bool all, struct cm_writer to);

/* --- trace_outcome.c: how it ended, and what that was worth --- */

void cm_trace_say_outcome(const struct cm_trace *t, struct cm_writer to);

#endif
