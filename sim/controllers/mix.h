/* Many verdicts, one label: the worst of them.
 *
 * Fail if any gate fails, else error, no data, undecided if any says so, else pass: the order of
 * enum cm_label. The gate that spoke is the first of the worst, one that is decisive before one
 * that is not; what it said is the mix's verdict. A pass is decisive if any of the passing gates is
 * (others, like limits, never are); a gate that is to have a say in this must not pass without
 * evidence. No gates at all pass, and are not decisive. */
#ifndef CM_MIX_H
#define CM_MIX_H

#include "sim/gates/gate.h"

struct cm_mix {
    struct cm_verdict verdict;
    int gate; /* that spoke; -1 = none asked */
};

static inline void cm_mix_start(struct cm_mix *mix)
{
    cm_verdict_set(&mix->verdict, CM_PASS, -1);
    mix->gate = -1;
}

/* The first gate speaks until a worse one, or one as bad and decisive, takes over. */
static inline void cm_mix_add(struct cm_mix *mix, int gate, const struct cm_verdict *verdict)
{
    const struct cm_verdict *so_far = &mix->verdict;
    bool worse = verdict->label > so_far->label;
    bool firmer = verdict->label == so_far->label && verdict->decisive && !so_far->decisive;
    if (mix->gate >= 0 && !worse && !firmer)
        return;
    mix->verdict = *verdict;
    mix->gate = gate;
}

#endif
