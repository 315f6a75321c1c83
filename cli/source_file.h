/* Files for the loader: the command line's struct cm_source.
 *
 * A file that another one names is looked for beside it and then among the installed scenarios;
 * "-" is standard input. */
#ifndef CM_SOURCE_FILE_H
#define CM_SOURCE_FILE_H

#include "sim/base/source.h"

struct cm_source cm_source_file(void);

/* The folder of the installed scenarios; of a program that was never installed, that of the tree it
 * was built in. In the arena, or a constant. */
const char *cm_source_installed(struct cm_arena *arena);
/* Where the former is by the build, whether it is there or not yet. */
extern const char *const cm_source_folder;

#endif
