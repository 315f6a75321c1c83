/* Section C of the statistical oracle, second half: likelihood ratios, bets, detectors, e-values.
 */
#include <math.h>

#include "sim/stats/asymptotic.h"
#include "sim/stats/betting.h"
#include "sim/stats/change_detector.h"
#include "sim/stats/e_value.h"
#include "sim/stats/origin.h"
#include "sim/stats/safe_two_by_two.h"
#include "sim/stats/sprt.h"
#include "sim/stats/tail_origin.h"
#include "tests/oracle/stat.h"

/* Strictly between 0 and 1. */
static double share(struct stat_case *c, const char *key)
{
    double x = input_number(&c->in, key);
    if (x > 0 && x < 1)
        return x;
    inputs_fault(&c->in, "\"%s\" is %g, outside (0, 1)", key, x);
    return 0.1;
}

static double positive(struct stat_case *c, const char *key)
{
    double x = input_number(&c->in, key);
    if (x > 0 && x < INFINITY)
        return x;
    inputs_fault(&c->in, "\"%s\" is %g, not above 0", key, x);
    return 1;
}

static struct cm_sprt_limits limits(struct stat_case *c)
{
    double alpha = share(c, "alpha"), beta = share(c, "beta");
    if (alpha + beta < 1)
        return cm_sprt_wald_limits(alpha, beta);
    inputs_fault(&c->in, "alpha and beta are together %g", alpha + beta);
    return (struct cm_sprt_limits){-1, 1};
}

static void sprt_bernoulli(struct stat_case *c)
{
    static const char *const decisions[] = {"continue", "accept_h0", "accept_h1"};
    struct cm_sprt_limits at = limits(c);
    uint64_t n = input_count(&c->in, "n"), x = input_count_to(&c->in, "errors", n);
    double llr = cm_sprt_share_ratio(x, n, share(c, "p0"), share(c, "p1"));
    stat_number(c, "llr", llr);
    stat_number(c, "log_upper", at.log_upper);
    stat_number(c, "log_lower", at.log_lower);
    stat_text(c, "decision", decisions[cm_sprt_decide(&at, llr)]);
}

static void sprt_odds(struct stat_case *c, struct cm_sprt_odds odds_of(const struct cm_sprt *test))
{
    const struct cm_sprt test = {input_within(&c->in, "p", 0, 1), share(c, "p0"), share(c, "p1"),
                                 limits(c)};
    if (!(test.p0 < test.p1 && test.limits.log_lower < 0 && test.limits.log_upper > 0))
        inputs_fault(&c->in, "p0 %g is not below p1 %g", test.p0, test.p1);
    if (!stat_usable(c))
        return;
    struct cm_sprt_odds odds = odds_of(&test);
    stat_number(c, "prob_accept_h0", odds.accept_h0);
    stat_number(c, "prob_accept_h1", odds.accept_h1);
    stat_number(c, "asn", odds.requests);
}

static void sprt_wald_oc(struct stat_case *c)
{
    sprt_odds(c, cm_sprt_wald_odds);
}

static void sprt_exact(struct stat_case *c)
{
    sprt_odds(c, cm_sprt_exact_odds);
}

static void error_origin_sprt(struct stat_case *c)
{
    double s = share(c, "traffic_share"), ratio = positive(c, "rate_ratio");
    uint64_t x0 = input_count(&c->in, "errors_control"), x1 = input_count(&c->in, "errors_canary");
    struct cm_sprt_limits at = limits(c);
    stat_number(c, "pi1", cm_sprt_origin_share(s, ratio));
    stat_number(c, "llr", cm_origin_log_e(x0, x1, s, ratio));
    stat_number(c, "log_upper", at.log_upper);
    stat_number(c, "log_lower", at.log_lower);
}

static uint64_t count_in(struct stat_case *c, double x)
{
    if (x >= 0 && x <= 9007199254740992 && x == floor(x)) /* 2^53 */
        return (uint64_t)x;
    inputs_fault(&c->in, "%g is no count", x);
    return 0;
}

static double ratio_in(struct stat_case *c, double x)
{
    if (x > 0 && x < INFINITY)
        return x;
    inputs_fault(&c->in, "%g is no ratio", x);
    return 1;
}

static double share_in(struct stat_case *c, double x)
{
    if (x >= 0 && x <= 1)
        return x;
    inputs_fault(&c->in, "%g is no share", x);
    return 0;
}

/* Rows of errors of the control, of the canary, and the canary's share. */
static void origin_mixture(struct stat_case *c)
{
    struct input_rows ticks = input_rows(&c->in, "ticks");
    struct input_list ratios = input_list(&c->in, "rate_ratios");
    size_t n = ratios.n;
    double *llr = cm_arena_alloc(&c->in.memory, 3 * n * sizeof *llr), *sr = llr + n,
           *cusum = llr + 2 * n;
    if (ticks.columns != 3)
        inputs_fault(&c->in, "a tick has three numbers");
    for (size_t i = 0; stat_usable(c) && i < n; i++) {
        struct cm_change_detector detector;
        cm_change_detector_start(&detector);
        for (size_t k = 0; k < ticks.rows; k++) {
            const double *row = ticks.x + 3 * k;
            uint64_t x0 = count_in(c, row[0]), x1 = count_in(c, row[1]);
            double one = cm_origin_log_e(x0, x1, share_in(c, row[2]), ratio_in(c, ratios.x[i]));
            llr[i] += one;
            cm_change_detector_add(&detector, one);
        }
        sr[i] = detector.log_sr;
        cusum[i] = detector.cusum;
    }
    stat_list(c, "llr_by_ratio", llr, n);
    stat_list(c, "cusum_by_ratio", cusum, n);
    stat_number(c, "log_e", cm_log_mean_exp(llr, n));
    stat_number(c, "log_sr_mixture", cm_log_mean_exp(sr, n));
}

/* A list of counts inside a tick. */
static uint64_t *histogram(struct stat_case *c, const json_t *list, size_t buckets)
{
    uint64_t *count = cm_arena_alloc(&c->in.memory, (buckets + 1) * sizeof *count);
    double x = -1;
    if (json_array_size(list) != buckets)
        inputs_fault(&c->in, "histograms have different numbers of buckets");
    for (size_t i = 0; stat_usable(c) && i < buckets; i++)
        count[i] = count_in(c, input_value(json_array_get(list, i), &x) ? x : -1);
    return count;
}

static void add_tail_tick(struct stat_case *c, const json_t *tick, size_t buckets,
                          const struct cm_tail_origin *t)
{
    double s = -1;
    if (!input_value(json_array_get(tick, 2), &s))
        inputs_fault(&c->in, "a tick has no share");
    const struct cm_tail_stratum stratum = {
        .buckets = buckets,
        .control = histogram(c, json_array_get(tick, 0), buckets),
        .canary = histogram(c, json_array_get(tick, 1), buckets),
        .share = share_in(c, s),
    };
    if (stat_usable(c))
        cm_tail_origin_add(t, &stratum);
}

static void tail_origin_e(struct stat_case *c)
{
    const json_t *ticks = json_object_get(c->in.object, "ticks");
    size_t buckets = json_array_size(json_array_get(json_array_get(ticks, 0), 0));
    struct input_list edges = input_list(&c->in, "edges"),
                      ratios = input_list(&c->in, "rate_ratios");
    size_t *edge = cm_arena_alloc(&c->in.memory, edges.n * sizeof *edge);
    double *log_e = cm_arena_alloc(&c->in.memory, edges.n * ratios.n * sizeof *log_e);
    double *by_edge = cm_arena_alloc(&c->in.memory, edges.n * sizeof *by_edge);
    for (size_t i = 0; i < edges.n; i++)
        edge[i] = count_in(c, edges.x[i]);
    for (size_t i = 0; i < ratios.n; i++)
        ratio_in(c, ratios.x[i]);
    const struct cm_tail_origin t = {edges.n, ratios.n, edge, ratios.x, log_e};
    for (size_t k = 0; stat_usable(c) && k < json_array_size(ticks); k++)
        add_tail_tick(c, json_array_get(ticks, k), buckets, &t);
    for (size_t i = 0; i < edges.n; i++)
        by_edge[i] = cm_tail_origin_edge(&t, i);
    stat_list(c, "log_e_by_edge", by_edge, edges.n);
    stat_number(c, "log_e", cm_tail_origin_log_e(&t));
}

static void asymptotic_cs(struct stat_case *c)
{
    const struct cm_asymptotic a = {.n = input_number(&c->in, "n"),
                                    .variance = input_number(&c->in, "var")};
    double alpha = share(c, "alpha"), n_star = positive(c, "n_star");
    double rho = cm_asymptotic_rho(n_star, alpha, false);
    stat_number(c, "rho_two_sided", rho);
    stat_number(c, "half_width_two_sided", cm_asymptotic_half_width(&a, rho, alpha, false));
    if (alpha < 0.5)
        stat_number(
            c, "half_width_one_sided",
            cm_asymptotic_half_width(&a, cm_asymptotic_rho(n_star, alpha, true), alpha, true));
}

static void asymptotic_cs_relative_prop(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    const struct cm_sample control = cm_asymptotic_share(counts.x0, counts.n0);
    const struct cm_sample canary = cm_asymptotic_share(counts.x1, counts.n1);
    struct cm_asymptotic a = cm_asymptotic_uplift(&control, &canary);
    double alpha = share(c, "alpha"), n_star = positive(c, "n_star");
    double rho = cm_asymptotic_rho(n_star, alpha, false);
    stat_number(c, "estimate", a.estimate);
    stat_number(c, "se", sqrt(a.variance / a.n));
    stat_number(c, "half_width_two_sided", cm_asymptotic_half_width(&a, rho, alpha, false));
}

/* Plays a game on the list "x". */
static void play(struct stat_case *c, struct cm_betting *b)
{
    struct input_list x = input_list(&c->in, "x");
    for (size_t i = 0; i < x.n; i++)
        share_in(c, x.x[i]);
    if (!stat_usable(c))
        return;
    cm_betting_start(b);
    for (size_t i = 0; i < x.n; i++)
        cm_betting_add(b, x.x[i]);
    stat_number(c, "log_wealth", b->log_wealth);
    stat_number(c, "lambda_last", b->last);
}

static void betting_wealth_fixed(struct stat_case *c)
{
    double m = share(c, "m");
    struct cm_betting b = {.stake = CM_BETTING_FIXED, .m = m};
    b.lambda = input_within(&c->in, "lam", 0, 1 / m);
    play(c, &b);
}

static void betting_wealth_prpl(struct stat_case *c)
{
    struct cm_betting b = {.stake = CM_BETTING_PLUG_IN, .m = share(c, "m")};
    b.alpha = share(c, "alpha");
    b.cut = share(c, "trunc_c");
    play(c, &b);
}

static void betting_wealth_akelly(struct stat_case *c)
{
    struct cm_betting b = {.stake = CM_BETTING_KELLY, .m = share(c, "m")};
    play(c, &b);
}

static void empbern_lower_cs(struct stat_case *c)
{
    struct cm_betting_lower b = {.alpha = share(c, "alpha"), .cut = share(c, "trunc")};
    struct input_list x = input_list(&c->in, "x");
    cm_betting_lower_start(&b);
    for (size_t i = 0; i < x.n; i++)
        cm_betting_lower_add(&b, share_in(c, x.x[i]));
    stat_number(c, "lower", cm_betting_lower_limit(&b));
}

/* Block i of the four lists. */
struct blocks {
    struct input_list x0, n0, x1, n1;
};
static struct blocks blocks(struct stat_case *c)
{
    struct blocks b = {input_list(&c->in, "control_errors"), input_list(&c->in, "control_n"),
                       input_list(&c->in, "canary_errors"), input_list(&c->in, "canary_n")};
    if (b.x0.n != b.n0.n || b.x0.n != b.x1.n || b.x0.n != b.n1.n)
        inputs_fault(&c->in, "lists of blocks have different lengths");
    return b;
}

static struct cm_two_counts block(struct stat_case *c, const struct blocks *b, size_t i)
{
    const double row[] = {b->x0.x[i], b->n0.x[i], b->x1.x[i], b->n1.x[i]};
    return stat_counts_in(c, row, 4);
}

static void safe_2x2_plugin(struct stat_case *c)
{
    struct blocks b = blocks(c);
    struct cm_safe_two_by_two safe = {.prior = positive(c, "beta_prior"),
                                      .one_sided = input_flag(&c->in, "one_sided")};
    for (size_t i = 0; stat_usable(c) && i < b.x0.n; i++) {
        struct cm_two_counts one = block(c, &b, i);
        cm_safe_two_by_two_add(&safe, &one);
    }
    stat_number(c, "log_e", safe.log_e);
}

static void safe_2x2_fixed(struct stat_case *c)
{
    struct blocks b = blocks(c);
    double control = share(c, "theta_control"), canary = share(c, "theta_canary"), log_e = 0;
    for (size_t i = 0; stat_usable(c) && i < b.x0.n; i++) {
        struct cm_two_counts one = block(c, &b, i);
        log_e += cm_safe_two_by_two_block(&one, control, canary);
    }
    stat_number(c, "log_e", log_e);
}

static void e_merge(struct stat_case *c)
{
    struct input_list e = input_list(&c->in, "e");
    double alpha = share(c, "alpha");
    for (size_t i = 0; i < e.n; i++) {
        if (!(e.x[i] >= 0))
            inputs_fault(&c->in, "%g is no e-value", e.x[i]);
        e.x[i] = log(e.x[i]);
    }
    stat_number(c, "average", exp(cm_e_value_log_mean(e.x, NULL, e.n)));
    stat_number(c, "bonferroni_p", cm_e_value_bonferroni_p(e.x, e.n));
    stat_number(c, "ebh_rejections", (double)cm_e_value_bh(e.x, e.n, alpha, NULL));
}

static void p_to_e_calibrator(struct stat_case *c)
{
    double p = input_within(&c->in, "p", 0, 1);
    stat_number(c, "e", exp(cm_e_value_log_of_p(p, share(c, "kappa"))));
    stat_number(c, "e_mixture", exp(cm_e_value_log_of_p_mixed(p)));
}

static void poisson_cusum_sr(struct stat_case *c)
{
    struct input_list counts = input_list(&c->in, "counts");
    double m0 = positive(c, "mu0"), m1 = positive(c, "mu1");
    struct cm_change_detector d;
    cm_change_detector_start(&d);
    for (size_t i = 0; i < counts.n; i++)
        cm_change_detector_add(&d, cm_sprt_count_ratio(count_in(c, counts.x[i]), m0, m1));
    stat_number(c, "cusum_last", d.cusum);
    stat_number(c, "cusum_max", d.most_cusum);
    stat_number(c, "sr_last", exp(d.log_sr));
    stat_number(c, "e_cusum_last", exp(d.log_e_cusum));
}

const struct stat_fn stat_always_valid[] = {
    {"sprt_bernoulli", sprt_bernoulli},
    {"sprt_wald_oc", sprt_wald_oc},
    {"sprt_exact", sprt_exact},
    {"error_origin_sprt", error_origin_sprt},
    {"origin_mixture", origin_mixture},
    {"tail_origin_e", tail_origin_e},
    {"asymptotic_cs", asymptotic_cs},
    {"asymptotic_cs_relative_prop", asymptotic_cs_relative_prop},
    {"betting_wealth_fixed", betting_wealth_fixed},
    {"betting_wealth_prpl", betting_wealth_prpl},
    {"betting_wealth_akelly", betting_wealth_akelly},
    {"empbern_lower_cs", empbern_lower_cs},
    {"safe_2x2_plugin", safe_2x2_plugin},
    {"safe_2x2_fixed", safe_2x2_fixed},
    {"e_merge", e_merge},
    {"p_to_e_calibrator", p_to_e_calibrator},
    {"poisson_cusum_sr", poisson_cusum_sr},
    {NULL, NULL},
};
