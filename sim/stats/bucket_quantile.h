/* A quantile from buckets, as Prometheus' classic histogram_quantile() tells it.
 *
 * Rules (Prometheus documentation, "Query functions", histogram_quantile):
 *     no observation                  NAN          fewer than two buckets   NAN
 *     q < 0                           -INFINITY    q > 1                    INFINITY
 *     q is NAN                        NAN
 *     it falls in the +Inf bucket     the last finite bound
 *     it falls in the first bucket    from 0 if the bound is positive, else the bound itself
 *     otherwise                       linear between the two bounds of the bucket
 * The bucket is the first one whose cumulative count reaches q times the total. */
#ifndef CM_BUCKET_QUANTILE_H
#define CM_BUCKET_QUANTILE_H

#include <stddef.h>

/* `bounds` are the n finite upper bounds, ascending; `mass` holds n + 1 counts or probabilities, >=
 * 0, one a bucket (not cumulative). The result has the unit of the bounds. Where q = 0 falls in an
 * empty bucket, the bucket's lower end. */
double cm_bucket_quantile(double q, const double *bounds, const double *mass, size_t n);

/* The quantile that falls into bucket b of n + 1, of whose mass the share `part` is below it. */
double cm_bucket_place(const double *bounds, size_t n, size_t b, double part);

#endif
