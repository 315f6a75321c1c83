/* The two ways in which the program speaks. */
#ifndef CM_OUTPUT_H
#define CM_OUTPUT_H

#include "sim/base/write.h"

struct cm_writer cm_output_data(void); /* stdout: what was asked for */
struct cm_writer cm_output_talk(void); /* stderr: everything else */

/* Ends the program's data and returns the exit status: `status`, or CM_EXIT_RUN with a line on
 * stderr if the data could not be written. A reader that has left (a closed pipe) had all it
 * wanted, and nothing is said about it. */
int cm_output_close(int status);

#endif
