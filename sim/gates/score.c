/* A score: what share of several checks passes, by weight.
 *
 *     score = weights of the parts that pass / weights of the parts that pass or fail
 *
 * It passes from `pass_at` on, fails below `fail_below`, and is undecided between them, as
 * Kayenta's canary score is a pass, marginal or a fail. Parts without an answer (no data, error,
 * undecided) do not count (missing = ignore), or count as fails; if none has one, the worst of them
 * speaks. A check that must pass whatever the others say belongs beside the score, in an `any`.
 *
 * A score knows nothing of chance but what its parts do. */
#include "sim/gates/parts.h"
#include "sim/gates/type_weights.h"

enum missing { IGNORE, FAILS };
static const char *const missings[] = {"ignore", "fail", NULL};

struct options {
    struct cm_refs of;
    struct cm_weights weights;
    double pass_at, fail_below;
    int missing;
};

static const struct cm_param params[] = {
    CM_PARTS(struct options, of, "The gates that are scored."),
    CM_WEIGHTS(struct options, weights, "none", 0, 1e6,
               "What each of them weighs, in their order; none = all the same."),
    CM_PROB(struct options, pass_at, "95%", 0, 1, "The score from which on it passes."),
    CM_PROB(struct options, fail_below, "75%", 0, 1, "The score below which it fails."),
    CM_CHOICE(struct options, missing, "ignore", missings,
              "Whether a part without an answer is left out of the score or counts as a fail."),
    CM_PARAMS_END,
};

enum rule { FINE, LOW, MARGINAL, NO_ANSWER };
static const char *const rules[] = {
    [FINE] = "the score is high enough",
    [LOW] = "the score is below fail_below",
    [MARGINAL] = "the score is between fail_below and pass_at",
    [NO_ANSWER] = "none of its parts has an answer",
    NULL,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->fail_below > o->pass_at)
        return cm_fail(err, "fail_below (%g) must not be above pass_at (%g)", o->fail_below,
                       o->pass_at);
    return cm_weights_check(&o->weights, o->of.n, err);
}

/* Rounding must not decide at a limit: 0.95 of weights like 0.05 is meant exactly. */
static const double SLACK = 1e-9;

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    double passed = 0, counted = 0;
    (void)state;
    for (size_t i = 0; i < look->n_parts; i++) {
        enum cm_label label = look->parts[i]->label;
        bool answers = label == CM_PASS || label == CM_FAIL || o->missing == FAILS;
        double share = cm_weights_share(&o->weights, i, look->n_parts);
        counted += answers ? share : 0;
        passed += label == CM_PASS ? share : 0;
    }
    if (!(counted > 0))
        return cm_verdict_of(look->parts[cm_parts_worst(look)]->label, NO_ANSWER);
    double score = passed / counted;
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    if (score < o->fail_below - SLACK)
        v = cm_verdict_of(CM_FAIL, LOW);
    else if (score < o->pass_at - SLACK)
        v = cm_verdict_of(CM_UNDECIDED, MARGINAL);
    v.why.scale = CM_SCALE_COUNT;
    v.why.value = score;
    v.why.limit = v.label == CM_FAIL ? o->fail_below : o->pass_at;
    return v;
}

const struct cm_gate cm_gate_score = {
    .kind = {.name = "score",
             .summary = "The weighted share of its parts that pass.",
             .source = "Kayenta's canary score",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "fail_below",
    .rules = rules,
    .needs = cm_parts_needs,
    .look = look,
};
