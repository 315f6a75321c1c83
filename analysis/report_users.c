/* The tables about users: whom a bad release reached, and what a weight really was. */
#include "analysis/report_parts.h"

/* Means of the rollout beside those of the whole life: escaped releases reach everybody. */
static void write_reached(const struct cm_page *page)
{
    static const struct {
        const char *what, *rollout, *total;
    } kinds[] = {{"exposed", "users.exposed.rollout", "users.exposed"},
                 {"harmed", "users.harmed.rollout", "users.harmed"}};
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    struct cm_table t;
    cm_table_init(&t, "Users reached by one release", 3);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "users", CM_COLUMN_TEXT);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    cm_report_column_with_limits(&t, "rollout", "mean", CM_COLUMN_NUMBER);
    cm_report_column_with_limits(&t, "rollout", "p95", CM_COLUMN_NUMBER);
    cm_report_column_with_limits(&t, "total", "mean", CM_COLUMN_NUMBER);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad))
            for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
                struct cm_pair row = {policy, bad};
                cm_report_key_cells(&t, r, row);
                cm_table_text(&t, kinds[i].what);
                cm_table_count(&t, cm_findings_one(f, kinds[i].total, "mean", policy, bad).n);
                cm_report_cell(&t, f, row, kinds[i].rollout, "mean");
                cm_report_cell(&t, f, row, kinds[i].rollout, "p95");
                cm_report_cell(&t, f, row, kinds[i].total, "mean");
            }
    cm_table_note(&t, "Distinct users. Exposed: the release answered a request of theirs after the "
                      "onset. Harmed: one failed or was slow because of it. Total: the escaped "
                      "part included.");
    if (cm_table_rows(&t) > 0)
        page->prose->table(page->to, &t);
    cm_table_release(&t);
}

/* Of the healthy release: what a weight came to has nothing to do with defects, but rollouts that
 * end early would show only their first weights. */
static void write_share(const struct cm_page *page)
{
    const struct cm_findings *f = page->findings;
    const struct cm_results *r = f->results;
    struct cm_table t;
    cm_table_init(&t, "Weight and true share of the canary, healthy release", 1);
    cm_report_column(&t, NULL, "policy", CM_COLUMN_TEXT);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    cm_report_column(&t, "first step", "weight", CM_COLUMN_SHARE);
    cm_report_column(&t, "share at its end", "mean", CM_COLUMN_SHARE);
    cm_report_column_with_limits(&t, "share at its end", "median", CM_COLUMN_SHARE);
    cm_report_column_with_limits(&t, "share at its end", "p95", CM_COLUMN_SHARE);
    cm_report_column_with_limits(&t, "off by, all steps", "mean", CM_COLUMN_SHARE);
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        struct cm_pair row = {policy, -1};
        cm_table_text(&t, cm_results_policy(r, policy));
        cm_table_count(&t, cm_findings_one(f, "canary_share.first", "mean", policy, -1).n);
        cm_report_cell(&t, f, row, "canary_share.weight", "mean");
        cm_report_cell(&t, f, row, "canary_share.first", "mean");
        cm_report_cell(&t, f, row, "canary_share.first", "median");
        cm_report_cell(&t, f, row, "canary_share.first", "p95");
        cm_report_cell(&t, f, row, "canary_share.deviation", "mean");
    }
    cm_table_note(&t, "Off by: |share / weight - 1|, the mean over the time in which the traffic "
                      "was split.");
    page->prose->table(page->to, &t);
    cm_table_release(&t);
}

void cm_report_users(const struct cm_page *page)
{
    const struct cm_users *users = &page->findings->results->scenario->users;
    if (!cm_users_given(users))
        return;
    write_reached(page);
    if (users->stickiness != CM_STICKY_NONE)
        write_share(page);
}
