/* One type I error for several tests: their p-values adjusted for each other.
 *
 * It fails if at least `rejected` of the parts' hypotheses are, at the level alpha after adjustment
 * (multiplicity.h): by Holm's method, which holds under any dependence, by Hochberg's (independent
 * tests), or by Benjamini and Hochberg's, which bounds the share of false ones among them. With
 * one, Holm's is Bonferroni's: the smallest p against alpha / m; more ask for company. What the
 * parts' own alpha says plays no part.
 *
 * A part without a p-value counts as 1. The p-value of a test for one look is meant for one look
 * here, too; those of gates of evidence hold at all looks. Sources: Holm 1979; Hochberg 1988;
 * Benjamini and Hochberg 1995. */
#include <math.h>

#include "sim/gates/parts.h"
#include "sim/stats/multiplicity.h"

enum { PARTS_MAX = 8 };
enum method { HOLM, HOCHBERG, BENJAMINI };
static const char *const methods[] = {"holm", "hochberg", "benjamini", NULL};

struct options {
    struct cm_refs of;
    double alpha;
    int method;
    uint64_t rejected;
};

static const struct cm_param params[] = {
    CM_PARTS(struct options, of, "The gates whose p-values are adjusted."),
    CM_PROB(struct options, alpha, "1%", 1e-9, 0.5,
            "Chance that any part whose arms do not differ is rejected (benjamini: mean share of "
            "such parts among the rejected)."),
    CM_CHOICE(struct options, method, "holm", methods, "How p-values are adjusted."),
    CM_COUNT(struct options, rejected, "1", 1, PARTS_MAX,
             "How many parts have to be rejected for it to fail."),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, NO_ANSWER };
static const char *const rules[] = {
    [FINE] = "too few of the adjusted p-values are at or below alpha",
    [WORSE] = "as many of the adjusted p-values as it takes are at or below alpha",
    [NO_ANSWER] = "none of its parts has a p-value",
    NULL,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->rejected > o->of.n)
        return cm_fail(err, "rejected = %d of %zu parts", (int)o->rejected, o->of.n);
    return 0;
}

/* The p below which there are `rank` of them, from 1; 1 where there are not so many. */
static double ranked(const double *p, size_t n, size_t rank)
{
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, ties = 0;
        for (size_t k = 0; k < n; k++) {
            below += p[k] < p[i];
            ties += p[k] == p[i];
        }
        if (below < rank && rank <= below + ties)
            return p[i];
    }
    return 1;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_adjustment how[] = {CM_ADJUST_HOLM, CM_ADJUST_HOCHBERG,
                                             CM_ADJUST_BENJAMINI};
    const struct options *o = options;
    double p[PARTS_MAX];
    size_t known = 0, n = look->n_parts;
    (void)state;
    for (size_t i = 0; i < n; i++) {
        p[i] = look->parts[i]->why.p;
        known += isnan(p[i]) ? 0 : 1;
    }
    if (known == 0)
        return cm_verdict_of(look->parts[cm_parts_worst(look)]->label, NO_ANSWER);
    cm_multiplicity_adjust(how[o->method], p, n, p);
    double least = ranked(p, n, o->rejected);
    bool fails = least <= o->alpha;
    struct cm_verdict v = cm_verdict_of(fails ? CM_FAIL : CM_PASS, fails ? WORSE : FINE);
    v.decisive = fails;
    v.why.scale = CM_SCALE_P;
    v.why.value = v.why.p = least;
    v.why.limit = o->alpha;
    return v;
}

const struct cm_gate cm_gate_holm = {
    .kind = {.name = "holm",
             .summary = "The p-values of its parts, adjusted for each other, against one alpha.",
             .source = "Holm 1979; Hochberg 1988; Benjamini and Hochberg 1995",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .needs = cm_parts_needs,
    .look = look,
    .gives = CM_GIVES_P,
    .takes = CM_GIVES_P,
};
