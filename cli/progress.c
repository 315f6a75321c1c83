/* How far a study is.
 *
 * The estimate of the time left is that of a steady pace from the start: cells of one study cost
 * about the same. It is rounded up, so that "1s left" is not said at the end of a long wait.
 *
 * A study that is over within half a second says nothing: a bar that flashes is noise. Lines come
 * every few seconds, few enough for a log. The clock is a steady one; nothing of it reaches the
 * numbers. */
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

/* Not time(): that one may be set while the study runs. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Who watches is asked once: a terminal does not become a file halfway. */
void cm_progress_start(struct cm_progress *progress, enum cm_progress_mode mode, const char *what,
                       bool searches)
{
    if (mode == CM_PROGRESS_AUTO)
        mode = isatty(STDERR_FILENO) ? CM_PROGRESS_BAR : CM_PROGRESS_LINES;
    *progress = (struct cm_progress){
        .mode = mode, .what = what, .began = now(), .round = 1, .searches = searches};
    progress->said = progress->began;
}

/* "43%, 12s left"; "43% of round 2" */
static void write_state(const struct cm_progress *p, double share, struct cm_writer to)
{
    double elapsed = now() - p->began;
    cm_print(to, "%3.0f%%", floor(100 * share));
    if (p->searches)
        cm_print(to, " of round %d", p->round);
    if (p->searches || share <= 0)
        return;
    cm_print(to, ", ");
    cm_units_print_time(cm_from_seconds(ceil(elapsed * (1 - share) / share)), to);
    cm_print(to, " left");
}

/* "\r\033[K" goes back to the start of the line and clears it (ECMA-48, EL). */
static void write_bar(const struct cm_progress *p, double share, struct cm_writer to)
{
    int full = (int)(share * WIDTH);
    cm_print(to, "\r\033[K%s [", p->what);
    for (int i = 0; i < WIDTH; i++)
        cm_print(to, "%c", i < full ? '=' : i == full ? '>' : ' ');
    cm_print(to, "] ");
    write_state(p, share, to);
}

static void say(const struct cm_progress *p, double share)
{
    struct cm_buffer line = {0};
    struct cm_writer to = cm_buffer_writer(&line);
    if (p->mode == CM_PROGRESS_BAR) {
        write_bar(p, share, to);
    } else {
        cm_print(to, "%s: ", p->what);
        write_state(p, share, to);
        cm_print(to, "\n");
    }
    cm_print(cm_output_talk(), "%s", line.text); /* in one go: others write there, too */
    cm_buffer_release(&line);
}

/* Asked even by a study that says nothing: it is also how an interrupt arrives. */
bool cm_progress_tell(void *self, uint64_t done, uint64_t total)
{
    struct cm_progress *p = self;
    double at = now();
    bool bar = p->mode == CM_PROGRESS_BAR;
    /* Counting anew is how a search says that its next round began. */
    p->round += done < p->done;
    p->done = done;
    if (p->mode != CM_PROGRESS_NONE && done < total && at - p->began >= BAR_AFTER_S &&
        at - p->said >= (bar ? BAR_EVERY_S : LINE_EVERY_S)) {
        say(p, (double)done / (double)total);
        p->said = at;
        p->shown = bar;
    }
    return !cm_interrupt_asked();
}

void cm_progress_end(struct cm_progress *progress)
{
    if (progress->shown)
        cm_print(cm_output_talk(), "\r\033[K");
    progress->shown = false;
}
