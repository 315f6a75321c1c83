/* Running another command of this program and keeping what it prints. */
#ifndef CM_CHILD_H
#define CM_CHILD_H

#include "cli/command_line.h"
#include "sim/base/write.h"

/* Runs the program itself with these arguments and adds its standard output to `output`; what it
 * says on standard error goes where ours goes. Its exit status, or -1 with the reason if it could
 * not be run or did not exit. */
int cm_child_run(const struct cm_command_line *line, struct cm_buffer *output, struct cm_err *err);

#endif
