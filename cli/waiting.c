/* Who waits without a word looks hung; who says so every second is noise. */
#include "cli/waiting.h"

#include "cli/interrupt.h"
#include "cli/output.h"

bool cm_waiting_wait(void *self, const char *reason)
{
    struct cm_waiting *waiting = self;
    if (!waiting->said && !waiting->quiet)
        cm_print(cm_output_talk(), "coalmine: waiting for '%s': %s\n", waiting->path, reason);
    waiting->said = true;
    return !cm_interrupt_asked();
}
