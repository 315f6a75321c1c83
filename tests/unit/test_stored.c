/* Campaigns and what is read back: the store's rows are those of a fresh run, played once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "analysis/campaign.h"
#include "analysis/report.h"
#include "analysis/stored.h"
#include "tests/unit/support.h"

#define HEAD                                                                                       \
    "; a small study\n"                                                                            \
    "[scenario]\nhorizon = 1h\nreplications = 300\n"                                               \
    "[traffic]\nrate = 10 rps\n"                                                                   \
    "[service]\nerror_rate = 3%\n"                                                                 \
    "[defect.bad]\nerror_rate = +2pp\nprior = 10%\n"                                               \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 7%\nfailures = 2\n"                    \
    "[policy.p]\nsteps = 10%/3m, 50%/3m\nlook_every = 1m\ngates = limit\n"
#define SECOND                                                                                     \
    "[metric.slower]\nsignal = error_ratio\nwindow = 2m\n"                                         \
    "[gate.other]\ntest = threshold\nmetric = slower\nmax = 5%\n"                                  \
    "[policy.q]\nsteps = 50%/2m\nlook_every = 30s\ngates = other\n"

enum { CELLS = 3 };
static const char *const rates[CELLS] = {"10", "20", "40"};

/* A study by hand: a text, and a rate for each cell. */
struct by_hand {
    struct memory_file files[4];
    const char *replications; /* --set, or NULL */
    long pause_ms;            /* before a cell is loaded */
    struct cm_store_variable variable;
};

static int load_cell(void *self, size_t i, struct cm_scenario *scenario, struct cm_store_cell *cell,
                     struct cm_err *err)
{
    struct by_hand *study = self;
    char rate[40];
    snprintf(rate, sizeof rate, "traffic.rate=%s rps", rates[i]);
    const char *const set[] = {rate, study->replications, NULL};
    struct cm_diags diags = {0};
    struct cm_load load = {.path = study->files->name,
                           .source = memory_source(study->files),
                           .extra = cm_analysis_sections,
                           .set = set};
    nanosleep(&(struct timespec){0, study->pause_ms * 1000000}, NULL);
    study->variable = (struct cm_store_variable){"rps", rates[i], 10 << i, 1, CM_PER_SECOND};
    cell->number = i;
    cell->variables = &study->variable;
    cell->n_variables = 1;
    int status = cm_scenario_load(scenario, &load, &diags);
    if (status)
        cm_fail(err, "cell %zu does not load: %s", i, diags.list[0].text);
    cm_diags_release(&diags);
    return status;
}

static struct by_hand study_of(const char *text)
{
    return (struct by_hand){.files = {{"shop.ini", text, 0}, {0}}};
}

static struct cm_store *open_memory(const char *version)
{
    struct cm_err err;
    const struct cm_store_options options = {.version = version};
    struct cm_store *store = cm_store_open(":memory:", &options, &err);
    cr_assert_not_null(store, "%s", err.text);
    return store;
}

/* Runs the study into the store; returns the campaign for its counts. */
static struct cm_campaign run_into(struct cm_store *store, struct by_hand *study, int threads)
{
    struct cm_err err = {0};
    const struct cm_store_study what = {"a small study", "shop.ini", study->files->text, CELLS};
    cr_assert_eq(cm_store_begin(store, &what, &err), 0, "%s", err.text);
    struct cm_campaign campaign = {.store = store,
                                   .n_cells = CELLS,
                                   .load = load_cell,
                                   .self = study,
                                   .threads = threads,
                                   .source = memory_source(study->files)};
    cr_assert_eq(cm_campaign_run(&campaign, &err), CM_CAMPAIGN_DONE, "%s", err.text);
    return campaign;
}

static void report_of(const struct cm_results *results, enum cm_format format,
                      struct cm_buffer *text)
{
    const struct cm_report_options how = {
        .format = format, .version = "0.1.0", .command = "coalmine run"};
    cm_report_write(results, &how, cm_buffer_writer(text));
}

/* Cell i as `run` would play it; release both. */
static void play_fresh(struct by_hand *study, size_t i, struct cm_scenario *scenario,
                       struct cm_results *results)
{
    struct cm_store_cell cell = {0};
    struct cm_err err = {0};
    *scenario = (struct cm_scenario){0};
    cr_assert_eq(load_cell(study, i, scenario, &cell, &err), 0, "%s", err.text);
    cm_results_init(results, scenario);
    struct cm_study run = {.cells = results->cells, .n_cells = results->n_cells, .threads = 1};
    cr_assert_eq(cm_study_run(&run), 0);
}

/* What is read of cell i is what a fresh run of it reports, in every format. */
static void expect_reports_of_fresh_run(struct cm_stored *stored, struct by_hand *study, size_t i)
{
    struct cm_scenario fresh_scenario, kept_scenario;
    struct cm_results fresh, kept;
    struct cm_err err = {0};
    play_fresh(study, i, &fresh_scenario, &fresh);
    cr_assert_eq(cm_stored_load(stored, i, &kept_scenario, &kept, &err), 0, "%s", err.text);
    for (int format = 0; format < CM_FORMATS; format++) {
        struct cm_buffer want = {0}, got = {0};
        report_of(&fresh, (enum cm_format)format, &want);
        report_of(&kept, (enum cm_format)format, &got);
        cr_expect_str_eq(got.text, want.text, "cell %zu, format %d", i, format);
        cm_buffer_release(&want);
        cm_buffer_release(&got);
    }
    cm_results_release(&fresh);
    cm_results_release(&kept);
    cm_scenario_release(&fresh_scenario);
    cm_scenario_release(&kept_scenario);
}

static struct cm_stored *read_back(struct cm_store *store)
{
    struct cm_err err = {0};
    struct cm_stored *stored = cm_stored_of(store, &err);
    cr_assert_not_null(stored, "%s", err.text);
    return stored;
}

static void close_store(struct cm_store *store)
{
    struct cm_err err = {0};
    cr_assert_eq(cm_store_close(store, &err), 0, "%s", err.text);
}

static void expect_reports_of_fresh_runs(struct cm_store *store, struct by_hand *study)
{
    struct cm_stored *stored = read_back(store);
    cr_assert_eq(cm_stored_cells(stored), CELLS);
    for (size_t i = 0; i < CELLS; i++)
        expect_reports_of_fresh_run(stored, study, i);
    cm_stored_close(stored);
}

Test(stored, the_report_of_a_stored_cell_is_that_of_a_fresh_run)
{
    struct by_hand study = study_of(HEAD SECOND);
    for (int threads = 1; threads <= 2; threads++) {
        struct cm_store *store = open_memory("0.1.0");
        struct cm_campaign ran = run_into(store, &study, threads);
        cr_expect_eq(ran.played, CELLS * 4 * 300);
        cr_expect_eq(ran.found, 0);
        expect_reports_of_fresh_runs(store, &study);
        close_store(store);
    }
}

Test(stored, cells_come_with_their_variables_and_what_they_were_run_with)
{
    struct by_hand study = study_of(HEAD);
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &study, 2);
    struct cm_stored *stored = read_back(store);
    cr_expect_str_eq(cm_stored_title(stored), "a small study");
    cr_expect_eq(cm_stored_variables(stored), 1);
    cr_expect_str_eq(cm_stored_variable(stored, 0), "rps");
    for (size_t i = 0; i < CELLS; i++) {
        const struct cm_stored_cell *cell = cm_stored_cell(stored, i);
        cr_expect_eq(cell->number, i);
        cr_expect_str_eq(cell->variables[0].value, rates[i]);
        cr_expect_eq(cell->variables[0].number, 10 << i);
        cr_expect_eq(cell->variables[0].scale, 1);
        cr_expect_eq(cell->variables[0].unit, CM_PER_SECOND);
        cr_expect_eq(cell->asked, 300);
        cr_expect_eq(cell->replications, 300);
        cr_expect_str_eq(cell->version, "0.1.0");
    }
    cr_expect_null(cm_stored_note(stored, 0), "%s", cm_stored_note(stored, 0));
    cm_stored_close(stored);
    close_store(store);
}

Test(stored, a_study_that_is_run_again_plays_nothing)
{
    struct by_hand study = study_of(HEAD SECOND);
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &study, 2);
    struct cm_campaign again = run_into(store, &study, 2);
    cr_expect_eq(again.played, 0);
    cr_expect_eq(again.found, CELLS * 4 * 300);
    close_store(store);
}

/* From 300 to 700: the last 212 of the second block, and 188 of the third. */
Test(stored, more_replications_play_only_the_new_ones)
{
    struct by_hand study = study_of(HEAD SECOND);
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &study, 2);
    study.replications = "scenario.replications=700";
    struct cm_campaign more = run_into(store, &study, 2);
    cr_expect_eq(more.played, CELLS * 4 * 400);
    cr_expect_eq(more.found, CELLS * 4 * 300);
    expect_reports_of_fresh_runs(store, &study);
    close_store(store);
}

/* Fewer than there are: the cell says how many count. */
Test(stored, fewer_replications_leave_the_others_out)
{
    struct by_hand study = study_of(HEAD);
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &study, 2);
    study.replications = "scenario.replications=100";
    cr_expect_eq(run_into(store, &study, 2).played, 0);
    expect_reports_of_fresh_runs(store, &study);
    close_store(store);
}

/* Adding a policy changes no number of the others, so theirs are found. */
Test(stored, a_policy_that_is_added_is_all_that_is_played)
{
    struct by_hand one = study_of(HEAD), two = study_of(HEAD SECOND);
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &one, 2);
    struct cm_campaign added = run_into(store, &two, 2);
    cr_expect_eq(added.played, CELLS * 2 * 300);
    cr_expect_eq(added.found, CELLS * 2 * 300);
    expect_reports_of_fresh_runs(store, &two);
    struct cm_stored *stored = read_back(store);
    cr_expect_not_null(strstr(cm_stored_note(stored, 0), "holds 2 studies"));
    cm_stored_close(stored);
    close_store(store);
}

/* Each line changes what happens, so none of the rows of the study may stand for it. */
Test(stored, whatever_changes_the_numbers_is_played_anew)
{
    static const char *const changes[] = {
        "[scenario]\nseed = 2\n",
        "[scenario]\nhorizon = 2h\n",
        "[scenario]\nflow = requests\n",
        "[telemetry]\nmonitor = prometheus\n",
        "[policy.p]\nlook_every = 2m\n",
        "[gate.limit]\nmax = 6%\n",
        "[metric.errors]\nwindow = 2m\n",
        "[service]\nlatency = lognormal(median=90ms, sigma=0.5)\n",
        "[environment]\ndrift = 0.1\n",
        /* Nobody reads it, but stable is watched longer, and that is another world. */
        "[metric.day]\nsignal = error_ratio\nwindow = 12h\n",
    };
    struct by_hand study = study_of(HEAD);
    struct cm_store *store = open_memory("0.1.0");
    study.replications = "scenario.replications=20";
    run_into(store, &study, 2);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct by_hand changed = {0};
        char text[400];
        /* What an included file says is the weaker word. */
        snprintf(text, sizeof text, "[scenario]\ninclude = base.ini\n%s",
                 strncmp(changes[i], "[scenario]\n", 11) == 0 ? changes[i] + 11 : changes[i]);
        changed.files[0] = (struct memory_file){"shop.ini", text, 0};
        changed.files[1] = (struct memory_file){"base.ini", HEAD, 0};
        changed.replications = study.replications;
        struct cm_campaign ran = run_into(store, &changed, 2);
        cr_expect_eq(ran.found, 0, "%s: %llu replications were taken from the store", changes[i],
                     (unsigned long long)ran.found);
    }
    close_store(store);
}

/* ... and what does not is not. */
Test(stored, whatever_changes_no_number_is_not_played_again)
{
    static const char *const changes[] = {
        "[defect.bad]\nprior = 20%\n",
        "[cost]\nrollback = 3\n",
        "[study]\npolicies = p\n",
        "[defect.worse]\nerror_rate = +9pp\n",
    };
    struct by_hand study = study_of(HEAD);
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &study, 2);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct by_hand changed = {0};
        char text[400];
        snprintf(text, sizeof text, "[scenario]\ninclude = base.ini\n%s", changes[i]);
        changed.files[0] = (struct memory_file){"shop.ini", text, 0};
        changed.files[1] = (struct memory_file){"base.ini", HEAD, 0};
        cr_expect_eq(run_into(store, &changed, 2).found, CELLS * 2 * 300, "%s", changes[i]);
        expect_reports_of_fresh_runs(store, &changed);
    }
    close_store(store);
}

static bool enough_at(void *self, const struct cm_results *results)
{
    (void)self;
    const struct cm_cell *cell = cm_results_cell(results, 0, -1);
    /* Cells differ in what they need: 10 rps is content at 256, 20 at 512, 40 never. */
    double rate = results->scenario->arrivals->mean_rate(results->scenario->arrivals_options);
    cr_expect_eq(cell->replications, results->scenario->run.replications);
    return rate < 15 || (rate < 30 && cell->replications >= 512);
}

static void run_until(struct cm_store *store, struct by_hand *study)
{
    struct cm_err err = {0};
    const struct cm_store_study what = {"a small study", "shop.ini", study->files->text, CELLS};
    cr_assert_eq(cm_store_begin(store, &what, &err), 0, "%s", err.text);
    struct cm_campaign campaign = {.store = store,
                                   .n_cells = CELLS,
                                   .load = load_cell,
                                   .enough = enough_at,
                                   .self = study,
                                   .threads = 2,
                                   .source = memory_source(study->files)};
    cr_assert_eq(cm_campaign_run(&campaign, &err), CM_CAMPAIGN_DONE, "%s", err.text);
}

static bool stop_at_once(void *self, uint64_t done, uint64_t total)
{
    (void)self;
    return done == total;
}

/* Progress is asked after a tenth of a second, which is when the second cell has been loaded,
 * slowly; by then the first one's rows have been played, and nobody has taken them yet. */
Test(stored, a_study_that_is_stopped_goes_on_from_there)
{
    enum { ALL = CELLS * 2 * 300 };
    struct cm_err err = {0};
    struct by_hand study = study_of(HEAD);
    struct cm_store *store = open_memory("0.1.0");
    const struct cm_store_study what = {"a small study", "shop.ini", study.files->text, CELLS};
    cr_assert_eq(cm_store_begin(store, &what, &err), 0, "%s", err.text);
    study.pause_ms = 60;
    struct cm_campaign campaign = {.store = store,
                                   .n_cells = CELLS,
                                   .load = load_cell,
                                   .self = &study,
                                   .threads = 2,
                                   .source = memory_source(study.files),
                                   .progress = stop_at_once};
    cr_assert_eq(cm_campaign_run(&campaign, &err), CM_CAMPAIGN_STOPPED, "%s", err.text);
    uint64_t kept = campaign.played;
    cr_expect(kept > 0 && kept < ALL, "%llu", (unsigned long long)kept);
    struct cm_campaign rest = run_into(store, &study, 2);
    cr_expect_eq(rest.found, kept);
    cr_expect_eq(rest.played, ALL - kept);
    struct cm_stored *stored = read_back(store);
    expect_reports_of_fresh_run(stored, &study, 0);
    cm_stored_close(stored);
    close_store(store);
}

/* 1000 is no power of two: the last look is at what was asked for at most. */
Test(stored, replications_are_added_at_fixed_counts_until_there_are_enough)
{
    static const uint64_t want[CELLS] = {256, 512, 1000};
    struct by_hand study = study_of(HEAD);
    study.replications = "scenario.replications=1000";
    struct cm_store *store = open_memory("0.1.0");
    run_until(store, &study);
    run_until(store, &study); /* run again it says the same */
    struct cm_stored *stored = read_back(store);
    for (size_t i = 0; i < CELLS; i++) {
        struct cm_scenario scenario = {0};
        struct cm_results results = {0};
        struct cm_err err = {0};
        cr_expect_eq(cm_stored_cell(stored, i)->asked, want[i]);
        cr_expect_eq(cm_stored_cell(stored, i)->replications, want[i]);
        cr_assert_eq(cm_stored_load(stored, i, &scenario, &results, &err), 0, "%s", err.text);
        cr_expect_eq(scenario.run.replications, want[i]);
        cr_expect_eq(results.cells[1].replications, want[i]);
        cm_results_release(&results);
        cm_scenario_release(&scenario);
    }
    cm_stored_close(stored);
    close_store(store);
}

/* A file that is not there any more is read from the store; what is in it is what counts. */
Test(stored, files_that_a_scenario_names_are_kept_with_it)
{
    static const char text[] =
        "[scenario]\ninclude = base.ini\n[service]\nlatency = empirical(file=ms.txt, unit=ms)\n";
    struct by_hand study = {0};
    study.files[0] = (struct memory_file){"shop.ini", text, 0};
    study.files[1] = (struct memory_file){"base.ini", HEAD, 0};
    study.files[2] = (struct memory_file){"ms.txt", "ms\n100\n120\n150\n", 0};
    struct cm_store *store = open_memory("0.1.0");
    run_into(store, &study, 2);
    expect_reports_of_fresh_runs(store, &study); /* whose own files are not asked for */
    study.files[2].text = "ms\n100\n120\n151\n";
    cr_expect_eq(run_into(store, &study, 2).found, 0);
    study.files[2].text = "ms\n100\n120\n150\n";
    cr_expect_eq(run_into(store, &study, 2).played, 0);
    close_store(store);
}

Test(stored, two_versions_in_one_store_are_noted)
{
    struct by_hand study = study_of(HEAD);
    struct cm_err err = {0};
    const char *path = "test-stored-versions.db";
    remove(path);
    for (int i = 0; i < 2; i++) {
        const struct cm_store_options options = {.version = i ? "0.2.0" : "0.1.0"};
        struct cm_store *store = cm_store_open(path, &options, &err);
        cr_assert_not_null(store, "%s", err.text);
        study.replications = i ? "scenario.replications=400" : NULL;
        run_into(store, &study, 1);
        close_store(store);
    }
    struct cm_stored *stored = cm_stored_open(path, &err);
    cr_assert_not_null(stored, "%s", err.text);
    cr_expect_str_eq(cm_stored_cell(stored, 0)->version, "0.1.0, 0.2.0");
    cr_expect_not_null(strstr(cm_stored_note(stored, 0), "several versions"));
    cm_stored_close(stored);
    remove(path);
}
