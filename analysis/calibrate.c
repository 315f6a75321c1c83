/* A value is tried by a copy of the scenario in which the gate, or the policy, has other options;
 * all else is shared. Doubles are bisected on a logarithm, to four digits and rounded to the strict
 * side; counts are bisected as they are. */
#include "analysis/calibrate.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/results.h"
#include "sim/base/mem.h"

enum { TRIED_MAX = 160 };
static const double digits = 1e-4; /* relative */
static const double least = 1e-9;  /* where a range begins at 0 */
static const uint64_t most_counted = 1000000;

struct search {
    const struct cm_calibrate *ask;
    const struct cm_param *row;
    struct cm_scenario changed; /* a shallow copy */
    const struct cm_kind *kind; /* whose option it is */
    void *owners, *options;     /* copies: of the list that the owner stands in, of its options */
    bool whole, rises;
    double low, high;                 /* ends of the range */
    struct cm_tried tried[TRIED_MAX]; /* ascending */
    size_t n_tried;
};

/* A number of any kind. */
static const struct cm_param *number_of(const struct cm_kind *kind, const char *name)
{
    const struct cm_type *const types[] = {&cm_type_prob, &cm_type_number, &cm_type_count,
                                           &cm_type_quantity, &cm_type_duration};
    const struct cm_param *row = name ? cm_param_find(kind->params, name) : NULL;
    for (size_t i = 0; row && i < sizeof types / sizeof types[0]; i++)
        if (row->type == types[i])
            return row;
    return NULL;
}

const struct cm_param *cm_calibrate_row(const struct cm_gate *gate, const char *name)
{
    const struct cm_param *row = number_of(&gate->kind, name ? name : gate->tunable);
    return row && row->offset >= gate->controllers ? row : NULL;
}

/* Those that make a plan of their options at load would have to make another. */
const struct cm_param *cm_calibrate_policy_row(const struct cm_controller *controller,
                                               const char *name)
{
    bool plans = controller->kind.prepare || controller->bind;
    return plans ? NULL : number_of(&controller->kind, name);
}

/* Whose option is moved: its kind, its options and its name. */
static const struct cm_kind *owner_of(const struct cm_calibrate *ask, const void **options,
                                      const char **name)
{
    const struct cm_named_policy *policy = &ask->scenario->policies[ask->policy];
    const struct cm_named_gate *gate = ask->gate < 0 ? NULL : &ask->scenario->gates[ask->gate];
    *options = gate ? gate->options : policy->options;
    *name = gate ? gate->name : policy->name;
    return gate ? &gate->gate->kind : &policy->controller->kind;
}

void cm_calibrate_name(const struct cm_calibrate *ask, struct cm_writer to)
{
    const void *options;
    const char *name;
    owner_of(ask, &options, &name);
    cm_print(to, "%s.%s.%s", ask->gate < 0 ? "policy" : "gate", name, ask->row->name);
}

/* --- one value --- */

/* What the gate works out of its options at load (gates read no files). */
static void derive(const struct search *s)
{
    struct cm_err err = {0};
    int bad = s->kind->prepare ? s->kind->prepare(s->options, NULL, NULL, NULL, &err) : 0;
    assert(!bad);
    (void)bad;
}

static void set_value(const struct search *s, double value)
{
    char *field = (char *)s->options + s->row->offset;
    if (s->whole)
        *(uint64_t *)(void *)field = (uint64_t)value;
    else if (s->row->type == &cm_type_quantity)
        ((struct cm_quantity *)(void *)field)->value = value;
    else if (s->row->type == &cm_type_duration)
        *(cm_time *)(void *)field = (cm_time)(value * CM_SECOND);
    else
        *(double *)(void *)field = value;
    derive(s);
}

static double get_value(const struct search *s)
{
    const char *field = (const char *)s->options + s->row->offset;
    if (s->whole)
        return (double)*(const uint64_t *)(const void *)field;
    if (s->row->type == &cm_type_quantity)
        return ((const struct cm_quantity *)(const void *)field)->value;
    if (s->row->type == &cm_type_duration)
        return (double)*(const cm_time *)(const void *)field / CM_SECOND;
    return *(const double *)(const void *)field;
}

/* Plays the policy against a release (-1 = healthy) and counts rows that were rolled back in the
 * sense that matters of it. */
static int play(struct search *s, int release, uint64_t *x)
{
    const struct cm_calibrate *ask = s->ask;
    struct cm_cell cell = {
        .plan = {.scenario = &s->changed, .policy = ask->policy, .release = release, .strength = 1},
        .replications = ask->scenario->run.replications,
    };
    cell.rows = cm_alloc((size_t)(cell.replications + 1) * sizeof *cell.rows);
    int status = ask->runner.run(ask->runner.self, &cell, 1);
    *x = 0;
    for (uint64_t i = 0; i < cell.replications && !status; i++)
        *x += release < 0 ? cell.rows[i].end == CM_ROLLED_BACK : cell.rows[i].detected;
    cm_free(cell.rows);
    return status;
}

/* Tries a value, unless it has been; -1 if the runner stopped. */
static int try_value(struct search *s, double value, struct cm_tried *result)
{
    size_t i = 0;
    while (i < s->n_tried && s->tried[i].value < value)
        i++;
    if (i < s->n_tried && s->tried[i].value == value) {
        *result = s->tried[i];
        return 0;
    }
    *result = (struct cm_tried){value, 0, s->ask->scenario->run.replications};
    set_value(s, value);
    if (play(s, -1, &result->x))
        return -1;
    assert(s->n_tried < TRIED_MAX);
    memmove(&s->tried[i + 1], &s->tried[i], (s->n_tried - i) * sizeof *s->tried);
    s->tried[i] = *result;
    s->n_tried++;
    return 0;
}

/* --- bisection --- */

/* Four digits, so that what is found can be written down; toward `strict`. */
static double round_value(const struct search *s, double value, double strict)
{
    if (s->whole)
        return floor(value);
    double unit = pow(10, floor(log10(value)) - 3);
    double rounded = (strict < value ? floor(value / unit) : ceil(value / unit)) * unit;
    char text[32];
    snprintf(text, sizeof text, "%.4g", rounded);
    sscanf(text, "%lf", &rounded);
    return fmin(fmax(rounded, s->low), s->high);
}

/* A value between two others; false when there is none that could be written differently. */
static bool between(const struct search *s, double a, double b, double *middle)
{
    if (s->whole) {
        *middle = floor((a + b) / 2);
        if (*middle > 10 * a + 10) /* small counts are where the answer lies */
            *middle = floor(sqrt((a + 1) * (b + 1)));
        return *middle > a && *middle < b;
    }
    if (b / a < 1 + 2 * digits)
        return false;
    *middle = round_value(s, sqrt(a * b), a);
    return *middle > a && *middle < b;
}

/* The values on both sides of the step at which the count exceeds `x`: kept[0] does not, kept[1]
 * does. They start as the nearest that have been tried. */
static int bisect(struct search *s, double x, double width, struct cm_tried kept[2])
{
    kept[0] = kept[1] = s->tried[s->rises ? 0 : s->n_tried - 1];
    for (size_t i = 0; i < s->n_tried && (double)kept[1].x <= x; i++) {
        kept[0] = kept[1];
        kept[1] = s->tried[s->rises ? i : s->n_tried - 1 - i];
    }
    if ((double)kept[1].x <= x)
        kept[0] = kept[1];
    for (;;) {
        double a = fmin(kept[0].value, kept[1].value), b = fmax(kept[0].value, kept[1].value);
        double middle;
        struct cm_tried t;
        if (b / a < width || !between(s, a, b, &middle))
            return 0;
        if (try_value(s, middle, &t))
            return -1;
        kept[(double)t.x > x] = t;
    }
}

/* --- what is asked --- */

/* A limit has no range of its own: three orders of magnitude around what is written. */
static void set_range(struct search *s)
{
    const char *field = (const char *)s->options + s->row->offset;
    const struct cm_quantity *written = (const void *)field;
    const double around = 1000;
    s->low = written->value / around;
    s->high = written->value * around;
    if (written->unit == CM_RATIO)
        s->high = fmin(s->high, 1);
}

/* Which leaves no range around 0 or none. */
bool cm_calibrate_has_range(const struct cm_calibrate *ask)
{
    const void *options;
    const char *name;
    owner_of(ask, &options, &name);
    const char *field = (const char *)options + ask->row->offset;
    return ask->row->type != &cm_type_quantity ||
           ((const struct cm_quantity *)(const void *)field)->value > 0;
}

/* A copy of the list of gates, or of policies, with other options in its place. */
static void put_options(struct search *s)
{
    const struct cm_scenario *scenario = s->ask->scenario;
    if (s->ask->gate < 0) {
        struct cm_named_policy *policies = cm_alloc(scenario->n_policies * sizeof *policies);
        memcpy(policies, scenario->policies, scenario->n_policies * sizeof *policies);
        policies[s->ask->policy].options = s->options;
        s->owners = policies;
        s->changed.policies = policies;
    } else {
        struct cm_named_gate *gates = cm_alloc(scenario->n_gates * sizeof *gates);
        memcpy(gates, scenario->gates, scenario->n_gates * sizeof *gates);
        gates[s->ask->gate].options = s->options;
        s->owners = gates;
        s->changed.gates = gates;
    }
}

static void begin(struct search *s, const struct cm_calibrate *ask)
{
    const void *written;
    const char *name;
    *s = (struct search){.ask = ask, .row = ask->row, .changed = *ask->scenario};
    s->kind = owner_of(ask, &written, &name);
    s->whole = s->row->type == &cm_type_count;
    s->options = cm_alloc(s->kind->options_size);
    memcpy(s->options, written, s->kind->options_size);
    put_options(s);
    s->low = s->whole || s->row->min > least ? s->row->min : least;
    s->high = s->whole ? fmin(s->row->max, (double)most_counted) : s->row->max;
    if (s->row->type == &cm_type_duration)
        s->low = fmax(s->row->min / CM_SECOND, least), s->high = s->row->max / CM_SECOND;
    if (s->row->type == &cm_type_quantity)
        set_range(s);
}

static void end(struct search *s)
{
    cm_free(s->owners);
    cm_free(s->options);
}

/* Both ends: which way the rate goes, and whether it passes the asked one at all. */
static int find_way(struct search *s, double written, struct cm_calibration *c)
{
    struct cm_tried low, high;
    if (try_value(s, s->low, &low) || try_value(s, s->high, &high))
        return -1;
    if (low.x == high.x) { /* nothing depends on it: it stays as it is */
        bool within = written >= s->low && written <= s->high;
        if (try_value(s, within ? written : s->low, &low))
            return -1;
        high = low;
    }
    s->rises = c->rises = high.x >= low.x;
    struct cm_tried few = s->rises ? low : high, many = s->rises ? high : low;
    double x = s->ask->rate * (double)few.n;
    c->how = (double)few.x > x    ? CM_CALIBRATED_NEVER
             : (double)many.x > x ? CM_CALIBRATED_FOUND
                                  : CM_CALIBRATED_ALWAYS;
    c->found = c->how == CM_CALIBRATED_NEVER ? few : many;
    c->next = c->found;
    return 0;
}

/* The value, then coarser the two that bound it. */
static int find_value(struct search *s, struct cm_calibration *c)
{
    const double z = 1.959963984540054, coarse = 1.01;
    double n = (double)s->ask->scenario->run.replications, x = s->ask->rate * n;
    double spread = z * sqrt(x * (1 - s->ask->rate));
    struct cm_tried kept[2], few[2], many[2];
    if (bisect(s, x, 1, kept) || bisect(s, fmax(0, x - spread), coarse, few) ||
        bisect(s, x + spread, coarse, many))
        return -1;
    c->found = kept[0], c->next = kept[1];
    c->low = fmin(few[0].value, many[0].value);
    c->high = fmax(few[0].value, many[0].value);
    return 0;
}

/* On seeds that the value was not chosen by: a chosen one looks a little better than it is. */
static int validate(struct search *s, struct cm_calibration *c, double written)
{
    const double values[2] = {written, c->found.value};
    s->changed.run.seed++;
    for (int v = 0; v < 2; v++) {
        set_value(s, values[v]);
        uint64_t x;
        if (v == 1) {
            if (play(s, -1, &x))
                return -1;
            c->fresh = (struct cm_tried){c->found.value, x, s->ask->scenario->run.replications};
        }
        for (size_t i = 0; i < s->changed.n_defects && i < CM_CALIBRATE_DEFECTS; i++) {
            if (play(s, (int)i, &x))
                return -1;
            c->detected[v][i] = (double)x / (double)s->ask->scenario->run.replications;
        }
    }
    return 0;
}

/* As a user would write it. */
static void write_value(struct search *s, double value, char text[40])
{
    struct cm_buffer buffer = {0};
    if (isnan(value))
        return;
    set_value(s, value);
    s->row->type->print(s->row, (const char *)s->options + s->row->offset,
                        cm_buffer_writer(&buffer));
    snprintf(text, 40, "%s", buffer.text);
    cm_buffer_release(&buffer);
}

static void write_values(struct search *s, struct cm_calibration *c)
{
    write_value(s, c->found.value, c->text.found);
    write_value(s, c->next.value, c->text.next);
    write_value(s, c->low, c->text.low);
    write_value(s, c->high, c->text.high);
}

int cm_calibrate(const struct cm_calibrate *ask, struct cm_calibration *result)
{
    struct search s;
    *result = (struct cm_calibration){.low = NAN, .high = NAN};
    begin(&s, ask);
    double written = get_value(&s);
    int status = find_way(&s, written, result);
    if (!status && result->how == CM_CALIBRATED_FOUND)
        status = find_value(&s, result);
    if (!status)
        status = validate(&s, result, written);
    if (!status)
        write_values(&s, result);
    end(&s);
    return status;
}
