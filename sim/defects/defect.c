/* The sections [defect.NAME] and [escape], and the list of profiles. */
#include "sim/defects/defect.h"

#include <math.h>

#define CM_PROFILE(name) extern const struct cm_profile cm_profile_##name;
#include "sim/defects/profiles.def"
#undef CM_PROFILE

const struct cm_profile *const cm_profile_kinds[] = {
#define CM_PROFILE(name) &cm_profile_##name,
#include "sim/defects/profiles.def"
#undef CM_PROFILE
    NULL,
};

static const struct cm_kind *const kinds[] = {
#define CM_PROFILE(name) &cm_profile_##name.kind,
#include "sim/defects/profiles.def"
#undef CM_PROFILE
    NULL,
};

static const struct cm_param defect_params[] = {
    CM_CHANGE_PROB(struct cm_defect, error_rate, "none",
                   "What it does to the error rate of the requests in its scope."),
    CM_CHANGE_TIME(struct cm_defect, latency, "none",
                   "What it does to the latency of the requests in its scope."),
    CM_PROB(struct cm_defect, slow_share, "0%", 0, 1,
            "Share of the requests in its scope that get slow_latency on top."),
    CM_CHANGE_TIME(struct cm_defect, slow_latency, "none",
                   "What it does to the latency of the slow share, after latency."),
    CM_REFS(struct cm_defect, kpi, "kpi", "none",
            "KPIs that it moves for the requests in its scope."),
    CM_CHANGES(struct cm_defect, kpi_change, "none",
               "What it does to the expected value of each of them, in their order: -0.4, x0.97."),
    CM_REFS(struct cm_defect, gauge, "gauge", "none", "Gauges of its version that it moves."),
    CM_CHANGES(struct cm_defect, gauge_change, "none",
               "What it does to the level of each of them, in their order: +300, x1.5."),
    CM_REF(struct cm_defect, scope, "class", "none",
           "The class of requests that it hits; none = everyone."),
    CM_PROB(struct cm_defect, spill, "0%", 0, 1,
            "Share of the effect that also hits stable (a shared database)."),
    CM_QUANTITY(struct cm_defect, instances, "none",
                "How many of the canary's pods carry it, as a number or a share, rounded up; none "
                "= all."),
    CM_DURATION(struct cm_defect, crash_every, "none", 1e9, CM_MAX_DURATION,
                "A crash loop: mean uptime of the canary's pods at full strength; none = it "
                "crashes no pod."),
    CM_PROB(struct cm_defect, prior, "none", 0, 1,
            "Chance that a release carries it; none = studied without a weight."),
    CM_FLAG(struct cm_defect, harmless, "no",
            "Nobody minds it: rolling it back counts as a false rollback."),
    CM_PARAMS_END,
};

static bool changes(const struct cm_change *change)
{
    return change->times != 1 || change->plus != 0;
}

/* Of what it names, each is changed by one of the changes. */
static int check_list(const char *what, const struct cm_refs *refs, const struct cm_changes *list,
                      struct cm_err *err)
{
    if (refs->n != list->n)
        return cm_fail(err, "%s names %zu and %s_change says %zu changes: one for each is needed",
                       what, refs->n, what, list->n);
    for (size_t i = 0; i < list->n; i++)
        if (!changes(&list->list[i]))
            return cm_fail(err, "%s_change leaves %s as it is: x0.9 or -0.4 would change it", what,
                           refs->refs[i].name);
    return 0;
}

static int check_instances(const struct cm_quantity *instances, struct cm_err *err)
{
    bool whole = instances->unit == CM_PURE && instances->value >= 1 &&
                 floor(instances->value) == instances->value;
    bool share = instances->unit == CM_RATIO && instances->value > 0 && instances->value <= 1;
    if (isnan(instances->value) || whole || share)
        return 0;
    return cm_fail(err, "instances has to be a number of pods or a share of them (1, 25%%)");
}

/* A defect without effect would be a healthy release under another name: false rollbacks would be
 * counted as detections. */
static int check_defect(const void *common, struct cm_err *err)
{
    const struct cm_defect *d = common;
    bool slow = changes(&d->slow_latency);
    if (slow && d->slow_share <= 0)
        return cm_fail(err, "slow_latency hits nobody: give slow_share (slow_share = 2%%)");
    if (!slow && d->slow_share > 0)
        return cm_fail(err, "slow_share changes nothing: give slow_latency (slow_latency = x8)");
    if (check_list("kpi", &d->kpi, &d->kpi_change, err) ||
        check_list("gauge", &d->gauge, &d->gauge_change, err))
        return -1;
    if (!slow && !changes(&d->error_rate) && !changes(&d->latency) && d->kpi.n == 0 &&
        d->gauge.n == 0 && d->crash_every <= 0)
        return cm_fail(err, "a defect needs an effect: error_rate, latency, slow_share with "
                            "slow_latency, kpi with kpi_change, gauge with gauge_change, or "
                            "crash_every");
    return check_instances(&d->instances, err);
}

static const struct cm_taken taken[] = {
    {"healthy", "reports call the release without a defect so", true},
    {"all", "reports call all releases together so", false},
    {0},
};

const struct cm_section cm_defect_section = {
    .name = "defect",
    .named = true,
    .taken = taken,
    .summary = "What may be wrong with a release: effect, profile in time, scope.",
    .params = defect_params,
    .size = sizeof(struct cm_defect),
    .kind_key = "profile",
    .kind_default = "step",
    .kinds = kinds,
    .check = check_defect,
};

static const struct cm_param escape_params[] = {
    CM_LAW(struct cm_escape, detection, "lognormal(median=30m, sigma=1)",
           "How long people take to notice a bad release that was promoted."),
    CM_PARAMS_END,
};

const struct cm_section cm_escape_section = {
    .name = "escape",
    .summary = "How promoted defects are noticed by people.",
    .params = escape_params,
    .size = sizeof(struct cm_escape),
};
