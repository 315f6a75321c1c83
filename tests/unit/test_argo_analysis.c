/* Argo's AnalysisRun as a machine: limits against their closed form, the order of its rules, its
 * clock. Known answers of its controller's own tests are in tests/oracle/argo_cases.json. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/param.h"
#include "sim/controllers/argo_analysis.h"
#include "sim/stats/threshold_rules.h"

enum { METRICS = 3 };

/* Metrics that are measured as letters say: S, F, I, E; the last letter goes on. */
struct play {
    struct cm_argo_metric metrics[METRICS];
    struct cm_argo_spec spec;
    const char *letters[METRICS];
    cm_time latency[METRICS];
    size_t taken[METRICS];
    cm_time times[METRICS][64];
    struct cm_argo_run *run;
    cm_time now;
};

static struct play play_of(size_t n)
{
    static const char *const names[METRICS] = {"a", "b", "c"};
    struct play p = {.spec = {.n = n}};
    for (size_t i = 0; i < n; i++) {
        p.metrics[i] = cm_argo_metric_of(names[i]);
        p.metrics[i].interval = CM_MINUTE;
        p.letters[i] = "S";
    }
    p.run = malloc(cm_argo_run_size(n));
    cm_argo_run_start(p.run, n);
    return p;
}

static struct cm_argo_measurement take(void *self, size_t metric, enum cm_argo_task task,
                                       cm_time now)
{
    struct play *p = self;
    size_t at = p->taken[metric]++, last = strlen(p->letters[metric]) - 1;
    char letter = p->letters[metric][at < last ? at : last];
    cr_assert(task == CM_ARGO_MEASURE && at < 64);
    p->times[metric][at] = now;
    return (struct cm_argo_measurement){letter == 'S'   ? CM_ARGO_SUCCESSFUL
                                        : letter == 'F' ? CM_ARGO_FAILED
                                        : letter == 'I' ? CM_ARGO_INCONCLUSIVE
                                                        : CM_ARGO_ERROR,
                                        now, now + p->latency[metric], CM_NO_DURATION};
}

/* One pass; false once nothing more is to be done until `until`. */
static bool pass(struct play *p, cm_time until)
{
    const struct cm_argo_provider provider = {p, take};
    p->spec.metrics = p->metrics;
    p->now = cm_argo_measure(&p->spec, p->run, p->now, &provider);
    if (cm_argo_completed(cm_argo_assess(&p->spec, p->run, p->now)))
        return false;
    cm_time next = cm_argo_next(&p->spec, p->run, p->now);
    if (!p->run->changed && next > p->now)
        p->now = next;
    return p->now <= until;
}

static enum cm_argo_phase finish(struct play *p, cm_time until)
{
    while (pass(p, until))
        continue;
    return p->run->phase;
}

/* P(Bin(n, f) > L), and the mean number of measurements, summed over all 2^n sequences. */
Test(argo_analysis, failure_limits_are_binomial)
{
    const double f = 0.3;
    for (size_t n = 1; n <= 9; n++)
        for (int64_t limit = 0; limit <= (int64_t)n; limit++) {
            double failed = 0, measured = 0;
            for (unsigned bits = 0; bits < 1U << n; bits++) {
                char letters[16] = "";
                double p = 1;
                for (size_t i = 0; i < n; i++) {
                    letters[i] = (bits >> i & 1) != 0 ? 'F' : 'S';
                    p *= letters[i] == 'F' ? f : 1 - f;
                }
                struct play play = play_of(1);
                play.letters[0] = letters;
                play.metrics[0].count = (int64_t)n;
                play.metrics[0].failure_limit = limit;
                bool fails = finish(&play, CM_DAY) == CM_ARGO_FAILED;
                failed += fails ? p : 0;
                measured += p * (double)play.taken[0];
                free(play.run);
            }
            struct cm_argo_odds odds = cm_argo_failure_limit(n, (uint64_t)limit, f);
            cr_expect(fabs(failed - odds.failed) < 1e-12, "%zu %jd", n, (intmax_t)limit);
            cr_expect(fabs(measured - odds.measurements) < 1e-12, "%zu %jd", n, (intmax_t)limit);
        }
}

Test(argo_analysis, failures_count_over_the_whole_run_and_errors_in_a_row)
{
    struct play p = play_of(1);
    p.letters[0] = "FSFSEFSF";
    p.metrics[0].failure_limit = 3;
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_FAILED);
    cr_expect(p.taken[0] == 8 && p.run->results[0].counts.count == 7);
    free(p.run);
    p = play_of(1);
    p.letters[0] = "EEEESEEEEE";
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_ERROR && p.taken[0] == 10);
    free(p.run);
}

/* No data from the start: five tries, ten seconds apart, whatever the interval. */
Test(argo_analysis, errors_abort_after_forty_seconds)
{
    struct play p = play_of(1);
    p.letters[0] = "E";
    p.metrics[0].interval = CM_HOUR;
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_ERROR);
    cr_expect(p.run->finished == 40 * CM_SECOND && p.taken[0] == 5);
    free(p.run);
}

Test(argo_analysis, intervals_run_from_the_whole_second_of_the_finish)
{
    struct play p = play_of(1);
    p.metrics[0].count = 3;
    p.latency[0] = CM_SECOND * 14 / 10;
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_SUCCESSFUL);
    cr_expect(p.times[0][1] == 61 * CM_SECOND && p.times[0][2] == 122 * CM_SECOND);
    cr_expect(p.run->finished == 122 * CM_SECOND + p.latency[0]);
    free(p.run);
}

/* To the letter due is after the instant; a pass, which comes an instant late, measures at it. */
Test(argo_analysis, due_is_strictly_after_the_instant)
{
    struct play p = play_of(1);
    pass(&p, CM_DAY);
    cr_expect(cm_argo_due(&p.spec, p.run, 0, CM_MINUTE) == CM_ARGO_NOTHING);
    cr_expect(cm_argo_due(&p.spec, p.run, 0, CM_MINUTE + 1) == CM_ARGO_MEASURE);
    cr_expect(cm_argo_next(&p.spec, p.run, 0) == CM_MINUTE);
    free(p.run);
}

Test(argo_analysis, a_slow_provider_delays_its_siblings)
{
    struct play p = play_of(2);
    p.latency[0] = 90 * CM_SECOND;
    p.metrics[0].count = 1;
    p.metrics[1].count = 2;
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_SUCCESSFUL);
    cr_expect(p.times[1][0] == 0 && p.times[1][1] == 90 * CM_SECOND);
    free(p.run);
}

Test(argo_analysis, a_bad_metric_ends_the_run_and_closes_its_siblings_in_the_next_pass)
{
    struct play p = play_of(2);
    p.letters[1] = "SF";
    while (p.run->results[1].phase != CM_ARGO_FAILED)
        pass(&p, CM_DAY);
    cr_expect(p.run->phase == CM_ARGO_RUNNING && p.run->changed);
    cr_expect(cm_argo_terminating(&p.spec, p.run));
    pass(&p, CM_DAY);
    cr_expect(p.run->phase == CM_ARGO_FAILED && p.run->finished == CM_MINUTE);
    cr_expect(p.run->results[0].phase == CM_ARGO_SUCCESSFUL && p.taken[0] == 2);
    free(p.run);
}

/* Within a metric an error overrides what is less bad across metrics. */
Test(argo_analysis, badness_within_a_metric_is_ordered_otherwise_than_across)
{
    struct play p = play_of(1);
    const struct cm_argo_counts counts = {
        .count = 2, .failed = 1, .inconclusive = 1, .consecutive_error = 5};
    cr_expect(cm_argo_broken_limit(&p.metrics[0], &counts).reason == CM_ARGO_TOO_ERROR);
    const struct cm_argo_counts failures = {.count = 9, .failed = 9};
    p.metrics[0].failure_limit = -1; /* off */
    cr_expect(cm_argo_broken_limit(&p.metrics[0], &failures).reason == CM_ARGO_FINE);
    cr_expect(cm_argo_is_worse(CM_ARGO_ERROR, CM_ARGO_FAILED));
    cr_expect(!cm_argo_is_worse(CM_ARGO_FAILED, CM_ARGO_ERROR));
    cr_expect(!cm_argo_is_worse(CM_ARGO_FAILED, CM_ARGO_FAILED));
    free(p.run);
}

Test(argo_analysis, a_dry_run_metric_holds_the_run_open_but_does_not_judge)
{
    struct play p = play_of(2);
    p.letters[0] = "F";
    p.metrics[0].dry_run = true;
    p.metrics[0].failure_limit = 2;
    p.metrics[1].count = 1;
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_SUCCESSFUL);
    cr_expect(p.taken[0] == 3 && p.run->finished == 2 * CM_MINUTE);
    struct cm_argo_summary sum = cm_argo_dry_run_summary(&p.spec, p.run);
    cr_expect(sum.count == 1 && sum.failed == 1);
    free(p.run);
}

Test(argo_analysis, an_initial_delay_counts_from_the_end_of_the_first_pass)
{
    struct play p = play_of(2);
    p.latency[0] = 5 * CM_SECOND;
    p.metrics[0].count = 1;
    p.metrics[1].count = 1;
    p.metrics[1].initial_delay = 30 * CM_SECOND;
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_SUCCESSFUL);
    cr_expect(p.times[1][0] == 35 * CM_SECOND);
    free(p.run);
}

/* All measurements taken, few enough failures, no streak: which limits are on decides. */
Test(argo_analysis, a_streak_that_did_not_come_is_inconclusive_or_failed)
{
    for (int64_t limit = -1; limit <= 2; limit += 3) {
        struct play p = play_of(1);
        p.letters[0] = "SFSFS";
        p.metrics[0].count = 5;
        p.metrics[0].failure_limit = limit;
        p.metrics[0].consecutive_success_limit = 2;
        enum cm_argo_phase wanted = limit < 0 ? CM_ARGO_FAILED : CM_ARGO_INCONCLUSIVE;
        cr_expect(finish(&p, CM_DAY) == wanted);
        free(p.run);
    }
}

Test(argo_analysis, words_say_which_metric_and_why)
{
    char text[200];
    struct play p = play_of(2);
    p.letters[0] = "I";
    p.letters[1] = "F";
    cr_expect(finish(&p, CM_DAY) == CM_ARGO_FAILED);
    cm_argo_message(&p.spec, p.run, "too many", text, sizeof text);
    cr_expect(strcmp(text, "Metric \"b\" assessed Failed due to failed (1) > failureLimit (0): "
                           "\"Error Message: too many\"") == 0,
              "%s", text);
    free(p.run);
}

/* --- rules and refusals ----------------------------------------------------------------------- */

static bool names(const char *rule, const char *name)
{
    struct cm_argo_metric m = cm_argo_metric_of(name);
    struct cm_err err;
    return cm_argo_dry_run(&rule, 1, &m, 1, &err) == 0 && m.dry_run;
}

Test(argo_rules, rules_are_unanchored_expressions)
{
    static const char *const match[] = {"success",
                                        "^success-rate$",
                                        "s.*s",
                                        "c+ess",
                                        "x?-rate",
                                        "[a-s]u[^x]c",
                                        "latency|rate",
                                        ".*",
                                        "",
                                        "[-]",
                                        "\\-",
                                        "e$"};
    static const char *const miss[] = {"^rate", "success$", "sx+u", "[^a-z-]", "latency|error",
                                       "*",     "a**",      "[a-",  "(",       "(success)",
                                       "x{2}",  "\\",       "|+",   "\\d"};
    for (size_t i = 0; i < sizeof match / sizeof match[0]; i++)
        cr_expect(names(match[i], "success-rate"), "%s", match[i]);
    for (size_t i = 0; i < sizeof miss / sizeof miss[0]; i++)
        cr_expect(!names(miss[i], "success-rate"), "%s", miss[i]);
}

/* Backtracking would take for ever. */
Test(argo_rules, hostile_rules_end)
{
    char rule[4000], name[4000];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    strcpy(rule, "a?a?a?a?a?a?a?a?a?a?a*a*a*a*a*a*a*a*a*a*a*b");
    cr_expect(!names(rule, name));
    memset(rule, 'a', sizeof rule - 1);
    rule[sizeof rule - 1] = '\0';
    cr_expect(!names(rule, name)); /* longer than what is run: refused */
}

static const char *refusal(const struct cm_argo_metric *metrics, size_t n)
{
    static struct cm_err err;
    const struct cm_argo_spec spec = {metrics, n};
    err.text[0] = '\0';
    cm_argo_validate(&spec, &err);
    return err.text;
}

Test(argo_analysis, metrics_are_refused_in_argo_s_words)
{
    struct cm_argo_metric m[2] = {cm_argo_metric_of("a"), cm_argo_metric_of("a")};
    cr_expect_str_eq(refusal(m, 1), "");
    cr_expect_str_eq(refusal(m, 2), "metrics[1]: duplicate name 'a'");
    cr_expect_str_eq(refusal(m, 0), "no metrics specified");
    m[0].count = 1;
    m[0].failure_limit = 1; /* can never fail, and is legal */
    cr_expect_str_eq(refusal(m, 1), "");
    m[0].failure_limit = -2;
    cr_expect_str_eq(refusal(m, 1), "metrics[0]: failureLimit must be >= -1");
    m[0] = cm_argo_metric_of("a");
    m[0].interval = CM_ARGO_BAD_TIME;
    cr_expect_str_eq(refusal(m, 1), "metrics[0]: invalid interval string");
}
