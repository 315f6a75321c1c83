/* Loading scenarios in tests: from memory, with everything at hand that a test asks about. */
#ifndef CM_TEST_LOADED_H
#define CM_TEST_LOADED_H

#include <criterion/criterion.h>

#include "sim/scenario/scenario.h"
#include "tests/unit/support.h"

static struct cm_scenario s;
static struct cm_diags diags;
static struct cm_buffer shown;

static inline void tear_down(void)
{
    cm_scenario_release(&s);
    cm_diags_release(&diags);
    cm_buffer_release(&shown);
}

static inline int load_with(struct memory_file *files, const char *const *set,
                            const struct cm_section *const *extra)
{
    struct cm_load load = {
        .path = files->name, .source = memory_source(files), .set = set, .extra = extra};
    cm_scenario_release(&s);
    cm_diags_release(&diags);
    return cm_scenario_load(&s, &load, &diags);
}

static inline int load(struct memory_file *files)
{
    return load_with(files, NULL, NULL);
}

static inline int load_text(const char *text)
{
    struct memory_file files[] = {{"shop.ini", text, 0}, {0}};
    return load(files);
}

static inline const char *said(void)
{
    return diags_text(&diags, &shown);
}

static inline void expect_said(const char *words)
{
    const char *all = said();
    cr_expect(strstr(all, words) != NULL, "'%s' is not in:\n%s", words, all);
}

/* The entry [section.name]. */
static inline const struct cm_entry *entry(const char *section, const char *name)
{
    for (size_t i = 0; i < s.n_entries; i++)
        if (strcmp(s.entries[i].section->name, section) == 0 &&
            strcmp(s.entries[i].name, name) == 0)
            return &s.entries[i];
    cr_assert_fail("no [%s.%s]", section, name);
    return NULL;
}

static inline const struct cm_origin *origin(const struct cm_entry *e, const char *key)
{
    const struct cm_param *common = cm_param_find(e->section->params, key);
    if (common)
        return &e->common_origin[common - e->section->params];
    return &e->options_origin[cm_param_find(e->kind->params, key) - e->kind->params];
}

/* A value of a kind, as its type prints it. */
static inline void expect_option(const struct cm_entry *e, const char *key, const char *want)
{
    const struct cm_param *row = cm_param_find(e->kind->params, key);
    cr_assert_not_null(row, "%s", key);
    struct cm_buffer text = {0};
    row->type->print(row, (const char *)e->options + row->offset, cm_buffer_writer(&text));
    cr_expect_str_eq(text.text, want, "%s is %s, not %s", key, text.text, want);
    cm_buffer_release(&text);
}

#define HEAD                                                                                       \
    "; shop: a scenario for tests\n"                                                               \
    "[scenario]\nreplications = 500\nseed = 7\n"
#define REST                                                                                       \
    "[traffic]\narrivals = gamma_poisson\nrate = 300 rps\ndispersion = 4\n"                        \
    "[service]\nerror_rate = 0.2%\n"                                                               \
    "[class.checkout]\nshare = 8%\nerror_rate = 0.5%\n"                                            \
    "[defect.spike]\nerror_rate = +1.1pp\nprior = 10%\n"                                           \
    "[defect.slow]\nlatency = x2\nprofile = leak\nscope = checkout\nprior = 5%\n"                  \
    "[metric.errors]\nsignal = error_ratio\nwindow = 5m\n"                                         \
    "[metric.checkout-errors]\nsignal = error_ratio\nclass = checkout\n"                           \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%\n"                                  \
    "[gate.origin]\ntest = origin_mixture\nmetric = checkout-errors\n"                             \
    "[policy.ours]\ncontroller = steps\nsteps = 5%/10m, 50%/10m, 100%\n"                           \
    "look_every = 30s\ngates = origin, limit\n"                                                    \
    "[policy.theirs]\ncontroller = steps\ngates = limit\nsteps = 5%/10m, 100%\n"
#define GOOD HEAD REST

#endif
