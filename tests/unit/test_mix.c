/* Mixing verdicts: the worst label speaks (decisions of the model: fail, error, no data, undecided,
 * pass). */
#include <criterion/criterion.h>

#include "sim/controllers/mix.h"

static struct cm_mix mix_of(size_t n, const struct cm_verdict *verdicts)
{
    struct cm_mix mix;
    cm_mix_start(&mix);
    for (size_t i = 0; i < n; i++)
        cm_mix_add(&mix, (int)i, &verdicts[i]);
    return mix;
}

static struct cm_verdict said(enum cm_label label, bool decisive, int rule)
{
    struct cm_verdict v = cm_verdict_of(label, rule);
    v.decisive = decisive;
    v.why.value = rule;
    return v;
}

Test(mix, the_worst_label_speaks_whatever_the_order)
{
    static const enum cm_label worst_first[] = {CM_FAIL, CM_GATE_ERROR, CM_NO_DATA, CM_UNDECIDED,
                                                CM_PASS};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++) {
            const struct cm_verdict two[] = {said(worst_first[a], false, 10),
                                             said(worst_first[b], false, 11)};
            struct cm_mix mix = mix_of(2, two);
            cr_expect(mix.verdict.label == worst_first[a < b ? a : b]);
            cr_expect(mix.gate == (b < a ? 1 : 0), "%d %d: gate %d", a, b, mix.gate);
            cr_expect(mix.verdict.rule == 10 + mix.gate && mix.verdict.why.value == 10 + mix.gate);
        }
}

Test(mix, among_equals_the_decisive_gate_speaks_then_the_first)
{
    const struct cm_verdict fails[] = {said(CM_FAIL, false, 0), said(CM_FAIL, true, 1),
                                       said(CM_FAIL, true, 2)};
    struct cm_mix mix = mix_of(3, fails);
    cr_expect(mix.gate == 1 && mix.verdict.decisive);
}

Test(mix, a_pass_is_decisive_if_any_gate_is_and_none_objects)
{
    const struct cm_verdict both[] = {said(CM_PASS, false, 0), said(CM_PASS, true, 1)};
    cr_expect(mix_of(2, both).verdict.decisive);
    const struct cm_verdict held[] = {said(CM_PASS, true, 0), said(CM_UNDECIDED, false, 1)};
    cr_expect(!mix_of(2, held).verdict.decisive && mix_of(2, held).verdict.label == CM_UNDECIDED);
    const struct cm_verdict failed[] = {said(CM_FAIL, false, 0), said(CM_PASS, true, 1)};
    cr_expect(mix_of(2, failed).verdict.label == CM_FAIL);
}

Test(mix, no_gates_pass_without_evidence)
{
    struct cm_mix mix;
    cm_mix_start(&mix);
    cr_expect(mix.verdict.label == CM_PASS && !mix.verdict.decisive && mix.gate == -1);
}
