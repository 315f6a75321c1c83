/* What a request of one version and class meets when it arrives: the probability that it fails and
 * the pace of its answer.
 *
 * Both start from what the class has in a healthy, warm version and are changed in one order:
 *
 *     base -> drift of the log odds -> incident -> warm-up -> defect (sim/defects/effect.h)
 *
 * Each change maps q to times * q + plus. A probability is clamped to [0, 1] after every step; a
 * latency is floored at 0 once, at the end: the changes of a pace compose to one affine map. */
#ifndef CM_ANSWER_H
#define CM_ANSWER_H

#include "sim/service/environment.h"
#include "sim/service/service.h"

/* How the answers differ from their law L:
 *     usual   max(0, times L + plus_s)                              with 1 - slow_share
 *     slow    max(0, slow_times (times L + plus_s) + slow_plus_s)   with slow_share */
struct cm_pace {
    double times, plus_s;
    double slow_share, slow_times, slow_plus_s;
};

/* As the law says. */
struct cm_pace cm_pace_usual(void);
/* The pace after one more change, of usual and slow answers alike. */
struct cm_pace cm_pace_changed(struct cm_pace pace, struct cm_change change);

/* Of the latency at this pace; x and results in seconds. */
double cm_pace_cdf(const struct cm_law *law, const struct cm_pace *pace, double x);
double cm_pace_tail(const struct cm_law *law, const struct cm_pace *pace, double x);
/* E[latency; latency <= x]; x may be INFINITY. */
double cm_pace_partial_mean(const struct cm_law *law, const struct cm_pace *pace, double x);
/* Integral of the cdf over [0, x]; x - mean, to rounding and cheaply, once x is beyond longest. */
double cm_pace_outflow(const struct cm_law *law, const struct cm_pace *pace, double x);
double cm_pace_mean(const struct cm_law *law, const struct cm_pace *pace);
/* Less than CM_LAW_REST of the requests are still unanswered after so long; finite. */
double cm_pace_longest(const struct cm_law *law, const struct cm_pace *pace);
double cm_pace_draw(const struct cm_law *law, const struct cm_pace *pace, struct cm_rng *rng);

/* A change at `level` of its strength: 0 = none, 1 = all of it, linear between and beyond. */
struct cm_change cm_change_at(struct cm_change full, double level);

/* An error probability after the drift, and after a change. */
double cm_error_drifted(double probability, double log_odds);
double cm_error_changed(double probability, struct cm_change change);

/* What a request meets: probability of failing and pace. */
struct cm_reply {
    double error;
    struct cm_pace pace;
};
/* Of a version without defect, at this weather; `cold` = the version is within its warm-up. */
struct cm_reply cm_reply_healthy(const struct cm_service *service,
                                 const struct cm_environment *environment, double base_error,
                                 const struct cm_weather *weather, bool cold);

#endif
