/* The parts of a lesson, in the order in which its file has them: text is shown, commands are run
 * and what they print is held against what the lesson says is to be seen. */
#include "cli/lesson_give.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analysis/write.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/seen.h"
#include "sim/base/utf8.h"

/* A line as it is, but for bytes that a terminal would act on. */
static void show_line(const char *margin, const char *text, size_t length)
{
    cm_print(cm_output_data(), "%s", margin);
    cm_write_clean(cm_output_data(), text, length);
    cm_print(cm_output_data(), "\n");
}

/* Lessons of the course have a number. */
static void show_title(const struct cm_lesson *s, const struct cm_header *lesson)
{
    if (s->number > 0)
        cm_print(cm_output_data(), "Lesson %ld: ", s->number);
    show_line("", lesson->title, strlen(lesson->title));
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
            show_line("    ", text, length);
        else
            cm_write_wrapped(cm_output_data(), "  ", line.text);
        text += length + (text[length] == '\n');
    }
    cm_buffer_release(&line);
}

/* Enter goes on; so does the end of input, for good. */
static void pause_at(struct cm_lesson *s, const char *what)
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

/* A lesson that gave lessons might never end. */
static int check_line(const struct cm_command_line *line, const char *text, struct cm_err *err)
{
    if (line->argc < 2 || strcmp(line->argv[0], "coalmine") != 0)
        return cm_fail(err, "'%.100s' is no command of coalmine", text);
    if (strcmp(line->argv[1], "lesson") == 0)
        return cm_fail(err, "'%.100s': a lesson gives no lessons", text);
    return 0;
}

/* Runs a command; its exit status, CM_EXIT_RUN if there was none. */
static int run_line(struct cm_lesson *s, const char *text, struct cm_buffer *output)
{
    struct cm_command_line line;
    struct cm_err err;
    int status = cm_command_line_split(text, s->arena, &line, &err);
    if (!status)
        status = check_line(&line, text, &err);
    fflush(stdout); /* the command may talk before its output is shown */
    if (!status)
        status = cm_child_run(&line, output, &err);
    if (status >= 0)
        return status;
    cm_print(cm_output_talk(), "coalmine lesson: %s\n", err.text);
    return CM_EXIT_RUN;
}

/* A lesson that promises what its command does not print is wrong, and says so. */
static int show_try(struct cm_lesson *s, const char *text, const char *see)
{
    struct cm_buffer output = {0};
    show_heading("Try");
    show_line("    ", text, strlen(text));
    pause_at(s, "runs it");
    int status = run_line(s, text, &output);
    const char *missing = cm_seen_missing(see, output.length ? output.text : "", s->arena);
    if (output.length > 0) {
        size_t shown = s->all ? output.length : cm_seen_until(see, output.text);
        cm_print(cm_output_data(), "\n%.*s", (int)shown, output.text);
        if (shown < output.length)
            cm_print(cm_output_data(), "  ... all of it: coalmine lesson %s --all\n", s->name);
    }
    if (!status && missing) {
        cm_print(cm_output_talk(), "coalmine lesson: the command does not print: %s\n", missing);
        s->broken = true;
    }
    cm_buffer_release(&output);
    return status;
}

/* A picture is worth having, but no lesson depends on it. */
static int show_picture(struct cm_lesson *s, const char *text, const char *see)
{
    struct cm_buffer output = {0}, line = {0};
    (void)see;
    show_heading("Picture");
    show_line("    ", text, strlen(text));
    if (s->no_plot || !isatty(STDOUT_FILENO) || !cm_command_find("plot"))
        return 0;
    pause_at(s, "draws it");
    cm_print(cm_buffer_writer(&line), "%s --term -q", text);
    int status = run_line(s, line.text, &output);
    cm_print(cm_output_data(), "%s", output.length ? output.text : "");
    cm_buffer_release(&line);
    cm_buffer_release(&output);
    return status == CM_EXIT_PLOT ? 0 : status;
}

/* The parts of a lesson; others of a header are for the list, or for nobody. */
static const struct {
    const char *key, *heading;
    /* NULL = text; gets what the field after it says. */
    int (*show)(struct cm_lesson *s, const char *text, const char *see);
} parts[] = {
    {"question", "Question", NULL}, {"try", "Try", show_try},
    {"see", "See", NULL},           {"why", "Why", NULL},
    {"exercise", "Exercise", NULL}, {"picture", "Picture", show_picture},
};

static int show_field(struct cm_lesson *s, const struct cm_header *lesson, size_t i)
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

bool cm_lesson_is_one(const struct cm_header *header)
{
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++)
        if (cm_header_text(header, parts[p].key))
            return true;
    return false;
}

int cm_lesson_give(struct cm_lesson *s, const struct cm_header *lesson)
{
    int status = 0;
    show_title(s, lesson);
    for (size_t i = 0; i < lesson->n_fields && !status; i++)
        status = show_field(s, lesson, i);
    return !status && s->broken ? CM_EXIT_RUN : status;
}
