/* Constants of the samplers: ziggurat layers, log factorials and the log pmfs built on them.
 *
 * Every number here follows from a formula in draw_tables.c; tests/unit/test_draw_tables.c computes
 * them again. Nothing here calls lgamma: it writes the global signgam, and threads share that. */
#ifndef CM_DRAW_TABLES_H
#define CM_DRAW_TABLES_H

#include <stdint.h>

#define CM_DRAW_LAYERS    256
#define CM_LOG_FACTORIALS 128

/* Layer i of the area under f spans 0 <= x <= x[i] and f[i] <= y <= f[i + 1]; all have one area.
 * Layer 0 holds the tail beyond x[1] too: x[0] is as wide as a rectangle of that area would be. */
extern const double cm_draw_normal_x[CM_DRAW_LAYERS + 1];      /* f(x) = exp(-x^2 / 2) */
extern const double cm_draw_normal_f[CM_DRAW_LAYERS + 1];      /* f(x[i]) */
extern const double cm_draw_exponential_x[CM_DRAW_LAYERS + 1]; /* f(x) = exp(-x) */
extern const double cm_draw_exponential_f[CM_DRAW_LAYERS + 1];

extern const double cm_log_factorials[CM_LOG_FACTORIALS]; /* ln k! */

/* ln k!, to about 1e-15 of itself. */
double cm_log_factorial(uint64_t k);

/* ln of P(X = k), X Poisson: to about 1e-16 (|k - mean| + 1), also where its terms are 1e13. */
double cm_log_poisson(double k, double mean);

/* ln of P(X = k), X binomial(n, p), 0 < p < 1, 0 <= k <= n: to about 1e-16 (|k - n p| + 1). */
double cm_log_binomial(double k, double n, double p);

#endif
