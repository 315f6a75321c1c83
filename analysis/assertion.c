/* The section [assert]: which keys it has, what only the whole scenario can say about it, and the
 * claims it comes to.
 *
 * The rows are made from the list of measures, so that a new measure can be asserted without a
 * word here. A claim is one limit for one policy and one release. */
#include "analysis/assertion.h"

#include <math.h>
#include <string.h>

#include "analysis/smallest.h"
#include "sim/base/text.h"

enum place {
#define CM_MEASURE(name) PLACE_##name,
#include "analysis/measures.def"
#undef CM_MEASURE
    MEASURES
};

/* What a section says. */
struct options {
    struct cm_refs policy, release; /* none = all */
    struct cm_limits limits[MEASURES];
};

/* clang-format off */
#define CM_MEASURE(object)                                                                         \
    {cm_measure_##object.name, &cm_type_limits, offsetof(struct options, limits[PLACE_##object]),  \
     "none", 0, 0, &cm_measure_##object, cm_measure_##object.summary},
/* clang-format on */

static const struct cm_param params[] = {
    CM_REFS(struct options, policy, "policy", "none",
            "The policies it is about; none = all that are studied."),
    CM_REFS(struct options, release, "defect", "none",
            "The releases it is about, by their defects, or healthy; none = all that the measure "
            "is about."),
#include "analysis/measures.def"
    CM_PARAMS_END,
};
#undef CM_MEASURE

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    for (int i = 0; i < MEASURES; i++)
        if (o->limits[i].n > 0)
            return 0;
    return cm_fail(err, "asserts nothing: give a measure a limit (false_rollback = < 1%%)");
}

/* --- whom it is about --- */

static bool is_named(const struct cm_refs *refs, int index)
{
    for (size_t i = 0; i < refs->n; i++)
        if (refs->refs[i].index == index)
            return true;
    return refs->n == 0;
}

/* Whether a section's limits on a measure are about this policy and this release. */
static bool is_about(const struct options *o, const struct cm_measure *m,
                     const struct cm_results *r, size_t policy, int release)
{
    bool of_release = m->about != CM_ABOUT_POLICY;
    return is_named(&o->policy, r->policies[policy]) &&
           (of_release ? is_named(&o->release, release) : o->release.n == 0) &&
           cm_measure_applies(m, r, release);
}

/* What is done with each claim that there is. */
struct visitor {
    void (*visit)(struct visitor *self, const struct cm_claim *claim);
};

static void visit_limits(struct visitor *v, const struct cm_results *r, struct cm_claim claim,
                         const struct cm_limits *limits)
{
    const struct options *o = claim.entry->common;
    for (size_t i = 0; i < limits->n; i++) {
        claim.limit = &limits->list[i];
        for (claim.policy = 0; claim.policy < r->n_policies; claim.policy++)
            for (claim.release = CM_ALL_RELEASES; claim.release + 1 < (int)r->n_releases;
                 claim.release++)
                if (is_about(o, claim.measure, r, claim.policy, claim.release))
                    v->visit(v, &claim);
    }
}

/* Sections in the order of the file, measures in that of reports. */
static void visit_claims(struct visitor *v, const struct cm_results *r)
{
    const struct cm_scenario *s = r->scenario;
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct options *o = s->entries[i].common;
        if (s->entries[i].section != &cm_assert_section)
            continue;
        for (int m = 0; m < MEASURES; m++)
            visit_limits(v, r,
                         (struct cm_claim){.entry = &s->entries[i], .measure = cm_measures[m]},
                         &o->limits[m]);
    }
}

/* --- review --- */

struct count {
    struct visitor visitor;
    const struct cm_entry *entry;
    const struct cm_measure *measure;
    size_t n;
};

static void count(struct visitor *self, const struct cm_claim *claim)
{
    struct count *c = (struct count *)self;
    c->n += claim->entry == c->entry && claim->measure == c->measure;
}

/* Why a limit would never be held against anything. */
static void explain(const struct cm_results *r, const struct cm_measure *m, bool narrowed,
                    struct cm_writer to)
{
    bool known = !m->known || m->known(r);
    if (!known)
        cm_print(to, "it needs %s", m->needs);
    else if (m->about == CM_ABOUT_POLICY)
        cm_print(to, "it is about all releases together and takes no `release`");
    else if (m->about == CM_ABOUT_GOOD)
        cm_print(to, "it is about releases that are healthy or harmless%s",
                 narrowed ? ", and none of these is" : "");
    else
        cm_print(to, "it is about releases with a defect that is not harmless, and %s",
                 narrowed ? "none of these is" : "there is none");
}

static void complain(const struct cm_results *r, const struct cm_entry *entry, int measure,
                     struct cm_diags *diags)
{
    const struct options *o = entry->common;
    const struct cm_measure *m = cm_measures[measure];
    size_t row = 0;
    struct cm_buffer why = {0};
    while (params[row].domain != m)
        row++;
    explain(r, m, o->release.n > 0, cm_buffer_writer(&why));
    cm_diag_add(diags, CM_DIAG_ASSERT, entry->common_origin[row].key,
                "[%s%s%s] %s is not measured: %s", entry->section->name, *entry->name ? "." : "",
                entry->name, m->name, why.text);
    cm_buffer_release(&why);
}

/* A policy that nobody studies has no numbers. */
static void review_policies(const struct cm_results *r, const struct cm_entry *entry,
                            struct cm_diags *diags)
{
    const struct options *o = entry->common;
    for (size_t i = 0; i < o->policy.n; i++) {
        bool studied = false;
        for (size_t k = 0; k < r->n_policies; k++)
            studied |= r->policies[k] == o->policy.refs[i].index;
        if (!studied)
            cm_diag_add(diags, CM_DIAG_ASSERT, entry->common_origin[0].value,
                        "[%s%s%s] policy: %s is not studied (see [study] policies)",
                        entry->section->name, *entry->name ? "." : "", entry->name,
                        o->policy.refs[i].name);
    }
}

/* Every limit has to be held against something: a typing error in a test must not pass it. */
static void review(const struct cm_scenario *whole, struct cm_diags *diags)
{
    struct cm_smallest asked = {0}; /* only `run` knows whether it will look for it */
    struct cm_results r;
    cm_results_outline(&r, whole);
    r.smallest = &asked;
    for (size_t i = 0; i < whole->n_entries; i++) {
        const struct cm_entry *entry = &whole->entries[i];
        const struct options *o = entry->common;
        if (entry->section != &cm_assert_section)
            continue;
        size_t before = diags->errors;
        review_policies(&r, entry, diags);
        for (int m = 0; m < MEASURES && diags->errors == before; m++) {
            struct count c = {{count}, entry, cm_measures[m], 0};
            visit_claims(&c.visitor, &r);
            if (o->limits[m].n > 0 && c.n == 0)
                complain(&r, entry, m, diags);
        }
    }
    r.smallest = NULL;
    cm_results_release(&r);
}

const struct cm_section cm_assert_section = {
    .name = "assert",
    .named = true,
    .bare = true,
    .summary = "Limits on what is measured; `run` and `sweep` exit with 4 if one fails.",
    .params = params,
    .size = sizeof(struct options),
    .check = check,
    .review = review,
};

/* --- claims --- */

bool cm_claims_any(const struct cm_scenario *scenario)
{
    for (size_t i = 0; i < scenario->n_entries; i++)
        if (scenario->entries[i].section == &cm_assert_section)
            return true;
    return false;
}

struct collect {
    struct visitor visitor;
    struct cm_claims *claims;
};

static void collect(struct visitor *self, const struct cm_claim *claim)
{
    struct cm_claims *all = ((struct collect *)self)->claims;
    const struct cm_results *r = all->results;
    struct cm_claim *c;
    all->list = cm_grow(all->list, all->n + 1, sizeof *all->list);
    c = &all->list[all->n++];
    *c = *claim;
    c->found = cm_measure_one(r, c->measure->name, c->limit->statistic, c->policy, c->release);
    c->truth = cm_limit_holds(c->limit, &c->found);
    c->needed = NAN;
    if (c->truth == CM_CLAIM_OPEN)
        c->needed = cm_limit_needs(c->measure, c->limit, &c->found, r->scenario->run.replications);
    all->count[c->truth]++;
}

void cm_claims_init(struct cm_claims *claims, const struct cm_results *results)
{
    *claims = (struct cm_claims){.results = results};
    struct collect c = {{collect}, claims};
    visit_claims(&c.visitor, results);
}

void cm_claims_release(struct cm_claims *claims)
{
    cm_free(claims->list);
    *claims = (struct cm_claims){0};
}

void cm_claim_print(const struct cm_claim *claim, struct cm_writer to)
{
    cm_print(to, "%s ", claim->measure->name);
    cm_limit_print(claim->measure, claim->limit, to);
}
