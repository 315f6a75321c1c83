/* How long must a canary bake to see this effect?
 *
 * The least time from which on the exact test of its errors has the asked power
 * (sim/stats/event_power.h). */
#include <math.h>

#include "analysis/solve_compared.h"
#include "analysis/words.h"

struct options {
    double rate, weight, base, alpha;
    int control; /* enum cm_compared */
    struct cm_change effect;
    double power;
    cm_time within;
};

static const struct cm_param params[] = {
    CM_COMPARED_ROWS(struct options),
    CM_CHANGE_PROB(struct options, effect, NULL, "What the defect does to the error ratio."),
    CM_PROB(struct options, power, "95%", 0.01, 0.9999, "Chance of seeing it by then."),
    CM_DURATION(struct options, within, "30d", 1e9, CM_MAX_DURATION,
                "The longest bake that is of any use."),
    CM_PARAMS_END,
};

static struct cm_compared_options compared(const struct options *o)
{
    return (struct cm_compared_options){o->rate, o->weight, o->base, o->alpha, o->control};
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    struct cm_compared_options c = compared(o);
    double p1;
    if (o->power <= o->alpha)
        return cm_fail(err, "the power must be above alpha");
    return cm_compared_check(&c, err) ? -1 : cm_compared_effect(o->base, &o->effect, &p1, err);
}

/* In seconds; INFINITY = not within what is of use. */
static double bake(const struct cm_event_plan *plan, const struct options *o, double power)
{
    return plan->canary_share > 0 ? cm_event_power_time(plan, power, (double)o->within / CM_SECOND)
                                  : INFINITY;
}

static void say(const struct options *o, const struct cm_event_plan *plan, struct cm_writer to)
{
    struct cm_compared_options c = compared(o);
    double seconds = bake(plan, o, o->power);
    if (isinf(seconds)) {
        cm_print(to, "Never at this traffic: ");
        cm_compared_say_traffic(&c, to);
        cm_print(to, " it takes more than ");
        cm_words_duration((double)o->within / CM_SECOND, to);
        cm_print(to, " to see an error ratio of ");
    } else {
        cm_print(to, "Bake for ");
        cm_words_duration(ceil(seconds), to);
        cm_print(to, " ");
        cm_compared_say_traffic(&c, to);
        cm_print(to, " to see an error ratio of ");
    }
    cm_words_share(plan->p1, to);
    cm_print(to, " instead of ");
    cm_words_share(o->base, to);
    cm_print(to, " with a power of ");
    cm_words_share(o->power, to);
    cm_print(to, " (type I error ");
    cm_words_share(o->alpha, to);
    cm_print(to, ").");
    if (o->weight <= 0 || isinf(seconds))
        return;
    double first = -log1p(-o->power) / (o->rate * o->weight * plan->p1);
    cm_print(to, " The first error of a bad canary is there after ");
    cm_words_duration(ceil(first), to);
    cm_print(to, " as surely.");
}

static void solve(const void *options, struct cm_solution *to)
{
    const struct options *o = options;
    struct cm_compared_options c = compared(o);
    struct cm_event_plan plan = cm_compared_plan(&c);
    struct cm_err ignored = {0};
    double powers[CM_COMPARED_POWERS];
    size_t n = cm_compared_powers(o->power, powers);
    cm_compared_effect(o->base, &o->effect, &plan.p1, &ignored);
    say(o, &plan, cm_solution_say(to));
    cm_solution_column(to, "power", CM_COLUMN_SHARE);
    cm_solution_column(to, "bake", CM_COLUMN_DURATION);
    cm_solution_column(to, "canary requests", CM_COLUMN_NUMBER);
    cm_solution_column(to, "canary errors if bad", CM_COLUMN_NUMBER);
    cm_solution_column(to, "canary errors if healthy", CM_COLUMN_NUMBER);
    for (size_t i = 0; i < n; i++) {
        double seconds = bake(&plan, o, powers[i]);
        double requests = isinf(seconds) ? NAN : seconds * o->rate * o->weight;
        cm_table_number(&to->table, powers[i]);
        cm_table_number(&to->table, seconds);
        cm_table_number(&to->table, ceil(requests));
        cm_table_number(&to->table, requests * plan.p1);
        cm_table_number(&to->table, requests * plan.p0);
    }
    to->method = cm_compared_method(&c);
}

const struct cm_solver cm_solver_bake = {
    .kind = {.name = "bake",
             .summary = "How long must a canary bake to see this effect?",
             .source = "Przyborowski and Wilenski 1940",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
