/* Many replications of one scenario, and what their columns come to.
 *
 * Seeds are fixed; whatever is estimated may be four standard errors off, computed from the law
 * where it is a chance, from the sample where it is a mean. */
#ifndef CM_TEST_ROLLOUTS_H
#define CM_TEST_ROLLOUTS_H

#include <math.h>
#include <stdlib.h>

#include "sim/engine/replicate.h"
#include "sim/stats/interval.h"
#include "tests/stat/scenario_text.h"

/* One column of an outcome. */
typedef double column(const struct cm_outcome *row);

struct rollouts {
    struct cm_outcome *rows; /* owned */
    size_t n;
};

/* Plays n replications of `text` under its first policy; release -1 = healthy. `counts` is the
 * text of counts.csv, or NULL. */
static inline struct rollouts play_recorded(const char *text, const char *counts, int release,
                                            size_t n)
{
    struct cm_scenario scenario = {0};
    load_text(&scenario, text, counts);
    const struct cm_plan plan = {.scenario = &scenario, .release = release, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct rollouts r = {.rows = calloc(n, sizeof *r.rows), .n = n};
    for (size_t i = 0; i < n; i++)
        r.rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
    return r;
}

static inline struct rollouts play(const char *text, int release, size_t n)
{
    return play_recorded(text, NULL, release, n);
}

static inline struct cm_sample sample_of(const struct rollouts *r, column *value)
{
    double *values = calloc(r->n, sizeof *values);
    for (size_t i = 0; i < r->n; i++)
        values[i] = value(&r->rows[i]);
    struct cm_sample sample = cm_sample_of(values, r->n);
    free(values);
    return sample;
}

static inline double share_of(const struct rollouts *r, column *whether)
{
    return sample_of(r, whether).mean;
}

static inline void expect_mean(const char *what, const struct rollouts *r, column *value,
                               double want)
{
    struct cm_sample s = sample_of(r, value);
    double error = 4 * sqrt(s.variance / (double)r->n);
    cr_expect(fabs(s.mean - want) <= error, "%s: %g, not %g +- %g", what, s.mean, want, error);
}

/* Of a column of zeros and ones. */
static inline void expect_chance(const char *what, const struct rollouts *r, column *whether,
                                 double want)
{
    double got = share_of(r, whether), error = 4 * sqrt(want * (1 - want) / (double)r->n);
    cr_expect(fabs(got - want) <= error, "%s: %g, not %g +- %g", what, got, want, error);
}

static inline double rolled_back(const struct cm_outcome *row)
{
    return row->end == CM_ROLLED_BACK;
}

static inline double requests(const struct cm_outcome *row)
{
    return (double)row->rollout.requests;
}

static inline double failures(const struct cm_outcome *row)
{
    return (double)row->rollout.failures;
}

#endif
