/* Reach: the pieces of the world of which something is answered in a window, and where they lie.
 *
 * Beyond the longest latency K(x) = x P - M (shape.h) is a line. Where each end of a piece is that
 * far from each end of the window that comes after it, or does not come before it, the lines leave
 * of the mass in any band of latency
 *
 *     P x length of the piece inside the window
 *         + M x ((1 if it is in flight when the window begins) - (1 if it is when it ends)).
 *
 * This is the common case: windows are cut where traffic is, or take longer than any request. */
#ifndef CM_REACH_H
#define CM_REACH_H

#include "sim/engine/world.h"

struct cm_reach {
    const struct cm_world *world; /* borrowed */
    cm_time from, until;          /* the window (from, until] */
    size_t next;                  /* pieces still to visit are 0 .. next - 1 */
    const struct cm_piece *piece; /* visited last */
    size_t part;                  /* of cm_reach_part: of the version there */
    /* Of that piece, s: where it and the window lie, since `from`; how much of it is inside; how
     * much more of it is in flight at the beginning than at the end, -1 to 1; the least from an end
     * of it to a later one of the window. */
    double arrive[2], answer[2], inside, in_flight, nearest;
};

/* Calls for every piece with something answered in (from, until], newest first; NULL = no more. */
struct cm_reach cm_reach_begin(const struct cm_world *w, cm_time from, cm_time until);
const struct cm_piece *cm_reach_next(struct cm_reach *r);
/* The same, part by part of a version. */
const struct cm_piece *cm_reach_part(struct cm_reach *r, size_t version);

/* Mean number of a unit flow over the piece visited that is answered in the window in `band`. */
static inline double cm_reach_mass(const struct cm_reach *r, const struct cm_shape *shape,
                                   const struct cm_band *band)
{
    if (band->p <= 0)
        return 0;
    if (r->nearest < shape->longest)
        return cm_shape_mass(shape, band, r->arrive, r->answer);
    double line = band->p * r->inside + band->m * r->in_flight;
    return line > 0 ? line : 0;
}

#endif
