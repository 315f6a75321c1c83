/* Sums over strata; the formulas are in the header. */
#include "sim/gates/two_arms.h"

const char *const cm_pooling_names[] = {"strata", "crude", NULL};

static void add_stratum(struct cm_two_arms *a, const struct cm_two_counts *c)
{
    double n0 = (double)c->n0, n1 = (double)c->n1;
    a->crude.x0 += c->x0, a->crude.n0 += c->n0;
    a->crude.x1 += c->x1, a->crude.n1 += c->n1;
    cm_strata_add(&a->strata, c);
    if (c->n0 > 0 && c->n1 > 0)
        a->weight += n0 * n1 / (n0 + n1);
}

void cm_two_arms_add(struct cm_two_arms *a, const struct cm_look *look, bool own_step)
{
    struct cm_two_counts fresh;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++)
        if (cm_gate_fresh(look, i, own_step, &fresh))
            add_stratum(a, &fresh);
}

void cm_two_arms_forget(struct cm_two_arms *a)
{
    *a = (struct cm_two_arms){.steps = a->steps + (a->crude.n1 > 0)};
}

struct cm_difference cm_two_arms_difference(const struct cm_two_arms *a, int pooling)
{
    if (pooling == CM_CRUDE)
        return cm_mixture_sprt_shares(&a->crude);
    if (!(a->weight > 0))
        return (struct cm_difference){0};
    return (struct cm_difference){a->strata.excess / a->weight,
                                  a->strata.variance / a->weight / a->weight};
}

double cm_two_arms_alpha(const struct cm_two_arms *a, double alpha)
{
    double k = (double)a->steps + 1;
    return alpha / (k * (k + 1));
}

void cm_two_arms_show(const struct cm_two_arms *a, struct cm_verdict *v)
{
    v->why.x0 = a->crude.x0, v->why.n0 = a->crude.n0;
    v->why.x1 = a->crude.x1, v->why.n1 = a->crude.n1;
}
