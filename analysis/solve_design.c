/* A group sequential design: where its boundaries lie and what it does.
 *
 * Looks equally spaced in information, or where `info` says; boundaries by spending or by shape
 * (sim/stats/group_bounds.h); power at the drift that one look with the same alpha and power would
 * need, or the design's own. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/solver.h"
#include "analysis/words.h"
#include "sim/stats/group_bounds.h"
#include "sim/stats/group_power.h"

enum shape { OBF, POCOCK, HSD, POWER, OBF_FIXED, POCOCK_FIXED };
static const char *const shapes[] = {"obf",       "pocock",       "hsd", "power",
                                     "obf-fixed", "pocock-fixed", NULL};

enum { LOOKS_MAX = 100 };
struct options {
    uint64_t looks, sides;
    double alpha, power, parameter;
    int spending; /* enum shape */
};

static const struct cm_param params[] = {
    CM_COUNT(struct options, looks, "5", 1, LOOKS_MAX, "Looks, equally spaced in information."),
    CM_PROB(struct options, alpha, "2.5%", 1e-9, 0.5, "Type I error of all looks together."),
    CM_COUNT(struct options, sides, "1", 1, 2, "1 = only a worse canary counts, 2 = a better too."),
    CM_PROB(struct options, power, "90%", 0.01, 0.9999, "Chance of seeing the planned effect."),
    CM_CHOICE(struct options, spending, "obf", shapes,
              "How alpha is spent: obf and pocock (Lan and DeMets), hsd and power (with a "
              "parameter), or fixed boundaries: obf-fixed, pocock-fixed."),
    CM_NUMBER(struct options, parameter, "none", -500, 500,
              "Of hsd (default -4) and of power (default 3)."),
    CM_PARAMS_END,
};

static struct cm_spending spending_of(const struct options *o)
{
    static const enum cm_spending_kind kinds[] = {
        [OBF] = CM_SPENDING_OBRIEN_FLEMING,
        [POCOCK] = CM_SPENDING_POCOCK,
        [HSD] = CM_SPENDING_HWANG_SHIH_DECANI,
        [POWER] = CM_SPENDING_POWER,
    };
    double usual = o->spending == HSD ? -4 : o->spending == POWER ? 3 : 0;
    return (struct cm_spending){kinds[o->spending], isnan(o->parameter) ? usual : o->parameter};
}

static bool is_fixed(const struct options *o)
{
    return o->spending == OBF_FIXED || o->spending == POCOCK_FIXED;
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    bool has_parameter = o->spending == HSD || o->spending == POWER;
    if (!isnan(o->parameter) && !has_parameter)
        return cm_fail(err, "only spending = hsd and power have a parameter");
    if (o->power <= o->alpha)
        return cm_fail(err, "the power must be above alpha");
    if (is_fixed(o))
        return 0;
    struct cm_spending spending = spending_of(o);
    return cm_spending_check(&spending, err);
}

struct design {
    struct cm_group_plan plan;
    double info[LOOKS_MAX], upper[LOOKS_MAX], lower[LOOKS_MAX];
    double null_upper[LOOKS_MAX], null_lower[LOOKS_MAX], bad_upper[LOOKS_MAX], bad_lower[LOOKS_MAX];
    struct cm_group_cost cost;
};

static void fill(const struct options *o, struct design *d)
{
    d->plan = (struct cm_group_plan){
        .looks = (size_t)o->looks, .info = d->info, .alpha = o->alpha, .sides = (int)o->sides};
    for (size_t k = 0; k < d->plan.looks; k++)
        d->info[k] = (double)(k + 1) / (double)o->looks;
    if (is_fixed(o)) {
        cm_group_bounds_shape(&d->plan, o->spending == OBF_FIXED ? 0 : 0.5, d->upper);
    } else {
        struct cm_spending spending = spending_of(o);
        cm_group_bounds_spend(&d->plan, &spending, NULL, d->upper);
    }
    for (size_t k = 0; k < d->plan.looks; k++)
        d->lower[k] = -d->upper[k];
    struct cm_group_bounds at = {d->upper, o->sides == 2 ? d->lower : NULL};
    struct cm_group_exits null = {d->null_upper, d->null_lower, 0};
    struct cm_group_exits bad = {d->bad_upper, d->bad_lower, 0};
    d->cost = cm_group_power_cost(&d->plan, &at, o->power);
    cm_group_sequential_exits(&d->plan, &at, 0, &null);
    cm_group_sequential_exits(&d->plan, &at, d->cost.drift, &bad);
}

static void say(const struct options *o, const struct design *d, struct cm_writer to)
{
    cm_print(to, "%llu %s keep the type I error at ", (unsigned long long)o->looks,
             o->looks == 1 ? "look" : "looks");
    cm_words_share(o->alpha, to);
    cm_print(to, " and see the planned effect with a power of ");
    cm_words_share(o->power, to);
    cm_print(to,
             ". They need %.4g times the requests of a single look if the rollout runs to its "
             "end, and on a bad release %.3g times on average. The drift is %.6g.",
             d->cost.inflation, d->cost.expected, d->cost.drift);
}

static void add_row(const struct design *d, size_t k, double spent[2], struct cm_solution *to)
{
    spent[0] += d->null_upper[k] + (d->plan.sides == 2 ? d->null_lower[k] : 0);
    spent[1] += d->bad_upper[k];
    cm_table_count(&to->table, k + 1);
    cm_table_number(&to->table, d->info[k]);
    cm_table_number(&to->table, d->upper[k]);
    cm_table_number(&to->table, d->plan.sides * erfc(d->upper[k] / sqrt(2)) / 2);
    cm_table_number(&to->table, spent[0]);
    cm_table_number(&to->table, spent[1]);
    cm_table_number(&to->table, d->bad_upper[k]);
}

static void solve(const void *options, struct cm_solution *to)
{
    const struct options *o = options;
    struct design design;
    double spent[2] = {0, 0};
    fill(o, &design);
    say(o, &design, cm_solution_say(to));
    cm_solution_column(to, "look", CM_COLUMN_COUNT);
    cm_solution_column(to, "information", CM_COLUMN_SHARE);
    cm_solution_column(to, "boundary z", CM_COLUMN_STATISTIC);
    cm_solution_column(to, "nominal p", CM_COLUMN_STATISTIC);
    cm_solution_column(to, "spent alpha", CM_COLUMN_STATISTIC);
    cm_solution_column(to, "power so far", CM_COLUMN_SHARE);
    cm_solution_column(to, "stops here if bad", CM_COLUMN_SHARE);
    for (size_t k = 0; k < design.plan.looks; k++)
        add_row(&design, k, spent, to);
    to->method = "Numerical integration, no simulation (Armitage, McPherson and Rowe 1969; "
                 "Jennison and Turnbull 2000, 19). Information grows as the sum of w (1 - w) over "
                 "requests at weight w.";
}

const struct cm_solver cm_solver_design = {
    .kind = {.name = "design",
             .summary = "Where are the boundaries of a group sequential design?",
             .source = "Jennison and Turnbull 2000",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
