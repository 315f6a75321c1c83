/* What pictures show is what the measures say, or a closed form. */
#include "tests/unit/loaded.h"

#include <math.h>
#include <string.h>

#include <criterion/new/assert.h>
#include <gsl/gsl_cdf.h>

#include "analysis/measure.h"
#include "analysis/plot.h"
#include "analysis/trace.h"

TestSuite(plot, .fini = tear_down);

static const char shop[] =
    "; a shop\n"
    "[scenario]\nreplications = 300\nhorizon = 1h\n"
    "[traffic]\nrate = 40 rps\n"
    "[service]\nerror_rate = 0.2%\n"
    "[defect.spike]\nerror_rate = +0.8pp\n"
    "[defect.cosmetic]\nlatency = x1.01\nharmless = yes\n"
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 1%\nfailures = 4\n"
    "[policy.ours]\nsteps = 5%/10m, 25%/5m, 100%\nlook_every = 1m\n"
    "gates = limit\n"
    "[policy.fast]\nsteps = 10%/2m, 100%\nlook_every = 1m\ngates = limit\n";

static struct cm_results results;
static struct cm_picture picture;

static struct cm_plot_ask play(const char *text)
{
    cr_assert_eq(
        load_with((struct memory_file[]){{"shop.ini", text, 0}, {0}}, NULL, cm_analysis_sections),
        0, "%s", said());
    cm_results_init(&results, &s);
    struct cm_study study = {.cells = results.cells, .n_cells = results.n_cells, .threads = 1};
    cm_study_run(&study);
    return (struct cm_plot_ask){.scenario = &s, .results = &results};
}

static void draw(const char *kind, const struct cm_plot_ask *ask)
{
    struct cm_err err = {0};
    const struct cm_plot *plot = cm_plot_find(kind);
    cr_assert(plot != NULL);
    cr_assert(plot->lacks(ask) == NULL, "%s", plot->lacks(ask));
    cr_assert_eq(cm_plot_draw(plot, ask, &picture, &err), 0, "%s", err.text);
}

static void done(void)
{
    cm_picture_release(&picture);
    cm_results_release(&results);
}

static size_t column(const struct cm_table *t, const char *name)
{
    size_t i = 0;
    while (i < t->n_columns && strcmp(t->columns[i].name, name) != 0)
        i++;
    cr_assert_lt(i, t->n_columns, "no column %s", name);
    return i;
}

static struct cm_estimate cell(const char *table, size_t row, const char *name)
{
    const struct cm_table *t = cm_picture_table(&picture, table);
    return cm_table_at(t, row, column(t, name))->estimate;
}

static const char *word(const char *table, size_t row, const char *name)
{
    const struct cm_table *t = cm_picture_table(&picture, table);
    return cm_table_at(t, row, column(t, name))->text;
}

static size_t rows(const char *table)
{
    return cm_table_rows(cm_picture_table(&picture, table));
}

/* The last row of a policy. */
static size_t last_of(const char *policy)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < rows("curves"); i++)
        if (strcmp(word("curves", i, "policy"), policy) == 0)
            last = i;
    cr_assert_neq(last, SIZE_MAX);
    return last;
}

Test(plot, every_kind_has_a_name_of_its_own_and_a_sentence)
{
    for (size_t i = 0; cm_plots[i]; i++) {
        size_t length = strlen(cm_plots[i]->summary);
        cr_expect_eq(cm_plot_find(cm_plots[i]->name), cm_plots[i]);
        cr_expect_eq(cm_plots[i]->summary[length - 1], '.');
    }
    cr_expect_eq(cm_plot_find("pie"), NULL);
}

Test(plot, the_detection_curve_ends_at_the_detection_measure)
{
    struct cm_plot_ask ask = play(shop);
    draw("detection", &ask);
    for (size_t policy = 0; policy < 2; policy++) {
        struct cm_estimate measure = cm_measure_one(&results, "detection", NULL, policy, 0);
        struct cm_estimate end =
            cell("curves", last_of(cm_results_policy(&results, policy)), "detected");
        cr_expect(epsilon_eq(dbl, end.value, measure.value, 1e-12));
    }
    /* neither nothing nor all, else the claim would be empty */
    double share = cm_measure_one(&results, "detection", NULL, 0, 0).value;
    cr_expect(share > 0.05 && share < 0.95, "%g", share);
    done();
}

Test(plot, the_detection_curve_crosses_a_half_at_the_median_of_the_measure)
{
    struct cm_plot_ask ask = play(shop);
    draw("detection", &ask);
    double median = cm_measure_one(&results, "detection_time", "median", 0, 0).value;
    cr_assert(isfinite(median));
    double crossed = INFINITY;
    for (size_t i = last_of("ours") + 1; i-- > 0;)
        if (cell("curves", i, "detected").value >= 0.5)
            crossed = cell("curves", i, "time").value;
    cr_expect_eq(crossed, median, "%g %g", crossed, median);
    done();
}

Test(plot, the_blast_radius_ends_at_all_rollouts_and_has_the_median_of_the_measure)
{
    struct cm_plot_ask ask = play(shop);
    draw("blast", &ask);
    for (size_t policy = 0; policy < 2; policy++) {
        const char *name = cm_results_policy(&results, policy);
        size_t row = last_of(name);
        cr_expect_eq(cell("curves", row, "rollouts").n, 300);
        while (row > 0 && strcmp(word("curves", row - 1, "policy"), name) == 0 &&
               cell("curves", row - 1, "rollouts").n >= 150)
            row--;
        cr_expect_eq(cell("curves", row, "harm").value,
                     cm_measure_one(&results, "blast_radius.failures", "median", policy, 0).value);
    }
    done();
}

Test(plot, the_lattice_is_the_tail_of_a_binomial_law)
{
    struct cm_plot_ask ask = play(shop);
    draw("lattice", &ask);
    size_t seen = 0;
    for (size_t i = 0; i < rows("saw"); i++) {
        unsigned n = (unsigned)cell("saw", i, "requests").n;
        /* more than 1 % of n: floor(n / 100) + 1 errors, in whole numbers */
        cr_expect(epsilon_eq(dbl, cell("saw", i, "healthy").value,
                             gsl_cdf_binomial_Q(n / 100, 0.002, n), 1e-12));
        cr_expect(epsilon_eq(dbl, cell("saw", i, "bad").value, gsl_cdf_binomial_Q(n / 100, 0.01, n),
                             1e-12));
        seen += n == 99 || n == 100 || n == 599 || n == 600;
    }
    cr_expect_eq(seen, 4, "both ends of a tooth are drawn");
    /* 40 rps for a minute at 5 %, at 25 % */
    cr_expect_eq(cell("marks", 0, "requests").value, 120);
    cr_expect_eq(cell("marks", 1, "requests").value, 600);
    done();
}

Test(plot, a_timeline_shows_the_looks_weights_and_end_of_the_trace)
{
    struct cm_plot_ask ask = play(shop);
    const struct cm_plan plan = {&s, 0, 0, 1};
    struct cm_trace trace = {0};
    ask.replication = 3;
    cm_trace_record(&trace, &plan, 3);
    draw("timeline", &ask);
    size_t looks = 0, weights = 0;
    for (size_t i = 0; i < trace.n; i++) {
        const struct cm_trace_event *e = &trace.events[i];
        if (e->what == CM_TRACE_LOOK) {
            const struct cm_trace_arm *arm = &e->look->signals[0].arm[CM_CANARY];
            cr_expect_eq(cell("errors", looks, "time").value, cm_seconds(e->at));
            cr_expect_str_eq(word("errors", looks, "verdict"),
                             cm_label_names[e->look->verdict.label]);
            cr_expect_eq(cell("errors", looks, "canary").value,
                         (double)arm->errors / (double)arm->requests);
            cr_expect_eq(cell("errors", looks, "limit").value, 0.01);
            looks++;
        } else if (e->what == CM_TRACE_WEIGHT || e->what == CM_TRACE_FINISH) {
            cr_expect_eq(cell("weights", weights, "time").value, cm_seconds(e->at));
            cr_expect_eq(cell("weights", weights++, "weight").value, e->canary_share);
        }
    }
    cr_expect_eq(rows("errors"), looks);
    cr_expect_gt(looks, 3);
    cr_expect_str_eq(picture.name, "timeline-ours-spike-3");
    cm_trace_release(&trace);
    done();
}

Test(plot, under_a_hash_the_share_scatters_about_the_weight)
{
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s[users]\npopulation = 400\nstickiness = hash\n", shop);
    struct cm_plot_ask ask = play(text.text);
    draw("share", &ask);
    cr_assert_eq(rows("weights"), 2);
    cr_expect_eq(cell("weights", 0, "weight").value, 0.05);
    /* B ~ Bin(400, 5 %) users: standard deviation 0.0109 of the share */
    double low = cell("weights", 0, "p5").value, high = cell("weights", 0, "p95").value;
    cr_expect(low > 0.02 && low < 0.043 && high > 0.057 && high < 0.08, "%g %g", low, high);
    cm_buffer_release(&text);
    done();
}

static int run_study(void *self, struct cm_cell *cells, size_t n_cells)
{
    struct cm_study study = {.cells = cells, .n_cells = n_cells, .threads = 1};
    *(size_t *)self += n_cells;
    return cm_study_run(&study);
}

Test(plot, the_operating_characteristic_at_the_own_effect_is_the_detection_of_the_study)
{
    struct cm_plot_ask ask = play(shop);
    size_t played = 0;
    ask.runner = (struct cm_runner){&played, run_study};
    draw("oc", &ask);
    double last = 0;
    bool seen = false;
    for (size_t i = 0; i < rows("curves"); i++) {
        struct cm_estimate share = cell("curves", i, "share");
        if (strcmp(word("curves", i, "policy"), "ours") != 0)
            continue;
        /* common random numbers: hardly anything is seen at one size and not at a larger one */
        cr_expect_gt(share.value, last - 0.02);
        last = share.value;
        if (cell("curves", i, "strength").value != 1)
            continue;
        cr_expect_eq(share.value, cm_measure_one(&results, "detection", NULL, 0, 0).value);
        seen = true;
    }
    cr_expect(seen);
    cr_expect_gt(last, 0.99);
    cr_expect_gt(played, 8);
    cr_expect_eq(cell("healthy", 0, "share").value,
                 cm_measure_one(&results, "false_rollback", NULL, 0, -1).value);
    done();
}

Test(plot, the_written_threshold_stands_in_the_roc_as_the_study_has_it)
{
    struct cm_plot_ask ask = play(shop);
    size_t played = 0, written = 0;
    ask.runner = (struct cm_runner){&played, run_study};
    draw("roc", &ask);
    cr_expect_geq(rows("points"), 7);
    cr_expect_eq(played, 2 * rows("points"));
    for (size_t i = 0; i < rows("points"); i++) {
        double x = cell("points", i, "false_rollback").value;
        double y = cell("points", i, "detected").value;
        /* failures 1, 2, 3, ...: the more are allowed the less is rolled back, of either */
        if (i > 0) {
            cr_expect_leq(x, cell("points", i - 1, "false_rollback").value);
            cr_expect_leq(y, cell("points", i - 1, "detected").value);
        }
        if (cell("points", i, "written").value == 0)
            continue;
        cr_expect_str_eq(word("points", i, "value"), "4");
        cr_expect_eq(x, cm_measure_one(&results, "false_rollback", NULL, 0, -1).value);
        cr_expect_eq(y, cm_measure_one(&results, "detection", NULL, 0, 0).value);
        written++;
    }
    cr_expect_eq(written, 1);
    done();
}

Test(plot, the_cost_at_the_own_prior_is_the_expected_cost_and_lines_cross_where_it_is_said)
{
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text),
             "%s[cost]\nfailed_request = 1\nrollback = 5\nhour_of_delay = 8\n", shop);
    char *at = strstr(text.text, "+0.8pp\n");
    struct cm_buffer with = {0};
    cm_print(cm_buffer_writer(&with), "%.*s+0.8pp\nprior = 20%%\n%s", (int)(at - text.text),
             text.text, at + strlen("+0.8pp\n"));
    struct cm_plot_ask ask = play(with.text);
    draw("cost", &ask);
    double even = NAN, even_cost = NAN, own = NAN, value[2][2];
    for (size_t i = 0; i < picture.n_values; i++) {
        even = strcmp(picture.values[i].name, "even_prior") ? even : picture.values[i].number;
        even_cost =
            strcmp(picture.values[i].name, "even_cost") ? even_cost : picture.values[i].number;
        own = strcmp(picture.values[i].name, "own_prior") ? own : picture.values[i].number;
    }
    cr_assert(epsilon_eq(dbl, own, 0.2, 1e-12));
    /* both are straight lines: two points of each */
    size_t n = rows("curves") / 2;
    for (size_t k = 0; k < 2; k++) {
        double x = cell("curves", k * n + n - 1, "prior").value;
        double first = cell("curves", k * n, "cost").value;
        value[k][0] = first;
        value[k][1] = (cell("curves", k * n + n - 1, "cost").value - first) / x;
        cr_expect(epsilon_eq(
            dbl, first + 0.2 * value[k][1],
            cm_measure_one(&results, "expected_cost", NULL, k, CM_ALL_RELEASES).value, 1e-9));
    }
    cr_assert(even > 0 && even < 1, "the prices are such that it is inside: %g", even);
    cr_expect(
        epsilon_eq(dbl, value[0][0] + even * value[0][1], value[1][0] + even * value[1][1], 1e-9));
    cr_expect(epsilon_eq(dbl, even_cost, value[0][0] + even * value[0][1], 1e-9));
    cm_buffer_release(&text);
    cm_buffer_release(&with);
    done();
}

Test(plot, what_cannot_be_drawn_says_why)
{
    struct cm_plot_ask ask = play(shop);
    cr_expect(strstr(cm_plot_find("share")->lacks(&ask), "stickiness") != NULL);
    ask.release = -1;
    cr_expect(strstr(cm_plot_find("detection")->lacks(&ask), "bad releases") != NULL);
    ask.release = 1;
    cr_expect(cm_plot_find("blast")->lacks(&ask) != NULL, "a harmless one is not bad");
    done();
}
