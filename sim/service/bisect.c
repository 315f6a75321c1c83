/* Bisection until the bracket is as narrow as doubles tell apart. */
#include "sim/service/bisect.h"

double cm_bisect(bool (*reached)(const void *self, double x), const void *self, double low,
                 double high)
{
    static const double RELATIVE_WIDTH = 1e-15;
    if (reached(self, low))
        return low;
    while (high - low > RELATIVE_WIDTH * high) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) /* denormal ends: nothing lies between */
            break;
        if (reached(self, middle))
            high = middle;
        else
            low = middle;
    }
    return high;
}
