/* False rollbacks of gates that hold at all looks, with looks every 1, 10 and 100 strata (Ville's
 * bound has to hold for each), and that of welch at one look: simulated strata, fixed seeds.
 *
 * A chance f estimated from R rollouts may be four standard errors sqrt(f (1 - f) / R) off. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/base/draw.h"
#include "tests/unit/gate_bench.h"

enum { SEED = 20261124, STRATA = 200, ROLLOUTS = 1000, BUCKETS = 9, EACH = 2000 };

static double slack(double chance, int rollouts)
{
    return 4 * sqrt(chance * (1 - chance) / rollouts);
}

/* --- strata with errors and latencies --------------------------------------------------------- */

static const struct cm_edges edges = {BUCKETS - 1, {.01, .02, .04, .08, .16, .32, .64, 1.28}};

struct stream {
    struct cm_stratum stratum[STRATA];
    uint64_t buckets[STRATA][CM_ARMS][BUCKETS];
};

/* How a release errs: error ratio p, times `worse` for the canary, whose latencies are longer by
 * so many buckets; both drift together by factors e^drift. */
struct world {
    double p, drift, worse, longer;
};

/* A bell over the buckets around `middle`. */
static void draw_latencies(struct cm_rng *rng, uint64_t n, double middle, uint64_t *buckets)
{
    double weight[BUCKETS];
    for (int k = 0; k < BUCKETS; k++)
        weight[k] = exp(-(k - middle) * (k - middle) / 2);
    cm_draw_multinomial(rng, n, weight, BUCKETS, buckets);
}

static void draw_arm(struct cm_rng *rng, const struct world *w, double wave, enum cm_arm arm,
                     struct cm_stratum *s, uint64_t *buckets)
{
    bool canary = arm == CM_CANARY;
    s->buckets[arm] = buckets;
    s->x[arm] = cm_draw_binomial(rng, s->n[arm], w->p * exp(wave) * (canary ? w->worse : 1));
    draw_latencies(rng, s->n[arm], 3 + wave + (canary ? w->longer : 0), buckets);
}

/* 2,000 requests a stratum over a ramp. */
static void draw_stream(struct stream *stream, const struct world *w, uint64_t rollout)
{
    static const double share[] = {0.01, 0.05, 0.1, 0.5};
    struct cm_rng rng = cm_rng_stream(SEED, rollout, 1, 0);
    double phase = 6.2832 * cm_rng_unit(&rng);
    for (int k = 0; k < STRATA; k++) {
        double wave = w->drift * sin(0.1 * k + phase);
        struct cm_stratum *s = &stream->stratum[k];
        *s = (struct cm_stratum){.from = k * CM_MINUTE, .until = (k + 1) * CM_MINUTE};
        s->n[CM_CANARY] = (uint64_t)(EACH * share[4 * k / STRATA]);
        s->n[CM_STABLE] = EACH - s->n[CM_CANARY];
        draw_arm(&rng, w, wave, CM_STABLE, s, stream->buckets[k][CM_STABLE]);
        draw_arm(&rng, w, wave, CM_CANARY, s, stream->buckets[k][CM_CANARY]);
    }
}

/* Strata [from, from + n) as a look sees them; both metrics of the gate are of the same requests.
 */
static struct cm_look look_at(const struct stream *stream, int from, int n,
                              struct cm_signal signals[2])
{
    for (int m = 0; m < 2; m++)
        signals[m] = (struct cm_signal){.fresh = stream->stratum + from, .n_fresh = (size_t)n};
    cm_time now = stream->stratum[from + n - 1].until;
    return (struct cm_look){.now = now,
                            .since_step = now,
                            .number = from / n,
                            .control = CM_STABLE,
                            .edges = &edges,
                            .signals = signals,
                            .n_signals = 2};
}

/* The strata of another stream are the history. */
static void restart(struct bench *b, const struct stream *history)
{
    struct cm_signal signals[2];
    struct cm_look look = look_at(history, 0, 10, signals);
    memset(b->state, 0, b->gate->state_size(b->options, edges.n));
    if (b->gate->start)
        b->gate->start(b->options, b->state, &look);
}

static bool fails_once(struct bench *b, const struct stream *stream, int per_look)
{
    for (int k = 0; k < STRATA; k += per_look) {
        struct cm_signal signals[2];
        struct cm_look look = look_at(stream, k, per_look, signals);
        if (b->gate->look(b->options, b->state, &look).label == CM_FAIL)
            return true;
    }
    return false;
}

/* Of so many rollouts, the share that each gate fails with looks every 1, 10, 100 strata. */
static void failed(struct bench *gates, size_t n, const struct world *w, int rollouts,
                   double (*share)[3])
{
    static const int per_look[] = {1, 10, 100};
    static struct stream stream, history;
    memset(share, 0, n * sizeof *share);
    draw_stream(&history, &(struct world){.p = w->p, .worse = 1}, 1u << 30);
    for (int r = 0; r < rollouts; r++) {
        draw_stream(&stream, w, (uint64_t)r);
        for (size_t g = 0; g < n; g++)
            for (int i = 0; i < 3; i++) {
                restart(&gates[g], &history);
                share[g][i] += fails_once(&gates[g], &stream, per_look[i]) / (double)rollouts;
            }
    }
}

/* Healthy releases no more often than alpha (here 10 %), bad ones mostly; `least` of the healthy
 * ones at looks every stratum, so that alpha is not kept by never objecting. */
static void expect_promises(struct bench *gates, size_t n, const struct world *healthy,
                            const double *least)
{
    double kept[8][3], seen[8][3];
    struct world bad = {healthy->p, healthy->drift, 2, 0.7};
    failed(gates, n, healthy, ROLLOUTS, kept);
    failed(gates, n, &bad, 100, seen);
    for (size_t g = 0; g < n; g++)
        for (int i = 0; i < 3; i++) {
            const char *name = gates[g].gate->kind.name;
            cr_expect_leq(kept[g][i], 0.1 + slack(0.1, ROLLOUTS), "%s %d: %g", name, i, kept[g][i]);
            cr_expect(i > 0 || kept[g][i] >= least[g], "%s: %g", name, kept[g][i]);
            cr_expect(seen[g][i] > 0.9, "%s %d: %g", name, i, seen[g][i]);
        }
    for (size_t g = 0; g < n; g++)
        bench_release(&gates[g]);
}

Test(gate_alpha, gates_with_a_target_or_of_one_law_keep_alpha_at_any_number_of_looks)
{
    static const double least[] = {0.02, 0.005, 0.02, 0, 0};
    struct bench gates[] = {
        bench_of("sprt", "alpha", "10%", "target", "1%", NULL),
        bench_of("betting", "alpha", "10%", "target", "1%", NULL),
        bench_of("betting", "alpha", "10%", "target", "1%", "stake", "fixed", NULL),
        bench_of("quantile_cs", "alpha", "10%", "quantile", "90%", NULL),
        bench_of("anytime_ks", "alpha", "10%", NULL),
    };
    expect_promises(gates, 5, &(struct world){.p = 0.01, .worse = 1}, least);
}

Test(gate_alpha, gates_of_origins_keep_alpha_under_drift_as_well)
{
    static const double least[] = {0.005, 0.005, 0.01};
    struct bench gates[] = {
        bench_of("dirichlet_multinomial", "alpha", "10%", NULL),
        bench_of("dirichlet_multinomial", "alpha", "10%", "latency", "l", "slower", "160ms, 640ms",
                 NULL),
        bench_of("tail_origin", "alpha", "10%", NULL),
    };
    expect_promises(gates, 3, &(struct world){.p = 0.01, .drift = 0.7, .worse = 1}, least);
}

/* --- welch ------------------------------------------------------------------------------------ */

/* One look at normal values, in strata of unequal arms and unequal deviations: whether it fails. */
static bool welch_fails(struct bench *b, double more, struct cm_rng *rng)
{
    static const uint64_t n[CM_ARMS] = {[CM_STABLE] = 60, [CM_CANARY] = 12};
    struct cm_stratum strata[5];
    for (int k = 0; k < 5; k++) {
        struct cm_stratum *s = &strata[k];
        *s = (struct cm_stratum){.until = CM_MINUTE, .n = {n[0], n[1], n[2]}};
        for (int arm = 0; arm < CM_ARMS; arm++)
            for (uint64_t i = 0; i < n[arm]; i++) {
                double z = cm_draw_normal(rng);
                double x = 100 + (arm == CM_CANARY ? more + 3 * z : z);
                s->sum[arm] += x;
                s->sum_sq[arm] += x * x;
            }
    }
    struct cm_signal signal = {.fresh = strata, .n_fresh = 5};
    const struct cm_look look = {.now = CM_MINUTE,
                                 .since_step = CM_MINUTE,
                                 .control = CM_STABLE,
                                 .signals = &signal,
                                 .n_signals = 1};
    bench_restart(b);
    return b->gate->look(b->options, b->state, &look).label == CM_FAIL;
}

static double welch_rate(struct bench *b, double more, int rollouts)
{
    int count = 0;
    for (int r = 0; r < rollouts; r++) {
        struct cm_rng rng = cm_rng_stream(SEED, (uint64_t)r, 2, 0);
        count += welch_fails(b, more, &rng);
    }
    bench_release(b);
    return (double)count / rollouts;
}

/* Pooled, the deviations would make it fail three times as often. */
Test(gate_alpha, one_look_of_welch_errs_with_probability_alpha_on_either_side)
{
    enum { MANY = 5000 };
    struct bench above = bench_of("welch", "alpha", "5%", "min_requests", "0", NULL);
    struct bench below =
        bench_of("welch", "alpha", "5%", "min_requests", "0", "side", "below", NULL);
    struct bench margin =
        bench_of("welch", "alpha", "5%", "min_requests", "0", "margin", "2", NULL);
    struct bench third = bench_of("welch", "alpha", "5%", "min_requests", "0", "looks", "5", NULL);
    double rate[] = {welch_rate(&above, 0, MANY), welch_rate(&below, 0, MANY),
                     welch_rate(&margin, 2, MANY)};
    for (int i = 0; i < 3; i++)
        cr_expect(fabs(rate[i] - 0.05) <= slack(0.05, MANY), "%d: %g", i, rate[i]);
    double divided = welch_rate(&third, 0, MANY);
    cr_expect(fabs(divided - 0.01) <= slack(0.01, MANY), "%g", divided);
}
