/* Merging and calibrating; see the header. */
#include "sim/stats/e_value.h"

#include <assert.h>
#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/origin.h"
#include "sim/stats/values.h"

double cm_e_value_log_mean(const double *log_e, const double *weight, size_t n)
{
    assert(n >= 1);
    if (weight == NULL)
        return cm_log_mean_exp(log_e, n);
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        if (weight[i] > 0)
            most = fmax(most, log_e[i]);
    if (isinf(most))
        return most;
    for (size_t i = 0; i < n; i++)
        if (weight[i] > 0)
            sum += weight[i] * exp(log_e[i] - most);
    return most + log(sum);
}

double cm_e_value_p(double log_e)
{
    return log_e > 0 ? exp(-log_e) : 1;
}

double cm_e_value_bonferroni_p(const double *log_e, size_t n)
{
    double most = -INFINITY;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, log_e[i]);
    return cm_e_value_p(most - log((double)n));
}

size_t cm_e_value_bh(const double *log_e, size_t n, double alpha, bool *rejected)
{
    assert(alpha > 0 && alpha < 1);
    double *sorted = cm_alloc(n * sizeof *sorted), limit = INFINITY;
    size_t k = n;
    for (size_t i = 0; i < n; i++)
        sorted[i] = log_e[i];
    cm_values_sort(sorted, n);
    for (; k > 0; k--) {
        limit = log((double)n) - log((double)k) - log(alpha);
        if (sorted[n - k] >= limit)
            break;
    }
    for (size_t i = 0; rejected != NULL && i < n; i++)
        rejected[i] = k > 0 && log_e[i] >= limit;
    cm_free(sorted);
    return k;
}

double cm_e_value_log_of_p(double p, double kappa)
{
    assert(p >= 0 && p <= 1 && kappa > 0 && kappa < 1);
    return log(kappa) + (kappa - 1) * log(p);
}

/* With l = -ln p it is (e^l - 1 - l) / l^2: near 0 by its series, far out by its logarithm. */
double cm_e_value_log_of_p_mixed(double p)
{
    const double near = 1e-2, far = 40;
    assert(p >= 0 && p <= 1);
    double l = -log(p);
    if (l < near)
        return log(0.5 + l / 6 * (1 + l / 4 * (1 + l / 5 * (1 + l / 6 * (1 + l / 7)))));
    if (isinf(l))
        return INFINITY;
    return l > far ? l - 2 * log(l) : log(expm1(l) - l) - 2 * log(l);
}
