/* What Argo Rollouts refuses before a run begins, in its own words and order.
 *
 * Source: ValidateMetrics of argoproj/argo-rollouts v1.10, utils/analysis/factory.go. Assumes
 * durations that were read: CM_ARGO_BAD_TIME stands for one that could not be. */
#include "sim/controllers/argo_analysis.h"

#include <string.h>

#include "sim/base/param.h"

static int64_t or_zero(int64_t given)
{
    return given == CM_ARGO_UNSET ? 0 : given;
}

static int check_limits(const struct cm_argo_metric *m, size_t i, struct cm_err *err)
{
    int64_t failures = or_zero(m->failure_limit), streak = or_zero(m->consecutive_success_limit);
    if (streak < 0)
        return cm_fail(err, "metrics[%zu]: consecutiveSuccessLimit must be >= 0", i);
    if (failures < -1)
        return cm_fail(err, "metrics[%zu]: failureLimit must be >= -1", i);
    if (failures < 0 && streak == 0)
        return cm_fail(err,
                       "metrics[%zu]: failureLimit and consecutiveSuccessLimit cannot both be "
                       "disabled",
                       i);
    if (or_zero(m->inconclusive_limit) < 0)
        return cm_fail(err, "metrics[%zu]: inconclusiveLimit must be >= 0", i);
    if (or_zero(m->consecutive_error_limit) < 0)
        return cm_fail(err, "metrics[%zu]: consecutiveErrorLimit must be >= 0", i);
    return 0;
}

static int check_count(const struct cm_argo_metric *m, size_t i, struct cm_err *err)
{
    int64_t count = or_zero(m->count), failures = or_zero(m->failure_limit);
    int64_t streak = or_zero(m->consecutive_success_limit);
    if (count > 0 && failures >= 0 && count - failures < streak)
        return cm_fail(err,
                       "metrics[%zu]: count (%jd) must be >= failureLimit + "
                       "consecutiveSuccessLimit (%jd + %jd) if both >= 0",
                       i, (intmax_t)count, (intmax_t)failures, (intmax_t)streak);
    if (count > 0 && count < streak)
        return cm_fail(err, "metrics[%zu]: count must be >= consecutiveSuccessLimit", i);
    if (count > 0 && count < or_zero(m->inconclusive_limit))
        return cm_fail(err, "metrics[%zu]: count must be >= inconclusiveLimit", i);
    if (count > 1 && m->interval == CM_NO_DURATION)
        return cm_fail(err, "metrics[%zu]: interval must be specified when count > 1", i);
    return 0;
}

static int check_rest(const struct cm_argo_metric *m, size_t i, struct cm_err *err)
{
    if (m->interval == CM_ARGO_BAD_TIME)
        return cm_fail(err, "metrics[%zu]: invalid interval string", i);
    if (m->initial_delay == CM_ARGO_BAD_TIME)
        return cm_fail(err, "metrics[%zu]: invalid startDelay string", i);
    if (m->providers < 1)
        return cm_fail(err, "metrics[%zu]: no provider specified", i);
    if (m->providers > 1)
        return cm_fail(err, "metrics[%zu]: multiple providers specified", i);
    return 0;
}

int cm_argo_validate(const struct cm_argo_spec *spec, struct cm_err *err)
{
    if (spec->n == 0)
        return cm_fail(err, "no metrics specified");
    for (size_t i = 0; i < spec->n; i++) {
        const struct cm_argo_metric *m = &spec->metrics[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(spec->metrics[k].name, m->name) == 0)
                return cm_fail(err, "metrics[%zu]: duplicate name '%s'", i, m->name);
        if (check_limits(m, i, err) || check_count(m, i, err) || check_rest(m, i, err))
            return -1;
    }
    return 0;
}
