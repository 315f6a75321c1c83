/* change_prob, change_time, quantity: what a defect does to a value, and limits with their unit.
 *
 * A change is q -> times * q + plus, written as a factor and then a difference, either of which may
 * be left out: x3, +1.1pp, x2 -20ms, none.
 *
 * A difference must carry its sign. Without one, `error_rate = 2%` under a defect could mean "to
 * 2%" as well as "by 2 points", and whoever guesses is wrong half the time. For the same reason
 * `+1%` of an error rate is refused: it means one point to some and one percent more to others, a
 * factor of a hundred apart at a rate of 1%.
 *
 * A quantity keeps the unit it was written with: what a limit is held against (an error ratio, a
 * latency) is known only when its metric is. */
#include "sim/base/type.h"

#include <math.h>
#include <string.h>

enum { SHOWN = 60 };
/* Larger factors are slips of the keyboard; they also would overflow what they are applied to. */
static const double FACTOR_MAX = 1e6;

/* The factor at the front of *text, behind its x; *text moves behind it. */
static int parse_factor(const char **text, double *times, struct cm_err *err)
{
    char number[SHOWN + 1];
    size_t length = strcspn(*text + 1, " \t+");
    if (length > SHOWN)
        return cm_fail(err, "'%.60s' is no factor (x3, x0.5)", *text);
    /* The reader wants a terminated text. */
    memcpy(number, *text + 1, length);
    number[length] = '\0';
    if (cm_units_read(number, CM_PURE, times, err))
        return cm_fail(err, "'%.60s' is no factor (x3, x0.5)", *text);
    if (*times < 0 || *times > FACTOR_MAX)
        return cm_fail(err, "x%s is outside [x0, x%g]", number, FACTOR_MAX);
    *text += 1 + length;
    *text += strspn(*text, " \t");
    return 0;
}

/* The difference, which must carry its sign: an unsigned value looks like a replacement. */
static int parse_difference(const char *text, enum cm_unit unit, double *plus, struct cm_err *err)
{
    const char *examples =
        unit == CM_RATIO ? "x3, +1.1pp, -0.2pp, none" : "x3, +200ms, -20ms, none";
    if (*text != '+' && *text != '-')
        return cm_fail(err, "'%.60s' is no change (%s)", text, examples);
    if (unit == CM_RATIO && strspn(text, "+-.0123456789") == strcspn(text, "%"))
        return cm_fail(err, "'%.60s' is unclear (+1pp adds a percentage point, x1.01 is 1%% more)",
                       text);
    /* The reader would take the second one for the sign of the number. */
    if (text[1] == '+' || text[1] == '-')
        return cm_fail(err, "'%.60s' has two signs", text);
    return cm_units_read(text, unit, plus, err);
}

/* Positions of mistakes count from the start of the value, wherever the part begins. */
static int change_parse(const char *text, enum cm_unit unit, struct cm_change *out,
                        struct cm_err *err)
{
    const double most = unit == CM_RATIO ? 1 : CM_MAX_DURATION / 1e9;
    struct cm_change change = {.times = 1, .plus = 0};
    const char *rest = text;
    if (strcmp(text, "none") != 0) {
        if (*rest == 'x' && parse_factor(&rest, &change.times, err))
            return -1;
        /* A factor may stand alone; without one there has to be a difference. */
        if ((*rest || rest == text) && parse_difference(rest, unit, &change.plus, err)) {
            err->at += (size_t)(rest - text);
            return -1;
        }
        if (fabs(change.plus) > most)
            return cm_fail(err, "%.60s is more than %s", rest,
                           unit == CM_RATIO ? "100pp" : "a year");
    }
    *out = change;
    return 0;
}

/* Prints what parses back: a part that changes nothing is left out, and none stands for both. */
static void change_print(const struct cm_change *change, enum cm_unit unit, struct cm_writer to)
{
    if (change->times == 1 && change->plus == 0)
        cm_print(to, "none");
    if (change->times != 1) {
        cm_print(to, "x");
        cm_units_print(change->times, CM_PURE, to);
    }
    if (change->plus == 0)
        return;
    cm_print(to, "%s%s", change->times != 1 ? " " : "", change->plus > 0 ? "+" : "");
    if (unit == CM_RATIO)
        cm_units_print_points(change->plus, to);
    else
        cm_units_print(change->plus, unit, to);
}

static int change_prob_parse(const struct cm_param *row, const char *text, void *out,
                             struct cm_arena *arena, struct cm_err *err)
{
    (void)row;
    (void)arena;
    return change_parse(text, CM_RATIO, out, err);
}

static void change_prob_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    change_print(value, CM_RATIO, to);
}

const struct cm_type cm_type_change_prob = {
    .name = "change of a probability",
    .accepts = "x3, +1.1pp, -0.2pp, none",
    .parse = change_prob_parse,
    .print = change_prob_print,
};

static int change_time_parse(const struct cm_param *row, const char *text, void *out,
                             struct cm_arena *arena, struct cm_err *err)
{
    (void)row;
    (void)arena;
    return change_parse(text, CM_SECONDS, out, err);
}

static void change_time_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    change_print(value, CM_SECONDS, to);
}

const struct cm_type cm_type_change_time = {
    .name = "change of a time",
    .accepts = "x3, +200ms, -20ms, none",
    .parse = change_time_parse,
    .print = change_time_print,
};

/* No limit is negative: metrics are ratios, times and rates. */
static int quantity_parse(const struct cm_param *row, const char *text, void *out,
                          struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    struct cm_quantity quantity = {.value = NAN, .unit = CM_PURE}, *field = out;
    if (!cm_type_is_none(row, text) && cm_units_read_any(text, &quantity, err))
        return -1;
    if (quantity.value < 0)
        return cm_fail(err, "%.60s is below 0", text);
    *field = quantity;
    return 0;
}

static void quantity_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_quantity *quantity = value;
    cm_units_print(quantity->value, quantity->unit, to);
}

const struct cm_type cm_type_quantity = {
    .name = "quantity",
    .accepts = "1%, 500ms, 30 rps, 4",
    .parse = quantity_parse,
    .print = quantity_print,
};
