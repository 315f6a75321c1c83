/* Argo Rollouts' AnalysisRun: from single measurements to a verdict on a release.
 *
 * A run holds some metrics. Each is measured at its times; measurements are counted, and the counts
 * are held against limits: failed > failureLimit, inconclusive > inconclusiveLimit, errors in a row
 * > consecutiveErrorLimit, successes in a row >= consecutiveSuccessLimit. The first bad metric ends
 * the run; the worst one names its end.
 *
 * A pass of the controller is cm_argo_measure (ask all that is due, all at once) and, when the
 * slowest has answered, cm_argo_assess. A controller makes passes until nothing changes, then
 * sleeps until cm_argo_next. What is due is due *after* its instant; as a real controller wakes an
 * instant late, a pass at exactly that instant measures. Finish and start times lose their
 * fractions of a second, as they do on their way through Kubernetes' API.
 *
 * Pure and flat: a run may be copied with memcpy, and nothing here allocates.
 *
 * Source: argoproj/argo-rollouts v1.10 (commit 9f8d111d8), analysis/analysis.go,
 * utils/analysis/{helpers,factory}.go; where its documentation differs, the code counts. */
#ifndef CM_ARGO_ANALYSIS_H
#define CM_ARGO_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/time.h"

/* Of measurements, metrics and runs. NONE = there is no status yet. */
enum cm_argo_phase {
    CM_ARGO_NONE,
    CM_ARGO_SUCCESSFUL, /* from here on from best to worst */
    CM_ARGO_RUNNING,
    CM_ARGO_PENDING,
    CM_ARGO_INCONCLUSIVE,
    CM_ARGO_ERROR,
    CM_ARGO_FAILED,
    CM_ARGO_PHASES
};
extern const char *const cm_argo_phase_names[CM_ARGO_PHASES + 1]; /* "" for NONE; NULL-ended */

bool cm_argo_completed(enum cm_argo_phase phase);
/* Whether `next` is strictly worse; statuses that do not exist count as the best. */
bool cm_argo_is_worse(enum cm_argo_phase current, enum cm_argo_phase next);

#define CM_ARGO_UNSET    INT64_MIN       /* a number that the manifest does not give */
#define CM_ARGO_BAD_TIME (INT64_MIN + 1) /* a duration that cannot be read: never due */
enum {
    CM_ARGO_ERROR_LIMIT = 4, /* defaults of consecutiveErrorLimit, measurementRetention */
    CM_ARGO_RETENTION = 10
};
#define CM_ARGO_ERROR_RETRY (10 * CM_SECOND) /* gap after an error, whatever the interval */

/* One metric of an AnalysisTemplate, as the manifest has it. */
struct cm_argo_metric {
    const char *name;
    int64_t count; /* the next five: CM_ARGO_UNSET = not given */
    int64_t failure_limit, inconclusive_limit, consecutive_error_limit, consecutive_success_limit;
    cm_time interval, initial_delay; /* CM_NO_DURATION = not given */
    bool dry_run;                    /* takes no part in the verdict */
    int providers;                   /* how many the manifest names; only for validation */
};
/* A metric in which nothing is given, with one provider. */
struct cm_argo_metric cm_argo_metric_of(const char *name);

/* Measurements after which the metric is done; CM_ARGO_UNSET = it goes on for ever. */
int64_t cm_argo_effective_count(const struct cm_argo_metric *metric);

struct cm_argo_spec {
    const struct cm_argo_metric *metrics;
    size_t n;
};

struct cm_argo_measurement {
    enum cm_argo_phase phase;
    cm_time started, finished; /* finished: CM_NEVER = in flight */
    cm_time resume_at;         /* of one in flight; CM_NO_DURATION = at the next pass */
};

struct cm_argo_counts {
    int64_t count; /* measurements but errors */
    int64_t successful, failed, inconclusive, error;
    int64_t consecutive_error, consecutive_success;
};
/* Counts one completed measurement. */
void cm_argo_count(struct cm_argo_counts *counts, enum cm_argo_phase phase);

/* What is known of one metric. Zero = never measured. */
struct cm_argo_result {
    bool exists;              /* the status names the metric, from its first measurement on */
    enum cm_argo_phase phase; /* of the metric */
    struct cm_argo_counts counts;
    uint64_t measurements; /* taken, the one in flight included */
    struct cm_argo_measurement last;
};

/* Why a metric, and so its run, ended badly. */
enum cm_argo_reason {
    CM_ARGO_FINE,
    CM_ARGO_TOO_FAILED,
    CM_ARGO_TOO_INCONCLUSIVE,
    CM_ARGO_TOO_ERROR
};
struct cm_argo_why {
    enum cm_argo_reason reason;
    int64_t counted, limit;
    int metric; /* index; -1 = none */
};

struct cm_argo_run {
    enum cm_argo_phase phase;
    cm_time started, finished;       /* CM_NEVER = not yet */
    bool terminate;                  /* somebody asked the run to end */
    bool changed;                    /* by the last pass: another one follows at once */
    struct cm_argo_why why;          /* of a bad end */
    struct cm_argo_result results[]; /* one a metric of the spec, in its order */
};
size_t cm_argo_run_size(size_t n_metrics);
void cm_argo_run_start(struct cm_argo_run *run, size_t n_metrics);

/* --- one metric ------------------------------------------------------------------------------- */

/* The limit that the counts break, the one that overrides the others; or CM_ARGO_FINE. */
struct cm_argo_why cm_argo_broken_limit(const struct cm_argo_metric *metric,
                                        const struct cm_argo_counts *counts);
/* The metric's status after its last measurement, in a run that is ending or not. */
enum cm_argo_phase cm_argo_metric_status(const struct cm_argo_metric *metric,
                                         const struct cm_argo_result *result, bool terminating);

/* --- one run ---------------------------------------------------------------------------------- */

/* Somebody asked for it, or a metric that counts has ended badly. */
bool cm_argo_terminating(const struct cm_argo_spec *spec, const struct cm_argo_run *run);

enum cm_argo_task { CM_ARGO_NOTHING, CM_ARGO_MEASURE, CM_ARGO_RESUME, CM_ARGO_TERMINATE };
/* What a pass at `now`, to the letter, does with one metric: due is `now > finished + gap`. */
enum cm_argo_task cm_argo_due(const struct cm_argo_spec *spec, const struct cm_argo_run *run,
                              size_t metric, cm_time now);

/* A provider of measurements: does the task for one metric at `now`, given the measurement in
 * flight if there is one, and answers with what became of it (finished >= now, or in flight). */
struct cm_argo_provider {
    void *self;
    struct cm_argo_measurement (*take)(void *self, size_t metric, enum cm_argo_task task,
                                       cm_time now);
};
/* Takes all measurements that are due; the instant when the slowest has answered, or now. */
cm_time cm_argo_measure(const struct cm_argo_spec *spec, struct cm_argo_run *run, cm_time now,
                        const struct cm_argo_provider *provider);

/* The second half of a pass: statuses of all metrics and of the run, which it returns. */
enum cm_argo_phase cm_argo_assess(const struct cm_argo_spec *spec, struct cm_argo_run *run,
                                  cm_time now);

/* When the next measurement of an unfinished run is due; CM_NEVER = nothing is scheduled. */
cm_time cm_argo_next(const struct cm_argo_spec *spec, const struct cm_argo_run *run, cm_time now);

struct cm_argo_summary {
    int count, successful, failed, inconclusive, error;
};
/* The metrics that do not count, by how they ended. */
struct cm_argo_summary cm_argo_dry_run_summary(const struct cm_argo_spec *spec,
                                               const struct cm_argo_run *run);

/* The run's message, as `kubectl` shows it; `said` = the provider's own words or NULL. */
void cm_argo_message(const struct cm_argo_spec *spec, const struct cm_argo_run *run,
                     const char *said, char *text, size_t size);
/* "failed (3) > failureLimit (2)"; "" if nothing is wrong. */
void cm_argo_reason_text(const struct cm_argo_why *why, char *text, size_t size);

/* --- what a run does not begin with ----------------------------------------------------------- */

/* Refuses metrics in Argo's words. */
int cm_argo_validate(const struct cm_argo_spec *spec, struct cm_err *err);

/* Marks as dry-run the metrics whose names match a rule, an unanchored regular expression. A rule
 * that matches none (as one that is no expression, such as a bare asterisk) is refused. */
int cm_argo_dry_run(const char *const *rules, size_t n_rules, struct cm_argo_metric *metrics,
                    size_t n_metrics, struct cm_err *err);
/* The same for retention, of which nothing but the refusal matters here. */
int cm_argo_check_retention(const char *const *rules, size_t n_rules,
                            const struct cm_argo_spec *spec, struct cm_err *err);

/* Of n measurements the newest that are kept; `retention` <= 0 or unset = `otherwise`. */
size_t cm_argo_kept(size_t n, int64_t retention, size_t otherwise);

/* Time to live after completion, success, failure; CM_NO_DURATION = not given. */
struct cm_argo_ttl {
    cm_time completion, success, failure;
};
bool cm_argo_expired(const struct cm_argo_ttl *ttl, enum cm_argo_phase phase, cm_time age);

#endif
