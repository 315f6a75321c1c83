/* The report of a study: what was run, the verdict, the details, what was assumed.
 *
 * Text, Markdown and HTML are for reading; CSV (long: one row a number) and JSON hold every number
 * of every measure with its interval and its n. */
#ifndef CM_REPORT_H
#define CM_REPORT_H

#include "analysis/assertion.h"

enum cm_format {
    CM_FORMAT_TEXT,
    CM_FORMAT_MARKDOWN,
    CM_FORMAT_HTML, /* a page that needs nothing else: no script, no other file, no network */
    CM_FORMAT_CSV,
    CM_FORMAT_JSON,
    CM_FORMATS
};

/* A picture of a page. */
struct cm_report_picture {
    const char *title; /* the finding, for whoever cannot see it */
    const char *svg;   /* the file */
};

struct cm_report_options {
    enum cm_format format;
    const char *version;            /* of the program: "0.1.0" */
    const char *command;            /* the command line; NULL = not said */
    const struct cm_claims *claims; /* what the scenario asserts; NULL = not said */
    /* For HTML alone. */
    const struct cm_report_picture *pictures;
    size_t n_pictures;
    const char *scenario; /* as text; NULL = not shown */
};

void cm_report_write(const struct cm_results *results, const struct cm_report_options *options,
                     struct cm_writer to);

#endif
