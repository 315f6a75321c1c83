/* The worst label speaks; see the header. */
#include "sim/controllers/mix.h"

struct cm_mix cm_mix_start(void)
{
    return (struct cm_mix){.verdict = cm_verdict_of(CM_PASS, -1), .gate = -1};
}

/* The first gate speaks until a worse one, or one as bad and decisive, takes over. */
void cm_mix_add(struct cm_mix *mix, int gate, const struct cm_verdict *verdict)
{
    const struct cm_verdict *so_far = &mix->verdict;
    bool worse = verdict->label > so_far->label;
    bool firmer = verdict->label == so_far->label && verdict->decisive && !so_far->decisive;
    if (mix->gate < 0 || worse || firmer)
        *mix = (struct cm_mix){.verdict = *verdict, .gate = gate};
}
