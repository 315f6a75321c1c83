/* The folder of a study.
 *
 * Whether a folder holds another study is told by the resolved scenario in it: the same scenario
 * may be run into its folder again, and nothing else may. A folder without one is taken as it is;
 * other files in it stay. */
#include "cli/folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "sim/base/mem.h"

/* The caller frees it. */
static char *join(const char *folder, const char *name)
{
    struct cm_buffer b = {0};
    cm_print(cm_buffer_writer(&b), "%s/%s", folder, name);
    return b.text;
}

/* Whether the file holds exactly `text`; a file that is not there holds anything. */
static bool holds(const char *path, const char *text)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return errno == ENOENT;
    /* Byte by byte: the text may contain anything, and the file may be longer or shorter. */
    bool same = true;
    int c;
    while (same && (c = getc(file)) != EOF)
        same = *text && (unsigned char)*text++ == (unsigned char)c;
    fclose(file);
    return same && !*text;
}

/* Only the last folder of a path is made: a misspelt path should not become a tree. */
static int make(const char *folder, struct cm_err *err)
{
    int error = mkdir(folder, 0777) ? errno : 0;
    if (error == ENOENT)
        return cm_fail(err, "cannot make the folder '%.200s': what it stands in is missing",
                       folder);
    if (error && error != EEXIST)
        return cm_fail(err, "cannot make the folder '%.200s': %s", folder, strerror(error));
    return 0;
}

/* Whether what stands there may be reported into. */
static int look_into(const char *folder, const char *scenario, struct cm_err *err)
{
    struct stat status;
    if (stat(folder, &status))
        return cm_fail(err, "cannot use '%.200s': %s", folder, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return cm_fail(err, "'%.200s' is a file, not a folder", folder);
    if (access(folder, W_OK | X_OK))
        return cm_fail(err, "cannot write into '%.200s': %s", folder, strerror(errno));
    char *path = join(folder, CM_FOLDER_SCENARIO);
    bool same = holds(path, scenario);
    cm_free(path);
    if (!same)
        return cm_fail(err,
                       "'%.200s' holds the results of another scenario; remove it or name another "
                       "folder",
                       folder);
    return 0;
}

/* A folder that is not there is made and taken away again: a study that is interrupted leaves none
 * behind. */
int cm_folder_try(const char *folder, const char *scenario, struct cm_err *err)
{
    struct stat status;
    if (stat(folder, &status) == 0 || errno != ENOENT)
        return look_into(folder, scenario, err);
    return make(folder, err) || look_into(folder, scenario, err) || rmdir(folder) ? -1 : 0;
}

int cm_folder_put(const char *folder, const char *name, const struct cm_buffer *text,
                  struct cm_err *err)
{
    if (make(folder, err))
        return -1;
    char *path = join(folder, name);
    int status = cm_file_put(path, text, err);
    cm_free(path);
    return status;
}
