/* Reading and printing steps:
 *
 *     steps = step { "," step }     step = weight "/" bake | "100%"
 *
 * Weights ascend. A bake time may be left out only at 100 %: the release is promoted when that is
 * reached. A mistake points at its own step. */
#include "sim/controllers/type_steps.h"

#include "sim/base/reading.h"
#include "sim/base/type.h"

/* Moves an error of a part to where the part stands in the value. */
static int moved(const struct cm_reading *r, struct cm_slice part, const struct cm_err *why)
{
    return CM_FAIL_AT(r, cm_reading_wrong(part, why), "%s", why->text);
}

static int read_weight(const struct cm_reading *r, struct cm_slice part, double *weight)
{
    struct cm_err why = {0};
    if (cm_units_read(cm_arena_text(r->arena, part.at, part.length), CM_RATIO, weight, &why))
        return moved(r, part, &why);
    if (*weight <= 0 || *weight > 1)
        return CM_FAIL_AT(r, part, "weight %.*s is outside (0%%, 100%%]", cm_shown(part), part.at);
    return 0;
}

static int read_bake(const struct cm_reading *r, struct cm_slice part, cm_time *bake)
{
    struct cm_err why = {0};
    if (cm_units_read_time(cm_arena_text(r->arena, part.at, part.length), bake, &why))
        return moved(r, part, &why);
    if (*bake <= 0 || (double)*bake > CM_MAX_DURATION)
        return CM_FAIL_AT(r, part, "bake time %.*s is outside (0s, 1y]", cm_shown(part), part.at);
    return 0;
}

/* One step, appended to those before it. */
static int read_step(const struct cm_reading *r, struct cm_slice part, struct cm_steps *steps)
{
    struct cm_slice rest = part, weight = {0};
    size_t i = steps->n;
    if (!part.length)
        return cm_fail_at(r->err, (size_t)(part.at - r->text), 1,
                          "a step is missing (1%%/5m, 10%%/10m, 100%%)");
    cm_slice_cut(&rest, '/', &weight);
    if (read_weight(r, weight, &steps->step[i].weight))
        return -1;
    if (i > 0 && steps->step[i].weight <= steps->step[i - 1].weight)
        return CM_FAIL_AT(r, weight, "weight %.*s is not above the one before it", cm_shown(weight),
                          weight.at);
    if (rest.at && rest.length)
        return read_bake(r, cm_slice_trim(rest), &steps->step[steps->n++].bake);
    if (rest.at || steps->step[i].weight < 1)
        return CM_FAIL_AT(r, part, "step %.*s has no bake time (%.*s/5m)", cm_shown(part), part.at,
                          cm_shown(weight), weight.at);
    steps->n++;
    return 0;
}

static int steps_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    (void)row;
    const struct cm_reading r = {text, arena, err};
    struct cm_steps steps = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    while (cm_slice_cut(&rest, ',', &part)) {
        if (steps.n == CM_STEPS_MAX)
            return CM_FAIL_AT(&r, part, "a rollout has at most %d steps", CM_STEPS_MAX);
        if (read_step(&r, part, &steps))
            return -1;
    }
    *field = steps;
    return 0;
}

static void steps_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_steps *steps = value;
    for (size_t i = 0; i < steps->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        cm_units_print(steps->step[i].weight, CM_RATIO, to);
        if (steps->step[i].bake) {
            cm_print(to, "/");
            cm_units_print_time(steps->step[i].bake, to);
        }
    }
}

const struct cm_type cm_type_steps = {
    .name = "steps",
    .accepts = "1%/5m, 10%/10m, 100%",
    .parse = steps_parse,
    .print = steps_print,
};
