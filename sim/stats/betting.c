/* Stakes and wealth; see the header. */
#include "sim/stats/betting.h"

#include <assert.h>
#include <math.h>

static const struct cm_betting_moments NOTHING = {.sum = 0.5, .squares = 0.25};

static void see(struct cm_betting_moments *s, double x)
{
    s->t++;
    s->sum += x;
    s->plain += x;
    double apart = x - s->sum / ((double)s->t + 1);
    s->squares += apart * apart;
}

static double mean(const struct cm_betting_moments *s)
{
    return s->sum / ((double)s->t + 1);
}

static double variance(const struct cm_betting_moments *s)
{
    return s->squares / ((double)s->t + 1);
}

/* sqrt(2 ln(1 / alpha) / (t ln(1 + t) s2)) of the t-th number, which comes next. */
static double plug_in(const struct cm_betting_moments *s, double alpha)
{
    double t = (double)s->t + 1;
    return sqrt(-2 * log(alpha) / (t * log1p(t) * variance(s)));
}

static double stake_fixed(const struct cm_betting *b)
{
    return b->lambda;
}

static double stake_plug_in(const struct cm_betting *b)
{
    return fmin(plug_in(&b->seen, b->alpha), b->cut / b->m);
}

static double stake_kelly(const struct cm_betting *b)
{
    double edge = mean(&b->seen) - b->m;
    double stake = edge / (variance(&b->seen) + edge * edge);
    return fmax(-1 / (1 - b->m), fmin(1 / b->m, stake));
}

static double (*const stakes[])(const struct cm_betting *b) = {
    [CM_BETTING_FIXED] = stake_fixed,
    [CM_BETTING_PLUG_IN] = stake_plug_in,
    [CM_BETTING_KELLY] = stake_kelly,
};

void cm_betting_start(struct cm_betting *b)
{
    assert(b->m > 0 && b->m < 1);
    assert(b->stake != CM_BETTING_FIXED || (b->lambda >= 0 && b->lambda <= 1 / b->m));
    assert(b->stake != CM_BETTING_PLUG_IN ||
           (b->alpha > 0 && b->alpha < 1 && b->cut > 0 && b->cut <= 1));
    b->seen = NOTHING;
    b->log_wealth = b->last = 0;
}

void cm_betting_add(struct cm_betting *b, double x)
{
    assert(x >= 0 && x <= 1);
    b->last = stakes[b->stake](b);
    /* 1 / m times m may round to above 1 */
    b->log_wealth += log1p(fmax(-1, b->last * (x - b->m)));
    see(&b->seen, x);
}

void cm_betting_lower_start(struct cm_betting_lower *b)
{
    assert(b->alpha > 0 && b->alpha < 1 && b->cut > 0 && b->cut < 1);
    b->seen = NOTHING;
    b->stakes = b->gains = b->costs = 0;
}

void cm_betting_lower_add(struct cm_betting_lower *b, double x)
{
    assert(x >= 0 && x <= 1);
    double stake = fmin(plug_in(&b->seen, b->alpha), b->cut);
    double before = b->seen.t > 0 ? b->seen.plain / (double)b->seen.t : 0;
    b->stakes += stake;
    b->gains += stake * x;
    b->costs += (x - before) * (x - before) * (-log1p(-stake) - stake);
    see(&b->seen, x);
}

double cm_betting_lower_limit(const struct cm_betting_lower *b)
{
    return b->stakes > 0 ? (b->gains + log(b->alpha) - b->costs) / b->stakes : -INFINITY;
}
