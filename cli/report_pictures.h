/* The pictures of a page: drawn in a folder of their own, read, and forgotten. */
#ifndef CM_REPORT_PICTURES_H
#define CM_REPORT_PICTURES_H

#include "analysis/report.h"
#include "analysis/stored.h"
#include "sim/base/mem.h"

struct cm_report_pictures {
    bool quiet;                     /* keep silent about what is not drawn, and why */
    int threads;                    /* for pictures that play more than the study did */
    struct cm_report_picture *list; /* the arena's, as are title and svg of each */
    size_t n;
    struct cm_arena arena; /* owned */
};

/* All that there is something to see of; an enum cm_exit. What could not be drawn is said and
 * missing from the list. */
int cm_report_pictures_of_results(struct cm_report_pictures *p, const struct cm_results *results);
int cm_report_pictures_of_study(struct cm_report_pictures *p, struct cm_stored *study);
void cm_report_pictures_release(struct cm_report_pictures *p); /* idempotent, safe on {0} */

#endif
