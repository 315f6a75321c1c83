/* coalmine lesson: a course in a terminal.
 *
 * A lesson is a scenario whose header asks a question, gives commands to try, and says what to see
 * and why. This file knows the order of a lesson's parts and how each is shown; all that is taught
 * stands in the scenarios. Whoever sits at a terminal is asked before a command runs, since a
 * lesson is a guess made first. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/write.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/headers.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/seen.h"
#include "cli/source_file.h"
#include "sim/base/text.h"

enum { KEY_NO_PAUSE = 256, KEY_NO_PLOT, KEY_ALL };
static const int EXIT_NO_PLOT = 6;

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"no-pause", KEY_NO_PAUSE, NULL, 0,
     "Do not wait for Enter before a command is run (default: wait at a terminal).", 1},
    {"no-plot", KEY_NO_PLOT, NULL, 0, "Leave the picture out (default: it is drawn at a terminal).",
     1},
    {"all", KEY_ALL, NULL, 0, "Show all that commands print (default: the first 24 lines of each).",
     1},
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

/* --- how its parts are shown --- */

struct showing {
    const struct request *request;
    bool pauses; /* somebody is there */
    bool broken; /* something was not there to be seen */
    struct cm_arena *arena;
};

/* Lessons of the course have a number. */
static void show_title(const struct cm_header *lesson)
{
    long number = number_of(lesson);
    if (number > 0)
        cm_print(cm_output_data(), "Lesson %ld: %s\n", number, lesson->title);
    else
        cm_print(cm_output_data(), "%s\n", lesson->title);
}

static void show_heading(const char *heading)
{
    cm_print(cm_output_data(), "\n%s\n", heading);
}

/* Prose is wrapped; what is to be found in the output stands below it as it does there. */
static void show_text(const char *text)
{
    struct cm_buffer line = {0};
    while (*text) {
        size_t length = strcspn(text, "\n");
        cm_buffer_clear(&line);
        cm_print(cm_buffer_writer(&line), "%.*s", (int)length, text);
        if (*text == '|')
            cm_print(cm_output_data(), "    %s\n", line.text);
        else
            cm_write_wrapped(cm_output_data(), "  ", line.text);
        text += length + (text[length] == '\n');
    }
    cm_buffer_release(&line);
}

/* Enter goes on; so does the end of input, for good. */
static void pause_at(struct showing *s, const char *what)
{
    if (!s->pauses)
        return;
    cm_print(cm_output_talk(), "  [Enter %s] ", what);
    for (int c; (c = getchar()) != '\n';)
        if (c == EOF) {
            s->pauses = false;
            cm_print(cm_output_talk(), "\n");
            return;
        }
}

/* Runs a command; its exit status, CM_EXIT_RUN if there was none. */
static int run_line(struct showing *s, const char *text, struct cm_buffer *output)
{
    struct cm_command_line line;
    struct cm_err err;
    int status = cm_command_line_split(text, s->arena, &line, &err);
    if (!status && (line.argc == 0 || strcmp(line.argv[0], "coalmine") != 0))
        status = cm_fail(&err, "'%.100s' is no command of coalmine", text);
    fflush(stdout); /* the command may talk before its output is shown */
    if (!status)
        status = cm_child_run(&line, output, &err);
    if (status >= 0)
        return status;
    cm_print(cm_output_talk(), "coalmine lesson: %s\n", err.text);
    return CM_EXIT_RUN;
}

/* A lesson that promises what its command does not print is wrong, and says so. */
static int show_try(struct showing *s, const char *text, const char *see)
{
    struct cm_buffer output = {0};
    show_heading("Try");
    cm_print(cm_output_data(), "    %s\n", text);
    pause_at(s, "runs it");
    int status = run_line(s, text, &output);
    const char *missing = cm_seen_missing(see, output.length ? output.text : "", s->arena);
    if (output.length > 0) {
        size_t shown = s->request->all ? output.length : cm_seen_until(see, output.text);
        cm_print(cm_output_data(), "\n%.*s", (int)shown, output.text);
        if (shown < output.length)
            cm_print(cm_output_data(), "  ... all of it: coalmine lesson %s --all\n",
                     s->request->lesson);
    }
    if (!status && missing) {
        cm_print(cm_output_talk(), "coalmine lesson: the command does not print: %s\n", missing);
        s->broken = true;
    }
    cm_buffer_release(&output);
    return status;
}

/* A picture is worth having, but no lesson depends on it. */
static int show_picture(struct showing *s, const char *text, const char *see)
{
    struct cm_buffer output = {0}, line = {0};
    (void)see;
    show_heading("Picture");
    cm_print(cm_output_data(), "    %s\n", text);
    if (s->request->no_plot || !isatty(STDOUT_FILENO) || !cm_command_find("plot"))
        return 0;
    pause_at(s, "draws it");
    cm_print(cm_buffer_writer(&line), "%s --term -q", text);
    int status = run_line(s, line.text, &output);
    cm_print(cm_output_data(), "%s", output.length ? output.text : "");
    cm_buffer_release(&line);
    cm_buffer_release(&output);
    return status == EXIT_NO_PLOT ? 0 : status;
}

/* The parts of a lesson; others of a header are for the list, or for nobody. */
static const struct {
    const char *key, *heading;
    /* NULL = text; gets what the field after it says. */
    int (*show)(struct showing *s, const char *text, const char *see);
} parts[] = {
    {"question", "Question", NULL}, {"try", "Try", show_try},
    {"see", "See", NULL},           {"why", "Why", NULL},
    {"exercise", "Exercise", NULL}, {"picture", "Picture", show_picture},
};

static int show_field(struct showing *s, const struct cm_header *lesson, size_t i)
{
    const struct cm_header_field *field = &lesson->fields[i];
    const char *see = i + 1 < lesson->n_fields ? field[1].text : "";
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        if (strcmp(parts[p].key, field->key) != 0)
            continue;
        if (parts[p].show)
            return parts[p].show(s, field->text, see);
        show_heading(parts[p].heading);
        show_text(field->text);
    }
    return 0;
}

static int give(struct showing *s, const struct cm_header *lesson)
{
    int status = 0;
    show_title(lesson);
    for (size_t i = 0; i < lesson->n_fields && !status; i++)
        status = show_field(s, lesson, i);
    return !status && s->broken ? CM_EXIT_RUN : status;
}

/* --- the command --- */

static int say(const struct cm_err *err, int status)
{
    cm_print(cm_output_talk(), "coalmine lesson: %s\n", err->text);
    return status;
}

/* A file of one's own; its commands run where we are. */
static int give_file(struct showing *s)
{
    struct cm_source source = cm_source_file();
    const char *file = s->request->lesson, *text, *resolved;
    size_t length;
    struct cm_err err;
    if (source.read(source.self, file, NULL, s->arena, &text, &length, &resolved, &err))
        return say(&err, CM_EXIT_SCENARIO);
    struct cm_header lesson = cm_header_read(file, text, s->arena);
    return give(s, &lesson);
}

/* One of the course, or all their titles. */
static int give_course(struct showing *s)
{
    struct cm_headers lessons;
    struct cm_err err;
    if (cm_headers_read("lessons", s->arena, &lessons, &err))
        return say(&err, CM_EXIT_RUN);
    if (!s->request->lesson) {
        list(&lessons);
        return CM_EXIT_OK;
    }
    const struct cm_header *lesson = find(s->request, &lessons, s->arena);
    if (!lesson)
        return CM_EXIT_USAGE;
    return cm_headers_enter(&err) ? say(&err, CM_EXIT_RUN) : give(s, lesson);
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
    struct showing s = {.request = &request, .arena = &arena};
    int status;
    if (!cm_options_parse(self, argc, argv, &request, &status))
        return status;
    s.pauses = !request.no_pause && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    status = request.lesson && strstr(request.lesson, ".ini") ? give_file(&s) : give_course(&s);
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
