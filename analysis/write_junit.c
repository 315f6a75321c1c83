/* What a scenario asserts, as JUnit's XML, which build servers read.
 *
 *     testsuites > testsuite (the scenario) > testcase (a limit, a policy, a release)
 *
 * after the schema that Jenkins and its kin agree on: a testcase without a child has passed; a
 * `failure` has failed; what is undecided is `skipped`, or, under --strict, a failure, too. There
 * is no time in it, so that the same study gives the same bytes. */
#include <math.h>
#include <string.h>

#include "analysis/assertion.h"
#include "analysis/report_parts.h"
#include "sim/base/utf8.h"

/* XML 1.0: five characters have another meaning; control characters are none at all. */
static void write_escaped(const char *text, struct cm_writer to)
{
    struct cm_buffer clean = {0};
    cm_print(cm_buffer_writer(&clean), "%s", "");
    cm_write_clean(cm_buffer_writer(&clean), text, strlen(text));
    for (const char *c = clean.text; *c; c++) {
        if (*c == '&' || *c == '<' || *c == '>' || *c == '"' || *c == '\'')
            cm_print(to, "&#%d;", *c);
        else
            cm_print(to, "%c", *c);
    }
    cm_buffer_release(&clean);
}

static void write_attribute(const char *name, const char *value, struct cm_writer to)
{
    cm_print(to, " %s=\"", name);
    write_escaped(value, to);
    cm_print(to, "\"");
}

/* "60.2 % [58.1, 62.3], n = 2,000" and what would decide. */
static void explain(const struct cm_claims *claims, const struct cm_claim *claim,
                    struct cm_writer to)
{
    cm_report_claim_found(claims, claim, to);
    cm_print(to, ", n = %llu", (unsigned long long)claim->found.n);
    if (!isnan(claim->needed))
        cm_print(to, "; about %.0f replications would probably decide", claim->needed);
}

/* "ours, healthy: false_rollback < 1%" in the class "shop.ini.assert.NAME". */
static void write_case(const struct cm_claims *claims, const struct cm_claim *claim, bool strict,
                       struct cm_writer to)
{
    const struct cm_results *r = claims->results;
    const char *child = claim->truth == CM_CLAIM_FAILS || strict ? "failure" : "skipped";
    struct cm_buffer text = {0};
    struct cm_writer words = cm_buffer_writer(&text);
    cm_print(words, "%s.assert%s%s", r->scenario->file, *claim->entry->name ? "." : "",
             claim->entry->name);
    cm_print(to, "    <testcase");
    write_attribute("classname", text.text, to);
    cm_buffer_clear(&text);
    cm_print(words, "%s, %s: ", cm_results_policy(r, claim->policy),
             cm_report_release(r, claim->release));
    cm_claim_print(claim, words);
    write_attribute("name", text.text, to);
    cm_buffer_clear(&text);
    explain(claims, claim, words);
    if (claim->truth == CM_CLAIM_HOLDS) {
        cm_print(to, "/>\n");
    } else {
        cm_print(to, "><%s", child);
        write_attribute("message", text.text, to);
        cm_print(to, "/></testcase>\n");
    }
    cm_buffer_release(&text);
}

void cm_write_junit(const struct cm_claims *claims, bool strict, struct cm_writer to)
{
    size_t open = claims->count[CM_CLAIM_OPEN];
    size_t failures = claims->count[CM_CLAIM_FAILS] + (strict ? open : 0);
    const struct cm_scenario *s = claims->results->scenario;
    cm_print(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    write_attribute("name", s->file, to);
    cm_print(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", claims->n,
             failures, strict ? 0 : open);
    for (size_t i = 0; i < claims->n; i++)
        write_case(claims, &claims->list[i], strict, to);
    cm_print(to, "  </testsuite>\n</testsuites>\n");
}
