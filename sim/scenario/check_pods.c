/* Pods that nobody reads, that cannot be told apart, or that a defect asks too much of. */
#include "sim/scenario/check.h"

bool cm_check_pods_differ(const struct cm_scenario *s)
{
    bool apart = cm_fleet_acts(&s->pods);
    for (size_t i = 0; i < s->n_defects; i++) {
        const struct cm_defect *defect = &s->defects[i].effect;
        apart = apart || defect->instances.value > 0 || defect->crash_every > 0;
    }
    return apart;
}

/* Without scrapes, and where they are all alike, nobody tells one pod from another. */
static void check_pods(struct cm_loading *l, const struct cm_scenario *s)
{
    if (s->scraping || cm_check_pods_differ(s) || s->pods.stable + s->pods.canary == 2)
        return;
    size_t i = cm_entry_at(l, &cm_pods_section, 0);
    cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_place(l, i),
                "[%s] is not used: monitor = exact reads versions, not pods", cm_entry_title(l, i));
}

/* What a pod answers is worked out from its latency, which nobody knows before the load. */
static void check_load(struct cm_loading *l, const struct cm_scenario *s)
{
    if (!s->scraping || !(s->service.latency_load > 0) || !cm_check_pods_differ(s))
        return;
    size_t i = cm_entry_at(l, &cm_service_section, 0);
    cm_diag_add(
        l->diags, CM_DIAG_PODS, cm_entry_value_place(l, i, "latency_load", 0, 0),
        "[service] latency_load: under load pods that differ cannot be told apart by a "
        "monitor that scrapes: say monitor = exact in [telemetry], or leave out latency_load");
}

/* Where pods are the weight the canary may have all of them. */
static void check_instances(struct cm_loading *l, const struct cm_scenario *s, size_t defect)
{
    const struct cm_quantity *instances = &s->defects[defect].effect.instances;
    uint64_t most = s->pods.routing == CM_ROUTE_REPLICAS ? s->pods.stable : s->pods.canary;
    size_t i = cm_entry_at(l, &cm_defect_section, (int)defect);
    if (instances->unit != CM_PURE || !(instances->value > (double)most))
        return;
    cm_diag_add(
        l->diags, CM_DIAG_FEW_PODS, cm_entry_value_place(l, i, "instances", 0, 0),
        "[%s] instances: the canary has %llu pod%s at most, and all of them have the defect; "
        "see [pods] %s",
        cm_entry_title(l, i), (unsigned long long)most, most == 1 ? "" : "s",
        s->pods.routing == CM_ROUTE_REPLICAS ? "stable" : "canary");
}

/* A pod that is up and warm at once answers as before. */
static void check_loop(struct cm_loading *l, const struct cm_scenario *s, size_t defect)
{
    size_t i = cm_entry_at(l, &cm_defect_section, (int)defect);
    bool is_warm = s->service.warm_up == CM_NO_DURATION || s->service.warm_up == 0;
    if (s->defects[defect].effect.crash_every <= 0 || s->pods.start_up.n > 0 || !is_warm)
        return;
    cm_diag_add(l->diags, CM_DIAG_PODS, cm_entry_value_place(l, i, "crash_every", 0, 0),
                "[%s] crash_every: no request would notice, as a pod is up again at once: say how "
                "long it takes ([pods] start_up = 20s)",
                cm_entry_title(l, i));
}

void cm_check_pods(struct cm_loading *l, const struct cm_scenario *s)
{
    check_pods(l, s);
    check_load(l, s);
    for (size_t d = 0; d < s->n_defects; d++) {
        check_instances(l, s, d);
        check_loop(l, s, d);
    }
}
