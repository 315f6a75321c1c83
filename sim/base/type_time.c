/* duration, rate: whole nanoseconds, and events per second.
 *
 * Durations are integers from the text on: 0.1s is exactly 100000000 ns, and a value that is not a
 * whole number of nanoseconds is rounded to the nearest. Only the range is compared in doubles, and
 * it ends (CM_MAX_DURATION) where they still tell neighbouring microseconds apart.
 *
 * A rate is a double, since 90 rpm are 1.5 a second. */
#include "sim/base/type.h"

#include <math.h>

/* "None" passes every range: it is not a length. */
static int duration_parse(const struct cm_param *row, const char *text, void *out,
                          struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    cm_time time = CM_NO_DURATION, *field = out;
    if (!cm_type_is_none(row, text)) {
        if (cm_units_read_time(text, &time, err))
            return -1;
        if ((double)time < row->min || (double)time > row->max) {
            /* the row's range is in nanoseconds, messages are in seconds */
            struct cm_param seconds = *row;
            seconds.min = row->min / 1e9;
            seconds.max = row->max / 1e9;
            return cm_type_range(&seconds, text, cm_seconds(time), CM_SECONDS, err);
        }
    }
    *field = time;
    return 0;
}

/* Exact, so that a resolved scenario is the same scenario. */
static void duration_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    cm_units_print_time(*(const cm_time *)value, to);
}

const struct cm_type cm_type_duration = {
    .name = "duration",
    .accepts = "5m, 250ms, 1h30m, 2d",
    .parse = duration_parse,
    .print = duration_print,
};

/* Ranges of rates are per second, whatever unit the text chose. */
static int rate_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    double value = NAN, *field = out;
    if (!cm_type_is_none(row, text) && (cm_units_read(text, CM_PER_SECOND, &value, err) ||
                                        cm_type_range(row, text, value, CM_PER_SECOND, err)))
        return -1;
    *field = value;
    return 0;
}

/* Printed per second where that is short: see units_print.c. */
static void rate_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    cm_units_print(*(const double *)value, CM_PER_SECOND, to);
}

const struct cm_type cm_type_rate = {
    .name = "rate",
    .accepts = "30 rps, 1k rps, 90 rpm, 600 rph",
    .parse = rate_parse,
    .print = rate_print,
};
