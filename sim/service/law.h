/* Laws of durations: latency, and how long people and incidents take.
 *
 * Written in a file as `lognormal(median=120ms, sigma=0.6)`, or as a mixture
 * `99% lognormal(median=120ms, sigma=0.6) + 1% pareto(scale=1s, alpha=2.5)`.
 * All arguments and results in seconds. */
#ifndef CM_LAW_H
#define CM_LAW_H

#include "sim/base/kind.h"
#include "sim/base/rng.h"

struct cm_law_kind {
    struct cm_kind kind;
    /* x >= 0, INFINITY included: cm_law_* answer for what is below. */
    double (*cdf)(const void *options, double x);  /* P(L <= x) */
    double (*tail)(const void *options, double x); /* P(L > x), accurate where it is small */
    /* E[L; L <= x] = integral of u f(u) over [0, x]; at INFINITY the mean. */
    double (*partial_mean)(const void *options, double x);
    double (*quantile)(const void *options, double p); /* least x with cdf(x) >= p; p in [0, 1] */
    double (*draw)(const void *options, struct cm_rng *rng);
    /* n draws in a row, the same numbers but faster; NULL = one by one. */
    void (*fill)(const void *options, struct cm_rng *rng, double *durations, size_t n);
    /* Works out what follows from the parameters (logarithms, powers), once, after check; NULL =
     * nothing. A kind that reads a file does this in prepare instead. */
    void (*derive)(void *options);
};

#define CM_LAW_PARTS 6
struct cm_law {
    size_t n; /* parts; their weights add to 1 */
    struct {
        double weight;
        const struct cm_law_kind *kind;
        void *options; /* the arena's; only read once prepared */
    } part[CM_LAW_PARTS];
    double mean;    /* seconds */
    double longest; /* seconds: less than CM_LAW_REST are longer; finite */
};
#define CM_LAW_REST 1e-12

/* Reads the files that the law's parts name and fills mean and longest. Whoever loads a section
 * calls it once for every row of cm_type_law, after the values are set and checked; a law that
 * names no file is ready before. 0, or -1 with the reason. */
int cm_law_prepare(struct cm_law *law, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err);

double cm_law_cdf(const struct cm_law *law, double x);
double cm_law_tail(const struct cm_law *law, double x);
double cm_law_partial_mean(const struct cm_law *law, double x);
/* Integral of the cdf over (0, x] = x F(x) - E[L; L <= x]: how much of a unit flow that began x
 * seconds ago has come out. */
double cm_law_outflow(const struct cm_law *law, double x);
double cm_law_mean(const struct cm_law *law);
double cm_law_quantile(const struct cm_law *law, double p);
double cm_law_draw(const struct cm_law *law, struct cm_rng *rng);

extern const struct cm_law_kind *const cm_law_kinds[]; /* laws.def, NULL-ended */
extern const struct cm_type cm_type_law;
#define CM_LAW(T, f, dflt, help) CM_ROW(T, f, struct cm_law, cm_type_law, dflt, 0, 0, NULL, help)

#endif
