/* How laws are written, printed and refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "sim/service/law.h"

static struct cm_arena arena;
static struct cm_buffer printed;

static void release(void)
{
    cm_arena_release(&arena);
    cm_buffer_release(&printed);
}
TestSuite(type_law, .fini = release);

static const struct cm_param row = {.name = "latency", .type = &cm_type_law};
static const struct cm_param optional = {.name = "latency", .type = &cm_type_law, .dflt = "none"};

static const char *print(const struct cm_law *law)
{
    cm_buffer_clear(&printed);
    cm_type_law.print(&row, law, cm_buffer_writer(&printed));
    return printed.text;
}

Test(type_law, what_is_printed_is_canonical_and_reads_back)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"lognormal(median=120ms,sigma=0.6)", "lognormal(median=120ms, sigma=0.6)"},
        {" lognormal ( sigma = 6e-1 , median = 0.12s ) ", "lognormal(median=120ms, sigma=0.6)"},
        {"uniform(high=1m)", "uniform(low=0s, high=1m)"},
        {"fixed(value=0)", "fixed(value=0s)"},
        {"100% fixed(value=90s)", "fixed(value=1m30s)"},
        {"99%lognormal(median=120ms,sigma=0.6)+1%pareto(scale=1s,alpha=2.5)",
         "99% lognormal(median=120ms, sigma=0.6) + 1% pareto(scale=1s, alpha=2.5)"},
        {"0.1% exponential(mean=1s) + 99.9 % gamma(mean=10ms, shape=2)",
         "0.1% exponential(mean=1s) + 99.9% gamma(mean=10ms, shape=2)"},
        {"10% weibull(scale=1s, shape=1) + 20% weibull(scale=2s, shape=2) + 70% fixed(value=1s)",
         "10% weibull(scale=1s, shape=1) + 20% weibull(scale=2s, shape=2) + 70% fixed(value=1s)"},
        {"empirical(file=a b.csv, unit=ms)",
         "empirical(file=a b.csv, column=none, levels=none, unit=ms)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_law law;
        struct cm_err err;
        cr_assert_eq(cm_param_set(&row, &law, cases[i].text, &arena, &err), 0, "%s: %s",
                     cases[i].text, err.text);
        cr_expect_str_eq(print(&law), cases[i].canonical);
        cr_assert_eq(cm_param_set(&row, &law, cases[i].canonical, &arena, &err), 0, "%s", err.text);
        cr_expect_str_eq(print(&law), cases[i].canonical);
    }
}

Test(type_law, none_is_no_law_where_the_default_is_none)
{
    struct cm_law law = {.n = 3};
    struct cm_err err;
    cr_assert_eq(cm_param_set(&optional, &law, "none", &arena, &err), 0);
    cr_expect_eq(law.n, 0);
    cr_expect_str_eq(print(&law), "none");
    cr_expect_eq(cm_param_set(&row, &law, "none", &arena, &err), -1);
}

/* `wrong` is the part of the text that the error points at; NULL = all of it. */
static const struct {
    const char *text, *says, *wrong;
} refused[] = {
    {"120ms", "fixed(value=...)", "120ms"},
    {"lognorml(median=1s, sigma=1)", "did you mean 'lognormal'?", "lognorml"},
    {"zipf(s=2)", "one of: lognormal, gamma", "zipf"},
    {"LOGNORMAL(median=1s, sigma=1)", "did you mean 'lognormal'?", "LOGNORMAL"},
    {"lognormal", "in parentheses: lognormal(median=..., ...)", "lognormal"},
    {"lognormal(median=1s, sigma=1", "does not end with a parenthesis",
     "lognormal(median=1s, sigma=1"},
    {"lognormal(median=1s, sigma=1) x", "does not end with a parenthesis",
     "lognormal(median=1s, sigma=1) x"},
    {"lognormal()", "lognormal needs median=...", "lognormal()"},
    {"lognormal(median=1s)", "lognormal needs sigma=...", "lognormal(median=1s)"},
    {"lognormal(median=1s, sgima=1)", "did you mean 'sigma'?", "sgima"},
    {"exponential(x=1s)", "it has: mean", "x"},
    {"lognormal(median=1s, sigma=-1)", "outside [0.001, 5]", "-1"},
    {"lognormal(median=120, sigma=1)", "a unit is needed", "120"},
    {"lognormal(sigma=1, median=5 parsec)", "unknown unit", "parsec"},
    {"lognormal(median=1s, median=2s, sigma=1)", "given twice", NULL},
    {"lognormal(median=, sigma=1)", "has no value", "median="},
    {"lognormal(1s, 0.6)", "write a key and a value (median=...)", "1s"},
    {"lognormal(median=1s,, sigma=1)", "missing here", NULL},
    {"lognormal(median=1s, sigma=1,)", "missing here", NULL},
    {"pareto(scale=1s, alpha=1)", "outside [1.05, 100]", "1"},
    {"uniform(low=2s, high=1s)", "below high", "uniform(low=2s, high=1s)"},
    {"99% fixed(value=1s)", "add to 99%", NULL},
    {"60% fixed(value=1s) + 60% fixed(value=2s)", "add to 120%", NULL},
    {"fixed(value=1s) + fixed(value=2s)", "add to 200%", NULL},
    {"0% fixed(value=1s) + 100% fixed(value=2s)", "weight", "0%"},
    {"-5% fixed(value=1s) + 105% fixed(value=2s)", "weight", "-5%"},
    {"x% fixed(value=1s)", "unknown law 'x'", "x"},
    {"99% + 1% fixed(value=1s)", "a law is missing", "99%"},
    {"fixed(value=1s) +", "a law is missing", NULL},
    {"+", "a law is missing", NULL},
    {"()", "a law is missing", "()"},
    {"))((", "a law is missing", "))(("},
    {"%", "a law is missing", "%"},
    {"nan% fixed(value=1s)", "unknown law 'nan'", "nan"},
    {"10% fixed(value=1s)+10% fixed(value=1s)+10% fixed(value=1s)+10% fixed(value=1s)+"
     "10% fixed(value=1s)+10% fixed(value=1s)+40% fixed(value=9s)",
     "at most 6 parts", "40% fixed(value=9s)"},
    {"empirical(file=x.csv, unit=min)", "unit of empirical", "min"},
    {"empirical()", "empirical needs file=...", "empirical()"},
    {"\xff\xfe(\x01)", "a law is missing", NULL},
};

Test(type_law, mistakes_are_named_and_pointed_at)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct cm_law law;
        struct cm_err err = {0};
        const char *text = refused[i].text, *wrong = refused[i].wrong;
        cr_expect_eq(cm_param_set(&row, &law, text, &arena, &err), -1, "accepted: %s", text);
        cr_expect(strstr(err.text, refused[i].says) != NULL, "%s: %s", text, err.text);
        cr_expect(err.at + err.length <= strlen(text), "%s: at %zu + %zu", text, err.at,
                  err.length);
        if (wrong)
            cr_expect(err.length == strlen(wrong) && !memcmp(text + err.at, wrong, err.length),
                      "%s: points at '%.*s'", text, (int)err.length, text + err.at);
        cr_expect_neq(err.text[strlen(err.text) - 1], '.', "%s", err.text);
    }
}

/* Every prefix and every one-byte change of a good law is read or refused, never worse. */
Test(type_law, damaged_texts_never_crash)
{
    static const char good[] =
        "99% lognormal(median=120ms, sigma=0.6) + 1% pareto(scale=1s, alpha=2.5)";
    static const char junk[] = "()=,+%. \x80z0";
    char text[sizeof good];
    struct cm_law law;
    struct cm_err err;
    for (size_t i = 0; i < sizeof good; i++) {
        memcpy(text, good, sizeof good);
        text[i] = '\0';
        cm_param_set(&row, &law, text, &arena, &err);
        for (size_t j = 0; i < sizeof good - 1 && j < sizeof junk - 1; j++) {
            memcpy(text, good, sizeof good);
            text[i] = junk[j];
            if (!cm_param_set(&row, &law, text, &arena, &err))
                cr_expect(isfinite(law.mean) && law.longest > 0, "%s", text);
        }
    }
}

Test(type_law, a_very_long_text_is_refused_in_short_words)
{
    char text[20001];
    struct cm_law law;
    struct cm_err err;
    for (const char *c = "a(=+%1"; *c; c++) {
        memset(text, *c, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        cr_expect_eq(cm_param_set(&row, &law, text, &arena, &err), -1);
        cr_expect_lt(strlen(err.text), 300u, "%s", err.text);
    }
}

Test(type_law, every_kind_documents_itself)
{
    for (size_t i = 0; cm_law_kinds[i]; i++) {
        const struct cm_kind *kind = &cm_law_kinds[i]->kind;
        cr_expect(kind->name && kind->summary && kind->source);
        cr_expect_neq(kind->prepare == NULL, cm_law_kinds[i]->derive == NULL, "%s", kind->name);
        for (const struct cm_param *p = kind->params; p->name; p++)
            cr_expect(p->help && p->help[strlen(p->help) - 1] == '.', "%s.%s", kind->name, p->name);
    }
}
