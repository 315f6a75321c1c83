/* Means by composite Gauss-Legendre quadrature, for tests of e-values. */
#ifndef QUADRATURE_H
#define QUADRATURE_H

#include <gsl/gsl_integration.h>

typedef double quadrature_of(double x, const void *context);

/* The integral over [low, high]: panels of 20 nodes. */
static inline double quadrature(quadrature_of *f, const void *context, double low, double high,
                                int panels)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(20);
    double sum = 0, width = (high - low) / panels;
    for (int p = 0; p < panels; p++)
        for (size_t i = 0; i < 20; i++) {
            double x, weight;
            gsl_integration_glfixed_point(low + p * width, low + (p + 1) * width, i, &x, &weight,
                                          table);
            sum += weight * f(x, context);
        }
    gsl_integration_glfixed_table_free(table);
    return sum;
}

#endif
