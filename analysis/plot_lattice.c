/* How often one check of a limit on the error ratio fails, by the number of requests in its window:
 * with p the chance that a request fails,
 *
 *     P(check fails | n) = P(Bin(n, p) > floor(limit n)),
 *
 * a saw: it falls within a tooth no longer than another error is allowed, then jumps (the lattice
 * of k / n). More traffic is not always safer. Healthy release and defect, at full strength and on
 * all requests in the metric; where the policy's first and largest weight lie is marked. */
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "analysis/plot_parts.h"
#include "analysis/words.h"
#include "sim/base/units.h"
#include "sim/scenario/check.h"
#include "sim/scenario/rehearsal.h"
#include "sim/service/answer.h"
#include "sim/stats/share_limit.h"

enum { DENSE = 400, MOST = 20000, PARTS = 300 };

/* What is checked, and where. */
struct lattice {
    const struct cm_named_gate *gate;
    const struct cm_metric *metric;
    double limit, per_weight; /* the share of errors allowed; requests in a window at weight 1 */
    double first, largest;    /* weights */
    double healthy, bad;      /* chances that a request fails; bad NAN = no defect moves it */
};

/* The share of errors that a gate allows; NAN = it has no such limit. */
static double limit_of(const struct cm_scenario *s, const struct cm_named_gate *gate)
{
    const char *kind = gate->gate->kind.name;
    if (gate->n_metrics == 0 || s->metrics[gate->metric[0]].metric.signal != CM_ERROR_RATIO)
        return NAN;
    bool success = strcmp(kind, "flagger_check") == 0;
    const struct cm_quantity *limit =
        cm_check_option(gate, success ? "min" : "max", &cm_type_quantity);
    if (!limit || !(success || strcmp(kind, "threshold") == 0))
        return NAN;
    /* 1 - 0.99 is 0.01: to the places that a person writes */
    return success ? round((1 - limit->value) * 1e12) / 1e12 : limit->value;
}

/* Of a request in the metric: a class's own, or the mean over all. */
static double error_of(const struct cm_scenario *s, int class, const struct cm_defect *defect)
{
    const struct cm_change none = {.times = 1};
    struct cm_change change = defect ? defect->error_rate : none;
    double rest = 1, sum = 0, share = 0;
    for (int i = 0; i <= (int)s->n_classes; i++) {
        bool last = i == (int)s->n_classes;
        double part = last ? rest : s->classes[i].answer.share;
        double p = last || isnan(s->classes[i].answer.error_rate) ? s->service.error_rate
                                                                  : s->classes[i].answer.error_rate;
        bool touched = defect && (defect->scope.index < 0 || defect->scope.index == i);
        rest -= last ? 0 : part;
        if (class >= 0 && class != i)
            continue;
        sum += part * cm_error_changed(p, touched ? change : none);
        share += part;
    }
    return share > 0 ? sum / share : NAN;
}

/* The first gate of the policy that has a limit; false if there is none. */
static bool find(const struct cm_plot_ask *ask, struct lattice *l)
{
    const struct cm_scenario *s = ask->scenario;
    const struct cm_named_policy *policy = &s->policies[ask->policy];
    for (size_t i = 0; i < policy->n_watched; i++) {
        const struct cm_named_gate *gate = &s->gates[policy->gate[i]];
        double limit = limit_of(s, gate);
        if (!(limit > 0 && limit < 1))
            continue;
        const struct cm_metric *metric = &s->metrics[gate->metric[0]].metric;
        struct cm_rehearsal weights = cm_rehearse(policy);
        double rate = cm_check_rate(s, metric);
        int class = metric->class.index;
        *l = (struct lattice){.gate = gate, .metric = metric, .limit = limit, .bad = NAN};
        l->per_weight = rate * cm_seconds(metric->window);
        l->first = weights.first;
        l->largest = weights.largest;
        l->healthy = error_of(s, class, NULL);
        if (ask->release >= 0)
            l->bad = error_of(s, class, &s->defects[ask->release].effect);
        if (l->bad == l->healthy)
            l->bad = NAN;
        return l->per_weight * l->first >= 1 && l->healthy > 0;
    }
    return false;
}

static const char *lacks(const struct cm_plot_ask *ask)
{
    struct lattice l;
    return find(ask, &l) ? NULL : "the policy has no limit on an error ratio";
}

static double fails(const struct lattice *l, double p, uint64_t n)
{
    return isnan(p) ? NAN
                    : gsl_cdf_binomial_Q((unsigned)cm_share_floor(n, l->limit), p, (unsigned)n);
}

static double requests(const struct lattice *l, double weight)
{
    return fmax(1, rint(l->per_weight * weight));
}

/* Every n where teeth can be seen, beyond that both ends of a tooth and enough between. */
static void add_saw(const struct lattice *l, uint64_t end, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, "saw");
    cm_picture_column(t, "requests", CM_COLUMN_COUNT);
    cm_picture_column(t, "healthy", CM_COLUMN_NUMBER);
    cm_picture_column(t, "bad", CM_COLUMN_NUMBER);
    uint64_t said = 0;
    for (uint64_t n = 1; n <= end; n++) {
        bool tooth = cm_share_floor(n, l->limit) != cm_share_floor(n - 1, l->limit) ||
                     cm_share_floor(n, l->limit) != cm_share_floor(n + 1, l->limit);
        if (n > DENSE && !tooth && n != end && (n - said) * PARTS < n)
            continue;
        cm_table_count(t, n);
        cm_table_number(t, fails(l, l->healthy, n));
        cm_table_number(t, fails(l, l->bad, n));
        said = n;
    }
}

/* Where the policy looks. */
static void add_marks(const struct lattice *l, uint64_t end, struct cm_picture *p)
{
    const double weights[] = {l->first, l->largest};
    struct cm_table *t = cm_picture_add(p, "marks");
    cm_picture_column(t, "text", CM_COLUMN_TEXT);
    cm_picture_column(t, "requests", CM_COLUMN_NUMBER);
    cm_picture_column(t, "healthy", CM_COLUMN_NUMBER);
    for (int i = 0; i < 2; i++) {
        struct cm_buffer text = {0};
        double n = requests(l, weights[i]);
        cm_units_print(weights[i], CM_RATIO, cm_buffer_writer(&text));
        const char *name = cm_picture_say(p, "weight %s: %.0f", text.text, n);
        cm_picture_number(p, i ? "largest_n" : "first_n", fmin(n, (double)end));
        cm_picture_text(p, i ? "largest_name" : "first_name", name);
        if (n > (double)end)
            continue;
        cm_table_text(t, name);
        cm_table_number(t, n);
        cm_table_number(t, fails(l, l->healthy, (uint64_t)n));
        cm_buffer_release(&text);
    }
}

static void say_title(const struct cm_plot_ask *ask, const struct lattice *l, struct cm_picture *p)
{
    struct cm_writer to = cm_picture_title(p);
    const double least = 1e-4; /* worth saying */
    double n = requests(l, l->first);
    cm_print(to, "%s at ", ask->scenario->policies[ask->policy].name);
    cm_units_print(l->first, CM_RATIO, to);
    cm_print(to, " (%.0f requests): ", n);
    double share = fails(l, l->healthy, (uint64_t)n);
    if (share < least) {
        cm_print(to, "fewer than ");
        share = least;
    }
    cm_words_share(share, to);
    cm_print(to, " of healthy checks fail");
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct lattice l;
    (void)err;
    if (!find(ask, &l))
        return -1;
    uint64_t end = (uint64_t)fmin(MOST, fmax(200, 1.3 * requests(&l, l.largest)));
    struct cm_buffer limit = {0};
    cm_units_print(l.limit, CM_RATIO, cm_buffer_writer(&limit));
    add_saw(&l, end, p);
    add_marks(&l, end, p);
    cm_picture_number(p, "n_end", (double)end);
    cm_picture_number(p, "last_healthy", fails(&l, l.healthy, end));
    cm_picture_number(p, "last_bad", isnan(l.bad) ? 0 : fails(&l, l.bad, end));
    cm_picture_text(p, "limit", cm_picture_say(p, "%s", limit.text));
    cm_picture_text(p, "bad_name", isnan(l.bad) ? "" : ask->scenario->defects[ask->release].name);
    cm_buffer_release(&limit);
    say_title(ask, &l, p);
    return 0;
}

const struct cm_plot cm_plot_lattice = {
    .name = "lattice",
    .summary = "How often one check of an error limit fails, by the requests in its window.",
    .of = CM_PLOT_OF_POLICY,
    .lacks = lacks,
    .draw = draw,
};
