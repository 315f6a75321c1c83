/* A search a pair of policy and defect, all in step so that a round's cells fill the threads.
 *
 * Strength 1 is known from the study. From there it doubles or halves until detection is on the
 * other side of 80 %, then the bracket is halved on the logarithm down to a factor of 2^(1/4); the
 * crossing is interpolated on the probit scale, on which detection by a normal statistic is a line.
 * A point far from 80 % is settled by a quarter of the replications.
 *
 * Under common random numbers, replication i has a threshold of its own from which on it is
 * detected, and the strength sought is the 80 % quantile of the thresholds: its limits are those of
 * a quantile, read off the same curve at the ranks that enclose it (Conover 1999, 3.2). */
#include "analysis/smallest.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "analysis/measure.h"
#include "sim/stats/interval.h"

static const double narrow = 0.25;  /* of a bracket, on log2 */
static const double settled = 0.99; /* confidence with which a cheap point is on one side */
enum {
    POINTS = 8,
    LEAST = 50, /* replications a point, if the study has so many */
    PART = 10   /* a point takes this part of the study's replications */
};

struct point {
    double at; /* log2 of the strength */
    uint64_t x, n;
};

struct search {
    struct cm_plan plan;
    struct cm_smallest *result;
    struct point points[POINTS]; /* ascending */
    size_t n_points;
    double below, above; /* log2 of the ends of the bracket; infinite = not found yet */
    double next;
    uint64_t replications, full; /* of the next point; of a point that is close */
};

/* The ends of the strengths tried, on log2: +-4 for a factor of 16. */
static double farthest(void)
{
    return log2(CM_SMALLEST_LARGEST);
}

/* --- the curve ---------------------------------------------------------------------------------
 */

static double probit(double x, double n)
{
    return gsl_cdf_ugaussian_Pinv((x + 0.5) / (n + 1)); /* finite at 0 and n, too */
}

/* log2 of the strength at which the curve through the points first reaches `share`. At its ends it
 * goes on as it came; what would be outside the strengths tried, or is nowhere because the curve
 * does not rise, is infinite. */
static double crossing(const struct search *s, double share)
{
    double height[POINTS] = {0}, want = gsl_cdf_ugaussian_Pinv(share);
    size_t above = s->n_points; /* the first point that is */
    for (size_t i = s->n_points; i-- > 0;) {
        height[i] = probit((double)s->points[i].x, (double)s->points[i].n);
        if (height[i] >= want)
            above = i;
    }
    size_t end = above < 1 ? 1 : above < s->n_points ? above : s->n_points - 1;
    double beyond = above == s->n_points ? INFINITY : -INFINITY;
    if (s->n_points < 2 || height[end] <= height[end - 1])
        return beyond;
    double from = s->points[end - 1].at, slope = height[end] - height[end - 1];
    double at = from + (s->points[end].at - from) * (want - height[end - 1]) / slope;
    return at > farthest() ? INFINITY : at < -farthest() ? -INFINITY : at;
}

/* --- the search --------------------------------------------------------------------------------
 */

/* Narrow enough, or at an end of the strengths tried without the other side in sight. */
static bool finished(const struct search *s)
{
    return s->above - s->below <= narrow || s->below >= farthest() || s->above <= -farthest();
}

/* The next point: on from the one end that is known, or half-way between the two. */
static void choose(struct search *s)
{
    if (isinf(s->below))
        s->next = s->above - 1;
    else if (isinf(s->above))
        s->next = s->below + 1;
    else
        s->next = 0.5 * (s->below + s->above);
    s->replications = (s->full + 3) / 4;
}

/* Puts a point in its place in the curve and moves an end of the bracket to it. */
static void record(struct search *s, struct point p)
{
    size_t i = s->n_points++;
    assert(i < POINTS);
    for (; i > 0 && s->points[i - 1].at > p.at; i--)
        s->points[i] = s->points[i - 1];
    s->points[i] = p;
    if ((double)p.x >= CM_SMALLEST_POWER * (double)p.n)
        s->above = p.at;
    else
        s->below = p.at;
    if (!finished(s))
        choose(s);
}

/* Rows that were. */
static uint64_t detected(const struct cm_cell *cell)
{
    uint64_t x = 0;
    for (uint64_t i = 0; i < cell->replications; i++)
        x += cell->rows[i].detected;
    return x;
}

/* The study has played strength 1 already, more often than any point will be. */
static void begin(struct search *s, const struct cm_cell *study)
{
    uint64_t full = study->replications / PART;
    full = full < LEAST ? LEAST : full;
    full = full > CM_SMALLEST_REPLICATIONS ? CM_SMALLEST_REPLICATIONS : full;
    *s = (struct search){.plan = study->plan, .below = -INFINITY, .above = INFINITY};
    s->full = full < study->replications ? full : study->replications;
    record(s, (struct point){0, detected(study), study->replications});
}

/* Takes the cell that was played; a cheap point that is too close is asked again, in full. */
static void take(struct search *s, const struct cm_cell *cell)
{
    uint64_t x = detected(cell);
    struct cm_interval range = cm_interval_wilson(x, cell->replications, settled);
    bool close = range.low <= CM_SMALLEST_POWER && CM_SMALLEST_POWER <= range.high;
    if (close && cell->replications < s->full)
        s->replications = s->full;
    else
        record(s, (struct point){s->next, x, cell->replications});
}

/* The strength, and the strengths at which the curve crosses the shares that bound the quantile. */
static void conclude(struct search *s)
{
    struct cm_ranks ranks = cm_ranks_of_quantile((size_t)s->full, CM_SMALLEST_POWER, CM_LEVEL);
    double n = (double)s->full, at = crossing(s, CM_SMALLEST_POWER), low = at, high = at;
    if (s->above <= -farthest()) {
        at = low = -INFINITY;
        high = -farthest();
    } else if (s->below >= farthest()) {
        at = high = INFINITY;
        low = farthest();
    }
    low = fmin(low, crossing(s, (double)ranks.low / n));
    high = ranks.high > s->full ? INFINITY : fmax(high, crossing(s, (double)ranks.high / n));
    /* exp2 is 0 or infinite beyond the strengths tried */
    *s->result = (struct cm_smallest){exp2(at), exp2(low), exp2(high), s->full};
}

/* Plays the next point of every search that is not finished. */
static int play_round(struct search *searches, size_t n, struct cm_runner runner)
{
    struct cm_cell *cells = cm_alloc((n + 1) * sizeof *cells);
    size_t n_cells = 0;
    for (size_t i = 0; i < n; i++) {
        struct search *s = &searches[i];
        if (finished(s))
            continue;
        struct cm_cell *cell = &cells[n_cells++];
        *cell = (struct cm_cell){.plan = s->plan, .replications = s->replications};
        cell->plan.strength = exp2(s->next);
        cell->rows = cm_alloc((size_t)(cell->replications + 1) * sizeof *cell->rows);
    }
    int status = n_cells ? runner.run(runner.self, cells, n_cells) : 0;
    for (size_t i = 0, c = 0; i < n && status == 0; i++)
        if (!finished(&searches[i]))
            take(&searches[i], &cells[c++]);
    for (size_t c = 0; c < n_cells; c++)
        cm_free(cells[c].rows);
    cm_free(cells);
    return status;
}

static bool any_left(const struct search *searches, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!finished(&searches[i]))
            return true;
    return false;
}

/* One search for every pair that is asked about, its place in `found` with it. */
static size_t begin_all(const struct cm_results *r, struct cm_smallest *found,
                        struct search *searches)
{
    size_t n = 0, defects = r->scenario->n_defects;
    for (size_t i = 0; i < r->n_policies * defects; i++) {
        int defect = (int)(i % defects);
        const struct cm_cell *study = cm_results_cell(r, i / defects, defect);
        found[i] = (struct cm_smallest){NAN, NAN, NAN, 0};
        if (cm_results_harmless(r, defect) || study->replications == 0)
            continue;
        begin(&searches[n], study);
        searches[n++].result = &found[i];
    }
    return n;
}

int cm_smallest_find(struct cm_results *results, struct cm_runner runner)
{
    size_t pairs = results->n_policies * results->scenario->n_defects;
    struct cm_smallest *found = cm_alloc((pairs + 1) * sizeof *found);
    struct search *searches = cm_alloc((pairs + 1) * sizeof *searches);
    size_t n = begin_all(results, found, searches);
    int status = 0;
    while (status == 0 && any_left(searches, n))
        status = play_round(searches, n, runner);
    for (size_t i = 0; i < n && status == 0; i++)
        conclude(&searches[i]);
    cm_free(searches);
    if (status != 0) {
        cm_free(found);
        return -1;
    }
    cm_free(results->smallest);
    results->smallest = found;
    return 0;
}

/* --- the usual runner --------------------------------------------------------------------------
 */

/* One round is one study: its threads and its progress are the command line's. */
static int run_study(void *self, struct cm_cell *cells, size_t n_cells)
{
    const struct cm_study *settings = self;
    struct cm_study study = *settings;
    study.cells = cells;
    study.n_cells = n_cells;
    return cm_study_run(&study);
}

struct cm_runner cm_runner_of_study(struct cm_study *settings)
{
    return (struct cm_runner){settings, run_study};
}
