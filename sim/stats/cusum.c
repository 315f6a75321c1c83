/* CUSUM charts as Markov chains; see the header. With Q the matrix of moves between states without
 * an alarm, the mean run is the first entry of L in (I - Q) L = 1. */
#include "sim/stats/cusum.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>

#include "sim/base/mem.h"
#include "sim/stats/point_mass.h"

enum { NODES = 200 };
/* The equations lose as many digits as the run has. */
static const double LONGEST = 1e12;

/* move[from * n + to]; owned. */
struct chain {
    size_t n;
    double *move;
};

static struct chain chain_of(size_t n)
{
    return (struct chain){n, cm_alloc(n * n * sizeof(double))};
}

/* A pivot of 0: nothing that arithmetic can tell leaves the chain. */
static bool singular(const struct chain *factors)
{
    for (size_t i = 0; i < factors->n; i++)
        if (factors->move[i * factors->n + i] == 0)
            return true;
    return false;
}

/* Takes the chain. */
static double mean_run(struct chain chain)
{
    size_t n = chain.n;
    double *work = cm_alloc(2 * n * sizeof *work);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            chain.move[i * n + j] = (i == j) - chain.move[i * n + j];
        work[i] = 1;
    }
    gsl_matrix_view matrix = gsl_matrix_view_array(chain.move, n, n);
    gsl_vector_view one = gsl_vector_view_array(work, n);
    gsl_vector_view mean = gsl_vector_view_array(work + n, n);
    gsl_permutation *order = gsl_permutation_alloc(n);
    int sign;
    double run = INFINITY;
    gsl_linalg_LU_decomp(&matrix.matrix, order, &sign);
    if (!singular(&chain)) {
        gsl_linalg_LU_solve(&matrix.matrix, order, &one.vector, &mean.vector);
        run = work[n] > 0 && work[n] < LONGEST ? work[n] : INFINITY;
    }
    gsl_permutation_free(order);
    cm_free(work);
    cm_free(chain.move);
    return run;
}

/* Takes the chain: steps the law of the state, starting at 0, and collects what is lost. */
static double alarm_within(struct chain chain, uint64_t steps)
{
    size_t n = chain.n;
    double *work = cm_alloc(2 * n * sizeof *work), *now = work, *next = work + n, left = 0;
    now[0] = 1;
    for (uint64_t t = 0; t < steps; t++) {
        for (size_t j = 0; j < n; j++) {
            next[j] = 0;
            for (size_t i = 0; i < n; i++)
                next[j] += now[i] * chain.move[i * n + j];
        }
        double *swap = now;
        now = next;
        next = swap;
    }
    for (size_t i = 0; i < n; i++)
        left += now[i];
    cm_free(work);
    cm_free(chain.move);
    return fmax(0, 1 - left);
}

/* State 0 is the chart at zero, an atom; the others are the nodes. */
double cm_cusum_normal_arl(double k, double h, double mu)
{
    if (!(h > 0) || !isfinite(k) || !isfinite(h) || !isfinite(mu))
        return NAN;
    const double peak = 0.39894228040143267794; /* 1 / sqrt(2 pi) */
    double at[NODES + 1] = {0}, weight[NODES + 1] = {0};
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
    for (size_t i = 0; i < NODES; i++)
        gsl_integration_glfixed_point(0, h, i, &at[i + 1], &weight[i + 1], table);
    gsl_integration_glfixed_table_free(table);
    struct chain chain = chain_of(NODES + 1);
    for (size_t i = 0; i <= NODES; i++) {
        double *row = chain.move + i * chain.n;
        row[0] = gsl_cdf_ugaussian_P(k - mu - at[i]);
        for (size_t j = 1; j <= NODES; j++) {
            double x = at[j] + k - mu - at[i];
            row[j] = weight[j] * peak * exp(-x * x / 2);
        }
    }
    return mean_run(chain);
}

static bool poisson_sound(const struct cm_cusum_poisson *c)
{
    return c->mean >= 0 && isfinite(c->mean) && c->h > 0 && c->h <= CM_CUSUM_STATES &&
           c->k <= CM_CUSUM_STATES;
}

static struct chain poisson_chain(const struct cm_cusum_poisson *c)
{
    struct chain chain = chain_of(c->h);
    for (uint64_t i = 0; i < c->h; i++) {
        /* Down to zero go all x <= k - i; a state j > 0 is reached by x = j + k - i alone. */
        for (uint64_t x = 0; x < c->h + c->k - i; x++) {
            uint64_t to = i + x > c->k ? i + x - c->k : 0;
            chain.move[i * c->h + to] += exp(cm_point_mass_poisson((double)x, c->mean));
        }
    }
    return chain;
}

static bool bernoulli_sound(const struct cm_cusum_bernoulli *c)
{
    return c->p >= 0 && c->p <= 1 && c->m > 0 && c->h > 0 && c->h <= CM_CUSUM_STATES;
}

static struct chain bernoulli_chain(const struct cm_cusum_bernoulli *c)
{
    struct chain chain = chain_of(c->h);
    for (uint64_t i = 0; i < c->h; i++) {
        chain.move[i * c->h + (i > 0 ? i - 1 : 0)] += 1 - c->p;
        if (c->m - 1 < c->h - i)
            chain.move[i * c->h + i + c->m - 1] += c->p;
    }
    return chain;
}

double cm_cusum_poisson_arl(const struct cm_cusum_poisson *chart)
{
    if (!poisson_sound(chart))
        return NAN;
    return chart->mean == 0 ? INFINITY : mean_run(poisson_chain(chart));
}

double cm_cusum_poisson_within(const struct cm_cusum_poisson *chart, uint64_t n)
{
    return poisson_sound(chart) ? alarm_within(poisson_chain(chart), n) : NAN;
}

/* With m = 1 the chart moves down or stays, and never leaves zero. */
double cm_cusum_bernoulli_arl(const struct cm_cusum_bernoulli *chart)
{
    if (!bernoulli_sound(chart))
        return NAN;
    return chart->p == 0 || chart->m == 1 ? INFINITY : mean_run(bernoulli_chain(chart));
}

double cm_cusum_bernoulli_within(const struct cm_cusum_bernoulli *chart, uint64_t n)
{
    return bernoulli_sound(chart) ? alarm_within(bernoulli_chain(chart), n) : NAN;
}

struct cm_shiryaev_bound cm_cusum_shiryaev_bound(double threshold, uint64_t n)
{
    assert(threshold > 0);
    return (struct cm_shiryaev_bound){threshold, fmin(1, (double)n / threshold)};
}
