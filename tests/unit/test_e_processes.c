/* Every always-valid gate is a fair bet: all outcomes of two strata are enumerated, with error
 * probabilities that drift between them, and the mean of E never grows, whatever came first. One-
 * sided gates also keep that where the canary is better; and all of them gain where it is worse. */
#include <criterion/criterion.h>

#include "sim/stats/binomial_mixture.h"
#include "sim/stats/dirichlet.h"
#include "sim/stats/e_value.h"
#include "sim/stats/origin.h"
#include "sim/stats/safe_two_by_two.h"
#include "sim/stats/sprt.h"
#include "sim/stats/tail_origin.h"
#include "tests/unit/two_strata.h"

static const double SLACK = 1e-12;

/* Equal arms that drift; the weight ramps in the first two. */
static const struct two_strata equal[] = {
    {{9, 6}, {1, 4}, {0.1, 0.6}, {0.1, 0.6}},   {{6, 3}, {2, 9}, {0.5, 0.02}, {0.5, 0.02}},
    {{8, 8}, {2, 2}, {0.05, 0.9}, {0.05, 0.9}}, {{3, 6}, {2, 4}, {0, 1}, {0, 1}},
    {{5, 5}, {5, 5}, {0.3, 0.7}, {0.3, 0.7}},
};
static const struct two_strata better[] = {
    {{9, 6}, {1, 4}, {0.1, 0.6}, {0.05, 0.1}},
    {{8, 8}, {2, 2}, {0.3, 0.9}, {0.29, 0.5}},
    {{5, 5}, {5, 5}, {0.3, 0.7}, {0, 0.69}},
};
static const struct two_strata worse = {{8, 8}, {4, 4}, {0.1, 0.3}, {0.4, 0.8}};
enum {
    EQUAL = sizeof equal / sizeof equal[0],
    BETTER = sizeof better / sizeof better[0],
};

/* Constant shares, as some gates need them. */
static bool constant_share(const struct two_strata *w)
{
    return w->n0[0] * w->n1[1] == w->n0[1] * w->n1[0];
}

enum { CONSTANT = 1, TWO_SIDED = 2 };

static void expect_fair(strata_log_e *log_e, const void *context, int needs)
{
    for (int i = 0; i < EQUAL; i++)
        if (!(needs & CONSTANT) || constant_share(&equal[i])) {
            double growth = strata_worst_growth(&equal[i], log_e, context);
            cr_expect_leq(growth, 1 + SLACK, "equal %d: %.17g", i, growth);
        }
    for (int i = 0; i < BETTER && !(needs & TWO_SIDED); i++)
        if (!(needs & CONSTANT) || constant_share(&better[i])) {
            double growth = strata_worst_growth(&better[i], log_e, context);
            cr_expect_leq(growth, 1 + SLACK, "better %d: %.17g", i, growth);
        }
    struct cm_two_counts strata[2];
    cr_expect_gt(strata_next_mean(&worse, 0, strata, log_e, context), 1);
}

static double share_of(const struct cm_two_counts *c)
{
    return cm_origin_share(c->n0, c->n1, 1);
}

static double origin_sprt(const struct cm_two_counts *strata, size_t n, const void *context)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += cm_origin_log_e(strata[i].x0, strata[i].x1, share_of(&strata[i]),
                               *(const double *)context);
    return sum;
}

Test(e_processes, origin_sprts_are_fair)
{
    for (double ratio = 1.25; ratio < 100; ratio *= 2)
        expect_fair(origin_sprt, &ratio, 0);
}

static double origin_mixture(const struct cm_two_counts *strata, size_t n, const void *context)
{
    static const double ratios[] = {1.25, 1.5, 2, 3, 5, 10};
    double log_e[6];
    (void)context;
    for (int i = 0; i < 6; i++)
        log_e[i] = origin_sprt(strata, n, &ratios[i]);
    return cm_log_mean_exp(log_e, 6);
}

Test(e_processes, the_origin_mixture_is_fair)
{
    expect_fair(origin_mixture, NULL, 0);
}

/* Both metrics are the same one here: the means depend on each other as much as can be. */
static double merged(const struct cm_two_counts *strata, size_t n, const void *context)
{
    static const double weights[] = {0.2, 0.8}, ratio = 4;
    const double log_e[] = {origin_mixture(strata, n, context), origin_sprt(strata, n, &ratio)};
    return cm_e_value_log_mean(log_e, weights, 2);
}

Test(e_processes, merged_evidence_is_fair)
{
    expect_fair(merged, NULL, 0);
}

static double binomial_mixture(const struct cm_two_counts *strata, size_t n, const void *context)
{
    const struct cm_binomial_mixture *prior = context;
    double share = share_of(&strata[0]), k = prior->a + prior->b;
    struct cm_binomial_mixture m =
        cm_binomial_mixture_of(share, k * share, k * (1 - share), prior->one_sided);
    uint64_t canary = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        canary += strata[i].x1;
        all += strata[i].x0 + strata[i].x1;
    }
    return cm_binomial_mixture_log_e(&m, canary, all);
}

Test(e_processes, binomial_mixtures_are_fair_while_the_share_stays)
{
    for (double k = 1; k < 1000; k *= 10) {
        const struct cm_binomial_mixture one = {.a = k, .one_sided = true}, two = {.a = k};
        expect_fair(binomial_mixture, &one, CONSTANT);
        expect_fair(binomial_mixture, &two, CONSTANT | TWO_SIDED);
    }
}

static double dirichlet(const struct cm_two_counts *strata, size_t n, const void *context)
{
    double share = share_of(&strata[0]);
    const double shares[] = {1 - share, share};
    const struct cm_dirichlet d = {2, shares, *(const double *)context};
    uint64_t counts[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        counts[0] += strata[i].x0;
        counts[1] += strata[i].x1;
    }
    return cm_dirichlet_log_bf(&d, counts);
}

Test(e_processes, dirichlet_mixtures_are_fair_while_the_share_stays)
{
    for (double k = 1; k < 1000; k *= 10)
        expect_fair(dirichlet, &k, CONSTANT | TWO_SIDED);
}

static double safe_plug_in(const struct cm_two_counts *strata, size_t n, const void *context)
{
    struct cm_safe_two_by_two safe = {.prior = 0.18, .one_sided = *(const bool *)context};
    safe.seen = (struct cm_two_counts){1, 9, 2, 5}; /* from strata before these */
    for (size_t i = 0; i < n; i++)
        cm_safe_two_by_two_add(&safe, &strata[i]);
    return safe.log_e;
}

Test(e_processes, safe_tests_are_fair)
{
    static const bool one = true, two = false;
    expect_fair(safe_plug_in, &one, 0);
    expect_fair(safe_plug_in, &two, TWO_SIDED);
}

static double safe_fixed(const struct cm_two_counts *strata, size_t n, const void *context)
{
    const double *p = context;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += cm_safe_two_by_two_block(&strata[i], p[0], p[1]);
    return sum;
}

Test(e_processes, safe_tests_of_two_points_are_fair)
{
    static const double points[][2] = {{0.1, 0.2}, {0.02, 0.5}, {0.3, 0.9}};
    for (int i = 0; i < 3; i++)
        expect_fair(safe_fixed, points[i], 0);
}

/* 3 requests of the control and 2 of the canary, each in one of 3 buckets: 243 outcomes a stratum.
 */
enum { CONTROL = 3, REQUESTS = 5, OUTCOMES = 243 };

static double outcome(int code, const double laws[2][3], uint64_t counts[2][3])
{
    double chance = 1;
    for (int arm = 0; arm < 2; arm++)
        for (int b = 0; b < 3; b++)
            counts[arm][b] = 0;
    for (int i = 0; i < REQUESTS; i++, code /= 3) {
        counts[i >= CONTROL][code % 3]++;
        chance *= laws[i >= CONTROL][code % 3];
    }
    return chance;
}

/* The mean of E where the arms have these laws in both strata. */
static double tail_mean(const double laws[2][2][3])
{
    static const double ratios[] = {1.5, 4};
    static const size_t edges[] = {1, 2};
    double sum = 0;
    for (int code = 0; code < OUTCOMES * OUTCOMES; code++) {
        double log_e[4] = {0}, chance = 1;
        const struct cm_tail_origin t = {2, 2, edges, ratios, log_e};
        for (int k = 0; k < 2; k++) {
            uint64_t counts[2][3];
            chance *= outcome(k ? code / OUTCOMES : code % OUTCOMES, laws[k], counts);
            const struct cm_tail_stratum stratum = {3, counts[0], counts[1], 0.4};
            cm_tail_origin_add(&t, &stratum);
        }
        sum += chance * exp(cm_tail_origin_log_e(&t));
    }
    return sum;
}

Test(e_processes, tail_evidence_is_fair_at_several_edges_together)
{
    static const double rare[2][2][3] = {{{0.98, 0.01, 0.01}, {0.98, 0.01, 0.01}},
                                         {{0.95, 0.04, 0.01}, {0.95, 0.04, 0.01}}};
    static const double drifts[2][2][3] = {{{0.7, 0.2, 0.1}, {0.7, 0.2, 0.1}},
                                           {{0.1, 0.3, 0.6}, {0.1, 0.3, 0.6}}};
    static const double slower[2][2][3] = {{{0.7, 0.2, 0.1}, {0.2, 0.2, 0.6}},
                                           {{0.8, 0.1, 0.1}, {0.2, 0.1, 0.7}}};
    cr_expect_leq(tail_mean(rare), 1 + SLACK);
    cr_expect_leq(tail_mean(drifts), 1 + SLACK);
    cr_expect_gt(tail_mean(rare), 0.99); /* where it is rare, hardly anything is given away */
    cr_expect_gt(tail_mean(slower), 1.3);
}

/* What must fail does: crude shares under a ramp are no fair bet (Simpson's paradox). */
static double crude(const struct cm_two_counts *strata, size_t n, const void *context)
{
    struct cm_two_counts all = {0};
    for (size_t i = 0; i < n; i++) {
        all.x0 += strata[i].x0, all.n0 += strata[i].n0;
        all.x1 += strata[i].x1, all.n1 += strata[i].n1;
    }
    return origin_sprt(&all, 1, context);
}

Test(e_processes, evidence_from_crude_shares_is_not_fair_under_a_ramp)
{
    const double ratio = 2;
    cr_expect_gt(strata_worst_growth(&equal[0], crude, &ratio), 1.01);
}
