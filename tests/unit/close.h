/* Expecting numbers that are almost equal: a failure names both. */
#ifndef CLOSE_H
#define CLOSE_H

#include <criterion/criterion.h>
#include <math.h>

/* |got - want| <= relative |want|; equal infinities are close, NAN is close to nothing. */
#define expect_close(got, want, relative)                                                          \
    do {                                                                                           \
        double got_ = (got), want_ = (want);                                                       \
        cr_expect(got_ == want_ || fabs(got_ - want_) <= (relative)*fabs(want_),                   \
                  "%s is %.17g, not %.17g", #got, got_, want_);                                    \
    } while (0)

#define expect_nan(got) cr_expect(isnan(got), "%s is %.17g", #got, (double)(got))

#endif
