/* The parts of a report; each reads the findings and says one thing. */
#ifndef CM_REPORT_PARTS_H
#define CM_REPORT_PARTS_H

#include "analysis/measure.h"
#include "analysis/report.h"
#include "analysis/verdict_form.h"
#include "analysis/write.h"

/* Where a report for people goes. */
struct cm_page {
    const struct cm_findings *findings; /* borrowed, as are the others */
    const struct cm_prose *prose;
    struct cm_writer to;
};

/* From what was run to what was assumed; the title stands above it. */
void cm_report_body(const struct cm_page *page, const struct cm_report_options *options);
/* The document of a page: cm_report_body, with pictures and scenario. */
void cm_report_html(const struct cm_page *page, const struct cm_report_options *options);
/* The parts of a document: up to its body, the pictures, a text behind a line to click on, the end.
 */
void cm_html_begin(const char *title, struct cm_writer to);
void cm_html_pictures(const struct cm_report_options *options, struct cm_writer to);
void cm_html_folded(const char *summary, const char *text, struct cm_writer to);
void cm_html_end(const char *version, struct cm_writer to);

/* One row a policy: the table that has to be right when nothing else is read. */
void cm_report_verdict(const struct cm_page *page);
/* How rollouts end, detection, times, blast radius, effort, worth. */
void cm_report_details(const struct cm_page *page);
/* What the scenario asserts. */
void cm_report_claims(const struct cm_page *page, const struct cm_claims *claims);
void cm_report_claims_json(const struct cm_claims *claims, struct cm_writer to); /* two members */
/* "1 fails, 2 are undecided, 5 hold" */
void cm_report_claims_count(const struct cm_claims *claims, struct cm_writer to);
/* "60.2 % [58.1, 62.3]" */
void cm_report_claim_found(const struct cm_claims *claims, const struct cm_claim *claim,
                           struct cm_writer to);
/* Users reached, and weight against true share; nothing where nobody counts users. */
void cm_report_users(const struct cm_page *page);

/* Sentences, one a row of a table with a single column of text. */
void cm_report_warnings(const struct cm_findings *f, struct cm_table *sentences);
void cm_report_assumptions(const struct cm_findings *f, struct cm_table *sentences);
/* Adds what was collected, and empties it. */
void cm_report_say(struct cm_table *sentences, struct cm_buffer *sentence);

/* One row a number. With `options` every row says what was run. */
void cm_report_long(const struct cm_findings *f, const struct cm_report_options *options,
                    struct cm_table *table);

/* For the tables of a report. */
void cm_report_column(struct cm_table *t, const char *group, const char *name,
                      enum cm_column_type type);
void cm_report_column_with_limits(struct cm_table *t, const char *group, const char *name,
                                  enum cm_column_type type);
/* What a row is about. */
struct cm_pair {
    size_t policy;
    int release;
};
/* "healthy", or "all" for CM_ALL_RELEASES. */
const char *cm_report_release(const struct cm_results *r, int release);
/* The unit of a measure; money without a currency is "money". */
const char *cm_report_unit(const struct cm_results *r, const struct cm_measure *m);
/* Columns "policy" and "release", and their cells. */
void cm_report_keys(struct cm_table *t);
void cm_report_key_cells(struct cm_table *t, const struct cm_results *r, struct cm_pair row);
/* The cell of a measure; statistic NULL = its first. */
void cm_report_cell(struct cm_table *t, const struct cm_findings *f, struct cm_pair row,
                    const char *measure, const char *statistic);

/* The columns of the verdict about one release under a heading, and the cells of a policy below
 * them. */
void cm_report_verdict_columns(const struct cm_verdict_form *form, int release, const char *group,
                               struct cm_table *t);
void cm_report_verdict_cells(const struct cm_verdict_form *form, const struct cm_findings *f,
                             struct cm_pair row, struct cm_table *t);

/* The next defect that is not harmless after `release`, or -1 if there is none. */
int cm_report_next_bad(const struct cm_results *r, int release);
/* The smallest effect, where it was asked for: "+0.64pp errors (x0.58)", "none up to x16". */
void cm_report_smallest(const struct cm_results *r, struct cm_pair row, struct cm_writer to);
/* Its strength with limits: "x0.58 [0.51, 0.66]". */
void cm_report_strength(const struct cm_estimate *e, struct cm_writer to);

#endif
