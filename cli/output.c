/* stdout and stderr.
 *
 * The first error of stdout is kept until the end, because a stream forgets which one it was.
 * stderr has no errors: there is nobody left to tell. SIGPIPE is ignored (main.c), so that a reader
 * that left shows up here as EPIPE. */
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static int data_error; /* errno of the first write to stdout that failed */

/* After an error nothing more is tried: what was written stays a whole beginning. */
static void write_data(void *self, const char *text, size_t length)
{
    (void)self;
    if (!data_error && fwrite(text, 1, length, stdout) != length)
        data_error = errno;
}

static void write_talk(void *self, const char *text, size_t length)
{
    (void)self;
    size_t written = fwrite(text, 1, length, stderr);
    (void)written; /* whoever closed stderr does not want to know */
}

struct cm_writer cm_output_data(void)
{
    return (struct cm_writer){.write = write_data};
}

struct cm_writer cm_output_talk(void)
{
    return (struct cm_writer){.write = write_talk};
}

/* A status that says more than "could not write" is kept. */
int cm_output_close(int status)
{
    if (fflush(stdout) && !data_error)
        data_error = errno;
    if (!data_error || data_error == EPIPE)
        return status;
    cm_print(cm_output_talk(), "coalmine: cannot write to standard output: %s\n",
             strerror(data_error));
    return status ? status : CM_EXIT_RUN;
}
