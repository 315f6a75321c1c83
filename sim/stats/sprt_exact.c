/* The exact course of an SPRT; see sprt.h.
 *
 * After n requests the undecided have between first and first + some errors: a window that moves up
 * by one error now and then and never grows, because both limits are lines of the same slope. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/stats/sprt.h"

static const double REST = 1e-16;
static const uint64_t MOST = 1 << 28;

struct window {
    uint64_t first; /* errors of mass[0] */
    size_t n, room;
    double *mass; /* owned */
};

/* One more request. */
static void spread(struct window *w, double p)
{
    assert(w->n < w->room);
    w->mass[w->n] = 0;
    for (size_t i = w->n; i > 0; i--)
        w->mass[i] = w->mass[i] * (1 - p) + w->mass[i - 1] * p;
    w->mass[0] *= 1 - p;
    w->n++;
}

/* What an error and a good request add to the log ratio. */
struct course {
    const struct cm_sprt_limits *limits;
    double up, down;
};

static enum cm_sprt_decision decided(const struct course *c, uint64_t x, uint64_t n)
{
    return cm_sprt_decide(c->limits, (double)x * c->up + (double)(n - x) * c->down);
}

/* Takes the decided off both ends. */
static void settle(const struct course *c, uint64_t n, struct window *w, struct cm_sprt_odds *odds)
{
    size_t low = 0;
    while (w->n > 0 && decided(c, w->first + w->n - 1, n) == CM_SPRT_ACCEPT_H1)
        odds->accept_h1 += w->mass[--w->n];
    while (low < w->n && decided(c, w->first + low, n) == CM_SPRT_ACCEPT_H0)
        odds->accept_h0 += w->mass[low++];
    w->first += low;
    w->n -= low;
    memmove(w->mass, w->mass + low, w->n * sizeof *w->mass);
}

static double sum(const struct window *w)
{
    double all = 0;
    for (size_t i = 0; i < w->n; i++)
        all += w->mass[i];
    return all;
}

struct cm_sprt_odds cm_sprt_exact_odds(const struct cm_sprt *test)
{
    const double most_room = 1e6; /* p0 and p1 so close that a table of errors is no table */
    double a = test->limits.log_upper, b = test->limits.log_lower;
    assert(test->p >= 0 && test->p <= 1 && test->p0 < test->p1 && b < 0 && a > 0);
    const struct course course = {&test->limits, cm_sprt_share_ratio(1, 1, test->p0, test->p1),
                                  cm_sprt_share_ratio(0, 1, test->p0, test->p1)};
    double width = (a - b) / (course.up - course.down);
    struct cm_sprt_odds odds = {0, 0, 0}, none = {NAN, NAN, NAN};
    if (!(width < most_room))
        return none;
    struct window w = {.n = 1, .room = (size_t)width + 4};
    w.mass = cm_alloc(w.room * sizeof *w.mass);
    w.mass[0] = 1;
    uint64_t n = 0;
    for (double left = 1; left >= REST && n < MOST; left = sum(&w)) {
        odds.requests += left;
        spread(&w, test->p);
        settle(&course, ++n, &w, &odds);
    }
    cm_free(w.mass);
    return n < MOST ? odds : none;
}
