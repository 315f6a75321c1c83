/* One objection is enough: the worst of several gates speaks.
 *
 *     fail if a part fails, else error, no data or undecided if a part says so, else pass
 *
 * which is what a policy makes of its list of gates; as a gate it can be a part of others. A fail
 * is decisive if a part that fails is, a pass if a part is.
 *
 * The chances of false rollbacks of the parts add up: with m parts at alpha each, up to m alpha
 * (holm and e_average keep one alpha). As CodeDeploy's alarms and Datadog's gates are combined. */
#include "sim/gates/parts.h"

struct options {
    struct cm_refs of;
};

static const struct cm_param params[] = {
    CM_PARTS(struct options, of, "The gates of which one is enough to object."),
    CM_PARAMS_END,
};

enum rule { FINE, OBJECTION, UNSURE };
static const char *const rules[] = {
    [FINE] = "none of its parts objects",
    [OBJECTION] = "one of its parts fails",
    [UNSURE] = "none of its parts fails, and one cannot say",
    NULL,
};

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    (void)options, (void)state;
    struct cm_verdict v = *look->parts[cm_parts_worst(look)];
    v.rule = v.label == CM_FAIL ? OBJECTION : v.label == CM_PASS ? FINE : UNSURE;
    return v;
}

const struct cm_gate cm_gate_any = {
    .kind = {.name = "any",
             .summary = "Fails if any of its parts fails.",
             .source = "how CodeDeploy combines alarms",
             .params = params,
             .options_size = sizeof(struct options)},
    .rules = rules,
    .needs = cm_parts_needs,
    .look = look,
};
