/* Writing down one mistake. A message that does not fit is cut, never overrun: whoever quotes the
 * user's text also bounds it. */
#include "sim/base/err.h"

#include <stdarg.h>
#include <stdio.h>

int cm_fail(struct cm_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->at = 0;
    err->length = 0;
    return -1;
}

int cm_fail_at(struct cm_err *err, size_t at, size_t length, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->at = at;
    err->length = length;
    return -1;
}
