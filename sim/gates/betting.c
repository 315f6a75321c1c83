/* Betting that the canary misses a target, valid at every look.
 *
 * Wealth starts at 1. Before each stratum a stake lambda is chosen from what came before, and the
 * bet is that errors are more frequent than the target m says:
 *
 *     bet_on = request:  wealth *= (1 + lambda (1 - m))^x1 (1 - lambda m)^(n1 - x1)
 *     bet_on = stratum:  wealth *= 1 + lambda (x1 / n1 - m)
 *
 * to the power of 1 / dispersion. With 0 <= lambda <= 1 / m it is an e-process against every
 * release that errs at most as often as m, however its error rate drifts below it; the gate fails
 * at wealth 1 / alpha, for good. Stakes (sim/stats/betting.h) are fixed, a plug-in of the variance
 * seen, or nearly Kelly's, which bets nothing while the canary does not look worse than the target;
 * those two are cut / m at most. Requests of a stratum share one stake: their order is not known.
 *
 * bet_on = stratum asks nothing of requests but that the share of errors of a stratum is fair given
 * the past, and so allows any clusters within strata; it learns a look at a time. It knows no
 * control: where both versions drift above the target it fails a release that is not worse.
 *
 * Source: Waudby-Smith and Ramdas, JRSS B 86 (2024). */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/stats/betting.h"

enum unit { REQUEST, STRATUM };
static const char *const units[] = {[REQUEST] = "request", [STRATUM] = "stratum", NULL};
static const char *const stakes[] = {[CM_BETTING_FIXED] = "fixed",
                                     [CM_BETTING_PLUG_IN] = "plug_in",
                                     [CM_BETTING_KELLY] = "kelly",
                                     NULL};

struct options {
    struct cm_evidence_options common;
    double target, lambda, cut;
    int bet_on, stake;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio that has a target."),
    CM_PROB(struct options, target, NULL, 1e-9, 0.999,
            "The error ratio of a good release, at most."),
    CM_EVIDENCE_ALPHA,
    CM_CHOICE(struct options, bet_on, "request", units,
              "Whether every request is bet on, or the error ratio of what was answered between "
              "two looks."),
    CM_CHOICE(struct options, stake, "kelly", stakes,
              "How much is bet: always the same, by the variance so far, or by how far the canary "
              "has been above the target so far."),
    CM_NUMBER(struct options, lambda, "1", 0, 1e9, "The stake, if it is fixed; 1/target at most."),
    CM_NUMBER(struct options, cut, "0.5", 0.001, 1,
              "The largest part of the wealth that one bet may lose."),
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary misses the target",
    [CM_EVIDENCE_WORSE] = "the bets that the canary misses the target have won",
    [CM_EVIDENCE_NOTHING] = "the canary has answered no request",
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    NULL,
};

struct state {
    struct cm_evidence_state common;
    struct cm_betting game;
    bool started;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->stake == CM_BETTING_FIXED && o->lambda * o->target > 1)
        return cm_fail(err, "lambda (%g) must be at most 1/target (%g)", o->lambda, 1 / o->target);
    return cm_evidence_check(&o->common, err);
}

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){.strata = true};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (cm_evidence_new_step(&o->common, &st->common))
        *st = (struct state){.common = st->common};
}

/* The rules of the game are set once alpha is known. */
static void start(const struct options *o, struct state *st)
{
    st->game = (struct cm_betting){.stake = (enum cm_betting_stake)o->stake,
                                   .m = o->target,
                                   .lambda = o->lambda,
                                   .alpha = cm_evidence_alpha(&o->common, &st->common),
                                   .cut = o->cut};
    cm_betting_start(&st->game);
    st->started = true;
}

/* The stake of what comes next: what the game would bet on it, but never on the canary's health. */
static double stake(const struct options *o, const struct cm_betting *game)
{
    struct cm_betting trial = *game;
    cm_betting_add(&trial, o->target);
    double most = o->stake == CM_BETTING_FIXED ? o->lambda : o->cut / o->target;
    return fmax(0, fmin(most, trial.last));
}

/* n numbers with x ones, seen at once: their squares are taken about the mean after them. */
static void see(struct cm_betting_moments *s, double x, uint64_t n)
{
    s->t += n;
    s->sum += x;
    s->plain += x;
    double mean = s->sum / ((double)s->t + 1);
    s->squares += x * (1 - mean) * (1 - mean) + ((double)n - x) * mean * mean;
}

static void bet(const struct options *o, struct cm_betting *game, const struct cm_two_counts *c)
{
    if (c->n1 == 0)
        return;
    double lambda = stake(o, game), x = (double)c->x1, n = (double)c->n1;
    double wealth = game->log_wealth;
    if (o->bet_on == STRATUM) {
        cm_betting_add(game, x / n); /* what it has seen; the bet is our own */
        game->log_wealth = wealth + log1p(fmax(-1, lambda * (x / n - o->target)));
        return;
    }
    game->log_wealth += x * log1p(lambda * (1 - o->target));
    if (c->n1 > c->x1)
        game->log_wealth += (n - x) * log1p(fmax(-1, -lambda * o->target));
    see(&game->seen, x, c->n1);
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    struct cm_two_counts c;
    if (!st->started)
        start(o, st);
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &c);)
        bet(o, &st->game, &c);
    const struct cm_evidence_now now = {
        .log_e = st->game.log_wealth / o->common.dispersion,
        .limit = -log(cm_evidence_alpha(&o->common, &st->common)),
        .alone = true,
    };
    return cm_evidence_judge(&st->common, look, &now);
}

const struct cm_gate cm_gate_betting = {
    .kind = {.name = "betting",
             .summary = "Bets that the canary's errors miss a target, fair if they do not.",
             .source = "Waudby-Smith and Ramdas, JRSS B 2024",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = cm_evidence_check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
};
