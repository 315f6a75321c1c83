/* The section [kpi.NAME] and the list of its kinds. */
#include "sim/service/kpi.h"

#define CM_KPI_KIND(name) extern const struct cm_kpi_kind cm_kpi_##name;
#include "sim/service/kpis.def"
#undef CM_KPI_KIND

const struct cm_kpi_kind *const cm_kpi_kinds[] = {
#define CM_KPI_KIND(name) &cm_kpi_##name,
#include "sim/service/kpis.def"
#undef CM_KPI_KIND
    NULL,
};

static const struct cm_kind *const kinds[] = {
#define CM_KPI_KIND(name) &cm_kpi_##name.kind,
#include "sim/service/kpis.def"
#undef CM_KPI_KIND
    NULL,
};

static const struct cm_param params[] = {
    CM_PROB(struct cm_kpi, sampling, "100%", 1e-9, 1,
            "Share of the requests answered right that get a label: a judge reads only some."),
    CM_LAW(struct cm_kpi, delay, "none",
           "How long after its request arrived a label is known; none = with the answer."),
    CM_REF(struct cm_kpi, class, "class", "none",
           "The class whose requests are labelled; none = all requests."),
    CM_NUMBER(struct cm_kpi, weight, "1", 0, 1e12,
              "What a unit lost counts in blast_radius.kpi, which adds up all KPIs."),
    CM_PARAMS_END,
};

const struct cm_section cm_kpi_section = {
    .name = "kpi",
    .named = true,
    .summary = "What answers are worth: conversions, order values, scores of a judge.",
    .params = params,
    .size = sizeof(struct cm_kpi),
    .kind_key = "value",
    .kinds = kinds,
};
