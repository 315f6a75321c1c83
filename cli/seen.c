/* Both sides are compared as words with one blank before, between and behind them, so that "9.0 %"
 * is not found in "99.0 %". */
#include "cli/seen.h"

#include <stdbool.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/base/write.h"

static const char gap[] = " ... ";

/* A line of a text; the rest begins after it. False at the end. */
static bool next_line(const char **rest, struct cm_slice *line)
{
    if (!**rest)
        return false;
    *line = (struct cm_slice){*rest, strcspn(*rest, "\n")};
    *rest += line->length + ((*rest)[line->length] == '\n');
    return true;
}

/* The same for the next line with a bar, without it. */
static bool next_wanted(const char **rest, struct cm_slice *line)
{
    while (next_line(rest, line))
        if (line->length > 0 && *line->at == '|') {
            *line = cm_slice_trim((struct cm_slice){line->at + 1, line->length - 1});
            return true;
        }
    return false;
}

/* " its words " */
static const char *words_of(struct cm_slice line, struct cm_buffer *words)
{
    cm_buffer_clear(words);
    cm_print(cm_buffer_writer(words), " ");
    for (size_t i = 0; i < line.length; i++)
        if (line.at[i] != ' ')
            cm_print(cm_buffer_writer(words), "%c%s", line.at[i],
                     i + 1 == line.length || line.at[i + 1] == ' ' ? " " : "");
    return words->text;
}

/* Whether the parts of `want` between gaps stand in `have`, one after the other. */
static bool holds(const char *have, const char *want)
{
    while (have) {
        const char *end = strstr(want, gap);
        size_t length = end ? (size_t)(end - want) + 1 : strlen(want);
        struct cm_slice part = {want, length};
        while (*have && strncmp(have, part.at, length) != 0)
            have++;
        if (!*have)
            return false;
        if (!end)
            return true;
        have += length - 1;
        want = end + strlen(gap) - 1;
    }
    return false;
}

/* The line that a wanted one is seen in; *rest then begins after it. False = in none. */
static bool find(struct cm_slice wanted, const char **rest, struct cm_slice *line)
{
    struct cm_buffer want = {0}, have = {0};
    const char *at = *rest;
    bool found = false;
    words_of(wanted, &want);
    while (!found && next_line(&at, line))
        found = holds(words_of(*line, &have), want.text);
    cm_buffer_release(&want);
    cm_buffer_release(&have);
    *rest = found ? at : *rest;
    return found;
}

const char *cm_seen_missing(const char *text, const char *output, struct cm_arena *arena)
{
    struct cm_slice wanted, line;
    while (next_wanted(&text, &wanted))
        if (!find(wanted, &output, &line))
            return cm_arena_text(arena, wanted.at, wanted.length);
    return NULL;
}

size_t cm_seen_until(const char *text, const char *output)
{
    struct cm_slice wanted, line;
    const char *rest = output, *last = NULL;
    while (next_wanted(&text, &wanted))
        if (find(wanted, &rest, &line))
            last = line.at;
    const char *end = last ? strstr(last, "\n\n") : NULL;
    return end ? (size_t)(end - output) + 1 : strlen(output);
}
