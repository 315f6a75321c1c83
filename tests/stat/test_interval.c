/* Coverage: how often the intervals hold the truth, by simulation under a fixed seed.
 *
 * An estimate of a coverage from R repetitions has the standard error sqrt(c (1 - c) / R); each
 * assertion allows four of them beyond what the method promises. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/rng.h"
#include "sim/stats/incidence.h"
#include "sim/stats/interval.h"

enum { SEED = 20240607, REPETITIONS = 4000 };

/* A stream a test: `purpose` numbers them. */
static struct cm_rng stream(uint64_t purpose)
{
    return cm_rng_stream(SEED, 0, purpose, 0);
}

static double slack(double coverage)
{
    return 4 * sqrt(coverage * (1 - coverage) / REPETITIONS);
}

static bool holds(struct cm_interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

static double exponential(struct cm_rng *rng)
{
    return -log(cm_rng_open(rng));
}

static uint64_t binomial(struct cm_rng *rng, int n, double p)
{
    uint64_t x = 0;
    for (int i = 0; i < n; i++)
        x += cm_rng_unit(rng) < p;
    return x;
}

/* The coverage of a share's interval is a finite sum: no simulation needed, no tolerance but
 * rounding. */
static double exact_coverage(struct cm_interval (*interval)(uint64_t, uint64_t, double), uint64_t n,
                             double p)
{
    double sum = 0, log_odds = log(p) - log1p(-p), log_pmf = (double)n * log1p(-p);
    for (uint64_t x = 0; x <= n; x++) {
        if (holds(interval(x, n, 0.95), p))
            sum += exp(log_pmf);
        log_pmf += log((double)(n - x)) - log((double)(x + 1)) + log_odds;
    }
    return sum;
}

Test(interval, clopper_pearson_never_covers_less_than_it_says)
{
    for (double p = 0.003; p < 1; p += 0.0371)
        cr_expect(ge(dbl, exact_coverage(cm_interval_clopper_pearson, 60, p), 0.95), "p = %g", p);
}

/* Brown, Cai and DasGupta (2001), figure 5: Wilson's coverage averaged over p is within half a
 * percent of nominal from n = 20 on, and dips only close to the ends. */
Test(interval, wilson_covers_what_it_says_on_average)
{
    double sum = 0;
    int points = 0;
    for (double p = 0.0025; p < 1; p += 0.005, points++)
        sum += exact_coverage(cm_interval_wilson, 100, p);
    cr_expect(epsilon_eq(dbl, sum / points, 0.95, 0.005));
}

/* The intervals that are reported: with 0 and n one-sided the coverage near the ends may fall to
 * that of a one-sided statement, no further than Wilson's own dips. */
Test(interval, a_reported_share_covers_near_zero)
{
    for (double p = 0.001; p < 0.2; p += 0.0017)
        cr_expect(ge(dbl, exact_coverage(cm_interval_share, 200, p), 0.88), "p = %g", p);
}

Test(interval, students_interval_covers_normal_means)
{
    struct cm_rng rng = stream(1);
    int hits = 0;
    for (int r = 0; r < REPETITIONS; r++) {
        double x[6];
        for (int i = 0; i < 6; i++)
            x[i] = gsl_cdf_ugaussian_Pinv(cm_rng_open(&rng));
        struct cm_sample sample = cm_sample_of(x, 6);
        hits += holds(cm_interval_mean(&sample, 0.95), 0);
    }
    cr_expect(epsilon_eq(dbl, hits / (double)REPETITIONS, 0.95, slack(0.95)));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

Test(interval, ranks_cover_a_quantile_exactly_as_often_as_they_say)
{
    enum { N = 80 };
    struct cm_rng rng = stream(2);
    double want = cm_ranks_of_quantile(N, 0.9, 0.95).coverage;
    int hits = 0;
    for (int r = 0; r < REPETITIONS; r++) {
        double x[N];
        for (int i = 0; i < N; i++)
            x[i] = exponential(&rng);
        qsort(x, N, sizeof *x, ascending);
        hits += holds(cm_interval_quantile(x, N, 0.9, 0.95), -log(0.1));
    }
    cr_expect(ge(dbl, want, 0.95));
    cr_expect(epsilon_eq(dbl, hits / (double)REPETITIONS, want, slack(want)));
}

/* Batches in which both sums are random and depend on each other, as in a precision. */
Test(interval, a_ratio_over_eight_batches_covers)
{
    struct cm_rng rng = stream(3);
    int hits = 0;
    for (int r = 0; r < REPETITIONS; r++) {
        double a[8], b[8];
        for (int i = 0; i < 8; i++) {
            uint64_t true_alarms = binomial(&rng, 256, 0.4);
            uint64_t false_alarms = binomial(&rng, 256, 0.1);
            a[i] = 0.1 * (double)true_alarms;
            b[i] = a[i] + 0.9 * (double)false_alarms;
        }
        hits += holds(cm_ratio_of_batches(a, b, 8, 0.95).limits, 0.04 / 0.13);
    }
    /* The linearisation has a bias of order 1 / batch: half a percent is granted for it. */
    cr_expect(epsilon_eq(dbl, hits / (double)REPETITIONS, 0.95, slack(0.95) + 0.005));
}

/* Event at rate 1, competing end at rate 1/2, censored at rate 1/2 and at 3: F(t) = 2/3 (1 -
 * exp(-1.5 t)). */
static struct cm_spell spell(struct cm_rng *rng)
{
    double event = exponential(rng);
    double other = 2 * exponential(rng);
    double cut = fmin(3, 2 * exponential(rng));
    if (cut < fmin(event, other))
        return (struct cm_spell){cut, CM_CENSORED};
    return event < other ? (struct cm_spell){event, CM_EVENT}
                         : (struct cm_spell){other, CM_COMPETING};
}

Test(incidence, limits_of_the_incidence_and_of_its_median_cover)
{
    enum { N = 150 };
    struct cm_rng rng = stream(4);
    double median = -log(1 - 0.5 * 1.5) / 1.5, sum = 0;
    int at_one = 0, at_median = 0;
    for (int r = 0; r < REPETITIONS; r++) {
        struct cm_spell spells[N];
        for (int i = 0; i < N; i++)
            spells[i] = spell(&rng);
        struct cm_curve curve;
        cm_curve_init(&curve, spells, N);
        size_t last = 0;
        while (last + 1 < curve.n && curve.time[last + 1] <= 1)
            last++;
        sum += curve.value[last];
        at_one += holds(cm_curve_limits(&curve, last, 0.95), (1 - exp(-1.5)) / 1.5);
        at_median += holds(cm_curve_quantile(&curve, 0.5, 0.95).limits, median);
        cm_curve_release(&curve);
    }
    /* Unbiased: sd of one estimate about sqrt(F (1 - F) / N), a bit more for the censored. */
    cr_expect(epsilon_eq(dbl, sum / REPETITIONS, (1 - exp(-1.5)) / 1.5,
                         4 * 1.2 * 0.5 / sqrt(N * (double)REPETITIONS)));
    /* Asymptotic limits at n = 150: one percent is granted for that. */
    cr_expect(epsilon_eq(dbl, at_one / (double)REPETITIONS, 0.95, slack(0.95) + 0.01));
    cr_expect(epsilon_eq(dbl, at_median / (double)REPETITIONS, 0.95, slack(0.95) + 0.01));
}
