/* roff's own characters: a backslash begins an escape, a point or an apostrophe at the start of a
 * line a request, and a plain hyphen may be broken at and printed as another character, so that it
 * could not be copied from the page; `\-` is a minus everywhere. */
#include "sim/base/roff.h"

#include <stdbool.h>
#include <string.h>

/* Characters that stand for others. */
static const char *escape_of(char c)
{
    switch (c) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '"':
        return "\\(dq";
    default:
        return NULL;
    }
}

static void write_bytes(struct cm_writer to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *escape = escape_of(text[i]);
        if (escape)
            cm_print(to, "%s", escape);
        else
            cm_print(to, "%c", text[i]);
    }
}

void cm_roff_words(struct cm_writer to, const char *text)
{
    write_bytes(to, text, strlen(text));
}

void cm_roff_macro(struct cm_writer to, const char *macro, const char *argument)
{
    cm_print(to, ".%s \"", macro);
    cm_roff_words(to, argument);
    cm_print(to, "\"\n");
}

/* \& in front is nothing, and keeps a point from being a request. */
static void write_line(struct cm_writer to, const char *line, size_t length)
{
    cm_print(to, "%s", length > 0 && line[0] == '.' ? "\\&" : "");
    write_bytes(to, line, length);
    cm_print(to, "\n");
}

static void begin_example(struct cm_writer to)
{
    cm_print(to, ".PP\n.RS 4\n.nf\n");
}

static void end_example(struct cm_writer to)
{
    cm_print(to, ".fi\n.RE\n");
}

void cm_roff_example(struct cm_writer to, const char *text)
{
    begin_example(to);
    while (*text) {
        size_t length = strcspn(text, "\n");
        write_line(to, text, length);
        text += length + (text[length] == '\n');
    }
    end_example(to);
}

/* Examples come indented by two, which .RS does. */
void cm_roff_prose(struct cm_writer to, const char *text)
{
    bool shown = false, parted = true;
    while (*text) {
        size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
        bool example = blanks > 0 && blanks < length;
        if (example != shown)
            example ? begin_example(to) : end_example(to);
        if (!example && length > 0 && (parted || shown))
            cm_print(to, ".PP\n");
        if (length > 0) {
            size_t skip = example && blanks >= 2 ? 2 : blanks;
            write_line(to, text + skip, length - skip);
        }
        parted = length == 0;
        shown = example;
        text += length + (text[length] == '\n');
    }
    if (shown)
        end_example(to);
}
