/* The report of a study made by hand: two goldens for people, and the formats for programs parsed
 * back. GOLDEN=update writes the goldens anew: look at what changed. */
#include "tests/unit/hand_made.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/measure.h"
#include "analysis/report.h"
#include "analysis/smallest.h"

enum { N = 400 };

/* flagger-default sends 8 % of healthy releases back and misses 20 % of the spikes; `ours` sends
 * none back and misses 1 %. Times and harm grow with the row, so that quantiles differ. */
static void fill_policy(struct hand_made *h, size_t policy, int false_every, int missed_every)
{
    struct cm_outcome *healthy = hand_made_rows(h, policy, HEALTHY);
    struct cm_outcome *cosmetic = hand_made_rows(h, policy, COSMETIC);
    struct cm_outcome *spike = hand_made_rows(h, policy, SPIKE);
    for (int i = 0; i < N; i++) {
        bool back = false_every && i % false_every == 0, missed = i % missed_every == 1;
        healthy[i] = hand_made_good(back ? CM_ROLLED_BACK : CM_PROMOTED, back ? 120 : 720);
        cosmetic[i] = hand_made_good(CM_PROMOTED, 720);
        spike[i] = missed ? hand_made_bad(CM_PROMOTED, 0, 720, 720 + 12 * i)
                          : hand_made_bad(CM_ROLLED_BACK, 0, 60 + i / 4 * 4, 60 + i);
        unsigned harm = (unsigned)(i + 1);
        spike[i].rollout = (struct cm_harm){.requests = 100 * harm, .failures = harm, .slow = 0};
        if (missed)
            spike[i].escaped = (struct cm_harm){.requests = 40000, .failures = 400, .slow = 0};
    }
}

static void fill(struct hand_made *h)
{
    hand_made_init(h, N);
    fill_policy(h, FLAGGER, 12, 5);
    fill_policy(h, OURS, 0, 100);
    h->results.prices = (struct cm_prices){"EUR", 0.05, 0, 0, 200, 30, 0};
    h->results.smallest = cm_alloc(2 * DEFECTS * sizeof *h->results.smallest);
    h->results.smallest[FLAGGER * DEFECTS + SPIKE] =
        (struct cm_smallest){INFINITY, 16, INFINITY, 40};
    h->results.smallest[OURS * DEFECTS + SPIKE] = (struct cm_smallest){0.58, 0.51, 0.66, 40};
}

static void write_report(const struct hand_made *h, enum cm_format format, struct cm_buffer *into)
{
    const struct cm_report_options options = {
        .format = format, .version = "0.1.0", .command = "coalmine run shop.ini"};
    cm_report_write(&h->results, &options, cm_buffer_writer(into));
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s", path);
    char *text = calloc(1, 1 << 17);
    cr_assert(lt(sz, fread(text, 1, (1 << 17) - 1, file), (1 << 17) - 1));
    fclose(file);
    return text;
}

static void expect_golden(const char *path, const struct cm_buffer *got)
{
    const char *wish = getenv("GOLDEN");
    if (wish && strcmp(wish, "update") == 0) {
        FILE *file = fopen(path, "wb");
        cr_assert(file != NULL, "%s", path);
        fwrite(got->text, 1, got->length, file);
        fclose(file);
    }
    char *want = read_file(path);
    cr_expect_str_eq(got->text, want);
    free(want);
}

static struct hand_made h;
static struct cm_buffer text;

static void setup(void)
{
    fill(&h);
    text = (struct cm_buffer){0};
}

static void teardown(void)
{
    cm_buffer_release(&text);
    hand_made_release(&h);
}

TestSuite(report, .init = setup, .fini = teardown);

Test(report, text_is_as_it_was)
{
    write_report(&h, CM_FORMAT_TEXT, &text);
    expect_golden("tests/golden/report.txt", &text);
}

Test(report, markdown_is_as_it_was)
{
    write_report(&h, CM_FORMAT_MARKDOWN, &text);
    expect_golden("tests/golden/report.md", &text);
}

Test(report, no_line_of_text_is_wider_than_100_columns)
{
    write_report(&h, CM_FORMAT_TEXT, &text);
    for (const char *line = text.text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        cr_expect(length <= 100, "%.*s", (int)length, line);
        cr_expect(length == 0 || line[length - 1] != ' ', "blank at the end: %.*s", (int)length,
                  line);
    }
}

/* --- for programs --- */

static json_t *load_json(void)
{
    json_error_t error;
    write_report(&h, CM_FORMAT_JSON, &text);
    json_t *root = json_loads(text.text, JSON_REJECT_DUPLICATES, &error);
    cr_assert(root != NULL, "line %d: %s", error.line, error.text);
    return root;
}

static const char *member(const json_t *row, const char *key)
{
    const char *value = json_string_value(json_object_get(row, key));
    return value ? value : "";
}

/* The row of one number, or NULL. */
static const json_t *find(const json_t *root, const char *policy, const char *release,
                          const char *measure, const char *statistic)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(root, "results"), i, row)
    {
        if (!strcmp(member(row, "policy"), policy) && !strcmp(member(row, "release"), release) &&
            !strcmp(member(row, "measure"), measure) &&
            !strcmp(member(row, "statistic"), statistic))
            return row;
    }
    return NULL;
}

static double real(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    return value ? json_number_value(value) : NAN;
}

Test(report, json_says_what_was_run)
{
    json_t *root = load_json();
    cr_expect(eq(dbl, real(root, "schema_version"), 1));
    cr_expect_str_eq(member(root, "version"), "0.1.0");
    const json_t *scenario = json_object_get(root, "scenario");
    cr_expect_str_eq(member(scenario, "file"), "shop.ini");
    cr_expect(eq(dbl, real(scenario, "seed"), 7));
    cr_expect(eq(dbl, real(scenario, "replications"), N));
    cr_expect(eq(dbl, real(scenario, "horizon_s"), 7200));
    json_decref(root);
}

Test(report, json_numbers_are_the_findings_to_the_last_bit)
{
    json_t *root = load_json();
    const json_t *row = find(root, "ours", "error-spike", "missed", "share");
    struct cm_estimate e = cm_measure_one(&h.results, "missed", NULL, OURS, SPIKE);
    cr_assert(row != NULL);
    cr_expect(eq(dbl, real(row, "value"), e.value));
    cr_expect(eq(dbl, real(row, "low"), e.low));
    cr_expect(eq(dbl, real(row, "high"), e.high));
    cr_expect(eq(dbl, real(row, "n"), N));
    cr_expect_str_eq(member(row, "unit"), "1");
    row = find(root, "ours", "all", "expected_cost", "mean");
    cr_assert(row != NULL);
    cr_expect_str_eq(member(row, "unit"), "EUR");
    json_decref(root);
}

Test(report, json_has_null_and_a_note_where_nothing_is_reached)
{
    json_t *root = load_json();
    const json_t *row = find(root, "flagger-default", "error-spike", "detection_time", "p95");
    const json_t *value = json_object_get(row, "value");
    cr_assert(row != NULL);
    cr_expect(value && json_is_null(value));
    cr_expect_str_eq(member(row, "note"), "not reached");
    json_decref(root);
}

Test(report, json_leaves_out_what_does_not_apply)
{
    json_t *root = load_json();
    cr_expect(find(root, "ours", "healthy", "missed", "share") == NULL);
    cr_expect(find(root, "ours", "cosmetic", "false_rollback", "share") != NULL);
    cr_expect(find(root, "ours", "error-spike", "ends", "paused") != NULL);
    json_decref(root);
}

/* Splits one line at its commas; none of the fields here is quoted. */
static size_t split(char *line, char *fields[16])
{
    size_t n = 0;
    for (char *at = line; at && n < 16; n++) {
        fields[n] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return n;
}

Test(report, csv_has_one_number_a_row_and_the_run_in_every_row)
{
    json_t *root = load_json();
    size_t rows = json_array_size(json_object_get(root, "results")), seen = 0;
    cm_buffer_clear(&text);
    write_report(&h, CM_FORMAT_CSV, &text);
    char *line = text.text, *end = strchr(line, '\n');
    cr_assert(strncmp(line,
                      "version,seed,scenario,policy,release,measure,statistic,value,low,high,n,"
                      "unit,note\n",
                      (size_t)(end - line) + 1) == 0);
    for (line = end + 1; *line; line = end + 1, seen++) {
        char *f[16];
        end = strchr(line, '\n');
        *end = '\0';
        cr_assert(eq(sz, split(line, f), 13));
        cr_expect_str_eq(f[0], "0.1.0");
        cr_expect_str_eq(f[1], "7");
        cr_expect_str_eq(f[2], "shop.ini");
        const json_t *row = find(root, f[3], f[4], f[5], f[6]);
        cr_assert(row != NULL, "%s.%s.%s", f[3], f[5], f[4]);
        const json_t *value = json_object_get(row, "value");
        bool number = json_is_number(value);
        double back = number ? strtod(f[7], NULL) : 0, want = number ? json_number_value(value) : 0;
        cr_expect(number == (f[7][0] != '\0'));
        cr_expect(eq(dbl, back, want));
        cr_expect(eq(dbl, strtod(f[10], NULL), real(row, "n")));
    }
    cr_expect(eq(sz, seen, rows));
    json_decref(root);
}

/* --- what is said only if --- */

static bool says(const char *words)
{
    cm_buffer_clear(&text);
    write_report(&h, CM_FORMAT_MARKDOWN, &text); /* not wrapped */
    return strstr(text.text, words) != NULL;
}

Test(report, no_cost_is_printed_unless_a_price_is_set)
{
    cr_expect(says("cost of a release"));
    h.results.prices = (struct cm_prices){.currency = "EUR"};
    cr_expect(not(says("cost of a release")));
    cr_expect(says("| a rollback is right"));
    h.defects[SPIKE].effect.prior = h.defects[COSMETIC].effect.prior = NAN;
    cr_expect(not(says("| a rollback is right")));
    cr_expect(says("No defect has a prior"));
}

Test(report, a_smallest_effect_that_nobody_looked_for_is_not_said)
{
    cr_expect(says("+0.64pp errors (x0.58)"));
    cr_expect(says("none up to x16"));
    cr_expect(says("x0.58 [0.51, 0.66]"));
    cm_free(h.results.smallest);
    h.results.smallest = NULL;
    cr_expect(not(says("4 times in 5")));
    cr_expect(says("was not looked for"));
}

Test(report, unequal_false_rollbacks_are_a_warning)
{
    cr_expect(says("Policies differ in false rollbacks (flagger-default 8.5 %, ours < 0.75 %"));
    fill_policy(&h, FLAGGER, N, 5); /* one of 400 against none: chance */
    cr_expect(not(says("Policies differ")));
}

Test(report, a_policy_that_rolls_most_things_back_is_a_warning)
{
    cr_expect(not(says("says little")));
    fill_policy(&h, OURS, 2, 100);
    cr_expect(says("Policy ours rolls back 50.0 % of healthy releases"));
}

Test(report, a_horizon_that_is_too_short_is_a_warning)
{
    for (int i = 0; i < N / 10; i++)
        hand_made_rows(&h, OURS, HEALTHY)[i] = hand_made_good(CM_TIMED_OUT, 7200);
    cr_expect(says("Under ours 10.0 % of healthy rollouts are not over by the horizon of 2h (the "
                   "shortest takes 10m)"));
}

Test(report, a_defect_that_nothing_could_show_is_a_warning)
{
    for (int i = 0; i < N; i++) {
        hand_made_rows(&h, OURS, SPIKE)[i] = hand_made_bad(CM_PROMOTED, 0, 720, 3600);
        hand_made_rows(&h, OURS, SPIKE)[i].rollout =
            (struct cm_harm){.requests = 50, .failures = i % 2, .slow = 0};
    }
    cr_expect(
        says("At 30 rps a missed error-spike shows 0.50 failures among 50 requests in a whole "
             "rollout under ours (2.50 requests a look): too few for any gate"));
    for (int i = 0; i < N; i++)
        hand_made_rows(&h, OURS, SPIKE)[i].rollout.failures = 3;
    cr_expect(not(says("too few for any gate")));
}

Test(report, a_defect_that_acts_after_promotion_is_a_warning)
{
    for (int i = 0; i < N / 4; i++)
        hand_made_rows(&h, OURS, SPIKE)[i] = hand_made_bad(CM_PROMOTED, 3600, 720, 7000);
    cr_expect(says("Defect error-spike begins to act only after ours has promoted it in 25."));
}

Test(report, harm_that_outlasts_the_horizon_is_a_warning)
{
    cr_expect(not(says("have not noticed by the horizon")));
    for (int i = 0; i < N / 4; i++)
        hand_made_rows(&h, OURS, SPIKE)[i] = hand_made_bad(CM_PROMOTED, 0, 720, 0);
    cr_expect(says("people have not noticed by the horizon"));
}

Test(report, a_small_study_says_how_little_it_can_tell)
{
    cr_expect(not(says("cannot tell a share")));
    struct hand_made small;
    hand_made_init(&small, 50);
    cm_buffer_clear(&text);
    write_report(&small, CM_FORMAT_MARKDOWN, &text);
    /* 1 - 0.05^(1/50) = 5.8 % */
    cr_expect(strstr(text.text, "50 replications cannot tell a share below 5.8 %") != NULL);
    hand_made_release(&small);
    hand_made_init(&small, 1);
    cm_buffer_clear(&text);
    write_report(&small, CM_FORMAT_MARKDOWN, &text);
    cr_expect(strstr(text.text, ": 1 replication of the healthy release") != NULL);
    cr_expect(strstr(text.text, "1 replications") == NULL);
    hand_made_release(&small);
}

Test(report, a_study_without_defects_is_reported_too)
{
    struct hand_made healthy;
    hand_made_init(&healthy, 10);
    hand_made_release(&healthy);
    healthy.scenario.n_defects = 0;
    cm_results_init(&healthy.results, &healthy.scenario);
    for (enum cm_format format = CM_FORMAT_TEXT; format < CM_FORMATS; format++) {
        cm_buffer_clear(&text);
        write_report(&healthy, format, &text);
        cr_expect(strstr(text.text, "flagger-default") != NULL);
    }
    cr_expect(strstr(text.text, "nan") == NULL);
    hand_made_release(&healthy);
}

static cm_time week(const void *options)
{
    (void)options;
    return 7 * CM_DAY;
}

/* A recording has no weekdays: it begins where it begins (check says that start has no effect). */
Test(report, says_when_releases_are_created)
{
    h.arrivals.span = week;
    h.arrivals.repeats = true;
    h.scenario.run.start.random = false;
    h.scenario.run.start.at = 14 * CM_HOUR;
    write_report(&h, CM_FORMAT_MARKDOWN, &text);
    cr_expect(strstr(text.text, "the same moment of the traffic's clock, Mon 14:00.") != NULL);
    h.arrivals.repeats = false;
    cm_buffer_clear(&text);
    write_report(&h, CM_FORMAT_MARKDOWN, &text);
    cr_expect(strstr(text.text, "a random moment of the 7d that the traffic covers.") != NULL);
}

Test(report, says_how_gates_were_watched)
{
    static const struct cm_scraping scraping = {.scrape_every = 15 * CM_SECOND,
                                                .lag = 5 * CM_SECOND,
                                                .lag_spread = 20 * CM_SECOND,
                                                .scrape_loss = 0.02};
    h.scenario.scraping = &scraping;
    h.scenario.pods = (struct cm_fleet){.stable = 4, .canary = 1};
    write_report(&h, CM_FORMAT_MARKDOWN, &text);
    const char *said =
        strstr(text.text, "each pod (4 stable, 1 canary) is scraped every 15s, and "
                          "shows 5s to 25s later; of scrapes 2 % fail, of queries 0 %");
    cr_expect(said != NULL);
    cr_expect(strstr(text.text, "Monitoring is exact") == NULL);
}
