/* Reading and printing a list of rate ratios; a mistake points at its own ratio. */
#include "sim/gates/type_ratios.h"

#include <string.h>

#include "sim/base/text.h"
#include "sim/base/type.h"

static bool is_listed(const struct cm_ratios *list, double ratio)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->ratio[i] == ratio)
            return true;
    return false;
}

/* The ratio written in `text`, whose part in the whole value begins at `at`. */
static int read_ratio(const struct cm_param *row, const char *text, size_t at, double *ratio,
                      struct cm_err *err)
{
    struct cm_err why = {0};
    size_t length = strlen(text);
    if (!length)
        return cm_fail_at(err, at, 1, "a ratio is missing (1.5, 2, 5)");
    if (!cm_units_read(text, CM_PURE, ratio, &why) &&
        !cm_type_range(row, text, *ratio, CM_PURE, &why))
        return 0;
    return cm_fail_at(err, at + why.at, why.length ? why.length : length, "%s", why.text);
}

/* The list in the order in which it was written: it prints as it read. */
static int ratios_parse(const struct cm_param *row, const char *text, void *out,
                        struct cm_arena *arena, struct cm_err *err)
{
    struct cm_ratios list = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    while (cm_slice_cut(&rest, ',', &part)) {
        size_t at = (size_t)(part.at - text);
        const char *word = cm_arena_text(arena, part.at, part.length);
        double ratio = 0;
        if (list.n == CM_RATIOS_MAX)
            return cm_fail_at(err, at, part.length, "at most %d ratios are mixed", CM_RATIOS_MAX);
        if (read_ratio(row, word, at, &ratio, err))
            return -1;
        if (is_listed(&list, ratio))
            return cm_fail_at(err, at, part.length, "%.40s stands twice", word);
        list.ratio[list.n++] = ratio;
    }
    *field = list;
    return 0;
}

static void ratios_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_ratios *list = value;
    for (size_t i = 0; i < list->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        cm_units_print(list->ratio[i], CM_PURE, to);
    }
}

const struct cm_type cm_type_ratios = {
    .name = "ratios",
    .accepts = "1.25, 1.5, 2, 3",
    .parse = ratios_parse,
    .print = ratios_print,
};
