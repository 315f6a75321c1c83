/* Batches of requests, and which of them an answer comes before. */
#include <criterion/criterion.h>

#include "sim/engine/batch.h"
#include "sim/engine/terms.h"
#include "tests/stat/scenario_text.h"

static struct cm_scenario scenario;
static const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
static struct cm_world world;
static struct cm_batch batch;

static void open_batch(void)
{
    load_text(&scenario,
              "[traffic]\nrate = 10 rps\n[telemetry]\nbuckets = 1ms, 1.1ms, 50ms, 2s, 9h\n"
              "[service]\nlatency = 70% exponential(mean=1s) + 30% fixed(value=9s)\n"
              "[class.search]\nshare = 25%\nlatency = fixed(value=2s)\n"
              "[policy.p]\nsteps = 50%/1m\n",
              NULL);
    cm_world_init(&world, &plan);
    cm_batch_init(&batch, &world);
}

static void close_batch(void)
{
    cm_batch_release(&batch);
    cm_world_release(&world);
    cm_scenario_release(&scenario);
}

Test(batch, arrives_in_its_interval_in_order_if_asked, .init = open_batch, .fini = close_batch)
{
    static const cm_time length[] = {1, 3, 1000, CM_SECOND, CM_DAY};
    for (size_t k = 0; k < sizeof length / sizeof *length; k++)
        for (size_t n = 0; n < 900; n = 3 * n + 1) {
            cm_batch_streams(&batch, 1, n, 100, 100 + length[k]);
            cm_batch_draw(&batch, n, 100, 100 + length[k], true);
            for (size_t i = 0; i < n; i++) {
                cr_assert(batch.at[i] > 100 && batch.at[i] <= 100 + length[k]);
                cr_assert(i == 0 || batch.at[i] >= batch.at[i - 1]);
                cr_assert(batch.u[i] >= 0 && batch.u[i] < 1);
            }
        }
}

Test(batch, knows_who_arrives_next, .init = open_batch, .fini = close_batch)
{
    for (cm_time length = 1; length < CM_DAY; length = 7 * length + 3)
        for (size_t n = 1; n < 1200; n = 5 * n + 2) {
            cm_batch_streams(&batch, 1, n, -50, length - 50);
            cm_batch_draw(&batch, n, -50, length - 50, true);
            for (size_t i = 0, first = 0; i < n; i++) {
                first = i > 0 && batch.at[i] > batch.at[i - 1] ? i : first;
                cr_assert_eq(cm_batch_first(&batch, batch.at[i]), first);
                size_t next = cm_batch_first(&batch, batch.at[i] + 1);
                cr_assert(next > i && (next == n || batch.at[next] > batch.at[i]));
            }
            cr_assert_eq(cm_batch_first(&batch, -49), 0);
        }
}

/* 3/4 x 70 %, 3/4 x 30 % and 1/4 of 40,000 within four standard errors; the fixed parts take what
 * they take. */
Test(batch, mixes_classes_and_parts_of_their_laws, .init = open_batch, .fini = close_batch)
{
    enum { N = 40000 };
    static const double share[3] = {0.25, 0.525, 0.225};
    double count[3] = {0};
    cr_assert_eq(batch.n_kinds, 3);
    cm_batch_streams(&batch, 1, 0, 0, CM_SECOND);
    cm_batch_draw(&batch, N, 0, CM_SECOND, false);
    for (size_t i = 0; i < N; i++) {
        count[batch.kind[i]]++;
        cr_assert(batch.kind[i] != 0 || batch.law_s[i] == 2);
        cr_assert(batch.kind[i] != 2 || batch.law_s[i] == 9);
    }
    for (int kind = 0; kind < 3; kind++)
        cr_expect_float_eq(count[kind], N * share[kind],
                           4 * sqrt(N * share[kind] * (1 - share[kind])));
}

Test(terms, find_the_bucket_of_any_latency, .init = open_batch, .fini = close_batch)
{
    static struct cm_terms terms;
    const struct cm_edges *edges = &scenario.telemetry.buckets;
    cm_terms_init(&terms, &world, edges->n + 1);
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.terms"), 0);
    for (int i = 0; i < 200000; i++) {
        double latency = exp(40 * cm_rng_unit(&rng) - 20), next;
        latency = i < 5 ? edges->bound[i] : i < 10 ? nextafter(edges->bound[i - 5], 1e9) : latency;
        latency = i == 10 ? 0 : i == 11 ? -3 : i == 12 ? 1e18 : latency;
        size_t bucket = cm_terms_bucket(&terms, latency);
        next = bucket < edges->n ? edges->bound[bucket] : INFINITY;
        cr_assert(latency <= next && (bucket == 0 || latency > edges->bound[bucket - 1]), "%g",
                  latency);
    }
    cm_terms_init(&terms, &world, 0);
    cr_expect_eq(cm_terms_bucket(&terms, 5), 0, "nobody reads latency");
}
