/* The estimate of the time left is that of a steady pace from the start: cells of one study cost
 * about the same. A study that is over within a second says nothing. */
#include "cli/progress.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "sim/base/units.h"

const char *const cm_progress_names[] = {"auto", "bar", "lines", "none", NULL};

static const double BAR_AFTER_S = 0.5, BAR_EVERY_S = 0.1, LINE_EVERY_S = 5;
enum { WIDTH = 30 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void cm_progress_start(struct cm_progress *progress, enum cm_progress_mode mode, const char *what)
{
    if (mode == CM_PROGRESS_AUTO)
        mode = isatty(STDERR_FILENO) ? CM_PROGRESS_BAR : CM_PROGRESS_LINES;
    *progress = (struct cm_progress){.mode = mode, .what = what, .began = now()};
    progress->said = progress->began;
}

/* "43%  ", "12s left" */
static void write_state(const struct cm_progress *p, double share, struct cm_writer to)
{
    double elapsed = now() - p->began;
    cm_print(to, "%3.0f%%", floor(100 * share));
    if (share <= 0)
        return;
    cm_print(to, ", ");
    cm_units_print_time(cm_from_seconds(ceil(elapsed * (1 - share) / share)), to);
    cm_print(to, " left");
}

static void write_bar(const struct cm_progress *p, double share, struct cm_writer to)
{
    int full = (int)(share * WIDTH);
    cm_print(to, "\r\033[K%s [", p->what);
    for (int i = 0; i < WIDTH; i++)
        cm_print(to, "%c", i < full ? '=' : i == full ? '>' : ' ');
    cm_print(to, "] ");
    write_state(p, share, to);
}

bool cm_progress_tell(void *self, uint64_t done, uint64_t total)
{
    struct cm_progress *p = self;
    double at = now(), share = total ? (double)done / (double)total : 1;
    bool bar = p->mode == CM_PROGRESS_BAR;
    if (p->mode == CM_PROGRESS_NONE || done >= total || at - p->began < BAR_AFTER_S ||
        at - p->said < (bar ? BAR_EVERY_S : LINE_EVERY_S))
        return !cm_interrupt_asked();
    struct cm_buffer line = {0};
    if (bar) {
        write_bar(p, share, cm_buffer_writer(&line));
    } else {
        cm_print(cm_buffer_writer(&line), "%s: ", p->what);
        write_state(p, share, cm_buffer_writer(&line));
        cm_print(cm_buffer_writer(&line), "\n");
    }
    cm_print(cm_output_talk(), "%s", line.text);
    cm_buffer_release(&line);
    p->said = at;
    p->shown = bar;
    return !cm_interrupt_asked();
}

void cm_progress_end(struct cm_progress *progress)
{
    if (progress->shown)
        cm_print(cm_output_talk(), "\r\033[K");
    progress->shown = false;
}
