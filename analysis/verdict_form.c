/* Harm is said in the words of the defect: failures where it makes requests fail, slow answers
 * where it only slows them and an objective is set, else the requests that it reached. */
#include "analysis/verdict_form.h"

#include <math.h>

static struct cm_verdict_part part_of(const struct cm_results *r, int release)
{
    if (cm_results_harmless(r, release))
        return (struct cm_verdict_part){.good = true};
    const struct cm_defect *effect = &r->scenario->defects[release].effect;
    if (effect->error_rate.times != 1 || effect->error_rate.plus != 0)
        return (struct cm_verdict_part){false, "blast_radius.failures", "failures\n(mean)"};
    if (effect->kpi.n > 0)
        return (struct cm_verdict_part){false, "blast_radius.kpi", "KPI lost\n(mean)"};
    if (r->scenario->service.latency_slo != CM_NO_DURATION)
        return (struct cm_verdict_part){false, "blast_radius.slow", "slow\n(mean)"};
    return (struct cm_verdict_part){false, "blast_radius.requests", "requests\n(mean)"};
}

struct cm_verdict_form cm_verdict_form_of(const struct cm_results *first, struct cm_arena *arena)
{
    struct cm_verdict_part *releases = cm_arena_alloc(arena, first->n_releases * sizeof *releases);
    for (int release = -1; release + 1 < (int)first->n_releases; release++)
        releases[release + 1] = part_of(first, release);
    return (struct cm_verdict_form){releases, !isnan(first->scenario->service.slo),
                                    first->smallest != NULL};
}

const struct cm_verdict_part *cm_verdict_form_part(const struct cm_verdict_form *form, int release)
{
    return &form->releases[release + 1];
}
