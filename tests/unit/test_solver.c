/* Answers to questions, against tables and closed forms that they do not come from. */
#include "analysis/solver.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"

struct asked {
    struct cm_arena arena;
    struct cm_solution solution;
    int refused;
    struct cm_err err;
};

/* Option, value, ..., NULL. */
static struct asked ask(const char *name, const char *const *said)
{
    struct asked a = {0};
    const struct cm_solver *solver = NULL;
    for (size_t i = 0; cm_solvers[i]; i++)
        if (strcmp(cm_solvers[i]->kind.name, name) == 0)
            solver = cm_solvers[i];
    cr_assert(solver);
    void *options = cm_arena_alloc(&a.arena, solver->kind.options_size);
    cm_params_default(solver->kind.params, options, &a.arena);
    for (; *said; said += 2) {
        const struct cm_param *row = cm_param_find(solver->kind.params, said[0]);
        cr_assert(row && !cm_param_set(row, options, said[1], &a.arena, &a.err), "%s", said[0]);
    }
    a.refused = solver->kind.check ? solver->kind.check(options, &a.err) : 0;
    cm_table_init(&a.solution.table, "", 1);
    if (!a.refused)
        solver->solve(options, &a.solution);
    return a;
}
#define ASK(name, ...) ask(name, (const char *const[]){__VA_ARGS__, NULL})

static void forget(struct asked *a)
{
    cm_solution_release(&a->solution);
    cm_arena_release(&a->arena);
}

static double at(const struct asked *a, size_t row, size_t column)
{
    return cm_table_at(&a->solution.table, row, column)->estimate.value;
}

/* Row K = 5 of the O'Brien-Fleming-like table at one-sided 2.5 %, and of the Pocock-like one
 * (Lan and DeMets 1983, as gsDesign and rpact print them). */
Test(solver, design_equals_the_published_boundaries)
{
    const double obf[] = {4.8769, 3.3570, 2.6803, 2.2898, 2.0310};
    const double pocock[] = {2.4380, 2.4268, 2.4102, 2.3966, 2.3860};
    struct asked a = ASK("design", "looks", "5", "alpha", "2.5%", "spending", "obf");
    struct asked b = ASK("design", "looks", "5", "alpha", "2.5%", "spending", "pocock");
    for (size_t k = 0; k < 5; k++) {
        cr_expect(fabs(at(&a, k, 2) - obf[k]) < 5.1e-5, "%g", at(&a, k, 2));
        cr_expect(fabs(at(&b, k, 2) - pocock[k]) < 5.1e-5, "%g", at(&b, k, 2));
    }
    cr_expect(fabs(at(&a, 4, 4) - 0.025) < 1e-9 && fabs(at(&a, 4, 5) - 0.9) < 1e-9);
    forget(&a), forget(&b);
}

/* Jennison and Turnbull, table 2.3: two-sided 5 %, five looks, C = 2.0401 at the last. */
Test(solver, design_knows_fixed_boundaries_on_both_sides)
{
    struct asked a =
        ASK("design", "looks", "5", "alpha", "5%", "sides", "2", "spending", "obf-fixed");
    cr_expect(fabs(at(&a, 4, 2) - 2.0401) < 5.1e-5);
    cr_expect(fabs(at(&a, 0, 2) - 2.0401 * sqrt(5)) < 2e-4);
    cr_expect(fabs(at(&a, 4, 4) - 0.05) < 1e-9);
    forget(&a);
}

/* The first row of 95 % power against a known rate of 0: ln 20 / (rate weight p1). */
Test(solver, bake_waits_for_the_first_error_of_a_service_that_has_none)
{
    struct asked a = ASK("bake", "rate", "30 rps", "weight", "1%", "base", "0%", "effect", "+0.5pp",
                         "control", "known");
    cr_expect(fabs(at(&a, 3, 1) - log(20) / (30 * 0.01 * 0.005)) < 1e-6, "%g", at(&a, 3, 1));
    forget(&a);
}

Test(solver, bake_says_never_where_it_takes_too_long)
{
    struct asked a = ASK("bake", "rate", "1 rpm", "weight", "1%", "base", "1%", "effect", "+0.1pp");
    cr_expect(strstr(a.solution.answer.text, "Never at this traffic") && isinf(at(&a, 3, 1)));
    forget(&a);
}

Test(solver, mde_and_bake_ask_the_same_thing)
{
    struct asked a = ASK("mde", "rate", "30 rps", "weight", "10%", "base", "0.5%", "bake", "10m",
                         "power", "90%");
    char effect[32];
    snprintf(effect, sizeof effect, "+%.12fpp", 100 * at(&a, 2, 2));
    struct asked b = ASK("bake", "rate", "30 rps", "weight", "10%", "base", "0.5%", "effect",
                         effect, "power", "90%");
    cr_expect(fabs(at(&b, 2, 1) - 600) < 0.01, "%g s", at(&b, 2, 1));
    forget(&a), forget(&b);
}

/* 837.3805 a group for 1 % and 3 %, alpha 5 %, power 90 % (R, statsmodels). */
Test(solver, sample_equals_what_other_programs_say)
{
    struct asked a = ASK("sample", "base", "1%", "effect", "+2pp", "alpha", "5%", "power", "90%");
    cr_expect(at(&a, 2, 1) == 838 && at(&a, 2, 2) == 838, "%g", at(&a, 2, 1));
    /* 598 requests without any failure tell of less than 0.5 %. */
    struct asked b = ASK("sample", "base", "0%", "effect", "+0.5pp");
    cr_expect(at(&b, 3, 3) == 598, "%g", at(&b, 3, 3));
    forget(&a), forget(&b);
}

/* 3600 requests a check, of which 0.1 % fail: a limit of 0.2 % is passed by Poi(3.6) > 7 up to the
 * variance of the denominator. */
Test(solver, threshold_is_the_smallest_that_keeps_the_rate)
{
    struct asked a = ASK("threshold", "rate", "600 rps", "weight", "10%", "base", "0.1%", "limit",
                         "0.2%", "checks", "20", "effect", "x2");
    double f = gsl_cdf_poisson_Q(7, 3.6), one = 1 - pow(1 - f, 20);
    cr_expect(fabs(at(&a, 0, 1) - one) < 0.05 * one, "%g, not %g", at(&a, 0, 1), one);
    size_t chosen = 0;
    while (at(&a, chosen, 1) > 0.01)
        chosen++;
    char said[40];
    snprintf(said, sizeof said, "threshold = %zu ", chosen + 1);
    cr_expect(strstr(a.solution.answer.text, said) != NULL, "%s", a.solution.answer.text);
    cr_expect(chosen > 0 && at(&a, chosen, 2) < at(&a, chosen - 1, 2));
    forget(&a);
}

/* P(Bin(5, f) > 1) with f = 0.2 is 0.26272: Argo's limit by hand. */
Test(solver, threshold_counts_as_argo_does)
{
    /* One request a check, which fails if it is an error: f = P(an error among them). */
    struct asked a = ASK("threshold", "rule", "argo", "rate", "100 rps", "weight", "100%", "base",
                         "1%", "limit", "1%", "checks", "5", "false_rollback", "20%");
    double none = at(&a, 0, 1), f = 1 - pow(1 - none, 0.2),
           two = 1 - pow(1 - f, 5) - 5 * f * pow(1 - f, 4);
    cr_expect(fabs(at(&a, 1, 1) - two) < 1e-9, "%g, not %g", at(&a, 1, 1), two);
    forget(&a);
}

Test(solver, delay_waits_until_the_cold_part_has_left_the_window)
{
    struct asked a = ASK("delay", "rate", "100 rps", "weight", "50%", "base", "0%", "cold_start",
                         "90s", "limit", "0%", "false_alarm", "0.001%", "cold_error_rate", "+50pp");
    /* Any cold request may fail, and nothing else does: the first look is after 60 s + 90 s. */
    cr_expect(strstr(a.solution.answer.text, "2m30s") != NULL, "%s", a.solution.answer.text);
    cr_expect(at(&a, 5, 2) == 0 && at(&a, 0, 2) > 0.999);
    forget(&a);
}

/* 100 answers: p99 is the 99th, and 0.99^100 = 36.6 % of readings hold no answer above it. */
Test(solver, metric_tells_between_which_quantiles_a_reading_lies)
{
    struct asked a = ASK("metric", "rate", "100 rps", "window", "1s");
    double low = at(&a, 0, 3), high = at(&a, 0, 4);
    cr_expect(fabs(gsl_cdf_binomial_Q(98, low, 100) - 0.025) < 1e-9, "%g", low);
    cr_expect(fabs(gsl_cdf_binomial_Q(98, high, 100) - 0.975) < 1e-9, "%g", high);
    forget(&a);
}

Test(solver, metric_tells_how_often_a_healthy_reading_is_above_the_limit)
{
    struct asked a = ASK("metric", "rate", "2 rps", "window", "10s", "quantile", "50%", "latency",
                         "exponential(mean=1s)", "limit", "1s");
    double sum = 0;
    for (unsigned n = 1; n < 80; n++)
        sum += gsl_ran_poisson_pdf(n, 20) * gsl_cdf_binomial_P((n + 1) / 2 - 1, 1 - exp(-1.0), n);
    cr_expect(fabs(at(&a, 0, 8) - sum) < 1e-9, "%g, not %g", at(&a, 0, 8), sum);
    forget(&a);
}

Test(solver, questions_without_an_answer_are_refused_with_the_reason)
{
    struct asked a =
        ASK("bake", "rate", "30 rps", "weight", "1%", "base", "1%", "effect", "-0.5pp");
    cr_expect(a.refused && strstr(a.err.text, "has to be above the base"), "%s", a.err.text);
    struct asked b = ASK("metric", "rate", "30 rps", "limit", "1s");
    cr_expect(b.refused && strstr(b.err.text, "needs the latency"), "%s", b.err.text);
    struct asked c = ASK("mde", "rate", "30 rps", "weight", "100%", "base", "1%", "bake", "10m");
    cr_expect(c.refused && strstr(c.err.text, "leaves no stable"), "%s", c.err.text);
    forget(&a), forget(&b), forget(&c);
}
