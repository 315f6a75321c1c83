/* Files for the loader: the command line's struct cm_source.
 *
 * A file that another one names is looked for beside it and then among the installed scenarios;
 * "-" is standard input. */
#ifndef CM_SOURCE_FILE_H
#define CM_SOURCE_FILE_H

#include "sim/base/source.h"

struct cm_source cm_source_file(void);

#endif
