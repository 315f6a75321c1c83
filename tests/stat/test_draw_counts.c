/* Counts against GSL's pmfs: chi-square, on both sides of every change of method. Where GSL's
 * integers end, against a law that is nearer than the test can see. */
#include "tests/stat/chi_square.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/base/draw.h"

struct law {
    char name[64];
    uint64_t n;                           /* of a binomial; 0 = Poisson */
    double p;                             /* of a binomial; the mean of a Poisson */
    const struct cm_poisson_table *table; /* to draw from; NULL = none */
};

static uint64_t draw(const struct law *law, struct cm_rng *rng)
{
    if (law->table != NULL)
        return cm_poisson_table_draw(law->table, rng);
    return law->n > 0 ? cm_draw_binomial(rng, law->n, law->p) : cm_draw_poisson(rng, law->p);
}

/* A histogram from `first` on; what lies outside goes into the end cells. */
struct histogram {
    uint64_t first;
    size_t n;
    double *expected, *seen;
};

static struct histogram histogram_over(double mean, double sd)
{
    double first = floor(mean - 8 * sd - 8), end = ceil(mean + 8 * sd + 8);
    struct histogram h = {.first = first > 0 ? (uint64_t)first : 0};
    h.n = (size_t)(end - (double)h.first);
    h.expected = calloc(h.n, sizeof *h.expected);
    h.seen = calloc(h.n, sizeof *h.seen);
    cr_assert(h.expected != NULL && h.seen != NULL);
    return h;
}

static void finish(struct histogram *h, const char *name)
{
    assert_fits(name, h->expected, h->seen, h->n);
    free(h->expected);
    free(h->seen);
}

static void draw_into(struct histogram *h, const struct law *law)
{
    struct cm_rng rng = stream_for(law->name);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t k = draw(law, &rng), cell = k < h->first ? 0 : k - h->first;
        h->seen[cell < h->n ? cell : h->n - 1]++;
    }
}

/* For n and counts within GSL's unsigned, and a spread that leaves few cells. */
static void check(const struct law *law)
{
    double mean = law->n > 0 ? (double)law->n * law->p : law->p;
    double variance = law->n > 0 ? mean * (1 - law->p) : mean;
    struct histogram h = histogram_over(mean, sqrt(variance));
    for (size_t i = 0; i < h.n; i++) {
        unsigned k = (unsigned)(h.first + i);
        double chance = law->n > 0 ? gsl_ran_binomial_pdf(k, law->p, (unsigned)law->n)
                                   : gsl_ran_poisson_pdf(k, law->p);
        h.expected[i] = DRAWS * chance;
    }
    draw_into(&h, law);
    finish(&h, law->name);
}

Test(draw_counts, poissons_follow_their_pmf)
{
    static const double means[] = {0.1,
                                   1,
                                   5,
                                   9.99,
                                   10,
                                   10.01,
                                   CM_POISSON_SWITCH - 0.01,
                                   CM_POISSON_SWITCH,
                                   CM_POISSON_SWITCH + 0.01,
                                   50,
                                   63.99,
                                   64,
                                   150,
                                   1500,
                                   1e6};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        struct law law = {.p = means[i]};
        snprintf(law.name, sizeof law.name, "poisson %.8g", means[i]);
        check(&law);
    }
}

Test(draw_counts, tables_follow_the_same_pmf)
{
    static const double means[] = {0.1, 11, 150, 1500};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        struct cm_poisson_table table;
        uint64_t *cells = calloc(cm_poisson_table_room(means[i]), sizeof *cells);
        cm_poisson_table_init(&table, means[i], cells);
        struct law law = {.p = means[i], .table = &table};
        snprintf(law.name, sizeof law.name, "poisson table %.8g", means[i]);
        check(&law);
        free(cells);
    }
}

Test(draw_counts, binomials_follow_their_pmf)
{
    static const struct {
        uint64_t n;
        double p;
    } cases[] = {
        {1, 0.3},        {2, 0.5},        {10, 0.3},       {10, 0.7},     {64, 0.1},
        {65, 0.1},       {100, 0.0999},   {1000, 0.01},    {27, 0.5},     {28, 0.5},
        {1000, 0.01399}, {1000, 0.014},   {1000, 0.01401}, {1000, 0.985}, {1000, 0.987},
        {1500, 0.3},     {1500, 0.97},    {1001, 0.4999},  {1001, 0.5},   {1001, 0.5001},
        {100000, 0.5},   {1000000, 1e-6}, {1000000, 0.9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct law law = {.n = cases[i].n, .p = cases[i].p};
        snprintf(law.name, sizeof law.name, "binomial %ju, %.8g", (uintmax_t)law.n, law.p);
        check(&law);
    }
}

/* Binomial(n, p) and Poisson(n p) differ by at most p in total variation (Le Cam 1960). */
Test(draw_counts, binomials_of_rare_successes_among_very_many_are_poisson)
{
    static const struct law laws[] = {
        {"2^53, 1e-15", CM_BINOMIAL_MAX_N, 1e-15, NULL},
        {"1e12, 1.5e-11", 1000000000000, 1.5e-11, NULL},
        {"1e9, 1e-6", 1000000000, 1e-6, NULL},
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        double mean = (double)laws[i].n * laws[i].p;
        struct histogram h = histogram_over(mean, sqrt(mean));
        for (size_t k = 0; k < h.n; k++)
            h.expected[k] = DRAWS * gsl_ran_poisson_pdf((unsigned)(h.first + k), mean);
        draw_into(&h, &laws[i]);
        finish(&h, laws[i].name);
    }
}

Test(draw_counts, the_rare_failures_of_very_many_trials_are_not_lost_to_rounding)
{
    struct law law = {"2^53, 1 - 1e-15", CM_BINOMIAL_MAX_N, 1 - 1e-15, NULL};
    double mean = (double)law.n * (1 - law.p); /* 1 - p is exact, and a little under 1e-15 */
    struct histogram h = histogram_over(mean, sqrt(mean));
    for (size_t k = 0; k < h.n; k++)
        h.expected[k] = DRAWS * gsl_ran_poisson_pdf((unsigned)(h.first + k), mean);
    struct cm_rng rng = stream_for(law.name);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t failures = law.n - draw(&law, &rng);
        h.seen[failures < h.n ? failures : h.n - 1]++;
    }
    finish(&h, law.name);
}

/* The cdf of a standardised count is normal up to skewness / 6 sup |(z^2 - 1) phi(z)| < 0.07
 * skewness (Edgeworth): under 1e-7 here. */
static void check_normal(const struct law *law, double mean, double sd)
{
    enum { N = 400 };
    double expected[N], seen[N] = {0};
    for (int i = 0; i < N; i++) {
        double from = i == 0 ? -99 : (i - N / 2) / 50.,
               to = i == N - 1 ? 99 : (i + 1 - N / 2) / 50.;
        expected[i] = DRAWS * (from < 0 ? gsl_cdf_ugaussian_P(to) - gsl_cdf_ugaussian_P(from)
                                        : gsl_cdf_ugaussian_Q(from) - gsl_cdf_ugaussian_Q(to));
    }
    struct cm_rng rng = stream_for(law->name);
    for (int i = 0; i < DRAWS; i++) {
        double z = ((double)draw(law, &rng) + 0.5 - mean) / sd;
        double cell = fmin(fmax(floor(z * 50) + N / 2, 0), N - 1);
        seen[(int)cell]++;
    }
    assert_fits(law->name, expected, seen, N);
}

Test(draw_counts, huge_counts_are_normal)
{
    check_normal(&(struct law){"poisson 1e12", 0, 1e12, NULL}, 1e12, 1e6);
    double n = 0x1p53;
    check_normal(&(struct law){"2^53, 0.3", CM_BINOMIAL_MAX_N, 0.3, NULL}, n * 0.3,
                 sqrt(n * 0.3 * 0.7));
    check_normal(&(struct law){"2^53, 0.5", CM_BINOMIAL_MAX_N, 0.5, NULL}, n * 0.5, sqrt(n) / 2);
}

/* Every one of the 84 ways to deal 6 items to 4 cells, one of which is closed. */
Test(draw_counts, multinomials_follow_their_joint_pmf)
{
    static const double weights[] = {1, 4, 0, 2, 0.5};
    double probs[5], expected[343] = {0}, seen[343] = {0};
    for (int i = 0; i < 5; i++)
        probs[i] = weights[i] / 7.5;
    for (unsigned a = 0; a <= 6; a++)
        for (unsigned b = 0; a + b <= 6; b++)
            for (unsigned c = 0; a + b + c <= 6; c++) {
                unsigned counts[5] = {a, b, 0, c, 6 - a - b - c};
                expected[(a * 7 + b) * 7 + c] = DRAWS * gsl_ran_multinomial_pdf(5, probs, counts);
            }
    struct cm_rng rng = stream_for("multinomial");
    for (int i = 0; i < DRAWS; i++) {
        uint64_t counts[5];
        cm_draw_multinomial(&rng, 6, weights, 5, counts);
        cr_assert(counts[2] == 0 && counts[0] + counts[1] + counts[3] + counts[4] == 6);
        seen[(counts[0] * 7 + counts[1]) * 7 + counts[3]]++;
    }
    assert_fits("multinomial", expected, seen, 343);
}

Test(draw_counts, aliases_follow_their_weights)
{
    enum { K = 100 };
    double weights[K], expected[K], seen[K] = {0}, sum = 0;
    for (int i = 0; i < K; i++) {
        weights[i] = i % 7 == 3 ? 0 : pow(0.9, i * 37 % K);
        sum += weights[i];
    }
    for (int i = 0; i < K; i++)
        expected[i] = DRAWS * weights[i] / sum;
    uint64_t cells[K];
    struct cm_alias alias;
    cm_alias_init(&alias, cells, weights, K);
    struct cm_rng rng = stream_for("alias");
    for (int i = 0; i < DRAWS; i++)
        seen[cm_alias_draw(&alias, &rng)]++;
    for (int i = 3; i < K; i += 7)
        cr_assert_eq(seen[i], 0, "an outcome of weight 0 was drawn");
    assert_fits("alias", expected, seen, K);
}

/* Without redrawing, every third outcome of 3 * 2^62 would have twice the chance of the others. */
Test(draw_counts, no_outcome_below_n_is_favoured)
{
    static const uint64_t ns[] = {3, 10, UINT64_C(3) << 62};
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        uint64_t cells = ns[i] < 10 ? ns[i] : 10;
        double expected[30], seen[30] = {0};
        for (uint64_t c = 0; c < 3 * cells; c++)
            expected[c] = DRAWS / (3. * (double)cells);
        struct cm_rng rng = stream_for("below");
        for (int j = 0; j < DRAWS; j++) {
            uint64_t k = cm_draw_below(&rng, ns[i]), third = ns[i] > 30 ? k % 3 : (uint64_t)j % 3;
            seen[(uint64_t)((cm_u128)k * cells / ns[i]) * 3 + third]++;
        }
        assert_fits("below", expected, seen, 3 * cells);
    }
}
