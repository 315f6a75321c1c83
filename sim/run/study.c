/* Workers take units of (cell, block of 256 replications) from one counter, in order. A row depends
 * on its cell and index alone, so which worker plays it does not matter. */
#include "sim/run/study.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "sim/base/mem.h"

#define PROGRESS_NS 100000000 /* between two reports */

struct work {
    const struct cm_study *study;
    uint64_t units;
    atomic_uint_fast64_t next, done; /* units taken; replications played */
    atomic_bool stop;
    int busy; /* workers; guarded by lock */
    pthread_mutex_t lock;
    pthread_cond_t idle;
};

static uint64_t blocks_of(const struct cm_cell *cell)
{
    return (cell->replications + CM_STUDY_BLOCK - 1) / CM_STUDY_BLOCK;
}

/* The cell that a unit belongs to; *block becomes its block there. */
static const struct cm_cell *cell_of(const struct cm_study *study, uint64_t *block)
{
    const struct cm_cell *cell = study->cells;
    while (*block >= blocks_of(cell))
        *block -= blocks_of(cell++);
    return cell;
}

static void play(const struct cm_cell *cell, uint64_t block, struct cm_rollout *rollout,
                 struct work *work)
{
    uint64_t first = block * CM_STUDY_BLOCK, last = first + CM_STUDY_BLOCK;
    if (last > cell->replications)
        last = cell->replications;
    for (uint64_t i = first; i < last && !atomic_load(&work->stop); i++)
        cell->rows[i] = cm_replicate(rollout, i);
    atomic_fetch_add(&work->done, last - first);
}

static void *worker(void *self)
{
    struct work *work = self;
    const struct cm_cell *current = NULL;
    struct cm_rollout *rollout = NULL;
    while (!atomic_load(&work->stop)) {
        uint64_t block = atomic_fetch_add(&work->next, 1);
        if (block >= work->units)
            break;
        const struct cm_cell *cell = cell_of(work->study, &block);
        if (cell != current) {
            cm_rollout_free(rollout);
            rollout = cm_rollout_new(&cell->plan);
            current = cell;
        }
        play(cell, block, rollout, work);
    }
    cm_rollout_free(rollout);
    pthread_mutex_lock(&work->lock);
    work->busy--;
    pthread_cond_signal(&work->idle);
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

/* Waits for the workers, reporting on the way. */
static void watch(struct work *work, uint64_t total)
{
    const struct cm_study *study = work->study;
    pthread_mutex_lock(&work->lock);
    while (work->busy > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (pthread_cond_timedwait(&work->idle, &work->lock, &until) != ETIMEDOUT ||
            !study->progress)
            continue;
        pthread_mutex_unlock(&work->lock);
        if (!study->progress(study->progress_self, atomic_load(&work->done), total))
            atomic_store(&work->stop, true);
        pthread_mutex_lock(&work->lock);
    }
    pthread_mutex_unlock(&work->lock);
}

/* Starts the workers; as many as the system grants, at least the calling thread's own. */
static int start(struct work *work, pthread_t *threads)
{
    int started = 0;
    work->busy = work->study->threads;
    while (started < work->study->threads &&
           pthread_create(&threads[started], NULL, worker, work) == 0)
        started++;
    pthread_mutex_lock(&work->lock);
    work->busy -= work->study->threads - started;
    if (started == 0)
        work->busy = 1;
    pthread_mutex_unlock(&work->lock);
    if (started == 0)
        worker(work);
    return started;
}

int cm_study_run(struct cm_study *study)
{
    struct work work = {.study = study};
    uint64_t total = 0;
    for (size_t i = 0; i < study->n_cells; i++) {
        work.units += blocks_of(&study->cells[i]);
        total += study->cells[i].replications;
    }
    pthread_mutex_init(&work.lock, NULL);
    pthread_cond_init(&work.idle, NULL);
    pthread_t *threads = cm_alloc((size_t)study->threads * sizeof *threads);
    int started = start(&work, threads);
    watch(&work, total);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    cm_free(threads);
    pthread_cond_destroy(&work.idle);
    pthread_mutex_destroy(&work.lock);
    bool stopped = atomic_load(&work.stop);
    if (study->progress && !stopped)
        stopped = !study->progress(study->progress_self, total, total);
    return stopped ? -1 : 0;
}
