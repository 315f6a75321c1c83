/* Kayenta's score: many metrics' labels, one number.
 *
 *     group score = 100 Pass / (Pass + High + Low + NodataFailMetric)    none of them: no data, 100
 *     score = sum of group score x weight / 100
 *
 * Weights are not normalised: groups without a configured one share what is left of 100, which may
 * be negative, and a configured group without metrics counts 0. A critical metric that does not
 * pass, or half of the metrics without data, make it 0. Errors count for nothing. Rounded to two
 * decimals, halves up, as decimal text.
 *
 * Source: spinnaker/kayenta, kayenta-judge: WeightedSumScorer, ScoringHelper. */
#ifndef CM_KAYENTA_SCORE_H
#define CM_KAYENTA_SCORE_H

#include <stdint.h>

#include "sim/stats/kayenta_metric.h"

#define CM_KAYENTA_GROUPS_MAX 32

struct cm_kayenta_result {
    enum cm_kayenta_label label;
    bool critical, muted; /* muted: it is left out of everything */
    uint32_t groups;      /* as bits */
};

struct cm_kayenta_weights {
    size_t n;                             /* groups */
    double weight[CM_KAYENTA_GROUPS_MAX]; /* NAN = none configured */
};

struct cm_kayenta_group {
    bool exists, no_data; /* exists: some metric is in it */
    double score;         /* 0 without data, though it counts as 100 */
};
struct cm_kayenta_group cm_kayenta_group_of(const struct cm_kayenta_result *results, size_t n,
                                            size_t group);

enum cm_kayenta_reason { CM_KAYENTA_BY_GROUPS, CM_KAYENTA_BY_CRITICAL, CM_KAYENTA_BY_NODATA };
struct cm_kayenta_score {
    double score;
    enum cm_kayenta_reason reason;
    size_t culprit; /* the first critical one */
};
struct cm_kayenta_score cm_kayenta_score_of(const struct cm_kayenta_result *results, size_t n,
                                            const struct cm_kayenta_weights *weights);

/* The shortest decimal text of the number, rounded half away from 0 to two decimals. */
double cm_kayenta_round(double x);

/* What a score is held against; NAN = no such threshold. */
struct cm_kayenta_thresholds {
    double marginal, pass;
};
enum cm_kayenta_verdict { CM_KAYENTA_FAIL, CM_KAYENTA_MARGINAL, CM_KAYENTA_PASSES };
/* The judge's own word: a score at a threshold has reached it. */
enum cm_kayenta_verdict cm_kayenta_verdict_of(double score, const struct cm_kayenta_thresholds *t);

#endif
