/* A child process with a pipe on its standard error; no shell, since names are the user's. */
#include "cli/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/base/write.h"

enum { NOT_FOUND = 127 }; /* as shells say it */

/* Never returns. Its own errors go where gnuplot's would. */
static void become_gnuplot(const struct cm_gnuplot *job, const char *commands, int talk)
{
    int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
        dup2(talk, STDERR_FILENO) < 0 || chdir(job->folder))
        _exit(1);
    setenv("LC_ALL", "C.UTF-8", 1); /* decimal points, and UTF-8 in texts */
    unsetenv("GNUTERM");
    unsetenv("GNUPLOT_LIB");
    execlp("gnuplot", "gnuplot", "-d", "-e", commands, job->script, (char *)NULL);
    _exit(errno == ENOENT ? NOT_FOUND : 1);
}

/* Everything that comes through the pipe. */
static void listen(int from, struct cm_buffer *said)
{
    char piece[1024];
    struct cm_writer to = cm_buffer_writer(said);
    for (ssize_t got; (got = read(from, piece, sizeof piece)) != 0;)
        if (got > 0)
            to.write(to.self, piece, (size_t)got);
        else if (errno != EINTR)
            break;
}

/* gnuplot's exit status, or -1 if it could not be run. */
static int run(const struct cm_gnuplot *job, const char *commands, struct cm_buffer *said)
{
    int ends[2], status = 0;
    if (pipe(ends))
        return -1;
    pid_t child = fork();
    if (child == 0)
        become_gnuplot(job, commands, ends[1]);
    close(ends[1]);
    if (child > 0) {
        listen(ends[0], said);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    }
    close(ends[0]);
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The line that says what is wrong: gnuplot shows the place first and the reason last. */
static const char *reason_in(struct cm_buffer *said)
{
    char *at = said->text;
    while (said->length > 0 && strchr("\n ", said->text[said->length - 1]))
        said->text[--said->length] = '\0';
    for (char *line = at; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        at = line;
    return at;
}

static int file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) ? 0 : status.st_size > 0;
}

static enum cm_gnuplot_end judge(const struct cm_gnuplot *job, int status, struct cm_buffer *said,
                                 const char *part, struct cm_err *err)
{
    if (status == NOT_FOUND && said->length == 0) {
        cm_fail(err, "gnuplot is not installed (Debian: apt-get install gnuplot-nox)");
        return CM_GNUPLOT_MISSING;
    }
    if (said->length > 0)
        cm_fail(err, "gnuplot, %.100s/%.100s: %.200s", job->folder, job->script, reason_in(said));
    else if (status != 0)
        cm_fail(err, "gnuplot failed on %.100s/%.100s", job->folder, job->script);
    else if (!file_size(part))
        cm_fail(err, "gnuplot drew nothing for %.100s/%.100s", job->folder, job->script);
    else
        return CM_GNUPLOT_DREW;
    return CM_GNUPLOT_FAILED;
}

enum cm_gnuplot_end cm_gnuplot_draw(const struct cm_gnuplot *job, struct cm_err *err)
{
    struct cm_buffer part = {0}, final = {0}, commands = {0}, said = {0};
    /* The last part of the name tells gnuplot nothing: the format does. */
    cm_print(cm_buffer_writer(&part), "%s/%s.%ld.part", job->folder, job->output, (long)getpid());
    cm_print(cm_buffer_writer(&final), "%s/%s", job->folder, job->output);
    cm_print(cm_buffer_writer(&commands), "format='%s'; output='%s'; columns=%d; rows=%d",
             job->format, part.text + strlen(job->folder) + 1, job->columns, job->rows);
    int status = run(job, commands.text, &said);
    enum cm_gnuplot_end end = judge(job, status, &said, part.text, err);
    if (end == CM_GNUPLOT_DREW && rename(part.text, final.text)) {
        cm_fail(err, "cannot write '%.200s': %s", final.text, strerror(errno));
        end = CM_GNUPLOT_FAILED;
    }
    if (end != CM_GNUPLOT_DREW)
        unlink(part.text);
    cm_buffer_release(&part);
    cm_buffer_release(&final);
    cm_buffer_release(&commands);
    cm_buffer_release(&said);
    return end;
}
