/* Sources of a scenario: included files, extended sections, --set, and in which order they win. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>

#include "tests/unit/loaded.h"

TestSuite(document, .fini = tear_down);

/* --- include --- */

Test(document, an_included_file_is_read_first_wherever_it_is_named_and_later_keys_win)
{
    struct memory_file files[] = {
        {"etc/shop.ini", GOOD "[environment]\ndrift = 0.3\n[telemetry]\nhistory = 1h\n", 0},
        {"etc/main.ini",
         "[service]\nerror_rate = 1%\n[environment]\ncorrelation = 7m\n"
         "[scenario]\nseed = 9\ninclude = presets/base.ini, shop.ini\n",
         0},
        {"etc/presets/base.ini",
         "[service]\nerror_rate = 3%\nlatency_slo = 2s\n"
         "[environment]\ndrift = 0.9\n",
         0},
        {0}};
    struct memory_file from_main[] = {files[1], files[0], files[2], {0}};
    cr_assert_eq(load(from_main), 0, "%s", said());
    cr_expect_float_eq(s.service.error_rate, 0.01, 1e-15);
    cr_expect_eq(s.service.latency_slo, 2 * CM_SECOND);
    cr_expect_float_eq(s.environment.drift, 0.3, 1e-15);
    cr_expect_eq(s.environment.correlation, 7 * CM_MINUTE);
    cr_expect_eq(s.run.seed, 9);
    cr_expect_eq(s.run.replications, 500);
    cr_expect_str_eq(origin(entry("service", ""), "latency_slo")->value.file,
                     "etc/presets/base.ini");
    cr_expect_eq(origin(entry("service", ""), "latency_slo")->value.line, 3);
}

Test(document, a_missing_include_names_the_chain)
{
    struct memory_file files[] = {{"a.ini", "[scenario]\ninclude = b.ini\n" GOOD, 0},
                                  {"b.ini", "[scenario]\ninclude =\n  c.ini,\n  d.ini\n", 0},
                                  {"c.ini", "", 0},
                                  {0}};
    cr_expect_eq(load(files), -1);
    expect_said("b.ini:4:3: error: no such file (a.ini includes b.ini "
                "includes d.ini)\n    4 |   d.ini\n      |   ^~~~~\n");
}

Test(document, a_cycle_of_includes_is_an_error_that_names_it)
{
    struct memory_file files[] = {{"a.ini", "[scenario]\ninclude = b.ini\n", 0},
                                  {"b.ini", "[scenario]\ninclude = c.ini\n", 0},
                                  {"c.ini", "[scenario]\ninclude = a.ini\n", 0},
                                  {0}};
    cr_expect_eq(load(files), -1);
    cr_expect_eq(diags_count(&diags, CM_DIAG_INCLUDE_CYCLE), 1);
    expect_said("a file cannot include itself: a.ini includes b.ini includes c.ini includes a.ini");
}

/* A chain of files f0.ini to fN.ini, each including the next. */
static int load_chain(int n)
{
    static char names[40][24], texts[40][64];
    static struct memory_file files[42];
    for (int i = 0; i <= n; i++) {
        snprintf(names[i], sizeof names[i], "f%d.ini", i);
        snprintf(texts[i], sizeof texts[i],
                 i < n ? "[scenario]\ninclude = f%d.ini\n" : "[scenario]\nseed = %d\n", i + 1);
        files[i] = (struct memory_file){names[i], texts[i], 0};
    }
    files[n + 1] = (struct memory_file){0};
    return load(files);
}

Test(document, includes_go_sixteen_deep_and_no_deeper)
{
    load_chain(16);
    cr_expect_eq(diags_count(&diags, CM_DIAG_INCLUDE_DEPTH), 0);
    cr_expect_eq(s.run.seed, 17);
    load_chain(17);
    cr_expect_eq(diags_count(&diags, CM_DIAG_INCLUDE_DEPTH), 1);
    expect_said("f16.ini:2:11: error: includes go 16 deep");
}

Test(document, a_file_is_read_once_however_many_name_it)
{
    static char names[13][24], texts[13][64];
    struct memory_file files[14] = {{0}};
    for (int i = 0; i < 13; i++) { /* 2^12 ways to the last one */
        snprintf(names[i], sizeof names[i], "f%d.ini", i);
        if (i < 11)
            snprintf(texts[i], sizeof texts[i], "[scenario]\ninclude = f%d.ini, f%d.ini\n", i + 1,
                     i + 2);
        else
            snprintf(texts[i], sizeof texts[i], "k%d = 1\n", i);
        files[i] = (struct memory_file){names[i], texts[i], 0};
    }
    load(files);
    cr_expect_eq(diags_count(&diags, CM_DIAG_NO_SECTION), 2);
}

/* --- extends --- */

Test(document, a_section_inherits_what_it_leaves_open_the_first_base_winning)
{
    cr_assert_eq(load_text(GOOD "[policy.c]\nextends = b, ours\nlook_every = 1m\n"
                                "[policy.b]\nextends = theirs\nmin_requests = 40\n"),
                 0, "%s", said());
    const struct cm_entry *c = entry("policy", "c");
    expect_option(c, "look_every", "1m");
    expect_option(c, "min_requests", "40");
    expect_option(c, "gates", "limit");
    expect_option(c, "steps", "5%/10m, 100%");
    cr_expect_eq(origin(c, "look_every")->from, CM_FROM_FILE);
    cr_expect_eq(origin(c, "steps")->from, CM_FROM_EXTENDS);
    cr_expect_eq(origin(c, "first_look")->from, CM_FROM_DEFAULT);
    cr_expect_eq(c->kind_origin.from, CM_FROM_EXTENDS);
}

Test(document, a_cycle_of_extends_is_an_error_said_once)
{
    cr_expect_eq(load_text(GOOD "[policy.a]\nextends = b\n[policy.b]\nextends = c\n"
                                "[policy.c]\nextends = a\n[policy.d]\nextends = c\n"),
                 -1);
    cr_expect_eq(diags_count(&diags, CM_DIAG_EXTENDS_CYCLE), 1, "%s", said());
    cr_expect_eq(diags.errors, 1, "%s", said());
    cr_expect_eq(load_text(GOOD "[policy.a]\nextends = a\n"), -1);
    expect_said("a section cannot extend itself: policy.a extends policy.a");
}

Test(document, only_a_section_of_the_same_kind_can_be_extended)
{
    cr_expect_eq(load_text(GOOD "[policy.c]\nextends = limit\n"), -1);
    expect_said("[policy.c] extends 'limit', but there is no [policy.limit]");
    cr_expect_eq(load_text(GOOD "[policy.c]\nextends = our\n"), -1);
    expect_said("[policy.c] extends 'our', which is not there (did you mean 'ours'?)");
    cr_expect_eq(load_text(GOOD "[environment]\nextends = traffic\n"), -1);
    expect_said("[environment] cannot extend anything");
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

Test(document, hundreds_of_sections_that_extend_each_other_end_within_a_second)
{
    static const struct {
        char letter; /* of the names that are extended */
        int step;
        size_t errors;
    } cases[] = {
        {'c', 1, 1},   /* a long chain to nowhere */
        {'c', 0, 100}, /* each extends itself: said so often at most */
        {'x', 1, 500}, /* what is not there */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_buffer text = {0};
        struct cm_writer to = cm_buffer_writer(&text);
        cm_print(to, "[policy.p]\nsteps = 10%%/10m, 100%%\n");
        for (int k = 0; k < 500; k++) {
            char section[80];
            snprintf(section, sizeof section, "[class.c%d]\nshare = 0.1%%\nextends = %c%d\n", k,
                     cases[i].letter, k + cases[i].step);
            cm_print(to, "%s", section);
        }
        double began = seconds();
        cr_expect_eq(load_text(text.text), -1);
        double took = seconds() - began;
        cr_expect_eq(diags.errors, cases[i].errors, "case %zu: %zu errors", i, diags.errors);
        cr_expect_lt(took, 1.0, "case %zu: %g s", i, took);
        cm_buffer_release(&text);
    }
}

/* --- --set --- */

Test(document, a_setting_wins_over_every_file_and_splits_at_the_last_dot)
{
    struct memory_file files[] = {{"shop.ini", GOOD, 0}, {0}};
    const char *const set[] = {"policy.ours.look_every=5s", "traffic.rate = 20 rps",
                               "environment.drift=0.4", "policy.ours.look_every=7s", NULL};
    cr_assert_eq(load_with(files, set, NULL), 0, "%s", said());
    expect_option(entry("policy", "ours"), "look_every", "7s");
    cr_expect_float_eq(s.arrivals->mean_rate(s.arrivals_options), 20, 1e-9);
    cr_expect_float_eq(s.environment.drift, 0.4, 1e-15);
    const struct cm_origin *from = origin(entry("policy", "ours"), "look_every");
    cr_expect_eq(from->from, CM_FROM_SET);
    cr_expect_str_eq(from->value.file, "--set policy.ours.look_every=7s");
}

Test(document, a_setting_that_cannot_be_is_reported_as_it_was_given)
{
    static const struct {
        const char *set, *want;
    } cases[] = {
        {"rate", "--set rate: error: this is not section.key=VALUE"},
        {"rate=5", "--set rate=5: error: this is not section.key=VALUE"},
        {"traffic.=5", "error: this is not section.key=VALUE"},
        {"traffic.rate=", "--set traffic.rate=: error: there is no value behind '='"},
        {"traffic.rate=5 rps ; x", "a ';' after a blank begins a comment"},
        {"traffic.rate=5\n", "error: "},
        {"traffic.rate=a\nb", "--set traffic.rate=a?b: error: the value has control characters"},
        {"scenario.include=x.ini", "files are included before anything is set"},
        {"traffic.rate=30", "--set traffic.rate=30: error: [traffic] rate: a unit is needed"},
        {"trafic.rate=30 rps", "unknown section [trafic] (did you mean [traffic]?)"},
        {"policy.our.look_every=5s",
         "there is no [policy.our] to change (did you mean 'policy.ours'?)"},
        {"gate.zzzzzzzz.max=1%", "there is no [gate.zzzzzzzz] to change in shop.ini"},
    };
    struct memory_file files[] = {{"shop.ini", GOOD, 0}, {0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const set[] = {cases[i].set, NULL};
        cr_expect_eq(load_with(files, set, NULL), -1, "%s", cases[i].set);
        expect_said(cases[i].want);
    }
}
