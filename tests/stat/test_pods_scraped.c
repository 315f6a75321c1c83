/* Scraped pods that differ: each counts what it answers itself, from zero on in each of its lives,
 * by closed forms.
 *
 * Seeds are fixed. A count of known mean m gives (count - m) / sqrt(m), of mean 0 and variance 1
 * over replications if it is Poisson (excess 1 / m, small here). */
#include "tests/stat/scraped_flow.h"

#define N 1500

static struct values values, others, products;

static const struct cm_target *pod_of(const struct fixture *f, size_t version, size_t pod)
{
    return &f->scrapes.versions[version].list[pod];
}

/* The last sample of a pod: a series of it, and its instant. */
static uint64_t last_of(const struct fixture *f, const struct cm_target *pod, size_t series)
{
    return pod->samples.values[(pod->samples.n - 1) * f->scrapes.n_series + series];
}

static double last_at(const struct cm_target *pod)
{
    return cm_seconds(pod->samples.at[pod->samples.n - 1]);
}

static void add_standard(struct values *v, double count, double mean)
{
    v->value[v->n++] = (count - mean) / sqrt(mean);
}

static void forget_values(void)
{
    values.n = others.n = products.n = 0;
}

static void expect_standard(const char *what, const struct values *v)
{
    expect_mean(what, v, 0);
    expect_variance(what, v, 1);
}

/* --- machines --------------------------------------------------------------------------------- */

#define MACHINES                                                                                   \
    "[traffic]\nrate = 60 rps\n[service]\nerror_rate = 10%\nlatency = fixed(value=0s)\n"           \
    "[pods]\ncanary = 3\nerror_noise = 0.6\n" SCRAPED "history = 60s\n"                            \
    "[metric.m]\nsignal = rate\n[policy.p]\nsteps = 50%/1m, 100%\n"

/* 10 requests a second to each of three pods, of which those of its machine's error rate fail. */
static void expect_own_errors(const char *text)
{
    struct fixture f;
    forget_values();
    open_flow(&f, text);
    for (uint64_t i = 0; i < N; i++) {
        begin(&f, i, 0.5);
        advance(&f, 2 * CM_MINUTE);
        const struct cm_pods_of *machines = &f.flow.world.pods.versions[CM_CANARY];
        for (size_t p = 0; p < 2; p++) {
            const struct cm_target *pod = pod_of(&f, CM_CANARY, p);
            double mean = 10 * last_at(pod) * fmin(1, 0.1 * machines->list[p].errors);
            add_standard(p ? &others : &values, (double)last_of(&f, pod, CM_SERIES_ERROR), mean);
        }
        products.value[products.n++] = values.value[i] * others.value[i];
    }
    expect_standard("errors of the first pod", &values);
    expect_standard("errors of the second pod", &others);
    expect_mean("independent pods", &products, 0);
    close_flow(&f);
}

Test(pods_scraped, errors_of_a_pod_are_those_of_its_machine)
{
    expect_own_errors(MACHINES);
    expect_own_errors("[scenario]\nflow = requests\n" MACHINES);
}

#define ONE_SLOW_POD                                                                               \
    "[traffic]\nrate = 40 rps\n[service]\nlatency = exponential(mean=100ms)\n"                     \
    "[pods]\ncanary = 2\n[defect.bad]\ninstances = 1\nlatency = x4\n" SCRAPED "buckets = 250ms\n"  \
    "[metric.m]\nsignal = latency_quantile\nquantile = 50%\n[policy.p]\nsteps = 50%/1m, 100%\n"

/* Exponential latencies of mean L: of what arrived in (0, T], those within 250 ms and answered by T
 * are T F - M with F = 1 - exp(-.25 / L), M = E[L; L < .25] = L - (L + .25) exp(-.25 / L). */
static double within_bound(double rate, double seconds, double mean)
{
    double above = exp(-0.25 / mean);
    return rate * (seconds * (1 - above) - (mean - (mean + 0.25) * above));
}

Test(pods_scraped, latency_of_a_pod_is_that_of_its_own)
{
    struct fixture f;
    forget_values();
    open_release(&f, ONE_SLOW_POD, 0);
    size_t bound = CM_SERIES_BUCKETS;
    for (uint64_t i = 0; i < N; i++) {
        begin(&f, i, 0.5);
        advance(&f, 2 * CM_MINUTE);
        for (size_t p = 0; p < 2; p++) {
            const struct cm_target *pod = pod_of(&f, CM_CANARY, p);
            double mean = within_bound(10, last_at(pod), p == 0 ? 0.4 : 0.1);
            add_standard(p ? &others : &values, (double)last_of(&f, pod, bound), mean);
        }
    }
    expect_standard("quick answers of the slow pod", &values);
    expect_standard("quick answers of the other pod", &others);
    close_flow(&f);
}

/* --- lives ------------------------------------------------------------------------------------ */

#define RESTARTS                                                                                   \
    "[traffic]\nrate = 40 rps\n[service]\nlatency = fixed(value=0s)\n"                             \
    "[pods]\ncanary = 1\nstart_up = fixed(value=7s)\nrestart_every = 100s\n"

#define NOT_KEPT                                                                                   \
    SCRAPED "[metric.m]\nsignal = rate\nwindow = 4m\n[policy.p]\nsteps = 50%/1m, 100%\n"

/* 20 requests a second go to the one pod there is, while it is up. */
Test(pods_scraped, counters_begin_at_zero_in_each_life)
{
    struct fixture f;
    size_t resets = 0, falls = 0;
    forget_values();
    open_flow(&f, RESTARTS "unready_after = 0s\n" NOT_KEPT);
    for (uint64_t i = 0; i < N; i++) {
        begin(&f, i, 0.5);
        advance(&f, 4 * CM_MINUTE);
        const struct cm_target *target = pod_of(&f, CM_CANARY, 0);
        const struct cm_pod *pod = &f.flow.world.pods.versions[CM_CANARY].list[0];
        if (pod->phase != CM_POD_UP || target->last_life != pod->starts)
            continue;
        double lived = last_at(target) - cm_seconds(pod->since);
        add_standard(&values, (double)last_of(&f, target, CM_SERIES_OK), 20 * lived);
        resets += pod->starts > 1;
        const struct cm_pod_samples *s = &target->samples;
        for (size_t k = s->first + 1; k < s->n; k++)
            falls += s->values[k * f.scrapes.n_series] < s->values[(k - 1) * f.scrapes.n_series];
    }
    cr_expect(resets > N / 2 && falls > N / 2, "%zu restarted pods, %zu resets", resets, falls);
    expect_standard("counted in this life", &values);
    close_flow(&f);
}

/* Whether a pod began anew between two samples: its next scrape failed, or it counted for at most
 * 8 s of 15 (160 +- 13 instead of 300 +- 17 more than before). */
static bool began_anew(const struct fixture *f, const struct cm_pod_samples *s, size_t k)
{
    return s->at[k + 1] - s->at[k] > 20 * CM_SECOND ||
           s->values[(k + 1) * f->scrapes.n_series] < 220;
}

/* What a life had counted at its last sample, of all lives, less what the first sample found. */
Test(pods_scraped, gates_are_shown_the_sum_of_all_lives)
{
    struct fixture f;
    size_t resets = 0;
    open_flow(&f, RESTARTS "unready_after = 0s\n" NOT_KEPT);
    for (uint64_t i = 0; i < N / 5; i++) {
        uint64_t seen[CM_CELLS_MAX], sum = 0;
        begin(&f, i, 0.5);
        advance(&f, 4 * CM_MINUTE);
        const struct cm_pod_samples *s = &pod_of(&f, CM_CANARY, 0)->samples;
        cr_assert(s->n == 0 || s->first == 0);
        for (size_t k = 0; k < s->n; k++) {
            bool ends = k + 1 == s->n || began_anew(&f, s, k);
            sum += ends ? s->values[k * f.scrapes.n_series] : 0;
            resets += k + 1 < s->n && ends;
        }
        cm_scrapes_seen(&f.scrapes, 4 * CM_MINUTE, seen);
        uint64_t first = s->n > 0 ? s->values[0] : 0;
        cr_assert_eq(seen[cm_cell(1, CM_CANARY, 0, CM_OK, CM_IN_TIME)], sum - first);
    }
    cr_expect_gt(resets, (size_t)N / 10);
    close_flow(&f);
}

/* A balancer that has not noticed sends to a pod that cannot count. */
Test(pods_scraped, a_crashed_pod_counts_no_failures)
{
    struct fixture f;
    uint64_t failed = 0;
    open_flow(&f, "[traffic]\nrate = 40 rps\n[service]\nlatency = fixed(value=0s)\n"
                  "error_rate = 0%\n[pods]\ncanary = 2\nstart_up = fixed(value=30s)\n"
                  "restart_every = 100s\nunready_after = 20s\n" NOT_KEPT);
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t cells[CM_CELLS_MAX], seen[CM_CELLS_MAX];
        size_t cell = cm_cell(1, CM_CANARY, 0, CM_ERROR_ANSWER, CM_IN_TIME);
        begin(&f, i, 0.5);
        advance(&f, 4 * CM_MINUTE);
        cm_ledger_read(&f.flow.ledger, 4 * CM_MINUTE, cells);
        cm_scrapes_seen(&f.scrapes, 4 * CM_MINUTE, seen);
        failed += cells[cell];
        cr_assert_eq(seen[cell], 0);
    }
    cr_expect_gt(failed, 1000);
    close_flow(&f);
}

/* The same rate as two series: the pod before the restart of the rollout, and the one after it. */
Test(pods_scraped, a_new_pod_is_a_new_series)
{
    struct fixture f;
    size_t both = 0;
    open_flow(&f, "[traffic]\nrate = 40 rps\n[service]\nlatency = fixed(value=0s)\n"
                  "[pods]\ncanary = 1\nerror_noise = 0.1\n" NOT_KEPT);
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t seen[CM_CELLS_MAX];
        size_t cell = cm_cell(1, CM_CANARY, 0, CM_OK, CM_IN_TIME);
        begin(&f, i, 0.5);
        advance(&f, 100 * CM_SECOND);
        cm_scrapes_seen(&f.scrapes, 100 * CM_SECOND, seen);
        cm_world_renew(&f.flow.world);
        cm_world_route(&f.flow.world, 0.5);
        uint64_t before = seen[cell];
        advance(&f, 115 * CM_SECOND); /* one scrape of the new pod, which tells nothing */
        cm_scrapes_seen(&f.scrapes, 115 * CM_SECOND, seen);
        cr_assert_eq(seen[cell], before);
        const struct cm_pod_samples *s = &pod_of(&f, CM_CANARY, 0)->samples;
        both += s->n > 1 && s->made[s->n - 1] != s->made[s->n - 2];
        advance(&f, 131 * CM_SECOND);
        cm_scrapes_seen(&f.scrapes, 131 * CM_SECOND, seen);
        cr_assert_gt(seen[cell], before);
        /* Two series, each extended to at most half a spacing over its ends. Between them nothing
         * is counted. */
        struct cm_signal signal = query(&f, 0);
        cr_assert_eq(signal.n[CM_CANARY] - signal.x[CM_CANARY], seen[cell]);
        double rate = signal.value[CM_CANARY] * 240 / 131;
        cr_assert(rate > 14 && rate < 26, "%g a second", rate);
    }
    cr_expect_eq(both, 100, "%zu", both);
    close_flow(&f);
}

/* --- readers ---------------------------------------------------------------------------------- */

/* What versions answer is the same whoever scrapes them. */
Test(pods_scraped, scraping_pods_that_crash_moves_nothing)
{
    struct fixture f, g;
    open_flow(&f, RESTARTS "error_noise = 0.5\nlatency_noise = 0.3\n" NOT_KEPT);
    open_flow(&g, RESTARTS "error_noise = 0.5\nlatency_noise = 0.3\n"
                           "[metric.m]\nsignal = rate\nwindow = 4m\n"
                           "[policy.p]\nsteps = 50%/1m, 100%\n");
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t a[CM_CELLS_MAX], b[CM_CELLS_MAX];
        begin(&f, i, 0.5);
        begin(&g, i, 0.5);
        for (int k = 1; k <= 4; k++) {
            advance(&f, k * 37 * CM_SECOND);
            advance(&g, k * 37 * CM_SECOND);
            cm_ledger_read(&f.flow.ledger, k * 37 * CM_SECOND, a);
            cm_ledger_read(&g.flow.ledger, k * 37 * CM_SECOND, b);
            for (size_t c = cm_cell(1, CM_CANARY, 0, 0, 0); c < f.flow.ledger.n_cells; c++)
                cr_assert_eq(a[c], b[c]);
        }
    }
    close_flow(&f);
    close_flow(&g);
}
