/* Data first, then the script, then the picture: if gnuplot is missing or fails, the user has all
 * that another machine needs to draw it.
 *
 * The script stands on its own: the values and texts of this picture, what all pictures share
 * (plots/style.gp), and what this kind draws (plots/<kind>.gp), in one file to run and to edit. The
 * texts of users go into single quotes, in which gnuplot reads nothing but the quote itself; the
 * scripts show them without markup. */
#include "cli/pictures.h"

#include <dirent.h>
#include <errno.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/write.h"
#include "cli/folder.h"
#include "cli/gnuplot.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/source_file.h"

const char *const cm_picture_format_names[] = {
    [CM_PICTURE_SVG] = "svg",     [CM_PICTURE_PNG] = "png",    [CM_PICTURE_DUMB] = "dumb",
    [CM_PICTURE_SIXEL] = "sixel", [CM_PICTURE_FORMATS] = NULL,
};

static const char *const endings[] = {
    [CM_PICTURE_SVG] = "svg",
    [CM_PICTURE_PNG] = "png",
    [CM_PICTURE_DUMB] = "txt",
    [CM_PICTURE_SIXEL] = "sixel",
};

/* The worst counts: precedence 5 > 1 > 4 > 6. */
static void fail(struct cm_pictures *pictures, int status, const char *why)
{
    static const int by_weight[] = {CM_EXIT_PLOT,  CM_EXIT_ASSERT,   CM_EXIT_RUN,
                                    CM_EXIT_USAGE, CM_EXIT_SCENARIO, CM_EXIT_INTERRUPTED};
    size_t now = 0, then = 0;
    if (why)
        cm_print(cm_output_talk(), "coalmine: %s\n", why);
    for (size_t i = 0; i < sizeof by_weight / sizeof *by_weight; i++) {
        now = by_weight[i] == status ? i + 1 : now;
        then = by_weight[i] == pictures->status ? i + 1 : then;
    }
    pictures->status = now > then ? status : pictures->status;
}

int cm_pictures_try(const char *folder, struct cm_err *err)
{
    if (mkdir(folder, 0777) == 0) {
        rmdir(folder);
        return 0;
    }
    if (errno == ENOENT)
        return cm_fail(err, "cannot make the folder '%.200s': what it stands in is missing",
                       folder);
    if (errno != EEXIST || access(folder, W_OK | X_OK))
        return cm_fail(err, "cannot write into '%.200s': %s", folder, strerror(errno));
    return 0;
}

/* --- the script --- */

/* A text of one line as gnuplot reads it. */
static void write_text(const char *text, struct cm_writer to)
{
    cm_print(to, "'");
    for (; *text; text++)
        cm_print(to, *text == '\'' ? "''" : (unsigned char)*text < ' ' ? " " : "%c", *text);
    cm_print(to, "'");
}

/* Never whole numbers: gnuplot would divide them as such. */
static void write_number(double value, struct cm_writer to)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    cm_print(to, "%s%s", isfinite(value) ? text : "NaN",
             isfinite(value) && !strpbrk(text, ".e") ? ".0" : "");
}

static void write_values(const struct cm_picture *p, const struct cm_plot_ask *ask,
                         struct cm_writer to)
{
    cm_print(to,
             "# Drawn by coalmine %s. `gnuplot %s.gp` draws it again, as SVG;\n"
             "# `gnuplot -e \"format='png'\" %s.gp` as PNG.\n",
             CM_VERSION, p->name, p->name);
    cm_print(to, "name = '%s'\nfinding = ", p->name);
    write_text(p->title.text ? p->title.text : "", to);
    cm_print(to, "\nabout = ");
    write_text(p->about.text, to);
    cm_print(to, "\nscenario = ");
    write_text(ask->stored ? cm_stored_title(ask->stored) : ask->scenario->title, to);
    for (size_t i = 0; i < p->n_tables; i++)
        cm_print(to, "\n%s = '%s-%s.csv'", p->tables[i].name, p->name, p->tables[i].name);
    for (size_t i = 0; i < p->n_values; i++) {
        cm_print(to, "\n%s = ", p->values[i].name);
        if (p->values[i].text)
            write_text(p->values[i].text, to);
        else
            write_number(p->values[i].number, to);
    }
    cm_print(to, "\n\n");
}

/* A file of the folder of plots, which lies beside that of the scenarios. */
static int read_plot(const char *name, struct cm_buffer *to, struct cm_err *err)
{
    struct cm_arena arena = {0};
    struct cm_source files = cm_source_file();
    struct cm_buffer path = {0};
    const char *text = "", *resolved;
    size_t length = 0;
    cm_print(cm_buffer_writer(&path), "%s/../plots/%s.gp", cm_source_installed(&arena), name);
    int status = files.read(files.self, path.text, NULL, &arena, &text, &length, &resolved, err);
    struct cm_writer writer = cm_buffer_writer(to);
    writer.write(writer.self, text, length);
    cm_buffer_release(&path);
    cm_arena_release(&arena);
    return status;
}

static int put_script(const struct cm_pictures *pictures, const struct cm_plot *plot,
                      const struct cm_picture *p, const struct cm_plot_ask *ask, struct cm_err *err)
{
    struct cm_buffer script = {0}, name = {0};
    cm_print(cm_buffer_writer(&name), "%s.gp", p->name);
    write_values(p, ask, cm_buffer_writer(&script));
    int status = read_plot("style", &script, err) || read_plot(plot->name, &script, err) ||
                 cm_folder_put(pictures->folder, name.text, &script, err);
    cm_buffer_release(&script);
    cm_buffer_release(&name);
    return status ? -1 : 0;
}

static int put_tables(const struct cm_pictures *pictures, const struct cm_picture *p,
                      struct cm_err *err)
{
    int status = 0;
    for (size_t i = 0; i < p->n_tables && !status; i++) {
        struct cm_buffer name = {0}, text = {0};
        cm_print(cm_buffer_writer(&name), "%s-%s.csv", p->name, p->tables[i].name);
        cm_write_csv(&p->tables[i].table, cm_buffer_writer(&text));
        status = cm_folder_put(pictures->folder, name.text, &text, err);
        cm_buffer_release(&name);
        cm_buffer_release(&text);
    }
    return status;
}

/* --- drawing --- */

/* A picture made of letters is for now, not for keeping: it goes to standard output. */
static void show(const char *path)
{
    char piece[4096];
    FILE *file = fopen(path, "rb");
    struct cm_writer to = cm_output_data();
    for (size_t got; file && (got = fread(piece, 1, sizeof piece, file)) > 0;)
        to.write(to.self, piece, got);
    if (file)
        fclose(file);
}

static void draw(struct cm_pictures *pictures, const struct cm_picture *p,
                 enum cm_picture_format format)
{
    struct cm_buffer script = {0}, output = {0}, path = {0};
    struct winsize window = {0};
    struct cm_err err = {0};
    cm_print(cm_buffer_writer(&script), "%s.gp", p->name);
    cm_print(cm_buffer_writer(&output), "%s.%s", p->name, endings[format]);
    cm_print(cm_buffer_writer(&path), "%s/%s", pictures->folder, output.text);
    bool is_tty = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0;
    const struct cm_gnuplot job = {.folder = pictures->folder,
                                   .script = script.text,
                                   .output = output.text,
                                   .format = cm_picture_format_names[format],
                                   .columns = is_tty ? window.ws_col : 0,
                                   .rows = is_tty ? window.ws_row : 0};
    enum cm_gnuplot_end end = cm_gnuplot_draw(&job, &err);
    if (end != CM_GNUPLOT_DREW && cm_interrupt_asked())
        fail(pictures, CM_EXIT_INTERRUPTED, NULL); /* which has stopped gnuplot as well */
    else if (end != CM_GNUPLOT_DREW)
        fail(pictures, CM_EXIT_PLOT, pictures->missing ? NULL : err.text);
    else if (format == CM_PICTURE_DUMB || format == CM_PICTURE_SIXEL)
        show(path.text);
    else if (pictures->listed)
        cm_print(cm_output_data(), "%s\t%s\n", path.text, p->title.text);
    if (end == CM_GNUPLOT_DREW && pictures->drawn)
        pictures->drawn(pictures->drawn_self, p, path.text);
    pictures->missing = pictures->missing || end == CM_GNUPLOT_MISSING;
    cm_buffer_release(&script);
    cm_buffer_release(&output);
    cm_buffer_release(&path);
}

/* Without a reason the user asked to stop. */
void cm_pictures_put(struct cm_pictures *pictures, const struct cm_plot *plot,
                     const struct cm_plot_ask *ask)
{
    struct cm_picture p = {0};
    struct cm_err err = {0};
    if (cm_plot_draw(plot, ask, &p, &err)) {
        if (!err.text[0])
            fail(pictures, CM_EXIT_INTERRUPTED, NULL);
        else if (!pictures->quiet)
            cm_print(cm_output_talk(), "coalmine: no %s: %s\n", plot->name, err.text);
    } else if (put_tables(pictures, &p, &err) || put_script(pictures, plot, &p, ask, &err)) {
        fail(pictures, CM_EXIT_RUN, err.text);
    } else {
        pictures->made++;
        for (int format = 0; format < CM_PICTURE_FORMATS; format++)
            if (pictures->formats[format])
                draw(pictures, &p, (enum cm_picture_format)format);
    }
    cm_picture_release(&p);
}

/* --- what there is to draw --- */

/* The first policy that the plot can be drawn of, or the one asked for; NULL, or why there is none.
 */
static const char *choose_policy(const struct cm_pictures_wanted *w, const struct cm_plot *plot,
                                 struct cm_plot_ask *ask)
{
    const char *why = plot->lacks(ask);
    for (size_t i = 0; why && w->any_policy && i < ask->scenario->n_policies; i++) {
        struct cm_plot_ask other = *ask;
        other.policy = (int)i;
        if (plot->lacks(&other))
            continue;
        *ask = other;
        return NULL;
    }
    return why;
}

/* Every release that it can be drawn of; NULL, or why there is none. */
static const char *put_releases(struct cm_pictures *pictures, const struct cm_pictures_wanted *w,
                                const struct cm_plot *plot, struct cm_plot_ask *ask)
{
    const char *why = plot->lacks(ask), *last = NULL;
    bool any = false;
    if (!w->any_release && !why)
        cm_pictures_put(pictures, plot, ask);
    for (int i = -1; w->any_release && i < (int)ask->scenario->n_defects; i++) {
        ask->release = i;
        last = plot->lacks(ask);
        if (!last)
            cm_pictures_put(pictures, plot, ask);
        any = any || !last;
    }
    return w->any_release ? (any ? NULL : last) : why;
}

static const char *put_kind(struct cm_pictures *pictures, const struct cm_pictures_wanted *w,
                            const struct cm_plot *plot)
{
    struct cm_plot_ask ask = w->ask;
    const char *why = NULL;
    if ((plot->of == CM_PLOT_OF_STORED) != (ask.stored != NULL))
        return ask.stored ? "it is about a scenario, not a stored study"
                          : "it is about a stored study (coalmine sweep --out study.db)";
    if (plot->of == CM_PLOT_OF_RELEASE)
        return put_releases(pictures, w, plot, &ask);
    why = plot->of == CM_PLOT_OF_ROLLOUT || plot->of == CM_PLOT_OF_POLICY
              ? choose_policy(w, plot, &ask)
              : plot->lacks(&ask);
    if (!why)
        cm_pictures_put(pictures, plot, &ask);
    return why;
}

/* What cannot be drawn is a mistake where it was asked for by name, and else something to know. */
void cm_pictures_put_all(struct cm_pictures *pictures, const struct cm_pictures_wanted *w)
{
    for (size_t i = 0; w->kinds[i] && pictures->status != CM_EXIT_INTERRUPTED; i++) {
        const char *why = put_kind(pictures, w, w->kinds[i]);
        if (!why)
            continue;
        if (w->named || !pictures->quiet)
            cm_print(cm_output_talk(), "coalmine: no %s: %s\n", w->kinds[i]->name, why);
        if (w->named)
            fail(pictures, CM_EXIT_USAGE, NULL);
    }
}

int cm_pictures_of_results(const struct cm_results *results, const char *folder, bool quiet,
                           int status)
{
    struct cm_pictures pictures = {.folder = folder, .quiet = true, .status = status};
    const struct cm_plot *kinds[64] = {NULL};
    size_t n = 0;
    for (size_t i = 0; cm_plots[i]; i++)
        if (cm_plots[i]->of != CM_PLOT_OF_STORED && !cm_plots[i]->plays)
            kinds[n++] = cm_plots[i];
    pictures.formats[CM_PICTURE_SVG] = true;
    const struct cm_pictures_wanted wanted = {
        .kinds = kinds,
        .any_policy = true,
        .any_release = true,
        .ask = {.scenario = results->scenario,
                .results = results,
                .release = cm_plot_first_bad(results->scenario)},
    };
    cm_pictures_put_all(&pictures, &wanted);
    if (!quiet && pictures.made > 0)
        cm_print(cm_output_talk(), "Pictures are in %s\n", folder);
    return pictures.status;
}

int cm_pictures_scratch(struct cm_buffer *folder)
{
    const char *place = getenv("TMPDIR");
    cm_print(cm_buffer_writer(folder), "%s/coalmine-XXXXXX", place && *place ? place : "/tmp");
    if (mkdtemp(folder->text))
        return 0;
    cm_print(cm_output_talk(), "coalmine: cannot make '%s': %s\n", folder->text, strerror(errno));
    return -1;
}

/* There are no folders in it. */
void cm_pictures_remove(const char *folder)
{
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && (entry = readdir(entries));) {
        struct cm_buffer path = {0};
        cm_print(cm_buffer_writer(&path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path.text);
        cm_buffer_release(&path);
    }
    if (entries)
        closedir(entries);
    rmdir(folder);
}
