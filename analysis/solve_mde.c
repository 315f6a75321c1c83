/* What is the smallest effect that a bake sees?
 *
 * The minimal detectable effect: the least error ratio at which the exact test of the canary's
 * errors has the asked power (sim/stats/event_power.h). */
#include <math.h>

#include "analysis/solve_compared.h"
#include "analysis/words.h"

struct options {
    double rate, weight, base, alpha;
    int control; /* enum cm_compared */
    cm_time bake;
    double power;
};

static const struct cm_param params[] = {
    CM_COMPARED_ROWS(struct options),
    CM_DURATION(struct options, bake, NULL, 1e6, CM_MAX_DURATION,
                "How long the canary is watched at this weight."),
    CM_PROB(struct options, power, "80%", 0.01, 0.9999, "Chance of seeing the effect by then."),
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
    if (o->power <= o->alpha)
        return cm_fail(err, "the power must be above alpha");
    return cm_compared_check(&c, err);
}

/* NAN = not even a version that always fails. */
static double smallest(const struct options *o, double power)
{
    struct cm_compared_options c = compared(o);
    struct cm_event_plan plan = cm_compared_plan(&c);
    return o->weight > 0 ? cm_event_power_effect(&plan, power, (double)o->bake / CM_SECOND) : NAN;
}

static void say(const struct options *o, struct cm_writer to)
{
    struct cm_compared_options c = compared(o);
    double p1 = smallest(o, o->power);
    cm_print(to, "In ");
    cm_words_duration((double)o->bake / CM_SECOND, to);
    cm_print(to, " ");
    cm_compared_say_traffic(&c, to);
    if (isnan(p1)) {
        cm_print(to, " nothing is seen with a power of ");
        cm_words_share(o->power, to);
        cm_print(to, ": never at this traffic, not even a release that always fails.");
        return;
    }
    cm_print(to, " a rise of the error ratio from ");
    cm_words_share(o->base, to);
    cm_print(to, " to ");
    cm_words_share(p1, to);
    cm_print(to, " (+%.3g pp", 100 * (p1 - o->base));
    if (o->base > 0)
        cm_print(to, ", x%.3g", p1 / o->base);
    cm_print(to, ") is the smallest that is seen with a power of ");
    cm_words_share(o->power, to);
    cm_print(to, ".");
}

static void solve(const void *options, struct cm_solution *to)
{
    const struct options *o = options;
    struct cm_compared_options c = compared(o);
    double powers[CM_COMPARED_POWERS];
    size_t n = cm_compared_powers(o->power, powers);
    say(o, cm_solution_say(to));
    cm_solution_column(to, "power", CM_COLUMN_SHARE);
    cm_solution_column(to, "error ratio", CM_COLUMN_SHARE);
    cm_solution_column(to, "rise", CM_COLUMN_SHARE);
    cm_solution_column(to, "times the base", CM_COLUMN_NUMBER);
    for (size_t i = 0; i < n; i++) {
        double p1 = smallest(o, powers[i]);
        cm_table_number(&to->table, powers[i]);
        cm_table_number(&to->table, p1);
        cm_table_number(&to->table, p1 - o->base);
        cm_table_number(&to->table, o->base > 0 ? p1 / o->base : NAN);
    }
    to->method = cm_compared_method(&c);
}

const struct cm_solver cm_solver_mde = {
    .kind = {.name = "mde",
             .summary = "What is the smallest effect that a bake sees?",
             .source = "Przyborowski and Wilenski 1940",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .solve = solve,
};
