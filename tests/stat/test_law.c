/* Draws against their cdf: Kolmogorov-Smirnov at level 1e-4 on a grid of quantiles, which also
 * serves laws with jumps (the statistic on a grid never exceeds the full one). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "sim/service/answer.h"

enum { N = 200000, GRID = 2000 };
/* P(sqrt(n) D > d) ~ 2 exp(-2 d^2) (Kolmogorov 1933) = 1e-4 */
static const double LIMIT = 2.2253;

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(law_draws, .fini = release);

static struct cm_law law_of(const char *text)
{
    static const struct cm_param row = {.name = "latency", .type = &cm_type_law};
    struct cm_law law;
    struct cm_err err;
    cr_assert_eq(cm_param_set(&row, &law, text, &arena, &err), 0, "%s: %s", text, err.text);
    return law;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* sqrt(n) times the greatest distance of both cdfs at every (N / GRID)th draw. */
static double distance(const struct cm_law *law, const struct cm_pace *pace, uint64_t seed)
{
    static double draws[N];
    struct cm_rng rng = cm_rng_stream(20240607, seed, 1, 0);
    for (int i = 0; i < N; i++)
        draws[i] = cm_pace_draw(law, pace, &rng);
    qsort(draws, N, sizeof *draws, compare);
    double most = 0;
    for (int i = 0; i < N; i += N / GRID) {
        int last = i; /* of ties */
        while (last + 1 < N && draws[last + 1] == draws[i])
            last++;
        double seen = (last + 1.) / N;
        most = fmax(most, fabs(seen - cm_pace_cdf(law, pace, draws[i])));
    }
    return sqrt(N) * most;
}

Test(law_draws, follow_their_cdf)
{
    static const char *const texts[] = {
        "lognormal(median=120ms, sigma=0.6)",
        "gamma(mean=100ms, shape=0.3)",
        "gamma(mean=100ms, shape=40)",
        "weibull(scale=1s, shape=0.5)",
        "pareto(scale=1s, alpha=2.5)",
        "exponential(mean=10m)",
        "uniform(low=50ms, high=150ms)",
        "60% fixed(value=1s) + 40% fixed(value=2s)",
        "70% lognormal(median=120ms, sigma=1) + 30% pareto(scale=1s, alpha=2)",
        "90% uniform(high=1s) + 10% fixed(value=200ms)",
    };
    struct cm_pace usual = cm_pace_usual();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cm_law law = law_of(texts[i]);
        double d = distance(&law, &usual, i);
        cr_expect_lt(d, LIMIT, "%s: %g", texts[i], d);
    }
}

Test(law_draws, follow_their_cdf_at_any_pace)
{
    static const struct cm_pace paces[] = {
        {3, 0, 0, 1, 0},   {1, 0.2, 0, 1, 0},      {1, -0.1, 0, 1, 0},
        {1, 0, 0.1, 8, 0}, {2, -0.1, 0.3, 5, 0.4}, {0, 0.3, 0.5, 2, -0.1},
    };
    struct cm_law law = law_of("lognormal(median=120ms, sigma=0.6)");
    for (size_t i = 0; i < sizeof paces / sizeof *paces; i++) {
        double d = distance(&law, &paces[i], 100 + i);
        cr_expect_lt(d, LIMIT, "pace %zu: %g", i, d);
    }
}
