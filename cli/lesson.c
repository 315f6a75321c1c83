/* coalmine lesson: a course in a terminal.
 *
 * A lesson is a scenario whose header asks a question, gives commands to try, and says what to see
 * and why (lesson_give.c); all that is taught stands there. Whoever sits at a terminal is asked
 * before a command runs, since a lesson is a guess made first. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/headers.h"
#include "cli/lesson_give.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/source_file.h"
#include "sim/base/text.h"

enum { KEY_NO_PAUSE = 256, KEY_NO_PLOT, KEY_ALL };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"no-pause", KEY_NO_PAUSE, NULL, 0,
     "Do not wait for Enter before a command is run (default: wait at a terminal).", 1},
    {"no-plot", KEY_NO_PLOT, NULL, 0, "Leave the picture out (default: it is drawn at a terminal).",
     1},
    {"all", KEY_ALL, NULL, 0,
     "Show all that commands print (default: down to what the lesson speaks of).", 1},
    {0},
};

struct request {
    const struct cm_command *command;
    const char *lesson; /* borrowed; NULL = list them */
    bool no_pause, no_plot, all;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_NO_PAUSE:
        request->no_pause = true;
        return 0;
    case KEY_NO_PLOT:
        request->no_plot = true;
        return 0;
    case KEY_ALL:
        request->all = true;
        return 0;
    case ARGP_KEY_ARG:
        if (request->lesson) {
            cm_options_fail(request->command, "gives one lesson, but got '%.60s' and '%.60s'",
                            request->lesson, text);
            return EINVAL;
        }
        request->lesson = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "[N]",
    .doc = "Gives a lesson of the course: its question, its commands one by one, what to see in "
           "what they print, and why. Without a number, lists the lessons.\v"
           "  coalmine lesson 1\n  coalmine lesson peeking --no-pause\n"
           "  coalmine lesson my-own.ini\n\n"
           "N may also be a lesson's name, or a file of your own: how it is written, and what the "
           "course teaches, says docs/course.md.\n\n"
           "Exit status: 0 done, 1 a command does not print what the lesson says, 2 the command "
           "line is wrong, 3 the file cannot be read; else that of the command that failed.",
};

/* --- which lesson --- */

/* "03-peeking" of its path. */
static struct cm_slice stem_of(const struct cm_header *header)
{
    const char *slash = strrchr(header->file, '/');
    struct cm_slice stem = cm_slice_of(slash ? slash + 1 : header->file);
    const char *end = strrchr(stem.at, '.');
    stem.length = end ? (size_t)(end - stem.at) : stem.length;
    return stem;
}

/* "peeking" of "03-peeking". */
static struct cm_slice name_of(const struct cm_header *header)
{
    struct cm_slice stem = stem_of(header);
    size_t n = 0;
    while (n < stem.length && strchr("0123456789-", stem.at[n]))
        n++;
    return (struct cm_slice){stem.at + n, stem.length - n};
}

static long number_of(const struct cm_header *header)
{
    return strtol(stem_of(header).at, NULL, 10);
}

/* Whether it is called that: by its number, its name, or both. */
static bool is_called(const struct cm_header *header, const char *word)
{
    char *end;
    long number = strtol(word, &end, 10);
    return (*word && !*end && number == number_of(header)) || cm_slice_is(name_of(header), word) ||
           cm_slice_is(stem_of(header), word);
}

static const struct cm_header *find(const struct request *request, const struct cm_headers *lessons,
                                    struct cm_arena *arena)
{
    struct cm_guess guess = cm_guess_start(request->lesson);
    for (size_t i = 0; i < lessons->n; i++) {
        struct cm_slice name = name_of(&lessons->list[i]);
        if (is_called(&lessons->list[i], request->lesson))
            return &lessons->list[i];
        cm_guess_try(&guess, cm_arena_text(arena, name.at, name.length));
    }
    if (guess.best)
        cm_options_fail(request->command, "there is no lesson '%.60s' (did you mean '%s'?)",
                        request->lesson, guess.best);
    else
        cm_options_fail(request->command,
                        "there is no lesson '%.60s': they have numbers from 1 "
                        "to %zu",
                        request->lesson, lessons->n);
    return NULL;
}

static void list(const struct cm_headers *lessons)
{
    for (size_t i = 0; i < lessons->n; i++) {
        const struct cm_header *lesson = &lessons->list[i];
        const char *minutes = cm_header_text(lesson, "minutes");
        cm_print(cm_output_data(), "%3ld  %2s min  %s\n", number_of(lesson),
                 minutes ? minutes : "?", lesson->title);
    }
    cm_print(cm_output_data(), "\nBegin with: coalmine lesson 1\n");
}

/* --- the command --- */

static int say(const struct cm_err *err, int status)
{
    cm_print(cm_output_talk(), "coalmine lesson: %s\n", err->text);
    return status;
}

/* A file of one's own; its commands run where we are. */
static int give_file(struct cm_lesson *s)
{
    struct cm_source source = cm_source_file();
    const char *file = s->name, *text, *resolved;
    size_t length;
    struct cm_err err;
    if (source.read(source.self, file, NULL, s->arena, &text, &length, &resolved, &err))
        return say(&err, CM_EXIT_SCENARIO);
    struct cm_header lesson = cm_header_read(file, text, s->arena);
    if (cm_lesson_is_one(&lesson))
        return cm_lesson_give(s, &lesson);
    cm_fail(&err,
            "'%.200s' is no lesson: its first comment has no line that begins with "
            "'; question:' or '; try:'",
            file);
    return say(&err, CM_EXIT_SCENARIO);
}

/* One of the course, or all their titles. */
static int give_course(struct cm_lesson *s, const struct request *request)
{
    struct cm_headers lessons;
    struct cm_err err;
    if (cm_headers_read("lessons", s->arena, &lessons, &err))
        return say(&err, CM_EXIT_RUN);
    if (!s->name) {
        list(&lessons);
        return CM_EXIT_OK;
    }
    const struct cm_header *lesson = find(request, &lessons, s->arena);
    if (!lesson)
        return CM_EXIT_USAGE;
    s->number = number_of(lesson);
    return cm_headers_enter(&err) ? say(&err, CM_EXIT_RUN) : cm_lesson_give(s, lesson);
}

/* Their numbers, for completion. */
static void print_words(struct cm_writer to)
{
    struct cm_arena arena = {0};
    struct cm_headers all = {0};
    struct cm_err err;
    if (!cm_headers_read("lessons", &arena, &all, &err))
        for (size_t i = 0; i < all.n; i++)
            cm_print(to, "%ld\t%s\n", number_of(&all.list[i]), all.list[i].title);
    cm_arena_release(&arena);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.command = self};
    struct cm_arena arena = {0};
    int status;
    if (!cm_options_parse(self, argc, argv, &request, &status))
        return status;
    struct cm_lesson lesson = {
        .name = request.lesson,
        .no_plot = request.no_plot,
        .all = request.all,
        .pauses = !request.no_pause && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
        .arena = &arena,
    };
    bool own = lesson.name && strstr(lesson.name, ".ini");
    status = own ? give_file(&lesson) : give_course(&lesson, &request);
    cm_arena_release(&arena);
    return status;
}

const struct cm_command cm_command_lesson = {
    .name = "lesson",
    .summary = "Give a lesson of the course, or list them.",
    .usage = &usage,
    .run = run,
    .words = print_words,
};
