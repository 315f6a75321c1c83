/* All must object: the best of several gates speaks.
 *
 *     pass if a part passes, else undecided, no data or error if a part says so, else fail
 *
 * so that one gate vetoes the objections of the others: a limit that fails only while a test says
 * that it is no accident. The dual of `any`: what is not known stays not known as long as it could
 * still turn the verdict. A fail is decisive if all parts are.
 *
 * The chance of a false rollback is at most that of the strictest part; so is the power. */
#include "sim/gates/parts.h"

struct options {
    struct cm_refs of;
};

static const struct cm_param params[] = {
    CM_PARTS(struct options, of, "The gates that must all object."),
    CM_PARAMS_END,
};

enum rule { FINE, OBJECTIONS, UNSURE };
static const char *const rules[] = {
    [FINE] = "one of its parts does not object",
    [OBJECTIONS] = "all of its parts fail",
    [UNSURE] = "none of its parts passes, and one cannot say",
    NULL,
};

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    (void)options, (void)state;
    struct cm_verdict v = *look->parts[cm_parts_best(look)];
    v.rule = v.label == CM_FAIL ? OBJECTIONS : v.label == CM_PASS ? FINE : UNSURE;
    if (v.label == CM_FAIL)
        v.decisive = cm_parts_decisive(look, CM_FAIL) == look->n_parts;
    return v;
}

const struct cm_gate cm_gate_all = {
    .kind = {.name = "all",
             .summary = "Fails only if all of its parts fail.",
             .source = "house rule",
             .params = params,
             .options_size = sizeof(struct options)},
    .rules = rules,
    .needs = cm_parts_needs,
    .look = look,
};
