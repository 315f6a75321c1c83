/* Kayenta's judgement of one metric: is the canary higher or lower than the control?
 *
 *     High if direction allows it, low > 0.25 |estimate|, and the effect size is at least
 *          allowed_increase or is none;   Low likewise below -0.25 |estimate|;   else Pass
 *
 * with low, high and estimate of the shift (kayenta_shift.h) at a level of 98%. There is no p-value
 * in it. Values that are all one in each arm get a little noise, since ranks would be tied; the
 * original draws it (sd 1e-5 of the value) from an unseeded generator, here it is that law's
 * quantiles, so that one input has one answer.
 *
 * Source: spinnaker/kayenta, kayenta-judge: NetflixACAJudge, MannWhitneyClassifier. */
#ifndef CM_KAYENTA_METRIC_H
#define CM_KAYENTA_METRIC_H

#include "sim/stats/kayenta_sample.h"
#include "sim/stats/kayenta_shift.h"

enum cm_kayenta_label {
    CM_KAYENTA_PASS,
    CM_KAYENTA_HIGH,
    CM_KAYENTA_LOW,
    CM_KAYENTA_NODATA,
    CM_KAYENTA_NODATA_FAIL,
    CM_KAYENTA_ERROR,
    CM_KAYENTA_LABELS
};
extern const char *const cm_kayenta_label_names[CM_KAYENTA_LABELS + 1]; /* Kayenta's; NULL-ended */

enum cm_kayenta_direction { CM_KAYENTA_EITHER, CM_KAYENTA_INCREASE, CM_KAYENTA_DECREASE };
enum cm_kayenta_measure { CM_KAYENTA_MEAN_RATIO, CM_KAYENTA_CLES };

/* The judge's constants; configuration does not reach them. */
#define CM_KAYENTA_TOLERANCE  0.25
#define CM_KAYENTA_CONFIDENCE 0.98

struct cm_kayenta_rule {
    struct cm_kayenta_cleaning cleaning;
    int direction; /* enum cm_kayenta_direction */
    int measure;   /* enum cm_kayenta_measure */
    bool critical, must_have_data;
    double allowed_increase, allowed_decrease, critical_increase, critical_decrease;
    double tolerance, confidence;
};

struct cm_kayenta_judged {
    enum cm_kayenta_label label;
    bool critical;                 /* what the label means for the whole, not what the rule says */
    double deviation, effect;      /* the ratio of means; the effect size; NAN = none */
    struct cm_kayenta_shift shift; /* all NAN if the question did not arise */
    size_t n_control, n_canary;    /* values after cleaning */
};

/* Of clean values. */
struct cm_kayenta_judged cm_kayenta_classify(const struct cm_kayenta_rule *rule,
                                             const struct cm_kayenta_series *control,
                                             const struct cm_kayenta_series *canary);

/* Of what a monitor returned: padded to `expected` points, cleaned, classified. */
struct cm_kayenta_judged cm_kayenta_judge(const struct cm_kayenta_rule *rule,
                                          const struct cm_kayenta_series *control,
                                          const struct cm_kayenta_series *canary, size_t expected);

#endif
