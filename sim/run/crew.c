/* Two queues behind one lock: tasks to be played, tasks that were. A task takes milliseconds, so
 * that the lock is never in the way. */
#include "sim/run/crew.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "sim/base/mem.h"

struct queue {
    struct cm_task *first, *last;
};

struct cm_crew {
    pthread_t *threads; /* owned */
    int n;
    pthread_mutex_t lock;           /* guards the queues */
    pthread_cond_t given, returned; /* something came into one of them; or: stop */
    struct queue waiting, played;
    atomic_bool stop;
};

static void push(struct queue *queue, struct cm_task *task)
{
    task->next = NULL;
    if (queue->first)
        queue->last->next = task;
    else
        queue->first = task;
    queue->last = task;
}

static struct cm_task *pop(struct queue *queue)
{
    struct cm_task *task = queue->first;
    if (task)
        queue->first = task->next;
    return task;
}

/* What is prepared for a plan is let go of with the task, since the plan may be gone as soon as the
 * task is back; preparing it again costs less than one replication. */
static void play(struct cm_task *task, const atomic_bool *stop)
{
    struct cm_rollout *rollout = cm_rollout_new(task->plan);
    size_t played = 0;
    for (; played < task->n && !atomic_load(stop); played++)
        task->rows[played] = cm_replicate(rollout, task->first + played);
    task->n = played;
    cm_rollout_free(rollout);
}

static void *work(void *self)
{
    struct cm_crew *crew = self;
    pthread_mutex_lock(&crew->lock);
    while (!atomic_load(&crew->stop)) {
        struct cm_task *task = pop(&crew->waiting);
        if (!task) {
            pthread_cond_wait(&crew->given, &crew->lock);
            continue;
        }
        pthread_mutex_unlock(&crew->lock);
        play(task, &crew->stop);
        pthread_mutex_lock(&crew->lock);
        push(&crew->played, task);
        pthread_cond_signal(&crew->returned);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct cm_crew *cm_crew_new(int threads)
{
    struct cm_crew *crew = cm_alloc(sizeof *crew);
    crew->threads = cm_alloc((size_t)threads * sizeof *crew->threads);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->given, NULL);
    pthread_cond_init(&crew->returned, NULL);
    while (crew->n < threads && pthread_create(&crew->threads[crew->n], NULL, work, crew) == 0)
        crew->n++;
    return crew;
}

void cm_crew_stop(struct cm_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->stop, true);
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->lock);
    while (crew->n > 0)
        pthread_join(crew->threads[--crew->n], NULL);
}

void cm_crew_free(struct cm_crew *crew)
{
    if (!crew)
        return;
    cm_crew_stop(crew);
    pthread_cond_destroy(&crew->returned);
    pthread_cond_destroy(&crew->given);
    pthread_mutex_destroy(&crew->lock);
    cm_free(crew->threads);
    cm_free(crew);
}

void cm_crew_give(struct cm_crew *crew, struct cm_task *task)
{
    pthread_mutex_lock(&crew->lock);
    push(&crew->waiting, task);
    pthread_cond_signal(&crew->given);
    pthread_mutex_unlock(&crew->lock);
}

/* Without threads: here and now. */
static struct cm_task *play_one(struct cm_crew *crew)
{
    struct cm_task *task = pop(&crew->waiting);
    if (task)
        play(task, &crew->stop);
    return task;
}

struct cm_task *cm_crew_take(struct cm_crew *crew, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (crew->n == 0)
        return atomic_load(&crew->stop) ? pop(&crew->played) : play_one(crew);
    pthread_mutex_lock(&crew->lock);
    struct cm_task *task = pop(&crew->played);
    int status = 0;
    while (!task && status != ETIMEDOUT) {
        status = pthread_cond_timedwait(&crew->returned, &crew->lock, &until);
        task = pop(&crew->played);
    }
    pthread_mutex_unlock(&crew->lock);
    return task;
}
