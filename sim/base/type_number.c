/* prob, number, count: ratios, pure numbers and whole numbers, and what all types share.
 *
 * A range is closed and its message says both ends in the unit in which the value is written:
 * `150% is outside [0%, 100%]`. The value itself is quoted as the user wrote it, so that it is
 * found again in the file. A row whose upper end is infinite has only a lower one to name.
 *
 * "None" is stored as a value that no text gives: NAN for doubles, UINT64_MAX for counts (the
 * reader of counts stops at 2^63). */
#include "sim/base/type.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The default decides: where it is "none", a value may be absent, and nowhere else. */
bool cm_type_is_none(const struct cm_param *row, const char *text)
{
    return row->dflt && strcmp(row->dflt, "none") == 0 && strcmp(text, "none") == 0;
}

/* NAN is outside every range, because it fails both comparisons. */
int cm_type_range(const struct cm_param *row, const char *text, double value, enum cm_unit unit,
                  struct cm_err *err)
{
    if (value >= row->min && value <= row->max)
        return 0;
    /* With an open end, "outside [1, inf]" would be a riddle. */
    struct cm_buffer range = {0};
    struct cm_writer to = cm_buffer_writer(&range);
    cm_print(to, isinf(row->max) ? "below " : "outside [");
    cm_units_print(row->min, unit, to);
    if (!isinf(row->max)) {
        cm_print(to, ", ");
        cm_units_print(row->max, unit, to);
        cm_print(to, "]");
    }
    cm_fail(err, "%.60s is %s", text, range.text);
    cm_buffer_release(&range);
    return -1;
}

/* prob and number differ only in the unit that they want. */
static int parse_double(const struct cm_param *row, const char *text, enum cm_unit unit,
                        double *out, struct cm_err *err)
{
    double value = NAN;
    if (!cm_type_is_none(row, text) &&
        (cm_units_read(text, unit, &value, err) || cm_type_range(row, text, value, unit, err)))
        return -1;
    *out = value;
    return 0;
}

static int prob_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    return parse_double(row, text, CM_RATIO, out, err);
}

static void prob_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    cm_units_print(*(const double *)value, CM_RATIO, to);
}

const struct cm_type cm_type_prob = {
    .name = "probability",
    .accepts = "10%, 0.1%, 0.5pp",
    .parse = prob_parse,
    .print = prob_print,
};

static int number_parse(const struct cm_param *row, const char *text, void *out,
                        struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    return parse_double(row, text, CM_PURE, out, err);
}

static void number_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    cm_units_print(*(const double *)value, CM_PURE, to);
}

const struct cm_type cm_type_number = {
    .name = "number",
    .accepts = "0.6, 1e-3",
    .parse = number_parse,
    .print = number_print,
};

/* Counts are compared as doubles: above 2^53 a limit is as coarse as they are, which is finer than
 * any limit that a row sets there. */
static int count_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    int64_t count = 0;
    uint64_t *field = out;
    if (cm_type_is_none(row, text)) {
        *field = UINT64_MAX;
        return 0;
    }
    if (cm_units_read_count(text, &count, err) ||
        cm_type_range(row, text, (double)count, CM_PURE, err))
        return -1;
    if (count < 0) /* whatever the row allows: the field has no sign */
        return cm_fail(err, "%.60s is below 0", text);
    *field = (uint64_t)count;
    return 0;
}

static void count_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    uint64_t count = *(const uint64_t *)value;
    if (count == UINT64_MAX)
        cm_print(to, "none");
    else
        cm_print(to, "%" PRIu64, count);
}

const struct cm_type cm_type_count = {
    .name = "count",
    .accepts = "2000, 2k, 1M",
    .parse = count_parse,
    .print = count_print,
};
