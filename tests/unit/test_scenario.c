/* The loader: typed values, links, rules of the whole, and the way back to text. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/unit/loaded.h"

TestSuite(scenario, .fini = tear_down);

Test(scenario, a_good_file_becomes_typed_and_linked)
{
    cr_assert_eq(load_text(GOOD), 0, "%s", said());
    cr_expect_eq(diags.n, 0, "%s", said());
    cr_expect_str_eq(s.title, "shop: a scenario for tests");
    cr_expect_str_eq(s.file, "shop.ini");
    cr_expect_eq(s.run.replications, 500);
    cr_expect_eq(s.run.seed, 7);
    cr_expect_eq(s.run.horizon, 2 * CM_HOUR);
    cr_expect(s.run.start.random);
    cr_expect_str_eq(s.arrivals->kind.name, "gamma_poisson");
    cr_expect_float_eq(s.arrivals->mean_rate(s.arrivals_options), 300, 1e-9);
    cr_expect_float_eq(s.service.error_rate, 0.002, 1e-15);
    cr_assert_eq(s.n_classes, 1);
    cr_expect_float_eq(s.classes[0].answer.share, 0.08, 1e-15);
    cr_assert_eq(s.n_defects, 2);
    cr_expect_str_eq(s.defects[0].profile->kind.name, "step");
    cr_expect_eq(s.defects[0].effect.scope.index, -1);
    cr_expect_str_eq(s.defects[1].name, "slow");
    cr_expect_eq(s.defects[1].effect.scope.index, 0);
    cr_assert_eq(s.n_metrics, 2);
    cr_expect_eq(s.metrics[1].metric.class.index, 0);
    cr_assert_eq(s.n_gates, 2);
    cr_expect_eq(s.gates[1].n_metrics, 1);
    cr_expect_eq(s.gates[1].metric[0], 1);
    cr_assert_eq(s.n_policies, 2);
    cr_expect_eq(s.policies[0].n_gates, 2);
    cr_expect_eq(s.policies[0].gate[0], 1);
    cr_expect_eq(s.policies[0].gate[1], 0);
    expect_option(entry("policy", "ours"), "look_every", "30s");
}

Test(scenario, releasing_twice_or_nothing_is_fine)
{
    struct cm_scenario nothing = {0};
    cm_scenario_release(&nothing);
    cm_scenario_release(&nothing);
    cr_assert_eq(load_text(GOOD), 0);
    cm_scenario_release(&s);
    cm_scenario_release(&s);
    cr_expect_eq(load_text("[x"), -1);
}

Test(scenario, history_is_the_least_rung_that_holds_the_longest_window)
{
    static const struct {
        const char *keys;
        cm_time want;
    } cases[] = {
        {"", 10 * CM_MINUTE},
        {"[metric.m]\nsignal = rate\nwindow = 11m\n", CM_HOUR},
        {"[metric.m]\nsignal = rate\nwindow = 1h\n", CM_HOUR},
        {"[metric.m]\nsignal = rate\nwindow = 2h\n", 6 * CM_HOUR},
        {"[metric.m]\nsignal = rate\nwindow = 7h\n", CM_DAY},
        {"[metric.m]\nsignal = rate\nwindow = 2d\n", 2 * CM_DAY},
        {"[telemetry]\nhistory = 37m\n", 37 * CM_MINUTE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4000];
        snprintf(text, sizeof text, "%s%s", GOOD, cases[i].keys);
        cr_assert_eq(load_text(text), 0, "%s", said());
        cr_expect_eq(s.history, cases[i].want, "%s", cases[i].keys);
    }
}

/* --- kinds --- */

Test(scenario, a_later_source_that_chooses_another_kind_drops_what_belonged_to_the_first)
{
    struct memory_file files[] = {{"shop.ini", GOOD, 0}, {0}};
    const char *const set[] = {"traffic.arrivals=poisson", NULL};
    cr_assert_eq(load_with(files, set, NULL), 0, "%s", said());
    cr_expect_str_eq(s.arrivals->kind.name, "poisson");
    cr_expect_float_eq(s.arrivals->mean_rate(s.arrivals_options), 300, 1e-9);
    cr_assert_eq(load_text(GOOD "[gate.two]\nextends = limit\ntest = two_proportion\n"
                                "[policy.two]\ngates = two\n"),
                 0, "%s", said());
}

Test(scenario, within_one_file_a_key_of_another_kind_is_an_error)
{
    cr_expect_eq(load_text("[traffic]\narrivals = poisson\nrate = 3 rps\ndispersion = 4\n"), -1);
    expect_said("shop.ini:4:1: error: [traffic] 'dispersion' belongs to arrivals = gamma_poisson; "
                "this is arrivals = poisson\n");
    cr_expect_eq(load_text("[traffic]\ndispersion = 4\n"), -1);
    expect_said("this is arrivals = poisson (the default)");
}

Test(scenario, an_unknown_kind_is_one_error_not_one_a_key)
{
    cr_expect_eq(load_text(GOOD "[gate.x]\ntest = treshold\nmetric = errors\nmax = 1%\n"), -1);
    cr_expect_eq(diags.errors, 1, "%s", said());
    expect_said("[gate.x] unknown test 'treshold' (did you mean 'threshold'?)");
}

/* --- values --- */

Test(scenario, a_bad_part_of_a_value_is_shown_where_it_stands_even_on_another_line)
{
    cr_expect_eq(load_text(GOOD "[policy.x]\ngates = limit,\n    nothing\n"), -1);
    const struct cm_diag *d = &diags.list[0];
    cr_expect_eq(d->id, CM_DIAG_UNKNOWN_REFERENCE);
    cr_expect_str_eq(d->place.text, "    nothing");
    cr_expect_eq(d->place.column, 5);
    cr_expect_eq(d->place.length, 7);
}

Test(scenario, a_sweep_where_one_value_is_wanted_names_its_variable)
{
    cr_expect_eq(load_text(GOOD "[environment]\ndrift = ${sd = 0.1, 0.2}\n"
                                "correlation = ${1, 2}m\n"),
                 -1);
    cr_expect_eq(diags_count(&diags, CM_DIAG_SWEEP), 2);
    cr_expect_eq(diags.errors, 2);
    expect_said("[environment] drift is swept over sd, one value is wanted here: choose it with "
                "--set 'environment.drift=VALUE'");
    expect_said("[environment] correlation is swept, one value");
}

Test(scenario, a_number_sign_behind_a_value_gets_a_hint)
{
    cr_expect_eq(load_text(GOOD "[defect.x]\nlatency = x2\nharmless = yes # surely\n"), -1);
    expect_said("harmless: 'yes # surely' is neither yes nor no (a comment after a value begins "
                "with ' ;')");
}

/* --- the layers above --- */

struct study {
    uint64_t threads;
    struct cm_refs policies;
    const char *needed;
};
static const struct cm_param study_params[] = {
    CM_COUNT(struct study, threads, "1", 1, 64, "Threads."),
    CM_REFS(struct study, policies, "policy", "none", "Policies."),
    CM_TEXT(struct study, needed, NULL, "A text."),
    CM_PARAMS_END,
};
static const struct cm_section study_section = {
    .name = "study", .summary = "A study.", .params = study_params, .size = sizeof(struct study)};
static const struct cm_section *const extra[] = {&study_section, NULL};

Test(scenario, sections_of_layers_above_come_back_as_entries)
{
    struct memory_file files[] = {{"shop.ini", GOOD "[study]\npolicies = theirs\nneeded = x\n", 0},
                                  {0}};
    cr_assert_eq(load_with(files, NULL, extra), 0, "%s", said());
    const struct cm_entry *e = cm_scenario_entry(&s, "study");
    cr_assert_not_null(e);
    const struct study *study = e->common;
    cr_expect_eq(study->threads, 1);
    cr_assert_eq(study->policies.n, 1);
    cr_expect_eq(study->policies.refs[0].index, 1);
    cr_expect_null(cm_scenario_entry(&s, "nothing"));
    cr_expect_eq(load(files), -1);
    expect_said("unknown section [study]");
}

Test(scenario, a_key_that_must_be_given_is_missed_even_if_its_section_is)
{
    struct memory_file files[] = {{"shop.ini", GOOD, 0}, {0}};
    cr_expect_eq(load_with(files, NULL, extra), -1);
    expect_said("shop.ini: error: [study] 'needed' must be given");
}

Test(scenario, what_a_damaged_section_lacks_is_not_missed)
{
    cr_expect_eq(load_text(GOOD "[gate.x]\ntest = threshold\nmetric: errors\nmax = 1%\n"), -1);
    cr_expect_eq(diags.errors, 1, "%s", said());
}

/* --- files that values name --- */

#define REPLAY "[traffic]\narrivals = replay\nstep = 1h\nfile = rec.csv\n"
#define RECORDING                                                                                  \
    "time,count\n2000-01-03 00:00:00,3\n2000-01-03 01:00:00,4\n2000-01-03 02:00:00,5\n"            \
    "2000-01-03 03:00:00,5\n"
#define POLICY "[policy.p]\nsteps = 10%/10m, 100%\n"

Test(scenario, a_path_is_relative_to_the_file_that_names_it)
{
    struct memory_file files[] = {
        {"main.ini", "[scenario]\ninclude = presets/replay.ini\n" POLICY, 0},
        {"presets/replay.ini", REPLAY, 0},
        {"presets/rec.csv", RECORDING, 0},
        {"data/other.csv", RECORDING, 0},
        {0}};
    cr_assert_eq(load(files), 0, "%s", said());
    cr_expect_eq(s.arrivals->span(s.arrivals_options), 4 * CM_HOUR);
    const char *const set[] = {"traffic.file=data/other.csv", NULL};
    cr_assert_eq(load_with(files, set, NULL), 0, "%s", said());
    const char *const wrong[] = {"traffic.file=rec.csv", NULL};
    cr_expect_eq(load_with(files, wrong, NULL), -1);
    expect_said("--set traffic.file=rec.csv: error: [traffic] no such file");
}

Test(scenario, a_recording_has_to_cover_history_and_horizon)
{
    struct memory_file files[] = {{"main.ini", REPLAY POLICY "[scenario]\nhorizon = 4h\n", 0},
                                  {"rec.csv", RECORDING, 0},
                                  {0}};
    cr_expect_eq(load(files), -1);
    expect_said("main.ini:4:8: error: [traffic] the recording covers 4h; history (10m) and horizon "
                "(4h) need 4h10m");
}

Test(scenario, a_start_that_nothing_can_follow_is_a_warning)
{
    cr_expect_eq(load_text(GOOD "[x-y]\n"), 0);
    struct memory_file files[] = {{"shop.ini", GOOD, 0}, {0}};
    const char *const set[] = {"scenario.start=Tue 03:00", NULL};
    cr_expect_eq(load_with(files, set, NULL), 0);
    cr_expect_eq(diags_count(&diags, CM_DIAG_START_UNUSED), 1);
    cr_expect_eq(s.run.start.at, CM_DAY + 3 * CM_HOUR);
    const char *const clocked[] = {"scenario.start=Sun 23:59", "traffic.arrivals=diurnal", NULL};
    cr_expect_eq(load_with(files, clocked, NULL), 0);
    cr_expect_eq(diags.warnings, 0, "%s", said());
    cr_expect_eq(s.run.start.at, 7 * CM_DAY - CM_MINUTE);
}

Test(scenario, moments_of_the_week_are_read_or_refused)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"random", true},     {"Mon 00:00", true},  {"Fri 9:05", true},   {"Mon", false},
        {"Mon 24:00", false}, {"Mon 12:60", false}, {"mon 12:00", false}, {"Monday 12:00", false},
        {"12:00", false},     {"Mon 1200", false},  {"Mon 12:0", false},  {"Mon 12:000", false},
        {"Mon -1:00", false}, {"Mon :00", false},
    };
    struct memory_file files[] = {{"shop.ini", GOOD "[traffic]\n", 0}, {0}};
    files[0].text = GOOD;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char option[64];
        snprintf(option, sizeof option, "scenario.start=%s", cases[i].text);
        const char *const set[] = {option, NULL};
        cr_expect_eq(load_with(files, set, NULL), cases[i].good ? 0 : -1, "%s", cases[i].text);
    }
}

/* --- rules of the whole --- */

Test(scenario, shares_and_priors_add_to_all_there_is_at_most)
{
    cr_expect_eq(load_text(GOOD "[class.a]\nshare = 92%\nerror_rate = 1%\n"), 0, "%s", said());
    cr_expect_eq(load_text(GOOD "[class.a]\nshare = 92.1%\nerror_rate = 1%\n"), -1);
    expect_said("[class.a] share: with this one the classes add to 100.1% of the requests");
    cr_expect_eq(load_text(GOOD "[defect.a]\nlatency = x2\nprior = 85%\n"), 0, "%s", said());
    cr_expect_eq(load_text(GOOD "[defect.a]\nlatency = x2\nprior = 86%\n"), -1);
    expect_said("[defect.a] prior: with this one the defects add to 101% of the releases");
}

Test(scenario, a_history_shorter_than_a_window_is_an_error)
{
    cr_expect_eq(load_text(GOOD "[telemetry]\nhistory = 5m\n"), 0, "%s", said());
    cr_expect_eq(load_text(GOOD "[telemetry]\nhistory = 4m59s\n"), -1);
    expect_said("history: 4m59s is shorter than the 5m that [metric.errors] reads");
}

Test(scenario, what_nothing_uses_is_a_warning)
{
    cr_expect_eq(load_text(GOOD "[metric.m]\nsignal = rate\n[gate.g]\ntest = threshold\n"
                                "metric = errors\nmax = 3%\n[class.c]\nshare = 1%\n"
                                "[class.own]\nshare = 1%\nerror_rate = 5%\n"),
                 0);
    cr_expect_eq(diags_count(&diags, CM_DIAG_UNUSED), 3, "%s", said());
    expect_said("[metric.m] is not used: no gate reads it");
    expect_said("[gate.g] is not used: no policy asks it");
    expect_said("[class.c] is not used: it answers like [service]");
}

/* 60 s of 5 % of 30 rps are 90 requests: 1 % of them is less than one error (arithmetic). */
Test(scenario, a_limit_below_one_error_is_a_warning_at_the_limit)
{
    static const struct {
        const char *rate, *max, *min_requests;
        size_t warnings;
    } cases[] = {
        {"30 rps", "1%", "0", 1},  {"30 rps", "1.2%", "0", 0}, {"34 rps", "1%", "0", 0},
        {"30 rps", "1%", "99", 1}, {"30 rps", "1%", "100", 0}, {"30 rps", "0.9%", "100", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "[traffic]\nrate = %s\n[metric.m]\nsignal = error_ratio\nwindow = 1m\n"
                 "[gate.g]\ntest = threshold\nmetric = m\nmax = %s\nmin_requests = %s\n"
                 "[policy.p]\nsteps = 5%%/10m, 100%%\ngates = g\n",
                 cases[i].rate, cases[i].max, cases[i].min_requests);
        cr_expect_eq(load_text(text), 0, "%s", said());
        cr_expect_eq(diags_count(&diags, CM_DIAG_LATTICE), cases[i].warnings, "case %zu: %s", i,
                     said());
    }
}

Test(scenario, without_a_policy_there_is_nothing_to_run)
{
    cr_expect_eq(load_text("[traffic]\nrate = 3 rps\n"), -1);
    expect_said("shop.ini: error: there is no policy: give at least one [policy.NAME]\n"
                "1 error; nothing was run\n");
    cr_expect_eq(load_text(POLICY), 0);
    expect_said("[policy.p] has no gates: it promotes every release");
}

/* --- and back --- */

static const char *print(struct cm_buffer *text)
{
    cm_scenario_print(&s, cm_buffer_writer(text));
    return text->text;
}

/* The lines without comments and the blanks before them. */
static void strip_comments(char *text)
{
    char *out = text;
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        char *comment = strstr(line, ";");
        size_t kept = comment && comment < line + length ? (size_t)(comment - line) : length;
        while (kept && line[kept - 1] == ' ')
            kept--;
        char *next = line + length + (line[length] == '\n');
        memmove(out, line, kept);
        out += kept;
        *out++ = '\n';
        line = next;
    }
    *out = '\0';
}

Test(scenario, what_is_printed_loads_to_the_same)
{
    static const char long_values[] =
        "[telemetry]\nbuckets = 1ms, 2ms, 3ms, 4ms, 5ms, 6ms, 7ms, 8ms, 9ms, 10ms, 20ms, 30ms,\n"
        "  40ms, 50ms, 60ms, 70ms, 80ms, 90ms, 100ms, 200ms, 300ms, 400ms, 500ms, 600ms, 700ms,\n"
        "  800ms, 900ms, 1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s, 10s, 20s, 30s, 40s, 50s\n"
        "[class.slow]\nshare = 3.3%\n"
        "latency = 90% lognormal(median=120ms, sigma=0.6) + 5% exponential(mean=2s)\n"
        "  + 5% lognormal(median=3s, sigma=0.25)\n";
    char text[4000];
    snprintf(text, sizeof text, "%s%s", GOOD, long_values);
    struct memory_file files[] = {{"shop.ini", text, 0}, {0}};
    const char *const set[] = {"environment.drift=0.25", NULL};
    cr_assert_eq(load_with(files, set, NULL), 0, "%s", said());
    struct cm_buffer first = {0}, second = {0};
    char *one = strdup(print(&first));
    cr_expect(strstr(one, "rate = 300 rps                          ; shop.ini:7\n") != NULL, "%s",
              one);
    cr_expect(strstr(one, "drift = 0.25                            ; --set\n") != NULL);
    cr_expect(strstr(one, "horizon = 2h                            ; default\n") != NULL);
    cr_expect(strstr(one, "\n     ") == NULL, "a continued line begins with five blanks:\n%s", one);
    for (const char *line = one; *line; line += strcspn(line, "\n") + 1)
        cr_expect_leq(strcspn(line, "\n"), 120, "%.130s", line);
    cr_assert_eq(load_text(one), 0, "%s\n%s", said(), one);
    char *two = strdup(print(&second));
    strip_comments(one);
    strip_comments(two);
    cr_expect_str_eq(one, two);
    free(one);
    free(two);
    cm_buffer_release(&first);
    cm_buffer_release(&second);
}

/* --- files that nobody wrote by hand --- */

/* xorshift64* (Vigna 2016): the mutations have to be the same everywhere. */
static unsigned next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (unsigned)(*state * 0x2545F4914F6CDD1Du >> 33);
}

Test(scenario, mutated_files_are_loaded_or_refused_with_a_reason)
{
    static const char good[] = HEAD "include = more.ini\n" REST "[policy.c]\nextends = ours\n";
    static const char spice[] = "[]=:;# \t\r\n\"<>!(){}$.-+%0123456789ems";
    uint64_t random = 11;
    static char text[2 * sizeof good];
    struct memory_file files[] = {{"shop.ini", text, 0}, {"more.ini", GOOD, 0}, {0}};
    for (int round = 0; round < 2000; round++) {
        size_t length = sizeof good - 1;
        memcpy(text, good, sizeof good);
        for (unsigned n = 1 + next_random(&random) % 3; n > 0; n--) {
            size_t at = next_random(&random) % length, from = next_random(&random) % length;
            size_t moved = next_random(&random) % 20;
            if (next_random(&random) % 2)
                text[at] = spice[next_random(&random) % (sizeof spice - 1)];
            else if (at + moved < length && from + moved < length)
                memmove(text + at, text + from, moved);
        }
        int status = load(files);
        cr_assert(status == 0 || diags.errors > 0, "round %d", round);
        cr_assert(status != 0 || diags.errors == 0, "round %d", round);
        said();
    }
}
