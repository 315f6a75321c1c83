/* Known answers of the statistics: tests, intervals, boundaries, closed forms.
 *
 * The file is {"cases": [{id, fn, inputs, output, expected, tol, tol_type, ...}, ...]}. `expected`
 * is a number, a list of numbers or a text; tol_type "abs" is |got - expected| <= tol, "rel"
 * |got - expected| <= tol |expected| (abs where expected is 0), "exact" equality; lists element by
 * element. Functions are found by name in the sections of stat_sections.def. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "tests/oracle/oracle.h"
#include "tests/oracle/stat.h"

static const struct stat_fn *const sections[] = {
#define STAT_SECTION(section) stat_##section,
#include "tests/oracle/stat_sections.def"
#undef STAT_SECTION
};
enum { SECTIONS = sizeof sections / sizeof sections[0], NAME = 200 };

bool stat_wants(const struct stat_case *c, const char *output)
{
    return strcmp(c->output, output) == 0;
}

void stat_list(struct stat_case *c, const char *output, const double *x, size_t n)
{
    if (!stat_wants(c, output))
        return;
    c->n = n;
    c->numbers = cm_arena_alloc(&c->in.memory, (n + 1) * sizeof *c->numbers);
    memcpy(c->numbers, x, n * sizeof *x);
}

void stat_number(struct stat_case *c, const char *output, double x)
{
    stat_list(c, output, &x, 1);
}

void stat_pair(struct stat_case *c, const char *output, double low, double high)
{
    const double pair[] = {low, high};
    stat_list(c, output, pair, 2);
}

void stat_text(struct stat_case *c, const char *output, const char *text)
{
    if (stat_wants(c, output))
        c->text = text;
}

struct cm_two_counts stat_two_counts(struct stat_case *c)
{
    uint64_t n0 = input_count(&c->in, "n_control"), n1 = input_count(&c->in, "n_canary");
    return (struct cm_two_counts){
        .x0 = input_count_to(&c->in, "x_control", n0),
        .n0 = n0,
        .x1 = input_count_to(&c->in, "x_canary", n1),
        .n1 = n1,
    };
}

struct cm_two_counts stat_counts_in(struct stat_case *c, const double *row, size_t columns)
{
    const double most = 9007199254740992; /* 2^53 */
    struct cm_two_counts none = {0};
    bool counts = columns == 4;
    for (size_t i = 0; i < columns; i++)
        counts &= row[i] >= 0 && row[i] <= most && row[i] == floor(row[i]);
    if (counts && row[0] <= row[1] && row[2] <= row[3])
        return (struct cm_two_counts){(uint64_t)row[0], (uint64_t)row[1], (uint64_t)row[2],
                                      (uint64_t)row[3]};
    inputs_fault(&c->in, "a row is not bad and all requests of control and canary");
    return none;
}

enum cm_alternative stat_alternative(struct stat_case *c)
{
    static const char *const names[] = {"greater", "less", "two-sided", NULL};
    static const enum cm_alternative alternatives[] = {CM_GREATER, CM_LESS, CM_TWO_SIDED};
    return alternatives[input_choice_or(&c->in, "alternative", names, 0)];
}

double stat_level(struct stat_case *c)
{
    double level = input_number_or(&c->in, "conf_level", 0.95);
    if (level > 0 && level < 1)
        return level;
    inputs_fault(&c->in, "\"conf_level\" is %g, outside (0, 1)", level);
    return 0.95;
}

enum tolerance { ABSOLUTE, RELATIVE, EXACT };

/* What a case says its answer has to be. */
struct expectation {
    const json_t *value;
    enum tolerance type;
    double tol;
};

static const char *type_name(enum tolerance type)
{
    static const char *const names[] = {"abs", "rel", "exact"};
    return names[type];
}

static bool holds(double got, double want, const struct expectation *e)
{
    if (isnan(got) || isnan(want))
        return isnan(got) && isnan(want);
    if (got == want || e->type == EXACT || isinf(want))
        return got == want;
    double room = e->type == RELATIVE && want != 0 ? e->tol * fabs(want) : e->tol;
    return fabs(got - want) <= room;
}

static void judge_text(const struct stat_case *c, const struct expectation *e, const char *name,
                       struct oracle_tally *tally)
{
    const char *want = json_is_string(e->value) ? json_string_value(e->value) : "a number";
    if (strcmp(c->text, want) == 0)
        oracle_passed(tally, name);
    else
        oracle_failed(tally, name, "expected %.60s, got %.60s", want, c->text);
}

/* A single number stands for a list of one. */
static void judge_numbers(const struct stat_case *c, const struct expectation *e, const char *name,
                          struct oracle_tally *tally)
{
    size_t n = json_is_array(e->value) ? json_array_size(e->value) : 1;
    if (n != c->n) {
        oracle_failed(tally, name, "expected %zu numbers, got %zu", n, c->n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double want;
        const json_t *item = json_is_array(e->value) ? json_array_get(e->value, i) : e->value;
        if (!input_value(item, &want)) {
            oracle_failed(tally, name, "\"expected\" is neither number nor text");
            return;
        }
        if (!holds(c->numbers[i], want, e)) {
            oracle_failed(tally, name, "[%zu] expected %.17g, got %.17g, tolerance %g %s", i, want,
                          c->numbers[i], e->tol, type_name(e->type));
            return;
        }
    }
    oracle_passed(tally, name);
}

static void judge(const struct stat_case *c, const struct expectation *e, const char *name,
                  struct oracle_tally *tally)
{
    if (c->in.wrong)
        oracle_failed(tally, name, "%s", c->in.err.text);
    else if (c->text != NULL)
        judge_text(c, e, name, tally);
    else if (c->n > 0)
        judge_numbers(c, e, name, tally);
    else
        oracle_skipped(tally, name, "this output of the function is not mapped");
}

static const struct stat_fn *find(const char *fn)
{
    for (int i = 0; i < SECTIONS; i++)
        for (const struct stat_fn *at = sections[i]; at->name != NULL; at++)
            if (strcmp(at->name, fn) == 0)
                return at;
    return NULL;
}

static int read_expectation(const json_t *item, struct expectation *e, struct cm_err *err)
{
    e->value = json_object_get(item, "expected");
    if (e->value == NULL)
        return cm_fail(err, "\"expected\" is missing");
    const char *type = oracle_text(item, "tol_type", err);
    if (type == NULL)
        return -1;
    for (e->type = ABSOLUTE; strcmp(type, type_name(e->type)) != 0; e->type++)
        if (e->type == EXACT)
            return cm_fail(err, "\"tol_type\" is \"%.60s\", not abs, rel or exact", type);
    e->tol = 0;
    if (e->type != EXACT && !(input_value(json_object_get(item, "tol"), &e->tol) && e->tol >= 0))
        return cm_fail(err, "\"tol\" is no number above or at 0");
    return 0;
}

/* One case; -1 with the reason if it is no case at all. */
static int run_case(const json_t *item, struct oracle_tally *tally, struct cm_err *err)
{
    struct expectation e;
    const char *id = oracle_text(item, "id", err);
    const char *fn = id != NULL ? oracle_text(item, "fn", err) : NULL;
    const char *output = fn != NULL ? oracle_text(item, "output", err) : NULL;
    const json_t *inputs = output != NULL ? oracle_member(item, "inputs", JSON_OBJECT, err) : NULL;
    if (inputs == NULL || read_expectation(item, &e, err))
        return -1;
    char name[NAME];
    snprintf(name, sizeof name, "%s %s", id, output);
    const struct stat_fn *found = find(fn);
    if (found == NULL) {
        char why[NAME];
        snprintf(why, sizeof why, "%s is not mapped", fn);
        oracle_skipped(tally, name, why);
        return 0;
    }
    struct stat_case c = {.in = {.object = inputs}, .output = output};
    found->answer(&c);
    judge(&c, &e, name, tally);
    inputs_release(&c.in);
    return 0;
}

int oracle_stat(const json_t *file, struct oracle_tally *tally, struct cm_err *err)
{
    gsl_set_error_handler_off(); /* it would abort where a result merely underflows */
    const json_t *cases = oracle_member(file, "cases", JSON_ARRAY, err);
    if (cases == NULL)
        return -1;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct cm_err inner;
        if (run_case(json_array_get(cases, i), tally, &inner)) {
            char name[NAME];
            snprintf(name, sizeof name, "cases[%zu]", i);
            oracle_failed(tally, name, "%s", inner.text);
        }
    }
    return 0;
}
