/* Users drawn as sums and users drawn one by one, against closed forms. Tolerances are 4 standard
 * errors of seeds that are fixed. */
#include <gsl/gsl_cdf.h>

#include "sim/base/mem.h"
#include "sim/engine/crowd.h"
#include "sim/engine/replicate.h"
#include "sim/engine/urn.h"
#include "sim/stats/occupancy.h"
#include "tests/stat/scenario_text.h"

static void expect_within(const char *what, double got, double want, double standard_error)
{
    cr_expect(fabs(got - want) <= 4 * standard_error, "%s: %g instead of %g (standard error %g)",
              what, got, want, standard_error);
}

struct moments {
    double n, sum, squares, fourth;
};

static void add(struct moments *m, double value, double centre)
{
    double x = value - centre;
    m->n++;
    m->sum += x;
    m->squares += x * x;
    m->fourth += x * x * x * x;
}

/* Mean and variance about the mean that is expected. */
static void expect_moments(const char *what, const struct moments *m, double mean, double variance)
{
    double spread = m->squares / m->n;
    expect_within(what, mean + m->sum / m->n, mean, sqrt(variance / m->n));
    expect_within(what, spread, variance, sqrt((m->fourth / m->n - spread * spread) / m->n));
}

/* --- the share by a hash --- */

/* Of m users, of shape k, those below w send S: E S = w, and with shares that are Dirichlet,
 * Var S = w (1 - w) (k + 1) / (k m + 1); the users below are Binomial(m, w). */
static void expect_share(const char *text, double users, double shape, double weight)
{
    struct cm_scenario s;
    struct cm_crowd c;
    struct moments share = {0}, count = {0};
    load_text(&s, text, NULL);
    cm_crowd_init(&c, &s);
    for (uint64_t i = 0; i < 20000; i++) {
        cm_crowd_begin(&c, i, 0);
        struct cm_crowd_part below = cm_crowd_below(&c, 0, weight);
        add(&share, below.share, weight);
        add(&count, (double)below.users, users * weight);
    }
    double spread = weight * (1 - weight);
    expect_moments("users", &count, users * weight, users * spread);
    expect_moments("share", &share, weight,
                   isinf(shape) ? spread / users : spread * (shape + 1) / (shape * users + 1));
    cm_crowd_release(&c);
    cm_scenario_release(&s);
}

#define POLICY  "[policy.p]\nsteps = 50%/1m\n"
#define UNEQUAL "[users]\npopulation = 70\nactivity = 0.3\nstickiness = hash\n" POLICY
#define ALIKE   "[users]\npopulation = 70\nstickiness = hash\n" POLICY
#define EACH    "[scenario]\nflow = requests\n"

Test(users, below_a_weight_are_binomial_and_send_a_share_that_is_beta)
{
    expect_share(UNEQUAL, 70, 0.3, 0.05);
    expect_share(UNEQUAL, 70, 0.3, 0.6);
    expect_share(ALIKE, 70, INFINITY, 0.13);
    expect_share("[users]\npopulation = 1000000\nactivity = 2\nstickiness = hash\n" POLICY, 1e6, 2,
                 0.01);
}

Test(users, drawn_one_by_one_have_the_same_share)
{
    expect_share(EACH UNEQUAL, 70, 0.3, 0.05);
    expect_share(EACH UNEQUAL, 70, 0.3, 0.6);
    expect_share(EACH ALIKE, 70, INFINITY, 0.13);
}

/* Steps split what is left: given the users below 0.2, those that 0.5 adds are
 * Binomial(m - B, 0.3 / 0.8), and their share of the rest is as that of any of them. */
Test(users, who_join_at_the_next_weight_split_the_rest)
{
    struct cm_scenario s;
    struct cm_crowd c;
    struct moments count = {0}, share = {0};
    load_text(&s, UNEQUAL, NULL);
    cm_crowd_init(&c, &s);
    for (uint64_t i = 0; i < 20000; i++) {
        cm_crowd_begin(&c, i, 0);
        struct cm_crowd_part few = cm_crowd_below(&c, 0, 0.2), many = cm_crowd_below(&c, 0, 0.5);
        double left = 70 - (double)few.users, part = 0.3 / 0.8;
        add(&count, (double)(many.users - few.users) / left, part);
        add(&share, (many.share - few.share) / (1 - few.share), part);
    }
    expect_within("users", count.sum / count.n, 0, sqrt(count.squares) / count.n);
    expect_within("share", share.sum / share.n, 0, sqrt(share.squares) / share.n);
    cm_crowd_release(&c);
    cm_scenario_release(&s);
}

/* --- distinct users --- */

/* The law of the distinct users, request by request. */
static void law_of(int users, double shape, int requests, double *p)
{
    memset(p, 0, ((size_t)users + 1) * sizeof *p);
    p[0] = 1;
    for (int i = 0; i < requests; i++)
        for (int d = users; d >= 0; d--) {
            double whole = isinf(shape) ? users : users + i / shape;
            double from_below = d > 0 ? p[d - 1] * (users - d + 1) / whole : 0;
            p[d] = p[d] * (1 - (users - d) / whole) + from_below;
        }
}

/* Pearson's chi-square at level 1e-5 of n draws, `parts` requests at a time. */
static void expect_law(int users, double shape, int requests, int parts)
{
    enum { N = 100000 };
    double p[64], seen[64] = {0}, chi = 0, want = 0, got = 0;
    int cells = 0;
    law_of(users, shape, requests, p);
    for (uint64_t i = 0; i < N; i++) {
        struct cm_rng rng = cm_rng_stream(7, i, (uint64_t)requests, (uint64_t)parts);
        struct cm_urn urn = {.shape = shape, .users = (uint64_t)users};
        for (int part = 0; part < parts; part++) {
            uint64_t some = (uint64_t)(requests * (part + 1) / parts - requests * part / parts);
            urn.touched += cm_urn_draw(&urn, some, &rng);
            urn.requests += some;
        }
        seen[urn.touched]++;
    }
    for (int d = 0; d <= users; d++) {
        want += N * p[d];
        got += seen[d];
        if (want < 20 && d < users)
            continue;
        chi += want > 0 ? (got - want) * (got - want) / want : got;
        cells++;
        want = got = 0;
    }
    double level = cells > 1 ? gsl_cdf_chisq_Q(chi, cells - 1) : 1;
    cr_expect(level > 1e-5, "%d users of shape %g, %d requests in %d parts: %g", users, shape,
              requests, parts, level);
    cr_expect_gt(cells, 2);
}

Test(users, met_one_by_one_follow_polyas_urn)
{
    expect_law(20, INFINITY, 25, 1);
    expect_law(20, 0.5, 25, 1);
    expect_law(40, 3, 60, 1);
}

/* Far more requests than users: each user's part is drawn. */
Test(users, each_drawn_with_a_part_follow_polyas_urn)
{
    expect_law(6, INFINITY, 12, 1);
    expect_law(20, 0.05, 500, 1);
    expect_law(3, 0.2, 200, 1);
}

Test(users, met_in_parts_are_as_many_as_met_at_once)
{
    expect_law(20, INFINITY, 25, 3);
    expect_law(20, 0.5, 25, 3);
    expect_law(20, 0.05, 500, 2);
}

/* Exact moments: of the users without a request E = m q1 and E[F (F - 1)] = m (m - 1) q2, q_r the
 * chance that r given users send nothing. */
static double none_of(double r, double users, double shape, double requests)
{
    if (isinf(shape))
        return exp(requests * log1p(-r / users));
    double whole = shape * users, rest = shape * (users - r);
    return exp(lgamma(rest + requests) - lgamma(rest) - lgamma(whole + requests) + lgamma(whole));
}

static void expect_crowded(double users, double shape, double requests)
{
    struct moments distinct = {0};
    const struct cm_urn urn = {.shape = shape, .users = (uint64_t)users};
    double q1 = none_of(1, users, shape, requests), q2 = none_of(2, users, shape, requests);
    double none = users * q1, variance = none + users * (users - 1) * q2 - none * none;
    for (uint64_t i = 0; i < 20000; i++) {
        struct cm_rng rng = cm_rng_stream(11, i, (uint64_t)requests, 0);
        add(&distinct, (double)cm_urn_draw(&urn, (uint64_t)requests, &rng), users - none);
    }
    expect_moments("distinct", &distinct, users - none, variance);
}

Test(users, in_crowds_have_the_exact_mean_and_spread)
{
    expect_crowded(20000, INFINITY, 18000);
    expect_crowded(20000, INFINITY, 150000);
    expect_crowded(300000, INFINITY, 17000);
    expect_crowded(20000, 0.5, 30000);
    expect_crowded(50000, 0.2, 400000);
    expect_crowded(40000, 5, 17000);
}

/* --- a cookie --- */

/* Users with activity a, gamma of mean 1, have sent n a requests on average, and each had a chance
 * of w to get a cookie: without one they are E[a exp(-w n a)] = (k / (k + w n))^(k + 1) of the
 * activity, and the canary has 1 - (1 - w) of that. */
Test(users, with_a_cookie_gain_the_canary_the_share_that_their_requests_say)
{
    static const char *const text =
        "[scenario]\nhorizon = 20m\n[traffic]\nrate = 20 rps\n[telemetry]\nhistory = 10s\n"
        "[users]\npopulation = 2000\nactivity = 0.5\nstickiness = ratchet\n"
        "[policy.p]\nsteps = 2%/10m, 100%\nlook_every = 1m\ngates = g\n"
        "[gate.g]\ntest = threshold\nmetric = m\nmax = 99%\n[metric.m]\nsignal = error_ratio\n"
        "window = 10s\n";
    enum { N = 200 };
    struct cm_scenario s;
    double sum = 0, squares = 0, want = 1 - 0.98 * pow(0.5 / (0.5 + 0.02 * 6), 1.5);
    load_text(&s, text, NULL);
    struct cm_rollout *rollout =
        cm_rollout_new(&(struct cm_plan){.scenario = &s, .release = -1, .strength = 1});
    for (uint64_t i = 0; i < N; i++) {
        struct cm_outcome o = cm_replicate(rollout, i);
        sum += o.first_share / N;
        squares += o.first_share * o.first_share / N;
        cr_assert_eq(o.first_weight, 0.02);
    }
    expect_within("share", sum, want, sqrt((squares - sum * sum) / N));
    cm_rollout_free(rollout);
    cm_scenario_release(&s);
}
