/* Section B of the statistical oracle: group sequential designs. */
#include <math.h>

#include "sim/stats/beta_spending.h"
#include "sim/stats/binomial_looks.h"
#include "sim/stats/conditional_power.h"
#include "sim/stats/group_bounds.h"
#include "sim/stats/group_power.h"
#include "tests/oracle/stat.h"

static double *numbers(struct stat_case *c, size_t n)
{
    return cm_arena_alloc(&c->in.memory, n * sizeof(double));
}

/* A plan that is wrong is a fault of the inputs; what is returned then survives to be asked. */
static struct cm_group_plan checked(struct stat_case *c, struct cm_group_plan plan)
{
    static const double end = 1;
    struct cm_err err;
    if (cm_group_sequential_check(&plan, &err) == 0)
        return plan;
    inputs_fault(&c->in, "%s", err.text);
    return (struct cm_group_plan){.looks = 1, .info = &end, .alpha = 0.05, .sides = 1};
}

static int sides(struct stat_case *c)
{
    return (int)input_within(&c->in, "sided", 1, 2);
}

/* K looks, equally spaced. */
static struct cm_group_plan even_plan(struct stat_case *c, int side)
{
    size_t looks = input_count_to(&c->in, "K", CM_GROUP_LOOKS);
    double *info = numbers(c, looks);
    for (size_t k = 0; k < looks; k++)
        info[k] = (double)(k + 1) / (double)looks;
    double alpha = input_number(&c->in, "alpha");
    return checked(c, (struct cm_group_plan){looks, info, alpha, side});
}

static struct cm_group_plan uneven_plan(struct stat_case *c, double alpha, int side)
{
    struct input_list info = input_list(&c->in, "info_fraction");
    return checked(c, (struct cm_group_plan){info.n, info.x, alpha, side});
}

static struct cm_spending spending(struct stat_case *c, const char *key, const char *param)
{
    static const char *const names[] = {"obf_ld", "pocock_ld", "hsd", "power", NULL};
    struct cm_spending s = {.kind = (enum cm_spending_kind)input_choice(&c->in, key, names),
                            .param = input_number_or(&c->in, param, 0)};
    struct cm_err err;
    if (cm_spending_check(&s, &err))
        inputs_fault(&c->in, "%s", err.text);
    return s;
}

/* The exponent of the shape named by "type". */
static double shape(struct stat_case *c)
{
    static const char *const names[] = {"obrien_fleming", "pocock", "wang_tsiatis", NULL};
    static const double delta[] = {0, 0.5};
    int type = input_choice(&c->in, "type", names);
    return type < 2 ? delta[type] : input_within(&c->in, "delta", -10, 10);
}

static void gs_bounds(struct stat_case *c)
{
    struct cm_group_plan plan = even_plan(c, sides(c));
    double *upper = numbers(c, plan.looks), delta = shape(c);
    if (!stat_usable(c))
        return;
    cm_group_bounds_shape(&plan, delta, upper);
    stat_list(c, "z", upper, plan.looks);
}

static void gs_spending_bounds(struct stat_case *c)
{
    struct cm_group_plan plan = uneven_plan(c, input_number(&c->in, "alpha"), sides(c));
    struct cm_spending s = spending(c, "spending", "param");
    double *upper = numbers(c, plan.looks), *spent = numbers(c, plan.looks);
    if (!stat_usable(c))
        return;
    cm_group_bounds_spend(&plan, &s, NULL, upper);
    cm_group_bounds_spent(&plan, &s, spent);
    stat_list(c, "z", upper, plan.looks);
    stat_list(c, "cum_alpha", spent, plan.looks);
}

static void repeated_test_type1(struct stat_case *c)
{
    size_t looks = input_count_to(&c->in, "K", CM_GROUP_LOOKS);
    stat_number(c, "type1",
                cm_group_sequential_repeated(looks, input_number(&c->in, "z"), sides(c)));
}

/* Boundaries that are given have to be one a look and not to cross. */
static void check_bounds(struct stat_case *c, const struct cm_group_plan *plan,
                         const struct input_list *upper, const struct input_list *lower)
{
    if (upper->n != plan->looks || lower->n != plan->looks)
        inputs_fault(&c->in, "boundaries are not as many as looks");
    for (size_t k = 0; stat_usable(c) && k < plan->looks; k++)
        if (!(lower->x[k] <= upper->x[k]))
            inputs_fault(&c->in, "lower boundary %g is above %g", lower->x[k], upper->x[k]);
}

static void gs_crossing(struct stat_case *c)
{
    struct cm_group_plan plan = uneven_plan(c, 0.05, 1);
    struct input_list upper = input_list(&c->in, "upper"), lower = input_list(&c->in, "lower");
    double drift = input_within(&c->in, "drift", -1e3, 1e3);
    struct cm_group_exits exits = {numbers(c, plan.looks), numbers(c, plan.looks), 0};
    check_bounds(c, &plan, &upper, &lower);
    if (!stat_usable(c))
        return;
    cm_group_sequential_exits(&plan, &(struct cm_group_bounds){upper.x, lower.x}, drift, &exits);
    stat_list(c, "upper_prob", exits.upper, plan.looks);
    stat_list(c, "lower_prob", exits.lower, plan.looks);
    stat_number(c, "expected_info_fraction", exits.info);
}

static void gs_inflation(struct stat_case *c)
{
    struct cm_group_plan plan = even_plan(c, sides(c));
    double *upper = numbers(c, plan.looks), *lower = numbers(c, plan.looks), delta = shape(c);
    double power = input_within(&c->in, "power", 0, 1);
    if (!stat_usable(c))
        return;
    cm_group_bounds_shape(&plan, delta, upper);
    for (size_t k = 0; k < plan.looks; k++)
        lower[k] = plan.sides == 2 ? -upper[k] : -INFINITY;
    struct cm_group_cost cost =
        cm_group_power_cost(&plan, &(struct cm_group_bounds){upper, lower}, power);
    stat_number(c, "drift", cost.drift);
    stat_number(c, "inflation", cost.inflation);
    stat_number(c, "asn_ratio_h1", cost.expected);
}

/* Futility boundaries of all looks but the last. */
static void gs_futility(struct stat_case *c)
{
    struct cm_group_plan plan = even_plan(c, (int)input_within(&c->in, "sided", 1, 1));
    struct cm_spending s = spending(c, "spending", "param");
    struct input_list futility = input_list(&c->in, "futility_z");
    double *upper = numbers(c, plan.looks), *lower = numbers(c, plan.looks);
    struct cm_group_exits exits = {numbers(c, plan.looks), numbers(c, plan.looks), 0};
    if (futility.n + 1 != plan.looks)
        inputs_fault(&c->in, "futility boundaries are not one fewer than looks");
    bool binding = input_flag(&c->in, "binding");
    if (!stat_usable(c))
        return;
    for (size_t k = 0; k < plan.looks; k++)
        lower[k] = k + 1 < plan.looks ? futility.x[k] : -INFINITY;
    cm_group_bounds_spend(&plan, &s, binding ? lower : NULL, upper);
    for (size_t k = 0; k < plan.looks; k++)
        lower[k] = fmin(lower[k], upper[k]);
    cm_group_sequential_exits(&plan, &(struct cm_group_bounds){upper, lower}, 0, &exits);
    double harm = 0, futile = 0;
    for (size_t k = 0; k < plan.looks; k++)
        harm += exits.upper[k], futile += exits.lower[k];
    stat_list(c, "z", upper, plan.looks);
    stat_number(c, "type1_if_futility_followed", harm);
    stat_number(c, "prob_stop_futility_h0", futile);
}

static void gs_beta_spending(struct stat_case *c)
{
    const struct cm_beta_spending design = {
        .plan = even_plan(c, 1),
        .alpha = spending(c, "alpha_spending", "gamma_alpha"),
        .beta = spending(c, "beta_spending", "gamma_beta"),
        .type2 = input_number(&c->in, "beta"),
        .binding = input_flag(&c->in, "binding"),
    };
    size_t looks = design.plan.looks;
    double *upper = numbers(c, looks), *lower = numbers(c, looks);
    if (!(design.type2 > 0 && design.type2 < 1 - design.plan.alpha))
        inputs_fault(&c->in, "\"beta\" is %g", design.type2);
    if (!stat_usable(c))
        return;
    stat_number(c, "drift", cm_beta_spending_design(&design, upper, lower));
    stat_list(c, "upper_z", upper, looks);
    stat_list(c, "futility_z", lower, looks - 1);
}

static void conditional_power(struct stat_case *c)
{
    double t = input_number(&c->in, "info_fraction"), z = input_number(&c->in, "z");
    double bound = input_number(&c->in, "final_bound"), drift = input_number(&c->in, "drift");
    struct cm_conditional_power cp = cm_conditional_power_of(t, z, bound, drift);
    stat_number(c, "cp", cp.planned);
    stat_number(c, "cp_current_trend", cp.trend);
    stat_number(c, "b_value", cp.b_value);
}

static void exact_two_arm_binomial_gs(struct stat_case *c)
{
    struct input_list critical = input_list(&c->in, "z_crit");
    const struct cm_binomial_looks plan = {
        .n0 = input_count(&c->in, "n_control_per_look"),
        .n1 = input_count(&c->in, "n_canary_per_look"),
        .p0 = input_within(&c->in, "p_control", 0, 1),
        .p1 = input_within(&c->in, "p_canary", 0, 1),
        .looks = input_count(&c->in, "K"),
        .critical = critical.x,
        .pooled = input_flag(&c->in, "pooled"),
    };
    if (plan.looks != critical.n || !cm_binomial_looks_feasible(&plan))
        inputs_fault(&c->in, "the design is not feasible");
    if (stat_alternative(c) != CM_GREATER)
        inputs_fault(&c->in, "only \"greater\" is known");
    if (!stat_usable(c))
        return;
    double *at_look = numbers(c, plan.looks);
    stat_number(c, "total", cm_binomial_looks_reject(&plan, at_look));
    stat_list(c, "reject_prob_by_look", at_look, plan.looks);
}

const struct stat_fn stat_sequential[] = {
    {"gs_bounds", gs_bounds},
    {"gs_spending_bounds", gs_spending_bounds},
    {"repeated_test_type1", repeated_test_type1},
    {"gs_crossing", gs_crossing},
    {"gs_inflation", gs_inflation},
    {"gs_futility", gs_futility},
    {"gs_beta_spending", gs_beta_spending},
    {"conditional_power", conditional_power},
    {"exact_two_arm_binomial_gs", exact_two_arm_binomial_gs},
    {NULL, NULL},
};
