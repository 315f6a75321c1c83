/* Cases of counts and weights: one function of argo_replicas.h each. */
#include "tests/oracle/argo_rollout.h"

static void read_all(struct argo_case *c, struct argo_rollout *r)
{
    argo_plan_read(&c->in, r);
    argo_view_read(&c->in, r);
}

static void counts(struct argo_case *c)
{
    struct argo_rollout r;
    read_all(c, &r);
    struct cm_argo_counts_of to = cm_argo_next_counts(&r.plan, &r.view);
    if (argo_asks(c, "canary"))
        argo_number(c, "canary", to.canary);
    if (argo_asks(c, "stable"))
        argo_number(c, "stable", to.stable);
}

static void approx_weight(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    struct cm_argo_counts_of split =
        cm_argo_nearest(r.plan.replicas, argo_int_or(&c->in, "weight", 0), r.plan.max_weight,
                        argo_int_or(&c->in, "max_surge", 0));
    argo_number(c, "canary", split.canary);
    argo_number(c, "stable", split.stable);
}

static void weight_to_replicas(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    argo_number(
        c, "replicas",
        cm_argo_replicas_at(argo_int_or(&c->in, "weight", 0), r.plan.replicas, r.plan.max_weight));
}

static void fenceposts(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    if (argo_asks(c, "surge"))
        argo_number(c, "surge", cm_argo_surge(&r.plan));
    if (argo_asks(c, "unavailable"))
        argo_number(c, "unavailable", cm_argo_unavailable(&r.plan));
}

static void max_surge(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    argo_number(c, "pods", cm_argo_surge(&r.plan));
}

static void max_unavailable(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    argo_number(c, "pods", cm_argo_unavailable(&r.plan));
}

static void replicas_for_scale_down(struct argo_case *c)
{
    struct cm_argo_set set = argo_set(&c->in, "rs");
    argo_number(c, "replicas",
                cm_argo_counted(&set, input_flag_or(&c->in, "ignore_availability", false)));
}

static void progress_threshold(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    struct cm_argo_set set = argo_set(&c->in, "rs");
    argo_flag(c, "met",
              cm_argo_threshold_met(&r.plan.threshold, &set, argo_int_or(&c->in, "desired", 0)));
}

static void at_desired(struct argo_case *c)
{
    struct argo_rollout r;
    read_all(c, &r);
    argo_flag(c, "at_desired", cm_argo_at_desired(&r.plan, &r.view));
}

static void check_available(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    struct cm_argo_set set = argo_set(&c->in, "rs");
    argo_flag(c, "available", cm_argo_can_serve(&r.plan, &set, argo_int_or(&c->in, "weight", 0)));
}

static void current_set_weight(struct argo_case *c)
{
    struct argo_rollout r;
    read_all(c, &r);
    argo_number(c, "weight", cm_argo_set_weight(&r.plan, &r.view));
}

static void before_starting_step(struct argo_case *c)
{
    struct argo_rollout r;
    read_all(c, &r);
    argo_flag(c, "before", cm_argo_before_start(&r.plan, &r.view));
}

static void replicas_or_weight(struct argo_case *c)
{
    struct argo_rollout r;
    read_all(c, &r);
    struct cm_argo_size size = cm_argo_canary_size(&r.plan, &r.view);
    if (!argo_null(c, "replicas", size.replicas == CM_ARGO_ABSENT))
        argo_number(c, "replicas", size.replicas);
    argo_number(c, "weight", size.weight);
}

static void abort_desired_weight(struct argo_case *c)
{
    struct argo_rollout r;
    read_all(c, &r);
    argo_number(c, "weight", cm_argo_abort_target(&r.plan, &r.view));
}

/* The weight is as it was if the router is left alone. */
static void traffic_weight(struct argo_case *c)
{
    struct argo_rollout r;
    int weight;
    read_all(c, &r);
    bool told = cm_argo_traffic(&r.plan, &r.view, &weight);
    argo_number(c, "effective_weight", told ? weight : r.view.weights.canary);
}

const struct argo_kind argo_replicas_kinds[] = {
    {"replicas_basic", counts},
    {"replicas_traffic_routed", counts},
    {"approx_weight", approx_weight},
    {"weight_to_replicas", weight_to_replicas},
    {"fenceposts", fenceposts},
    {"max_surge", max_surge},
    {"max_unavailable", max_unavailable},
    {"replicas_for_scale_down", replicas_for_scale_down},
    {"progress_threshold", progress_threshold},
    {"at_desired_replicas", at_desired},
    {"check_replicas_available", check_available},
    {"current_set_weight", current_set_weight},
    {"before_starting_step", before_starting_step},
    {"canary_replicas_or_weight", replicas_or_weight},
    {"abort_desired_weight", abort_desired_weight},
    {"traffic_weight", traffic_weight},
    {NULL, NULL},
};
