/* A quantity is a function of a row; a comparison is two columns of such values. */
#include "analysis/compare.h"

#include <math.h>

#include "analysis/measure.h"
#include "analysis/words.h"
#include "sim/base/mem.h"
#include "sim/stats/interval.h"

static double of_rollback(const struct cm_outcome *row)
{
    return row->end == CM_ROLLED_BACK;
}

static double of_detected(const struct cm_outcome *row)
{
    return row->detected;
}

static double of_requests(const struct cm_outcome *row)
{
    return (double)row->rollout.requests + (double)row->escaped.requests;
}

static double of_failures(const struct cm_outcome *row)
{
    return (double)row->rollout.failures + (double)row->escaped.failures;
}

static double of_slow(const struct cm_outcome *row)
{
    return (double)row->rollout.slow + (double)row->escaped.slow;
}

static double of_kpi(const struct cm_outcome *row)
{
    return row->rollout.kpi + row->escaped.kpi;
}

typedef double quantity(const struct cm_outcome *row);

/* Values of one quantity under both policies. */
struct pair {
    double *reference, *other, *difference; /* owned */
    size_t n;
};

static struct pair take(const struct cm_results *r, const size_t policies[2], int release,
                        quantity *of)
{
    const struct cm_cell *a = cm_results_cell(r, policies[0], release);
    const struct cm_cell *b = cm_results_cell(r, policies[1], release);
    struct pair p = {.n = (size_t)a->replications};
    p.reference = cm_alloc((p.n + 1) * sizeof *p.reference);
    p.other = cm_alloc((p.n + 1) * sizeof *p.other);
    p.difference = cm_alloc((p.n + 1) * sizeof *p.difference);
    for (size_t i = 0; i < p.n; i++) {
        p.reference[i] = of(&a->rows[i]);
        p.other[i] = of(&b->rows[i]);
        p.difference[i] = p.other[i] - p.reference[i];
    }
    return p;
}

static void release_pair(struct pair *p)
{
    cm_free(p->reference);
    cm_free(p->other);
    cm_free(p->difference);
}

static struct cm_estimate mean_of(const double *x, size_t n)
{
    struct cm_sample sample = cm_sample_of(x, n);
    struct cm_interval limits = cm_interval_mean(&sample, CM_LEVEL);
    return (struct cm_estimate){sample.mean, limits.low, limits.high, n};
}

/* Harm of the reference over that of the other: how many times fewer. */
static struct cm_estimate times_fewer(const struct pair *p)
{
    struct cm_ratio ratio = cm_ratio_of_batches(p->reference, p->other, p->n, CM_LEVEL);
    return (struct cm_estimate){ratio.value, ratio.limits.low, ratio.limits.high, p->n};
}

/* --- tables --- */

static void column(struct cm_table *t, const char *name, enum cm_column_type type, bool interval)
{
    cm_table_column(t, (struct cm_column){NULL, name, type, interval, NULL});
}

static void begin(struct cm_comparison *c)
{
    cm_table_init(&c->shares, "False rollbacks and detection", 3);
    cm_table_init(&c->amounts, "Blast radius of one release", 3);
    struct cm_table *both[] = {&c->shares, &c->amounts};
    for (int i = 0; i < 2; i++) {
        enum cm_column_type type = i ? CM_COLUMN_NUMBER : CM_COLUMN_SHARE;
        column(both[i], "policy", CM_COLUMN_TEXT, false);
        column(both[i], "release", CM_COLUMN_TEXT, false);
        column(both[i], "what", CM_COLUMN_TEXT, false);
        column(both[i], "reference", type, false);
        column(both[i], "this policy", type, false);
        column(both[i], "difference", type, true);
    }
    column(&c->amounts, "times fewer", CM_COLUMN_NUMBER, true);
}

struct row {
    const struct cm_results *r;
    size_t policies[2]; /* reference, other */
    int release;
    const char *what;
};

static void add_keys(struct cm_table *t, const struct row *row)
{
    cm_table_text(t, cm_results_policy(row->r, row->policies[1]));
    cm_table_text(t, cm_results_release_name(row->r, row->release));
    cm_table_text(t, row->what);
}

static void add_share(struct cm_comparison *c, const struct row *row, quantity *of)
{
    struct pair p = take(row->r, row->policies, row->release, of);
    add_keys(&c->shares, row);
    cm_table_number(&c->shares, mean_of(p.reference, p.n).value);
    cm_table_number(&c->shares, mean_of(p.other, p.n).value);
    cm_table_estimate(&c->shares, mean_of(p.difference, p.n));
    release_pair(&p);
}

/* A kind of harm that neither policy let happen is left out. */
static void add_amount(struct cm_comparison *c, const struct row *row, quantity *of)
{
    struct pair p = take(row->r, row->policies, row->release, of);
    double a = mean_of(p.reference, p.n).value, b = mean_of(p.other, p.n).value;
    if (a != 0 || b != 0) {
        add_keys(&c->amounts, row);
        cm_table_number(&c->amounts, a);
        cm_table_number(&c->amounts, b);
        cm_table_estimate(&c->amounts, mean_of(p.difference, p.n));
        cm_table_estimate(&c->amounts, times_fewer(&p));
    }
    release_pair(&p);
}

/* --- verdict --- */

static bool is_fair(const struct row *row)
{
    const double factor = 1.5, points = 0.005;
    struct pair p = take(row->r, row->policies, row->release, of_rollback);
    double a = mean_of(p.reference, p.n).value, b = mean_of(p.other, p.n).value;
    struct cm_estimate d = mean_of(p.difference, p.n);
    release_pair(&p);
    bool differs = d.low > 0 || d.high < 0;
    return !(differs && fabs(d.value) > points && fmax(a, b) > factor * fmin(a, b));
}

/* What the defect does most of: the first kind of harm that there is. */
static quantity *harm_of(const struct cm_results *r, size_t policy, int release, const char **name)
{
    static const struct {
        quantity *of;
        const char *name;
    } kinds[] = {{of_failures, "failed requests"}, {of_slow, "slow requests"}, {of_kpi, "KPI"}};
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        *name = kinds[k].name;
        for (size_t i = 0; i < cell->replications; i++)
            if (kinds[k].of(&cell->rows[i]) > 0)
                return kinds[k].of;
    }
    return NULL;
}

static void say_verdict(struct cm_comparison *c, const struct row *row)
{
    static const struct cm_column number = {NULL, "", CM_COLUMN_NUMBER, true, NULL};
    struct cm_writer to = cm_buffer_writer(&c->verdict);
    const char *harm;
    quantity *of = harm_of(row->r, row->policies[0], row->release, &harm);
    if (!of)
        return;
    struct pair p = take(row->r, row->policies, row->release, of);
    struct cm_estimate times = times_fewer(&p);
    const char *policy = cm_results_policy(row->r, row->policies[1]);
    const char *reference = cm_results_policy(row->r, row->policies[0]);
    cm_print(to, "%s: ", cm_results_release_name(row->r, row->release));
    if (times.low <= 1 && times.high >= 1) {
        cm_print(to, "%s and %s cannot be told apart by %s (", policy, reference, harm);
    } else {
        bool fewer = times.value > 1;
        if (!fewer) /* a limit at or below 0 leaves how many times more open */
            times = (struct cm_estimate){1 / times.value, 1 / times.high,
                                         times.low > 0 ? 1 / times.low : INFINITY, times.n};
        cm_print(to, "%s has ", policy);
        cm_words_both(&number, &times, to);
        cm_print(to, " times %s %s than %s (", fewer ? "fewer" : "more", harm, reference);
    }
    cm_words_value(&number, mean_of(p.other, p.n).value, mean_of(p.other, p.n).value, to);
    cm_print(to, " against ");
    cm_words_value(&number, mean_of(p.reference, p.n).value, mean_of(p.reference, p.n).value, to);
    cm_print(to, " a release).\n");
    release_pair(&p);
}

static void compare_release(struct cm_comparison *c, struct row *row)
{
    bool harmless = cm_results_harmless(row->r, row->release);
    row->what = harmless ? "false rollback" : "detected";
    add_share(c, row, harmless ? of_rollback : of_detected);
    if (harmless) {
        c->fair &= is_fair(row);
        return;
    }
    row->what = "requests", add_amount(c, row, of_requests);
    row->what = "failures", add_amount(c, row, of_failures);
    row->what = "slow answers", add_amount(c, row, of_slow);
    row->what = "KPI lost", add_amount(c, row, of_kpi);
    say_verdict(c, row);
}

void cm_compare(struct cm_comparison *c, const struct cm_results *r, size_t reference)
{
    *c = (struct cm_comparison){.fair = true};
    begin(c);
    for (size_t p = 0; p < r->n_policies; p++) {
        struct row row = {.r = r, .policies = {reference, p}};
        for (row.release = -1; p != reference && row.release < (int)r->scenario->n_defects;
             row.release++)
            compare_release(c, &row);
    }
}

void cm_compare_release(struct cm_comparison *c)
{
    cm_table_release(&c->shares);
    cm_table_release(&c->amounts);
    cm_buffer_release(&c->verdict);
    *c = (struct cm_comparison){0};
}
