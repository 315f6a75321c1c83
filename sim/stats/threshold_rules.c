/* Odds of rules made of repeated checks; formulas and sources in the header.
 *
 * Recursions run forward over probabilities, so that only positive terms are added. */
#include "sim/stats/threshold_rules.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/base/mem.h"
#include "sim/stats/beta_law.h"
#include "sim/stats/bucket_quantile.h"
#include "sim/stats/share_limit.h"

/* P(Bin(n, p) >= k). Near the mean GSL's incomplete beta function fails from some 1e7 on. */
static double binomial_tail(uint64_t k, double p, uint64_t n)
{
    const uint64_t many = 1000000;
    if (k == 0)
        return 1;
    if (k > n)
        return 0;
    if (n > many)
        return cm_beta_law_below((double)k, (double)(n - k + 1), p, 1 - p);
    return gsl_cdf_binomial_Q((unsigned)(k - 1), p, (unsigned)n);
}

double cm_cumulative_threshold_prob(uint64_t checks, double fail, uint64_t threshold)
{
    return binomial_tail(threshold, fail, checks);
}

/* arrive[j] becomes P(the next weight is reached after j failures); what fails once more than is
 * allowed is rolled back here. */
static void race_at(const struct cm_race *race, size_t i, double *arrive, struct cm_race_odds *odds)
{
    double failed = 0, checks = 0, fail = race->fail[i];
    for (uint64_t j = 0; j < race->threshold; j++) {
        double here =
            arrive[j] + failed; /* expected checks at this weight with j failures so far */
        failed = fail * here;
        arrive[j] = (1 - fail) * here;
        checks += here;
    }
    odds->rolled_back += failed;
    double time = (checks + race->lag * failed) * race->interval_s;
    odds->duration_s += time;
    odds->exposure_s += race->weight[i] * time;
}

struct cm_race_odds cm_flagger_race(const struct cm_race *race)
{
    struct cm_race_odds odds = {0};
    assert(race->threshold >= 1);
    double *arrive = cm_alloc(race->threshold * sizeof *arrive);
    arrive[0] = 1;
    for (size_t i = 0; i < race->weights; i++)
        race_at(race, i, arrive, &odds);
    cm_free(arrive);
    return odds;
}

/* The k-th measurement is taken if the k - 1 before it have not failed the run. */
struct cm_argo_odds cm_argo_failure_limit(uint64_t count, uint64_t limit, double fail)
{
    struct cm_argo_odds odds = {.failed = binomial_tail(limit + 1, fail, count)};
    for (uint64_t k = 0; k < count; k++)
        odds.measurements += 1 - binomial_tail(limit + 1, fail, k);
    return odds;
}

struct cm_run_odds cm_consecutive_run(uint64_t checks, uint64_t run, double fail)
{
    assert(run >= 1);
    double *current = cm_alloc(run * sizeof *current); /* P(the current run is j long) */
    struct cm_run_odds odds = {0};
    current[0] = 1;
    for (uint64_t i = 0; i < checks; i++) {
        double open = 0;
        odds.within += current[run - 1] * fail;
        for (uint64_t j = run - 1; j > 0; j--) {
            open += current[j];
            current[j] = current[j - 1] * fail;
        }
        current[0] = (current[0] + open) * (1 - fail);
    }
    cm_free(current);
    double all = pow(fail, (double)run);
    odds.mean_checks = fail < 1 ? (1 - all) / ((1 - fail) * all) : (double)run;
    return odds;
}

static unsigned failures_in(size_t outcomes)
{
    unsigned count = 0;
    for (; outcomes; outcomes &= outcomes - 1)
        count++;
    return count;
}

/* The chain's states are the last window - 1 outcomes; an alarm leaves it. */
double cm_k_of_w_window(uint64_t checks, uint64_t k, uint64_t window, double fail)
{
    assert(k >= 1 && k <= window && window <= CM_WINDOW_MAX);
    size_t states = (size_t)1 << (window - 1); /* a bit an outcome, the newest lowest */
    double *now = cm_alloc(states * sizeof *now), *next = cm_alloc(states * sizeof *next);
    double alarm = 0;
    now[0] = 1;
    for (uint64_t i = 0; i < checks; i++) {
        for (size_t s = 0; s < states; s++)
            next[s] = 0;
        for (size_t s = 0; s < states; s++) {
            size_t passed = (s << 1) & (states - 1), failed = ((s << 1) | 1) & (states - 1);
            next[passed] += now[s] * (1 - fail);
            if (failures_in(s) + 1 >= k)
                alarm += now[s] * fail;
            else
                next[failed] += now[s] * fail;
        }
        double *swap = now;
        now = next;
        next = swap;
    }
    cm_free(now);
    cm_free(next);
    return alarm;
}

/* P(N) P(check fails | N) added up from `n` in one direction until the Poisson terms vanish. */
static double sum_windows(const struct cm_window_check *check, double mean, uint64_t n, bool up)
{
    const double vanishing = 1e-18;
    double log_p = (double)n * log(mean) - mean - gsl_sf_lngamma((double)n + 1), sum = 0;
    for (double p = exp(log_p); p > vanishing;) {
        sum +=
            p * binomial_tail(cm_share_floor(n, check->max_error_rate) + 1, check->error_prob, n);
        if (!up && n == 0)
            break;
        p *= up ? mean / ((double)n + 1) : (double)n / mean;
        n = up ? n + 1 : n - 1;
    }
    return sum;
}

/* Outwards from the mode, where the terms are largest. */
double cm_poisson_window_check_fail(const struct cm_window_check *check)
{
    double mean = check->arrival_rate * check->window_s * check->canary_share;
    if (!(mean > 0))
        return 0;
    uint64_t mode = (uint64_t)mean;
    return sum_windows(check, mean, mode + 1, true) + sum_windows(check, mean, mode, false);
}

struct cm_schedule_odds cm_step_schedule_exposure(size_t steps, const double *weight,
                                                  const double *detect, double interval_s)
{
    struct cm_schedule_odds odds = {.missed = 1};
    for (size_t i = 0; i < steps; i++) {
        odds.exposure_s += odds.missed * weight[i] * interval_s;
        odds.duration_s += odds.missed * interval_s;
        odds.missed *= 1 - detect[i];
    }
    return odds;
}

struct cm_erlang cm_time_to_kth_error(double error_rate, uint64_t k, double q)
{
    return (struct cm_erlang){
        .mean_s = (double)k / error_rate,
        .quantile_s = gsl_cdf_gamma_Pinv(q, (double)k, 1 / error_rate),
    };
}

struct cm_order_odds cm_order_stat_exceed(uint64_t n, double p, double cdf_at_x)
{
    const double slack = 1e-12; /* 0.99 * 2000 is 1980, however it rounds */
    uint64_t rank = (uint64_t)ceil((double)n * p * (1 - slack));
    assert(rank >= 1 && rank <= n);
    return (struct cm_order_odds){.rank = rank, .above = 1 - binomial_tail(rank, cdf_at_x, n)};
}

struct cm_bias cm_histogram_quantile_bias(double q, const double *bounds, const double *cdf,
                                          size_t n, double truth)
{
    double *mass = cm_alloc((n + 1) * sizeof *mass);
    for (size_t i = 0; i <= n; i++)
        mass[i] = (i < n ? cdf[i] : 1) - (i ? cdf[i - 1] : 0);
    double told = cm_bucket_quantile(q, bounds, mass, n);
    cm_free(mass);
    return (struct cm_bias){.interpolated = told, .relative = told / truth - 1};
}

struct cm_split_odds cm_poisson_split(double arrival_rate, double share, double error_prob,
                                      double horizon_s, uint64_t k)
{
    double mean = arrival_rate * horizon_s * share * error_prob;
    assert(k <= UINT32_MAX);
    return (struct cm_split_odds){
        .mean = mean,
        .none = exp(-mean),
        .at_least = k ? gsl_cdf_poisson_Q((unsigned)(k - 1), mean) : 1,
    };
}
