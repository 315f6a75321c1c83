/* Steps of an Argo rollout: 20%, pause 10m, analysis errors, 50%, pause. And counts of pods that
 * may be a share: 25%, 3. */
#ifndef CM_TYPE_ARGO_STEPS_H
#define CM_TYPE_ARGO_STEPS_H

#include "sim/controllers/argo_replicas.h"

#define CM_ARGO_STEPS_MAX 64
#define CM_ARGO_NAMES_MAX 16 /* metrics of one analysis */

/* As written: weights are shares, names are only names. */
struct cm_argo_item {
    enum {
        CM_ARGO_WEIGH,
        CM_ARGO_PAUSE,
        CM_ARGO_ANALYSE,
        CM_ARGO_RESCALE,
        CM_ARGO_EXPERIMENT
    } kind;
    double share;             /* of WEIGH, and of RESCALE by weight */
    cm_time duration;         /* of PAUSE; CM_NO_DURATION = until somebody resumes */
    enum cm_argo_scale scale; /* of RESCALE */
    int pods;
    const char *const *names; /* the arena's; metrics of ANALYSE (none = all), the hook of
                                 EXPERIMENT */
    size_t n_names;
};
struct cm_argo_items {
    size_t n;
    const struct cm_argo_item *list; /* the arena's */
};

extern const struct cm_type cm_type_argo_steps, cm_type_argo_pods;

/* Steps that are written with blanks between words and commas between steps. */
#define CM_ARGO_STEPS(T, f, dflt, help)                                                            \
    CM_ROW(T, f, struct cm_argo_items, cm_type_argo_steps, dflt, 0, 0, NULL, help)
/* A number of pods or a share of them; number = CM_ARGO_ABSENT: none. */
#define CM_ARGO_BOUND(T, f, dflt, help)                                                            \
    CM_ROW(T, f, struct cm_argo_bound, cm_type_argo_pods, dflt, 0, 0, NULL, help)

#endif
