/* A flag that the signal sets and the study's progress looks at. Whoever asks again after a moment
 * does not want to wait; what comes within that moment is the same request, sent twice (to a
 * process and to its group). */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static volatile sig_atomic_t asked;
static volatile time_t asked_at; /* s */

static time_t now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t); /* safe in a handler (POSIX.1-2008, 2.4.3) */
    return t.tv_sec;
}

static void note(int number)
{
    if (!asked) {
        asked = 1;
        asked_at = now();
    } else if (now() > asked_at + 1) {
        signal(number, SIG_DFL);
        raise(number); /* acts when this handler returns */
    }
}

void cm_interrupt_watch(void)
{
    struct sigaction action = {0};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cm_interrupt_asked(void)
{
    return asked != 0;
}
