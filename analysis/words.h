/* Numbers as people say them: 0.15 %, 7m10s, 1,234, +0.64pp errors. Plain ASCII but for what the
 * user wrote. */
#ifndef CM_WORDS_H
#define CM_WORDS_H

#include "sim/base/table.h"
#include "sim/base/write.h"
#include "sim/defects/defect.h"
#include "sim/telemetry/metric.h"

/* One value of a column's type, with the unit; NAN is "-". `like` says to how many decimals: those
 * that `like` itself would get, so that limits match their value. */
void cm_words_value(const struct cm_column *column, double value, double like, struct cm_writer to);

/* The value of an estimate: a share of 0 is "< 0.15 %", of 1 "> 99.85 %" where a limit is known. */
void cm_words_estimate(const struct cm_column *column, const struct cm_estimate *e,
                       struct cm_writer to);
/* Its limits: "[18.2, 21.7]", "[from 7m10s]", "[too few]" to say more than
 * that it is not negative; nothing where there are none. */
void cm_words_limits(const struct cm_column *column, const struct cm_estimate *e,
                     struct cm_writer to);
/* Both, with a blank between. */
void cm_words_both(const struct cm_column *column, const struct cm_estimate *e,
                   struct cm_writer to);

void cm_words_count(uint64_t count, struct cm_writer to);    /* 1,234 */
void cm_words_duration(double seconds, struct cm_writer to); /* 7m10s */
void cm_words_share(double share, struct cm_writer to);      /* 19.9 % */
void cm_words_rate(double per_s, struct cm_writer to);       /* 0.206 rps */

/* What a defect does at a strength: "+1.1pp errors, x1.5 latency". */
void cm_words_effect(const struct cm_defect *defect, double strength, struct cm_writer to);

/* Of enum cm_arm. */
extern const char *const cm_words_arms[CM_ARMS];

#endif
