/* Burn rates; formulas and source are in the header. */
#include "sim/stats/burn_rate.h"

#include <math.h>
#include <stdbool.h>

#include "sim/stats/threshold_rules.h"

static bool share(double x)
{
    return x >= 0 && x <= 1;
}

struct cm_burn_odds cm_burn_rate_alert(const struct cm_burn_alert *alert, double error_rate)
{
    bool sound = share(alert->slo) && alert->slo < 1 && alert->window_h > 0 &&
                 alert->period_h > 0 && share(alert->budget_fraction) && share(error_rate);
    if (!sound)
        return (struct cm_burn_odds){NAN, NAN, NAN};
    double burn = alert->budget_fraction * alert->period_h / alert->window_h;
    double threshold = burn * (1 - alert->slo);
    /* A steady rate below the threshold never fills the window up to it. */
    double time = error_rate < threshold ? INFINITY
                  : error_rate > 0       ? alert->window_h * threshold / error_rate
                                         : 0;
    return (struct cm_burn_odds){burn, threshold, time};
}

double cm_burn_rate_window_prob(uint64_t n, double error_prob, double slo, double burn)
{
    const double slack = 1e-9;
    if (!share(error_prob) || !share(slo) || slo == 1 || !(burn >= 0))
        return NAN;
    double least = ceil(burn * (1 - slo) * (double)n * (1 - slack));
    if (least > (double)n)
        return 0;
    return cm_cumulative_threshold_prob(n, error_prob, (uint64_t)least);
}
