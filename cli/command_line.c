/* One pass: a character either ends a word, opens or closes a quotation, or belongs to a word. */
#include "cli/command_line.h"

#include <stdbool.h>
#include <string.h>

#include "sim/base/list.h"

/* What a shell would act on, and we would not. */
static const char *refused_in(char quote)
{
    if (quote == '\'')
        return "";
    return quote == '"' ? "$`\\" : "$`\\|&;<>()*?[~#!{}";
}

/* The word that begins at *at, with room for all that is left; NULL after it has been said what is
 * wrong. */
static char *next_word(const char **at, struct cm_arena *arena, struct cm_err *err)
{
    char *word = cm_arena_alloc(arena, strlen(*at) + 1), quote = '\0';
    const char *from = *at;
    size_t n = 0;
    for (; **at && (quote || **at != ' '); (*at)++) {
        char c = **at;
        if (c == quote || (!quote && strchr("'\"", c))) {
            quote = c == quote ? '\0' : c;
        } else if (strchr(refused_in(quote), c)) {
            cm_fail(err, "'%c' in '%.100s' is for a shell; put the word into single quotes", c,
                    from);
            return NULL;
        } else {
            word[n++] = c;
        }
    }
    if (quote) {
        cm_fail(err, "the quotation %.100s does not end", from);
        return NULL;
    }
    return word;
}

int cm_command_line_split(const char *text, struct cm_arena *arena, struct cm_command_line *line,
                          struct cm_err *err)
{
    size_t n = 0;
    char **words = NULL;
    while (*(text += strspn(text, " "))) {
        words = cm_list_grow(arena, words, n, sizeof *words);
        words[n] = next_word(&text, arena, err);
        if (!words[n++])
            return -1;
    }
    words = cm_list_grow(arena, words, n, sizeof *words);
    words[n] = NULL;
    *line = (struct cm_command_line){(int)n, words};
    return 0;
}
