/* Conditions on what was measured: "ci(false_rollback) < 0.2pp && missed < 5%".
 *
 * Names are those of measures, with a statistic behind a dot where it is not the first one
 * (detection_time.p95). A condition holds for a study if it holds for every policy and every
 * choice of a release for each kind of measure in it: all good releases for false_rollback, all bad
 * ones for missed. */
#ifndef CM_UNTIL_H
#define CM_UNTIL_H

#include "analysis/measure.h"
#include "sim/base/expr.h"

/* The measure and the statistic (NULL = its first) that a name means; 0, or -1 with the reason. */
int cm_measure_named(struct cm_slice name, const struct cm_measure **measure,
                     const char **statistic, struct cm_err *err);
/* An estimate as expressions see it, with its unit and limits. */
struct cm_value cm_measure_value(const struct cm_measure *measure, const struct cm_estimate *e);

/* Whether the condition can be asked of such a study, played or not; 0, or -1 with the reason and
 * its place in the text. */
int cm_until_check(const struct cm_expr *condition, const struct cm_results *results,
                   struct cm_err *err);
/* Whether it holds for a policy; what is not known yet does not. The condition has been checked. */
bool cm_until_holds(const struct cm_expr *condition, const struct cm_results *results,
                    size_t policy);

#endif
