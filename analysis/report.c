/* A report from top to bottom: what was run, what was asserted of it, the verdict, what to be
 * careful about, the details, what was assumed.
 *
 * The verdict comes first because most readers stop there; warnings come second because they should
 * not. Nothing in a report depends on the machine, the time or the number of threads: the same
 * study gives the same bytes. */
#include "analysis/report.h"

#include <math.h>

#include "analysis/report_parts.h"
#include "analysis/words.h"
#include "sim/scenario/flow_kind.h"

enum { SCHEMA_VERSION = 1 }; /* of the JSON; it grows when a key goes or changes its meaning */

/* --- for people --- */

/* Adds what was collected, and empties it. */
static void paragraph(const struct cm_page *page, struct cm_buffer *text)
{
    page->prose->paragraph(page->to, text->text);
    cm_buffer_clear(text);
}

/* Enough to run it again: file, seed, size, version. */
static void say_run(const struct cm_page *page, const struct cm_report_options *options)
{
    const struct cm_scenario *s = page->findings->results->scenario;
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_print(to, "%s: ", s->file);
    cm_words_count(s->run.replications, to);
    cm_print(to, " replication%s of %s, ", s->run.replications == 1 ? "" : "s",
             s->n_defects ? "the healthy release and of each defect" : "the healthy release");
    cm_words_rate(s->arrivals->mean_rate(s->arrivals_options), to);
    cm_print(to, " (%s arrivals), horizon ", s->arrivals->kind.name);
    cm_words_duration(cm_seconds(s->run.horizon), to);
    cm_print(to, ", seed %llu, %s flow. coalmine %s.", (unsigned long long)s->run.seed,
             cm_flow_kind_names[cm_flow_kind_of(s)], options->version);
    paragraph(page, &text);
    cm_buffer_release(&text);
}

/* A heading with its list; neither if there is nothing to say. */
static void say_sentences(const struct cm_page *page, const char *heading,
                          void (*part)(const struct cm_findings *, struct cm_table *))
{
    struct cm_table sentences;
    cm_table_init(&sentences, NULL, 0);
    cm_table_column(&sentences, (struct cm_column){NULL, "sentence", CM_COLUMN_TEXT, false, NULL});
    part(page->findings, &sentences);
    if (cm_table_rows(&sentences) > 0) {
        page->prose->heading(page->to, heading);
        page->prose->begin_items(page->to);
        for (size_t i = 0; i < cm_table_rows(&sentences); i++)
            page->prose->item(page->to, cm_table_at(&sentences, i, 0)->text);
        page->prose->end_of_items(page->to);
    }
    cm_table_release(&sentences);
}

/* The one place that knows the order of a report. */
void cm_report_body(const struct cm_page *page, const struct cm_report_options *options)
{
    say_run(page, options);
    if (options->command)
        page->prose->code(page->to, options->command);
    if (options->claims)
        cm_report_claims(page, options->claims);
    cm_report_verdict(page);
    if (options->format == CM_FORMAT_HTML)
        cm_html_pictures(options, page->to);
    say_sentences(page, "Read with care", cm_report_warnings);
    cm_report_details(page);
    say_sentences(page, "Assumptions", cm_report_assumptions);
}

static void write_page(const struct cm_page *page, const struct cm_report_options *options)
{
    page->prose->title(page->to, page->findings->results->scenario->title);
    cm_report_body(page, options);
}

/* --- for programs --- */

/* One table: nothing but rows, so that files can be put under each other. */
static void write_csv(const struct cm_findings *f, const struct cm_report_options *options,
                      struct cm_writer to)
{
    struct cm_table table;
    cm_report_long(f, options, &table);
    cm_write_csv(&table, to);
    cm_table_release(&table);
}

/* The context of the study, said once: a document is one study. */
static void write_run(const struct cm_scenario *s, const struct cm_report_options *options,
                      struct cm_writer to)
{
    cm_print(to, "\"version\": ");
    cm_write_json_text(options->version, to);
    cm_print(to, ",\n\"command\": ");
    cm_write_json_text(options->command, to);
    cm_print(to, ",\n\"scenario\": {\"file\": ");
    cm_write_json_text(s->file, to);
    cm_print(to, ", \"title\": ");
    cm_write_json_text(s->title, to);
    cm_print(to, ", \"seed\": %llu, \"replications\": %llu, \"horizon_s\": ",
             (unsigned long long)s->run.seed, (unsigned long long)s->run.replications);
    cm_write_json_number(cm_seconds(s->run.horizon), to);
    cm_print(to, "}");
}

/* An array of texts under `key`, in the order in which people read them. */
static void write_sentences(const struct cm_findings *f, const char *key,
                            void (*part)(const struct cm_findings *, struct cm_table *),
                            struct cm_writer to)
{
    struct cm_table sentences;
    cm_table_init(&sentences, NULL, 0);
    cm_table_column(&sentences, (struct cm_column){NULL, "sentence", CM_COLUMN_TEXT, false, NULL});
    part(f, &sentences);
    cm_print(to, ",\n\"%s\": [", key);
    for (size_t i = 0; i < cm_table_rows(&sentences); i++) {
        cm_print(to, i ? ",\n  " : "\n  ");
        cm_write_json_text(cm_table_at(&sentences, i, 0)->text, to);
    }
    cm_print(to, "]");
    cm_table_release(&sentences);
}

/* What the names in "measure" mean, so that a file explains itself. */
static void write_measures(struct cm_writer to)
{
    struct cm_table table;
    cm_table_init(&table, NULL, 0);
    cm_table_column(&table, (struct cm_column){NULL, "measure", CM_COLUMN_TEXT, false, NULL});
    cm_table_column(&table, (struct cm_column){NULL, "summary", CM_COLUMN_TEXT, false, NULL});
    for (const struct cm_measure *const *m = cm_measures; *m; m++) {
        cm_table_text(&table, (*m)->name);
        cm_table_text(&table, (*m)->summary);
    }
    cm_write_json_rows(&table, to);
    cm_table_release(&table);
}

/* "results" has the same rows as the CSV, and what is empty there is null here. */
static void write_json(const struct cm_findings *f, const struct cm_report_options *options,
                       struct cm_writer to)
{
    struct cm_table table;
    cm_print(to, "{\"schema_version\": %d,\n", SCHEMA_VERSION);
    write_run(f->results->scenario, options, to);
    if (options->claims)
        cm_report_claims_json(options->claims, to);
    cm_print(to, ",\n\"results\": ");
    cm_report_long(f, NULL, &table);
    cm_write_json_rows(&table, to);
    cm_table_release(&table);
    write_sentences(f, "warnings", cm_report_warnings, to);
    write_sentences(f, "assumptions", cm_report_assumptions, to);
    cm_print(to, ",\n\"measures\": ");
    write_measures(to);
    cm_print(to, "}\n");
}

/* Estimates are worked out once, whatever the format reads of them: sorting the rows of a large
 * study takes longer than writing about it. */
void cm_report_write(const struct cm_results *results, const struct cm_report_options *options,
                     struct cm_writer to)
{
    struct cm_findings findings;
    cm_findings_init(&findings, results);
    struct cm_page page = {&findings, &cm_write_text, to};
    switch (options->format) {
    case CM_FORMAT_MARKDOWN:
        page.prose = &cm_write_markdown;
        write_page(&page, options);
        break;
    case CM_FORMAT_HTML:
        page.prose = &cm_write_html;
        cm_report_html(&page, options);
        break;
    case CM_FORMAT_CSV:
        write_csv(&findings, options, to);
        break;
    case CM_FORMAT_JSON:
        write_json(&findings, options, to);
        break;
    case CM_FORMAT_TEXT:
    case CM_FORMATS:
        write_page(&page, options);
        break;
    }
    cm_findings_release(&findings);
}
