/* Running gnuplot on a script that lies beside its data.
 *
 * gnuplot forgives: a misspelt column is a warning, and a picture without its curve. So whatever it
 * says is a failure, and so is a picture of no bytes. It runs in the C locale (with UTF-8), without
 * its user's settings, in the folder of the script, and draws under another name: a picture that is
 * there is whole. */
#ifndef CM_GNUPLOT_H
#define CM_GNUPLOT_H

#include "sim/base/err.h"

struct cm_gnuplot {
    const char *folder, *script; /* the script's name in the folder */
    const char *output;          /* the picture's, likewise */
    const char *format;          /* the script's variable of that name: svg, png, dumb, sixel */
    int columns, rows;           /* of the terminal; 0 = not known */
};

enum cm_gnuplot_end { CM_GNUPLOT_DREW, CM_GNUPLOT_FAILED, CM_GNUPLOT_MISSING };

/* Draws; else the reason is in `err`, and what was there before still is. */
enum cm_gnuplot_end cm_gnuplot_draw(const struct cm_gnuplot *job, struct cm_err *err);

#endif
