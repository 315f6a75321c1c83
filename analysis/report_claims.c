/* What a scenario asserts, in its report: the verdict of each limit first, then the limit beside
 * the value that it is held against. What fails stands on top, since it is what a reader of a long
 * list looks for; within a verdict the order of the file is kept. */
#include <math.h>

#include "analysis/report_parts.h"
#include "analysis/words.h"

/* Worst first. */
static const enum cm_truth order[] = {CM_CLAIM_FAILS, CM_CLAIM_OPEN, CM_CLAIM_HOLDS};
enum { TRUTHS = sizeof order / sizeof *order };

/* "1 fails, 2 are undecided, 5 hold" */
void cm_report_claims_count(const struct cm_claims *claims, struct cm_writer to)
{
    static const char *const one[] = {"fails", "is undecided", "holds"};
    static const char *const many[] = {"fail", "are undecided", "hold"};
    const char *before = "";
    for (int i = 0; i < TRUTHS; i++) {
        size_t n = claims->count[order[i]];
        if (n == 0)
            continue;
        cm_print(to, "%s%zu %s", before, n, n == 1 ? one[order[i]] : many[order[i]]);
        before = ", ";
    }
}

void cm_report_claim_found(const struct cm_claims *claims, const struct cm_claim *claim,
                           struct cm_writer to)
{
    const struct cm_column column = {NULL, "", claim->measure->type, true,
                                     claim->measure->unit ? NULL
                                                          : claims->results->prices.currency};
    if (isnan(claim->found.value))
        cm_print(to, "nothing observed");
    else
        cm_words_both(&column, &claim->found, to);
}

/* The section is left out: whom a row is about and its limit say all, in less room. */
static void add_row(const struct cm_claims *claims, const struct cm_claim *claim,
                    struct cm_table *t)
{
    struct cm_buffer text = {0};
    cm_table_text(t, cm_truth_names[claim->truth]);
    cm_report_key_cells(t, claims->results, (struct cm_pair){claim->policy, claim->release});
    cm_claim_print(claim, cm_buffer_writer(&text));
    cm_table_text(t, text.text);
    cm_buffer_clear(&text);
    cm_report_claim_found(claims, claim, cm_buffer_writer(&text));
    cm_table_text(t, text.text);
    cm_table_count(t, claim->found.n);
    cm_buffer_release(&text);
}

/* What would decide, for the first few that are open; more would hide the table. */
static void add_notes(const struct cm_claims *claims, struct cm_table *t)
{
    enum { MOST = 4 };
    int said = 0;
    for (size_t i = 0; i < claims->n && said < MOST; i++) {
        const struct cm_claim *claim = &claims->list[i];
        struct cm_buffer text = {0};
        struct cm_writer to = cm_buffer_writer(&text);
        if (claim->truth != CM_CLAIM_OPEN || isnan(claim->needed))
            continue;
        said++;
        cm_print(to, "About ");
        cm_words_count((uint64_t)claim->needed, to);
        cm_print(to, " replications would probably decide ");
        cm_claim_print(claim, to);
        cm_print(to, " of %s, %s.", cm_results_policy(claims->results, claim->policy),
                 cm_report_release(claims->results, claim->release));
        cm_table_note(t, text.text);
        cm_buffer_release(&text);
    }
}

void cm_report_claims(const struct cm_page *page, const struct cm_claims *claims)
{
    struct cm_buffer title = {0};
    struct cm_table t;
    cm_print(cm_buffer_writer(&title), "Assertions: ");
    cm_report_claims_count(claims, cm_buffer_writer(&title));
    cm_table_init(&t, title.text, 3);
    cm_report_column(&t, NULL, "verdict", CM_COLUMN_TEXT);
    cm_report_keys(&t);
    cm_report_column(&t, NULL, "limit", CM_COLUMN_TEXT);
    cm_report_column(&t, NULL, "value", CM_COLUMN_TEXT);
    cm_report_column(&t, NULL, "n", CM_COLUMN_COUNT);
    for (int i = 0; i < TRUTHS; i++)
        for (size_t c = 0; c < claims->n; c++)
            if (claims->list[c].truth == order[i])
                add_row(claims, &claims->list[c], &t);
    cm_table_note(&t, "An assertion holds if the whole 95 % interval is within its limit, fails if "
                      "all of it is beyond, and is undecided otherwise.");
    add_notes(claims, &t);
    page->prose->table(page->to, &t);
    cm_table_release(&t);
    cm_buffer_release(&title);
}

/* --- JSON --- */

static void write_text(const char *key, const char *text, struct cm_writer to)
{
    cm_print(to, ", \"%s\": ", key);
    cm_write_json_text(text, to);
}

static void write_number(const char *key, double value, struct cm_writer to)
{
    cm_print(to, ", \"%s\": ", key);
    cm_write_json_number(value, to);
}

/* `passed` says what it says: an undecided assertion has neither passed nor failed. */
static const char *passed(enum cm_truth truth)
{
    return truth == CM_CLAIM_HOLDS ? "true" : truth == CM_CLAIM_FAILS ? "false" : "null";
}

static void write_claim(const struct cm_claims *claims, const struct cm_claim *claim,
                        struct cm_writer to)
{
    const struct cm_results *r = claims->results;
    const struct cm_measure *m = claim->measure;
    struct cm_buffer limit = {0};
    cm_limit_print(m, claim->limit, cm_buffer_writer(&limit));
    cm_print(to, "{\"passed\": %s", passed(claim->truth));
    write_text("verdict", cm_truth_names[claim->truth], to);
    write_text("assert", claim->entry->name, to);
    write_text("policy", cm_results_policy(r, claim->policy), to);
    write_text("release", cm_report_release(r, claim->release), to);
    write_text("measure", m->name, to);
    write_text("statistic", claim->limit->statistic, to);
    write_text("limit", limit.text, to);
    write_number("value", claim->found.value, to);
    write_number("low", claim->found.low, to);
    write_number("high", claim->found.high, to);
    cm_print(to, ", \"n\": %llu", (unsigned long long)claim->found.n);
    write_text("unit", cm_report_unit(r, m), to);
    write_number("replications_needed", claim->needed, to);
    cm_print(to, "}");
    cm_buffer_release(&limit);
}

/* The whole has passed if every assertion has, failed if one has. */
void cm_report_claims_json(const struct cm_claims *claims, struct cm_writer to)
{
    enum cm_truth all = claims->count[CM_CLAIM_FAILS] > 0  ? CM_CLAIM_FAILS
                        : claims->count[CM_CLAIM_OPEN] > 0 ? CM_CLAIM_OPEN
                                                           : CM_CLAIM_HOLDS;
    cm_print(to, ",\n\"passed\": %s,\n\"assertions\": [", passed(all));
    for (size_t i = 0; i < claims->n; i++) {
        cm_print(to, i ? ",\n  " : "\n  ");
        write_claim(claims, &claims->list[i], to);
    }
    cm_print(to, "]");
}
