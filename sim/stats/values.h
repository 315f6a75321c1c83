/* Sorted samples, and two of them walked side by side. */
#ifndef CM_VALUES_H
#define CM_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* Ascending, as cm_values_sort leaves them. */
struct cm_values {
    const double *x; /* borrowed */
    size_t n;
};

/* Ascending; NAN comes last. */
void cm_values_sort(double *x, size_t n);

/* No NAN, no infinity. */
bool cm_values_finite(const struct cm_values *v);

/* The distinct values of two samples together, in order. */
struct cm_values_walk {
    struct cm_values control, canary;
    double shift; /* taken off every value of the canary */
    /* The value we stand at, how many of either arm are equal to it, how many are below it. */
    double value;
    size_t at0, at1, below0, below1;
};

/* Starts before the first value as {control, canary, shift}; false past the last. */
bool cm_values_next(struct cm_values_walk *m);

#endif
