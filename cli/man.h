/* The manual pages coalmine(1) and coalmine-scenario(5). */
#ifndef CM_MAN_H
#define CM_MAN_H

#include "sim/base/write.h"

void cm_man_program(struct cm_writer to);  /* 1: commands and their options */
void cm_man_scenario(struct cm_writer to); /* 5: sections, keys, laws */

#endif
