/* Halving between the end, which is rare, and the mode, which is not. */
#include "sim/stats/rare.h"

#include <math.h>

double cm_rare_nearest(const struct cm_function *mass, double end, double mode, double limit)
{
    double rare = end, common = mode;
    if (mass->of(end, mass->context) > limit)
        return -1;
    while (fabs(common - rare) > 1) {
        double middle = floor((rare + common) / 2);
        if (mass->of(middle, mass->context) > limit)
            common = middle;
        else
            rare = middle;
    }
    return rare;
}
