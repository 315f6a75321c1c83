/* Continuous samplers against GSL's cdfs: chi-square over a thousand cells of equal probability,
 * the outermost ones split into fiftieths. */
#include "tests/stat/chi_square.h"

#include <math.h>
#include <stdbool.h>

#include "sim/base/draw.h"

struct law {
    const char *name;
    double (*draw)(struct cm_rng *rng, double a, double b);
    double (*below)(double x, double a, double b); /* P(X <= x) */
    double (*above)(double x, double a, double b);
    double a, b;
    double low, high; /* an interval that holds all but 1e-6 */
    int draws;        /* 0 = DRAWS */
};

/* The x with `tail` below it, or above it if `upper`; by bisection down to neighbouring doubles. */
static double quantile(const struct law *law, double tail, bool upper)
{
    double low = law->low, high = law->high;
    for (int i = 0; i < 1100 && nextafter(low, high) < high; i++) {
        double middle = low / 2 + high / 2;
        bool left = upper ? law->above(middle, law->a, law->b) >= tail
                          : law->below(middle, law->a, law->b) < tail;
        *(left ? &low : &high) = middle;
    }
    return high;
}

/* Edges with 0.00002, 0.00004 ... 0.001, 0.002 ... 0.5 below them, then the same, mirrored, above.
 */
enum { FINE = 50, MIDDLE = FINE + 498, EDGES = 2 * MIDDLE + 1, CELLS = EDGES + 1 };

static double edge_tail(int i)
{
    return i < FINE ? (i + 1) / 50000. : (i - FINE + 2) / 1000.;
}

static int draws_of(const struct law *law)
{
    return law->draws > 0 ? law->draws : DRAWS;
}

static void place_edges(const struct law *law, double edges[EDGES], double expected[CELLS])
{
    double before = 0, draws = draws_of(law);
    for (int i = 0; i <= MIDDLE; i++) {
        edges[i] = quantile(law, edge_tail(i), false);
        double upto = law->below(edges[i], law->a, law->b);
        expected[i] = draws * (upto - before);
        before = upto;
    }
    double beyond = 0;
    for (int i = EDGES - 1; i > MIDDLE; i--) {
        edges[i] = quantile(law, edge_tail(EDGES - 1 - i), true);
        double from = law->above(edges[i], law->a, law->b);
        expected[i + 1] = draws * (from - beyond);
        beyond = from;
    }
    expected[MIDDLE + 1] = draws * (1 - before - beyond);
}

/* The number of edges below x. */
static int cell_of(const double edges[EDGES], double x)
{
    int low = 0, high = EDGES;
    while (low < high) {
        int middle = (low + high) / 2;
        if (edges[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void check(const struct law *law)
{
    double edges[EDGES], expected[CELLS], seen[CELLS] = {0};
    place_edges(law, edges, expected);
    struct cm_rng rng = stream_for(law->name);
    for (int i = 0; i < draws_of(law); i++)
        seen[cell_of(edges, law->draw(&rng, law->a, law->b))]++;
    assert_fits(law->name, expected, seen, CELLS);
}

static double draw_exponential(struct cm_rng *rng, double a, double b)
{
    (void)a, (void)b;
    return cm_draw_exponential(rng);
}

static double exponential_below(double x, double a, double b)
{
    (void)b;
    return gsl_cdf_exponential_P(x, a);
}

static double exponential_above(double x, double a, double b)
{
    (void)b;
    return gsl_cdf_exponential_Q(x, a);
}

/* One draw in a hundred is decided in a wedge: ten times the draws to see those. */
Test(draw, exponentials_follow_their_cdf)
{
    check(&(struct law){.name = "exponential",
                        .draw = draw_exponential,
                        .below = exponential_below,
                        .above = exponential_above,
                        .a = 1,
                        .low = 0,
                        .high = 40,
                        .draws = 10 * DRAWS});
}

/* One draw in 2200 is beyond r = 7.697, where the layers end. */
Test(draw, the_tail_of_the_exponential_begins_where_the_layers_end)
{
    enum { N = 60 };
    double expected[N], seen[N] = {0}, beyond = 0;
    struct cm_rng rng = stream_for("exponential tail");
    for (int i = 0; i < 20 * DRAWS; i++) {
        double cell = floor((cm_draw_exponential(&rng) - 7) * 10);
        if (cell < 0)
            continue;
        seen[cell < N ? (int)cell : N - 1]++;
        beyond++;
    }
    for (int i = 0; i < N; i++)
        expected[i] = beyond * (exp(-i / 10.) - (i < N - 1 ? exp(-(i + 1) / 10.) : 0));
    assert_fits("exponential tail", expected, seen, N);
}

static double draw_normal(struct cm_rng *rng, double a, double b)
{
    (void)a, (void)b;
    return cm_draw_normal(rng);
}

static double normal_below(double x, double a, double b)
{
    (void)b;
    return gsl_cdf_gaussian_P(x, a);
}

static double normal_above(double x, double a, double b)
{
    (void)b;
    return gsl_cdf_gaussian_Q(x, a);
}

Test(draw, normals_follow_their_cdf)
{
    check(&(struct law){.name = "normal",
                        .draw = draw_normal,
                        .below = normal_below,
                        .above = normal_above,
                        .a = 1,
                        .low = -9,
                        .high = 9,
                        .draws = 10 * DRAWS});
}

/* The test above has about 1300 draws beyond r = 3.654 on either side. */
Test(draw, the_tail_of_the_normal_is_a_normal_tail)
{
    enum { TAILS = 200000, N = 40 };
    double r = cm_draw_normal_x[1], all = gsl_cdf_ugaussian_Q(r);
    double expected[N + 1], seen[N + 1] = {0};
    for (int i = 0; i <= N; i++) {
        double from = r + i / 20., to = i == N ? 99 : from + 1 / 20.;
        expected[i] = TAILS * (gsl_cdf_ugaussian_Q(from) - gsl_cdf_ugaussian_Q(to)) / all;
    }
    struct cm_rng rng = stream_for("normal tail");
    for (int i = 0; i < TAILS; i++) {
        double cell = floor((cm_draw_normal_tail(&rng) - r) * 20);
        seen[cell < N ? (int)cell : N]++;
    }
    assert_fits("normal tail", expected, seen, N + 1);
}

/* Correlation between layer and position, or of one draw with the next, would show here. */
Test(draw, neighbouring_normals_are_independent)
{
    enum { SIDE = 25 };
    double expected[SIDE * SIDE], seen[SIDE * SIDE] = {0};
    for (int i = 0; i < SIDE * SIDE; i++)
        expected[i] = (double)DRAWS / (SIDE * SIDE);
    struct cm_rng rng = stream_for("pairs of normals");
    for (int i = 0; i < DRAWS; i++) {
        int row = (int)(SIDE * gsl_cdf_ugaussian_P(cm_draw_normal(&rng)));
        int column = (int)(SIDE * gsl_cdf_ugaussian_P(cm_draw_normal(&rng)));
        seen[row * SIDE + column]++;
    }
    assert_fits("pairs of normals", expected, seen, SIDE * SIDE);
}

static double draw_gamma(struct cm_rng *rng, double a, double b)
{
    (void)b;
    return cm_draw_gamma(rng, a);
}

Test(draw, gammas_follow_their_cdf)
{
    static const struct law laws[] = {
        {"gamma 0.1", draw_gamma, gsl_cdf_gamma_P, gsl_cdf_gamma_Q, 0.1, 1, 0, 40, 0},
        {"gamma 0.99", draw_gamma, gsl_cdf_gamma_P, gsl_cdf_gamma_Q, 0.99, 1, 0, 40, 0},
        {"gamma 1", draw_gamma, gsl_cdf_gamma_P, gsl_cdf_gamma_Q, 1, 1, 0, 40, 0},
        {"gamma 2.5", draw_gamma, gsl_cdf_gamma_P, gsl_cdf_gamma_Q, 2.5, 1, 0, 60, 0},
        {"gamma 1000", draw_gamma, gsl_cdf_gamma_P, gsl_cdf_gamma_Q, 1000, 1, 700, 1400, 0},
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        check(&laws[i]);
}

Test(draw, betas_follow_their_cdf)
{
    static const struct law laws[] = {
        {"beta 0.05, 0.1", cm_draw_beta, gsl_cdf_beta_P, gsl_cdf_beta_Q, 0.05, 0.1, 0, 1, 0},
        {"beta 0.5, 3", cm_draw_beta, gsl_cdf_beta_P, gsl_cdf_beta_Q, 0.5, 3, 0, 1, 0},
        {"beta 1, 1", cm_draw_beta, gsl_cdf_beta_P, gsl_cdf_beta_Q, 1, 1, 0, 1, 0},
        {"beta 950, 51", cm_draw_beta, gsl_cdf_beta_P, gsl_cdf_beta_Q, 950, 51, 0, 1, 0},
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        check(&laws[i]);
}

/* Most gammas of these shapes are below the smallest double, yet their ratio is a beta. */
Test(draw, betas_of_tiny_shapes_choose_an_end_in_proportion)
{
    double want = gsl_cdf_beta_Q(0.5, 0.001, 0.002);
    struct cm_rng rng = stream_for("tiny beta");
    int upper = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = cm_draw_beta(&rng, 0.001, 0.002);
        cr_assert(x >= 0 && x <= 1);
        upper += x > 0.5;
    }
    double error = sqrt(want * (1 - want) / DRAWS);
    cr_assert(fabs((double)upper / DRAWS - want) < 4 * error, "%d of %d, not %g", upper, DRAWS,
              want);
}
