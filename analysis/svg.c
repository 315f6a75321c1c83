/* One pass over the text of a file: within tags, whatever names a part or refers to one is followed
 * by the prefix. No parser is needed for what one program writes; a file of another kind at worst
 * keeps its names. */
#include "analysis/svg.h"

#include <stdbool.h>
#include <string.h>

#include "analysis/write.h"

static void put(struct cm_writer to, const char *text, size_t length)
{
    if (length > 0)
        to.write(to.self, text, length);
}

/* The bytes at `text` after which a name stands; 0 = none does. */
static size_t before_name(const char *text)
{
    static const char *const marks[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t length = strlen(marks[i]);
        if (strncmp(text, marks[i], length) == 0)
            return length;
    }
    return 0;
}

/* Copies up to `end`. Names stand within tags only: what a label says is left alone. */
static void copy(const char *text, const char *end, const char *prefix, struct cm_writer to)
{
    const char *copied = text;
    bool tag = false;
    for (const char *c = text; c < end; c++) {
        tag = *c == '<' || (tag && *c != '>');
        size_t mark = tag ? before_name(c) : 0;
        if (mark == 0)
            continue;
        put(to, copied, (size_t)(c + mark - copied));
        cm_print(to, "%s", prefix);
        copied = c + mark;
        c = copied - 1;
    }
    put(to, copied, (size_t)(end - copied));
}

/* What follows an element that is left out, or `text` if it does not stand there next. */
static const char *skip(const char *text, const char *tag, const char *end_tag)
{
    const char *at = text + strspn(text, " \t\r\n"), *end;
    if (strncmp(at, tag, strlen(tag)) != 0)
        return text;
    end = strstr(at, end_tag);
    return end ? end + strlen(end_tag) : text;
}

void cm_svg_inline(const char *file, const char *prefix, const char *label, struct cm_writer to)
{
    const char *from = strstr(file, "<svg"), *head = from ? strchr(from, '>') : NULL;
    const char *end = head ? strstr(head, "</svg>") : NULL;
    if (!end)
        return;
    cm_print(to, "<svg role=\"img\" aria-label=\"");
    cm_write_html_text(label, to);
    cm_print(to, "\"");
    copy(from + strlen("<svg"), head + 1, prefix, to);
    const char *body = skip(head + 1, "<title>", "</title>");
    body = skip(body, "<desc>", "</desc>");
    copy(body, end, prefix, to);
    cm_print(to, "</svg>\n");
}
