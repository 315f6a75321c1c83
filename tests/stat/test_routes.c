/* Routes beyond weights: a mirror, and a class that goes to the canary whole. Nothing decides here;
 * what the canary has answered is held against what the route says. */
#include "tests/stat/rollouts.h"

enum { N = 1500 };

#define WORLD                                                                                      \
    "[scenario]\nhorizon = 1h\n[traffic]\nrate = 10 rps\n"                                         \
    "[service]\nerror_rate = 1%\nlatency = exponential(mean=200ms)\n"                              \
    "[class.beta]\nshare = 20%\n"                                                                  \
    "[defect.bad]\nerror_rate = +5pp\nprior = 10%\n"                                               \
    "[defect.other]\nerror_rate = +5pp\nprior = 10%\nscope = beta\n"

static double shadow(const struct cm_outcome *row)
{
    return (double)row->shadow;
}

static double seconds(const struct cm_outcome *row)
{
    return cm_seconds(row->ended_at);
}

/* Of 10 rps over 60 s copies are a Poisson number of mean 600 m; users get nothing bad. The step
 * after it, 60 s at 10 %, serves 60 requests of which 1 in 20 fails by the defect. */
Test(routes, copies_are_counted_apart_and_hurt_nobody)
{
    static const char text[] =
        WORLD "[policy.p]\nsteps = 10%/60s, 20%/1h\nmirror = 40%\nmirror_bake = 60s\n";
    struct rollouts r = play(text, 0, N);
    expect_mean("copies", &r, shadow, 240);
    struct cm_sample copies = sample_of(&r, shadow);
    /* A Poisson variance; that of a sample variance is about 2 v^2 / n. */
    cr_expect(fabs(copies.variance - 240) < 4 * 240 * sqrt(2.0 / N), "%g", copies.variance);
    /* 60 at 10 %, then 58 min at 20 %: the horizon. */
    expect_mean("requests", &r, requests, 60 + 3480 * 2);
    expect_mean("failures", &r, failures, 0.05 * (60 + 3480 * 2));
    for (size_t i = 0; i < r.n; i++)
        cr_expect(r.rows[i].onset == 0);
    free(r.rows);
}

/* A gate that sees the canary's errors sees those of copies: at a limit of 3 % over a minute, 240
 * requests of 6 %, it nearly always objects. P(X <= 7), X ~ Poisson(14.4): 0.0266; of the healthy
 * release P(X >= 8), X ~ Poisson(2.4): 0.0034. Windows hold a random number of requests: the limit
 * is on the ratio, so the sum over both is taken. */
static double chance_of_objection(double requests, double error)
{
    double p = 0, ok = requests * (1 - error), bad = requests * error;
    for (int x = 1; x < 80; x++)
        for (int n = 0; n < 500; n++)
            if (x > 0.03 * (x + n))
                p += exp(-bad + x * log(bad) - lgamma(x + 1) - ok + n * log(ok) - lgamma(n + 1));
    return p;
}

Test(routes, gates_see_what_copies_come_to)
{
    static const char text[] = "[scenario]\nhorizon = 1h\n[traffic]\nrate = 10 rps\n"
                               "[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
                               "[defect.bad]\nerror_rate = +5pp\nprior = 10%\n"
                               "[metric.m]\nsignal = error_ratio\nwindow = 60s\n"
                               "[gate.g]\ntest = threshold\nmetric = m\nmax = 3%\n"
                               "[policy.p]\nsteps = 100%\nmirror = 40%\nmirror_bake = 60s\n"
                               "look_every = 60s\ngates = g\n";
    for (int release = -1; release < 1; release++) {
        struct rollouts r = play(text, release, N);
        expect_chance("objects", &r, rolled_back,
                      chance_of_objection(240, release < 0 ? 0.01 : 0.06));
        if (release == 0)
            for (size_t i = 0; i < r.n; i++)
                cr_expect(r.rows[i].end != CM_ROLLED_BACK ||
                          (r.rows[i].detected && r.rows[i].rollout.requests == 0 &&
                           r.rows[i].rollout.failures == 0 && r.rows[i].ended_at == CM_MINUTE));
        free(r.rows);
    }
}

/* The canary gets the whole class and its weight of the rest: 0.2 + 0.8 x 0.1 of 600 requests, in
 * both flows; the defect of the class reaches all of it. */
Test(routes, a_class_that_matches_goes_to_the_canary_whole)
{
    static const char *const flows[] = {"counts", "requests"};
    for (size_t f = 0; f < 2; f++) {
        struct cm_buffer text = {0};
        cm_print(cm_buffer_writer(&text), "%s%s%s", "[scenario]\nhorizon = 1m\nflow = ", flows[f],
                 "\n[traffic]\nrate = 10 rps\n"
                 "[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
                 "[class.beta]\nshare = 20%\n"
                 "[defect.bad]\nerror_rate = +5pp\nprior = 10%\n"
                 "[defect.other]\nerror_rate = +5pp\nprior = 10%\nscope = beta\n"
                 "[policy.p]\nsteps = 10%/10m\nmatch = beta\n");
        for (int release = 0; release < 2; release++) {
            struct rollouts r = play(text.text, release, N);
            expect_mean("requests", &r, requests, 600 * 0.28);
            expect_mean("failures", &r, failures, 600 * 0.05 * (release ? 0.2 : 0.28));
            free(r.rows);
        }
        cm_buffer_release(&text);
    }
}

/* What is promoted or rolled back leaves nothing of the route. */
Test(routes, the_end_of_a_rollout_ends_its_route)
{
    struct rollouts r =
        play(WORLD "[policy.p]\nsteps = 10%/60s, 100%\nmirror = 40%\nmirror_bake = 60s\n"
                   "match = beta\n[escape]\ndetection = fixed(value=1m)\n",
             0, 200);
    expect_mean("copies", &r, shadow, 240);
    expect_mean("seconds", &r, seconds, 120);
    for (size_t i = 0; i < r.n; i++)
        cr_expect(r.rows[i].end == CM_PROMOTED && r.rows[i].mitigated_at == 3 * CM_MINUTE);
    free(r.rows);
}
