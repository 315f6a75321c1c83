/* Section A of the statistical oracle, first half: counts in tables. */
#include <string.h>

#include "sim/stats/margin_test.h"
#include "sim/stats/sample_size.h"
#include "sim/stats/strata.h"
#include "sim/stats/tables.h"
#include "sim/stats/two_proportion.h"
#include "sim/stats/unconditional.h"
#include "tests/oracle/stat.h"

static void two_prop_z(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    bool pooled = input_flag_or(&c->in, "pooled", true);
    double margin = input_number_or(&c->in, "margin_abs", 0);
    if (pooled && margin != 0)
        inputs_fault(&c->in, "\"pooled\" has no margin");
    if (!stat_usable(c))
        return;
    double z = cm_two_proportion_z(&counts, pooled, margin);
    stat_number(c, "z", z);
    stat_number(c, "p_value", cm_alternative_p_of_z(z, stat_alternative(c)));
}

static void two_prop_ratio_wald(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    double z = cm_two_proportion_ratio_z(&counts, input_number(&c->in, "margin_ratio"));
    stat_number(c, "z", z);
    stat_number(c, "p_value", cm_alternative_p_of_z(z, stat_alternative(c)));
}

static void farrington_manning(struct stat_case *c)
{
    static const char *const kinds[] = {"diff", "ratio", NULL};
    static const enum cm_margin margins[] = {CM_MARGIN_DIFFERENCE, CM_MARGIN_RATIO};
    struct cm_two_counts counts = stat_two_counts(c);
    enum cm_margin kind = margins[input_choice_or(&c->in, "kind", kinds, 0)];
    double z = cm_margin_test_z(&counts, kind, input_number(&c->in, "margin"));
    stat_number(c, "z", z);
    stat_number(c, "p_value", cm_alternative_p_of_z(z, stat_alternative(c)));
}

typedef struct cm_interval interval_of(const struct cm_two_counts *c, double level);

static void interval(struct stat_case *c, interval_of *of)
{
    struct cm_two_counts counts = stat_two_counts(c);
    struct cm_interval ci = of(&counts, stat_level(c));
    stat_pair(c, "ci", ci.low, ci.high);
}

static void newcombe_ci(struct stat_case *c)
{
    interval(c, cm_margin_test_newcombe);
}

static void miettinen_nurminen_ci(struct stat_case *c)
{
    interval(c, cm_margin_test_miettinen_nurminen);
}

static void risk_ratio_log_ci(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    struct cm_ratio r = cm_margin_test_risk_ratio(&counts, stat_level(c));
    stat_number(c, "ratio", r.value);
    stat_pair(c, "ci", r.limits.low, r.limits.high);
}

static void fisher_exact(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    enum cm_alternative alternative = stat_alternative(c);
    const struct cm_two_counts mirror = {counts.x1, counts.n1, counts.x0, counts.n0};
    stat_number(c, "p_value", cm_two_proportion_fisher_as(&counts, alternative));
    if (alternative != CM_TWO_SIDED)
        stat_number(c, "mid_p",
                    cm_two_proportion_mid_p(alternative == CM_GREATER ? &counts : &mirror));
}

static void boschloo_exact(struct stat_case *c)
{
    struct cm_two_counts counts = stat_two_counts(c);
    stat_number(c, "p_value", cm_unconditional_boschloo(&counts, stat_alternative(c)));
}

static void barnard_exact(struct stat_case *c)
{
    static const char *const statistics[] = {"pooled_wald", NULL};
    struct cm_two_counts counts = stat_two_counts(c);
    input_choice_or(&c->in, "statistic", statistics, 0);
    stat_number(c, "p_value", cm_unconditional_barnard(&counts, stat_alternative(c)));
}

/* Rows of x_control, n_control, x_canary, n_canary. */
static void cmh(struct stat_case *c)
{
    struct input_rows rows = input_rows(&c->in, "strata");
    bool continuity = input_flag_or(&c->in, "continuity", false);
    struct cm_strata strata = {0};
    for (size_t i = 0; i < rows.rows && stat_usable(c); i++) {
        struct cm_two_counts counts = stat_counts_in(c, rows.x + i * rows.columns, rows.columns);
        if (stat_usable(c))
            cm_strata_add(&strata, &counts);
    }
    double z = cm_strata_z(&strata, continuity);
    stat_number(c, "z", z);
    stat_number(c, "p_value", cm_alternative_p_of_z(z, stat_alternative(c)));
    stat_number(c, "mh_risk_ratio", cm_strata_risk_ratio(&strata));
    stat_number(c, "mh_odds_ratio", cm_strata_odds_ratio(&strata));
}

static void offer_chi2(struct stat_case *c, const struct cm_chi2 *chi2)
{
    stat_number(c, "stat", chi2->stat);
    stat_number(c, "df", chi2->df);
    stat_number(c, "p_value", chi2->p);
}

static void chi2_table(struct stat_case *c)
{
    struct input_rows rows = input_rows(&c->in, "table_rows");
    const struct cm_table_counts table = {rows.x, rows.rows, rows.columns};
    struct cm_chi2 chi2 = cm_tables_pearson(&table, input_flag_or(&c->in, "yates", false));
    offer_chi2(c, &chi2);
}

static void g_test(struct stat_case *c)
{
    struct input_rows rows = input_rows(&c->in, "table_rows");
    const struct cm_table_counts table = {rows.x, rows.rows, rows.columns};
    struct cm_chi2 chi2 = cm_tables_likelihood_ratio(&table);
    offer_chi2(c, &chi2);
}

static void srm_chi2(struct stat_case *c)
{
    struct input_list observed = input_list(&c->in, "observed");
    struct input_list share = input_list(&c->in, "expected_share");
    if (observed.n != share.n)
        inputs_fault(&c->in, "\"observed\" and \"expected_share\" have different lengths");
    if (!stat_usable(c))
        return;
    struct cm_chi2 chi2 = cm_tables_split(observed.x, share.x, observed.n);
    offer_chi2(c, &chi2);
}

static void n_two_prop(struct stat_case *c)
{
    struct cm_two_sizes n = cm_sample_size_two_shares(&(struct cm_two_share_plan){
        .p0 = input_number(&c->in, "p_control"),
        .p1 = input_number(&c->in, "p_canary"),
        .ratio = input_number_or(&c->in, "alloc_ratio", 1),
        .alpha = input_number(&c->in, "alpha"),
        .power = input_number(&c->in, "power"),
        .sides = (int)input_within(&c->in, "sided", 1, 2),
    });
    stat_number(c, "n_control", n.n0);
    stat_number(c, "n_canary", n.n1);
}

static void n_zero_failure(struct stat_case *c)
{
    double p = input_number(&c->in, "p"), beta = input_number(&c->in, "beta");
    stat_number(c, "n", cm_sample_size_zero_failures(p, beta));
}

const struct stat_fn stat_fixed[] = {
    {"two_prop_z", two_prop_z},
    {"two_prop_ratio_wald", two_prop_ratio_wald},
    {"farrington_manning", farrington_manning},
    {"newcombe_ci", newcombe_ci},
    {"miettinen_nurminen_ci", miettinen_nurminen_ci},
    {"risk_ratio_log_ci", risk_ratio_log_ci},
    {"fisher_exact", fisher_exact},
    {"boschloo_exact", boschloo_exact},
    {"barnard_exact", barnard_exact},
    {"cmh", cmh},
    {"chi2_table", chi2_table},
    {"g_test", g_test},
    {"srm_chi2", srm_chi2},
    {"n_two_prop", n_two_prop},
    {"n_zero_failure", n_zero_failure},
    {NULL, NULL},
};
