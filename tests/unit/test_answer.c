/* Shifted and stretched laws against quadrature; what a healthy version meets. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <string.h>

#include "sim/service/answer.h"

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(answer, .fini = release);

static struct cm_law law_of(const char *text)
{
    static const struct cm_param row = {.name = "latency", .type = &cm_type_law};
    struct cm_law law;
    struct cm_err err;
    cr_assert_eq(cm_param_set(&row, &law, text, &arena, &err), 0, "%s: %s", text, err.text);
    return law;
}

static const char *const texts[] = {
    "lognormal(median=120ms, sigma=0.6)",
    "fixed(value=100ms)",
    "uniform(low=50ms, high=300ms)",
    "99% gamma(mean=100ms, shape=2) + 1% pareto(scale=1s, alpha=2.5)",
};
enum { TEXTS = sizeof texts / sizeof *texts };

static const struct cm_pace paces[] = {
    {1, 0, 0, 1, 0},        {3, 0, 0, 1, 0},        {1, 0.2, 0, 1, 0},  {0.5, -0.05, 0, 1, 0},
    {1, -0.1, 0, 1, 0},     {0, 0.3, 0, 1, 0},      {0, -0.3, 0, 1, 0}, {1, 0, 0.02, 8, 0},
    {2, -0.1, 0.3, 5, 0.4}, {1, -0.2, 0.5, 1, 0.3}, {1, 0, 1, 4, -0.1}, {1, -10, 0, 1, 0},
};
enum { PACES = sizeof paces / sizeof *paces };

struct both {
    const struct cm_law *law;
    const struct cm_pace *pace;
};

static double cdf_at(double x, void *self)
{
    const struct both *b = self;
    return cm_pace_cdf(b->law, b->pace, x);
}

/* Jumps of the fixed law limit what quadrature can do. */
static double integral(const struct both *b, double x)
{
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(5000);
    struct both copy = *b;
    gsl_function f = {cdf_at, &copy};
    double result, error;
    gsl_integration_qag(&f, 0, x, 1e-10, 0, 5000, GSL_INTEG_GAUSS15, space, &result, &error);
    gsl_integration_workspace_free(space);
    return result;
}

#define EACH_CASE                                                                                  \
    for (int i = 0; i < TEXTS; i++)                                                                \
        for (int j = 0; j < PACES; j++)

Test(answer, the_outflow_at_any_pace_is_the_integral_of_its_cdf)
{
    static const double x[] = {0.01, 0.1, 0.25, 1, 4};
    EACH_CASE
    {
        struct cm_law law = law_of(texts[i]);
        struct both b = {&law, &paces[j]};
        for (size_t k = 0; k < sizeof x / sizeof *x; k++)
            cr_expect(
                epsilon_eq(dbl, cm_pace_outflow(&law, &paces[j], x[k]), integral(&b, x[k]), 1e-9),
                "%s, pace %d, up to %g", texts[i], j, x[k]);
    }
}

/* E[X; X <= x] = x F(x) - integral of F. */
Test(answer, the_partial_mean_at_any_pace_belongs_to_its_outflow)
{
    EACH_CASE
    {
        struct cm_law law = law_of(texts[i]);
        for (double x = 0.013; x < 30; x *= 1.9) {
            double want = x * cm_pace_cdf(&law, &paces[j], x) - cm_pace_outflow(&law, &paces[j], x);
            cr_expect(epsilon_eq(dbl, cm_pace_partial_mean(&law, &paces[j], x), want, 1e-12 * x),
                      "%s, pace %d, up to %g", texts[i], j, x);
        }
        cr_expect(epsilon_eq(dbl, cm_pace_mean(&law, &paces[j]),
                             cm_pace_partial_mean(&law, &paces[j], 1e12), 1e-12));
    }
}

Test(answer, cdf_and_tail_at_any_pace_add_to_one)
{
    EACH_CASE
    {
        struct cm_law law = law_of(texts[i]);
        cr_expect_eq(cm_pace_cdf(&law, &paces[j], -1), 0);
        for (double x = 0; x < 30; x = 1.7 * x + 0.01) {
            double sum = cm_pace_cdf(&law, &paces[j], x) + cm_pace_tail(&law, &paces[j], x);
            cr_expect(epsilon_eq(dbl, sum, 1, 1e-14), "%s, pace %d, at %g", texts[i], j, x);
        }
    }
}

Test(answer, beyond_the_longest_the_outflow_is_x_less_the_mean)
{
    EACH_CASE
    {
        struct cm_law law = law_of(texts[i]);
        double longest = cm_pace_longest(&law, &paces[j]), mean = cm_pace_mean(&law, &paces[j]);
        cr_expect(isfinite(longest));
        cr_expect(lt(dbl, cm_pace_tail(&law, &paces[j], longest), CM_LAW_REST), "%s, pace %d",
                  texts[i], j);
        double x = longest + 1;
        cr_expect(epsilon_eq(dbl, cm_pace_outflow(&law, &paces[j], x), x - mean, 1e-11 * x),
                  "%s, pace %d", texts[i], j);
    }
}

/* uniform on [0, 1] less 0.4: 0 with 0.4, else uniform on [0, 0.6], whose mean is 0.3. */
Test(answer, a_latency_below_zero_is_zero)
{
    struct cm_law law = law_of("uniform(high=1s)");
    struct cm_pace pace = {1, -0.4, 0, 1, 0};
    cr_expect(epsilon_eq(dbl, cm_pace_cdf(&law, &pace, 0), 0.4, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_pace_cdf(&law, &pace, 0.1), 0.5, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_pace_mean(&law, &pace), 0.18, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_pace_outflow(&law, &pace, 0.6), 0.42, 1e-15));
}

/* Slow answers are slowed on top of what slows all: 10 (2 x 0.1 s + 0.3 s) + 1 s. */
Test(answer, slow_answers_are_slowed_on_top)
{
    struct cm_law law = law_of("fixed(value=100ms)");
    struct cm_pace pace = {2, 0.3, 0.25, 10, 1};
    cr_expect(epsilon_eq(dbl, cm_pace_cdf(&law, &pace, 0.51), 0.75, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_pace_tail(&law, &pace, 5.99), 0.25, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_pace_cdf(&law, &pace, 6.01), 1, 1e-15));
}

/* x2 +0.1 s after x3 -0.5 s of L = 1 s is 2 (3 - 0.5) + 0.1, in slow answers too. */
Test(answer, changes_of_a_pace_compose)
{
    struct cm_law law = law_of("fixed(value=1s)");
    struct cm_change first = {3, -0.5}, second = {2, 0.1};
    struct cm_pace pace = cm_pace_changed(cm_pace_changed(cm_pace_usual(), first), second);
    cr_expect(epsilon_eq(dbl, cm_pace_mean(&law, &pace), 5.1, 1e-14));
    pace = (struct cm_pace){1, 0, 1, 8, 1};
    pace = cm_pace_changed(pace, second);
    cr_expect(epsilon_eq(dbl, cm_pace_mean(&law, &pace), 2 * (8 + 1) + 0.1, 1e-14));
}

Test(answer, drift_adds_to_the_log_odds)
{
    for (double p = 1e-6; p < 1; p *= 3)
        for (double l = -3; l <= 3; l += 0.5) {
            double q = cm_error_drifted(p, l);
            cr_expect(epsilon_eq(dbl, log(q / (1 - q)), log(p / (1 - p)) + l, 1e-9), "%g %g", p, l);
        }
    for (double l = -5; l <= 5; l += 0.01) {
        cr_expect_eq(cm_error_drifted(0, l), 0, "%g", l);
        cr_expect_eq(cm_error_drifted(1, l), 1, "%g", l);
        cr_expect_leq(cm_error_drifted(1 - 0x1p-53, l), 1, "%g", l);
    }
}

Test(answer, an_error_probability_stays_one)
{
    cr_expect_eq(cm_error_changed(0.4, (struct cm_change){3, 0}), 1);
    cr_expect_eq(cm_error_changed(0.1, (struct cm_change){1, -0.2}), 0);
    cr_expect(epsilon_eq(dbl, cm_error_changed(0.01, (struct cm_change){2, 0.03}), 0.05, 1e-15));
}

Test(answer, a_change_acts_in_proportion_to_its_level)
{
    struct cm_change half = cm_change_at((struct cm_change){3, -0.2}, 0.5);
    cr_expect_eq(half.times, 2);
    cr_expect_eq(half.plus, -0.1);
    cr_expect_eq(cm_change_at((struct cm_change){0.5, 0}, 4).times, 0,
                 "a factor is never negative");
    struct cm_change none = cm_change_at((struct cm_change){7, 1}, 0);
    cr_expect(none.times == 1 && none.plus == 0);
}

/* 1 % -> drift to odds e/99 -> incident x2 -> warm-up +10pp; latency (L x2) +1 s. */
Test(answer, a_healthy_version_meets_drift_then_incident_then_warm_up)
{
    struct cm_service service = {.warm_up_error_rate = {1, 0.1}, .warm_up_latency = {1, 1}};
    struct cm_environment environment = {.incident_error_rate = {2, 0}, .incident_latency = {2, 0}};
    struct cm_weather calm = {0}, storm = {.log_odds = 1, .incident = true};
    struct cm_reply reply = cm_reply_healthy(&service, &environment, 0.01, &calm, false);
    cr_expect(reply.error == 0.01 && reply.pace.times == 1 && reply.pace.plus_s == 0);
    reply = cm_reply_healthy(&service, &environment, 0.01, &storm, true);
    double odds = 2.718281828459045 / 99;
    cr_expect(epsilon_eq(dbl, reply.error, 2 * odds / (1 + odds) + 0.1, 1e-15));
    cr_expect(reply.pace.times == 2 && reply.pace.plus_s == 1);
}

/* Reads "key=value" settings over the defaults of a section and checks them. */
static int section(const struct cm_section *s, void *out, const char *const *settings,
                   struct cm_err *err)
{
    cm_params_default(s->params, out, &arena);
    for (; *settings; settings += 2) {
        const struct cm_param *row = cm_param_find(s->params, settings[0]);
        cr_assert(row != NULL, "%s", settings[0]);
        cr_assert_eq(cm_param_set(row, out, settings[1], &arena, err), 0, "%s", err->text);
    }
    return s->check ? s->check(out, err) : 0;
}

Test(answer, a_warm_up_needs_a_length_and_an_effect)
{
    static const struct {
        const char *settings[7];
        const char *says;
    } cases[] = {
        {{NULL}, NULL},
        {{"warm_up", "2m", "warm_up_latency", "x2", NULL}, NULL},
        {{"warm_up", "2m", NULL}, "changes nothing"},
        {{"warm_up_error_rate", "+1pp", NULL}, "give its length"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_service service = {0};
        struct cm_err err = {0};
        int status = section(&cm_service_section, &service, cases[i].settings, &err);
        cr_expect_eq(status, cases[i].says ? -1 : 0, "%s", err.text);
        if (cases[i].says)
            cr_expect(strstr(err.text, cases[i].says) != NULL, "%s", err.text);
    }
}

Test(answer, defaults_are_those_of_a_small_web_service)
{
    struct cm_service service = {0};
    struct cm_class class = {0};
    struct cm_err err;
    cr_expect_eq(section(&cm_service_section, &service, (const char *const[]){NULL}, &err), 0);
    cr_expect_eq(service.error_rate, 0.001);
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&service.latency, 0.5), 0.12, 1e-12));
    cr_expect_eq(service.latency_slo, CM_NO_DURATION);
    cr_expect_eq(
        section(&cm_class_section, &class, (const char *const[]){"share", "8%", NULL}, &err), 0);
    cr_expect(isnan(class.error_rate) && class.latency.n == 0);
}
