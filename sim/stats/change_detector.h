/* Since when? Detectors of a change at an unknown time.
 *
 * Each look brings a log likelihood ratio l of bad against good (origin.h, sprt.h). What was good
 * for a long time must not count for the release once it turns:
 *
 *     CUSUM               W = max(0, W + l), an alarm at W >= h         (Page 1954)
 *     Shiryaev-Roberts    R = (1 + R) e^l, from R = 0
 *     e-CUSUM             M = max(1, M) e^l, from M = 1
 *
 * Without a change R_t - t is a martingale, so that the mean run to R >= A is at least A, and P(R
 * >= A within N looks) <= N / A: take A = N / alpha for a rollout of N looks. e-CUSUM at 1 / alpha
 * runs for at least 1 / alpha looks on average. A mean of R over several ratios keeps both bounds.
 * h of CUSUM has no such rule: cusum.h, or simulation. (Pollak 1985; Shin, Ramdas and Rinaldo,
 * NEJSDS 2024.) */
#ifndef CM_CHANGE_DETECTOR_H
#define CM_CHANGE_DETECTOR_H

struct cm_change_detector {
    double cusum, most_cusum; /* W, and the largest W so far */
    double log_sr, log_e_cusum;
};
void cm_change_detector_start(struct cm_change_detector *d);
/* One look; l may be -INFINITY. */
void cm_change_detector_add(struct cm_change_detector *d, double log_ratio);

/* ln A for alarms with probability at most alpha within so many looks. */
double cm_change_detector_log_threshold(double looks, double alpha);

#endif
