/* Slices and edit distance.
 *
 * The distance is the restricted Damerau-Levenshtein distance (Boytsov 2011, ACM JEA 16, sec. 2.1):
 * with d(i, j) for the first i and j letters,
 *
 *     d(i, j) = min(d(i-1, j) + 1, d(i, j-1) + 1, d(i-1, j-1) + [a_i != b_j],
 *                   d(i-2, j-2) + 1 if the last two letters are swapped)
 *
 * Three rows of the table are enough. They stand on the stack, which is why words are bounded: keys
 * and names are, too, and a longer word is not a slip of the finger.
 *
 * Letters are those of ASCII; bytes beyond it compare as they are. */
#include "sim/base/text.h"

#include <stdint.h>
#include <string.h>

enum { WORD = 63, NAME = 40 };

struct cm_slice cm_slice_of(const char *text)
{
    return (struct cm_slice){.at = text, .length = strlen(text)};
}

/* Line ends count, too: values may come from files with CR LF. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* An empty slice still points into the text, so that a message can say where it is. */
struct cm_slice cm_slice_trim(struct cm_slice slice)
{
    for (; slice.length && is_blank(slice.at[0]); slice.length--)
        slice.at++;
    while (slice.length && is_blank(slice.at[slice.length - 1]))
        slice.length--;
    return slice;
}

/* Exactly: case counts, and so does length. */
bool cm_slice_is(struct cm_slice slice, const char *word)
{
    return strlen(word) == slice.length && memcmp(slice.at, word, slice.length) == 0;
}

/* Depth may go below 0 in a text with too many closing parentheses: a separator counts there, and
 * whoever reads the part finds the mistake. */
bool cm_slice_cut(struct cm_slice *rest, char separator, struct cm_slice *part)
{
    if (!rest->at)
        return false;
    int depth = 0;
    size_t i = 0;
    for (; i < rest->length && (depth > 0 || rest->at[i] != separator); i++)
        depth += (rest->at[i] == '(') - (rest->at[i] == ')');
    *part = cm_slice_trim((struct cm_slice){.at = rest->at, .length = i});
    if (i == rest->length)
        *rest = (struct cm_slice){0};
    else
        *rest = (struct cm_slice){.at = rest->at + i + 1, .length = rest->length - i - 1};
    return true;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* No capitals: names that differ only in case would be read as the same by people. */
bool cm_text_is_name(struct cm_slice slice)
{
    if (slice.length < 1 || slice.length > NAME || !is_lower(slice.at[0]))
        return false;
    for (size_t i = 0; i < slice.length; i++) {
        char c = slice.at[i];
        if (!is_lower(c) && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

/* Not tolower(): that one depends on the locale. */
static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t cm_text_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD || m > WORD)
        return SIZE_MAX;
    size_t rows[3][WORD + 1] = {{0}}; /* row i is rows[i % 3] */
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        /* i letters of a against none of b: i deletions */
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            int x = lower(a[i - 1]), y = lower(b[j - 1]);
            size_t edits = least(above[j], row[j - 1]) + 1;
            edits = least(edits, above[j - 1] + (x != y));
            /* the last two letters of both are each other's, swapped */
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
                edits = least(edits, above2[j - 2] + 1);
            row[j] = edits;
        }
    }
    return rows[n % 3][m];
}

/* A third of the letters wrong is still a typo; more is another word (as git and fio have it). */
struct cm_guess cm_guess_start(const char *word)
{
    size_t most = strlen(word) / 3;
    return (struct cm_guess){.word = word, .edits = (most ? most : 1) + 1};
}

void cm_guess_try(struct cm_guess *guess, const char *candidate)
{
    size_t edits = cm_text_distance(guess->word, candidate);
    /* The bound is part of the start: what is too far off never becomes the best. */
    if (edits >= guess->edits)
        return;
    guess->best = candidate;
    guess->edits = edits;
}

const char *cm_nearest(const char *word, const char *const *candidates)
{
    struct cm_guess guess = cm_guess_start(word);
    for (; *candidates; candidates++)
        cm_guess_try(&guess, *candidates);
    return guess.best;
}
