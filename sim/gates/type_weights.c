/* Reading and printing a list of weights; a mistake points at its own weight. */
#include "sim/gates/type_weights.h"

#include <string.h>

#include "sim/base/text.h"
#include "sim/base/type.h"

static int read_weight(const struct cm_param *row, const char *text, size_t at, double *weight,
                       struct cm_err *err)
{
    struct cm_err why = {0};
    size_t length = strlen(text);
    if (!length)
        return cm_fail_at(err, at, 1, "a weight is missing (1, 1, 2)");
    if (!cm_units_read(text, CM_PURE, weight, &why) &&
        !cm_type_range(row, text, *weight, CM_PURE, &why))
        return 0;
    return cm_fail_at(err, at + why.at, why.length ? why.length : length, "%s", why.text);
}

static int weights_parse(const struct cm_param *row, const char *text, void *out,
                         struct cm_arena *arena, struct cm_err *err)
{
    struct cm_weights list = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    while (strcmp(text, "none") != 0 && cm_slice_cut(&rest, ',', &part)) {
        size_t at = (size_t)(part.at - text);
        if (list.n == CM_WEIGHTS_MAX)
            return cm_fail_at(err, at, part.length, "at most %d weights", CM_WEIGHTS_MAX);
        if (read_weight(row, cm_arena_text(arena, part.at, part.length), at, &list.weight[list.n],
                        err))
            return -1;
        list.n++;
    }
    *field = list;
    return 0;
}

static void weights_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_weights *list = value;
    for (size_t i = 0; i < list->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        cm_units_print(list->weight[i], CM_PURE, to);
    }
    if (list->n == 0)
        cm_print(to, "none");
}

const struct cm_type cm_type_weights = {
    .name = "weights",
    .accepts = "1, 1, 2",
    .parse = weights_parse,
    .print = weights_print,
};

int cm_weights_check(const struct cm_weights *w, size_t parts, struct cm_err *err)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += w->weight[i];
    if (w->n > 0 && w->n != parts)
        return cm_fail(err, "weights: %zu for %zu parts", w->n, parts);
    if (w->n > 0 && !(sum > 0))
        return cm_fail(err, "weights: all are 0");
    return 0;
}

double cm_weights_share(const struct cm_weights *w, size_t i, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < w->n; k++)
        sum += w->weight[k];
    return w->n > 0 ? w->weight[i] / sum : 1 / (double)n;
}
