/* Nanoseconds per draw: our samplers on PCG64-DXSM against gsl_ran_* on mt19937.
 *
 * Each figure is the fastest of REPEATS runs of a loop of draws, in CPU time of this thread: noise
 * only ever adds. Quote the ratios, not the figures. `ratio` is GSL / ours. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"

#define REPEATS 9
#define DRAWS   100000

/* A loop of `draws` draws; returns their sum, so that none is optimised away. */
struct loop {
    double a, b; /* the law's parameters */
    struct cm_rng *rng;
    gsl_rng *gsl;
    const struct cm_poisson_table *table;
};

#define LOOP(name, draw)                                                                           \
    static double name(const struct loop *l, int draws)                                            \
    {                                                                                              \
        double sum = 0;                                                                            \
        for (int i = 0; i < draws; i++)                                                            \
            sum += (double)(draw);                                                                 \
        return sum;                                                                                \
    }

LOOP(unit, cm_rng_unit(l->rng))
LOOP(gsl_unit, gsl_rng_uniform(l->gsl))
LOOP(below, cm_draw_below(l->rng, (uint64_t)l->a))
LOOP(gsl_below, gsl_rng_uniform_int(l->gsl, (unsigned long)l->a))
LOOP(exponential, cm_draw_exponential(l->rng))
LOOP(gsl_exponential, gsl_ran_exponential(l->gsl, l->a))
LOOP(normal, cm_draw_normal(l->rng))
LOOP(gsl_polar, gsl_ran_gaussian(l->gsl, l->a))
LOOP(gsl_ziggurat, gsl_ran_gaussian_ziggurat(l->gsl, l->a))
LOOP(gamma_, cm_draw_gamma(l->rng, l->a))
LOOP(gsl_gamma, gsl_ran_gamma(l->gsl, l->a, 1))
LOOP(beta, cm_draw_beta(l->rng, l->a, l->b))
LOOP(gsl_beta, gsl_ran_beta(l->gsl, l->a, l->b))
LOOP(poisson, cm_draw_poisson(l->rng, l->a))
LOOP(gsl_poisson, gsl_ran_poisson(l->gsl, l->a))
LOOP(tabled, cm_poisson_table_draw(l->table, l->rng))
LOOP(binomial, cm_draw_binomial(l->rng, (uint64_t)l->a, l->b))
LOOP(gsl_binomial, gsl_ran_binomial(l->gsl, l->b, (unsigned)l->a))

static double cached(const struct loop *l, int draws)
{
    struct cm_poisson p = {0};
    double sum = 0;
    for (int i = 0; i < draws; i++) {
        cm_poisson_set(&p, l->a);
        sum += (double)cm_poisson_draw(&p, l->rng);
    }
    return sum;
}

/* `a` items dealt to 20 cells whose weights fall by a quarter from one to the next. */
#define CELLS 20

static void falling(double weights[CELLS])
{
    double weight = 1;
    for (int i = 0; i < CELLS; i++, weight *= 0.75)
        weights[i] = weight;
}

static double multinomial(const struct loop *l, int draws)
{
    double weights[CELLS], sum = 0;
    uint64_t counts[CELLS];
    falling(weights);
    for (int i = 0; i < draws; i++) {
        cm_draw_multinomial(l->rng, (uint64_t)l->a, weights, CELLS, counts);
        sum += (double)counts[0];
    }
    return sum;
}

static double gsl_multinomial(const struct loop *l, int draws)
{
    double weights[CELLS], sum = 0;
    unsigned counts[CELLS];
    falling(weights);
    for (int i = 0; i < draws; i++) {
        gsl_ran_multinomial(l->gsl, CELLS, (unsigned)l->a, weights, counts);
        sum += counts[0];
    }
    return sum;
}

static const struct row {
    const char *what;
    double a, b;
    double (*ours)(const struct loop *, int), (*theirs)(const struct loop *, int);
} rows[] = {
    {"uniform", 0, 0, unit, gsl_unit},
    {"below 1000", 1000, 0, below, gsl_below},
    {"exponential", 1, 0, exponential, gsl_exponential},
    {"normal (GSL polar)", 1, 0, normal, gsl_polar},
    {"normal (GSL ziggurat)", 1, 0, normal, gsl_ziggurat},
    {"gamma 0.3", 0.3, 0, gamma_, gsl_gamma},
    {"gamma 2.5", 2.5, 0, gamma_, gsl_gamma},
    {"beta 0.5, 0.5", 0.5, 0.5, beta, gsl_beta},
    {"beta 950, 51", 950, 51, beta, gsl_beta},
    {"poisson 0.1", 0.1, 0, poisson, gsl_poisson},
    {"poisson 2", 2, 0, poisson, gsl_poisson},
    {"poisson 11.99", 11.99, 0, poisson, gsl_poisson},
    {"poisson 12", 12, 0, poisson, gsl_poisson},
    {"poisson 100", 100, 0, poisson, gsl_poisson},
    {"poisson 1500", 1500, 0, poisson, gsl_poisson},
    {"poisson 1e6", 1e6, 0, poisson, gsl_poisson},
    {"poisson 2, cached", 2, 0, cached, gsl_poisson},
    {"poisson 12, cached", 12, 0, cached, gsl_poisson},
    {"poisson 100, cached", 100, 0, cached, gsl_poisson},
    {"poisson 1500, cached", 1500, 0, cached, gsl_poisson},
    {"poisson 1e6, cached", 1e6, 0, cached, gsl_poisson},
    {"poisson 2, table", 2, 0, tabled, gsl_poisson},
    {"poisson 100, table", 100, 0, tabled, gsl_poisson},
    {"poisson 1500, table", 1500, 0, tabled, gsl_poisson},
    {"binomial 1, 0.3", 1, 0.3, binomial, gsl_binomial},
    {"binomial 10, 0.3", 10, 0.3, binomial, gsl_binomial},
    {"binomial 1500, 0.001", 1500, 0.001, binomial, gsl_binomial},
    {"binomial 1e6, 1e-6", 1e6, 1e-6, binomial, gsl_binomial},
    {"binomial 1000, 0.01399", 1000, 0.01399, binomial, gsl_binomial},
    {"binomial 1000, 0.014", 1000, 0.014, binomial, gsl_binomial},
    {"binomial 1500, 0.3", 1500, 0.3, binomial, gsl_binomial},
    {"binomial 1e5, 0.5", 1e5, 0.5, binomial, gsl_binomial},
    {"multinomial 15 in 20", 15, 0, multinomial, gsl_multinomial},
    {"multinomial 1500 in 20", 1500, 0, multinomial, gsl_multinomial},
};

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static volatile double sink;

static double fastest(double (*loop)(const struct loop *, int), const struct loop *l)
{
    double best = 1e300;
    for (int i = 0; i < REPEATS; i++) {
        double start = cpu_ns();
        sink = loop(l, DRAWS);
        double took = (cpu_ns() - start) / DRAWS;
        best = took < best ? took : best;
    }
    return best;
}

int main(void)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("bench.draw"), 0);
    gsl_rng *gsl = gsl_rng_alloc(gsl_rng_mt19937);
    printf("%-24s %9s %9s %7s\n", "ns per draw", "ours", "gsl_ran", "ratio");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct cm_poisson_table table;
        uint64_t *cells = NULL;
        struct loop l = {.a = row->a, .b = row->b, .rng = &rng, .gsl = gsl, .table = &table};
        if (row->ours == tabled) {
            cells = cm_alloc(cm_poisson_table_room(row->a) * sizeof *cells);
            cm_poisson_table_init(&table, row->a, cells);
        }
        double ours = fastest(row->ours, &l), theirs = fastest(row->theirs, &l);
        printf("%-24s %9.1f %9.1f %7.1f\n", row->what, ours, theirs, theirs / ours);
        cm_free(cells);
    }
    gsl_rng_free(gsl);
    return EXIT_SUCCESS;
}
