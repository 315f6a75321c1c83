/* coalmine: what will my canary policy do? */
#include <signal.h>

#include <gsl/gsl_errno.h>

#include "cli/command.h"
#include "cli/output.h"

int main(int argc, char **argv)
{
    gsl_set_error_handler_off(); /* it would abort; statuses are checked where they can occur */
    signal(SIGPIPE, SIG_IGN);    /* a reader that leaves is no error: see output.c */
    signal(SIGXFSZ, SIG_IGN);    /* nor is a file that may grow no more: writing it fails */
    return cm_output_close(cm_command_dispatch(argc, argv));
}
