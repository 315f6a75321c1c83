/* For the files that define plots: tables, values and words of a picture. */
#ifndef CM_PLOT_PARTS_H
#define CM_PLOT_PARTS_H

#include "analysis/measure.h"
#include "analysis/plot.h"

/* A new table of the picture; its columns and cells are for the caller to add. */
struct cm_table *cm_picture_add(struct cm_picture *p, const char *name);
void cm_picture_column(struct cm_table *t, const char *name, enum cm_column_type type);
void cm_picture_number(struct cm_picture *p, const char *name, double value);
void cm_picture_text(struct cm_picture *p, const char *name, const char *text); /* copies it */
/* Value `policies`: their names, as words, in the order of the study. */
void cm_picture_policies(struct cm_picture *p, const struct cm_results *r);
struct cm_writer cm_picture_title(struct cm_picture *p);

/* The unit of an axis of time that ends at so many seconds: values `unit` (in seconds), `unit_name`
 * ("minutes"). */
void cm_picture_time_axis(struct cm_picture *p, double end);

/* Labels at the right end of curves, where they are read instead of a key: a table with
 * columns text, y and line (the number of the curve, from 1). They are moved apart until they are
 * at least `gap` from each other, within [low, high]. Those without a y are left out. */
struct cm_plot_label {
    const char *text; /* the arena's of the picture */
    double y;
    int line;
};
struct cm_plot_labels {
    const char *name; /* of the table */
    struct cm_plot_label *list;
    size_t n;
    double low, high, gap;
};
void cm_picture_labels(struct cm_picture *p, const struct cm_plot_labels *labels);

bool cm_plot_is_bad(const struct cm_scenario *s, int release);
/* "error-spike: " */
void cm_plot_say_release(const struct cm_plot_ask *ask, struct cm_writer to);

/* Formats into the picture's arena. */
const char *cm_picture_say(struct cm_picture *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Shares of 0 and 1 without decimals. */
void cm_plot_say_value(const struct cm_column *as, double value, struct cm_writer to);

/* One number a policy, for titles: "limit 85 %, evidence 99.9 %", or, of more than two, "12 %
 * (cusum) to 100 % (limit)". NAN is left out. */
void cm_plot_say_policies(const struct cm_results *r, const double *values,
                          const struct cm_column *as, struct cm_writer to);

#endif
