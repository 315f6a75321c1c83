/* The smallest effect as a measure: what cm_smallest_find found, if it was asked.
 *
 * A strength is a pure number, so that defects of any sort can be put in one column: 0.58 means
 * that 58 % of the effect as written would still have been seen four times in five. Infinite is
 * "not even the largest strength tried", 0 "even the least". */
#include <math.h>

#include "analysis/measure.h"
#include "analysis/smallest.h"

static bool was_asked(const struct cm_results *r)
{
    return r->smallest != NULL;
}

static void estimate(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                     int release, struct cm_estimate *out)
{
    const struct cm_smallest *found =
        &r->smallest[policy * r->scenario->n_defects + (size_t)release];
    (void)self;
    out[0] = (struct cm_estimate){found->strength, found->low, found->high, found->n};
}

static const char *const statistics[] = {"strength", NULL};

const struct cm_measure cm_measure_smallest_effect = {
    .name = "smallest_effect",
    .summary = "Strength of the defect's effect, 1 as written, at which detection reaches 80 %.",
    .about = CM_ABOUT_BAD,
    .type = CM_COLUMN_NUMBER,
    .unit = "1",
    .statistics = statistics,
    .known = was_asked,
    .needs = "a search, which `run` does",
    .estimate = estimate,
};
