/* Gnuplot draws into files, a page holds its pictures itself: each is read as soon as it is drawn,
 * and the folder goes when all are. */
#include "cli/report_pictures.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/pictures.h"
#include "cli/progress.h"
#include "sim/base/list.h"
#include "sim/base/text.h"

/* A picture that cannot be read is as one that was not drawn. */
static void keep(void *self, const struct cm_picture *picture, const char *path)
{
    struct cm_report_pictures *p = self;
    struct cm_buffer svg = {0};
    struct cm_writer to = cm_buffer_writer(&svg);
    char piece[4096];
    FILE *file = fopen(path, "rb");
    for (size_t got; file && (got = fread(piece, 1, sizeof piece, file)) > 0;)
        to.write(to.self, piece, got);
    if (file)
        fclose(file);
    if (svg.text) {
        const char *title = picture->title.text ? picture->title.text : "";
        p->list = cm_list_grow(&p->arena, p->list, p->n, sizeof *p->list);
        p->list[p->n++] = (struct cm_report_picture){
            .title = cm_arena_text(&p->arena, title, strlen(title)),
            .svg = cm_arena_text(&p->arena, svg.text, svg.length),
        };
    }
    cm_buffer_release(&svg);
}

/* Plots that play more do so under a progress that shows nothing but can be interrupted. */
static int draw(struct cm_report_pictures *p, struct cm_pictures_wanted *wanted)
{
    struct cm_buffer folder = {0};
    struct cm_progress progress;
    struct cm_study study = {
        .threads = p->threads, .progress = cm_progress_tell, .progress_self = &progress};
    struct cm_pictures pictures = {
        .formats = {[CM_PICTURE_SVG] = true}, .quiet = true, .drawn = keep, .drawn_self = p};
    if (cm_pictures_scratch(&folder)) {
        cm_buffer_release(&folder);
        return CM_EXIT_RUN;
    }
    pictures.folder = folder.text;
    wanted->kinds = cm_plots;
    wanted->any_policy = wanted->any_release = true;
    wanted->ask.runner = cm_runner_of_study(&study);
    cm_progress_start(&progress, p->quiet ? CM_PROGRESS_NONE : CM_PROGRESS_AUTO, "drawing", true);
    cm_pictures_put_all(&pictures, wanted);
    cm_progress_end(&progress);
    cm_pictures_remove(folder.text);
    cm_buffer_release(&folder);
    return pictures.status;
}

int cm_report_pictures_of_results(struct cm_report_pictures *p, const struct cm_results *results)
{
    struct cm_pictures_wanted wanted = {
        .ask = {.scenario = results->scenario, .results = results, .release = -1}};
    for (int i = 0; i < (int)results->scenario->n_defects; i++)
        if (wanted.ask.release < 0 && !results->scenario->defects[i].effect.harmless)
            wanted.ask.release = i;
    return draw(p, &wanted);
}

int cm_report_pictures_of_study(struct cm_report_pictures *p, struct cm_stored *study)
{
    struct cm_pictures_wanted wanted = {.ask = {.stored = study, .release = -1}};
    return draw(p, &wanted);
}

void cm_report_pictures_release(struct cm_report_pictures *p)
{
    cm_arena_release(&p->arena);
    *p = (struct cm_report_pictures){0};
}
