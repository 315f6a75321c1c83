/* A file with `tune(...)` is a question, and most commands want an answer: they name the marks, the
 * command that finds values for them, and what chooses one by hand. */
#include "cli/request_marks.h"

#include <string.h>

#include "cli/output.h"
#include "sim/scenario/marks.h"

bool cm_request_marks_are(const struct cm_diags *diags)
{
    for (size_t i = 0; i < diags->n; i++)
        if (cm_diag_severity(diags->list[i].id) == CM_ERROR && diags->list[i].id != CM_DIAG_TUNED)
            return false;
    return diags->errors > 0;
}

/* Values in the middle of their marks, whole, as --set takes them. */
static void say_middle(const struct cm_marks *marks, struct cm_writer to)
{
    for (size_t i = 0; i < marks->n;) {
        const struct cm_mark *mark = &marks->list[i];
        size_t done = 0;
        cm_print(to, " --set '%s.%s=", mark->section, mark->key);
        for (; i < marks->n && marks->list[i].value == mark->value; i++) {
            cm_print(to, "%.*s", (int)(marks->list[i].at - done), mark->value + done);
            cm_mark_text(&marks->list[i], 0.5, to);
            done = marks->list[i].at + marks->list[i].length;
        }
        cm_print(to, "%s'", mark->value + done);
    }
}

static void say_marks(const struct cm_request *r, const struct cm_marks *marks, struct cm_writer to)
{
    const char *name = r->command->name;
    cm_print(to, "coalmine %s: %s leaves values to be tuned, and %s wants one for each:\n", name,
             r->file, name);
    for (size_t i = 0; i < marks->n; i++) {
        const struct cm_mark *m = &marks->list[i];
        cm_print(to, "  %s.%s: %.*s\n", m->section, m->key, (int)m->length, m->value + m->at);
    }
    cm_print(to,
             "Let them be found:\n  coalmine tune %s --out tuned.ini\nor choose them:\n"
             "  coalmine %s %s",
             r->file, name, r->file);
    say_middle(marks, to);
    cm_print(to, "\n");
}

int cm_request_marks_refuse(const struct cm_request *r, const struct cm_load *load,
                            const struct cm_diags *diags)
{
    struct cm_marks marks = {0};
    struct cm_diags mistakes = {0};
    int status = CM_EXIT_USAGE;
    if (strcmp(load->path, "-") == 0) {
        cm_diags_write(diags, cm_output_talk());
    } else if (cm_marks_read(&marks, load, &mistakes)) {
        cm_diags_write(&mistakes, cm_output_talk());
        status = CM_EXIT_SCENARIO;
    } else {
        say_marks(r, &marks, cm_output_talk());
    }
    cm_diags_release(&mistakes);
    cm_marks_release(&marks);
    return status;
}
