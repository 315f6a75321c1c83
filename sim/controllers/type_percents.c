/* Reading and printing whole percents; a mistake points at its own number. In programs whose
 * weights are integers a step is found by equality, so that 2.5% would be another list. */
#include "sim/controllers/type_percents.h"

#include <math.h>
#include <string.h>

#include "sim/base/reading.h"
#include "sim/base/type.h"

/* 0.07 is not 7 hundredths exactly, but nearer to them than anybody writes another share. */
static const double SLACK = 1e-9;

int cm_percents_of(double share)
{
    double percent = round(share * 100);
    return fabs(share * 100 - percent) < SLACK * (1 + percent) ? (int)percent : -1;
}

static int read_percent(const struct cm_param *row, const struct cm_reading *r,
                        struct cm_slice part, int *percent)
{
    struct cm_err why = {0};
    double share;
    if (!part.length)
        return cm_fail_at(r->err, (size_t)(part.at - r->text), 1,
                          "a weight is missing (1%%, 5%%, 20%%)");
    const char *text = cm_arena_text(r->arena, part.at, part.length);
    if (cm_units_read(text, CM_RATIO, &share, &why) ||
        cm_type_range(row, text, share, CM_RATIO, &why))
        return CM_FAIL_AT(r, cm_reading_wrong(part, &why), "%s", why.text);
    *percent = cm_percents_of(share);
    if (*percent < 0)
        return CM_FAIL_AT(r, part, "%.*s is no whole number of percents", cm_shown(part), part.at);
    return 0;
}

static int percents_parse(const struct cm_param *row, const char *text, void *out,
                          struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_percents list = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    while (!cm_type_is_none(row, text) && cm_slice_cut(&rest, ',', &part)) {
        if (list.n == CM_PERCENTS_MAX)
            return CM_FAIL_AT(&r, part, "at most %d weights", CM_PERCENTS_MAX);
        if (read_percent(row, &r, part, &list.percent[list.n]))
            return -1;
        list.n++;
    }
    *field = list;
    return 0;
}

static void percents_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_percents *list = value;
    for (size_t i = 0; i < list->n; i++)
        cm_print(to, "%s%d%%", i ? ", " : "", list->percent[i]);
    if (list->n == 0)
        cm_print(to, "none");
}

const struct cm_type cm_type_percents = {
    .name = "percents",
    .accepts = "1%, 5%, 20%",
    .parse = percents_parse,
    .print = percents_print,
};
