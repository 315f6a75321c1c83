/* Section D of the statistical oracle: Bayesian comparisons. */
#include "sim/stats/bayes_factor.h"
#include "sim/stats/beta_binomial.h"
#include "sim/stats/beta_compare.h"
#include "sim/stats/gamma_compare.h"
#include "sim/stats/normal_risk.h"
#include "tests/oracle/stat.h"

static struct cm_beta beta_of(struct stat_case *c, const char *a, const char *b)
{
    return (struct cm_beta){input_number(&c->in, a), input_number(&c->in, b)};
}

static void beta_prob_greater(struct stat_case *c)
{
    struct cm_beta canary = beta_of(c, "a_canary", "b_canary");
    struct cm_beta control = beta_of(c, "a_control", "b_control");
    double margin = input_number_or(&c->in, "margin", 0);
    stat_number(c, "prob", cm_beta_compare_greater(&canary, &control, margin));
}

static void beta_expected_loss(struct stat_case *c)
{
    struct cm_beta canary = beta_of(c, "a_canary", "b_canary");
    struct cm_beta control = beta_of(c, "a_control", "b_control");
    stat_number(c, "loss_promote", cm_beta_compare_loss(&canary, &control));
    stat_number(c, "loss_rollback", cm_beta_compare_loss(&control, &canary));
}

static void beta_credible_interval(struct stat_case *c)
{
    struct cm_beta beta = beta_of(c, "a", "b");
    struct cm_interval ci = cm_beta_compare_credible(&beta, input_number_or(&c->in, "level", 0.95));
    stat_pair(c, "ci", ci.low, ci.high);
    stat_number(c, "mean", cm_beta_compare_mean(&beta));
}

/* Posterior from events, exposure and the prior. */
static struct cm_gamma gamma_of(struct stat_case *c, const char *events, const char *exposure)
{
    return (struct cm_gamma){
        .shape = input_number(&c->in, "prior_shape") + (double)input_count(&c->in, events),
        .rate = input_number(&c->in, "prior_rate") + input_number(&c->in, exposure),
    };
}

static void gamma_prob_ratio_greater(struct stat_case *c)
{
    struct cm_gamma canary = gamma_of(c, "events_canary", "exposure_canary");
    struct cm_gamma control = gamma_of(c, "events_control", "exposure_control");
    double ratio = input_number_or(&c->in, "ratio", 1);
    stat_number(c, "prob", cm_gamma_compare_greater(&canary, &control, ratio));
}

static void bf_two_prop(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    struct cm_beta prior = beta_of(c, "prior_a", "prior_b");
    stat_number(c, "log_bf10", cm_bayes_factor_two_shares(&counts, &prior));
    stat_number(c, "log_bf_directional", cm_bayes_factor_worse(&counts, &prior));
}

static void bf_binomial_point(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), x = input_count_to(&c->in, "x", n);
    struct cm_beta prior = beta_of(c, "prior_a", "prior_b");
    double p0 = input_number(&c->in, "p0");
    stat_number(c, "log_bf10", cm_bayes_factor_share(x, n, p0, &prior));
}

static void bf_poisson_point(struct stat_case *c)
{
    const struct cm_gamma prior = {input_number(&c->in, "prior_shape"),
                                   input_number(&c->in, "prior_rate")};
    double exposure = input_number(&c->in, "exposure"), rate = input_number(&c->in, "rate0");
    uint64_t events = input_count(&c->in, "events");
    stat_number(c, "log_bf10", cm_bayes_factor_rate(events, exposure, rate, &prior));
}

static void normal_chance_and_risk(struct stat_case *c)
{
    double mean = input_number(&c->in, "mean_diff"), sd = input_number(&c->in, "sd_diff");
    struct cm_normal_risk risk = cm_normal_risk_of(mean, sd);
    stat_number(c, "prob_positive", risk.chance);
    stat_number(c, "risk_positive", risk.positive);
    stat_number(c, "risk_negative", risk.negative);
}

static void beta_binomial_sf(struct stat_case *c)
{
    struct cm_beta beta = beta_of(c, "a", "b");
    uint64_t m = input_count(&c->in, "m"), k = input_count(&c->in, "k");
    stat_number(c, "prob_ge_k", cm_beta_binomial_at_least(&beta, m, k));
}

const struct stat_fn stat_bayes[] = {
    {"beta_prob_greater", beta_prob_greater},
    {"beta_expected_loss", beta_expected_loss},
    {"beta_credible_interval", beta_credible_interval},
    {"gamma_prob_ratio_greater", gamma_prob_ratio_greater},
    {"bf_two_prop", bf_two_prop},
    {"bf_binomial_point", bf_binomial_point},
    {"bf_poisson_point", bf_poisson_point},
    {"normal_chance_and_risk", normal_chance_and_risk},
    {"beta_binomial_sf", beta_binomial_sf},
    {NULL, NULL},
};
