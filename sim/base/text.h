/* Small text tools: slices of the user's text, and the nearest name to a misspelt one. */
#ifndef CM_TEXT_H
#define CM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A part of someone else's text; not terminated. */
struct cm_slice {
    const char *at; /* borrowed */
    size_t length;
};

struct cm_slice cm_slice_of(const char *text);
/* Without blanks at either end. */
struct cm_slice cm_slice_trim(struct cm_slice slice);
bool cm_slice_is(struct cm_slice slice, const char *word);
/* Takes the part before the next `separator` off the front of *rest, trimmed; false when *rest is
 * used up. Separators inside parentheses do not count. "a, " gives "a" and then an empty part;
 * used up is at == NULL. */
bool cm_slice_cut(struct cm_slice *rest, char separator, struct cm_slice *part);

/* A name in a scenario: [a-z][a-z0-9-]*, at most 40 bytes. */
bool cm_text_is_name(struct cm_slice slice);

/* Edits between two words: insert, delete, replace, swap of neighbours (optimal string alignment);
 * case does not count. Words longer than 63 bytes are never near anything (SIZE_MAX). */
size_t cm_text_distance(const char *a, const char *b);

/* Collects the nearest of many candidates: at most max(1, length / 3) edits, first wins. */
struct cm_guess {
    const char *word, *best; /* borrowed; best NULL = nothing is near */
    size_t edits;
};
struct cm_guess cm_guess_start(const char *word);
void cm_guess_try(struct cm_guess *guess, const char *candidate);

/* The nearest of a NULL-ended list, or NULL. */
const char *cm_nearest(const char *word, const char *const *candidates);

#endif
