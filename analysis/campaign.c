/* Cells are opened as the crew needs work, and closed when their last block is written.
 *
 * What is played is the scenario that the cell's own text loads to, not the one it was printed
 * from: what the store says and what was simulated cannot differ.
 *
 * Under `enough` a cell grows in stages: all its series up to 256 replications, then 512, 1024 and
 * so on. Its rows are read back from the store for each look, so that a look after an interruption
 * sees what it would have seen without, and memory is that of one cell. */
#include "analysis/campaign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/cell_text.h"
#include "sim/run/crew.h"
#include "sim/run/essence.h"

enum { REPORT_MS = 100, AHEAD = 4 /* tasks in the crew's hands, a thread */, FIRST_LOOK = 256 };

/* A cell that is open. */
struct job {
    struct job *next;
    struct cm_scenario scenario;
    struct cm_results results; /* plans without rows */
    int64_t cell;
    int64_t *series;  /* one a plan; owned, as is */
    size_t **present; /* rows of each block, one list a plan; what is out with the crew counts */
    uint64_t goal, most;
    size_t plan; /* where the search for what is missing goes on */
    uint64_t block;
    size_t out; /* tasks with the crew */
};

/* A task and what it is for. The task stands first: what comes back is one of these. */
struct errand {
    struct cm_task task;
    struct job *job;
    int64_t series;
    struct cm_outcome rows[CM_STORE_BLOCK];
    struct errand *next; /* idle */
};

struct run {
    struct cm_campaign *campaign;
    struct cm_crew *crew;
    struct job *first, *last; /* open cells, in order */
    struct errand *idle;
    size_t opened;
    size_t out;
    uint64_t done, known; /* replications: there, and wanted by cells that were opened */
    double reported;      /* s */
    bool stopped;         /* progress asked for it */
    struct cm_err *err;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- cells --- */

static void close_job(struct job *job)
{
    for (size_t i = 0; job->present && i < job->results.n_cells; i++)
        cm_free(job->present[i]);
    cm_free(job->present);
    cm_free(job->series);
    cm_results_release(&job->results);
    cm_scenario_release(&job->scenario);
    cm_free(job);
}

/* The plans of a scenario in the order of its reports, and no room for rows. */
static void plan(struct job *job)
{
    uint64_t replications = job->scenario.run.replications;
    job->scenario.run.replications = 0;
    cm_results_init(&job->results, &job->scenario);
    job->scenario.run.replications = replications;
    job->most = replications;
}

static void name_series(const struct job *job, const struct cm_cell_text *text,
                        char (*digests)[CM_DIGEST_TEXT])
{
    struct cm_essence_file *files = cm_alloc((text->n_named + 1) * sizeof *files);
    for (size_t i = 0; i < text->n_named; i++) {
        files[i].name = text->named[i].name;
        cm_digest_of(text->named[i].bytes.at, text->named[i].bytes.length, files[i].digest);
    }
    for (size_t i = 0; i < job->results.n_cells; i++)
        cm_essence_of(&job->results.cells[i].plan, files, text->n_named, digests[i]);
    cm_free(files);
}

static int put_series(struct run *run, struct job *job, size_t i, const char *digest)
{
    const struct cm_plan *of = &job->results.cells[i].plan;
    const struct cm_store_series series = {
        .digest = digest,
        .policy = job->scenario.policies[of->policy].name,
        .release = cm_results_release_name(&job->results, of->release),
        .harmless = cm_results_harmless(&job->results, of->release),
    };
    size_t blocks = (size_t)((job->most + CM_STORE_BLOCK - 1) / CM_STORE_BLOCK);
    job->present[i] = cm_alloc((blocks + 1) * sizeof *job->present[i]);
    struct cm_store *store = run->campaign->store;
    return cm_store_put_series(store, job->cell, i, &series, &job->series[i], run->err) ||
                   cm_store_rows_in(store, job->series[i], job->present[i], blocks, run->err)
               ? -1
               : 0;
}

/* The cell as the store keeps it. */
static int put(struct run *run, struct job *job, struct cm_store_cell *cell,
               const struct cm_cell_text *text)
{
    struct cm_store *store = run->campaign->store;
    size_t n = job->results.n_cells;
    char(*digests)[CM_DIGEST_TEXT] = cm_alloc((n + 1) * sizeof *digests);
    char digest[CM_DIGEST_TEXT];
    name_series(job, text, digests);
    cm_digest_of(digests, n * sizeof *digests, digest);
    cell->text = text->text;
    cell->digest = digest;
    cell->seed = job->scenario.run.seed;
    cell->replications = job->most;
    job->series = cm_alloc((n + 1) * sizeof *job->series);
    job->present = cm_alloc((n + 1) * sizeof *job->present);
    int status = cm_store_put_cell(store, cell, &job->cell, run->err);
    for (size_t i = 0; i < text->n_named && !status; i++)
        status = cm_store_put_file(store, job->cell, text->named[i].name, text->named[i].bytes,
                                   run->err);
    for (size_t i = 0; i < n && !status; i++)
        status = put_series(run, job, i, digests[i]);
    cm_free(digests);
    return status;
}

/* The i-th cell's text, by way of whoever knows the study. */
static int print_cell(struct run *run, size_t i, struct cm_store_cell *cell, struct cm_buffer *text,
                      struct cm_buffer *file)
{
    const struct cm_campaign *c = run->campaign;
    struct cm_scenario loaded = {0};
    int status = c->load(c->self, i, &loaded, cell, run->err);
    if (!status) {
        cm_scenario_print_plain(&loaded, cm_buffer_writer(text));
        cm_print(cm_buffer_writer(file), "%s", loaded.file);
    }
    cm_scenario_release(&loaded);
    return status;
}

static struct job *make_job(struct run *run, const struct cm_buffer *text,
                            const struct cm_buffer *file, struct cm_store_cell *cell)
{
    struct job *job = cm_alloc(sizeof *job);
    struct cm_cell_text source = {
        .file = file->text, .text = text->text, .files = run->campaign->source};
    int status = cm_cell_text_load(&source, &job->scenario, run->err);
    if (!status) {
        plan(job);
        status = put(run, job, cell, &source);
    }
    cm_cell_text_release(&source);
    if (!status)
        return job;
    close_job(job);
    return NULL;
}

/* Rows that are there count as found, as far as they are wanted. */
static uint64_t rows_there(const struct job *job)
{
    uint64_t n = 0;
    for (size_t i = 0; i < job->results.n_cells; i++)
        for (uint64_t first = 0; first < job->goal; first += CM_STORE_BLOCK) {
            uint64_t wanted = job->goal - first, there = job->present[i][first / CM_STORE_BLOCK];
            wanted = wanted < CM_STORE_BLOCK ? wanted : CM_STORE_BLOCK;
            n += there < wanted ? there : wanted;
        }
    return n;
}

/* From now on the cell wants `goal` replications of each series. */
static void aim(struct run *run, struct job *job, uint64_t goal)
{
    uint64_t before = job->goal, there = before ? rows_there(job) : 0;
    job->goal = goal < job->most ? goal : job->most;
    job->plan = 0;
    job->block = 0;
    run->known += (job->goal - before) * job->results.n_cells;
    uint64_t found = rows_there(job) - there;
    run->done += found;
    run->campaign->found += found;
}

static uint64_t first_look(const struct cm_campaign *c)
{
    return !c->enough ? UINT64_MAX : c->first_look ? c->first_look : FIRST_LOOK;
}

static int open_job(struct run *run)
{
    struct cm_store_cell cell = {0};
    struct cm_buffer text = {0}, file = {0};
    struct job *job = NULL;
    if (!print_cell(run, run->opened, &cell, &text, &file))
        job = make_job(run, &text, &file, &cell);
    cm_buffer_release(&text);
    cm_buffer_release(&file);
    if (!job)
        return -1;
    if (run->last)
        run->last->next = job;
    else
        run->first = job;
    run->last = job;
    run->opened++;
    aim(run, job, first_look(run->campaign));
    return 0;
}

/* --- looks --- */

static void forget_rows(struct job *job)
{
    for (size_t i = 0; i < job->results.n_cells; i++) {
        cm_free(job->results.cells[i].rows);
        job->results.cells[i].rows = NULL;
        job->results.cells[i].replications = 0;
    }
}

static int read_rows(struct run *run, struct job *job)
{
    int status = 0;
    for (size_t i = 0; i < job->results.n_cells && !status; i++) {
        struct cm_cell *cell = &job->results.cells[i];
        cm_free(cell->rows);
        cell->rows = cm_alloc((size_t)(job->goal + 1) * sizeof *cell->rows);
        cell->replications = job->goal;
        status = cm_store_get_rows(run->campaign->store, job->series[i], 0, cell->rows,
                                   (size_t)job->goal, run->err);
    }
    return status;
}

/* 1 = the cell has what it takes, 0 = it was given a further goal, -1 = a failure. */
static int look(struct run *run, struct job *job)
{
    const struct cm_campaign *c = run->campaign;
    if (job->goal == job->most)
        return 1;
    if (read_rows(run, job)) {
        forget_rows(job);
        return -1;
    }
    job->scenario.run.replications = job->goal;
    bool enough = c->enough(c->self, &job->results);
    forget_rows(job);
    if (!enough) {
        aim(run, job, 2 * job->goal);
        return 0;
    }
    return cm_store_set_replications(c->store, job->cell, job->goal, run->err) ? -1 : 1;
}

/* --- tasks --- */

/* The next rows that are missing. False = there are none, for now or for good. */
static bool find_missing(struct job *job, struct errand *errand)
{
    uint64_t blocks = (job->goal + CM_STORE_BLOCK - 1) / CM_STORE_BLOCK;
    for (; job->plan < job->results.n_cells; job->plan++, job->block = 0)
        for (; job->block < blocks; job->block++) {
            uint64_t first = job->block * CM_STORE_BLOCK, wanted = job->goal - first;
            size_t *there = &job->present[job->plan][job->block];
            wanted = wanted < CM_STORE_BLOCK ? wanted : CM_STORE_BLOCK;
            if (*there >= wanted)
                continue;
            errand->job = job;
            errand->series = job->series[job->plan];
            errand->task = (struct cm_task){
                .plan = &job->results.cells[job->plan].plan,
                .first = first + *there,
                .n = (size_t)wanted - *there,
                .rows = errand->rows,
            };
            *there = (size_t)wanted;
            return true;
        }
    return false;
}

static void unlink_job(struct run *run, const struct job *job)
{
    struct job **at = &run->first, *before = NULL;
    while (*at != job) {
        before = *at;
        at = &(*at)->next;
    }
    *at = job->next;
    if (run->last == job)
        run->last = before;
}

/* Goes on with cells whose rows are all there: looks at them, closes those that are through. 1 =
 * one of them wants more rows, 0 = none does, -1 = a failure. */
static int settle(struct run *run)
{
    int more = 0;
    for (struct job *job = run->first, *next; job; job = next) {
        next = job->next;
        if (job->out > 0 || job->plan < job->results.n_cells)
            continue;
        int status = look(run, job);
        if (status < 0)
            return -1;
        if (status == 0) {
            more = 1;
            continue;
        }
        unlink_job(run, job);
        close_job(job);
    }
    return more;
}

/* False = no open cell has anything to be played. */
static bool give_task(struct run *run)
{
    struct errand *errand = run->idle;
    struct job *job = run->first;
    while (job && !find_missing(job, errand))
        job = job->next;
    if (!job)
        return false;
    run->idle = errand->next;
    job->out++;
    run->out++;
    cm_crew_give(run->crew, &errand->task);
    return true;
}

/* Cells that were not opened yet are taken to be like those that were. */
static uint64_t total(const struct run *run)
{
    double a_cell = run->opened ? (double)run->known / (double)run->opened : 0;
    return run->known + (uint64_t)(a_cell * (double)(run->campaign->n_cells - run->opened));
}

/* A few times a second. */
static void report(struct run *run)
{
    const struct cm_campaign *c = run->campaign;
    if (!c->progress || now() - run->reported < REPORT_MS / 1e3)
        return;
    run->reported = now();
    run->stopped = run->stopped || !c->progress(c->progress_self, run->done, total(run));
}

/* Gives the crew as much as it should have. Cells are opened last: as few as will do. */
static int feed(struct run *run)
{
    while (run->idle && !run->stopped) {
        if (give_task(run))
            continue;
        int more = settle(run);
        if (more < 0)
            return -1;
        if (more)
            continue;
        if (run->opened == run->campaign->n_cells)
            break;
        if (open_job(run))
            return -1;
        report(run); /* opening what is there already takes its time, too */
    }
    return 0;
}

static int write_down(struct run *run, struct errand *errand)
{
    const struct cm_task *task = &errand->task;
    int status = cm_store_put_rows(run->campaign->store, errand->series, task->first, task->rows,
                                   task->n, run->err);
    run->done += task->n;
    run->campaign->played += task->n;
    errand->job->out--;
    run->out--;
    errand->next = run->idle;
    run->idle = errand;
    return status;
}

/* --- the campaign --- */

/* Tasks that were cut short count as far as they came. */
static int take_the_rest(struct run *run)
{
    int status = 0;
    cm_crew_stop(run->crew);
    for (struct cm_task *task; !status && (task = cm_crew_take(run->crew, 0));)
        if (task->n > 0)
            status = write_down(run, (struct errand *)task);
    return status;
}

static enum cm_campaign_end play_all(struct run *run)
{
    int status = feed(run);
    while (!status && !run->stopped && run->out > 0) {
        struct cm_task *task = cm_crew_take(run->crew, REPORT_MS);
        if (task)
            status = write_down(run, (struct errand *)task) || feed(run);
        report(run);
    }
    if (!status && run->stopped)
        status = take_the_rest(run);
    return status ? CM_CAMPAIGN_FAILED : run->stopped ? CM_CAMPAIGN_STOPPED : CM_CAMPAIGN_DONE;
}

/* What was played is kept, however it ended. */
static enum cm_campaign_end finish(struct run *run, enum cm_campaign_end end)
{
    const struct cm_campaign *c = run->campaign;
    struct cm_err later;
    if (end == CM_CAMPAIGN_DONE && c->progress)
        c->progress(c->progress_self, run->done, run->done);
    bool kept = cm_store_commit(c->store, end == CM_CAMPAIGN_FAILED ? &later : run->err) == 0;
    return kept ? end : CM_CAMPAIGN_FAILED;
}

enum cm_campaign_end cm_campaign_run(struct cm_campaign *campaign, struct cm_err *err)
{
    size_t n = (size_t)campaign->threads * AHEAD;
    struct errand *errands = cm_alloc(n * sizeof *errands);
    struct run run = {.campaign = campaign, .reported = now(), .err = err};
    campaign->played = campaign->found = 0;
    for (size_t i = 0; i < n; i++) {
        errands[i].next = run.idle;
        run.idle = &errands[i];
    }
    run.crew = cm_crew_new(campaign->threads);
    enum cm_campaign_end end = play_all(&run);
    cm_crew_free(run.crew);
    for (struct job *job = run.first, *next; job; job = next) {
        next = job->next;
        close_job(job);
    }
    cm_free(errands);
    return finish(&run, end);
}
