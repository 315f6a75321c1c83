/* The plan behind the questions that compare error ratios. */
#include "analysis/solve_compared.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/words.h"

const char *const cm_compared_names[] = {
    [CM_COMPARED_STABLE] = "stable",
    [CM_COMPARED_BASELINE] = "baseline",
    [CM_COMPARED_KNOWN] = "known",
    NULL,
};

struct cm_event_plan cm_compared_plan(const struct cm_compared_options *o)
{
    const double control[] = {
        [CM_COMPARED_STABLE] = 1 - o->weight,
        [CM_COMPARED_BASELINE] = o->weight,
        [CM_COMPARED_KNOWN] = 0,
    };
    return (struct cm_event_plan){
        .control_share = control[o->control],
        .canary_share = o->weight,
        .rate = o->rate,
        .p0 = o->base,
        .p1 = o->base,
        .alpha = o->alpha,
    };
}

int cm_compared_check(const struct cm_compared_options *o, struct cm_err *err)
{
    if (o->control == CM_COMPARED_STABLE && o->weight >= 1)
        return cm_fail(err, "a weight of 100%% leaves no stable to compare with (control = known, "
                            "or a smaller weight)");
    if (o->control == CM_COMPARED_BASELINE && o->weight > 0.5)
        return cm_fail(err, "a baseline as large as the canary needs a weight of at most 50%%");
    return 0;
}

int cm_compared_effect(double base, const struct cm_change *change, double *p1, struct cm_err *err)
{
    *p1 = change->times * base + change->plus;
    if (*p1 <= base)
        return cm_fail(err,
                       "the effect leaves the error ratio at %.4g%%: it has to be above the "
                       "base of %.4g%%",
                       100 * *p1, 100 * base);
    if (*p1 > 1)
        return cm_fail(err, "the effect makes the error ratio %.4g%%, above 100%%", 100 * *p1);
    return 0;
}

void cm_compared_say_traffic(const struct cm_compared_options *o, struct cm_writer to)
{
    cm_print(to, "at ");
    cm_words_share(o->weight, to);
    cm_print(to, " of ");
    cm_words_rate(o->rate, to);
}

size_t cm_compared_powers(double asked, double powers[CM_COMPARED_POWERS])
{
    static const double usual[] = {0.5, 0.8, 0.9, 0.95, 0.99};
    size_t n = 0;
    bool shown = false;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (!shown && asked <= usual[i]) {
            shown = true;
            if (asked < usual[i])
                powers[n++] = asked;
        }
        powers[n++] = usual[i];
    }
    if (!shown)
        powers[n++] = asked;
    return n;
}

const char *cm_compared_method(const struct cm_compared_options *o)
{
    if (o->control == CM_COMPARED_KNOWN)
        return "Exact, no simulation: the errors of the canary are Poisson, and the test rejects "
               "at the first count that a healthy release reaches with probability alpha at most. "
               "One look, at the end.";
    return "Exact, no simulation: errors are Poisson; given all of them, those of the canary are "
           "binomial, and the exact test of that share is made once, at the end. A gate that looks "
           "more often, or that is not exact, needs more: coalmine run tells.";
}
