/* The list of arrival kinds and the [traffic] section. A kind owns all of its keys, the rate too:
 * what "the rate" means differs (the intensity, a weekly mean, where a ramp begins). */
#include "sim/traffic/arrivals.h"

#define CM_ARRIVALS(name) extern const struct cm_arrivals cm_arrivals_##name;
#include "sim/traffic/arrivals.def"
#undef CM_ARRIVALS

/* The list stands in arrivals.def and nowhere else: here once as kinds that the engine runs, once
 * as what the loader reads them by. */
const struct cm_arrivals *const cm_arrivals_kinds[] = {
#define CM_ARRIVALS(name) &cm_arrivals_##name,
#include "sim/traffic/arrivals.def"
#undef CM_ARRIVALS
    NULL,
};

static const struct cm_kind *const kinds[] = {
#define CM_ARRIVALS(name) &cm_arrivals_##name.kind,
#include "sim/traffic/arrivals.def"
#undef CM_ARRIVALS
    NULL,
};

/* The loader walks a table of common keys for every section; this one has none. */
static const struct cm_param no_common_keys[] = {CM_PARAMS_END};

const struct cm_section cm_traffic_section = {
    .name = "traffic",
    .summary = "How much traffic comes, and how it fluctuates.",
    .params = no_common_keys,
    .kind_key = "arrivals",
    .kind_default = "poisson",
    .kinds = kinds,
};
