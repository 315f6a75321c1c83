/* What is in a stored study: for people a table, for programs every number with what it is about.
 *
 * Nothing that is written depends on when, where or in how many pieces the study was run. */
#ifndef CM_SHOW_H
#define CM_SHOW_H

#include "analysis/report.h"
#include "analysis/stored.h"
#include "sim/base/write.h"

enum cm_show_format {
    CM_SHOW_TABLE,    /* the verdicts, a row a cell and policy */
    CM_SHOW_MARKDOWN, /* the same */
    CM_SHOW_CSV,      /* wide: a row a cell and policy, every measure's first statistic */
    CM_SHOW_LONG,     /* CSV: a row a number */
    CM_SHOW_JSON,
    CM_SHOW_HTML,     /* a page: the verdicts, pictures, and every cell's report behind a line */
    CM_SHOW_OUTCOMES, /* CSV: a row a replication */
    CM_SHOW_FORMATS
};

struct cm_show {
    struct cm_stored *study; /* borrowed */
    enum cm_show_format format;
    /* Which cells; NULL = all. */
    bool (*wanted)(void *self, const struct cm_stored_cell *cell);
    void *self;
    const struct cm_report_options *page; /* of a page: version, command, pictures */
};

/* Cells without a single replication are left out. 0, or -1 with the reason: some of it may have
 * been written. */
int cm_show_write(const struct cm_show *show, struct cm_writer to, struct cm_err *err);

#endif
