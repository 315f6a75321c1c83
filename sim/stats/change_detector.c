/* One step of each detector, in log space; see the header. */
#include "sim/stats/change_detector.h"

#include <assert.h>
#include <math.h>

void cm_change_detector_start(struct cm_change_detector *d)
{
    *d = (struct cm_change_detector){.log_sr = -INFINITY};
}

/* ln(1 + e^x) without overflow. */
static double log_one_more(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

void cm_change_detector_add(struct cm_change_detector *d, double log_ratio)
{
    d->cusum = fmax(0, d->cusum + log_ratio);
    d->most_cusum = fmax(d->most_cusum, d->cusum);
    d->log_sr = log_one_more(d->log_sr) + log_ratio;
    d->log_e_cusum = fmax(0, d->log_e_cusum) + log_ratio;
}

double cm_change_detector_log_threshold(double looks, double alpha)
{
    assert(looks > 0 && alpha > 0 && alpha < 1);
    return log(looks) - log(alpha);
}
