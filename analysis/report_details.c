/* The tables behind the verdict, every number that decides something with its 95 % limits and n.
 *
 * Rows are policy by policy, release by release, so that one policy is read from top to bottom and
 * two are compared by looking up and down. What never happened, or does not apply, has no column.
 */
#include <math.h>
#include <stdio.h>

#include "analysis/report_parts.h"
#include "analysis/smallest.h"
#include "analysis/words.h"

/* A table without rows (no defects) is not shown. */
static void write_table(const struct cm_page *page, struct cm_table *t)
{
    if (cm_table_rows(t) > 0)
        page->prose->table(page->to, t);
    cm_table_release(t);
}

/* --- ends --- */

static const struct {
    const char *statistic, *heading;
} ends[CM_ENDS] = {
    [CM_PROMOTED] = {"promoted", "promoted"}, [CM_ROLLED_BACK] = {"rolled_back", "rolled back"},
    [CM_STUCK] = {"stuck", "stuck"},          [CM_SUPERSEDED] = {"superseded", "superseded"},
    [CM_PAUSED] = {"paused", "paused"},       [CM_TIMED_OUT] = {"timed_out", "timed out"},
};

/* Whether any rollout of the study ended so. */
static bool happened(const struct cm_findings *f, int end)
{
    const struct cm_results *r = f->results;
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int release = -1; release + 1 < (int)r->n_releases; release++)
            if (cm_findings_one(f, "ends", ends[end].statistic, policy, release).value > 0)
                return true;
    return false;
}

/* Promoted and rolled back always: that they never happened is worth a column. */
static bool shown(const struct cm_findings *f, int end)
{
    return end == CM_PROMOTED || end == CM_ROLLED_BACK || happened(f, end);
}

/* Ends without a column are named below it, so that their absence is a statement. */
static void note_ends(const struct cm_findings *f, struct cm_table *t)
{
    struct cm_buffer never = {0};
    for (int end = 0; end < CM_ENDS; end++)
        if (!shown(f, end))
            cm_print(cm_buffer_writer(&never), "%s%s", never.length ? ", " : "", ends[end].heading);
    struct cm_buffer note = {0};
    cm_print(cm_buffer_writer(&note),
             "Rolled back is a false rollback where the release is healthy or harmless.%s%s%s",
             never.length ? " No rollout ended so: " : "", never.length ? never.text : "",
             never.length ? "." : "");
    cm_table_note(t, note.text);
    cm_buffer_release(&note);
    cm_buffer_release(&never);
}

/* Shares of all rollouts of a release. */
static void write_ends(const struct cm_page *page)
{
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    struct cm_table t;
    cm_table_init(&t, "How rollouts end", 2);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    for (int end = 0; end < CM_ENDS; end++)
        if (shown(f, end))
            cm_report_column_with_limits(&t, NULL, ends[end].heading, CM_COLUMN_SHARE);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int release = -1; release + 1 < (int)r->n_releases; release++) {
            struct cm_pair row = {policy, release};
            cm_report_key_cells(&t, r, row);
            cm_table_count(&t, cm_results_cell(r, policy, release)->replications);
            for (int end = 0; end < CM_ENDS; end++)
                if (shown(f, end))
                    cm_report_cell(&t, f, row, "ends", ends[end].statistic);
        }
    note_ends(f, &t);
    write_table(page, &t);
}

/* --- detection --- */

/* A column for what nearly never happens is shown only where it does. */
static bool any_early(const struct cm_findings *f)
{
    const struct cm_results *r = f->results;
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad))
            if (cm_findings_one(f, "early_rollback", NULL, policy, bad).value > 0)
                return true;
    return false;
}

/* In a column of text: a strength has words for what lies beyond those tried. */
static void add_strength(struct cm_table *t, const struct cm_findings *f, struct cm_pair row)
{
    struct cm_estimate e = cm_findings_one(f, "smallest_effect", NULL, row.policy, row.release);
    struct cm_buffer words = {0};
    cm_report_strength(&e, cm_buffer_writer(&words));
    cm_table_text(t, words.text);
    cm_buffer_release(&words);
}

/* Power, its complement that hurts, and how small an effect would still be seen. */
static void write_detection(const struct cm_page *page)
{
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    bool early = any_early(f);
    struct cm_table t;
    cm_table_init(&t, "What is detected", 2);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    cm_report_column_with_limits(&t, NULL, "detected", CM_COLUMN_SHARE);
    cm_report_column_with_limits(&t, NULL, "missed", CM_COLUMN_SHARE);
    if (early)
        cm_report_column_with_limits(&t, NULL, "rolled back early", CM_COLUMN_SHARE);
    if (r->smallest)
        cm_report_column(&t, NULL, "smallest\nstrength", CM_COLUMN_TEXT);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad)) {
            struct cm_pair row = {policy, bad};
            cm_report_key_cells(&t, r, row);
            cm_table_count(&t, cm_results_cell(r, policy, bad)->replications);
            cm_report_cell(&t, f, row, "detection", NULL);
            cm_report_cell(&t, f, row, "missed", NULL);
            if (early)
                cm_report_cell(&t, f, row, "early_rollback", NULL);
            if (r->smallest)
                add_strength(&t, f, row);
        }
    if (r->smallest)
        cm_table_note(&t, "Smallest strength: the defect, its effect scaled by so much (1 = as "
                          "written), is detected 4 times in 5.");
    write_table(page, &t);
}

/* --- times --- */

/* `detection` counts releases that are never detected, `if detected` leaves them out, `end of harm`
 * adds what people do. */
static const struct {
    const char *until, *measure, *median, *p95;
} times[] = {
    {"detection", "detection_time", "median", "p95"},
    {"if detected", "detection_time", "median_given_detected", "p95_given_detected"},
    {"end of harm", "time_to_mitigation", "median", "p95"},
};

/* Where all are detected, those detected are not said again. */
static bool says_nothing_new(const struct cm_findings *f, struct cm_pair row, size_t i)
{
    return i == 1 && cm_findings_one(f, "detection", NULL, row.policy, row.release).value >= 1;
}

/* Up to three rows of one pair. */
static void add_times(struct cm_table *t, const struct cm_findings *f, struct cm_pair row)
{
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const char *measure = times[i].measure, *median = times[i].median;
        if (says_nothing_new(f, row, i))
            continue;
        cm_report_key_cells(t, f->results, row);
        cm_table_text(t, times[i].until);
        cm_table_count(t, cm_findings_one(f, measure, median, row.policy, row.release).n);
        cm_report_cell(t, f, row, measure, median);
        cm_report_cell(t, f, row, measure, times[i].p95);
    }
}

/* Three clocks from the same start; each says of how many. */
static void write_times(const struct cm_page *page)
{
    const struct cm_results *r = page->findings->results;
    struct cm_table t;
    cm_table_init(&t, "Time from the onset of the defect", 2);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "until", CM_COLUMN_TEXT);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    cm_report_column_with_limits(&t, NULL, "median", CM_COLUMN_DURATION);
    cm_report_column_with_limits(&t, NULL, "p95", CM_COLUMN_DURATION);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad))
            add_times(&t, page->findings, (struct cm_pair){policy, bad});
    cm_table_note(&t, "Detection is of all releases: one that is promoted first is never detected, "
                      "so a quantile may "
                      "not be reached. Harm ends by rollback or when people notice.");
    write_table(page, &t);
}

/* --- blast radius --- */

/* Parts as means, which add up, and quantiles of the total, which do not. */
static void add_harm(struct cm_table *t, const struct cm_findings *f, struct cm_pair row,
                     const char *kind)
{
    char total[48], part[64];
    snprintf(total, sizeof total, "blast_radius.%s", kind);
    cm_report_key_cells(t, f->results, row);
    cm_table_text(t, kind);
    cm_table_count(t, cm_findings_one(f, total, "mean", row.policy, row.release).n);
    snprintf(part, sizeof part, "%s.rollout", total);
    cm_report_cell(t, f, row, part, "mean");
    snprintf(part, sizeof part, "%s.escaped", total);
    cm_report_cell(t, f, row, part, "mean");
    cm_report_cell(t, f, row, total, "mean");
    cm_report_cell(t, f, row, total, "median");
    cm_report_cell(t, f, row, total, "p95");
}

/* One line a kind of harm that the defect does. */
static void write_blast(const struct cm_page *page)
{
    static const struct {
        const char *kind, *measure;
    } kinds[] = {{"requests", "blast_radius.requests"},
                 {"failures", "blast_radius.failures"},
                 {"slow", "blast_radius.slow"},
                 {"kpi", "blast_radius.kpi"}};
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    struct cm_table t;
    cm_table_init(&t, "Blast radius of one release", 3);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "harm", CM_COLUMN_TEXT);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    cm_report_column(&t, "mean", "rollout", CM_COLUMN_NUMBER);
    cm_report_column(&t, "mean", "escaped", CM_COLUMN_NUMBER);
    cm_report_column_with_limits(&t, "mean", "total", CM_COLUMN_NUMBER);
    cm_report_column_with_limits(&t, "total", "median", CM_COLUMN_NUMBER);
    cm_report_column_with_limits(&t, "total", "p95", CM_COLUMN_NUMBER);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad))
            for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (cm_findings_one(f, kinds[i].measure, "mean", policy, bad).value > 0)
                    add_harm(&t, f, (struct cm_pair){policy, bad}, kinds[i].kind);
    cm_table_note(&t, "Escaped: at full traffic after the rollout, until people noticed or the "
                      "horizon. Kinds of harm that a defect does not do are left out.");
    write_table(page, &t);
}

/* --- error budget --- */

/* What a whole budget is, since a share of it means little to who does not know. */
static void note_budget(const struct cm_scenario *s, struct cm_table *t)
{
    const struct cm_service *service = &s->service;
    double allowed_s = (1 - service->slo) * cm_seconds(service->slo_period);
    struct cm_buffer note = {0};
    struct cm_writer to = cm_buffer_writer(&note);
    cm_print(to, "The budget: ");
    cm_words_share(1 - service->slo, to);
    cm_print(to, " of the requests of ");
    cm_words_duration(cm_seconds(service->slo_period), to);
    cm_print(to, ", ");
    cm_words_count((uint64_t)llround(allowed_s * s->arrivals->mean_rate(s->arrivals_options)), to);
    cm_print(to, " failures or ");
    cm_words_duration(allowed_s, to);
    cm_print(to, " of a full outage. A full outage: the time in which as many requests come as "
                 "failed because of the defect. Defects that fail no request are left out.");
    cm_table_note(t, note.text);
    cm_buffer_release(&note);
}

/* What is left of the month after one bad release; nothing where nobody set an objective. */
static void write_budget(const struct cm_page *page)
{
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    struct cm_table t;
    if (isnan(r->scenario->service.slo))
        return;
    cm_table_init(&t, "Error budget burned by one release", 2);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    cm_report_column_with_limits(&t, "burned", "mean", CM_COLUMN_SHARE);
    cm_report_column_with_limits(&t, "burned", "p95", CM_COLUMN_SHARE);
    cm_report_column_with_limits(&t, "as a full outage", "mean", CM_COLUMN_DURATION);
    cm_report_column_with_limits(&t, "as a full outage", "p95", CM_COLUMN_DURATION);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad)) {
            struct cm_pair row = {policy, bad};
            struct cm_estimate mean =
                cm_findings_one(f, "error_budget.burned", "mean", policy, bad);
            if (!(mean.value > 0))
                continue;
            cm_report_key_cells(&t, r, row);
            cm_table_count(&t, mean.n);
            cm_report_cell(&t, f, row, "error_budget.burned", "mean");
            cm_report_cell(&t, f, row, "error_budget.burned", "p95");
            cm_report_cell(&t, f, row, "error_budget.outage", "mean");
            cm_report_cell(&t, f, row, "error_budget.outage", "p95");
        }
    note_budget(r->scenario, &t);
    write_table(page, &t);
}

/* --- effort --- */

/* What a policy costs when nothing is wrong. */
static void write_effort(const struct cm_page *page)
{
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    struct cm_table t;
    cm_table_init(&t, "Time to promote, and looks", 2);
    cm_report_keys(&t);
    cm_report_column(&t, "promoted", "n", CM_COLUMN_COUNT);
    cm_report_column_with_limits(&t, "promoted", "mean", CM_COLUMN_DURATION);
    cm_report_column_with_limits(&t, "promoted", "median", CM_COLUMN_DURATION);
    cm_report_column_with_limits(&t, "promoted", "p95", CM_COLUMN_DURATION);
    cm_report_column_with_limits(&t, "looks", "mean", CM_COLUMN_NUMBER);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int release = -1; release + 1 < (int)r->n_releases; release++) {
            struct cm_pair row = {policy, release};
            cm_report_key_cells(&t, r, row);
            cm_table_count(&t, cm_findings_one(f, "time_to_promote", "mean", policy, release).n);
            cm_report_cell(&t, f, row, "time_to_promote", "mean");
            cm_report_cell(&t, f, row, "time_to_promote", "median");
            cm_report_cell(&t, f, row, "time_to_promote", "p95");
            cm_report_cell(&t, f, row, "looks", "mean");
        }
    write_table(page, &t);
}

/* --- worth --- */

/* Needs priors: without them nobody knows how likely a rollback is right. */
static void write_worth(const struct cm_page *page)
{
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    bool cost = cm_results_has_prices(r);
    struct cm_table t;
    if (!cm_results_has_priors(r))
        return;
    cm_table_init(&t, "All releases, weighed by their priors", 1);
    cm_report_column(&t, NULL, "policy", CM_COLUMN_TEXT);
    cm_report_column_with_limits(&t, NULL, "a rollback is right", CM_COLUMN_SHARE);
    cm_report_column(&t, NULL, "rollbacks", CM_COLUMN_COUNT);
    if (cost)
        cm_table_column(&t, (struct cm_column){NULL, "cost of a release", CM_COLUMN_MONEY, true,
                                               r->prices.currency});
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        struct cm_pair row = {policy, CM_ALL_RELEASES};
        cm_table_text(&t, cm_results_policy(r, policy));
        cm_report_cell(&t, f, row, "precision", NULL);
        cm_table_count(&t, cm_findings_one(f, "precision", NULL, policy, CM_ALL_RELEASES).n);
        if (cost)
            cm_report_cell(&t, f, row, "expected_cost", NULL);
    }
    write_table(page, &t);
}

void cm_report_details(const struct cm_page *page)
{
    write_ends(page);
    write_detection(page);
    write_times(page);
    write_blast(page);
    write_budget(page);
    cm_report_users(page);
    write_effort(page);
    write_worth(page);
}
