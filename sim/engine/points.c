/* Rows of one room, moved together when it is full. */
#include "sim/engine/points.h"

#include <string.h>

#include "sim/base/mem.h"

static size_t rows_of(const struct cm_points *s)
{
    return s->n_metrics * s->n_versions;
}

void cm_points_init(struct cm_points *s, cm_time step, size_t n_metrics, size_t n_versions)
{
    *s = (struct cm_points){
        .step = step, .next = CM_NEVER, .n_metrics = n_metrics, .n_versions = n_versions};
    s->shown = step > 0 ? cm_alloc(n_metrics * sizeof *s->shown) : NULL;
}

void cm_points_release(struct cm_points *s)
{
    cm_free(s->values);
    cm_free(s->shown);
    s->values = NULL;
    s->shown = NULL;
}

void cm_points_begin(struct cm_points *s, cm_time now)
{
    s->n = 0;
    s->next = s->step > 0 ? cm_later(now, s->step) : CM_NEVER;
}

static void grow(struct cm_points *s)
{
    size_t room = s->room > 0 ? 2 * s->room : 64;
    double *values = cm_alloc(room * rows_of(s) * sizeof *values);
    for (size_t row = 0; s->n > 0 && row < rows_of(s); row++)
        memcpy(values + row * room, s->values + row * s->room, s->n * sizeof *values);
    cm_free(s->values);
    s->values = values;
    s->room = room;
}

void cm_points_add(struct cm_points *s)
{
    if (s->n == s->room)
        grow(s);
    s->n++;
    s->next = cm_later(s->next, s->step);
}

static double *row_of(const struct cm_points *s, size_t metric, size_t version)
{
    return s->values + (metric * s->n_versions + version) * s->room;
}

void cm_points_set(struct cm_points *s, size_t metric, const struct cm_signal *signal)
{
    for (size_t v = 0; v < s->n_versions; v++)
        row_of(s, metric, v)[s->n - 1] = signal->value[v];
}

const struct cm_signal_series *cm_points_show(struct cm_points *s, size_t metric)
{
    struct cm_signal_series *shown = &s->shown[metric];
    for (size_t v = 0; v < s->n_versions; v++) {
        shown->value[v] = s->n > 0 ? row_of(s, metric, v) : NULL;
        shown->n[v] = s->n;
    }
    shown->at = s->n > 0 ? s->next - s->step : 0;
    return shown;
}
