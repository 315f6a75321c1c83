/* One mistake in the user's input, in words. Functions that can refuse input take a struct cm_err
 * last and return 0 or -1; the caller decides where the words go (usually a diagnostic). */
#ifndef CM_ERR_H
#define CM_ERR_H

#include <stddef.h>

struct cm_err {
    char text[480];    /* names the value and what would be accepted; no final full stop */
    size_t at, length; /* the part of the value that is wrong; length 0 = all of it */
};

/* Says what is wrong; always -1, so that a check reads `return cm_fail(err, ...)`. */
int cm_fail(struct cm_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, pointing at bytes [at, at + length) of the value. */
int cm_fail_at(struct cm_err *err, size_t at, size_t length, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
