/* Curved profiles are paths of pieces: a rise of any length is cut into CM_RISE_PIECES of equal
 * length, on each of which the strength is the exact mean of the curve. What 1/64 of a rise blurs
 * is far below what any window of a monitor can see. */
#ifndef CM_RISE_H
#define CM_RISE_H

#include "sim/base/time.h"

enum { CM_RISE_PIECES = 64 };

/* The piece of a rise over `lasts` ns that holds `elapsed` (0 <= elapsed < lasts): pieces begin at
 * lasts i / 64, rounded up to a nanosecond, so that they tile the rise. */
static inline int cm_rise_piece(cm_time lasts, cm_time elapsed)
{
    return (int)(elapsed * CM_RISE_PIECES / lasts);
}
static inline cm_time cm_rise_begin(cm_time lasts, int piece)
{
    return (lasts * piece + CM_RISE_PIECES - 1) / CM_RISE_PIECES;
}

#endif
