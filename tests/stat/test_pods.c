/* Pods as parts of their version, and that neither they nor their scrapes move what a version
 * counts.
 *
 * Seeds are fixed; estimates may be four standard errors off. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/engine/rollout.h"
#include "tests/stat/scraped_flow.h"

static struct values values, others;

/* --- pods ------------------------------------------------------------------------------------- */

/* Requests of a class that the canary has answered by now, by the ledger. */
static uint64_t answered(const struct fixture *f, size_t class, size_t outcome)
{
    uint64_t cells[CM_CELLS_MAX];
    size_t n = f->flow.world.n_classes;
    cm_ledger_read(&f->flow.ledger, cm_ledger_now(&f->flow.ledger), cells);
    return cells[cm_cell(n, CM_CANARY, class, outcome, CM_IN_TIME)] +
           cells[cm_cell(n, CM_CANARY, class, outcome, CM_SLOW)];
}

static uint64_t of_pods(const struct fixture *f, size_t class, size_t series)
{
    const struct cm_targets *targets = &f->scrapes.versions[CM_CANARY];
    uint64_t sum = 0;
    for (size_t i = 0; i < targets->n; i++)
        sum += targets->list[i].counters[class * f->scrapes.per_class + series];
    return sum;
}

/* What the cursor passed in its last move: nobody has scraped it. */
static uint64_t not_scraped(const struct fixture *f, size_t class, size_t series)
{
    const struct cm_cursor *c = &f->scrapes.versions[CM_CANARY].cursor;
    size_t cell = (class * CM_OUTCOMES + series) * CM_TEMPI;
    size_t bucket = c->n_cells + class * f->flow.ledger.n_buckets + series - CM_SERIES_BUCKETS;
    return series < CM_SERIES_BUCKETS ? c->passed[cell] + c->passed[cell + 1] : c->passed[bucket];
}

static void expect_sum(const struct fixture *f, size_t class, size_t series, uint64_t want)
{
    uint64_t pods = of_pods(f, class, series), rest = not_scraped(f, class, series);
    cr_assert_eq(pods + rest, want, "class %zu, series %zu: %zu and %zu", class, series,
                 (size_t)pods, (size_t)rest);
    cr_assert(series > CM_SERIES_ERROR || rest < want / 2, "most is scraped");
}

/* Several looks, then everything up to the last of them. */
static void advance_to_the_end(struct fixture *f, cm_time every)
{
    for (int k = 1; k <= 4; k++)
        advance(f, k * every);
    cm_cursor_move(&f->scrapes.versions[CM_CANARY].cursor, cm_ledger_now(&f->flow.ledger));
}

#define SHARED                                                                                     \
    "[traffic]\nrate = 30 rps\n[service]\nerror_rate = 10%\nlatency_slo = 200ms\n"                 \
    "latency = exponential(mean=150ms)\n[class.big]\nshare = 30%\nerror_rate = 20%\n"              \
    "[pods]\nstable = 2\ncanary = 3\n" SCRAPED WATCHED

static void expect_pods_add_up(const char *text)
{
    struct fixture f;
    uint64_t all[CM_EDGES_MAX + 1];
    open_flow(&f, text);
    for (uint64_t i = 0; i < 60; i++) {
        begin(&f, i, 0.4);
        advance_to_the_end(&f, 47 * CM_SECOND);
        for (size_t c = 0; c < 2; c++) {
            expect_sum(&f, c, CM_SERIES_OK, answered(&f, c, CM_OK));
            expect_sum(&f, c, CM_SERIES_ERROR, answered(&f, c, CM_ERROR_ANSWER));
            cm_ledger_histogram(&f.flow.ledger, 0, CM_CANARY, (int)c, all);
            for (size_t b = 0; b < f.flow.ledger.n_buckets; b++)
                expect_sum(&f, c, CM_SERIES_BUCKETS + b, all[b]);
        }
    }
    close_flow(&f);
}

Test(pods, pods_add_up_to_their_version_in_either_flow)
{
    expect_pods_add_up(SHARED);
    expect_pods_add_up("[scenario]\nflow = requests\n" SHARED);
}

/* A block is a recorded step of 10 s, and no window holds the steps between two looks. */
Test(pods, pods_add_up_where_a_look_spans_many_blocks)
{
    struct fixture f;
    open_flow(&f, "[scenario]\nhorizon = 30m\n"
                  "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 10s\n"
                  "[pods]\ncanary = 3\n" AT_ONCE SCRAPED
                  "[metric.m]\nsignal = rate\nwindow = 5s\n[policy.p]\nsteps = 50%/1m, 100%\n");
    for (uint64_t i = 0; i < 40; i++) {
        begin(&f, i, 1);
        advance_to_the_end(&f, 100 * CM_SECOND);
        const struct cm_target *pods = f.scrapes.versions[CM_CANARY].list;
        double seen = 0;
        for (size_t p = 0; p < 3; p++)
            seen += (double)pods[p].oldest[CM_SERIES_OK];
        /* Fewer than 15 s of 6 requests a second: what is read late would be all at once. */
        cr_assert(seen > 0 && seen < 90, "%g", seen);
        /* Stable's 35 s before the release, less what was not scraped yet. */
        uint64_t stable = f.scrapes.versions[CM_STABLE].list[0].counters[CM_SERIES_OK];
        cr_assert_gt(stable - 1000000000, 90);
        expect_sum(&f, 0, CM_SERIES_OK, answered(&f, 0, CM_OK));
    }
    close_flow(&f);
}

/* A third of the version's requests, whatever their number: (n - N / 3) / sqrt(2 N / 9). */
Test(pods, of_its_versions_requests_a_pod_has_a_binomial_part)
{
    struct fixture f;
    values.n = others.n = 0;
    open_flow(&f, "[traffic]\nrate = 30 rps\n[pods]\ncanary = 3\n" AT_ONCE SCRAPED
                  "[metric.m]\nsignal = rate\n[policy.p]\nsteps = 50%/1m, 100%\n");
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0.4);
        advance(&f, CM_MINUTE);
        const struct cm_target *pods = f.scrapes.versions[CM_CANARY].list;
        double all = (double)of_pods(&f, 0, CM_SERIES_OK), scale = sqrt(2 * all / 9);
        double first = (double)pods[0].counters[CM_SERIES_OK] - all / 3;
        double last = (double)pods[2].counters[CM_SERIES_OK] - all / 3;
        values.value[values.n++] = first / scale;
        others.value[others.n++] = first * last / (scale * scale);
    }
    expect_mean("a third", &values, 0);
    expect_variance("a third", &values, 1);
    expect_mean("two of three", &others, -0.5); /* correlation of two cells of three */
    close_flow(&f);
}

/* --- inside blocks ---------------------------------------------------------------------------- */

/* Exponential latency of mean 10 s, from 0 on: by t 4 (t - 10 (1 - exp(-t / 10))) are answered. */
static double answered_by(double t)
{
    return 4 * (t - 10 * (1 - exp(-t / 10)));
}

/* Three moves inside one block, and the rest of it: Poisson each, and independent. */
Test(pods, what_a_cursor_passes_inside_a_block_is_poisson)
{
    static const double stops[] = {0, 5, 17, 18, 40};
    static struct values passed[4], products;
    struct fixture f;
    products.n = 0;
    open_flow(&f, "[traffic]\nrate = 8 rps\n[service]\nerror_rate = 0%\n"
                  "latency = exponential(mean=10s)\n[metric.m]\nsignal = rate\n"
                  "[policy.p]\nsteps = 50%/1m, 100%\n");
    struct cm_cursor cursor;
    cm_cursor_init(&cursor, &f.flow.ledger, CM_CANARY);
    for (uint64_t i = 0; i < 4000; i++) {
        double standard[4];
        begin(&f, i, 0.5);
        cm_cursor_begin(&cursor);
        cm_cursor_move(&cursor, 0);
        cm_flow_advance(&f.flow, 40 * CM_SECOND);
        for (int k = 0; k < 4; k++) {
            double mean = answered_by(stops[k + 1]) - answered_by(stops[k]);
            cm_cursor_move(&cursor, cm_from_seconds(stops[k + 1]));
            passed[k].value[i] = (double)cursor.passed[0];
            passed[k].n = i + 1;
            standard[k] = ((double)cursor.passed[0] - mean) / sqrt(mean);
        }
        products.value[products.n++] = standard[1] * standard[3];
    }
    for (int k = 0; k < 4; k++) {
        double mean = answered_by(stops[k + 1]) - answered_by(stops[k]);
        expect_mean("passed", &passed[k], mean);
        double se = sqrt((mean + 2 * mean * mean) / 4000);
        cr_expect(fabs(variance_of(&passed[k]) - mean) < 4 * se, "variance of part %d", k);
    }
    expect_mean("uncorrelated", &products, 0);
    cm_cursor_release(&cursor);
    close_flow(&f);
}

/* --- neutrality ------------------------------------------------------------------------------- */

Test(pods, neither_scrapes_nor_pods_move_what_a_version_counts)
{
    static const char *const monitors[] = {"", SCRAPED "scrape_jitter = 3s\n"
                                                       "[pods]\nstable = 5\ncanary = 2\n"};
    struct cm_outcome rows[2][100];
    for (size_t m = 0; m < 2; m++) {
        struct cm_scenario scenario = {0};
        struct cm_buffer text = {0};
        cm_print(cm_buffer_writer(&text),
                 "[traffic]\narrivals = gamma_poisson\n[service]\nerror_rate = 1%%\n"
                 "[defect.bad]\nerror_rate = +2pp\nonset = 5m\n%s"
                 "[metric.errors]\nsignal = error_ratio\n[metric.p]\nsignal = latency_quantile\n"
                 "[gate.g]\ntest = threshold\nmetric = errors\nmax = 99%%\n"
                 "[gate.h]\ntest = threshold\nmetric = p\nmax = 9s\n"
                 "[policy.p]\nsteps = 10%%/10m, 50%%/10m, 100%%\nlook_every = 40s\n"
                 "gates = g, h\non_no_data = ignore\n",
                 monitors[m]);
        load_text(&scenario, text.text, NULL);
        const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
        struct cm_rollout *rollout = cm_rollout_new(&plan);
        for (uint64_t i = 0; i < 100; i++)
            rows[m][i] = cm_replicate(rollout, i);
        cm_rollout_free(rollout);
        cm_scenario_release(&scenario);
        cm_buffer_release(&text);
    }
    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(rows[0][i].end, CM_PROMOTED);
        cr_assert_eq(rows[0][i].ended_at, rows[1][i].ended_at);
        cr_assert_eq(rows[0][i].rollout.requests, rows[1][i].rollout.requests);
        cr_assert_eq(rows[0][i].rollout.failures, rows[1][i].rollout.failures);
        cr_assert_eq(rows[0][i].escaped.failures, rows[1][i].escaped.failures);
    }
}
