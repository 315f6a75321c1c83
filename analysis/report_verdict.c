/* The verdict: what a platform engineer decides by, one row a policy. Two errors stand side by
 * side, good releases sent back and bad ones let through, since either alone can be made as small
 * as one likes; then how long each takes, what it breaks, and how small an effect would still be
 * seen.
 *
 * Intervals stand in the details; here a row has to be read at a glance. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/report_parts.h"
#include "analysis/words.h"

enum { LONGEST_WORDS = 30 }; /* of a smallest effect in this table */

/* "error-spike: +1.1pp errors" */
static void name_group(const struct cm_results *r, int release, struct cm_buffer *into)
{
    struct cm_writer to = cm_buffer_writer(into);
    cm_buffer_clear(into);
    cm_print(to, "%s", cm_results_release_name(r, release));
    if (release >= 0) {
        cm_print(to, ": ");
        cm_words_effect(&r->scenario->defects[release].effect, 1, to);
    }
    if (release >= 0 && cm_results_harmless(r, release))
        cm_print(to, " (harmless)");
}

void cm_report_verdict_columns(const struct cm_verdict_form *form, int release, const char *group,
                               struct cm_table *t)
{
    const struct cm_verdict_part *part = cm_verdict_form_part(form, release);
    if (part->good) {
        cm_report_column(t, group, "false\nrollback", CM_COLUMN_SHARE);
        cm_report_column(t, group, "promoted\nafter", CM_COLUMN_DURATION);
        return;
    }
    cm_report_column(t, group, "detected", CM_COLUMN_SHARE);
    cm_report_column(t, group, "missed", CM_COLUMN_SHARE);
    cm_report_column(t, group, "detected\nafter", CM_COLUMN_DURATION);
    cm_report_column(t, group, part->heading, CM_COLUMN_NUMBER);
    if (form->budget)
        cm_report_column(t, group, "budget\nburned", CM_COLUMN_SHARE);
    if (form->smallest)
        cm_report_column(t, group, "smallest effect\nseen 4 times in 5", CM_COLUMN_TEXT);
}

static void add_columns(const struct cm_verdict_form *form, const struct cm_results *r, int release,
                        struct cm_table *t)
{
    struct cm_buffer group = {0};
    name_group(r, release, &group);
    cm_report_verdict_columns(form, release, group.text, t);
    cm_buffer_release(&group);
}

/* A long list of effects would push the table apart; the strength says as much. */
static void add_smallest(const struct cm_results *r, struct cm_pair row, struct cm_table *t)
{
    struct cm_buffer words = {0};
    cm_report_smallest(r, row, cm_buffer_writer(&words));
    const char *strength = strrchr(words.text, '(');
    if (words.length <= LONGEST_WORDS || !strength) {
        cm_table_text(t, words.text);
    } else { /* "x1.5 errors, ... (x0.58)": the strength alone */
        char text[LONGEST_WORDS];
        snprintf(text, sizeof text, "%.*s", (int)strcspn(strength + 1, ")"), strength + 1);
        cm_table_text(t, text);
    }
    cm_buffer_release(&words);
}

/* In the order of the columns. */
void cm_report_verdict_cells(const struct cm_verdict_form *form, const struct cm_findings *f,
                             struct cm_pair row, struct cm_table *t)
{
    const struct cm_verdict_part *part = cm_verdict_form_part(form, row.release);
    if (part->good) {
        cm_report_cell(t, f, row, "false_rollback", NULL);
        cm_report_cell(t, f, row, "time_to_promote", "median");
        return;
    }
    cm_report_cell(t, f, row, "detection", NULL);
    cm_report_cell(t, f, row, "missed", NULL);
    cm_report_cell(t, f, row, "detection_time", "median");
    cm_report_cell(t, f, row, part->harm, "mean");
    if (form->budget)
        cm_report_cell(t, f, row, "error_budget.burned", "mean");
    if (form->smallest)
        add_smallest(f->results, row, t);
}

/* One group of columns a release, one row a policy. */
void cm_report_verdict(const struct cm_page *page)
{
    const struct cm_results *r = page->findings->results;
    struct cm_table t;
    cm_table_init(&t, NULL, 1);
    struct cm_verdict_form form = cm_verdict_form_of(r, &t.arena);
    form.budget = false; /* it has a table of its own */
    cm_report_column(&t, NULL, "policy", CM_COLUMN_TEXT);
    for (int release = -1; release + 1 < (int)r->n_releases; release++)
        add_columns(&form, r, release, &t);
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        cm_table_text(&t, cm_results_policy(r, policy));
        for (int release = -1; release + 1 < (int)r->n_releases; release++)
            cm_report_verdict_cells(&form, page->findings, (struct cm_pair){policy, release}, &t);
    }
    cm_table_note(&t, "After: the median. Limits and n stand in the tables below.");
    page->prose->table(page->to, &t);
    cm_table_release(&t);
}
