/* Where a monotone condition becomes true. Slow and sure: no derivative, no bad start, the same
 * steps everywhere. For inverses that are needed at load or once a replication. */
#ifndef CM_BISECT_H
#define CM_BISECT_H

#include <stdbool.h>

/* The least x in [low, high] at which `reached` holds, to a relative 1e-15 of the answer's bracket;
 * `high` if it holds nowhere below. */
double cm_bisect(bool (*reached)(const void *self, double x), const void *self, double low,
                 double high);

#endif
