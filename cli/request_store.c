/* Nothing of a store is played, so nothing of what it holds can be asked for otherwise. */
#include "cli/request_store.h"

#include "cli/options.h"
#include "cli/output.h"

struct cm_stored *cm_request_store(const struct cm_request *r, bool quiet, int *status)
{
    struct cm_err err = {0};
    struct cm_stored *study = NULL;
    if (r->n_set > 0 || r->service) {
        *status = cm_options_fail(r->command, "what a store holds has been played: values, seeds, "
                                              "replications and services are chosen of a scenario "
                                              "only");
        return NULL;
    }
    study = cm_stored_open(r->file, &err);
    *status = study ? CM_EXIT_OK : CM_EXIT_RUN;
    if (!study)
        cm_print(cm_output_talk(), "coalmine: %s\n", err.text);
    for (size_t i = 0; study && !quiet && cm_stored_note(study, i); i++)
        cm_print(cm_output_talk(), "coalmine: %s\n", cm_stored_note(study, i));
    return study;
}
