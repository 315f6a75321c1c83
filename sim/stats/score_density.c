/* The recursion on Gauss-Legendre nodes; see the header. */
#include "sim/stats/score_density.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>

#include "sim/base/mem.h"

enum { NODES = 16 };
static const double PANEL = 3; /* standard deviations of a step */
static const double FAR = 12;  /* standard deviations beyond which there is nothing: 1e-33 */
static const double PEAK = 0.39894228040143267794; /* 1 / sqrt(2 pi) */

void cm_score_density_init(struct cm_score_density *d, double drift)
{
    double *block = cm_alloc(2 * sizeof *block);
    block[1] = 1;
    *d = (struct cm_score_density){.drift = drift, .n = 1, .at = block, .mass = block + 1};
}

void cm_score_density_release(struct cm_score_density *d)
{
    cm_free(d->at);
    *d = (struct cm_score_density){0};
}

double cm_score_density_above(const struct cm_score_density *d, double info, double score)
{
    double step = info - d->info, sd = sqrt(step), sum = 0;
    assert(step > 0);
    for (size_t i = 0; i < d->n; i++)
        sum += d->mass[i] * gsl_cdf_ugaussian_Q((score - d->at[i] - d->drift * step) / sd);
    return sum;
}

double cm_score_density_below(const struct cm_score_density *d, double info, double score)
{
    double step = info - d->info, sd = sqrt(step), sum = 0;
    assert(step > 0);
    for (size_t i = 0; i < d->n; i++)
        sum += d->mass[i] * gsl_cdf_ugaussian_P((score - d->at[i] - d->drift * step) / sd);
    return sum;
}

/* Nodes and weights between low and high, in ascending order; `to` has memory for all of them. */
static void place_nodes(struct cm_score_density *to, double low, double high, size_t panels)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
    double width = (high - low) / (double)panels;
    for (size_t p = 0; p < panels; p++) {
        double from = low + width * (double)p;
        for (size_t i = 0; i < NODES; i++)
            gsl_integration_glfixed_point(from, from + width, i, to->at + p * NODES + i,
                                          to->mass + p * NODES + i, table);
    }
    gsl_integration_glfixed_table_free(table);
}

/* Turns the weights of `to` into masses. Only nodes within FAR of where a path came from count; as
 * both lists ascend, they form a window that only moves up. */
static void spread(const struct cm_score_density *from, struct cm_score_density *to)
{
    double step = to->info - from->info, sd = sqrt(step), shift = from->drift * step;
    size_t first = 0;
    for (size_t j = 0; j < to->n; j++) {
        double centre = to->at[j] - shift, sum = 0;
        while (first < from->n && from->at[first] < centre - FAR * sd)
            first++;
        for (size_t i = first; i < from->n && from->at[i] <= centre + FAR * sd; i++) {
            double z = (centre - from->at[i]) / sd;
            sum += from->mass[i] * exp(-0.5 * z * z);
        }
        to->mass[j] *= sum * PEAK / sd;
    }
}

void cm_score_density_step(struct cm_score_density *d, const struct cm_score_step *step)
{
    assert(step->info > d->info && step->ahead > 0);
    double mean = d->drift * step->info, reach = FAR * sqrt(step->info);
    double low = fmax(step->low, mean - reach), high = fmin(step->high, mean + reach);
    struct cm_score_density next = {.info = step->info, .drift = d->drift};
    if (low < high) {
        double width = PANEL * sqrt(fmin(step->info - d->info, step->ahead));
        size_t panels = (size_t)ceil((high - low) / width);
        next.n = panels * NODES;
        next.at = cm_alloc(2 * next.n * sizeof *next.at);
        next.mass = next.at + next.n;
        place_nodes(&next, low, high, panels);
        spread(d, &next);
    }
    cm_score_density_release(d);
    *d = next;
}
