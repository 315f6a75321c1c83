/* Whole rollouts of bench/reference.ini, against the loop that one would write first.
 *
 * The peer draws every scrape window of 15 s with GSL: Poisson arrivals, a binomial for the route,
 * a binomial for the errors, a multinomial over the latency buckets; every minute it sums the last
 * 20 windows for the same two gates. It is the same model, drawn where nobody looks.
 *
 *     bench_reference           all, as ratios
 *     bench_reference CASE N    N rollouts of one case (naive, or of the list below), for counting
 *                               instructions: the difference of two N, as
 *     valgrind --tool=callgrind --callgrind-out-file=/dev/null build/bench/bench_reference ours 2
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/engine/replicate.h"
#include "sim/telemetry/metric.h"

#define REPEATS 5

/* --- the peer --------------------------------------------------------------------------------- */

enum { BUCKETS = 20, WINDOWS = 20, PER_STEP = 240, PER_LOOK = 4, STEPS = 6 };

struct window {
    unsigned requests, errors, bucket[BUCKETS];
};

struct naive {
    gsl_rng *rng;
    double mass[BUCKETS]; /* of the latency law */
    const struct cm_edges *edges;
    struct window ring[2][WINDOWS];
};

static void draw_window(struct naive *s, size_t at, double share)
{
    unsigned all = gsl_ran_poisson(s->rng, 100.0 * 15);
    unsigned canary = gsl_ran_binomial(s->rng, share, all);
    for (int v = 0; v < 2; v++) {
        struct window *w = &s->ring[v][at % WINDOWS];
        w->requests = v ? canary : all - canary;
        w->errors = gsl_ran_binomial(s->rng, v ? 0.0085 : 0.005, w->requests);
        gsl_ran_multinomial(s->rng, BUCKETS, w->requests, s->mass, w->bucket);
    }
}

static double p95(const struct naive *s, int version)
{
    uint64_t counts[BUCKETS] = {0};
    for (int i = 0; i < WINDOWS; i++)
        for (int b = 0; b < BUCKETS; b++)
            counts[b] += s->ring[version][i].bucket[b];
    return cm_histogram_quantile(0.95, s->edges, counts);
}

static bool objects(const struct naive *s)
{
    unsigned requests = 0, errors = 0;
    for (int i = 0; i < WINDOWS; i++) {
        requests += s->ring[1][i].requests;
        errors += s->ring[1][i].errors;
    }
    return errors > 0.013 * requests || p95(s, 1) > 1.25 * p95(s, 0);
}

/* Looks that objected, of all. */
static unsigned play_naive(struct naive *s)
{
    static const double share[STEPS] = {0.05, 0.1, 0.25, 0.5, 0.75, 0.9};
    unsigned objections = 0;
    memset(s->ring, 0, sizeof s->ring);
    for (size_t at = 0; at < STEPS * PER_STEP; at++) {
        draw_window(s, at, share[at / PER_STEP]);
        if (at % PER_LOOK == PER_LOOK - 1)
            objections += objects(s);
    }
    return objections;
}

static void init_naive(struct naive *s, const struct cm_scenario *scenario)
{
    const struct cm_edges *edges = &scenario->telemetry.buckets;
    *s = (struct naive){.rng = gsl_rng_alloc(gsl_rng_mt19937), .edges = edges};
    double before = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        double upto = b < edges->n ? cm_law_cdf(&scenario->service.latency, edges->bound[b]) : 1;
        s->mass[b] = upto - before;
        before = upto;
    }
}

/* --- both ------------------------------------------------------------------------------------- */

static int read_file(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                     const char **text, size_t *length, const char **resolved, struct cm_err *err)
{
    (void)self;
    (void)relative_to;
    char *bytes = cm_arena_alloc(arena, 1 << 16);
    FILE *file = fopen(path, "r");
    if (!file)
        return cm_fail(err, "cannot be read");
    *length = fread(bytes, 1, (1 << 16) - 1, file);
    fclose(file);
    *text = bytes;
    *resolved = path;
    return 0;
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static unsigned sink; /* so that nothing is optimised away */

static double seconds_of_naive(struct naive *s, uint64_t n)
{
    double began = cpu_s();
    for (uint64_t i = 0; i < n; i++)
        sink += play_naive(s);
    return (cpu_s() - began) / (double)n;
}

static double seconds_of_ours(struct cm_rollout *r, uint64_t n)
{
    double began = cpu_s();
    for (uint64_t i = 0; i < n; i++)
        sink += cm_replicate(r, i).looks;
    return (cpu_s() - began) / (double)n;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static const struct variant {
    const char *name, *what, *set[4];
} variants[] = {
    {"ours", "coalmine", {NULL}},
    {"busy", "coalmine, 100,000 requests a second", {"traffic.rate=100000rps", NULL}},
    {"random",
     "coalmine, random traffic and error rates",
     {"traffic.arrivals=gamma_poisson", "traffic.dispersion=4", "environment.drift=0.3", NULL}},
};

#define N_VARIANTS (sizeof variants / sizeof *variants)

struct loaded {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_rollout *rollout;
};

static void open_variant(struct loaded *l, const struct variant *variant)
{
    struct cm_diags diags = {0};
    const struct cm_load load = {
        .path = "bench/reference.ini", .source = {.read = read_file}, .set = variant->set};
    *l = (struct loaded){0};
    if (cm_scenario_load(&l->scenario, &load, &diags)) {
        fprintf(stderr, "bench/reference.ini: %s\n", diags.n > 0 ? diags.list[0].text : "?");
        exit(EXIT_FAILURE);
    }
    cm_diags_release(&diags);
    l->plan = (struct cm_plan){.scenario = &l->scenario, .release = 0, .strength = 1};
    l->rollout = cm_rollout_new(&l->plan);
}

static void close_variant(struct loaded *l)
{
    cm_rollout_free(l->rollout);
    cm_scenario_release(&l->scenario);
}

static void compare(struct naive *naive)
{
    double theirs = 1e9;
    for (int i = 0; i < REPEATS; i++)
        theirs = least(theirs, seconds_of_naive(naive, 20));
    printf("%-44s %12s %10s %8s\n", "six hours in six steps, counts flow", "us/rollout",
           "rollouts/s", "ratio");
    printf("%-44s %12.1f %10.0f\n", "GSL, every scrape window", theirs * 1e6, 1 / theirs);
    for (size_t k = 0; k < N_VARIANTS; k++) {
        struct loaded l;
        double ours = 1e9;
        open_variant(&l, &variants[k]);
        for (int i = 0; i < REPEATS; i++)
            ours = least(ours, seconds_of_ours(l.rollout, 200));
        printf("%-44s %12.1f %10.0f %8.1f\n", variants[k].what, ours * 1e6, 1 / ours,
               theirs / ours);
        close_variant(&l);
    }
}

static void play(struct naive *naive, const char *name, uint64_t n)
{
    struct loaded l;
    if (strcmp(name, "naive") == 0)
        seconds_of_naive(naive, n);
    for (size_t k = 0; k < N_VARIANTS; k++)
        if (strcmp(name, variants[k].name) == 0) {
            open_variant(&l, &variants[k]);
            seconds_of_ours(l.rollout, n);
            close_variant(&l);
        }
}

int main(int argc, char **argv)
{
    struct loaded l;
    struct naive naive;
    open_variant(&l, &variants[0]);
    init_naive(&naive, &l.scenario);
    if (argc > 2)
        play(&naive, argv[1], strtoull(argv[2], NULL, 10));
    else
        compare(&naive);
    gsl_rng_free(naive.rng);
    close_variant(&l);
    return sink == 1; /* never */
}
