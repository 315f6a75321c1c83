/* Gamma mixtures, of sub-exponential and of Poisson martingales; see mixture.h. */
#include <assert.h>
#include <math.h>

#include "sim/stats/incomplete_gamma.h"
#include "sim/stats/mixture.h"
#include "sim/stats/mixture_families.h"

static double gamma_exponential(const struct cm_mixture *m, double s, double v)
{
    double at = (v + m->rho) / (m->c * m->c);
    return cm_incomplete_gamma_log_lower(at, at + s / m->c) - m->constant;
}

struct cm_mixture cm_mixture_gamma_exponential(const struct cm_mixture_tuning *tuning, double c)
{
    double rho = cm_mixture_rho(tuning, true), k = rho / (c * c);
    assert(c > 0);
    return (struct cm_mixture){
        .log_e = gamma_exponential,
        .one_sided = true,
        .rho = rho,
        .c = c,
        .constant = cm_incomplete_gamma_log_lower(k, k),
    };
}

static double gamma_poisson(const struct cm_mixture *m, double s, double v)
{
    double at = (v + m->rho) / (m->c * m->c);
    return cm_incomplete_gamma_log_upper(at + s / m->c, at) - m->constant;
}

struct cm_mixture cm_mixture_gamma_poisson(const struct cm_mixture_tuning *tuning, double c)
{
    double rho = cm_mixture_rho(tuning, true), k = rho / (c * c);
    assert(c > 0);
    return (struct cm_mixture){
        .log_e = gamma_poisson,
        .one_sided = true,
        .rho = rho,
        .c = c,
        .constant = cm_incomplete_gamma_log_upper(k, k),
    };
}
