/* SIGINT and SIGTERM ask to stop; a second one stops at once. */
#ifndef CM_INTERRUPT_H
#define CM_INTERRUPT_H

#include <stdbool.h>

void cm_interrupt_watch(void); /* from now on */
bool cm_interrupt_asked(void);

#endif
