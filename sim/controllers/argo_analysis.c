/* Argo Rollouts' AnalysisRun; see the header for its rules and their source.
 *
 * The order of the rules is the policy: within a metric an error overrides inconclusive overrides
 * failed, across metrics failed is worse than error is worse than inconclusive. */
#include "sim/controllers/argo_analysis.h"

#include <assert.h>
#include <stdio.h>

#include "sim/base/param.h"

const char *const cm_argo_phase_names[CM_ARGO_PHASES + 1] = {
    [CM_ARGO_NONE] = "",
    [CM_ARGO_SUCCESSFUL] = "Successful",
    [CM_ARGO_RUNNING] = "Running",
    [CM_ARGO_PENDING] = "Pending",
    [CM_ARGO_INCONCLUSIVE] = "Inconclusive",
    [CM_ARGO_ERROR] = "Error",
    [CM_ARGO_FAILED] = "Failed",
};

bool cm_argo_completed(enum cm_argo_phase phase)
{
    return phase == CM_ARGO_SUCCESSFUL || phase >= CM_ARGO_INCONCLUSIVE;
}

bool cm_argo_is_worse(enum cm_argo_phase current, enum cm_argo_phase next)
{
    int from = current == CM_ARGO_NONE ? CM_ARGO_SUCCESSFUL : (int)current;
    return (int)next > from;
}

struct cm_argo_metric cm_argo_metric_of(const char *name)
{
    return (struct cm_argo_metric){
        .name = name,
        .count = CM_ARGO_UNSET,
        .failure_limit = CM_ARGO_UNSET,
        .inconclusive_limit = CM_ARGO_UNSET,
        .consecutive_error_limit = CM_ARGO_UNSET,
        .consecutive_success_limit = CM_ARGO_UNSET,
        .interval = CM_NO_DURATION,
        .initial_delay = CM_NO_DURATION,
        .providers = 1,
    };
}

static int64_t or_default(int64_t given, int64_t otherwise)
{
    return given == CM_ARGO_UNSET ? otherwise : given;
}

int64_t cm_argo_effective_count(const struct cm_argo_metric *metric)
{
    if (or_default(metric->count, 0) != 0)
        return metric->count;
    return metric->interval == CM_NO_DURATION ? 1 : CM_ARGO_UNSET;
}

static bool count_reached(const struct cm_argo_metric *metric, const struct cm_argo_result *result)
{
    int64_t n = cm_argo_effective_count(metric);
    return n != CM_ARGO_UNSET && result->counts.count >= n;
}

void cm_argo_count(struct cm_argo_counts *counts, enum cm_argo_phase phase)
{
    assert(cm_argo_completed(phase));
    bool error = phase == CM_ARGO_ERROR, success = phase == CM_ARGO_SUCCESSFUL;
    counts->count += !error;
    counts->successful += success;
    counts->failed += phase == CM_ARGO_FAILED;
    counts->inconclusive += phase == CM_ARGO_INCONCLUSIVE;
    counts->error += error;
    counts->consecutive_error = error ? counts->consecutive_error + 1 : 0;
    counts->consecutive_success = success ? counts->consecutive_success + 1 : 0;
}

size_t cm_argo_run_size(size_t n_metrics)
{
    return sizeof(struct cm_argo_run) + n_metrics * sizeof(struct cm_argo_result);
}

void cm_argo_run_start(struct cm_argo_run *run, size_t n_metrics)
{
    *run = (struct cm_argo_run){.started = CM_NEVER, .finished = CM_NEVER, .why = {.metric = -1}};
    for (size_t i = 0; i < n_metrics; i++)
        run->results[i] = (struct cm_argo_result){.exists = false};
}

/* --- one metric ------------------------------------------------------------------------------- */

struct cm_argo_why cm_argo_broken_limit(const struct cm_argo_metric *metric,
                                        const struct cm_argo_counts *counts)
{
    const struct cm_argo_why limits[] = {
        {CM_ARGO_TOO_FAILED, counts->failed, or_default(metric->failure_limit, 0), -1},
        {CM_ARGO_TOO_INCONCLUSIVE, counts->inconclusive, or_default(metric->inconclusive_limit, 0),
         -1},
        {CM_ARGO_TOO_ERROR, counts->consecutive_error,
         or_default(metric->consecutive_error_limit, CM_ARGO_ERROR_LIMIT), -1},
    };
    struct cm_argo_why broken = {.reason = CM_ARGO_FINE, .metric = -1};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        bool off = limits[i].reason == CM_ARGO_TOO_FAILED && limits[i].limit < 0;
        if (!off && limits[i].counted > limits[i].limit)
            broken = limits[i]; /* the last one counts */
    }
    return broken;
}

static enum cm_argo_phase phase_of(enum cm_argo_reason reason)
{
    static const enum cm_argo_phase phases[] = {
        [CM_ARGO_FINE] = CM_ARGO_SUCCESSFUL,
        [CM_ARGO_TOO_FAILED] = CM_ARGO_FAILED,
        [CM_ARGO_TOO_INCONCLUSIVE] = CM_ARGO_INCONCLUSIVE,
        [CM_ARGO_TOO_ERROR] = CM_ARGO_ERROR,
    };
    return phases[reason];
}

/* All measurements are taken and no limit is broken: a streak that was asked for did not come. */
static enum cm_argo_phase status_at_the_end(const struct cm_argo_metric *metric)
{
    if (or_default(metric->consecutive_success_limit, 0) <= 0)
        return CM_ARGO_SUCCESSFUL;
    return or_default(metric->failure_limit, 0) >= 0 ? CM_ARGO_INCONCLUSIVE : CM_ARGO_FAILED;
}

enum cm_argo_phase cm_argo_metric_status(const struct cm_argo_metric *metric,
                                         const struct cm_argo_result *result, bool terminating)
{
    if (cm_argo_completed(result->phase))
        return result->phase;
    if (result->measurements == 0)
        return terminating ? CM_ARGO_SUCCESSFUL : CM_ARGO_PENDING;
    if (!cm_argo_completed(result->last.phase))
        return CM_ARGO_RUNNING;
    struct cm_argo_why broken = cm_argo_broken_limit(metric, &result->counts);
    if (broken.reason != CM_ARGO_FINE)
        return phase_of(broken.reason);
    int64_t streak = or_default(metric->consecutive_success_limit, 0);
    if (streak > 0 && result->counts.consecutive_success >= streak)
        return CM_ARGO_SUCCESSFUL;
    if (count_reached(metric, result))
        return status_at_the_end(metric);
    return terminating ? CM_ARGO_SUCCESSFUL : CM_ARGO_RUNNING;
}

/* --- when ------------------------------------------------------------------------------------- */

bool cm_argo_terminating(const struct cm_argo_spec *spec, const struct cm_argo_run *run)
{
    if (run->terminate)
        return true;
    for (size_t i = 0; i < spec->n; i++)
        if (!spec->metrics[i].dry_run && run->results[i].phase >= CM_ARGO_INCONCLUSIVE)
            return true;
    return false;
}

/* As Kubernetes stores it. Instants before 0 round down, too. */
static cm_time whole_seconds(cm_time t)
{
    cm_time beyond = t % CM_SECOND;
    return t - beyond - (beyond < 0 ? CM_SECOND : 0);
}

/* From the end of the last measurement to the next. */
static cm_time gap(const struct cm_argo_metric *metric, const struct cm_argo_measurement *last)
{
    return last->phase == CM_ARGO_ERROR || metric->interval == CM_NO_DURATION ? CM_ARGO_ERROR_RETRY
                                                                              : metric->interval;
}

static bool in_flight(const struct cm_argo_result *result)
{
    return result->measurements > 0 && result->last.finished == CM_NEVER;
}

/* When the first measurement may be taken, in a run that started at `started`; CM_NEVER = never. */
static cm_time first_due(const struct cm_argo_metric *metric, cm_time started)
{
    if (started == CM_NEVER || metric->initial_delay == CM_ARGO_BAD_TIME)
        return CM_NEVER;
    return cm_later(whole_seconds(started), metric->initial_delay);
}

enum cm_argo_task cm_argo_due(const struct cm_argo_spec *spec, const struct cm_argo_run *run,
                              size_t metric, cm_time now)
{
    const struct cm_argo_metric *m = &spec->metrics[metric];
    const struct cm_argo_result *r = &run->results[metric];
    bool terminating = cm_argo_terminating(spec, run);
    if (cm_argo_completed(r->phase))
        return CM_ARGO_NOTHING;
    if (in_flight(r)) {
        if (!terminating && r->last.resume_at > now)
            return CM_ARGO_NOTHING;
        return terminating ? CM_ARGO_TERMINATE : CM_ARGO_RESUME;
    }
    if (terminating)
        return CM_ARGO_NOTHING;
    if (r->measurements == 0) {
        bool due = m->initial_delay == CM_NO_DURATION || first_due(m, run->started) <= now;
        return due ? CM_ARGO_MEASURE : CM_ARGO_NOTHING;
    }
    if (count_reached(m, r) || gap(m, &r->last) == CM_ARGO_BAD_TIME)
        return CM_ARGO_NOTHING;
    return now > cm_later(whole_seconds(r->last.finished), gap(m, &r->last)) ? CM_ARGO_MEASURE
                                                                             : CM_ARGO_NOTHING;
}

/* When one metric is due next; CM_NEVER = nothing is scheduled. */
static cm_time next_of(const struct cm_argo_metric *m, const struct cm_argo_result *r,
                       cm_time started)
{
    if (cm_argo_completed(r->phase))
        return CM_NEVER;
    if (r->measurements == 0)
        return m->initial_delay == CM_NO_DURATION ? CM_NEVER : first_due(m, started);
    if (in_flight(r))
        return r->last.resume_at == CM_NO_DURATION ? CM_NEVER : r->last.resume_at;
    bool again = m->interval != CM_NO_DURATION || r->last.phase == CM_ARGO_ERROR;
    if (!again || count_reached(m, r) || gap(m, &r->last) == CM_ARGO_BAD_TIME)
        return CM_NEVER;
    return cm_later(whole_seconds(r->last.finished), gap(m, &r->last));
}

cm_time cm_argo_next(const struct cm_argo_spec *spec, const struct cm_argo_run *run, cm_time now)
{
    cm_time next = CM_NEVER, started = run->started == CM_NEVER ? now : run->started;
    for (size_t i = 0; i < spec->n; i++) {
        cm_time one = next_of(&spec->metrics[i], &run->results[i], started);
        next = one < next ? one : next;
    }
    return next;
}

/* --- one pass --------------------------------------------------------------------------------- */

static void record(struct cm_argo_result *result, enum cm_argo_task task,
                   struct cm_argo_measurement taken)
{
    if (!result->exists)
        result->phase = CM_ARGO_RUNNING;
    result->exists = true;
    result->measurements += task == CM_ARGO_MEASURE;
    result->last = taken;
    if (cm_argo_completed(taken.phase))
        cm_argo_count(&result->counts, taken.phase);
}

cm_time cm_argo_measure(const struct cm_argo_spec *spec, struct cm_argo_run *run, cm_time now,
                        const struct cm_argo_provider *provider)
{
    const cm_time late = now + 1; /* a real wake-up comes after the instant it was set for */
    cm_time end = now;
    run->changed = false;
    if (cm_argo_completed(run->phase))
        return now;
    for (size_t i = 0; i < spec->n; i++) {
        enum cm_argo_task task = cm_argo_due(spec, run, i, late);
        if (task == CM_ARGO_NOTHING)
            continue;
        struct cm_argo_measurement taken = provider->take(provider->self, i, task, now);
        record(&run->results[i], task, taken);
        run->changed = true;
        if (taken.finished != CM_NEVER && taken.finished > end)
            end = taken.finished;
    }
    return end;
}

/* What one completed metric that counts adds to the run's. */
static void add_worst(struct cm_argo_run *run, enum cm_argo_phase *worst, int metric,
                      struct cm_argo_why why)
{
    enum cm_argo_phase phase = run->results[metric].phase;
    if (*worst != CM_ARGO_NONE && !cm_argo_is_worse(*worst, phase))
        return;
    *worst = phase;
    why.metric = metric;
    if (why.reason != CM_ARGO_FINE)
        run->why = why;
}

enum cm_argo_phase cm_argo_assess(const struct cm_argo_spec *spec, struct cm_argo_run *run,
                                  cm_time now)
{
    if (cm_argo_completed(run->phase))
        return run->phase;
    bool terminating = cm_argo_terminating(spec, run), all = true;
    enum cm_argo_phase worst = CM_ARGO_NONE, before = run->phase;
    if (run->started == CM_NEVER)
        run->started = now;
    for (size_t i = 0; i < spec->n; i++) {
        struct cm_argo_result *r = &run->results[i];
        enum cm_argo_phase was = r->phase;
        if (r->exists)
            r->phase = cm_argo_metric_status(&spec->metrics[i], r, terminating);
        run->changed = run->changed || r->phase != was;
        if (!r->exists || !cm_argo_completed(r->phase))
            all = false;
        else if (!spec->metrics[i].dry_run)
            add_worst(run, &worst, (int)i, cm_argo_broken_limit(&spec->metrics[i], &r->counts));
        else if (worst == CM_ARGO_NONE)
            worst = CM_ARGO_SUCCESSFUL;
    }
    if (terminating)
        run->phase = worst == CM_ARGO_NONE ? CM_ARGO_SUCCESSFUL : worst;
    else
        run->phase = all && worst != CM_ARGO_NONE ? worst : CM_ARGO_RUNNING;
    if (cm_argo_completed(run->phase))
        run->finished = now;
    run->changed = run->changed || run->phase != before;
    return run->phase;
}

/* --- words ------------------------------------------------------------------------------------ */

struct cm_argo_summary cm_argo_dry_run_summary(const struct cm_argo_spec *spec,
                                               const struct cm_argo_run *run)
{
    struct cm_argo_summary sum = {0};
    for (size_t i = 0; i < spec->n; i++) {
        sum.count += spec->metrics[i].dry_run;
        if (!spec->metrics[i].dry_run || !cm_argo_completed(run->results[i].phase))
            continue;
        enum cm_argo_reason why =
            cm_argo_broken_limit(&spec->metrics[i], &run->results[i].counts).reason;
        sum.successful += why == CM_ARGO_FINE;
        sum.failed += why == CM_ARGO_TOO_FAILED;
        sum.inconclusive += why == CM_ARGO_TOO_INCONCLUSIVE;
        sum.error += why == CM_ARGO_TOO_ERROR;
    }
    return sum;
}

void cm_argo_reason_text(const struct cm_argo_why *why, char *text, size_t size)
{
    static const char *const counted[] = {"", "failed", "inconclusive", "consecutiveErrors"};
    static const char *const limits[] = {"", "failureLimit", "inconclusiveLimit",
                                         "consecutiveErrorLimit"};
    if (why->reason == CM_ARGO_FINE)
        snprintf(text, size, "%s", "");
    else
        snprintf(text, size, "%s (%jd) > %s (%jd)", counted[why->reason], (intmax_t)why->counted,
                 limits[why->reason], (intmax_t)why->limit);
}

void cm_argo_message(const struct cm_argo_spec *spec, const struct cm_argo_run *run,
                     const char *said, char *text, size_t size)
{
    bool done = cm_argo_completed(run->phase);
    if (!done || run->why.reason == CM_ARGO_FINE) {
        snprintf(text, size, "%s", done && run->terminate ? "Run Terminated" : "");
        return;
    }
    char reason[100];
    bool quotes = said != NULL && *said != '\0';
    cm_argo_reason_text(&run->why, reason, sizeof reason);
    snprintf(text, size, "Metric \"%s\" assessed %s due to %s%s%s%s",
             spec->metrics[run->why.metric].name,
             cm_argo_phase_names[run->results[run->why.metric].phase], reason,
             quotes ? ": \"Error Message: " : "", quotes ? said : "", quotes ? "\"" : "");
}

/* --- what a run does not begin with ----------------------------------------------------------- */

size_t cm_argo_kept(size_t n, int64_t retention, size_t otherwise)
{
    size_t most = retention > 0 ? (size_t)retention : otherwise;
    return n < most ? n : most;
}

bool cm_argo_expired(const struct cm_argo_ttl *ttl, enum cm_argo_phase phase, cm_time age)
{
    cm_time own = phase == CM_ARGO_SUCCESSFUL ? ttl->success
                  : phase == CM_ARGO_FAILED   ? ttl->failure
                                              : CM_NO_DURATION;
    cm_time limit = own != CM_NO_DURATION ? own : ttl->completion;
    return cm_argo_completed(phase) && limit != CM_NO_DURATION && age > limit;
}
