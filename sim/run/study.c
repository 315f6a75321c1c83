/* Tasks of (cell, block of 256 replications), given to the crew in order. A row depends on its cell
 * and index alone, so which thread plays it does not matter. */
#include "sim/run/study.h"

#include <time.h>

#include "sim/base/mem.h"
#include "sim/run/crew.h"

enum { REPORT_MS = 100, AHEAD = 4 /* tasks in the crew's hands, a thread */ };

struct work {
    const struct cm_study *study;
    size_t cell;    /* the next task's */
    uint64_t first; /* its first replication */
    uint64_t done, total;
    double reported; /* s */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The next block that is to be played; false = there is none. */
static bool next(struct work *work, struct cm_task *task)
{
    const struct cm_study *study = work->study;
    while (work->cell < study->n_cells && work->first >= study->cells[work->cell].replications) {
        work->cell++;
        work->first = work->cell < study->n_cells ? study->cells[work->cell].first : 0;
    }
    if (work->cell == study->n_cells)
        return false;
    const struct cm_cell *cell = &study->cells[work->cell];
    uint64_t left = cell->replications - work->first;
    *task = (struct cm_task){
        .plan = &cell->plan,
        .first = work->first,
        .n = left < CM_STUDY_BLOCK ? (size_t)left : CM_STUDY_BLOCK,
        .rows = cell->rows + work->first,
    };
    work->first += task->n;
    return true;
}

/* Whether to go on; asked a few times a second. */
static bool report(struct work *work)
{
    const struct cm_study *study = work->study;
    if (!study->progress || now() - work->reported < REPORT_MS / 1e3)
        return true;
    work->reported = now();
    return study->progress(study->progress_self, work->done, work->total);
}

/* Each task that comes back goes out again as the next one. */
static bool play_all(struct work *work, struct cm_crew *crew, struct cm_task *tasks, size_t n)
{
    size_t out = 0;
    while (out < n && next(work, &tasks[out]))
        cm_crew_give(crew, &tasks[out++]);
    while (out > 0) {
        struct cm_task *task = cm_crew_take(crew, REPORT_MS);
        if (task) {
            work->done += task->n;
            if (next(work, task))
                cm_crew_give(crew, task);
            else
                out--;
        }
        if (!report(work))
            return false;
    }
    return true;
}

int cm_study_run(struct cm_study *study)
{
    struct work work = {.study = study, .reported = now()};
    for (size_t i = 0; i < study->n_cells; i++)
        work.total += study->cells[i].replications - study->cells[i].first;
    work.first = study->n_cells ? study->cells[0].first : 0;
    size_t n = (size_t)study->threads * AHEAD;
    struct cm_task *tasks = cm_alloc(n * sizeof *tasks);
    struct cm_crew *crew = cm_crew_new(study->threads);
    bool whole = play_all(&work, crew, tasks, n);
    cm_crew_free(crew);
    cm_free(tasks);
    if (whole && study->progress)
        whole = study->progress(study->progress_self, work.total, work.total);
    return whole ? 0 : -1;
}
