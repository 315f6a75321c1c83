/* What determines the numbers of a plan, as a digest: two plans of the same essence have the same
 * outcomes, replication by replication.
 *
 * Left out is what does not: other policies and releases with what only they use, how many
 * replications there are, priors, prices, objectives for errors, titles, the names of files, where
 * values came from. What is in files that values name counts by its content. */
#ifndef CM_ESSENCE_H
#define CM_ESSENCE_H

#include "sim/base/digest.h"
#include "sim/engine/replicate.h"

/* A file that the scenario read while it was loaded. */
struct cm_essence_file {
    const char *name; /* as the scenario prints it */
    char digest[CM_DIGEST_TEXT];
};

void cm_essence_of(const struct cm_plan *plan, const struct cm_essence_file *files, size_t n_files,
                   char text[CM_DIGEST_TEXT]);

#endif
