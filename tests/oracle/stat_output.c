/* Section F of the statistical oracle: inference about a simulation's output. */
#include <math.h>

#include "sim/stats/incidence.h"
#include "sim/stats/interval.h"
#include "sim/stats/ranking.h"
#include "sim/stats/rare_event.h"
#include "sim/stats/replication.h"
#include "tests/oracle/stat.h"

static void proportion(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), x = input_count_to(&c->in, "x", n);
    double level = input_within(&c->in, "conf_level", 1e-9, 1 - 1e-9);
    if (!stat_usable(c) || n == 0)
        return;
    struct cm_interval wilson = cm_interval_wilson(x, n, level);
    struct cm_interval exact = cm_interval_clopper_pearson(x, n, level);
    struct cm_interval jeffreys = cm_replication_jeffreys(x, n, level);
    stat_pair(c, "wilson", wilson.low, wilson.high);
    stat_pair(c, "clopper_pearson", exact.low, exact.high);
    stat_pair(c, "jeffreys", jeffreys.low, jeffreys.high);
}

static double variance_at(const struct cm_curve *curve, double t)
{
    double variance = 0;
    for (size_t i = 0; i < curve->n && curve->time[i] <= t; i++)
        variance = curve->variance[i];
    return variance;
}

/* Survival is one minus the incidence of the only cause. */
static void kaplan_meier(struct stat_case *c)
{
    struct input_list time = input_list(&c->in, "time"), event = input_list(&c->in, "event");
    struct input_list at = input_list(&c->in, "at");
    if (time.n != event.n)
        inputs_fault(&c->in, "\"time\" and \"event\" differ in length");
    if (!stat_usable(c))
        return;
    struct cm_spell *spells = cm_arena_alloc(&c->in.memory, time.n * sizeof *spells);
    double *survival = cm_arena_alloc(&c->in.memory, at.n * sizeof *survival);
    double *error = cm_arena_alloc(&c->in.memory, at.n * sizeof *error), last = 0;
    for (size_t i = 0; i < time.n; i++) {
        spells[i] = (struct cm_spell){time.x[i], event.x[i] > 0 ? CM_EVENT : CM_CENSORED};
        last = fmax(last, time.x[i]);
    }
    struct cm_curve curve;
    cm_curve_init(&curve, spells, time.n);
    for (size_t i = 0; i < at.n; i++) {
        survival[i] = 1 - cm_curve_at(&curve, at.x[i]);
        error[i] = sqrt(variance_at(&curve, at.x[i]));
    }
    stat_list(c, "survival_at", survival, at.n);
    stat_list(c, "greenwood_se_at", error, at.n);
    stat_number(c, "rmst_to_last", cm_curve_restricted_mean(&curve, last));
    cm_curve_release(&curve);
}

static void tilt(struct stat_case *c)
{
    uint64_t n = input_count_to(&c->in, "n", 10000000), k = input_count(&c->in, "k");
    double p = input_number(&c->in, "p"), q = input_number(&c->in, "tilted_p");
    struct cm_tilt tilt = cm_rare_event_binomial_tilt(n, p, k, q);
    stat_number(c, "prob", tilt.prob);
    stat_number(c, "theta", tilt.theta);
    stat_number(c, "relative_variance_per_sample", tilt.relative_variance);
    stat_number(c, "variance_reduction_vs_mc", tilt.gain);
}

static void ruin(struct stat_case *c)
{
    double p = input_number(&c->in, "p");
    uint64_t lower = input_count(&c->in, "lower"), upper = input_count(&c->in, "upper");
    struct cm_ruin ruin = cm_rare_event_gamblers_ruin(p, lower, upper);
    stat_number(c, "prob_hit_upper", ruin.upper);
    stat_number(c, "expected_steps", ruin.steps);
}

static void splitting(struct stat_case *c)
{
    struct input_list levels = input_list(&c->in, "level_probs");
    uint64_t n = input_count(&c->in, "n_per_level");
    struct cm_splitting s = cm_rare_event_splitting(levels.x, levels.n, n);
    stat_number(c, "prob", s.prob);
    stat_number(c, "relative_variance", s.relative_variance);
}

static void rinott(struct stat_case *c)
{
    uint64_t k = input_count(&c->in, "k"), n0 = input_count(&c->in, "n0");
    stat_number(c, "h", cm_ranking_rinott_h(k, n0, input_number(&c->in, "p_star")));
}

static void kim_nelson(struct stat_case *c)
{
    uint64_t k = input_count(&c->in, "k"), n0 = input_count(&c->in, "n0");
    double alpha = input_number(&c->in, "alpha");
    struct cm_kim_nelson constants = cm_ranking_kim_nelson(k, n0, alpha, input_count(&c->in, "c"));
    stat_number(c, "eta", constants.eta);
    stat_number(c, "h2", constants.h2);
}

static void ocba(struct stat_case *c)
{
    struct input_list means = input_list(&c->in, "means"), sds = input_list(&c->in, "sds");
    if (means.n != sds.n || means.n < 2)
        inputs_fault(&c->in, "\"means\" and \"sds\" are not two or more of each");
    double total = input_number(&c->in, "total");
    bool minimize = input_flag(&c->in, "minimize");
    if (!stat_usable(c))
        return;
    const struct cm_ocba policies = {means.n, means.x, sds.x, minimize};
    double *out = cm_arena_alloc(&c->in.memory, means.n * sizeof *out);
    cm_ranking_ocba(&policies, total, out);
    stat_list(c, "allocation", out, means.n);
}

static void needed(struct stat_case *c)
{
    double p = input_number(&c->in, "p"), level = input_number(&c->in, "conf_level");
    double eps = input_number(&c->in, "rel_half_width");
    stat_number(c, "n", cm_replication_needed(p, level, eps));
}

static void common_numbers(struct stat_case *c)
{
    double a = input_within(&c->in, "var_a", 0, INFINITY);
    double b = input_within(&c->in, "var_b", 0, INFINITY);
    double corr = input_within(&c->in, "corr", -1, 1);
    uint64_t n = input_count(&c->in, "n");
    if (!stat_usable(c) || n == 0)
        return;
    struct cm_paired_variance variance = cm_replication_paired(a, b, corr, n);
    stat_number(c, "var_diff", variance.paired);
    stat_number(c, "var_diff_independent", variance.independent);
}

static void control(struct stat_case *c)
{
    uint64_t n = input_count(&c->in, "n"), controls = input_count(&c->in, "n_controls");
    double r_squared = input_number(&c->in, "r_squared");
    struct cm_control_ratio ratio = cm_replication_control(r_squared, n, controls);
    stat_number(c, "asymptotic", ratio.asymptotic);
    stat_number(c, "with_loss_factor", ratio.estimated);
}

const struct stat_fn stat_output[] = {
    {"proportion_ci", proportion},
    {"kaplan_meier", kaplan_meier},
    {"is_binomial_tail", tilt},
    {"gamblers_ruin", ruin},
    {"fixed_effort_splitting", splitting},
    {"rinott_h", rinott},
    {"kn_constants", kim_nelson},
    {"ocba_allocation", ocba},
    {"n_relative_halfwidth", needed},
    {"crn_variance", common_numbers},
    {"control_variate_variance_ratio", control},
    {NULL, NULL},
};
