/* A folder of pictures: data and a script for each, and what gnuplot makes of them. */
#ifndef CM_PICTURES_H
#define CM_PICTURES_H

#include "analysis/plot.h"
#include "cli/command.h"

enum cm_picture_format {
    CM_PICTURE_SVG,
    CM_PICTURE_PNG,
    CM_PICTURE_DUMB,
    CM_PICTURE_SIXEL,
    CM_PICTURE_FORMATS
};
extern const char *const cm_picture_format_names[]; /* NULL-ended */

struct cm_pictures {
    const char *folder; /* made if it is not there; what it stands in has to be */
    bool formats[CM_PICTURE_FORMATS];
    bool quiet;  /* keep silent about what is not drawn, and why */
    bool listed; /* each picture that was made is a line of the program's data */
    /* Told of each picture that was drawn, with its file; NULL = nobody asks. */
    void (*drawn)(void *self, const struct cm_picture *picture, const char *path);
    void *drawn_self;
    size_t made;  /* pictures with data and script, drawn or not */
    int status;   /* enum cm_exit: the worst so far */
    bool missing; /* gnuplot is: that is said once */
};

/* Whether pictures can be put into the folder, or into one made there; leaves no trace. 0, or -1
 * with the reason: before anything is played. */
int cm_pictures_try(const char *folder, struct cm_err *err);

/* Draws one picture. What goes wrong is said and kept in the status. */
void cm_pictures_put(struct cm_pictures *pictures, const struct cm_plot *plot,
                     const struct cm_plot_ask *ask);

/* What is to be drawn of a scenario or a stored study. */
struct cm_pictures_wanted {
    const struct cm_plot *const *kinds; /* NULL-ended */
    bool named;                         /* by the user: what cannot be drawn is a mistake */
    bool any_policy, any_release;       /* else those of `ask` */
    struct cm_plot_ask ask;
};
/* Every kind: of a policy the first that it can be drawn of, of releases every one. */
void cm_pictures_put_all(struct cm_pictures *pictures, const struct cm_pictures_wanted *wanted);

/* Every kind that shows the results, or works out what it shows; as SVG. The exit status: that of
 * what was done before, or a worse one. */
int cm_pictures_of_results(const struct cm_results *results, const char *folder, bool quiet,
                           int status);

/* Removes a folder with the files in it: pictures that were only to be shown. */
void cm_pictures_remove(const char *folder);
/* Makes a folder for those; 0, or -1 once it has been said why not. */
int cm_pictures_scratch(struct cm_buffer *folder);

#endif
