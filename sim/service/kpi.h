/* KPIs: what a right answer is worth, as its labels tell.
 *
 * A label is one number about one request: 1 if it led to an order, the value of the order, the
 * score that a judge gave the answer. Requests that fail have none. `sampling` of the others get
 * one; it is known `delay` after the request arrived, or, without a delay, with the answer.
 *
 * The kinds are those of which sums are drawn exactly: scores (counts of each), gamma and normal
 * values. A defect moves the expected value of what is labelled; `judge_noise` is the chance that a
 * judge reports another of the K scores than the right one, each of them alike. The mean of the
 * labels is then
 *
 *     m (1 - q K / (K - 1)) + q / (K - 1) (sum of the scores),       q = judge_noise,
 *
 * nearer to the middle of the scale, and differences shrink by the factor in brackets (the K-ary
 * symmetric channel: Cover and Thomas, Elements of Information Theory, 2006, 7.2). */
#ifndef CM_KPI_H
#define CM_KPI_H

#include "sim/service/law.h"

#define CM_KPIS_MAX   8
#define CM_KPI_SCORES 5

struct cm_kpi {
    double sampling;     /* of the requests answered right */
    struct cm_law delay; /* from the arrival of the request; n = 0: known with the answer */
    struct cm_ref class; /* whose requests are labelled; index -1 = all */
    double weight;       /* of a unit lost, in the blast radius */
};

/* The law of one label. */
enum cm_kpi_form { CM_KPI_DISCRETE, CM_KPI_GAMMA, CM_KPI_NORMAL };
struct cm_kpi_law {
    enum cm_kpi_form form;
    size_t n; /* discrete: so many scores, the first one `first`, then 1 more each */
    double first, chance[CM_KPI_SCORES];
    double shape, scale; /* gamma */
    double mean, sd;     /* normal */
    double truth;        /* the expected value itself, which a judge's noise does not move */
};

struct cm_kpi_kind {
    struct cm_kind kind;
    double (*mean)(const void *options); /* of a healthy version, without a judge's noise */
    /* With another mean in its place; what no such value can have is cut to what it can. */
    struct cm_kpi_law (*law)(const void *options, double mean);
    bool squares; /* sums of squares are drawn without drawing each label, too */
};

/* The labels that a judge with this noise gives instead. */
struct cm_kpi_law cm_kpi_judged(const struct cm_kpi_law *law, double noise);

/* Of one label. */
double cm_kpi_law_mean(const struct cm_kpi_law *law);
double cm_kpi_law_variance(const struct cm_kpi_law *law);
double cm_kpi_law_draw(const struct cm_kpi_law *law, struct cm_rng *rng);

/* What n labels of one law add up to, with what it takes to part them again. */
struct cm_kpi_sums {
    uint64_t n;
    uint64_t score[CM_KPI_SCORES]; /* discrete: so many of each */
    double sum;                    /* else */
    double spread; /* sum of squared distances from their own mean; NAN = not known (gamma) */
};
struct cm_kpi_sums cm_kpi_sums_draw(const struct cm_kpi_law *law, uint64_t n, struct cm_rng *rng);
/* Each of the labels is in the first part with this chance; what is left of `whole` is the rest. */
struct cm_kpi_sums cm_kpi_sums_split(const struct cm_kpi_law *law, struct cm_kpi_sums *whole,
                                     double chance, struct cm_rng *rng);

/* What readers get. */
struct cm_kpi_moments {
    uint64_t n;
    double sum, sum_sq; /* sum_sq NAN where it is not known */
};
struct cm_kpi_moments cm_kpi_moments_of(const struct cm_kpi_law *law,
                                        const struct cm_kpi_sums *sums);

extern const struct cm_section cm_kpi_section;
extern const struct cm_kpi_kind *const cm_kpi_kinds[]; /* kpis.def, NULL-ended */

#endif
