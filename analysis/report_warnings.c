/* What may mislead in a report, found in its own rows; each sentence says what to do about it.
 *
 * A warning is for a reader who would otherwise draw the wrong conclusion: too few replications for
 * a rare event, policies compared at unequal false-rollback rates, a detection that is mere
 * trigger-happiness, a horizon that cuts rollouts or harm off, a defect that no gate could have
 * seen because it failed too few requests or began too late. Thresholds are choices, named here. */
#include <math.h>

#include "analysis/report_parts.h"
#include "analysis/words.h"
#include "sim/stats/interval.h"

static const double poor_limit = 0.01;  /* of 0 of n; above it n is too small */
static const double often = 0.05;       /* shares worth a word */
static const double mostly_false = 0.2; /* false rollbacks that make detection meaningless */
static const double too_few = 3;        /* failures: P(none) = exp(-3) = 5 % */

struct warning {
    const struct cm_findings *findings;
    struct cm_table *sentences;
    struct cm_buffer *text;
    struct cm_writer to;
};

/* The sentence is complete. */
static void say(const struct warning *w)
{
    cm_report_say(w->sentences, w->text);
}

static const char *policy_of(const struct warning *w, size_t policy)
{
    return cm_results_policy(w->findings->results, policy);
}

/* The share of healthy rollouts, and how it is said. */
static struct cm_estimate healthy(const struct warning *w, const char *measure,
                                  const char *statistic, size_t policy)
{
    return cm_findings_one(w->findings, measure, statistic, policy, -1);
}

static void say_share(const struct warning *w, const struct cm_estimate *e)
{
    static const struct cm_column column = {NULL, "", CM_COLUMN_SHARE, false, NULL};
    cm_words_estimate(&column, e, w->to);
}

/* --- the study as a whole --- */

/* A price of something that was not counted. */
static void warn_unpriced(const struct warning *w)
{
    const struct cm_results *r = w->findings->results;
    if (r->prices.harmed_user <= 0 || cm_users_given(&r->scenario->users))
        return;
    cm_print(w->to, "Harmed users have a price, but nobody counts users: say how many there are "
                    "in [users].");
    say(w);
}

/* What 0 of n would be reported as: below it, nothing can be told apart. */
static void warn_small_n(const struct warning *w)
{
    uint64_t n = w->findings->results->scenario->run.replications;
    double limit = cm_interval_share(0, n, CM_LEVEL).high;
    if (limit <= poor_limit)
        return;
    cm_words_count(n, w->to);
    cm_print(w->to, " replication%s cannot tell a share below ", n == 1 ? "" : "s");
    cm_words_share(limit, w->to);
    cm_print(w->to, " from none: raise scenario.replications before a decision rests on a rare "
                    "event.");
    say(w);
}

/* The two policies whose false rollbacks of healthy releases differ most: sure if their intervals
 * do not meet. */
static void warn_unequal(const struct warning *w)
{
    const struct cm_results *r = w->findings->results;
    size_t least = 0, most = 0;
    for (size_t i = 1; i < r->n_policies; i++) {
        double rate = healthy(w, "false_rollback", NULL, i).value;
        if (rate < healthy(w, "false_rollback", NULL, least).value)
            least = i;
        if (rate > healthy(w, "false_rollback", NULL, most).value)
            most = i;
    }
    struct cm_estimate low = healthy(w, "false_rollback", NULL, least);
    struct cm_estimate high = healthy(w, "false_rollback", NULL, most);
    if (least == most || !(high.low > low.high))
        return;
    cm_print(w->to, "Policies differ in false rollbacks (%s ", policy_of(w, most));
    say_share(w, &high);
    cm_print(w->to, ", %s ", policy_of(w, least));
    say_share(w, &low);
    cm_print(w->to, " of healthy releases): compare what they detect at equal rates only.");
    say(w);
}

/* --- a policy --- */

/* A policy that rolls back at random detects as well. */
static void warn_trigger_happy(const struct warning *w, size_t policy)
{
    struct cm_estimate rate = healthy(w, "false_rollback", NULL, policy);
    if (!(rate.value > mostly_false))
        return;
    cm_print(w->to, "Policy %s rolls back ", policy_of(w, policy));
    say_share(w, &rate);
    cm_print(w->to, " of healthy releases; that it rolls back a bad one says little.");
    say(w);
}

/* Either the horizon is short, or a gate never makes up its mind. */
static void warn_undecided(const struct warning *w, size_t policy)
{
    const struct cm_results *r = w->findings->results;
    const struct cm_named_policy *p = &r->scenario->policies[r->policies[policy]];
    struct cm_estimate late = healthy(w, "ends", "timed_out", policy);
    if (!(late.value > often))
        return;
    cm_print(w->to, "Under %s ", p->name);
    say_share(w, &late);
    cm_print(w->to, " of healthy rollouts are not over by the horizon of ");
    cm_words_duration(cm_seconds(r->scenario->run.horizon), w->to);
    if (p->controller->shortest) {
        cm_print(w->to, " (the shortest takes ");
        cm_words_duration(cm_seconds(p->controller->shortest(p->options)), w->to);
        cm_print(w->to, ")");
    }
    cm_print(w->to, ": raise scenario.horizon, or find out what holds them.");
    say(w);
}

/* --- a policy and a defect --- */

/* What was seen of releases that were missed. */
struct missed {
    uint64_t of;                      /* replications */
    uint64_t late;                    /* the defect began to act after the rollout */
    uint64_t seen;                    /* the others */
    uint64_t going_on;                /* harm was not over by the horizon */
    double failures, requests, looks; /* of those seen, all together, during the rollout */
};

static struct missed look_at_missed(const struct cm_cell *cell)
{
    struct missed m = {.of = cell->replications};
    for (uint64_t i = 0; i < cell->replications; i++) {
        const struct cm_outcome *row = &cell->rows[i];
        bool late = row->onset >= row->ended_at;
        if (!cm_outcome_missed(row))
            continue;
        m.going_on += row->mitigated_at == CM_NEVER && row->onset != CM_NEVER;
        m.late += late;
        m.seen += !late;
        m.failures += late ? 0 : (double)row->rollout.failures;
        m.requests += late ? 0 : (double)row->rollout.requests;
        m.looks += late ? 0 : row->looks;
    }
    return m;
}

/* Failures are all that could be seen of it: slowness has evidence of its own. */
static bool only_fails(const struct cm_defect *d)
{
    bool fails = d->error_rate.times != 1 || d->error_rate.plus != 0;
    return fails && d->slow_share <= 0 && d->latency.times == 1 && d->latency.plus == 0 &&
           d->kpi.n == 0 && d->gauge.n == 0;
}

static bool happens_often(uint64_t x, uint64_t n)
{
    return (double)x > often * (double)n;
}

/* x of n, as shares are said. */
static void say_count(const struct warning *w, uint64_t x, uint64_t n)
{
    struct cm_estimate e = cm_estimate_share(x, n);
    say_share(w, &e);
}

/* A slow leak, a delayed onset: the answer is bake time, not another gate. */
static void warn_late(const struct warning *w, struct cm_pair at, const struct missed *m)
{
    if (!happens_often(m->late, m->of))
        return;
    cm_print(w->to, "Defect %s begins to act only after %s has promoted it in ",
             cm_results_release_name(w->findings->results, at.release), policy_of(w, at.policy));
    say_count(w, m->late, m->of);
    cm_print(w->to, " of its releases: no gate can see it there, only a longer rollout.");
    say(w);
}

/* Only where most are missed: the few that slip through a good gate are those that failed little.
 */
static void warn_too_few(const struct warning *w, struct cm_pair at, const struct missed *m)
{
    static const struct cm_column number = {NULL, "", CM_COLUMN_NUMBER, false, NULL};
    const struct cm_results *r = w->findings->results;
    const struct cm_scenario *s = r->scenario;
    double seen = (double)m->seen;
    if (2 * m->seen <= m->of || m->failures >= too_few * seen ||
        !only_fails(&s->defects[at.release].effect))
        return;
    double failures = m->failures / seen, requests = m->requests / seen;
    double in_a_look = m->requests / fmax(1, m->looks);
    cm_print(w->to, "At ");
    cm_words_rate(s->arrivals->mean_rate(s->arrivals_options), w->to);
    cm_print(w->to, " a missed %s shows ", cm_results_release_name(r, at.release));
    cm_words_value(&number, failures, failures, w->to);
    cm_print(w->to, " failures among ");
    cm_words_value(&number, requests, requests, w->to);
    cm_print(w->to, " requests in a whole rollout under %s (", policy_of(w, at.policy));
    cm_words_value(&number, in_a_look, in_a_look, w->to);
    cm_print(w->to, " requests a look): too few for any gate. Give the canary more traffic, or "
                    "time.");
    say(w);
}

/* The last part of the harm is beyond what was simulated. */
static void warn_going_on(const struct warning *w, struct cm_pair at, const struct missed *m)
{
    if (!happens_often(m->going_on, m->of))
        return;
    cm_print(w->to, "In ");
    say_count(w, m->going_on, m->of);
    cm_print(w->to,
             " of releases with %s under %s people have not noticed by the horizon: the "
             "blast radius is counted up to there and is larger.",
             cm_results_release_name(w->findings->results, at.release), policy_of(w, at.policy));
    say(w);
}

static void warn_pair(const struct warning *w, struct cm_pair at)
{
    const struct cm_cell *cell = cm_results_cell(w->findings->results, at.policy, at.release);
    struct missed m = look_at_missed(cell);
    warn_late(w, at, &m);
    warn_too_few(w, at, &m);
    warn_going_on(w, at, &m);
}

void cm_report_warnings(const struct cm_findings *f, struct cm_table *sentences)
{
    const struct cm_results *r = f->results;
    struct cm_buffer text = {0};
    struct warning w = {f, sentences, &text, cm_buffer_writer(&text)};
    warn_small_n(&w);
    warn_unpriced(&w);
    warn_unequal(&w);
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        warn_trigger_happy(&w, policy);
        warn_undecided(&w, policy);
        for (int bad = cm_report_next_bad(r, -1); bad >= 0; bad = cm_report_next_bad(r, bad))
            warn_pair(&w, (struct cm_pair){policy, bad});
    }
    cm_buffer_release(&text);
}
