/* The search for the smallest effect, on a runner whose detection curve is known. */
#include "tests/unit/hand_made.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <gsl/gsl_cdf.h>

#include "analysis/smallest.h"

/* Replication i is detected from strength median * exp(spread z_i) on, with z_i the normal score of
 * i: thresholds are lognormal and the same at every strength (common random numbers), so detection
 * reaches p at median * exp(spread * Phi^-1(p)). A policy has a median of its own. */
struct curve {
    double median[2], spread;
    size_t rounds, cells;
    uint64_t replications;
    double strongest;
    int stop_at; /* the round that is interrupted; -1 = none */
};

static bool seen(const struct curve *curve, const struct cm_plan *plan, uint64_t i)
{
    /* A golden-ratio sequence fills (0, 1) evenly for any n. */
    double u = fmod(0.5 + 0.6180339887498949 * (double)i, 1);
    double threshold = curve->median[plan->policy] * exp(curve->spread * gsl_cdf_ugaussian_Pinv(u));
    return plan->strength >= threshold;
}

static void play(const struct curve *curve, struct cm_cell *cell)
{
    for (uint64_t i = 0; i < cell->replications; i++)
        cell->rows[i] =
            hand_made_bad(seen(curve, &cell->plan, i) ? CM_ROLLED_BACK : CM_PROMOTED, 0, 60, 60);
}

static int run(void *self, struct cm_cell *cells, size_t n_cells)
{
    struct curve *curve = self;
    if ((int)curve->rounds++ == curve->stop_at)
        return -1;
    curve->cells += n_cells;
    for (size_t i = 0; i < n_cells; i++) {
        play(curve, &cells[i]);
        curve->replications += cells[i].replications;
        curve->strongest = fmax(curve->strongest, cells[i].plan.strength);
    }
    return 0;
}

static struct hand_made h;

static int find(struct curve *curve, uint64_t replications)
{
    hand_made_init(&h, replications);
    for (size_t i = 0; i < h.results.n_cells; i++)
        if (h.results.cells[i].plan.release >= 0)
            play(curve, &h.results.cells[i]);
    return cm_smallest_find(&h.results, (struct cm_runner){curve, run});
}

static const struct cm_smallest *found(size_t policy, int defect)
{
    return &h.results.smallest[policy * DEFECTS + (size_t)defect];
}

Test(smallest, the_strength_at_which_four_in_five_are_seen_is_found)
{
    struct curve curve = {.median = {1.0, 0.3}, .spread = 0.4, .stop_at = -1};
    cr_assert(eq(int, find(&curve, 2000), 0));
    double shift = exp(0.4 * gsl_cdf_ugaussian_Pinv(0.8));
    for (int policy = 0; policy < 2; policy++) {
        const struct cm_smallest *s = found((size_t)policy, SPIKE);
        double truth = curve.median[policy] * shift;
        /* 200 replications a point: sd of the quantile's log = 0.4 * sqrt(0.16 / 200) / 0.28 = 4 %;
         * the scores here are even, so the search has to be better than one such sd. */
        cr_expect(fabs(log(s->strength / truth)) < 0.04, "%g, not %g", s->strength, truth);
        cr_expect(lt(dbl, s->low, truth));
        cr_expect(gt(dbl, s->high, truth));
        /* the order-statistic interval: about +-2 sd wide */
        cr_expect(epsilon_eq(dbl, log(s->high / s->low), 4 * 0.04, 0.04));
        cr_expect(eq(u64, s->n, 200));
    }
    hand_made_release(&h);
}

Test(smallest, the_search_is_a_modest_part_of_the_study)
{
    struct curve curve = {.median = {6, 0.1}, .spread = 0.3, .stop_at = -1};
    cr_assert(eq(int, find(&curve, 2000), 0));
    cr_expect(le(u64, curve.replications, 2 * 3 * 2000 / 8)); /* of all that the study played */
    cr_expect(le(sz, curve.rounds, 12));
    hand_made_release(&h);
}

Test(smallest, an_effect_that_no_strength_shows_is_none)
{
    struct curve curve = {.median = {1000, 20}, .spread = 0.2, .stop_at = -1};
    cr_assert(eq(int, find(&curve, 1000), 0));
    cr_expect(eq(dbl, found(FLAGGER, SPIKE)->strength, INFINITY));
    cr_expect(eq(dbl, found(OURS, SPIKE)->strength, INFINITY)); /* half are seen at x16 to x20 */
    cr_expect(eq(dbl, curve.strongest, CM_SMALLEST_LARGEST));
    hand_made_release(&h);
}

Test(smallest, an_effect_that_every_strength_shows_is_zero)
{
    struct curve curve = {.median = {1e-6, 1}, .spread = 0.2, .stop_at = -1};
    cr_assert(eq(int, find(&curve, 1000), 0));
    cr_expect(eq(dbl, found(FLAGGER, SPIKE)->strength, 0));
    cr_expect(eq(dbl, found(FLAGGER, SPIKE)->low, 0));
    hand_made_release(&h);
}

Test(smallest, a_curve_that_levels_off_below_four_in_five_is_none)
{
    /* Every fifth and a bit is never seen, whatever the strength: detection ends at 3 in 4. */
    struct curve curve = {.median = {1, 1}, .spread = 30, .stop_at = -1};
    cr_assert(eq(int, find(&curve, 400), 0));
    cr_expect(eq(dbl, found(OURS, SPIKE)->strength, INFINITY));
    hand_made_release(&h);
}

Test(smallest, harmless_defects_are_not_asked_about)
{
    struct curve curve = {.median = {1, 1}, .spread = 0.3, .stop_at = -1};
    cr_assert(eq(int, find(&curve, 500), 0));
    cr_expect(isnan(found(OURS, COSMETIC)->strength));
    hand_made_release(&h);
}

Test(smallest, a_search_that_is_interrupted_fills_nothing)
{
    struct curve curve = {.median = {1, 0.3}, .spread = 0.3, .stop_at = 1};
    cr_expect(eq(int, find(&curve, 500), -1));
    cr_expect(h.results.smallest == NULL);
    hand_made_release(&h);
}

Test(smallest, small_studies_are_searched_with_what_they_have)
{
    static const uint64_t sizes[] = {1, 2, 7, 40};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct curve curve = {.median = {1, 0.3}, .spread = 0.3, .stop_at = -1};
        cr_assert(eq(int, find(&curve, sizes[i]), 0));
        const struct cm_smallest *s = found(OURS, SPIKE);
        cr_expect(eq(u64, s->n, sizes[i]));
        cr_expect(s->low <= s->strength && s->strength <= s->high, "%g", s->strength);
        hand_made_release(&h);
    }
}
