/* Laws that are read from files. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "sim/service/law.h"

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(empirical, .fini = release);

/* A source of one file; `self` is its text. */
static int read_memory(void *self, const char *path, const char *relative_to,
                       struct cm_arena *where, const char **text, size_t *length,
                       const char **resolved, struct cm_err *err)
{
    if (strcmp(path, "data.csv") != 0 || strcmp(relative_to, "shop.ini") != 0)
        return cm_fail(err, "%s does not exist", path);
    *length = strlen(self);
    *text = cm_arena_text(where, self, *length);
    *resolved = path;
    return 0;
}

static int load(struct cm_law *law, const char *value, char *file, struct cm_err *err)
{
    static const struct cm_param row = {.name = "latency", .type = &cm_type_law};
    struct cm_source source = {.self = file, .read = read_memory};
    cr_assert_eq(cm_param_set(&row, law, value, &arena, err), 0, "%s: %s", value, err->text);
    cr_assert(isnan(law->mean), "a law that names a file is not ready before it is read");
    return cm_law_prepare(law, &source, "shop.ini", &arena, err);
}

static struct cm_law loaded(const char *value, char *file)
{
    struct cm_law law;
    struct cm_err err;
    cr_assert_eq(load(&law, value, file, &err), 0, "%s", err.text);
    return law;
}

/* Samples 1, 2, 4, 8 s: knots at levels 0, 1/3, 2/3, 1; mean (1.5 + 3 + 6) / 3. */
static char four[] = "id,latency\n# a comment\n7,4\n8,1s\r\n\n9, 8000ms\n10,\"2\"\n";

Test(empirical, samples_give_a_piecewise_linear_cdf)
{
    struct cm_law law = loaded("empirical(file=data.csv, column=latency)", four);
    static const double x[] = {0, 1, 1.5, 2, 3, 4, 8, 9};
    static const double p[] = {0, 0, 1. / 6, 1. / 3, 0.5, 2. / 3, 1, 1};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, x[i]), p[i], 1e-15), "at %g", x[i]);
        cr_expect(epsilon_eq(dbl, cm_law_tail(&law, x[i]), 1 - p[i], 1e-15), "at %g", x[i]);
    }
    cr_expect(epsilon_eq(dbl, cm_law_mean(&law), 3.5, 1e-15));
    /* up to 3: 1/3 at 1.5 on average, 1/6 at 2.5 */
    cr_expect(epsilon_eq(dbl, cm_law_partial_mean(&law, 3), 0.5 + 2.5 / 6, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0.5), 3, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 1), 8, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0), 1, 1e-15));
    cr_expect(epsilon_eq(dbl, law.longest, 8, 1e-10));
}

Test(empirical, ties_are_jumps)
{
    char text[] = "t\n5\n5\n5\n1\n9\n";
    struct cm_law law = loaded("empirical(file=data.csv, unit=ms)", text);
    cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, 0.004999999), 0.25, 1e-6));
    cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, 0.005), 0.75, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0.6), 0.005, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_mean(&law), (0.003 + 0.005 * 2 + 0.007) / 4, 1e-15));
}

Test(empirical, samples_that_are_all_equal_are_a_fixed_duration)
{
    char text[] = "t\n3\n3\n3\n";
    struct cm_law law = loaded("empirical(file=data.csv)", text);
    cr_expect_eq(cm_law_cdf(&law, 2.9), 0);
    cr_expect_eq(cm_law_cdf(&law, 3), 1);
    cr_expect_eq(cm_law_quantile(&law, 0.4), 3);
    cr_expect(epsilon_eq(dbl, cm_law_outflow(&law, 5), 2, 1e-14));
}

Test(empirical, a_table_of_quantiles_begins_at_zero_unless_it_says)
{
    char text[] = "q\tms\n50%\t100\n0.9\t200\n1\t1000\n";
    struct cm_law law = loaded("empirical(file=data.csv, column=ms, levels=q, unit=ms)", text);
    cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, 0.05), 0.25, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, 0.15), 0.7, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0.95), 0.6, 1e-12));
    cr_expect(epsilon_eq(dbl, cm_law_mean(&law), 0.5 * 0.05 + 0.4 * 0.15 + 0.1 * 0.6, 1e-15));
    char from_ten[] = "q,s\n0,10\n1,20\n";
    law = loaded("empirical(file=data.csv, column=s, levels=q)", from_ten);
    cr_expect_eq(cm_law_cdf(&law, 10), 0);
}

Test(empirical, a_file_may_be_a_part_of_a_mixture)
{
    struct cm_law law =
        loaded("50% empirical(file=data.csv, column=latency) + 50% fixed(value=1s)", four);
    cr_expect(epsilon_eq(dbl, cm_law_mean(&law), 2.25, 1e-14));
    cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, 1), 0.5, 1e-15));
}

Test(empirical, outflow_is_the_integral_of_the_cdf)
{
    struct cm_law law = loaded("empirical(file=data.csv, column=latency)", four);
    double sum = 0, h = 1e-3; /* the midpoint rule is exact between knots */
    for (int i = 0; i < 10000; i++)
        sum += h * cm_law_cdf(&law, (i + 0.5) * h);
    cr_expect(epsilon_eq(dbl, cm_law_outflow(&law, 10), sum, 1e-11));
}

Test(empirical, mistakes_name_file_and_line)
{
    static const struct {
        const char *value;
        char text[60];
        const char *says;
    } cases[] = {
        {"empirical(file=data.csv)", "", "is empty"},
        {"empirical(file=data.csv)", "0.1\n0.2\n", "data.csv:1: the first line must name"},
        {"empirical(file=data.csv)", "t\n0.1\n", "has 1 rows"},
        {"empirical(file=data.csv)", "t\n0.1\n\nfast\n", "data.csv:4: "},
        {"empirical(file=data.csv)", "t\n0.1\n-2\n", "data.csv:3: -2 s is outside"},
        {"empirical(file=data.csv)", "t\n0.1\n2%\n", "data.csv:3: a duration is expected"},
        {"empirical(file=data.csv)", "t\n0.1\n1e300\n", "data.csv:3: "},
        {"empirical(file=data.csv, column=ms)", "t,mss\n1,2\n", "did you mean 'mss'?"},
        {"empirical(file=data.csv, column=latency)", "t,u\n1,2\n", "names them: t,u"},
        {"empirical(file=data.csv, column=u)", "t,u\n1,2\n3\n", "data.csv:3: field 2 is missing"},
        {"empirical(file=data.csv, levels=q)", "t,q\n1,0.5\n2,0.9\n", "ends at level 0.9"},
        {"empirical(file=data.csv, levels=q)", "t,q\n1,0.5\n2,0.5\n3,1\n", "data.csv:3: levels"},
        {"empirical(file=data.csv, levels=q)", "t,q\n2,0.5\n1,0.6\n3,1\n", "data.csv:3: levels"},
        {"empirical(file=data.csv, levels=q)", "t,q\n2,0.5\n3,50\n", "data.csv:3: a level"},
        {"empirical(file=none.csv)", "", "none.csv does not exist"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_law law;
        struct cm_err err = {0};
        char text[60];
        memcpy(text, cases[i].text, sizeof text);
        cr_expect_eq(load(&law, cases[i].value, text, &err), -1, "%s", text);
        cr_expect(strstr(err.text, cases[i].says) != NULL, "%s: %s", text, err.text);
    }
}

Test(empirical, damaged_files_never_crash)
{
    struct cm_err err;
    struct cm_law law;
    char text[sizeof four];
    for (size_t i = 0; i < sizeof four - 1; i++) {
        for (const char *c = ",\n\"-#\x80%e"; *c; c++) {
            memcpy(text, four, sizeof four);
            text[i] = *c;
            if (!load(&law, "empirical(file=data.csv, column=latency)", text, &err))
                cr_expect(isfinite(cm_law_quantile(&law, 0.5)), "%s", text);
        }
    }
}
