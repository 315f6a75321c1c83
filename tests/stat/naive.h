/* The simulation one would write first: every request by itself, in plain seconds, with nothing of
 * the engine in it. A model is a scenario in numbers; whoever writes one writes the same scenario
 * as text beside it.
 *
 * A request has an arrival, a version by the weight then, a class, a probability of failing by
 * everything that holds then, a latency, and so an instant at which it is counted. */
#ifndef CM_TEST_NAIVE_H
#define CM_TEST_NAIVE_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { NAIVE_CLASSES = 2, NAIVE_EDGES = 4, NAIVE_ROUTES = 4, NAIVE_LOOKS = 4 };
enum { AT_STABLE, AT_CANARY, VERSIONS };

struct naive_class {
    double share, error;
    double median, sigma; /* lognormal, s; sigma 0: exponential of mean `median` */
};

struct naive_model {
    double past;       /* requests that arrived longer before time 0 have been answered */
    double rate;       /* per second, or */
    double step, each; /* recorded: `each` requests in every step of so many seconds */
    struct naive_class class[NAIVE_CLASSES]; /* the last is the rest */
    size_t classes;
    double slo, edge[NAIVE_EDGES];

    double drift, correlation;                      /* of the log odds */
    double warm_up, warm_up_error, warm_up_latency; /* of the canary; factors */

    double (*level)(double t); /* of the defect at time t >= 0; NULL: healthy */
    double onset;
    double error_times, error_plus, latency_times, slow_share, slow_times, spill;
    int scope; /* class, or -1 */

    struct {
        double from, share;
    } route[NAIVE_ROUTES]; /* ascending; before the first, and at share 0, all is stable */
    double look[NAIVE_LOOKS], window;
};

/* What counters say of one replication; a cell is [version][class][failed][slow]. */
typedef double naive_cells[VERSIONS][NAIVE_CLASSES][2][2];
struct naive_harm {
    double requests, failures, slow;
};
struct naive_look {
    naive_cells now, before; /* counted from time 0 to the look, and to a window before it */
    double bucket[VERSIONS][NAIVE_EDGES + 1]; /* in the window */
    struct naive_harm harm;                   /* until the look */
};
struct naive_result {
    struct naive_look look[NAIVE_LOOKS];
    struct naive_harm harm; /* to the last answer */
};

/* One answer, for whoever decides by them. */
struct naive_answer {
    double at;
    size_t version;
    bool failed;
    struct naive_harm harm;
};

struct naive {
    const struct naive_model *model;
    struct naive_answer *answers; /* NULL: they are only counted */
    size_t n_answers;
    gsl_rng *rng;
    double odds_until, odds; /* the drift's grid cell */
    struct naive_result *result;
};

static inline double naive_share(const struct naive_model *m, double t)
{
    double share = 0;
    for (int i = 0; i < NAIVE_ROUTES; i++)
        if (m->route[i].from <= t)
            share = m->route[i].share;
    return t < 0 ? 0 : share;
}

/* A stationary autoregression on cells of an eighth of the correlation time; one begins at 0. */
static inline double naive_drift(struct naive *n, double t)
{
    const struct naive_model *m = n->model;
    double keep = exp(-0.125);
    for (; m->drift > 0 && n->odds_until <= t; n->odds_until += m->correlation / 8)
        n->odds = keep * n->odds + sqrt(1 - keep * keep) * gsl_ran_gaussian_ziggurat(n->rng, 1);
    return m->drift * n->odds;
}

/* What was counted of it, by the looks. */
static inline void naive_count(struct naive *n, const size_t cell[4], double latency, double done)
{
    const struct naive_model *m = n->model;
    size_t bucket = 0;
    while (bucket < NAIVE_EDGES && latency > m->edge[bucket])
        bucket++;
    for (int k = 0; k < NAIVE_LOOKS && done > 0; k++) {
        struct naive_look *look = &n->result->look[k];
        bool before = done <= m->look[k] - m->window, now = done <= m->look[k];
        look->now[cell[0]][cell[1]][cell[2]][cell[3]] += now;
        look->before[cell[0]][cell[1]][cell[2]][cell[3]] += before;
        look->bucket[cell[0]][bucket] += now && !before;
    }
}

static inline void naive_blame(struct naive *n, const struct naive_harm *harm, double done)
{
    for (int k = 0; k <= NAIVE_LOOKS; k++) {
        bool all = k == NAIVE_LOOKS;
        if (!all && done > n->model->look[k])
            continue;
        struct naive_harm *into = all ? &n->result->harm : &n->result->look[k].harm;
        into->requests += harm->requests;
        into->failures += harm->failures;
        into->slow += harm->slow;
    }
}

static inline void naive_request(struct naive *n, double t)
{
    const struct naive_model *m = n->model;
    double share = naive_share(m, t), pick = gsl_rng_uniform(n->rng);
    size_t version = gsl_rng_uniform(n->rng) < share ? AT_CANARY : AT_STABLE, class = 0;
    while (class + 1 < m->classes && pick >= m->class[class].share)
        pick -= m->class[class ++].share;
    const struct naive_class *c = &m->class[class];

    double odds = c->error / (1 - c->error) * exp(naive_drift(n, t));
    double healthy_error = odds / (1 + odds), pace = 1;
    if (version == AT_CANARY && t < m->route[0].from + m->warm_up) {
        healthy_error = fmin(1, healthy_error * m->warm_up_error);
        pace = m->warm_up_latency;
    }
    double level = m->level && share > 0 ? m->level(t) : 0;
    if (m->scope >= 0 && (size_t)m->scope != class)
        level = 0;
    if (version == AT_STABLE)
        level *= m->spill;
    double error = healthy_error * (1 + level * (m->error_times - 1)) + level * m->error_plus;

    double luck = gsl_rng_uniform(n->rng);
    double latency = c->sigma > 0 ? gsl_ran_lognormal(n->rng, log(c->median), c->sigma)
                                  : gsl_ran_exponential(n->rng, c->median);
    double healthy_latency = pace * latency;
    latency = healthy_latency * (1 + level * (m->latency_times - 1));
    if (gsl_rng_uniform(n->rng) < level * m->slow_share)
        latency *= m->slow_times;

    const size_t cell[4] = {version, class, luck<error, latency> m->slo};
    const struct naive_harm harm = {
        .requests = version == AT_CANARY && t >= m->onset,
        .failures = luck < error && luck >= healthy_error,
        .slow = latency > m->slo && healthy_latency <= m->slo,
    };
    if (n->answers) {
        n->answers[n->n_answers++] =
            (struct naive_answer){t + latency, version, luck < error, harm};
        return;
    }
    naive_count(n, cell, latency, t + latency);
    naive_blame(n, &harm, t + latency);
}

/* Arrivals end with the last look: the route is all stable from then on, and nobody reads it. */
static inline void naive_poisson(struct naive *n)
{
    double end = n->model->look[NAIVE_LOOKS - 1], t = -n->model->past;
    while ((t += gsl_ran_exponential(n->rng, 1 / n->model->rate)) <= end)
        naive_request(n, t);
}

/* The recording has a step that begins at time 0. Without drift, since its requests come in no
 * order. */
static inline void naive_recorded(struct naive *n)
{
    const struct naive_model *m = n->model;
    double end = m->look[NAIVE_LOOKS - 1];
    for (double begin = -m->past; begin < end; begin += m->step)
        for (int i = 0; i < (int)m->each; i++) {
            double t = begin + m->step * gsl_rng_uniform(n->rng);
            if (t <= end)
                naive_request(n, t);
        }
}

static inline void naive_play(struct naive *n, struct naive_result *result)
{
    *result = (struct naive_result){0};
    n->result = result;
    n->odds = gsl_ran_gaussian_ziggurat(n->rng, 1);
    n->odds_until = -n->model->past;
    if (n->model->step > 0)
        naive_recorded(n);
    else
        naive_poisson(n);
}

#endif
