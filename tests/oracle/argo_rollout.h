/* Reading Rollouts and their status for Argo's cases. */
#ifndef ARGO_ROLLOUT_H
#define ARGO_ROLLOUT_H

#include "sim/controllers/argo_pass.h"
#include "tests/oracle/argo.h"

enum { ARGO_STEPS = 32, ARGO_OLDER = 8 };

struct argo_rollout {
    struct cm_argo_plan plan;
    struct cm_argo_step steps[ARGO_STEPS];
    const char *templates[ARGO_STEPS]; /* of analyses, by step */
    const char *background;            /* template, or NULL */
    struct cm_argo_set older[ARGO_OLDER];
    struct cm_argo_view view;
};

/* The spec, whose members stand in `in`. */
void argo_plan_read(struct inputs *in, struct argo_rollout *r);
/* Status and ReplicaSets that stand beside the spec. */
void argo_view_read(struct inputs *in, struct argo_rollout *r);
/* A ReplicaSet; null = there is none. */
struct cm_argo_set argo_set(struct inputs *in, const char *key);
void argo_older_read(struct inputs *in, struct argo_rollout *r);
/* A whole number, or `otherwise` if null or missing. */
int argo_int_or(struct inputs *in, const char *key, int otherwise);
cm_time argo_delay(struct inputs *in, const char *key);
/* Compares a default of a Rollout's field. */
void argo_rollout_default(struct argo_case *c, const char *field);

#endif
