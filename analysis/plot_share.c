/* The share of the requests that the canary really gets at each weight, where users stay with their
 * version: a hash gives it a random set of users for as long as the weight lasts, a cookie ratchets
 * users onto it. Read off traces of healthy rollouts, at the last look of each weight whose window
 * lies within it. */
#include <math.h>
#include <stdlib.h>

#include "analysis/plot_parts.h"
#include "analysis/trace.h"
#include "analysis/words.h"
#include "sim/base/list.h"
#include "sim/base/units.h"

enum { ROLLOUTS = 200 }; /* traced, at most */

/* What one rollout shows of one weight. */
struct point {
    double weight, share;
    uint64_t replication;
};

struct points {
    struct point *list; /* the arena's */
    size_t n;
    struct cm_arena arena;
};

static const char *lacks(const struct cm_plot_ask *ask)
{
    const struct cm_scenario *s = ask->scenario;
    if (!cm_users_given(&s->users) || s->users.stickiness == CM_STICKY_NONE)
        return "users do not stay with their version ([users] stickiness)";
    const struct cm_named_policy *policy = &s->policies[ask->policy];
    for (size_t i = 0; i < policy->n_watched; i++)
        if (s->gates[policy->gate[i]].n_metrics > 0 &&
            s->metrics[s->gates[policy->gate[i]].metric[0]].metric.class.index < 0)
            return NULL;
    return "no gate of the policy reads all requests";
}

/* NAN if the look does not show the share of one weight. */
static double share_at(const struct cm_trace_event *e)
{
    if (e->what != CM_TRACE_LOOK || e->look->n_signals == 0 || e->canary_share <= 0)
        return NAN;
    const struct cm_trace_signal *signal = &e->look->signals[0];
    uint64_t all = 0;
    for (int arm = 0; arm < CM_ARMS; arm++)
        all += signal->arm[arm].requests;
    if (all == 0 || signal->before > 0 || signal->metric->metric.class.index >= 0)
        return NAN;
    return (double)signal->arm[CM_CANARY].requests / (double)all;
}

static void keep(struct points *points, struct point point)
{
    points->list = cm_list_grow(&points->arena, points->list, points->n, sizeof *points->list);
    points->list[points->n++] = point;
}

/* The last look of each weight in a row. */
static void collect(const struct cm_trace *t, struct points *points)
{
    struct point last = {NAN, NAN, t->replication};
    for (size_t i = 0; i < t->n; i++) {
        double share = share_at(&t->events[i]), weight = t->events[i].canary_share;
        if (isnan(share))
            continue;
        if (!isnan(last.weight) && last.weight != weight)
            keep(points, last);
        last.weight = weight;
        last.share = share;
    }
    if (!isnan(last.weight))
        keep(points, last);
}

static int by_weight(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->weight != y->weight)
        return (x->weight > y->weight) - (x->weight < y->weight);
    if (x->share != y->share)
        return (x->share > y->share) - (x->share < y->share);
    return (x->replication > y->replication) - (x->replication < y->replication);
}

/* One row a weight: where the middle nine tenths of the rollouts lie. */
static void add_row(struct cm_table *t, const struct point *points, size_t n)
{
    double *shares = cm_alloc((n + 1) * sizeof *shares);
    for (size_t i = 0; i < n; i++)
        shares[i] = points[i].share;
    cm_table_number(t, points[0].weight);
    cm_table_count(t, n);
    cm_table_number(t, cm_estimate_quantile(shares, n, 0.05).value);
    cm_table_number(t, cm_estimate_quantile(shares, n, 0.5).value);
    cm_table_number(t, cm_estimate_quantile(shares, n, 0.95).value);
    cm_free(shares);
}

static const char *const columns[] = {"weight", "rollouts", "p5", "median", "p95", NULL};

/* The weight at which the share is furthest from it, in the median or at an end. */
static void say_title(const struct cm_plot_ask *ask, const struct cm_table *t, struct cm_picture *p)
{
    struct cm_writer to = cm_picture_title(p);
    double furthest = -1, values[5] = {0};
    for (size_t row = 0; row < cm_table_rows(t); row++) {
        double weight = cm_table_at(t, row, 0)->estimate.value;
        double off = fmax(cm_table_at(t, row, 4)->estimate.value / weight,
                          weight / cm_table_at(t, row, 2)->estimate.value);
        if (!(off > furthest))
            continue;
        furthest = off;
        for (size_t i = 0; i < 5; i++)
            values[i] = cm_table_at(t, row, i)->estimate.value;
    }
    cm_print(to, "%s: a weight of ", ask->scenario->policies[ask->policy].name);
    cm_units_print(values[0], CM_RATIO, to);
    cm_print(to, " is ");
    cm_words_share(values[2], to);
    cm_print(to, " to ");
    cm_words_share(values[4], to);
    cm_print(to, " of the requests");
}

/* What the axes have to hold. */
static void set_ranges(const struct cm_table *t, const struct points *points, struct cm_picture *p)
{
    double low = 1, high = 0;
    for (size_t row = 0; row < cm_table_rows(t); row++) {
        low = fmin(low, fmax(1e-4, cm_table_at(t, row, 2)->estimate.value));
        high = fmax(high, cm_table_at(t, row, 4)->estimate.value);
    }
    cm_picture_number(p, "least", points->list[0].weight);
    cm_picture_number(p, "largest", points->list[points->n - 1].weight);
    cm_picture_number(p, "lowest", fmin(low, points->list[0].weight));
    cm_picture_number(p, "highest", fmax(high, points->list[points->n - 1].weight));
}

static struct points play(const struct cm_plot_ask *ask)
{
    const struct cm_plan plan = {ask->scenario, ask->policy, -1, 1};
    struct points points = {0};
    uint64_t n = ask->scenario->run.replications;
    for (uint64_t i = 0; i < (n < ROLLOUTS ? n : ROLLOUTS); i++) {
        struct cm_trace trace = {0};
        cm_trace_record(&trace, &plan, i);
        collect(&trace, &points);
        cm_trace_release(&trace);
    }
    if (points.n > 0)
        qsort(points.list, points.n, sizeof *points.list, by_weight);
    return points;
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct points points = play(ask);
    struct cm_table *t = cm_picture_add(p, "weights");
    for (size_t i = 0; columns[i]; i++)
        cm_picture_column(t, columns[i], i == 1 ? CM_COLUMN_COUNT : CM_COLUMN_NUMBER);
    for (size_t i = 0, n; i < points.n; i += n) {
        for (n = 1; i + n < points.n && points.list[i + n].weight == points.list[i].weight;)
            n++;
        add_row(t, points.list + i, n);
    }
    if (points.n > 0)
        say_title(ask, t, p);
    size_t seen = points.n;
    if (seen > 0)
        set_ranges(t, &points, p);
    cm_arena_release(&points.arena);
    return seen > 0 ? 0 : cm_fail(err, "no look lies within one weight");
}

const struct cm_plot cm_plot_share = {
    .name = "share",
    .summary = "The share of the requests that the canary really gets, by its weight.",
    .of = CM_PLOT_OF_POLICY,
    .lacks = lacks,
    .draw = draw,
};
