/* Bucket bounds as a list of durations: 5ms, 10ms, 25ms. A mistake points at its own bound. */
#include "sim/base/text.h"
#include "sim/base/type.h"
#include "sim/telemetry/metric.h"

enum { SHOWN = 40, BOUND_MAX_S = 86400 };

/* One bound that stands in `text`, after `last`. */
static int read_bound(const char *text, struct cm_slice part, double last, double *bound,
                      struct cm_arena *arena, struct cm_err *err)
{
    size_t at = (size_t)(part.at - text);
    int shown = part.length < SHOWN ? (int)part.length : SHOWN;
    struct cm_err why = {0};
    if (!part.length)
        return cm_fail_at(err, at, 1, "a bound is missing (5ms, 10ms, 25ms)");
    if (cm_units_read(cm_arena_text(arena, part.at, part.length), CM_SECONDS, bound, &why))
        return cm_fail_at(err, at + why.at, why.length ? why.length : part.length, "%s", why.text);
    if (*bound <= 0 || *bound > BOUND_MAX_S)
        return cm_fail_at(err, at, part.length, "%.*s is outside (0s, 1d]", shown, part.at);
    if (*bound <= last)
        return cm_fail_at(err, at, part.length, "%.*s is not above the bound before it", shown,
                          part.at);
    return 0;
}

/* Ascending bounds, as `le` labels must be. */
static int edges_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    struct cm_edges edges = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    double last = 0;
    while (!cm_type_is_none(row, text) && cm_slice_cut(&rest, ',', &part)) {
        if (edges.n == CM_EDGES_MAX)
            return cm_fail_at(err, (size_t)(part.at - text), part.length,
                              "a histogram has at most %d bounds", CM_EDGES_MAX);
        if (read_bound(text, part, last, &edges.bound[edges.n], arena, err))
            return -1;
        last = edges.bound[edges.n++];
    }
    *field = edges;
    return 0;
}

static void edges_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_edges *edges = value;
    if (edges->n == 0)
        cm_print(to, "none");
    for (size_t i = 0; i < edges->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        cm_units_print(edges->bound[i], CM_SECONDS, to);
    }
}

const struct cm_type cm_type_edges = {
    .name = "bounds",
    .accepts = "5ms, 10ms, 25ms, ascending",
    .parse = edges_parse,
    .print = edges_print,
};
