/* Targets of a picture, as a command line gives them: 1%,5%. */
#ifndef CM_TARGETS_H
#define CM_TARGETS_H

#include "analysis/plot.h"
#include "cli/request.h"

/* Of --targets; 0, or EINVAL once the mistake is named. */
error_t cm_targets_read(const struct cm_request *r, const char *text,
                        struct cm_plot_targets *targets);

#endif
