/* Plots: what a picture shows, as data and a sentence. How it looks is a matter of plots/<name>.gp.
 *
 * A plot is one const object in plot_<name>.c, a line in plots.def and a gnuplot script of the same
 * name. Here are made the tables that the script draws, the values that it asks for by name, the
 * title, which states the finding, and a second line, which says what was played. Nothing is drawn
 * here and no file is opened: tests hold the tables against the measures. */
#ifndef CM_PLOT_H
#define CM_PLOT_H

#include "analysis/smallest.h"
#include "analysis/stored.h"
#include "sim/base/table.h"
#include "sim/base/write.h"

/* What a plot has to be given, and how many pictures it makes of that. */
enum cm_plot_of {
    CM_PLOT_OF_ROLLOUT,  /* one rollout: policy, release, replication */
    CM_PLOT_OF_RELEASE,  /* a release under all policies of a study */
    CM_PLOT_OF_POLICY,   /* a policy, whatever the release */
    CM_PLOT_OF_POLICIES, /* all policies, whatever the release */
    CM_PLOT_OF_STORED    /* a stored study */
};

/* The largest shares that are good enough. */
struct cm_plot_targets {
    double false_rollback, missed;
};

struct cm_plot_ask {
    const struct cm_scenario *scenario; /* borrowed, as are the others */
    const struct cm_results *results;   /* played; NULL with a stored study */
    struct cm_stored *stored;           /* NULL with a scenario */
    int policy, release;                /* indices into the scenario's; -1 = healthy */
    uint64_t replication;
    const char *stored_policy;             /* of kinds that show one; NULL = the study's first */
    const struct cm_plot_targets *targets; /* of kinds that have some; NULL = 1 % and 5 % */
    struct cm_runner runner;               /* for plots that play more than the study did */
};

/* A value that a script asks for by name. */
struct cm_plot_value {
    const char *name, *text; /* text NULL: a number */
    double number;
};

#define CM_PICTURE_TABLES 12
struct cm_picture {
    const char *name;              /* of its files; the arena's */
    struct cm_buffer title, about; /* the finding; what was played; owned */
    struct {
        const char *name; /* its file is <picture>-<name>.csv, and the script's variable <name> */
        struct cm_table table;
    } tables[CM_PICTURE_TABLES];
    size_t n_tables;
    struct cm_plot_value *values; /* the arena's */
    size_t n_values;
    struct cm_arena arena; /* owned */
};

struct cm_plot {
    const char *name, *summary;
    enum cm_plot_of of;
    bool needs_results; /* else it plays what it shows by itself, or works it out */
    bool plays;         /* asks the runner, and takes a while */
    bool stored_policy; /* of a stored study it shows one policy, and what keeps to targets */
    /* Why there is nothing to show, as half a sentence; NULL = there is. */
    const char *(*lacks)(const struct cm_plot_ask *ask);
    /* Fills an empty picture. 0, or -1 with the reason; without one, the runner stopped. */
    int (*draw)(const struct cm_plot_ask *ask, struct cm_picture *picture, struct cm_err *err);
};

extern const struct cm_plot *const cm_plots[]; /* NULL-ended */

const struct cm_plot *cm_plot_find(const char *name); /* or NULL */

/* The first bad release, or -1. */
int cm_plot_first_bad(const struct cm_scenario *s);

/* Draws the plot, names its picture and says what was played. As plot->draw. */
int cm_plot_draw(const struct cm_plot *plot, const struct cm_plot_ask *ask,
                 struct cm_picture *picture, struct cm_err *err);
void cm_picture_release(struct cm_picture *p); /* idempotent, safe on {0} */
/* The table of that name, or NULL. */
const struct cm_table *cm_picture_table(const struct cm_picture *p, const char *name);

#endif
