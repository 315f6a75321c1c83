/* Closed forms of queues; see the header. */
#include "sim/stats/queues.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "sim/base/mem.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/root.h"

static bool stable(const struct cm_mmc *queue)
{
    return queue->lambda >= 0 && queue->mu > 0 && queue->servers > 0 &&
           queue->lambda < (double)queue->servers * queue->mu;
}

/* B(c, a) = a B(c - 1, a) / (c + a B(c - 1, a)), which neither over- nor underflows. */
static double erlang_b(uint64_t servers, double load)
{
    double b = 1;
    for (uint64_t c = 1; c <= servers; c++)
        b = load * b / ((double)c + load * b);
    return b;
}

struct cm_mmc_odds cm_queues_mmc(const struct cm_mmc *queue)
{
    if (!stable(queue))
        return (struct cm_mmc_odds){NAN, NAN, NAN, NAN, NAN, NAN};
    double c = (double)queue->servers, load = queue->lambda / queue->mu, rho = load / c;
    double b = erlang_b(queue->servers, load), wait = b / (1 - rho * (1 - b));
    double mean_wait = wait / (c * queue->mu - queue->lambda);
    double sojourn = mean_wait + 1 / queue->mu;
    return (struct cm_mmc_odds){rho, b, wait, mean_wait, sojourn, queue->lambda * sojourn};
}

double cm_queues_mmc_wait_above(const struct cm_mmc *queue, double t)
{
    if (!stable(queue) || t < 0)
        return stable(queue) ? 1 : NAN;
    double drain = (double)queue->servers * queue->mu - queue->lambda;
    return cm_queues_mmc(queue).erlang_c * exp(-drain * t);
}

double cm_queues_mmc_sojourn_above(const struct cm_mmc *queue, double t)
{
    if (!stable(queue) || t < 0)
        return stable(queue) ? 1 : NAN;
    double d = (double)queue->servers - 1 - queue->lambda / queue->mu, mt = queue->mu * t;
    /* e^{-mt} is multiplied in where d < 0, so that no term grows: d > -1. */
    double waiting = d == 0  ? mt * exp(-mt)
                     : d > 0 ? -expm1(-mt * d) / d * exp(-mt)
                             : exp(-mt * (1 + d)) * expm1(mt * d) / d;
    return exp(-mt) + cm_queues_mmc(queue).erlang_c * waiting;
}

struct quantile {
    const struct cm_mmc *queue;
    double above;
};

static double log_excess(double t, const void *context)
{
    const struct quantile *q = context;
    return log(cm_queues_mmc_sojourn_above(q->queue, t)) - log(q->above);
}

double cm_queues_mmc_sojourn_quantile(const struct cm_mmc *queue, double q)
{
    if (!stable(queue) || !(q >= 0 && q < 1))
        return NAN;
    struct quantile want = {queue, 1 - q};
    struct cm_function f = {log_excess, &want};
    double high = 1 / queue->mu;
    while (log_excess(high, &want) > 0)
        high *= 2;
    return cm_root_brent(&f, 0, high, 1e-15 * high);
}

/* Balance of births and deaths: p(i + 1) = p(i) load / min(i + 1, c), scaled as it grows. */
struct cm_mmck_odds cm_queues_mmck(const struct cm_mmc *queue, uint64_t capacity)
{
    bool sound = queue->lambda > 0 && queue->mu > 0 && queue->servers > 0;
    if (!sound || capacity < queue->servers)
        return (struct cm_mmck_odds){NAN, NAN, NAN};
    double load = queue->lambda / queue->mu, p = 1, sum = 1, number = 0;
    for (uint64_t i = 1; i <= capacity; i++) {
        p *= load / (double)(i < queue->servers ? i : queue->servers);
        sum += p;
        number += (double)i * p;
        if (sum > 1e200)
            p /= sum, number /= sum, sum = 1;
    }
    double blocked = p / sum, mean = number / sum;
    return (struct cm_mmck_odds){blocked, mean, mean / (queue->lambda * (1 - blocked))};
}

struct cm_moments cm_queues_service_fixed(double length)
{
    return (struct cm_moments){length, length * length, length * length * length};
}

struct cm_moments cm_queues_service_lognormal(double mean, double cv)
{
    double spread = 1 + cv * cv;
    return (struct cm_moments){mean, mean * mean * spread,
                               mean * mean * mean * spread * spread * spread};
}

struct cm_moments cm_queues_service_pareto(double least, double alpha)
{
    double x = least;
    return (struct cm_moments){
        alpha > 1 ? alpha * x / (alpha - 1) : INFINITY,
        alpha > 2 ? alpha * x * x / (alpha - 2) : INFINITY,
        alpha > 3 ? alpha * x * x * x / (alpha - 3) : INFINITY,
    };
}

struct cm_mg1_odds cm_queues_mg1(double lambda, const struct cm_moments *service)
{
    double rho = lambda * service->m1;
    if (!(rho >= 0 && rho < 1))
        return (struct cm_mg1_odds){NAN, NAN, NAN, NAN, NAN};
    double wait = lambda * service->m2 / (2 * (1 - rho));
    /* E W^2 - Wq^2, without the difference. */
    double variance = wait * wait + lambda * service->m3 / (3 * (1 - rho));
    return (struct cm_mg1_odds){rho, wait, wait + service->m1, variance, service->m1 / (1 - rho)};
}

/* P(at most n in M/D/1) for n = 0 .. last. Crossings of the level between n and n + 1 balance:
 * p(n + 1) a(0) = p(0) A(n) + sum over i = 1 .. n of p(i) A(n + 1 - i), where a(j) = P(j arrivals
 * in one service) and A(j) = P(more than j). */
static void numbers_in_md1(double rho, double *cumulative, double *more, size_t last)
{
    double below = 0;
    for (size_t j = 0; j <= last; j++) {
        below += exp(cm_point_mass_poisson((double)j, rho));
        more[j] = fmax(0, 1 - below);
    }
    double p0 = 1 - rho;
    cumulative[0] = p0;
    for (size_t n = 0; n < last; n++) {
        double up = p0 * more[n];
        for (size_t i = 1; i <= n; i++)
            up += (cumulative[i] - cumulative[i - 1]) * more[n + 1 - i];
        cumulative[n + 1] = fmin(1, cumulative[n] + up * exp(rho));
    }
}

double cm_queues_md1_wait_cdf(double lambda, double d, double t)
{
    double rho = lambda * d;
    if (!(lambda >= 0 && d > 0 && rho < 1))
        return NAN;
    if (t < 0 || lambda == 0)
        return t >= 0;
    assert(t / d <= 1e4);
    /* k - 1 <= t / d < k: W <= t iff, at k d - t later, fewer than k are left in the queue. */
    size_t k = (size_t)floor(t / d) + 1;
    double *work = cm_alloc((2 * k + 2) * sizeof *work), sum = 0;
    numbers_in_md1(rho, work, work + k + 1, k);
    for (size_t j = 0; j < k; j++)
        sum += work[k - j] * exp(cm_point_mass_poisson((double)j, lambda * ((double)k * d - t)));
    cm_free(work);
    return sum;
}
