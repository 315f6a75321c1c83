/* The list of sections, and [scenario]: how long, how often, where in the week. The keys `include`
 * and `extends` have no rows, because they are about files and sections, not about the experiment:
 * the document (document.h) has followed them before a value is read. */
#include "sim/scenario/sections.h"

#include "sim/scenario/flow_kind.h"

static const struct cm_param params[] = {
    CM_COUNT(struct cm_run_options, replications, "2000", 1, 1e9,
             "Releases simulated: so many healthy ones, and so many with each defect."),
    CM_DURATION(struct cm_run_options, horizon, "2h", 1e9, CM_MAX_DURATION,
                "A rollout that is not over by then is timed out."),
    CM_COUNT(struct cm_run_options, seed, "1", 0, 9.2e18,
             "Names the random numbers: same file, same seed, same results."),
    CM_CHOICE(struct cm_run_options, flow, "auto", cm_flow_kind_names,
              "How traffic is drawn: counts (fast), requests (one by one), or auto: counts "
              "wherever that is exact."),
    CM_ROW(struct cm_run_options, start, struct cm_start, cm_type_start, "random", 0, 0, NULL,
           "When the release falls, where traffic follows a clock."),
    CM_PARAMS_END,
};

const struct cm_section cm_scenario_section = {
    .name = "scenario",
    .summary = "How often and how long to simulate; `include = FILE, ...` reads other files first.",
    .params = params,
    .size = sizeof(struct cm_run_options),
};

const struct cm_section *const cm_scenario_sections[] = {
#define CM_SECTION(name) &cm_##name##_section,
#include "sim/scenario/sections.def"
#undef CM_SECTION
    NULL,
};
