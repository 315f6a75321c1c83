/* How many requests must a look have before it counts?
 *
 * Three sizes that people ask for: enough that the z test of two shares has the asked power
 * (sim/stats/sample_size.h), enough that a bad canary has shown an error at all, and enough that a
 * healthy one has had five errors, below which normal approximations are no good. */
#include <math.h>

#include "analysis/solve_compared.h"
#include "analysis/words.h"
#include "sim/stats/sample_size.h"

struct options {
    double base, alpha, power, control_ratio;
    struct cm_change effect;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, base, NULL, 0, 1, "Error ratio of a healthy version."),
    CM_CHANGE_PROB(struct options, effect, NULL, "What the defect does to the error ratio."),
    CM_PROB(struct options, power, "95%", 0.01, 0.9999, "Chance of seeing it."),
    CM_PROB(struct options, alpha, "1%", 1e-9, 0.5,
            "Chance that a healthy release is rolled back."),
    CM_NUMBER(struct options, control_ratio, "1", 1e-6, 1e6,
              "Requests of the control for one of the canary: 1 for a baseline, 99 for stable "
              "beside a canary at 1%."),
    CM_PARAMS_END,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    double p1;
    if (o->power <= o->alpha)
        return cm_fail(err, "the power must be above alpha");
    return cm_compared_effect(o->base, &o->effect, &p1, err);
}

static struct cm_two_sizes sizes(const struct options *o, double p1, double power)
{
    struct cm_two_share_plan plan = {
        .p0 = o->base,
        .p1 = p1,
        .ratio = 1 / o->control_ratio,
        .alpha = o->alpha,
        .power = power,
        .sides = 1,
    };
    return cm_sample_size_two_shares(&plan);
}

/* Also of more than can be counted. */
static void say_requests(double n, struct cm_writer to)
{
    const double countable = 1e15;
    if (n <= countable)
        cm_words_count((uint64_t)ceil(n), to);
    else
        cm_print(to, "%.3g", n);
}

static void say(const struct options *o, double p1, struct cm_writer to)
{
    struct cm_two_sizes n = sizes(o, p1, o->power);
    cm_print(to, "Let a look count from ");
    say_requests(n.n1, to);
    cm_print(to, " requests of the canary and ");
    say_requests(n.n0, to);
    cm_print(to, " of the control on, to tell ");
    cm_words_share(p1, to);
    cm_print(to, " errors from ");
    cm_words_share(o->base, to);
    cm_print(to, " with a power of ");
    cm_words_share(o->power, to);
    cm_print(to, ". A canary as bad as that has shown an error after ");
    say_requests(cm_sample_size_zero_failures(p1, 1 - o->power), to);
    cm_print(to, " requests as surely");
    if (o->base > 0) {
        cm_print(to, "; a healthy one has had five, as normal approximations need, after ");
        say_requests(5 / o->base, to);
    }
    cm_print(to, ".");
}

static void solve(const void *options, struct cm_solution *to)
{
    const struct options *o = options;
    struct cm_err ignored = {0};
    double p1, powers[CM_COMPARED_POWERS];
    size_t n = cm_compared_powers(o->power, powers);
    cm_compared_effect(o->base, &o->effect, &p1, &ignored);
    say(o, p1, cm_solution_say(to));
    cm_solution_column(to, "power", CM_COLUMN_SHARE);
    cm_solution_column(to, "canary requests", CM_COLUMN_NUMBER);
    cm_solution_column(to, "control requests", CM_COLUMN_NUMBER);
    cm_solution_column(to, "requests to the first error", CM_COLUMN_NUMBER);
    for (size_t i = 0; i < n; i++) {
        struct cm_two_sizes size = sizes(o, p1, powers[i]);
        cm_table_number(&to->table, powers[i]);
        cm_table_number(&to->table, ceil(size.n1));
        cm_table_number(&to->table, ceil(size.n0));
        cm_table_number(&to->table, cm_sample_size_zero_failures(p1, 1 - powers[i]));
    }
    to->method = "Closed form: the size of the z test of two shares (Fleiss, Levin and Paik 2003, "
                 "4.2), and the rule of three. Below some ten expected errors the z test is a "
                 "rough guide; coalmine solve bake is exact.";
}

const struct cm_solver cm_solver_sample = {
    .kind = {.name = "sample",
             .summary = "How many requests must a look have before it counts?",
             .source = "Fleiss, Levin and Paik 2003",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
