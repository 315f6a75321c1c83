/* Reading and printing steps:
 *
 *     steps = step { "," step }     step = weight "/" bake | "100%"
 *
 * Weights ascend. A bake time may be left out only at 100 %: the release is promoted when that is
 * reached. A mistake points at its own step. */
#include "sim/controllers/type_steps.h"

#include "sim/base/text.h"
#include "sim/base/type.h"

enum { SHOWN = 40 };

/* What is being read: the whole value, for positions, and where its pieces go. */
struct reading {
    const char *text;
    struct cm_arena *arena;
    struct cm_err *err;
};

static int shown(struct cm_slice s)
{
    return s.length < SHOWN ? (int)s.length : SHOWN;
}

/* Says what is wrong about `slice`, a part of the value that is being read. */
#define FAIL_AT(r, slice, ...)                                                                     \
    cm_fail_at((r)->err, (size_t)((slice).at - (r)->text), (slice).length, __VA_ARGS__)

/* Moves an error of a part to where the part stands in the value. */
static int moved(const struct reading *r, struct cm_slice part, const struct cm_err *why)
{
    struct cm_slice wrong = part;
    if (why->length)
        wrong = (struct cm_slice){part.at + why->at, why->length};
    return FAIL_AT(r, wrong, "%s", why->text);
}

static int read_weight(const struct reading *r, struct cm_slice part, double *weight)
{
    struct cm_err why = {0};
    if (cm_units_read(cm_arena_text(r->arena, part.at, part.length), CM_RATIO, weight, &why))
        return moved(r, part, &why);
    if (*weight <= 0 || *weight > 1)
        return FAIL_AT(r, part, "weight %.*s is outside (0%%, 100%%]", shown(part), part.at);
    return 0;
}

static int read_bake(const struct reading *r, struct cm_slice part, cm_time *bake)
{
    struct cm_err why = {0};
    if (cm_units_read_time(cm_arena_text(r->arena, part.at, part.length), bake, &why))
        return moved(r, part, &why);
    if (*bake <= 0 || (double)*bake > CM_MAX_DURATION)
        return FAIL_AT(r, part, "bake time %.*s is outside (0s, 1y]", shown(part), part.at);
    return 0;
}

/* One step, appended to those before it. */
static int read_step(const struct reading *r, struct cm_slice part, struct cm_steps *steps)
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
        return FAIL_AT(r, weight, "weight %.*s is not above the one before it", shown(weight),
                       weight.at);
    if (rest.at && rest.length)
        return read_bake(r, cm_slice_trim(rest), &steps->step[steps->n++].bake);
    if (rest.at || steps->step[i].weight < 1)
        return FAIL_AT(r, part, "step %.*s has no bake time (%.*s/5m)", shown(part), part.at,
                       shown(weight), weight.at);
    steps->n++;
    return 0;
}

static int steps_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    (void)row;
    const struct reading r = {text, arena, err};
    struct cm_steps steps = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(text), part;
    while (cm_slice_cut(&rest, ',', &part)) {
        if (steps.n == CM_STEPS_MAX)
            return FAIL_AT(&r, part, "a rollout has at most %d steps", CM_STEPS_MAX);
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
