/* Known answers for gates other than Kayenta's: CloudWatch's alarms, burn rates, the intervals of
 * experiment platforms, bands around a law.
 *
 * The file is {"cases": [{id, kind, input, expect}, ...]}. Of a kind's adapter every member of
 * `expect` has to be asked for, or be named as none of ours; numbers are compared to the digits
 * that they are given with. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sim/controllers/controller.h"
#include "sim/gates/gate.h"
#include "sim/stats/asymptotic.h"
#include "sim/stats/burn_rate.h"
#include "sim/stats/m_of_n.h"
#include "sim/stats/mixture_sprt.h"
#include "sim/stats/stitching.h"
#include "tests/oracle/inputs.h"
#include "tests/oracle/oracle.h"

extern const struct cm_controller cm_controller_codedeploy;

struct gate_case {
    struct inputs in, expect;
    size_t asked; /* members of expect that were compared or set aside */
    char wrong[200];
};

/* Keeps the first disagreement. */
static void disagree(struct gate_case *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void disagree(struct gate_case *c, const char *format, ...)
{
    va_list args;
    if (c->wrong[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(c->wrong, sizeof c->wrong, format, args);
    va_end(args);
}

static void number(struct gate_case *c, const char *key, double got, double relative)
{
    double want = input_number(&c->expect, key);
    c->asked++;
    if (!(got == want || fabs(got - want) <= relative * fabs(want)))
        disagree(c, "%s is %.12g, not %.12g", key, got, want);
}

static void text(struct gate_case *c, const char *key, const char *got)
{
    const char *want = input_text(&c->expect, key);
    c->asked++;
    if (strcmp(got, want) != 0)
        disagree(c, "%s is %s, not %s", key, got, want);
}

/* --- gates ------------------------------------------------------------------------------------ */

enum { STATE = 4096, POINTS = 64, LOOKED = 1000 };

/* A gate with its options and state. */
struct asked {
    const struct cm_gate *gate;
    void *options;
    unsigned char state[STATE];
};

static void begin(struct gate_case *c, struct asked *a, const char *name)
{
    *a = (struct asked){.gate = (const struct cm_gate *)cm_kind_find(cm_gate_section.kinds, name)};
    a->options = cm_arena_alloc(&c->in.memory, a->gate->kind.options_size);
    cm_params_default(a->gate->kind.params, a->options, &c->in.memory);
    size_t size = a->gate->state_size ? a->gate->state_size(a->options, 0) : 0;
    if (size > sizeof a->state)
        inputs_fault(&c->in, "the state of %s is too large", name);
}

static void set(struct gate_case *c, struct asked *a, const char *key, const char *value)
{
    struct cm_err err = {0};
    const struct cm_param *row = cm_param_find(a->gate->kind.params, key);
    if (cm_param_set(row, a->options, value, &c->in.memory, &err))
        inputs_fault(&c->in, "%s", err.text);
}

static void set_number(struct gate_case *c, struct asked *a, const char *key, double value)
{
    char digits[40];
    bool share = cm_param_find(a->gate->kind.params, key)->type == &cm_type_prob;
    snprintf(digits, sizeof digits, share ? "%.12g%%" : "%.12g", share ? 100 * value : value);
    set(c, a, key, digits);
}

/* So many of LOOKED requests bad, in every window; none at all below 0. */
static struct cm_verdict look(struct asked *a, int bad)
{
    struct cm_signal s[2] = {{.value = {NAN, NAN, NAN}}};
    uint64_t n = bad < 0 ? 0 : LOOKED, x = bad < 0 ? 0 : (uint64_t)bad;
    s[0].n[CM_CANARY] = n;
    s[0].x[CM_CANARY] = x;
    s[0].value[CM_CANARY] = bad < 0 ? (double)NAN : (double)x / (double)n;
    s[0].state[CM_CANARY] = bad < 0 ? CM_NO_DATA : CM_PASS;
    s[1] = s[0];
    const struct cm_look at = {.signals = s, .n_signals = 2};
    return a->gate->look(a->options, a->state, &at);
}

static size_t read_points(struct gate_case *c, enum cm_point *points)
{
    const json_t *list = json_object_get(c->in.object, "evaluation_range_oldest_first");
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n && i < POINTS; i++) {
        const char *point = json_string_value(json_array_get(list, i));
        points[i] = !point || *point == '-' ? CM_POINT_MISSING
                    : *point == 'X'         ? CM_POINT_BREACHING
                                            : CM_POINT_FINE;
    }
    if (n < 1 || n > POINTS)
        inputs_fault(&c->in, "the evaluation range has %zu points", n);
    return n < POINTS ? n : POINTS;
}

/* The state by the rule; and the label of a gate that sees a look a point, where it is decided. */
static void one_policy(struct gate_case *c, int policy, const struct cm_alarm_rule *rule,
                       const enum cm_point *points, size_t n)
{
    static const char *const names[] = {"missing", "ignore", "breaching", "notBreaching"};
    static const char *const values[] = {"missing", "ignore", "breaching", "not_breaching"};
    static const char *const states[] = {"OK", "ALARM", "INSUFFICIENT_DATA", "RETAIN"};
    static const enum cm_label labels[] = {CM_PASS, CM_FAIL, CM_NO_DATA};
    enum cm_alarm state = cm_m_of_n_state(rule, points, n);
    text(c, names[policy], states[state]);
    struct asked gate;
    begin(c, &gate, "m_of_n");
    set(c, &gate, "max", "50%");
    set_number(c, &gate, "of_last", (double)rule->n);
    set_number(c, &gate, "breaches", (double)rule->m);
    set_number(c, &gate, "look_back", (double)(n - rule->n));
    set(c, &gate, "missing", values[policy]);
    struct cm_verdict v = {0};
    for (size_t i = 0; i < n; i++)
        v = look(&gate, points[i] == CM_POINT_MISSING ? -1
                        : points[i] == CM_POINT_FINE  ? 0
                                                      : LOOKED);
    if (state != CM_ALARM_KEPT && v.label != labels[state])
        disagree(c, "the gate says %s where the alarm is %s (%s)", cm_label_names[v.label],
                 states[state], names[policy]);
}

static void cloudwatch_m_of_n(struct gate_case *c)
{
    enum cm_point points[POINTS];
    size_t n = read_points(c, points);
    struct cm_alarm_rule rule = {.n = (size_t)input_count_to(&c->in, "evaluation_periods", n)};
    rule.m = (size_t)input_count_to(&c->in, "datapoints_to_alarm", rule.n);
    for (int policy = 0; policy < 4 && !c->in.wrong; policy++) {
        rule.missing = (enum cm_missing)policy;
        one_policy(c, policy, &rule, points, n);
    }
}

/* Days, hours or minutes, as hours. */
static double window_h(struct gate_case *c, const char *key)
{
    double value = 0;
    char unit = '?';
    const char *units = "mhd", *found;
    static const double hours[] = {1.0 / 60, 1, 24};
    if (sscanf(input_text(&c->in, key), "%lf%c", &value, &unit) == 2 &&
        (found = strchr(units, unit)) != NULL && unit != '\0')
        return value * hours[found - units];
    inputs_fault(&c->in, "\"%s\" is no duration", key);
    return 1;
}

/* The threshold by the product's formula from the budget, and as the gate applies it. */
static void burn_rate_threshold(struct gate_case *c)
{
    double burn = input_number(&c->in, "burn_rate"), slo = input_within(&c->in, "slo", 0, 1);
    double period_h = 24 * input_number(&c->in, "period_days");
    double long_h = window_h(c, "long_window");
    const struct cm_burn_alert alert = {slo, long_h, period_h,
                                        input_number(&c->expect, "budget_consumed")};
    struct cm_burn_odds odds = cm_burn_rate_alert(&alert, 1);
    number(c, "error_ratio_threshold", odds.error_threshold, 1e-12);
    number(c, "budget_consumed", burn * long_h / period_h, 1e-12);
    text(c, "severity", burn > 1 ? "page" : "ticket"); /* the table's own names */
    if (!(odds.error_threshold > 0 && odds.error_threshold < 0.9))
        inputs_fault(&c->in, "a threshold of %g cannot be tried", odds.error_threshold);
    struct asked gate;
    begin(c, &gate, "burn_rate");
    set_number(c, &gate, "slo", slo);
    set_number(c, &gate, "burn", burn);
    if (c->in.wrong)
        return;
    int at = (int)floor(odds.error_threshold * LOOKED + 1e-9);
    struct cm_verdict above = look(&gate, at + 1), not_above = look(&gate, at);
    if (!(fabs(above.why.limit - odds.error_threshold) <= 1e-12) || above.label != CM_FAIL ||
        not_above.label != CM_PASS)
        disagree(c, "the gate's limit is %.12g", above.why.limit);
}

static void burn_rate_detection_time(struct gate_case *c)
{
    const double hour = 3600, period_h = 720;
    double window = input_number(&c->in, "long_window_s") / hour;
    const struct cm_burn_alert alert = {input_within(&c->in, "slo", 0, 1), window, period_h,
                                        input_number(&c->in, "burn_rate") * window / period_h};
    double rate = input_within(&c->in, "constant_error_ratio_from_t0", 0, 1);
    number(c, "detection_time_s", hour * cm_burn_rate_alert(&alert, rate).detection_time_h, 1e-9);
}

/* What is not strictly between `low` and `high` is a fault, and `harmless`. */
static double between(struct gate_case *c, const char *key, double low, double high)
{
    double x = input_number(&c->in, key), harmless = low + fmin(1, high - low) / 20;
    if (x > low && x < high)
        return x;
    inputs_fault(&c->in, "\"%s\" is %g, outside (%g, %g)", key, x, low, high);
    return harmless;
}

static double positive(struct gate_case *c, const char *key)
{
    return between(c, key, 1e-12, 1e15);
}

/* --- intervals -------------------------------------------------------------------------------- */

/* GrowthBook: n SE^2 is the variance of one observation; p of the interval that just holds 0. */
static void growthbook_sequential(struct gate_case *c)
{
    double n = positive(c, "n_total"), se = positive(c, "standard_error");
    double delta = input_number(&c->in, "delta"), alpha = between(c, "alpha", 1e-12, 0.5);
    double tuning = positive(c, "tuning");
    const struct cm_asymptotic a = {n, delta, n * se * se};
    double two = cm_asymptotic_rho(tuning, alpha, false);
    double one = cm_asymptotic_rho(tuning, alpha, true);
    number(c, "rho_two_sided", two, 1e-12);
    number(c, "halfwidth_two_sided", cm_asymptotic_half_width(&a, two, alpha, false), 1e-12);
    number(c, "p_value_two_sided", exp(-cm_asymptotic_log_e(&a, two, false)), 1e-10);
    number(c, "rho_one_sided", one, 1e-12);
    double half = cm_asymptotic_half_width(&a, one, alpha, true);
    number(c, "halfwidth_one_sided", half, 1e-12);
    bool excludes = delta - half > 0;
    c->asked++;
    if (excludes != input_flag(&c->expect, "one_sided_lower_bound_excludes_zero"))
        disagree(c, "the one-sided limit is %g", delta - half);
}

/* Statsig: a normal mixture with variance tau tuned to the fixed test; z* is half its width over
 * the standard error. Its two-sided interval spends alpha / 2 where the mixture needs alpha. */
static double z_star(double v, double tau, double alpha)
{
    const struct cm_difference d = {0, v};
    return cm_mixture_sprt_half_width(&d, sqrt(tau), alpha) / sqrt(v);
}

static void statsig_msprt(struct gate_case *c)
{
    double var_t = positive(c, "var_t"), var_c = positive(c, "var_c");
    double n_t = positive(c, "n_t"), n_c = positive(c, "n_c");
    double alpha = between(c, "alpha", 1e-12, 0.5);
    double v = var_t / n_t + var_c / n_c, unit = (var_t + var_c) / (n_t + n_c);
    double two = gsl_cdf_ugaussian_Qinv(alpha / 2), one = gsl_cdf_ugaussian_Qinv(alpha);
    number(c, "V", v, 1e-12);
    number(c, "z_star_two_sided", z_star(v, two * two * unit, alpha / 2), 1e-9);
    number(c, "z_star_one_sided", z_star(v, one * one * unit, alpha), 1e-9);
}

/* Eppo: the same boundary as GrowthBook's, two-sided; its rho is ours to the power of -2. */
static void eppo_sequential(struct gate_case *c)
{
    double t = positive(c, "t_total"), n_tune = positive(c, "n_tune");
    double alpha = 1 - between(c, "confidence", 1e-9, 1 - 1e-9);
    double rho = cm_asymptotic_rho(n_tune, alpha, false);
    const struct cm_asymptotic a = {t, 0, 1};
    number(c, "rho", 1 / (rho * rho), 1e-10);
    number(c, "B_multiplier", sqrt(t) * cm_asymptotic_half_width(&a, rho, alpha, false), 1e-10);
}

/* C is given with six decimals, the radius with twelve digits of its own C. */
static void sequential_cdf_band(struct gate_case *c)
{
    double a = positive(c, "A"), t = positive(c, "t");
    double t_min = fmax(1, between(c, "t_min", 0.999, 1e15));
    double constant = cm_stitching_empirical_constant(between(c, "alpha", 1e-12, 1 - 1e-12), a);
    number(c, "C", constant, 5e-7);
    number(c, "radius", cm_stitching_empirical(t, t_min, a, constant), 5e-7);
}

/* --- CodeDeploy ---------------------------------------------------------------------------------
 */

/* A desk that only notes the shifts that the controller orders. */
struct shifts {
    struct cm_desk face;
    struct cm_answer answer;
    int n;
    double minute[LOOKED], percent[LOOKED];
    bool over;
};

static const struct cm_answer *answer_nothing(void *self, enum cm_ask what, int id)
{
    struct shifts *s = self;
    (void)what, (void)id;
    s->answer.at = s->face.now;
    return &s->answer;
}

static void note_order(void *self, const struct cm_order *order)
{
    struct shifts *s = self;
    s->over |= order->kind == CM_FINISH;
    if (order->kind != CM_SET_ROUTE || s->n == LOOKED)
        return;
    s->minute[s->n] = cm_seconds(s->face.now) / 60;
    s->percent[s->n++] = 100 * order->route.share[CM_CANARY];
}

static void hear_nothing(void *self, int sentence, const struct cm_evidence *why)
{
    (void)self, (void)sentence, (void)why;
}

static void deploy(const char *plan, struct shifts *s, struct cm_err *err)
{
    const struct cm_kind *kind = &cm_controller_codedeploy.kind;
    struct cm_arena arena = {0};
    void *options = cm_arena_alloc(&arena, kind->options_size);
    void *state = cm_arena_alloc(&arena, cm_controller_codedeploy.state_size(options));
    s->face = (struct cm_desk){s, 0, answer_nothing, note_order, hear_nothing};
    cm_params_default(kind->params, options, &arena);
    if (!cm_param_set(cm_param_find(kind->params, "plan"), options, plan, &arena, err)) {
        kind->prepare(options, NULL, NULL, &arena, err);
        cm_controller_codedeploy.start(options, state);
        while (!s->over)
            s->face.now = cm_controller_codedeploy.wake(options, state, &s->face);
    }
    cm_arena_release(&arena);
}

static void codedeploy_schedule(struct gate_case *c)
{
    static const char prefix[] = "CodeDeployDefault.";
    const char *plan = input_text(&c->in, "config");
    const json_t *steps = json_object_get(c->expect.object, "steps_minute_percent");
    struct shifts s = {.n = 0};
    c->asked++;
    if (strncmp(plan, prefix, strlen(prefix)) == 0)
        plan += strlen(prefix);
    deploy(plan, &s, &c->in.err);
    if (json_array_size(steps) != (size_t)s.n)
        disagree(c, "%d shifts, not %zu", s.n, json_array_size(steps));
    for (size_t i = 0; i < (size_t)s.n && i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        double minute = json_number_value(json_array_get(step, 0));
        double percent = json_number_value(json_array_get(step, 1));
        if (s.minute[i] != minute || fabs(s.percent[i] - percent) > 1e-9)
            disagree(c, "shift %zu is %g %% at %g min, not %g %% at %g min", i, s.percent[i],
                     s.minute[i], percent, minute);
    }
}

/* --- cases ------------------------------------------------------------------------------------ */

static const struct {
    const char *kind;
    void (*answer)(struct gate_case *c);
} kinds[] = {
    {"cloudwatch_m_of_n", cloudwatch_m_of_n},
    {"burn_rate_threshold", burn_rate_threshold},
    {"burn_rate_detection_time", burn_rate_detection_time},
    {"growthbook_sequential", growthbook_sequential},
    {"statsig_msprt", statsig_msprt},
    {"eppo_sequential", eppo_sequential},
    {"sequential_cdf_band", sequential_cdf_band},
    {"codedeploy_schedule", codedeploy_schedule},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void play(const char *id, int kind, struct gate_case *c, struct oracle_tally *tally)
{
    kinds[kind].answer(c);
    if (!c->in.wrong && !c->expect.wrong && c->asked < json_object_size(c->expect.object))
        disagree(c, "something is expected that nothing compares");
    if (c->in.wrong || c->expect.wrong)
        oracle_failed(tally, id, "%s", c->in.wrong ? c->in.err.text : c->expect.err.text);
    else if (c->wrong[0] != '\0')
        oracle_failed(tally, id, "%s", c->wrong);
    else
        oracle_passed(tally, id);
    inputs_release(&c->in);
    inputs_release(&c->expect);
}

static int run_case(const json_t *item, struct oracle_tally *tally, struct cm_err *err)
{
    const char *id = oracle_text(item, "id", err);
    const char *name = id != NULL ? oracle_text(item, "kind", err) : NULL;
    const json_t *in = name != NULL ? oracle_member(item, "input", JSON_OBJECT, err) : NULL;
    const json_t *expect = in != NULL ? oracle_member(item, "expect", JSON_OBJECT, err) : NULL;
    if (expect == NULL)
        return -1;
    int kind = 0;
    while (kind < KINDS && strcmp(kinds[kind].kind, name) != 0)
        kind++;
    struct gate_case c = {.in = {.object = in}, .expect = {.object = expect}};
    if (kind == KINDS)
        oracle_skipped(tally, id, "a kind that is not known");
    else
        play(id, kind, &c, tally);
    return 0;
}

int oracle_gates(const json_t *file, struct oracle_tally *tally, struct cm_err *err)
{
    const json_t *cases = oracle_member(file, "cases", JSON_ARRAY, err);
    if (cases == NULL)
        return -1;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct cm_err inner;
        if (run_case(json_array_get(cases, i), tally, &inner)) {
            char name[40];
            snprintf(name, sizeof name, "cases[%zu]", i);
            oracle_failed(tally, name, "%s", inner.text);
        }
    }
    return 0;
}
