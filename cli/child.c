/* A process of its own, and no call: a command may be interrupted, and what it leaves behind (a
 * watch for signals, an error of stdout) is no matter of the next one. */
#include "cli/child.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ; /* POSIX has no header for it */

/* Starts the program itself, wherever it is and whatever it is called. 0 or an errno. */
static int start(const struct cm_command_line *line, const int ends[2], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    int error = posix_spawn(pid, "/proc/self/exe", &actions, NULL, line->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* To its end, or until it cannot be read. */
static void read_all(int from, struct cm_buffer *output)
{
    enum { CHUNK = 4096 };
    char chunk[CHUNK];
    struct cm_writer to = cm_buffer_writer(output);
    for (ssize_t got; (got = read(from, chunk, sizeof chunk)) != 0;) {
        if (got > 0)
            to.write(to.self, chunk, (size_t)got);
        else if (errno != EINTR)
            return;
    }
}

int cm_child_run(const struct cm_command_line *line, struct cm_buffer *output, struct cm_err *err)
{
    int ends[2], status;
    pid_t pid;
    if (pipe(ends))
        return cm_fail(err, "no pipe: %s", strerror(errno));
    int error = start(line, ends, &pid);
    close(ends[1]);
    if (error) {
        close(ends[0]);
        return cm_fail(err, "cannot run %.60s: %s", line->argv[0], strerror(error));
    }
    read_all(ends[0], output);
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return cm_fail(err, "lost %.60s: %s", line->argv[0], strerror(errno));
    if (!WIFEXITED(status))
        return cm_fail(err, "%.60s was stopped by a signal", line->argv[0]);
    return WEXITSTATUS(status);
}
