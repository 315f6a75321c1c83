/* A file is written under another name, forced to the disk and renamed over its place: POSIX rename
 * is atomic. */
#include "cli/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first error counts: those after it are its consequences. */
static int write_whole(const char *path, const struct cm_buffer *text)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return -1;
    bool good = fwrite(text->text, 1, text->length, file) == text->length;
    good &= fflush(file) == 0 && fsync(fileno(file)) == 0;
    int error = errno;
    good &= fclose(file) == 0;
    errno = good ? errno : error;
    return good ? 0 : -1;
}

/* A file that is replaced keeps its mode; a link would be lost, and so is not replaced. */
static int keep_mode(const char *path, const char *part, struct cm_err *err)
{
    struct stat old;
    if (lstat(path, &old))
        return 0; /* a new file */
    if (S_ISLNK(old.st_mode))
        return cm_fail(err, "'%.200s' is a link; name the file that it points to", path);
    if (chmod(part, old.st_mode & 07777))
        return cm_fail(err, "cannot write '%.200s': %s", path, strerror(errno));
    return 0;
}

/* The process is part of the other name, so that two runs do not write into one file. */
int cm_file_put(const char *path, const struct cm_buffer *text, struct cm_err *err)
{
    struct cm_buffer part = {0};
    int status = 0;
    cm_print(cm_buffer_writer(&part), "%s.%ld.part", path, (long)getpid());
    bool written = !write_whole(part.text, text);
    if (written && keep_mode(path, part.text, err))
        status = -1; /* it has said why */
    else if (!written || rename(part.text, path))
        status = cm_fail(err, "cannot write '%.200s': %s", path, strerror(errno));
    if (status)
        unlink(part.text);
    cm_buffer_release(&part);
    return status;
}

/* The folder has to be there and writable; links and folders are not replaced. */
int cm_file_try(const char *path, struct cm_err *err)
{
    struct stat old;
    struct cm_buffer folder = {0};
    const char *slash = strrchr(path, '/');
    int length = slash == path ? 1 : slash ? (int)(slash - path) : 1;
    cm_print(cm_buffer_writer(&folder), "%.*s", length, slash ? path : ".");
    int error = access(folder.text, W_OK | X_OK) ? errno : 0;
    cm_buffer_release(&folder);
    if (error)
        return cm_fail(err, "cannot write '%.200s': %s", path, strerror(error));
    if (lstat(path, &old) == 0 && !S_ISREG(old.st_mode))
        return cm_fail(err, "'%.200s' is there already, and no plain file", path);
    return 0;
}

int cm_file_check_new(const char *path, struct cm_err *err)
{
    if (access(path, F_OK) == 0)
        return cm_fail(err, "'%.200s' is there already; remove it or name another file", path);
    return 0;
}

int cm_file_put_new(const char *path, const struct cm_buffer *text, struct cm_err *err)
{
    return cm_file_check_new(path, err) ? -1 : cm_file_put(path, text, err);
}
