/* A policy that decides, played by the engine and by the simulation one would write first: how it
 * ends, when, and with what harm.
 *
 * Two steps of a minute, looks every 20 s at the errors of the last 45 s (so that windows overlap
 * and reach across changes of weight), two objections roll back, an objection or no data at the
 * end of a step holds it. Answers take 8 s, so that what is in flight at the end counts. Estimates
 * may be four standard errors of their difference apart. */
#include <criterion/criterion.h>

#include "tests/stat/naive.h"
#include "tests/stat/rollouts.h"

enum { NAIVE = 8000, ENGINE = 30000, ANSWERS = 20000 };

static const char text[] =
    "[scenario]\nhorizon = 30m\n[traffic]\nrate = 8 rps\n"
    "[service]\nerror_rate = 8%\nlatency_slo = 15s\nlatency = exponential(mean=8s)\n"
    "[defect.bad]\nerror_rate = +5pp\nlatency = x1.5\nonset = 30s\nspill = 30%\n"
    "[escape]\ndetection = fixed(value=1ms)\n"
    "[metric.errors]\nsignal = error_ratio\nwindow = 45s\n"
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 13%\nfailures = 2\n"
    "[policy.p]\nsteps = 20%/60s, 50%/60s\nlook_every = 20s\ngates = limit\n";

static double from_30(double t)
{
    return t >= 30;
}

static const struct naive_model world = {
    .past = 0, /* only the canary is looked at */
    .rate = 8,
    .class = {{1, 0.08, 8, 0}},
    .classes = 1,
    .slo = 15,
    .level = from_30,
    .onset = 30,
    .error_times = 1,
    .error_plus = 0.05,
    .latency_times = 1.5,
    .scope = -1,
    .spill = 0.3,
    .route = {{0, 0.2}, {1e9, 0}, {1e9, 0}, {1e9, 0}},
};

enum column { ROLLED_BACK, END_S, REQUESTS, FAILURES, SLOW, LOOKS, COLUMNS };
static const char *const names[] = {"rolled back", "end, s", "requests",
                                    "failures",    "slow",   "looks"};

/* --- the naive rollout ------------------------------------------------------------------------ */

struct rollout {
    struct naive_model model;
    struct naive naive;
    double step_since, end;
    int step, objections, looks;
    bool over, promoted;
};

enum verdict { NOTHING, PASSES, OBJECTS };

static enum verdict judge(const struct rollout *r, double now)
{
    double requests = 0, errors = 0;
    for (size_t i = 0; i < r->naive.n_answers; i++) {
        const struct naive_answer *a = &r->naive.answers[i];
        if (a->version == AT_CANARY && a->at > now - 45 && a->at <= now) {
            requests++;
            errors += a->failed;
        }
    }
    return requests == 0 ? NOTHING : errors > 0.13 * requests + 1e-9 ? OBJECTS : PASSES;
}

static void look(struct rollout *r, double now)
{
    enum verdict verdict = judge(r, now);
    r->looks++;
    r->objections += verdict == OBJECTS;
    bool baked = now >= r->step_since + 60;
    if (r->objections == 2 || (verdict == PASSES && baked && r->step == 1)) {
        r->over = true;
        r->promoted = r->objections < 2;
        r->end = now;
    } else if (verdict == PASSES && baked) {
        r->step = 1;
        r->step_since = now;
        r->model.route[1].from = now;
        r->model.route[1].share = 0.5;
    }
}

static void play_naive(struct rollout *r, double *row)
{
    double t = 0, next_look = 20;
    r->model = world;
    r->naive.model = &r->model;
    r->naive.n_answers = 0;
    r->step = r->objections = r->looks = 0;
    r->step_since = 0;
    r->over = false;
    while (!r->over) {
        t += gsl_ran_exponential(r->naive.rng, 1 / r->model.rate);
        for (; t > next_look && !r->over; next_look += 20)
            look(r, next_look);
        if (!r->over)
            naive_request(&r->naive, t);
    }
    struct naive_harm harm = {0};
    for (size_t i = 0; i < r->naive.n_answers; i++) {
        const struct naive_answer *a = &r->naive.answers[i];
        if (r->promoted && a->at > r->end) /* that is on the account of the escape */
            continue;
        harm.requests += a->harm.requests;
        harm.failures += a->harm.failures;
        harm.slow += a->harm.slow;
    }
    const double values[COLUMNS] = {!r->promoted,  r->end,    harm.requests,
                                    harm.failures, harm.slow, r->looks};
    for (int c = 0; c < COLUMNS; c++)
        row[c] = values[c];
}

/* --- comparison ------------------------------------------------------------------------------- */

static struct cm_sample column_of(const double *rows, size_t n, size_t c)
{
    double *values = calloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = rows[i * COLUMNS + c];
    struct cm_sample sample = cm_sample_of(values, n);
    free(values);
    return sample;
}

static double *engine_rows(void)
{
    double *rows = calloc((size_t)ENGINE * COLUMNS, sizeof *rows);
    struct rollouts r = play(text, 0, ENGINE);
    for (size_t i = 0; i < ENGINE; i++) {
        const struct cm_outcome *o = &r.rows[i];
        const double values[COLUMNS] = {rolled_back(o),
                                        cm_seconds(o->ended_at),
                                        (double)o->rollout.requests,
                                        (double)o->rollout.failures,
                                        (double)o->rollout.slow,
                                        o->looks};
        cr_assert(o->end == CM_ROLLED_BACK || o->end == CM_PROMOTED);
        for (int c = 0; c < COLUMNS; c++)
            rows[i * COLUMNS + (size_t)c] = values[c];
    }
    free(r.rows);
    return rows;
}

static double *naive_rows(void)
{
    double *rows = calloc((size_t)NAIVE * COLUMNS, sizeof *rows);
    struct rollout *r = calloc(1, sizeof *r);
    r->naive.rng = gsl_rng_alloc(gsl_rng_mt19937);
    r->naive.answers = calloc(ANSWERS, sizeof *r->naive.answers);
    gsl_rng_set(r->naive.rng, 4711);
    for (size_t i = 0; i < NAIVE; i++)
        play_naive(r, rows + i * COLUMNS);
    gsl_rng_free(r->naive.rng);
    free(r->naive.answers);
    free(r);
    return rows;
}

Test(rollout_naive, a_policy_that_decides_ends_alike_in_both)
{
    double *naive = naive_rows(), *engine = engine_rows();
    for (size_t c = 0; c < COLUMNS; c++) {
        struct cm_sample a = column_of(naive, NAIVE, c), b = column_of(engine, ENGINE, c);
        double error = 4 * sqrt(a.variance / NAIVE + b.variance / ENGINE);
        cr_expect(fabs(a.mean - b.mean) <= error, "%s: %g, and %g by requests, +- %g", names[c],
                  b.mean, a.mean, error);
        /* Spread is compared by the mean of squared distances from one point. */
        double *square = calloc(ENGINE * COLUMNS, sizeof *square);
        for (size_t i = 0; i < ENGINE; i++)
            square[i * COLUMNS] = pow(engine[i * COLUMNS + c] - a.mean, 2);
        struct cm_sample y = column_of(square, ENGINE, 0);
        for (size_t i = 0; i < NAIVE; i++)
            square[i * COLUMNS] = pow(naive[i * COLUMNS + c] - a.mean, 2);
        struct cm_sample x = column_of(square, NAIVE, 0);
        error = 4 * sqrt(x.variance / NAIVE + y.variance / ENGINE);
        cr_expect(fabs(x.mean - y.mean) <= error, "spread of %s: %g, and %g by requests, +- %g",
                  names[c], y.mean, x.mean, error);
        free(square);
    }
    double share = column_of(engine, ENGINE, ROLLED_BACK).mean;
    cr_expect(share > 0.2 && share < 0.8, "%g: the test can tell", share);
    free(naive);
    free(engine);
}
