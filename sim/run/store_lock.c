/* One writer at a time: a lock on a file beside the store, `study.db-lock`.
 *
 * SQLite's own locks last as long as a transaction; two studies in turn would play the same
 * replications twice. This lock lasts as long as the writer: whoever comes second waits, and then
 * finds most of its work done. The system lets go of it when a program dies, however it dies.
 *
 * It stands in a file of its own because a program that closes any descriptor of a file loses all
 * its locks on it, SQLite's among them (POSIX, fcntl). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/run/store_parts.h"

enum { TRIES_A_SECOND = 10 };

static char *lock_path(const struct cm_store *s)
{
    struct cm_buffer path = {0};
    cm_print(cm_buffer_writer(&path), "%s-lock", s->path);
    return path.text;
}

/* The process that holds it; 0 = it is ours now, -1 = it cannot be locked. */
static pid_t take(int file)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_SETLK, &lock) == 0)
        return 0;
    if (errno != EACCES && errno != EAGAIN)
        return -1;
    /* Let go of in between, it is said to be unlocked: then there is no process to name. */
    lock.l_type = F_WRLCK;
    return fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 1;
}

/* Somebody may have removed the file between our opening and our locking it. */
static bool is_current(int file, const char *path)
{
    struct stat ours, theirs;
    return fstat(file, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

/* Whether to go on: asked once a second. */
static bool wait_for(const struct cm_store *s, pid_t holder, int tries)
{
    const struct timespec pause = {0, 1000000000 / TRIES_A_SECOND};
    char reason[80];
    if (!s->options.wait)
        return false;
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "process %ld is writing it", (long)holder);
    strncpy(reason, text.text, sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    cm_buffer_release(&text);
    if (tries % TRIES_A_SECOND == 0 && !s->options.wait(s->options.wait_self, reason))
        return false;
    nanosleep(&pause, NULL);
    return true;
}

/* One try: 0 when it is held, the holder, or -1. */
static pid_t try(struct cm_store *s, const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return -1;
    pid_t holder = take(file);
    if (holder == 0 && is_current(file, path)) {
        s->lock = file;
        return 0;
    }
    int error = errno;
    close(file);
    errno = error;
    return holder == 0 ? 1 : holder;
}

int cm_store_lock(struct cm_store *s, struct cm_err *err)
{
    char *path = lock_path(s);
    int status = 0;
    for (int tries = 0; s->lock < 0 && !status; tries++) {
        pid_t holder = try(s, path);
        if (holder < 0)
            status = cm_fail(err, "cannot write '%.200s': %s", path, strerror(errno));
        else if (holder > 0 && !wait_for(s, holder, tries))
            status =
                cm_fail(err, "'%.200s' is being written by process %ld", s->path, (long)holder);
    }
    cm_free(path);
    return status;
}

/* Removed first, while nobody else can have it: see is_current. */
void cm_store_unlock(struct cm_store *s)
{
    if (s->lock < 0)
        return;
    char *path = lock_path(s);
    unlink(path);
    close(s->lock);
    s->lock = -1;
    cm_free(path);
}
