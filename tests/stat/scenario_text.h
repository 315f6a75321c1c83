/* A scenario from a string, for tests that drive the engine. */
#ifndef CM_TEST_SCENARIO_TEXT_H
#define CM_TEST_SCENARIO_TEXT_H

#include <criterion/criterion.h>

#include "sim/scenario/scenario.h"
#include "tests/unit/support.h"

/* Loads `text` as s.ini, beside the file counts.csv (may be NULL); a mistake fails the test. */
static inline void load_text(struct cm_scenario *scenario, const char *text, const char *counts)
{
    struct memory_file files[] = {
        {"s.ini", text, 0}, {counts ? "counts.csv" : NULL, counts, 0}, {0}};
    const struct cm_load load = {.path = "s.ini", .source = memory_source(files)};
    struct cm_diags diags = {0};
    struct cm_buffer words = {0};
    int bad = cm_scenario_load(scenario, &load, &diags);
    cr_assert_eq(bad, 0, "%s", diags_text(&diags, &words));
    cm_buffer_release(&words);
    cm_diags_release(&diags);
}

#endif
