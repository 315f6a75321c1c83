/* What a release costs in the mean, by how many releases are bad: for each policy
 *
 *     cost(pi) = (1 - pi) c_healthy + pi c_bad,
 *
 * a line, c_bad being the mean over bad releases as their priors weigh them (alike, if none has a
 * prior). Where two lines cross is the break-even point: on one side of it the one policy is
 * cheaper, on the other side the other. */
#include <math.h>
#include <string.h>

#include "analysis/plot_parts.h"
#include "analysis/words.h"

enum { POINTS = 21 };

/* Results whose releases have other priors. */
struct weighed {
    struct cm_results results;
    struct cm_scenario scenario; /* shallow copies */
    struct cm_named_defect *defects;
};

static const char *lacks(const struct cm_plot_ask *ask)
{
    if (!ask->results || !cm_results_has_prices(ask->results))
        return "no price is set ([cost])";
    return cm_plot_first_bad(ask->scenario) < 0 ? "there is no bad release" : NULL;
}

static void begin(struct weighed *w, const struct cm_results *r)
{
    w->results = *r;
    w->scenario = *r->scenario;
    w->defects = cm_alloc((r->scenario->n_defects + 1) * sizeof *w->defects);
    if (r->scenario->n_defects > 0)
        memcpy(w->defects, r->scenario->defects, r->scenario->n_defects * sizeof *w->defects);
    w->scenario.defects = w->defects;
    w->results.scenario = &w->scenario;
}

/* The chance that a release is bad, as the scenario has it; 0 = it says nothing. */
static double own_prior(const struct cm_results *r)
{
    double sum = 0;
    for (int i = 0; i < (int)r->scenario->n_defects; i++)
        sum += cm_plot_is_bad(r->scenario, i) ? cm_results_prior(r, i) : 0;
    return sum;
}

/* Shares `prior` out among the bad releases; harmless ones keep theirs, as far as there is room. */
static void weigh(struct weighed *w, const struct cm_results *r, double prior)
{
    double own = own_prior(r);
    size_t bad = 0;
    for (int i = 0; i < (int)r->scenario->n_defects; i++)
        bad += cm_plot_is_bad(r->scenario, i);
    for (int i = 0; i < (int)r->scenario->n_defects; i++) {
        double part = own > 0 ? cm_results_prior(r, i) / own : 1 / (double)bad;
        w->defects[i].effect.prior = cm_plot_is_bad(r->scenario, i) ? prior * part : 0;
    }
}

static struct cm_estimate cost_at(struct weighed *w, const struct cm_results *r, size_t policy,
                                  double prior)
{
    weigh(w, r, prior);
    return cm_measure_one(&w->results, "expected_cost", NULL, policy, CM_ALL_RELEASES);
}

/* Where the costs of two policies are the same; NAN = nowhere between 0 and 1. */
static double break_even(struct weighed *w, const struct cm_results *r, size_t a, size_t b)
{
    double at_0 = cost_at(w, r, a, 0).value - cost_at(w, r, b, 0).value;
    double at_1 = cost_at(w, r, a, 1).value - cost_at(w, r, b, 1).value;
    double prior = at_0 / (at_0 - at_1);
    return at_0 * at_1 < 0 ? prior : NAN;
}

/* The cheapest where all are healthy, and the first other one that is as cheap. */
struct finding {
    size_t cheapest, other;
    double prior; /* NAN = there is none */
};

static struct finding find(struct weighed *w, const struct cm_results *r)
{
    struct finding f = {0, 0, NAN};
    for (size_t i = 1; i < r->n_policies; i++)
        if (cost_at(w, r, i, 0).value < cost_at(w, r, f.cheapest, 0).value)
            f.cheapest = i;
    for (size_t i = 0; i < r->n_policies; i++) {
        double prior = i == f.cheapest ? NAN : break_even(w, r, f.cheapest, i);
        if (isnan(prior) || prior > f.prior)
            continue;
        f.prior = prior;
        f.other = i;
    }
    return f;
}

static void add_curves(struct weighed *w, const struct cm_results *r, double end,
                       struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, "curves");
    struct cm_plot_label *labels = cm_alloc((r->n_policies + 1) * sizeof *labels);
    double top = 0;
    cm_picture_column(t, "policy", CM_COLUMN_TEXT);
    cm_picture_column(t, "prior", CM_COLUMN_NUMBER);
    cm_table_column(t,
                    (struct cm_column){.name = "cost", .type = CM_COLUMN_NUMBER, .interval = true});
    for (size_t k = 0; k < r->n_policies; k++) {
        struct cm_estimate cost = {0};
        for (int i = 0; i < POINTS; i++) {
            double prior = end * i / (POINTS - 1);
            cost = cost_at(w, r, k, prior);
            cm_table_text(t, cm_results_policy(r, k));
            cm_table_number(t, prior);
            cm_table_estimate(t, cost);
            top = fmax(top, cost.value);
        }
        labels[k] = (struct cm_plot_label){cm_results_policy(r, k), cost.value, (int)k + 1};
    }
    top = top > 0 ? 1.05 * top : 1;
    const struct cm_plot_labels at_end = {"labels", labels, r->n_policies, 0, top, 0.06 * top};
    cm_picture_labels(p, &at_end);
    cm_picture_number(p, "top_cost", top);
    cm_free(labels);
}

static void say_title(const struct cm_results *r, struct finding f, struct cm_picture *p)
{
    struct cm_writer to = cm_picture_title(p);
    cm_print(to, "%s is cheapest ", cm_results_policy(r, f.cheapest));
    if (isnan(f.prior)) {
        cm_print(to, "however many releases are bad");
        return;
    }
    cm_print(to, "if fewer than ");
    cm_words_share(f.prior, to);
    cm_print(to, " of releases are bad, then %s", cm_results_policy(r, f.other));
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    const struct cm_results *r = ask->results;
    struct weighed w;
    (void)err;
    begin(&w, r);
    struct finding f = find(&w, r);
    double own = own_prior(r), around = fmax(isnan(f.prior) ? 0 : f.prior, own);
    double end = fmin(1, around > 0 ? 2 * around : 0.5);
    add_curves(&w, r, end, p);
    cm_picture_policies(p, r);
    cm_picture_number(p, "prior_end", end);
    cm_picture_number(p, "own_prior", own > 0 ? own : -1);
    cm_picture_number(p, "even_prior", isnan(f.prior) ? -1 : f.prior);
    cm_picture_number(p, "even_cost",
                      isnan(f.prior) ? -1 : cost_at(&w, r, f.cheapest, f.prior).value);
    cm_picture_text(p, "currency", r->prices.currency ? r->prices.currency : "money");
    say_title(r, f, p);
    cm_free(w.defects);
    return 0;
}

const struct cm_plot cm_plot_cost = {
    .name = "cost",
    .summary = "What a release costs, by how many are bad, and where policies break even.",
    .of = CM_PLOT_OF_POLICIES,
    .needs_results = true,
    .lacks = lacks,
    .draw = draw,
};
