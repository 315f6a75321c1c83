/* Two shares: of healthy releases rolled back, of bad ones missed. All of them is no target, and
 * none is one, if a hard one. */
#include "cli/targets.h"

#include <errno.h>

#include "cli/options.h"
#include "sim/base/text.h"
#include "sim/base/units.h"

static int read_one(const struct cm_request *r, struct cm_slice word, double *target)
{
    struct cm_arena arena = {0};
    struct cm_err err = {0};
    int status = cm_units_read(cm_arena_text(&arena, word.at, word.length), CM_RATIO, target, &err);
    if (!status && (*target < 0 || *target >= 1))
        status = cm_fail(&err, "'%.*s' is no target: one is from 0%% to below 100%%",
                         (int)word.length, word.at);
    if (status)
        cm_options_fail(r->command, "--targets: %s", err.text);
    cm_arena_release(&arena);
    return status;
}

error_t cm_targets_read(const struct cm_request *r, const char *text,
                        struct cm_plot_targets *targets)
{
    struct cm_slice rest = cm_slice_of(text), rolled_back, missed;
    if (!cm_slice_cut(&rest, ',', &rolled_back) || !cm_slice_cut(&rest, ',', &missed) || rest.at) {
        cm_options_fail(r->command,
                        "--targets %.40s: two shares are wanted, of false rollbacks and of missed "
                        "releases (1%%,5%%)",
                        text);
        return EINVAL;
    }
    return read_one(r, rolled_back, &targets->false_rollback) ||
                   read_one(r, missed, &targets->missed)
               ? EINVAL
               : 0;
}
