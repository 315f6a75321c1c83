/* Section C of the statistical oracle, first half: uniform boundaries and mixtures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/stats/binomial_mixture.h"
#include "sim/stats/dirichlet.h"
#include "sim/stats/e_value.h"
#include "sim/stats/mixture.h"
#include "sim/stats/mixture_sprt.h"
#include "sim/stats/quantile_sequence.h"
#include "sim/stats/stitching.h"
#include "tests/oracle/stat.h"

/* A number strictly between two. */
static double inside(struct stat_case *c, const char *key, double low, double high)
{
    double x = input_number(&c->in, key);
    if (x > low && x < high)
        return x;
    inputs_fault(&c->in, "\"%s\" is %g, outside (%g, %g)", key, x, low, high);
    return low > 0 ? low * 1.5 : high < 1e300 ? high / 2 : 1;
}

static double positive(struct stat_case *c, const char *key)
{
    return inside(c, key, 0, INFINITY);
}

static struct cm_mixture_tuning tuning(struct stat_case *c, const char *time, double most_alpha)
{
    return (struct cm_mixture_tuning){positive(c, time), inside(c, "alpha_opt", 0, most_alpha)};
}

static void offer_mixture(struct stat_case *c, const struct cm_mixture *m)
{
    double v = input_number(&c->in, "v");
    if (stat_wants(c, "log_mixture"))
        stat_number(c, "log_mixture", cm_mixture_log_e(m, input_number(&c->in, "s"), v));
    if (stat_wants(c, "bound"))
        stat_number(c, "bound", cm_mixture_bound(m, v, inside(c, "alpha", 0, 1)));
}

static void normal_mixture(struct stat_case *c)
{
    bool one_sided = input_flag(&c->in, "one_sided");
    struct cm_mixture_tuning t = tuning(c, "v_opt", one_sided ? 0.5 : 1);
    struct cm_mixture m = cm_mixture_normal(&t, one_sided);
    offer_mixture(c, &m);
}

static void gamma_exponential_mixture(struct stat_case *c)
{
    struct cm_mixture_tuning t = tuning(c, "v_opt", 0.5);
    struct cm_mixture m = cm_mixture_gamma_exponential(&t, positive(c, "c"));
    offer_mixture(c, &m);
}

static void gamma_poisson_mixture(struct stat_case *c)
{
    struct cm_mixture_tuning t = tuning(c, "v_opt", 0.5);
    struct cm_mixture m = cm_mixture_gamma_poisson(&t, positive(c, "c"));
    offer_mixture(c, &m);
}

static void beta_binomial_mixture(struct stat_case *c)
{
    bool one_sided = input_flag(&c->in, "one_sided");
    struct cm_mixture_tuning t = tuning(c, "v_opt", one_sided ? 0.5 : 1);
    double g = positive(c, "g"), h = positive(c, "h");
    struct cm_mixture m = cm_mixture_beta_binomial(&t, g, h, one_sided);
    offer_mixture(c, &m);
}

static void msprt_normal(struct stat_case *c)
{
    const struct cm_difference d = {input_number(&c->in, "delta_hat"),
                                    input_number(&c->in, "var_delta_hat")};
    double tau = positive(c, "tau"), alpha = inside(c, "alpha", 0, 1);
    double log_e = cm_mixture_sprt_log_e(&d, tau, false);
    stat_number(c, "log_lambda_two_sided", log_e);
    stat_number(c, "p_two_sided", cm_e_value_p(log_e));
    stat_number(c, "log_lambda_one_sided", cm_mixture_sprt_log_e(&d, tau, true));
    stat_number(c, "ci_half_width", cm_mixture_sprt_half_width(&d, tau, alpha));
}

static void msprt_two_prop(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    struct cm_difference d = cm_mixture_sprt_shares(&counts);
    stat_number(c, "log_lambda_two_sided", cm_mixture_sprt_log_e(&d, positive(c, "tau"), false));
}

static void poly_stitching_bound(struct stat_case *c)
{
    const struct cm_stitching epochs = {positive(c, "v_min"), inside(c, "s", 1, 100),
                                        inside(c, "eta", 1, 1e6)};
    double v = input_number(&c->in, "v"), scale = input_within(&c->in, "c", 0, 1e300);
    stat_number(c, "bound", cm_stitching_polynomial(&epochs, v, scale, inside(c, "alpha", 0, 1)));
}

static void empirical_process_lil_bound(struct stat_case *c)
{
    double t = input_number(&c->in, "t"), t_min = input_within(&c->in, "t_min", 1, 1e300);
    double a = input_number(&c->in, "A"), alpha = input_number(&c->in, "alpha");
    double constant = cm_stitching_empirical_constant(alpha, a);
    stat_number(c, "bound", cm_stitching_empirical(t, t_min, a, constant));
}

static void double_stitching_bound(struct stat_case *c)
{
    const struct cm_stitching_quantile q = {
        {input_within(&c->in, "t_opt", 1, 1e300), inside(c, "s", 1, 100), inside(c, "eta", 1, 1e6)},
        positive(c, "delta"),
    };
    double p = inside(c, "quantile_p", 0, 1), t = input_number(&c->in, "t");
    stat_number(c, "bound", cm_stitching_double(&q, p, t, inside(c, "alpha", 0, 1)));
}

/* A sample told as "integers 1..1000". */
static struct cm_values integers(struct stat_case *c, const char *key)
{
    static const double zero;
    const struct cm_values none = {&zero, 1};
    long first, last;
    const long most = 1000000;
    if (sscanf(input_text(&c->in, key), "integers %ld..%ld", &first, &last) != 2 ||
        labs(first) > most || last < first || last > most) {
        inputs_fault(&c->in, "\"%s\" is no range of integers", key);
        return none;
    }
    size_t n = (size_t)(last - first + 1);
    double *x = cm_arena_alloc(&c->in.memory, n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)(first + (long)i);
    return (struct cm_values){x, n};
}

static void quantile_ab_p_value(struct stat_case *c)
{
    struct cm_values control = integers(c, "a"), canary = integers(c, "b");
    double p = inside(c, "quantile_p", 0, 1), t_opt = positive(c, "t_opt");
    struct cm_quantile_sequence q = cm_quantile_sequence_of(p, t_opt, inside(c, "alpha_opt", 0, 1));
    stat_number(c, "p_value", cm_e_value_p(cm_quantile_sequence_log_e(&q, &control, &canary)));
}

static void bernoulli_cs(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), x = input_count_to(&c->in, "successes", n);
    struct cm_mixture_tuning t = tuning(c, "t_opt", 1);
    struct cm_interval ci = cm_quantile_sequence_share_limits(x, n, inside(c, "alpha", 0, 1), &t);
    stat_pair(c, "ci", ci.low, ci.high);
}

static void binomial_mixture_log_e(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), x = input_count_to(&c->in, "x", n);
    double p0 = inside(c, "p0", 0, 1), a = positive(c, "prior_a"), b = positive(c, "prior_b");
    struct cm_binomial_mixture m =
        cm_binomial_mixture_of(p0, a, b, input_flag(&c->in, "one_sided"));
    stat_number(c, "log_e", cm_binomial_mixture_log_e(&m, x, n));
}

static void binomial_mixture_crossing_exact(struct stat_case *c)
{
    uint64_t n = input_count_to(&c->in, "n_events", 100000);
    double p0 = inside(c, "p0", 1e-100, 1), k = inside(c, "concentration", 1e-100, 1e100);
    struct cm_binomial_mixture m =
        cm_binomial_mixture_of(p0, k * p0, k * (1 - p0), input_flag(&c->in, "one_sided"));
    double alpha = inside(c, "alpha", 0, 1), p = input_within(&c->in, "p_true", 0, 1);
    struct cm_binomial_crossing crossing = cm_binomial_mixture_crossing(&m, n, alpha, p);
    stat_number(c, "prob_reject_within_n", crossing.rejected);
    stat_number(c, "expected_events_truncated", crossing.events);
}

static void dirichlet_multinomial_log_bf(struct stat_case *c)
{
    struct input_list counts = input_list(&c->in, "counts"), share = input_list(&c->in, "theta0");
    const struct cm_dirichlet d = {share.n, share.x, positive(c, "concentration")};
    if (counts.n != share.n || share.n < 2)
        inputs_fault(&c->in, "counts and shares are not as many, or fewer than 2");
    for (size_t i = 0; stat_usable(c) && i < share.n; i++)
        if (!(share.x[i] > 0 && share.x[i] < 1 && counts.x[i] >= 0 && counts.x[i] < 1e15))
            inputs_fault(&c->in, "%g of %g", counts.x[i], share.x[i]);
    if (!stat_usable(c))
        return;
    uint64_t *count = cm_arena_alloc(&c->in.memory, counts.n * sizeof *count);
    for (size_t i = 0; i < counts.n; i++)
        count[i] = (uint64_t)counts.x[i];
    double log_bf = cm_dirichlet_log_bf(&d, count);
    stat_number(c, "log_bf", log_bf);
    stat_number(c, "p_value", cm_e_value_p(log_bf));
}

static void log_rate_ratio_cs(struct stat_case *c)
{
    const struct cm_rate_ratio r = {
        .control = input_count(&c->in, "events_control"),
        .canary = input_count(&c->in, "events_canary"),
        .share = inside(c, "canary_share", 0, 1),
        .concentration = positive(c, "concentration"),
    };
    struct cm_interval ci = cm_dirichlet_rate_ratio(&r, inside(c, "alpha", 0, 0.5));
    stat_pair(c, "ci", ci.low, ci.high);
}

const struct stat_fn stat_mixtures[] = {
    {"normal_log_mixture", normal_mixture},
    {"normal_mixture_bound", normal_mixture},
    {"gamma_exponential_mixture", gamma_exponential_mixture},
    {"gamma_poisson_mixture", gamma_poisson_mixture},
    {"beta_binomial_mixture", beta_binomial_mixture},
    {"msprt_normal", msprt_normal},
    {"msprt_two_prop", msprt_two_prop},
    {"poly_stitching_bound", poly_stitching_bound},
    {"empirical_process_lil_bound", empirical_process_lil_bound},
    {"double_stitching_bound", double_stitching_bound},
    {"quantile_ab_p_value", quantile_ab_p_value},
    {"bernoulli_cs", bernoulli_cs},
    {"binomial_mixture_log_e", binomial_mixture_log_e},
    {"binomial_mixture_crossing_exact", binomial_mixture_crossing_exact},
    {"dirichlet_multinomial_log_bf", dirichlet_multinomial_log_bf},
    {"log_rate_ratio_cs", log_rate_ratio_cs},
    {NULL, NULL},
};
