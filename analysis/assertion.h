/* [assert] and [assert.NAME]: limits on what is measured, held against it when a study is done.
 *
 *     [assert]
 *     false_rollback = < 1%
 *     detection_time = median < 10m, p95 < 30m
 *
 *     [assert.leaks-take-longer]
 *     policy         = ours
 *     release        = slow-leak
 *     detection_time = median < 20m
 *
 * Every measure is a key. A section is about all policies of the study, and about all releases
 * that the measure is about, unless it names some. What is simulated does not depend on it. */
#ifndef CM_ASSERTION_H
#define CM_ASSERTION_H

#include "analysis/measure.h"

enum cm_relation { CM_BELOW, CM_AT_MOST, CM_ABOVE, CM_AT_LEAST }; /* < <= > >= */

/* "p95 < 30m" */
struct cm_limit {
    const char *statistic; /* one of the measure's */
    enum cm_relation relation;
    double value; /* in base units: 1, s, requests */
};
struct cm_limits {
    size_t n;
    const struct cm_limit *list; /* the arena's */
};

/* A struct cm_limits; the row's domain is the measure. */
extern const struct cm_type cm_type_limits;
/* As a user would write it, with the statistic where there are several. */
void cm_limit_print(const struct cm_measure *measure, const struct cm_limit *limit,
                    struct cm_writer to);

extern const struct cm_section cm_assert_section;

/* By the 95 % interval: all of it within the limit, all of it beyond, or neither. */
enum cm_truth { CM_CLAIM_FAILS, CM_CLAIM_OPEN, CM_CLAIM_HOLDS };
extern const char *const cm_truth_names[]; /* "fails", "undecided", "holds" */

enum cm_truth cm_limit_holds(const struct cm_limit *limit, const struct cm_estimate *found);

/* Replications at which the interval would probably be on one side of the limit if the value stays
 * what it is, given that it has been estimated from `replications`; NAN = no number would do. */
double cm_limit_needs(const struct cm_measure *measure, const struct cm_limit *limit,
                      const struct cm_estimate *found, uint64_t replications);

/* One limit, one policy, one release. */
struct cm_claim {
    const struct cm_entry *entry; /* the section that says it; borrowed, as are the others */
    const struct cm_measure *measure;
    const struct cm_limit *limit;
    size_t policy;
    int release; /* CM_ALL_RELEASES for measures that weigh all of them */
    struct cm_estimate found;
    enum cm_truth truth;
    double needed; /* replications that would probably decide; NAN = decided, or none would */
};
struct cm_claims {
    const struct cm_results *results; /* borrowed */
    struct cm_claim *list;            /* owned; in the order of the file */
    size_t n, count[3];               /* of all, and by truth */
};

/* Whether the scenario asserts anything. */
bool cm_claims_any(const struct cm_scenario *scenario);
/* Holds every limit against what was measured. */
void cm_claims_init(struct cm_claims *claims, const struct cm_results *results);
void cm_claims_release(struct cm_claims *claims); /* idempotent, safe on {0} */

/* "detection_time p95 < 30m" */
void cm_claim_print(const struct cm_claim *claim, struct cm_writer to);

/* JUnit's XML: one testcase a claim; what is undecided is skipped, if `strict` a failure. */
void cm_write_junit(const struct cm_claims *claims, bool strict, struct cm_writer to);

#endif
