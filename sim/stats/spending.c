/* Spending functions; formulas in the header. */
#include "sim/stats/spending.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

static const double E_LESS_1 = 1.71828182845904523536;
static const double PARAM_MOST = 500; /* e^500 is still a double */

typedef double spent_share(double alpha, double t, double param);

static double obrien_fleming(double alpha, double t, double param)
{
    (void)param;
    return 2 * gsl_cdf_ugaussian_Q(gsl_cdf_ugaussian_Qinv(alpha / 2) / sqrt(t));
}

static double pocock(double alpha, double t, double param)
{
    (void)param;
    return alpha * log1p(E_LESS_1 * t);
}

static double hwang_shih_decani(double alpha, double t, double g)
{
    return g != 0 ? alpha * (expm1(-g * t) / expm1(-g)) : alpha * t;
}

static double power(double alpha, double t, double rho)
{
    return alpha * pow(t, rho);
}

static spent_share *const shares[] = {
    [CM_SPENDING_OBRIEN_FLEMING] = obrien_fleming,
    [CM_SPENDING_POCOCK] = pocock,
    [CM_SPENDING_HWANG_SHIH_DECANI] = hwang_shih_decani,
    [CM_SPENDING_POWER] = power,
};

int cm_spending_check(const struct cm_spending *s, struct cm_err *err)
{
    if (s->kind == CM_SPENDING_HWANG_SHIH_DECANI && !(fabs(s->param) <= PARAM_MOST))
        return cm_fail(err, "%g is no parameter of Hwang-Shih-DeCani spending: -500 to 500",
                       s->param);
    if (s->kind == CM_SPENDING_POWER && !(s->param > 0 && s->param <= PARAM_MOST))
        return cm_fail(err, "%g is no power of time to spend by: above 0, at most 500", s->param);
    return 0;
}

double cm_spending_spent(const struct cm_spending *s, double alpha, double t)
{
    assert(alpha > 0 && alpha < 1 && !isnan(t));
    if (t <= 0)
        return 0;
    return t < 1 ? shares[s->kind](alpha, t, s->param) : alpha;
}
