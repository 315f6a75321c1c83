/* The shift plans of AWS CodeDeploy by their names. */
#ifndef CM_CODEDEPLOY_H
#define CM_CODEDEPLOY_H

#include <stdbool.h>

#include "sim/base/time.h"

/* Without "CodeDeployDefault."; NULL-ended; the last is "custom". */
extern const char *const cm_codedeploy_plans[];

/* Two increments (a share, then all) or equal increments, one every `every`; the first at once. */
struct cm_shift {
    double increment; /* 1 = all at once */
    cm_time every;
    bool linear;
};

/* The plan by its index; custom is all at once. */
struct cm_shift cm_codedeploy_shift(int plan);

/* Weight and instant, since the first shift, of the i-th shift (from 0). */
double cm_codedeploy_weight(const struct cm_shift *shift, int i);
cm_time cm_codedeploy_time(const struct cm_shift *shift, int i);
/* How many shifts it takes to all traffic. */
int cm_codedeploy_shifts(const struct cm_shift *shift);

#endif
