/* A zero of a function of one number, by Brent's method (R. Brent, Algorithms for Minimization
 * without Derivatives, 1973, chapter 4): inverse quadratic or linear interpolation where it gains,
 * bisection where it does not.
 *
 * GSL's solver of that name takes other steps. On a function with plateaus the answer depends on
 * the steps, and what is to agree with R's uniroot() has to take the same ones: these. */
#ifndef CM_ROOT_H
#define CM_ROOT_H

struct cm_function {
    double (*of)(double x, const void *context);
    const void *context; /* borrowed */
};

/* A point within `tolerance` of a change of sign between low and high, or where the function is
 * exactly 0. The signs at the ends differ, or one of them is 0. At most 1000 evaluations. */
double cm_root_brent(const struct cm_function *f, double low, double high, double tolerance);

#endif
