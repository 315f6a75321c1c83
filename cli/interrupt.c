/* A flag that the signal sets and the study's progress looks at. The handler takes itself away, so
 * that whoever asks twice does not have to wait. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void note(int number)
{
    (void)number;
    asked = 1;
}

void cm_interrupt_watch(void)
{
    struct sigaction action = {0};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cm_interrupt_asked(void)
{
    return asked != 0;
}
