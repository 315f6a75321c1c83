/* Section A of the statistical oracle, second half: samples, rates, quantiles, p-values. */
#include <math.h>
#include <string.h>

#include "sim/stats/bucket_quantile.h"
#include "sim/stats/kolmogorov.h"
#include "sim/stats/multiplicity.h"
#include "sim/stats/poisson_etest.h"
#include "sim/stats/poisson_rate.h"
#include "sim/stats/ranks.h"
#include "sim/stats/sample_quantile.h"
#include "sim/stats/shift.h"
#include "sim/stats/welch.h"
#include "tests/oracle/stat.h"

static struct cm_values sorted(struct stat_case *c, const char *key)
{
    struct input_list list = input_list(&c->in, key);
    cm_values_sort(list.x, list.n);
    return (struct cm_values){list.x, list.n};
}

/* Control and canary, sorted. */
struct arms {
    struct cm_values control, canary;
};

static struct arms arms_of(struct stat_case *c)
{
    return (struct arms){sorted(c, "control"), sorted(c, "canary")};
}

/* Two lists of the same length. */
struct histograms {
    const double *control, *canary;
    size_t n;
};

static struct histograms histograms_of(struct stat_case *c)
{
    struct input_list control = input_list(&c->in, "hist_control");
    struct input_list canary = input_list(&c->in, "hist_canary");
    if (control.n != canary.n)
        inputs_fault(&c->in, "the histograms have different lengths");
    return (struct histograms){control.x, canary.x, control.n < canary.n ? control.n : canary.n};
}

static struct cm_sample sample_of(struct stat_case *c, const char *n, const char *mean,
                                  const char *var)
{
    return (struct cm_sample){.n = (size_t)input_count(&c->in, n),
                              .mean = input_number(&c->in, mean),
                              .variance = input_within(&c->in, var, 0, INFINITY)};
}

static void welch_t(struct stat_case *c)
{
    struct cm_sample control = sample_of(c, "n_control", "mean_control", "var_control");
    struct cm_sample canary = sample_of(c, "n_canary", "mean_canary", "var_canary");
    struct cm_welch w = cm_welch_test(&control, &canary, input_number_or(&c->in, "margin_abs", 0));
    stat_number(c, "t", w.t);
    stat_number(c, "df", w.df);
    stat_number(c, "p_value", cm_welch_p(&w, stat_alternative(c)));
}

static void offer_ranks(struct stat_case *c, const struct cm_rank_sum *r)
{
    enum cm_alternative alternative = stat_alternative(c);
    double z = cm_ranks_z(r, alternative, input_flag_or(&c->in, "continuity", true));
    stat_number(c, "U", r->u);
    stat_number(c, "z", z);
    stat_number(c, "p_asymptotic", cm_alternative_p_of_z(z, alternative));
}

static void mann_whitney(struct stat_case *c)
{
    struct arms arms = arms_of(c);
    struct cm_rank_sum r = cm_ranks_of(&arms.control, &arms.canary);
    offer_ranks(c, &r);
}

static void mann_whitney_hist(struct stat_case *c)
{
    struct histograms h = histograms_of(c);
    struct cm_rank_sum r = cm_ranks_of_buckets(h.control, h.canary, h.n);
    offer_ranks(c, &r);
}

static void mann_whitney_exact(struct stat_case *c)
{
    struct arms arms = arms_of(c);
    stat_number(c, "U", cm_ranks_of(&arms.control, &arms.canary).u);
    stat_number(c, "p_value", cm_ranks_exact_p(&arms.control, &arms.canary, stat_alternative(c)));
}

static void mann_whitney_ci(struct stat_case *c)
{
    struct arms arms = arms_of(c);
    struct cm_shift_limits s = cm_shift_interval(&arms.control, &arms.canary, stat_level(c), 1e-9);
    stat_pair(c, "ci", s.limits.low, s.limits.high);
    stat_number(c, "estimate", s.estimate);
}

static void hodges_lehmann(struct stat_case *c)
{
    struct arms arms = arms_of(c);
    stat_number(c, "estimate", cm_shift_hodges_lehmann(&arms.control, &arms.canary));
}

static void offer_distance(struct stat_case *c, const struct cm_distance *d)
{
    stat_number(c, "D", d->d);
    stat_number(c, "D_plus", d->d_plus);
    stat_number(c, "D_minus", d->d_minus);
    stat_number(c, "p_asymptotic_two_sided", cm_kolmogorov_p(d, CM_TWO_SIDED));
    stat_number(c, "p_asymptotic_greater", cm_kolmogorov_p(d, CM_GREATER));
    stat_number(c, "p_asymptotic_less", cm_kolmogorov_p(d, CM_LESS));
}

static void ks_2samp(struct stat_case *c)
{
    struct arms arms = arms_of(c);
    struct cm_distance d = cm_kolmogorov_of(&arms.control, &arms.canary);
    offer_distance(c, &d);
}

static void ks_2samp_exact(struct stat_case *c)
{
    struct arms arms = arms_of(c);
    stat_number(c, "D", cm_kolmogorov_of(&arms.control, &arms.canary).d);
    stat_number(c, "p_value",
                cm_kolmogorov_exact_p(&arms.control, &arms.canary, stat_alternative(c)));
}

static void ks_hist(struct stat_case *c)
{
    struct histograms h = histograms_of(c);
    struct cm_distance d = cm_kolmogorov_of_buckets(h.control, h.canary, h.n);
    offer_distance(c, &d);
}

static struct cm_two_rates rates_of(struct stat_case *c)
{
    return (struct cm_two_rates){.x0 = input_count(&c->in, "events_control"),
                                 .x1 = input_count(&c->in, "events_canary"),
                                 .t0 = input_number(&c->in, "exposure_control"),
                                 .t1 = input_number(&c->in, "exposure_canary")};
}

static void poisson_rate_exact(struct stat_case *c)
{
    struct cm_two_rates r = rates_of(c);
    enum cm_alternative alternative = stat_alternative(c);
    double ratio = input_number_or(&c->in, "ratio_null", 1);
    stat_number(c, "p_value", cm_poisson_rate_exact(&r, ratio, alternative));
    if (alternative != CM_TWO_SIDED)
        stat_number(c, "mid_p", cm_poisson_rate_mid_p(&r, ratio, alternative));
}

static void poisson_rate_ratio_ci(struct stat_case *c)
{
    struct cm_two_rates r = rates_of(c);
    struct cm_ratio ratio = cm_poisson_rate_ratio(&r, stat_level(c));
    stat_number(c, "ratio", ratio.value);
    stat_pair(c, "ci", ratio.limits.low, ratio.limits.high);
}

static void poisson_etest(struct stat_case *c)
{
    static const char *const kinds[] = {"score", "wald", NULL};
    static const enum cm_etest etests[] = {CM_ETEST_SCORE, CM_ETEST_WALD};
    struct cm_two_rates r = rates_of(c);
    double ratio = input_number_or(&c->in, "ratio_null", 1);
    enum cm_etest kind = etests[input_choice_or(&c->in, "statistic", kinds, 0)];
    stat_number(c, "stat", cm_poisson_etest_stat(&r, ratio, kind));
    if (stat_wants(c, "p_value"))
        stat_number(c, "p_value", cm_poisson_etest_p(&r, ratio, kind, stat_alternative(c)));
}

static void quantile_ci_ranks(struct stat_case *c)
{
    size_t n = (size_t)input_count(&c->in, "n");
    double p = input_within(&c->in, "p", 0, 1), level = stat_level(c);
    if (n == 0 || p == 0 || p == 1)
        inputs_fault(&c->in, "\"n\" is 0, or \"p\" is 0 or 1");
    if (!stat_usable(c))
        return;
    struct cm_ranks ranks = cm_ranks_of_quantile(n, p, level);
    stat_number(c, "lower_rank", (double)ranks.low);
    stat_number(c, "upper_rank", (double)ranks.high);
    stat_number(c, "coverage", ranks.coverage);
}

static void harrell_davis(struct stat_case *c)
{
    struct cm_values v = sorted(c, "data");
    stat_number(c, "estimate", cm_sample_quantile_harrell_davis(&v, input_number(&c->in, "p")));
}

static void maritz_jarrett_se(struct stat_case *c)
{
    struct cm_values v = sorted(c, "data");
    stat_number(c, "se", cm_sample_quantile_error(&v, input_number(&c->in, "p")));
}

/* Finite bounds and what fell in each bucket, from cumulative counts whose last bound is +Inf. */
static struct histograms buckets_of(struct stat_case *c)
{
    struct input_list bounds = input_list(&c->in, "upper_bounds");
    struct input_list counts = input_list(&c->in, "cumulative_counts");
    if (bounds.n != counts.n || !isinf(bounds.x[bounds.n - 1]))
        inputs_fault(&c->in, "no count for every bound, or the last bound is not \"inf\"");
    if (!stat_usable(c))
        return (struct histograms){bounds.x, counts.x, 0};
    for (size_t i = counts.n - 1; i > 0; i--)
        counts.x[i] -= counts.x[i - 1];
    return (struct histograms){bounds.x, counts.x, bounds.n - 1};
}

static void histogram_quantile(struct stat_case *c)
{
    struct histograms h = buckets_of(c);
    stat_number(c, "value",
                cm_bucket_quantile(input_number(&c->in, "q"), h.control, h.canary, h.n));
}

static void woodruff_ci_hist(struct stat_case *c)
{
    struct histograms h = buckets_of(c);
    struct cm_interval ci = cm_sample_quantile_woodruff(input_number(&c->in, "q"), h.control,
                                                        h.canary, h.n, stat_level(c));
    stat_pair(c, "ci", ci.low, ci.high);
}

static void p_adjust(struct stat_case *c)
{
    static const struct {
        const char *output;
        enum cm_adjustment how;
    } offers[] = {{"bonferroni", CM_ADJUST_BONFERRONI},
                  {"holm", CM_ADJUST_HOLM},
                  {"hochberg", CM_ADJUST_HOCHBERG},
                  {"bh", CM_ADJUST_BENJAMINI},
                  {"by", CM_ADJUST_YEKUTIELI}};
    struct input_list p = input_list(&c->in, "p");
    double *adjusted = cm_arena_alloc(&c->in.memory, p.n * sizeof *adjusted);
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        cm_multiplicity_adjust(offers[i].how, p.x, p.n, adjusted);
        stat_list(c, offers[i].output, adjusted, p.n);
    }
}

static void p_combine(struct stat_case *c)
{
    struct input_list p = input_list(&c->in, "p");
    stat_number(c, "fisher", cm_multiplicity_combine(CM_COMBINE_FISHER, p.x, p.n));
    stat_number(c, "stouffer", cm_multiplicity_combine(CM_COMBINE_STOUFFER, p.x, p.n));
    stat_number(c, "cauchy", cm_multiplicity_combine(CM_COMBINE_CAUCHY, p.x, p.n));
}

const struct stat_fn stat_samples[] = {
    {"welch_t", welch_t},
    {"mann_whitney", mann_whitney},
    {"mann_whitney_exact", mann_whitney_exact},
    {"mann_whitney_hist", mann_whitney_hist},
    {"mann_whitney_ci", mann_whitney_ci},
    {"hodges_lehmann", hodges_lehmann},
    {"ks_2samp", ks_2samp},
    {"ks_2samp_exact", ks_2samp_exact},
    {"ks_hist", ks_hist},
    {"poisson_rate_exact", poisson_rate_exact},
    {"poisson_rate_ratio_ci", poisson_rate_ratio_ci},
    {"poisson_etest", poisson_etest},
    {"quantile_ci_ranks", quantile_ci_ranks},
    {"harrell_davis", harrell_davis},
    {"maritz_jarrett_se", maritz_jarrett_se},
    {"histogram_quantile", histogram_quantile},
    {"woodruff_ci_hist", woodruff_ci_hist},
    {"p_adjust", p_adjust},
    {"p_combine", p_combine},
    {NULL, NULL},
};
