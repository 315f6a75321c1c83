/* Without a name it is what a gate calls its own, or the limit of a check of Flagger's. With one,
 * `threshold` say, an option of the policy goes before those of its gates. */
#include "analysis/tune_reference.h"

int cm_tune_reference(const struct cm_tune_field *f)
{
    if (f->options->reference.index >= 0 && f->options->reference.name)
        return f->options->reference.index;
    for (size_t p = 0; p < f->middle->n_policies; p++) {
        bool tuned = false;
        for (size_t i = 0; i < f->marks->n; i++)
            tuned |= cm_tune_concerns(f->middle, &f->marks->list[i], (int)p);
        if (!tuned)
            return (int)p;
    }
    return -1;
}

/* Of the policy's gates, the first that has an option of that name; NULL = its own. */
static bool find_in_gates(const char *name, struct cm_calibrate *ask)
{
    const struct cm_named_policy *policy = &ask->scenario->policies[ask->policy];
    for (size_t i = 0; i < policy->n_gates; i++) {
        ask->gate = policy->gate[i];
        ask->row = cm_calibrate_row(ask->scenario->gates[ask->gate].gate, name);
        if (ask->row && cm_calibrate_has_range(ask))
            return true;
    }
    return false;
}

/* For each gate its own option goes before a limit, and the first gate before the second. */
static bool find_usual(struct cm_calibrate *ask)
{
    const char *const names[] = {NULL, "min", "max"};
    const struct cm_named_policy *policy = &ask->scenario->policies[ask->policy];
    for (size_t i = 0; i < policy->n_gates; i++)
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            ask->gate = policy->gate[i];
            ask->row = cm_calibrate_row(ask->scenario->gates[ask->gate].gate, names[k]);
            if (ask->row && cm_calibrate_has_range(ask))
                return true;
        }
    return false;
}

bool cm_tune_reference_option(const struct cm_tune_options *options, struct cm_calibrate *ask)
{
    if (!options->calibrate)
        return find_usual(ask);
    ask->gate = -1;
    ask->row = cm_calibrate_policy_row(ask->scenario->policies[ask->policy].controller,
                                       options->calibrate);
    return (ask->row && cm_calibrate_has_range(ask)) || find_in_gates(options->calibrate, ask);
}
